"""The sound device in a thread of its own, in order. Its calls may take long, and one that hangs is left to itself."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import AudioError, Hung, where

ANSWER = 7.0  # s for one call: what does not answer at all is found out by then, and other programs have been tried
PATIENCE = 2.0  # s without any of its sound being heard until a device counts as hung
_STEP = 0.1  # s between two looks: where all stood still meanwhile, the device too, no more than that is counted
_LOG = logging.getLogger(__name__)


class Output(Protocol):
    """A sound device (audio.output.Output is one); all methods may block, except `queued` and `give_up`."""

    @property
    def queued(self) -> float: ...
    def play(self, pcm: npt.NDArray[np.int16]) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...

    def give_up(self) -> None:
        """It hangs: the one that is opened next should play in another way."""
        ...


class Device:
    """All methods belong to the event loop. open_output(sample_rate) opens the device when it is first needed."""

    def __init__(self, open_output: Callable[[int], Output]) -> None:
        self._calls: SimpleQueue[tuple[Future[None], Callable[[], None]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        # Written by the thread alone.
        self._open_output = open_output
        self._output: Output | None = None
        self._rate = 0

    @property
    def queued(self) -> float:
        """Seconds of sound that wait to be heard."""
        output = self._output
        return output.queued if output is not None else 0.0

    async def play(self, pcm: bytes, rate: int) -> None:
        """Raises AudioError; Hung where the device does not answer."""

        def play() -> None:
            if self._output is None or self._rate != rate:
                self._close_output()
                self._output, self._rate = self._open_output(rate), rate
            self._output.play(np.frombuffer(pcm, "<i2"))

        try:
            async with asyncio.timeout(ANSWER):
                await asyncio.wrap_future(self._call(play))
        except TimeoutError:
            raise Hung("the sound device does not answer") from None

    async def until(self, left: float) -> None:
        """Wait until no more than `left` seconds are to be heard. Raises Hung where none of it is heard any more."""
        before, silent, step = float("inf"), 0.0, 0.0
        while (queued := self.queued) > left:
            silent = 0.0 if queued < before else silent + step
            if silent > PATIENCE:
                raise Hung("the sound device has stopped playing")
            before, step = queued, min(max(0.005, queued - left), _STEP)
            await asyncio.sleep(step)

    def stop(self) -> None:
        """Silence, behind what is being handed to it."""

        def stop() -> None:
            try:
                if self._output is not None:
                    self._output.stop()
            except Exception as error:
                _LOG.error("the sound device could not be stopped: %s", where(error))

        if self._thread is not None:
            self._call(stop)

    def change(self, open_output: Callable[[int], Output]) -> None:
        """Open another one for the next sound."""

        def change() -> None:
            self._open_output, self._rate = open_output, 0

        if self._thread is not None:
            self._call(change)
        else:
            change()

    def give_up(self) -> None:
        """It hangs. Its thread ends when it can, and plays nothing any more."""
        if self._output is not None:
            self._output.give_up()
        self._calls.put(None)

    async def close(self) -> None:
        """Give the device back, if that takes no longer than patience."""
        if self._thread is not None:
            self._calls.put(None)
            await asyncio.get_running_loop().run_in_executor(None, self._thread.join, PATIENCE)

    def _call(self, call: Callable[[], None]) -> Future[None]:
        if self._thread is None:
            # Not of a pool: the interpreter waits for those at its end.
            self._thread = threading.Thread(target=self._run, name="device", daemon=True)
            try:
                self._thread.start()
            except RuntimeError:  # as many processes as this user may have
                self._thread = None
                raise AudioError("no thread can be started for the sound device") from None
        done: Future[None] = Future()
        self._calls.put((done, call))
        return done

    def _run(self) -> None:
        while (entry := self._calls.get()) is not None:
            done, call = entry
            if done.set_running_or_notify_cancel():
                try:
                    call()
                except Exception as error:
                    done.set_exception(error)
                else:
                    done.set_result(None)
            del entry, done, call
        try:
            self._close_output()
        except Exception as error:
            _LOG.error("the sound device could not be closed: %s", where(error))

    def _close_output(self) -> None:
        try:
            if self._output is not None:
                self._output.close()
        finally:
            self._output = None
