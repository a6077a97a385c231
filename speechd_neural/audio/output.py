"""The way to the loudspeaker: sounddevice, or another program where that is not installed or has no device."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speechd_neural.audio.programs import ProgramSink
from speechd_neural.audio.sink import Sink
from speechd_neural.errors import AudioError


class Output:
    """Plays mono 16-bit sound. All methods may be called from any thread; `play` may block.

    device: one of PortAudio's (name, part of a name, or number); a program is tried for the default one alone.
    keep_awake: see `Sink`.
    """

    def __init__(self, sample_rate: int, device: str | int | None = None, keep_awake: float = 30.0) -> None:
        self._rate, self._device = sample_rate, device
        self._way: Sink | ProgramSink = Sink(sample_rate, device, keep_awake)

    @property
    def queued(self) -> float:
        return self._way.queued

    def play(self, pcm: npt.NDArray[np.int16]) -> None:
        """Raises AudioError where nothing plays it."""
        try:
            self._way.play(pcm)
        except AudioError as error:
            if self._device is not None or isinstance(self._way, ProgramSink):
                raise
            self._way.close()
            program = ProgramSink(self._rate)
            try:
                program.play(pcm)
            except AudioError as other:
                raise AudioError(f"{error}; {other}") from None
            self._way = program

    def stop(self) -> None:
        self._way.stop()

    def drain(self, timeout: float | None = None) -> bool:
        return self._way.drain(timeout)

    def close(self) -> None:
        self._way.close()
