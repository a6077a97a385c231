"""One client of the unix socket, in the protocol of `wire`: what it asks for, and what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from speechd_neural import __version__
from speechd_neural.core.session import AT_ONCE, Events, Speech, Stream, VoiceInfo
from speechd_neural.errors import SpeechError, UsageError, where
from speechd_neural.frontends import messages, wire
from speechd_neural.frontends.turns import Turn, Turns
from speechd_neural.types import Audio, Begin, Failed

SEND_BUFFER = 32 << 10  # bytes asked of the kernel: below a second of sound waits where it cannot be taken back
HIGH_WATER = 16 << 10  # bytes waiting in the daemon before a stream pauses
FLOOD = 4 << 20  # bytes of replies that a client may leave unread
HALVES = 64 << 20  # bytes of frames that are not whole, of all clients together
MOST_QUESTIONS = 20  # of one client that are being answered
COMPLAINTS = 3  # lines in the log about one connection
READ = 64 << 10  # bytes at a time
_LOG = logging.getLogger(__name__)


class Control(Protocol):
    """What the server asks of the daemon, beyond speech."""

    def status(self) -> dict[str, Any]: ...
    async def reload(self) -> None: ...
    async def voice_loaded(self) -> None: ...
    async def cache(self, action: str) -> dict[str, Any]: ...


class Shared:
    """What the connections have in common."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.caching = asyncio.Lock()  # threads that look through the cache compete with the loop
        self._held: dict[Connection, int] = {}  # bytes for frames that are not whole, where they are many

    def holds(self, connection: Connection, size: int) -> None:
        """Where all hold too much together, who has been silent longest of those has to go."""
        self._held.pop(connection, None)
        if size <= wire.ROOM:
            return
        self._held[connection] = size
        while sum(self._held.values()) > HALVES:
            silent = min(self._held, key=lambda one: one.heard)
            _LOG.warning("%s has sent only a part of a long frame, as others have; its connection is closed", silent.name)
            del self._held[silent]
            silent.hang_up()


class Connection:
    """One client. It is itself the client's name for `Speech`."""

    def __init__(
        self, speech: Speech, control: Control, shared: Shared, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._speech = speech
        self._control = control
        self._shared, self._turns, self._caching = shared, shared.turns, shared.caching
        self._reader = reader
        self._writer = writer
        self._utterances: dict[int, Events] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._serving = asyncio.current_task()
        self._told: list[VoiceInfo] | None = None  # the voices it knows of; None: it does not follow them
        self._complaints = 0
        self.heard = time.monotonic()  # when something came last
        self.name = "client"
        connected: socket.socket = writer.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        writer.transport.set_write_buffer_limits(high=HIGH_WATER)

    async def serve(self) -> None:
        parser = wire.Parser()
        try:
            while data := await self._reader.read(READ):
                turn = Turn()
                self.heard = time.monotonic()
                for frame in parser.steps(data):
                    if frame is not None:
                        self._take(frame)
                    if turn.over:
                        if not await self._turns.wait(self._writer.get_extra_info("socket")):
                            return
                        turn = Turn()
                self._shared.holds(self, parser.size)
                if self._writer.transport.get_write_buffer_size() > FLOOD:
                    _LOG.warning("%s sends without reading; its connection is closed", self.name)
                    break
                await asyncio.sleep(0)
        except OSError:
            pass  # the client has vanished
        finally:
            if self._complaints > COMPLAINTS:
                _LOG.warning("%s did so %d times in all", self.name, self._complaints)
            self._shared.holds(self, 0)
            self._speech.forget(self)
            while some := list(itertools.islice(self._running, AT_ONCE)):
                for running in some:
                    running.cancel()
                await asyncio.wait(some)
            self._utterances.clear()
            self._writer.transport.abort()

    @property
    def idle(self) -> bool:
        """Whether nothing of this client is under way."""
        return not self._running and not self._utterances

    def hang_up(self) -> None:
        self._writer.transport.abort()

    async def close(self) -> None:
        """End what this client has under way, tell it, and hang up."""
        self._speech.forget(self)
        if self._running:
            await asyncio.wait(self._running, timeout=0.5)
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), 0.5)
        if self._serving is not None:
            self._serving.cancel()

    def _take(self, frame: wire.Frame) -> None:
        if isinstance(frame, wire.Message):
            word = frame.body.get("do")
            act = self._acts.get(word) if isinstance(word, str) else None
            try:
                if act is None:
                    raise UsageError(f"'do' is not one of {', '.join(self._acts)}")
                act(self, frame.body)
            except SpeechError as error:
                self._refuse(frame.body, str(error))
            except Exception as error:
                _LOG.error("a request of %s failed: %s", self.name, where(error))
                self._refuse(frame.body, f"internal error: {where(error)}")
        else:
            reason = frame.reason if isinstance(frame, wire.Malformed) else "audio, which the daemon does not accept"
            self._complain(f"sent {reason}")
            self._send({"reply": "", "ok": False, "error": reason})

    def _complain(self, what: str) -> None:
        """In the log, the first few times: whoever sends nonsense without end does not fill the disk."""
        self._complaints += 1
        if self._complaints <= COMPLAINTS:
            _LOG.warning("%s %s", self.name, what)

    def _refuse(self, body: dict[str, Any], reason: str) -> None:
        word, id = body.get("do"), body.get("id")
        self._complain(f"asked for what was refused: {reason}")
        if word == "speak" and isinstance(id, int) and 0 <= id <= messages.MAX_ID and id not in self._utterances:
            self._send(messages.event_message(id, Failed(reason)))
        else:
            self._send({"reply": word if isinstance(word, str) else "", "ok": False, "error": reason})

    def _hello(self, body: dict[str, Any]) -> None:
        if problem := wire.misunderstanding(body):
            raise UsageError(problem)
        name = body.get("client")
        if isinstance(name, str):
            self.name = "".join(character for character in name[:40] if character.isprintable()) or "client"
        self._reply(
            "hello",
            protocol=wire.PROTOCOL,
            version=__version__,
            voice=self._speech.statistics()["voice"] or None,
            sample_rate=self._speech.sample_rate(),
        )

    def _set(self, body: dict[str, Any]) -> None:
        settings = body.get("settings")
        if not isinstance(settings, dict):
            raise UsageError("settings is not an object")
        self._speech.configure(self, messages.read_settings(settings, self._speech.settings(self)))

    def _speak(self, body: dict[str, Any]) -> None:
        play = body.get("play", False)
        if not isinstance(play, bool):
            raise UsageError("play is neither true nor false")
        # Who plays for itself says everything it wants; its silence about a setting means the plain voice.
        request = messages.read_request(body, self._speech.settings(self)) if play else messages.read_request(body)
        if request.id in self._utterances:
            raise UsageError(f"id {request.id} is still in use")
        speech = self._speech
        rate = speech.sample_rate(request.settings)
        events = speech.play(request, self) if play else speech.stream(request, self, icons=True, sample_rate=rate)
        self._utterances[request.id] = events
        self._run(self._tell(request.id, events, rate))

    async def _tell(self, id: int, events: Events, rate: int) -> None:
        """Pass an utterance's events on to the client."""
        try:
            async for event in events:
                if events.finished:
                    # The id is free when the client hears of the end.
                    self._utterances.pop(id, None)
                if isinstance(event, Audio):
                    told = self._write(wire.encode_pcm(id, event.pcm))
                else:
                    message = messages.event_message(id, event)
                    if isinstance(event, Begin):
                        message["sample_rate"] = rate
                    told = self._write(wire.encode(message))
                if not told:
                    break  # the client has vanished; `serve` cleans up
                await self._writer.drain()
        except OSError:
            pass  # the same
        except Exception as error:
            _LOG.error("an utterance of %s could not be told: %s", self.name, where(error))
            events.cancel()
            if self._utterances.pop(id, None) is not None:
                self._send(messages.event_message(id, Failed(f"internal error: {where(error)}")))

    def _stop(self, body: dict[str, Any]) -> None:
        id = body.get("id", "all")
        if id == "everyone":
            self._speech.cancel(None)
            self._speech.cancel_streams(None)
        elif id == "all":
            self._speech.cancel(self)
            self._speech.cancel_streams(self)
        else:
            utterance = self._utterances.get(messages.read_id(id))
            if utterance is not None:
                utterance.cancel()

    def _pause(self, body: dict[str, Any]) -> None:
        if "id" not in body:
            self._speech.pause(self)
            return
        utterance = self._utterances.get(messages.read_id(body["id"]))
        if isinstance(utterance, Stream):
            utterance.pause()
        elif utterance is not None:
            raise UsageError("what the daemon plays is paused without an id: all of this client's together")

    def _resume(self, body: dict[str, Any]) -> None:
        self._speech.resume(self)

    def _status(self, body: dict[str, Any]) -> None:
        self._reply("status", **self._control.status())

    def _reload(self, body: dict[str, Any]) -> None:
        async def reload() -> None:
            await self._control.reload()
            self._reply("reload")

        self._answer(body, reload())

    def _voices(self, body: dict[str, Any]) -> None:
        follow = body.get("follow", False)
        if not isinstance(follow, bool):
            raise UsageError("follow is neither true nor false")

        async def voices() -> None:
            await self._control.voice_loaded()
            self._told = self._speech.voices() if follow else None
            self._tell_voices()

        self._answer(body, voices())

    def changed(self) -> None:
        """The voices may be others than before; who follows them is told."""
        if self._told is not None and self._told != (voices := self._speech.voices()):
            self._told = voices
            self._tell_voices()

    def _tell_voices(self) -> None:
        voices = [
            {name: getattr(voice, name) for name in ("name", "identifier", "sample_rate", "gender")}
            | {"languages": list(voice.languages)}
            for voice in self._speech.voices()
        ]
        self._reply("voices", voices=voices)

    def _cache(self, body: dict[str, Any]) -> None:
        action = body.get("action", "stats")
        if action not in ("stats", "warm", "clear"):
            raise UsageError("action is not one of stats, warm, clear")

        async def cache() -> None:
            async with self._caching:
                self._reply("cache", action=action, **await self._control.cache(action))

        self._answer(body, cache())

    def _answer(self, body: dict[str, Any], answer: Coroutine[Any, Any, None]) -> None:
        if len(self._running) - len(self._utterances) >= MOST_QUESTIONS:
            answer.close()
            raise UsageError(f"more than {MOST_QUESTIONS} questions of this client are waiting")
        self._run(self._answered(body, answer))

    async def _answered(self, body: dict[str, Any], answer: Coroutine[Any, Any, None]) -> None:
        try:
            await answer
        except SpeechError as error:
            self._refuse(body, str(error))
        except Exception as error:
            _LOG.error("a request of %s failed: %s", self.name, where(error))
            self._refuse(body, f"internal error: {where(error)}")

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        running = asyncio.get_running_loop().create_task(work)
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    def _reply(self, word: str, **values: Any) -> None:
        self._send({"reply": word, "ok": True, **values})

    def _send(self, body: dict[str, Any]) -> None:
        self._write(wire.encode(body))

    def _write(self, frame: bytes) -> bool:
        """False: there is nobody any more. asyncio would complain in the log, of each frame."""
        if self._writer.transport.is_closing():
            return False
        self._writer.write(frame)
        return True

    _acts: dict[str, Callable[[Connection, dict[str, Any]], None]] = {  # noqa: RUF012
        "hello": _hello,
        "set": _set,
        "speak": _speak,
        "stop": _stop,
        "pause": _pause,
        "resume": _resume,
        "status": _status,
        "reload": _reload,
        "voices": _voices,
        "cache": _cache,
    }
