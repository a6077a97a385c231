"""What a PulseAudio source hears, in a file. On a busy machine the program that records may be late: one waits for it."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

LOUD = 300  # of 32768
NEAR = 0.05  # s; it comes in pieces


class Recorder:
    """Of the mono 16-bit sound that a program, started already, writes to `path` as it comes in."""

    def __init__(self, path: Path, rate: int) -> None:
        self._path, self._rate = path, rate
        self._began = float("inf")  # monotonic time of the first sample; known the better the longer it runs
        self._over = False
        end = time.monotonic() + 60
        while not path.stat().st_size:
            assert time.monotonic() < end, "nothing is recorded"
            time.sleep(0.01)

    def samples(self) -> npt.NDArray[np.int16]:
        """All that has sounded until now."""
        now = time.monotonic()
        while not self._over:
            size = self._path.stat().st_size / 2 / self._rate
            self._began = min(self._began, time.monotonic() - size)
            if size >= now - self._began - NEAR:
                break
            assert time.monotonic() < now + 60, "the recorder has stopped"
            time.sleep(0.01)
        data = self._path.read_bytes()
        return np.frombuffer(data[: len(data) & ~1], "<i2")

    def end(self) -> None:
        """Wait for all that has sounded until now; the program that records may end then."""
        self.samples()
        self._over = True

    def seconds(self) -> float:
        return len(self.samples()) / self._rate

    def loud(self, since: float = 0.0) -> npt.NDArray[np.float64]:
        """When it was loud, in seconds of the recording."""
        return self._loud(self.samples(), since)

    def falls_silent(self, since: float, seconds: float = 0.7) -> float:
        """Wait until nothing has been loud for so long; how long it still was from the time `since` of the recording on."""
        end = time.monotonic() + 60
        while True:
            samples = self.samples()
            loud, now = self._loud(samples, since), len(samples) / self._rate
            last = loud[-1] if len(loud) else since
            if now - last >= seconds:
                return float(last - since)
            assert time.monotonic() < end, "it does not end"
            time.sleep(0.05)

    def _loud(self, samples: npt.NDArray[np.int16], since: float) -> npt.NDArray[np.float64]:
        start = round(since * self._rate)
        return (start + np.flatnonzero(np.abs(samples[start:].astype(np.int32)) > LOUD)) / self._rate
