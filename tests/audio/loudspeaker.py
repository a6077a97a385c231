"""What comes out of a sound server of the tests' own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.recorder import Recorder

RATE = 16000


class Recording:
    """What comes out of a sink's monitor while the block runs."""

    def __init__(self, path: Path, sink: str = "first") -> None:
        self.path, self.sink = path, sink

    def __enter__(self) -> Recorder:
        command = ["parec", f"--device={self.sink}.monitor", "--rate=16000", "--channels=1", "--format=s16le", "--raw"]
        self._file = open(self.path, "wb")
        self._process = subprocess.Popen([*command, "--latency-msec=10"], stdout=self._file)
        self._recorder = Recorder(self.path, RATE)
        return self._recorder

    def __exit__(self, *_: object) -> None:
        time.sleep(0.2)  # a sound is heard a little after it has left the device
        self._recorder.end()
        self._process.terminate()
        self._process.wait(60)
        self._file.close()


def tone(seconds: float, frequency: float = 440.0) -> np.ndarray:
    time_ = np.arange(round(seconds * RATE)) / RATE
    return np.rint(8000 * np.sin(2 * np.pi * frequency * time_)).astype(np.int16)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
