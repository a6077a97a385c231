"""What the daemon plays itself: the scheduler says who speaks, the player lets it sound."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Callable

from speechd_neural.core.device import Device, Output
from speechd_neural.core.scheduler import Action, Client, Drop, Hold, Scheduler, Silence, Start
from speechd_neural.core.stream import Events, Stream
from speechd_neural.errors import AudioError, Hung, where
from speechd_neural.types import Audio, End, Failed, MarkReached, Paused, Request, Stopped

AT_ONCE = 100  # utterances that are ended in one turn of the event loop
QUEUE_LIMIT = 16 << 20  # characters that may wait
AHEAD = 0.15  # seconds of sound handed to the device before it is heard
_LOG = logging.getLogger(__name__)


def size_of(request: Request) -> int:
    """What a waiting request counts: an empty one needs memory too."""
    return len(request.text) + 200


class Playback(Events):
    """An utterance that the daemon plays. Its events come when they are heard; without the sound itself."""

    def __init__(self, request: Request, cancel: Callable[[], None]) -> None:
        super().__init__(request)
        self._cancel = cancel

    def cancel(self) -> None:
        self._cancel()


class Player:
    """Everything belongs to the event loop.

    open_stream(request, after, sample_rate) makes the sound; open_output(sample_rate) the device, when
    first needed. on_change is told when another utterance speaks, or none.
    """

    def __init__(
        self,
        open_stream: Callable[[Request, str | None, int], Stream],
        open_output: Callable[[int], Output],
        sample_rate: Callable[[Request], int],
        on_change: Callable[[], None],
    ) -> None:
        self.scheduler = Scheduler()
        self._open_stream = open_stream
        self._open_output = open_output
        self._sample_rate = sample_rate
        self._ids = itertools.count(1)
        self._playbacks: dict[int, Playback] = {}
        self._size = 0
        self._dropped: deque[int] = deque()  # ids that are being told that they are not spoken
        self._dropping: asyncio.Handle | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._stream: Stream | None = None
        self._device = Device(open_output)
        self._timers: deque[asyncio.TimerHandle] = deque()
        self._due = 0.0
        self._on_change = on_change

    @property
    def speaking(self) -> bool:
        return self.scheduler.current is not None

    @property
    def alive(self) -> int:
        """How many utterances have not ended, or are not yet told that they have."""
        return len(self._playbacks)

    def play(self, request: Request, client: Client) -> Playback:
        id = next(self._ids)
        playback = Playback(request, lambda: self.do(self.scheduler.stop_utterance(id)))
        if self._size > QUEUE_LIMIT:
            playback.put(Failed(f"more than {QUEUE_LIMIT} characters are waiting already"))
            return playback
        self._playbacks[id] = playback
        self._size += size_of(request)
        self.do(self.scheduler.speak(id, client, request.priority))
        return playback

    def do(self, actions: list[Action]) -> None:
        """Carry out what the scheduler wants."""
        for action in actions:
            match action:
                case Start(id, after):
                    self._stream = None
                    self._speaking = asyncio.get_running_loop().create_task(self._speak(id, after))
                case Silence(id):
                    self._silence()
                    self._finish(id, Stopped())
                case Hold(id, mark):
                    self._silence()
                    self._playbacks[id].put(Paused(mark))
                case Drop(id):
                    self._dropped.append(id)
        if self._dropped and self._dropping is None:
            self._drop_some()
        if actions:
            self._on_change()

    def _drop_some(self) -> None:
        """A listener is woken for each: thousands at once would keep everybody else waiting."""
        for _ in range(min(AT_ONCE, len(self._dropped))):
            self._finish(self._dropped.popleft(), Stopped())
        more = bool(self._dropped)
        self._dropping = asyncio.get_running_loop().call_soon(self._drop_some) if more else None

    async def close(self) -> None:
        """Silence, and every utterance ends."""
        self.do(self.scheduler.cancel_all())
        while self._dropped:
            await asyncio.sleep(0)
        await self._device.close()

    def change_output(self, open_output: Callable[[int], Output]) -> None:
        """Use another device from the next utterance on."""
        self._open_output = open_output
        self._device.change(open_output)

    def _finish(self, id: int, ending: End | Stopped | Failed) -> None:
        playback = self._playbacks.pop(id)
        self._size -= size_of(playback.request)
        playback.put(ending)

    def _silence(self) -> None:
        if self._stream is not None:
            self._stream.cancel()
        if self._speaking is not None:
            self._speaking.cancel()
        self._speaking = self._stream = None
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._device.stop()

    async def _play(self, pcm: bytes, rate: int) -> None:
        """In another way where the device hangs. Raises AudioError where nothing plays."""
        try:
            await self._device.play(pcm, rate)
        except Hung as error:
            self._leave_device(error)
            await self._device.play(pcm, rate)

    def _leave_device(self, error: Hung) -> None:
        self._device.give_up()
        _LOG.error("%s; it is left alone for a while", error)
        self._device = Device(self._open_output)

    async def _speak(self, id: int, after: str | None) -> None:
        ending: End | Stopped | Failed = End()
        try:
            await self._sound(id, after)
        except asyncio.CancelledError:
            raise  # by `_silence`: the scheduler knows
        except AudioError as error:
            if isinstance(error, Hung):
                self._leave_device(error)
            ending = Failed(str(error))
        except _Ended as ended:
            ending = ended.ending
        except Exception as error:
            _LOG.error("playing utterance %d failed: %s", id, where(error))
            ending = Failed(f"internal error: {where(error)}")
        if isinstance(ending, Failed) and self._stream is not None:
            self._stream.cancel()
        self._speaking = self._stream = None
        self._finish(id, ending)
        self.do(self.scheduler.ended(id))
        self._on_change()

    async def _sound(self, id: int, after: str | None) -> None:
        loop = asyncio.get_running_loop()
        playback = self._playbacks[id]
        rate = self._sample_rate(playback.request)
        stream = self._stream = self._open_stream(playback.request, after, rate)
        queued, since = 0.0, loop.time()

        def until_heard() -> float:
            return max(0.0, queued - (loop.time() - since))

        async for event in stream:
            if isinstance(event, Audio):
                await self._play(event.pcm, event.sample_rate)
                queued, since = self._device.queued, loop.time()
                await self._device.until(AHEAD)
            elif isinstance(event, Stopped | Failed):
                raise _Ended(event)
            elif not isinstance(event, End):
                self._later(until_heard(), id, event)
        await self._device.until(0.0)
        while self._timers:  # marks at the very end
            await asyncio.sleep(0.001)

    def _later(self, delay: float, id: int, event: object) -> None:
        """Report an event when its place is heard."""

        def report() -> None:
            self._timers.popleft()  # by its place: a callback that knew its own timer would be a circle
            if isinstance(event, MarkReached):
                self.scheduler.reached(id, event.name)
            playback = self._playbacks.get(id)
            if playback is not None:
                playback.put(event)  # type: ignore[arg-type]

        loop = asyncio.get_running_loop()
        # Timers of the same time would come in no particular order.
        self._due = max(self._due + 1e-6, loop.time() + delay)
        self._timers.append(loop.call_at(self._due, report))


class _Ended(Exception):
    def __init__(self, ending: Stopped | Failed) -> None:
        super().__init__()
        self.ending = ending
