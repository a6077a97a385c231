"""One utterance on its way from the synthesis thread to whoever listens on the event loop."""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Self

from speechd_neural.types import TERMINAL, Audio, Event, MarkReached, Paused, Request, Stopped


def _nothing() -> None:
    pass


class Events(AsyncIterator[Event]):
    """Events of one utterance, to be iterated on the event loop: the last one is `End`, `Stopped` or `Failed`.

    A stream's `Paused` is its end too; what the daemon plays itself goes on after a `Paused` with another `Begin`.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Event] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._finished = False

    @property
    def finished(self) -> bool:
        """The last event has been handed over."""
        return self._finished

    @abstractmethod
    def cancel(self) -> None:
        """End it now, with `Stopped`; without effect on what has ended."""

    def put(self, event: Event) -> None:
        """From the event loop only."""
        self._waiting.append(event)
        self._wake()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if self._finished:
            raise StopAsyncIteration
        while (event := self._take()) is None:
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return event

    def _take(self) -> Event | None:
        """The next event, if it is there."""
        if not self._waiting:
            return None
        event = self._waiting.popleft()
        if isinstance(event, TERMINAL) and not isinstance(event, Paused):
            self._finished = True
            self._waiting.clear()
        return event

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


class Stream(Events):
    """An utterance as sound. The synthesis thread `make`s events, at most a little ahead of the listener.

    All methods but `produce`, `give_up` and the properties they use belong to the event loop. `speak(cancelled)`
    makes the events; it is first called, and only ever run, on the synthesis thread.
    """

    def __init__(self, request: Request, speak: Callable[[Callable[[], bool]], Iterator[Event | None]]) -> None:
        super().__init__(request)
        self.last_mark: str | None = None
        self.first_audio: float | None = None  # seconds from the request to the first sound
        self._on_taken = self._on_finished = _nothing
        self._speak = speak
        self._iterator: Iterator[Event | None] | None = None
        self.fruitless = 0  # steps of work in a row that made no event
        self._created = time.monotonic()
        self._cancelled = False
        self._ending: Stopped | Paused = Stopped()
        self._exhausted = False
        self._signalled = False
        self._made = 0.0  # seconds of sound; written by the synthesis thread
        self._taken = 0.0  # written by the event loop

    # The synthesis thread's side.

    @property
    def ahead(self) -> float:
        """Seconds of sound made and not yet taken."""
        return self._made - self._taken

    @property
    def wanted(self) -> bool:
        """Whether there is still something to make, and somebody to make it for."""
        return not (self._cancelled or self._exhausted or self._loop.is_closed())

    def cancelled(self) -> bool:
        return self._cancelled

    def produce(self) -> None:
        """Make the next event, or do a step of work towards it. Raises what `speak` raises."""
        if self._iterator is None:
            self._iterator = self._speak(self.cancelled)
        event = next(self._iterator)
        if event is None:
            self.fruitless += 1
            return
        self.fruitless = 0
        if isinstance(event, Audio):
            self._made += len(event.pcm) / 2 / event.sample_rate
            if self.first_audio is None:
                self.first_audio = time.monotonic() - self._created
        self.hand_over(event)

    def hand_over(self, event: Event) -> None:
        """Give the listener an event from the synthesis thread; nothing follows a terminal one."""
        if isinstance(event, TERMINAL):
            self._exhausted = True
        self._waiting.append(event)
        if not self._signalled:
            self._signalled = True
            try:
                self._loop.call_soon_threadsafe(self._arrived)
            except RuntimeError:  # the loop is closed: the daemon is ending
                self._cancelled = True

    def give_up(self) -> None:
        """Close what makes the events; on the synthesis thread, once it is no longer `wanted`."""
        iterator, self._iterator = self._iterator, None
        close = getattr(iterator, "close", None)
        if close is not None:
            close()

    # The event loop's side.

    def when_taken(self, call: Callable[[], None]) -> None:
        """Have it called whenever the listener has taken sound."""
        self._on_taken = call

    def when_finished(self, call: Callable[[], None]) -> None:
        """Have it called once the stream has ended, also before its listener hears of it."""
        self._on_finished = call

    def cancel(self, ending: Stopped | Paused | None = None) -> None:
        """End it now: what is not yet taken is dropped, and the only event still to come is `ending` (`Stopped`).

        Without effect on a stream that has ended.
        """
        if self._finished or self._cancelled:
            return
        self._cancelled = True
        self._ending = ending or Stopped()
        self._wake()
        self._on_taken()
        self._over()

    def pause(self) -> None:
        """End it with `Paused`, which names the last mark that the listener has taken."""
        self.cancel(Paused(self.last_mark))

    def _take(self) -> Event | None:
        if self._cancelled:
            # The thread may still be adding to what waits; none of it is handed over.
            self._finished = True
            self._waiting.clear()
            return self._ending
        if not self._waiting:
            return None
        event = self._waiting.popleft()
        if isinstance(event, Audio):
            self._taken += len(event.pcm) / 2 / event.sample_rate
            if self.wanted:
                self._on_taken()
        elif isinstance(event, MarkReached):
            self.last_mark = event.name
        elif isinstance(event, TERMINAL):
            self._finished = True
            self._over()
        return event

    def _over(self) -> None:
        """Who is told knows this stream, so it is let go: no circle is left for the collector, which stops everybody."""
        tell, self._on_finished = self._on_finished, _nothing
        tell()

    def _arrived(self) -> None:
        self._signalled = False
        self._wake()
