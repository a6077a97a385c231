"""The way to the loudspeaker: sounddevice, or another program where that is not installed, has no device, or hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
import numpy.typing as npt

from speechd_neural.audio.programs import ProgramSink
from speechd_neural.audio.sink import Sink, tell_again
from speechd_neural.errors import AudioError, Hung

_AGAIN = 60.0  # s until a way that hung is tried again
_OWN = "sounddevice"


def answered(call: Callable[[], None], seconds: float) -> None:
    """Call a device in a thread that is left to itself where it hangs. Raises what that raises; Hung after so many seconds."""
    done: Future[None] = Future()

    def run() -> None:
        try:
            call()
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(None)

    threading.Thread(target=run, name="device", daemon=True).start()  # not of a pool: its end would be waited for
    try:
        done.result(seconds)
    except TimeoutError:
        raise Hung("the sound device does not answer") from None


class Ways:
    """Which ways hang, by name. From any thread."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def avoid(self, name: str) -> None:
        self._until[name] = time.monotonic() + _AGAIN

    def avoided(self, name: str) -> bool:
        return time.monotonic() < self._until.get(name, 0.0)


class Output:
    """Plays mono 16-bit sound. All methods may be called from any thread; `play` may block.

    device: one of PortAudio's (name, part of a name, or number). Where it is not there, nothing plays in its place; where it
    hangs, a program does on the default one: to be heard elsewhere for a minute is better than silence.
    keep_awake: see `Sink`. ways: what is known of those that hang.
    """

    def __init__(
        self, sample_rate: int, device: str | int | None = None, keep_awake: float = 30.0, ways: Ways | None = None
    ) -> None:
        self._rate, self._device = sample_rate, device
        self._ways = ways or Ways()
        self._way: Sink | ProgramSink
        if self._ways.avoided(_OWN):
            self._way = self._program()
        else:
            self._way = Sink(sample_rate, device, keep_awake)

    @property
    def queued(self) -> float:
        return self._way.queued

    def play(self, pcm: npt.NDArray[np.int16]) -> None:
        """Raises AudioError where nothing plays it."""
        try:
            self._way.play(pcm)
        except AudioError as error:
            hung = isinstance(error, Hung)
            if not hung and (self._device is not None or isinstance(self._way, ProgramSink)):
                raise
            if hung:
                self.give_up()
            self._way.close()
            self._play_otherwise(pcm, error)

    def _play_otherwise(self, pcm: npt.NDArray[np.int16], first: AudioError) -> None:
        while True:
            program = self._program()
            try:
                program.play(pcm)
            except Hung:
                self._ways.avoid(program.name)  # one less: this comes to an end
                program.close()
            except AudioError as other:
                raise AudioError(f"{first}; {other}") from None
            else:
                self._way = program
                return

    def _program(self) -> ProgramSink:
        return ProgramSink(self._rate, avoided=self._ways.avoided)

    def give_up(self) -> None:
        """It hangs: outputs that know of the same ways play in another one for a while."""
        tell_again()
        self._ways.avoid(self._way.name if isinstance(self._way, ProgramSink) else _OWN)

    def stop(self) -> None:
        self._way.stop()

    def drain(self, timeout: float | None = None) -> bool:
        return self._way.drain(timeout)

    def close(self) -> None:
        self._way.close()
