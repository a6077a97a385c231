"""The synthesis thread: one for each voice. It makes sound for every open stream, a little at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from speechd_neural.core.stream import Stream
from speechd_neural.errors import where
from speechd_neural.types import Failed

LOOKAHEAD = 1.0  # seconds of sound that are made before the listener has taken them
QUIET = 0.3  # seconds without a request before background work begins: between two keys there is no time for it
REST = 3.0  # seconds of rest after background work for each second that others had the processor meanwhile
_LOG = logging.getLogger(__name__)


def _urgency(stream: Stream) -> tuple[float, int]:
    """The lowest is served next. Who has much work without sound waits behind those who have just as little to hear."""
    return (stream.ahead, stream.fruitless) if stream.wanted else (-1.0, 0)


class Synthesis:
    """Runs the streams given to it, always the one whose listener would run dry first, the newest of equals.

    So a new utterance begins at once while a long one is under way, and several
    clients are served evenly. `spare(interrupted)` is called when no stream wants
    anything: it does one piece of background work, gives up when `interrupted()`
    turns true, and returns whether there is more.
    """

    def __init__(self, spare: Callable[[Callable[[], bool]], bool] | None = None, lookahead: float = LOOKAHEAD) -> None:
        self._lookahead = lookahead
        self._spare = spare
        self._spare_left = False
        self._streams: list[Stream] = []
        self._changed = threading.Condition()
        self._closing = False
        self._sleeping = False
        self._busy_since: float | None = None
        self._quiet_since = 0.0
        self._rest_until = 0.0
        self._thread = threading.Thread(target=self._run, name="synthesis", daemon=True)
        self.latencies: deque[float] = deque(maxlen=500)  # s, request to first sound
        self.utterances = 0

    def start(self) -> None:
        self._thread.start()

    def add(self, stream: Stream) -> None:
        """Begin to make this stream's sound."""
        stream.when_taken(self.wake)
        with self._changed:
            self._streams.append(stream)
            self.utterances += 1
            self._changed.notify()

    def wake(self) -> None:
        """A listener has taken sound, or has gone."""
        # Without the lock: the thread looks at the streams once more after it has said that it sleeps.
        if self._sleeping:
            with self._changed:
                self._changed.notify()

    def do_spare_work(self) -> None:
        """There is background work: call `spare` when there is time."""
        with self._changed:
            self._spare_left = True
            self._changed.notify()

    def close(self, timeout: float = 2.0) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    @property
    def open_streams(self) -> int:
        """How many are being made now."""
        with self._changed:
            return sum(stream.wanted for stream in self._streams)

    def busy_for(self) -> float:
        """Seconds since the thread began what it is doing; 0 when it waits. Large: it hangs."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def _next(self) -> Stream | None:
        hungry = [stream for stream in self._streams if not stream.wanted or stream.ahead < self._lookahead]
        return min(reversed(hungry), key=_urgency, default=None)

    def _idle_time(self) -> float | None:
        """Seconds to wait before background work begins; None: there is none."""
        if not self._spare_left:
            return None
        return max(0.0, max(self._quiet_since + QUIET, self._rest_until) - time.monotonic())

    def _interrupted(self) -> bool:
        return self._closing or any(not stream.wanted or stream.ahead < self._lookahead for stream in self._streams)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._sleeping = True
                stream = self._next()
                while stream is None and not self._closing and (wait := self._idle_time()) != 0:
                    self._busy_since = None
                    self._changed.wait(wait)
                    stream = self._next()
                self._sleeping = False
                if self._closing:
                    break
            self._busy_since = time.monotonic()
            if stream is not None:
                self._step(stream)
                self._quiet_since = time.monotonic()
            else:
                self._spare_step()
        for stream in self._streams:
            self._close(stream)

    def _step(self, stream: Stream) -> None:
        if not stream.wanted:
            with self._changed:  # another thread may be counting them
                self._streams.remove(stream)
            self._close(stream)
            if self._spare is not None:
                self._spare_left = True  # it may have left a phrase to be finished
            return
        quiet = stream.first_audio is None
        try:
            stream.produce()
        except StopIteration:
            stream.hand_over(Failed("the speech ended without saying so"))
        except Exception as error:
            _LOG.error("utterance %d failed: %s", stream.request.id, where(error))
            stream.hand_over(Failed(f"internal error: {where(error)}"))
        if quiet and stream.first_audio is not None:
            self.latencies.append(stream.first_audio)

    def _close(self, stream: Stream) -> None:
        try:
            stream.give_up()
        except Exception as error:
            _LOG.error("utterance %d was not closed: %s", stream.request.id, where(error))

    def _spare_step(self) -> None:
        self._spare_left = False
        if self._spare is None:
            return
        began, worked = time.monotonic(), time.thread_time()
        try:
            if self._spare(self._interrupted):
                self._spare_left = True
        except Exception as error:
            _LOG.error("background synthesis failed: %s", where(error))
        # As long a rest as it was work, and more on a busy machine: nobody waits for it.
        ended, worked = time.monotonic(), time.thread_time() - worked
        self._rest_until = ended + worked + min(2.0, REST * max(0.0, ended - began - worked))
