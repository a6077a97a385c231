"""Speech for everyone in this process: what the frontends call. All of it belongs to the event loop.

    speech.stream(request, client=..., icons=False)    sound for a listener that plays it (icons: sound files as well)
        -> Stream: `async for event in stream`, the last one is End, Stopped, Paused or Failed. Audio events come at
           most about a second ahead of what has been taken: not taking is how to slow it down.
           `.cancel()` ends it with Stopped, `.pause()` with Paused(last mark taken); both at once and only once.
           The streams of one client are made one after another (client=None: each by itself, all at the same time).

    speech.play(request, client=...)      sound through the daemon's own device, ordered by the priorities
        -> Events: the same iteration without Audio; may be ignored. Paused is not its end: after a resume
           another Begin follows. The last one is End, Stopped or Failed.
        speech.stop(client)      SSIP STOP: ends what is being played, if it is this client's
        speech.cancel(client)    SSIP CANCEL: ends all that this client has playing or waiting; None: everybody's
        speech.pause(client)     None: everybody. Holds also what is said later, until
        speech.resume(client)    goes on at the index mark where it paused
        speech.forget(client)    the client is gone: cancels what it has, streams too, and drops its settings

    speech.settings(client)                 a client's own defaults (Settings); they only fill what it does not say
    speech.configure(client, settings)
    speech.sample_rate(settings)            of an utterance with these settings
    speech.voices()     -> list[VoiceInfo]: what can be spoken with, the active voice first
    speech.state()      -> "speaking", "paused" or "idle": what the daemon plays itself; streams do not count
    speech.statistics() -> dict of numbers and names, see `status`
    speech.on_change(callback)    called on the loop when voices() or state() may have changed

A client is any hashable name that is its own: a connection object, a D-Bus unique name. Frontends import nothing of the
core but this file, which also has the kinds of what it hands out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any

from speechd_neural.core.device import Output
from speechd_neural.core.engine import VoiceInfo
from speechd_neural.core.pipeline import Pipeline
from speechd_neural.core.player import AT_ONCE, QUEUE_LIMIT, Playback, Player, size_of
from speechd_neural.core.scheduler import Client
from speechd_neural.core.stream import Events, Stream
from speechd_neural.core.synthesis import Synthesis
from speechd_neural.errors import where
from speechd_neural.types import PLAIN, Failed, Request, Settings

__all__ = ["AT_ONCE", "Client", "Events", "Playback", "Speech", "Stream", "VoiceInfo"]


_LOG = logging.getLogger(__name__)
ALL_QUEUES = 64 << 20  # characters that may wait of all clients together; of one with no more than a little, also then
LITTLE = 64 << 10
LOADING = 2 / 3  # of the deadline: how long a request waits for its voice, before the active one begins to speak it


class _Queue:
    """The streams of one client: the first is being made."""

    def __init__(self) -> None:
        self.streams: dict[Stream, None] = {}  # an ordered set: thousands may be cancelled at once
        self.size = 0


class Speech:
    def __init__(self, pipeline: Pipeline, synthesis: Synthesis, open_output: Callable[[int], Output]) -> None:
        self.pipeline = pipeline
        self.synthesis = synthesis
        self.player = Player(
            self._for_player, open_output, lambda request: pipeline.rate_of(request.settings), self.changed
        )
        self._queues: dict[Client, _Queue] = {}
        self._size = 0  # of all of them
        self._defaults = PLAIN
        self._settings: dict[Client, Settings] = {}
        self._listeners: list[Callable[[], None]] = []
        self._refused = 0
        self._requests = 0
        self._delayed: set[asyncio.Task[None]] = set()
        self._ending: deque[Stream] = deque()  # they have been cancelled and are being told
        self._telling: asyncio.Handle | None = None

    def stream(
        self, request: Request, client: Client | None = None, *, icons: bool = False, sample_rate: int | None = None
    ) -> Stream:
        self._requests += 1
        stream = self._open(request, None, icons, sample_rate)
        client = stream if client is None else client
        queue = self._queues.setdefault(client, _Queue())
        if queue.size > QUEUE_LIMIT or (self._size > ALL_QUEUES and queue.size > LITTLE):
            self._refused += 1
            most = QUEUE_LIMIT if queue.size > QUEUE_LIMIT else ALL_QUEUES
            stream.hand_over(Failed(f"more than {most} characters are waiting already"))
            return stream
        queue.streams[stream] = None
        queue.size += size_of(request)
        self._size += size_of(request)
        stream.when_finished(lambda: self._made(client, stream))
        if len(queue.streams) == 1:
            self._begin(stream)
        return stream

    def play(self, request: Request, client: Client) -> Playback:
        self._requests += 1
        return self.player.play(request, client)

    def stop(self, client: Client) -> None:
        self.player.do(self.player.scheduler.stop(client))

    def cancel(self, client: Client | None) -> None:
        scheduler = self.player.scheduler
        self.player.do(scheduler.cancel_all() if client is None else scheduler.cancel(client))

    def pause(self, client: Client | None) -> None:
        scheduler = self.player.scheduler
        self.player.do(scheduler.pause_all() if client is None else scheduler.pause(client))
        self.changed()

    def resume(self, client: Client | None) -> None:
        scheduler = self.player.scheduler
        self.player.do(scheduler.resume_all() if client is None else scheduler.resume(client))
        self.changed()

    def cancel_streams(self, client: Client | None) -> None:
        """End every stream of a client; None: of all."""
        for owner in list(self._queues) if client is None else [client]:
            queue = self._queues.pop(owner, None)  # what is in none does not begin when the one before it ends
            if queue is not None:
                self._size -= queue.size
                self._ending += queue.streams
        if self._ending and self._telling is None:
            self._end_some()

    def _end_some(self) -> None:
        """A listener is woken for each: thousands at once would keep everybody else waiting."""
        for _ in range(min(AT_ONCE, len(self._ending))):
            self._ending.popleft().cancel()
        more = bool(self._ending)
        self._telling = asyncio.get_running_loop().call_soon(self._end_some) if more else None

    def forget(self, client: Client) -> None:
        self.cancel_streams(client)
        self._settings.pop(client, None)
        self.player.do(self.player.scheduler.forget(client))

    def settings(self, client: Client) -> Settings:
        return self._settings.get(client, self._defaults)

    def configure(self, client: Client, settings: Settings) -> None:
        self._settings[client] = settings

    def change_defaults(self, settings: Settings) -> None:
        """What holds for clients that have said nothing of their own."""
        self._defaults = settings

    def change_output(self, open_output: Callable[[int], Output]) -> None:
        """Play on another device from the next utterance on."""
        self.player.change_output(open_output)

    def voices(self) -> list[VoiceInfo]:
        return self.pipeline.means.voices.listing()

    def sample_rate(self, settings: Settings = PLAIN) -> int:
        """Hz of what is spoken with these settings, by an utterance that begins now."""
        return self.pipeline.rate_of(settings)

    def state(self) -> str:
        if self.player.speaking:
            return "speaking"
        return "paused" if self.player.scheduler.any_paused else "idle"

    def asked(self) -> int:
        """How many utterances have been asked for since the start."""
        return self._requests

    def alive(self) -> int:
        """How many utterances are spoken, wait, or have ended and are not yet told. From any thread."""
        return self.player.alive + sum(len(q.streams) for q in tuple(self._queues.values())) + len(self._ending)

    def statistics(self) -> dict[str, Any]:
        """Plain numbers and names. Latencies in ms, of the last 500 utterances; absent while none is known."""
        engine = self.pipeline.means.voices.active
        latencies = sorted(self.synthesis.latencies)
        found: dict[str, Any] = {
            "voice": engine.info.name if engine is not None else "",
            "sample_rate": self.sample_rate(),
            "state": self.state(),
            "requests": self._requests,
            "refused": self._refused,
            "streams": self.synthesis.open_streams,
            "waiting": self.player.scheduler.waiting + sum(len(q.streams) - 1 for q in self._queues.values()),
            "fallbacks": self.pipeline.tally.fallbacks,
            "bad_sound": {
                name: {"segments": found.segments, "reason": found.reason}
                for name, found in self.pipeline.tally.unsound.copy().items()
            },
        }
        if latencies:
            found["latency_p50_ms"] = round(1000 * latencies[len(latencies) // 2], 2)
            found["latency_p95_ms"] = round(1000 * latencies[len(latencies) * 95 // 100], 2)
        return found

    def on_change(self, callback: Callable[[], None]) -> None:
        self._listeners.append(callback)

    def changed(self) -> None:
        """Voices or state may have changed."""
        for callback in self._listeners:
            try:
                callback()
            except Exception as error:  # of one frontend; the others are told all the same
                _LOG.error("a change could not be told: %s", where(error))

    async def close(self) -> None:
        for client in list(self._queues):
            self.cancel_streams(client)
        while self._ending:
            await asyncio.sleep(0)
        for delayed in self._delayed:
            delayed.cancel()
        await self.player.close()

    def _open(self, request: Request, after: str | None, icons: bool, sample_rate: int | None) -> Stream:
        pipeline = self.pipeline
        return Stream(
            request,
            lambda cancelled: pipeline.speak(request, cancelled, after=after, icons=icons, sample_rate=sample_rate),
        )

    def _for_player(self, request: Request, after: str | None, sample_rate: int) -> Stream:
        stream = self._open(request, after, False, sample_rate)
        self._begin(stream)
        return stream

    def _begin(self, stream: Stream) -> None:
        """Have its sound made, in the voice that it asks for if that is in memory soon enough."""
        voices = self.pipeline.means.voices
        loading = voices.prepare(voices.settled(stream.request.settings).voice)
        if loading is None:
            self.synthesis.add(stream)
        else:
            delayed = asyncio.get_running_loop().create_task(self._begin_after(loading, stream))
            self._delayed.add(delayed)
            delayed.add_done_callback(self._delayed.discard)

    async def _begin_after(self, loading: Future[None], stream: Stream) -> None:
        # Here and not on the synthesis thread, which has others to serve.
        deadline = self.pipeline.means.options.deadline
        await asyncio.wait([asyncio.wrap_future(loading)], timeout=deadline * LOADING if deadline else None)
        self.synthesis.add(stream)

    def _made(self, client: Hashable, stream: Stream) -> None:
        """A stream has come to its end: the client's next one begins."""
        queue = self._queues.get(client)
        if queue is None or stream not in queue.streams:
            return
        was_first = next(iter(queue.streams)) is stream
        del queue.streams[stream]
        queue.size -= size_of(stream.request)
        self._size -= size_of(stream.request)
        if not queue.streams:
            del self._queues[client]
        elif was_first:
            self._begin(next(iter(queue.streams)))
