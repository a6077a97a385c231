"""A private bus, a toy voice behind the provider, and a strict client written from the stream's description.

Also run as a program: serves the toy voice on the session bus (`python -m tests.frontends.spiel_client`).
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from speechd_neural.core.engine import VoiceInfo
from speechd_neural.frontends.bus import Bus
from speechd_neural.frontends.spiel import BUS_NAME, INTERFACE, OBJECT_PATH, Provider
from speechd_neural.types import Audio, Begin, End, Event, Failed, Request, Stopped, WordReached

TOY = VoiceInfo("toy", "toy-1", 16000, ("en-us",), 160)


@contextlib.contextmanager
def private_bus(address: str = "unix:tmpdir=/tmp") -> Iterator[str]:
    """The address of a message bus of its own; fails where dbus-daemon cannot start."""
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1", f"--address={address}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        try:
            address = daemon.stdout.readline().strip()
            assert address.startswith("unix:"), "dbus-daemon did not start"
            yield address
        finally:
            daemon.terminate()


@functools.lru_cache(maxsize=1000)
def toy_sound(word: str, seconds: float = 0.1) -> bytes:
    """Deterministic samples that tell words apart."""
    seed = sum(word.encode())
    return struct.pack(f"<{int(seconds * TOY.sample_rate)}h", *(
        (seed * place) % 20000 - 10000 for place in range(int(seconds * TOY.sample_rate))
    ))


class ToyStream:
    def __init__(self, speech: ToySpeech, request: Request) -> None:
        self._speech, self._request = speech, request
        self._stop = asyncio.Event()

    def cancel(self) -> None:
        if not self._stop.is_set():
            self._stop.set()
            self._speech.cancelled.append(self._request.id)

    async def __aiter__(self) -> AsyncIterator[Event]:
        text = self._request.text
        yield Begin()
        if "explode" in text:
            raise RuntimeError("a defect, with the text: " + text)
        if "fail" in text:
            yield Failed("the toy was asked to fail")
            return
        at = 0
        for number, word in enumerate(text.split()):
            start = text.index(word, at)
            at = start + len(word)
            await self._speech.go.wait()
            if self._speech.delay:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), self._speech.delay)
            if self._stop.is_set():
                yield Stopped()
                return
            if number == 0:
                yield WordReached(0, len(text), sentence=True)
            yield WordReached(start, at)
            yield Audio(toy_sound(word, self._speech.seconds), TOY.sample_rate)
            self._speech.made += 1
        self._speech.finished.append(self._request.id)
        yield End()


class ToySpeech:
    """Speaks each word as a tenth of a second of sound, at once or `delay` seconds later; `go` holds up all of them."""

    def __init__(self, delay: float = 0.0, seconds: float = 0.1) -> None:
        self.delay, self.seconds = delay, seconds
        self.go = asyncio.Event()
        self.go.set()
        self.present: list[VoiceInfo] = [TOY]
        self.requests: MutableSequence[Request] = []
        self.cancelled: MutableSequence[int] = []
        self.finished: MutableSequence[int] = []
        self.rates: deque[int] = deque(maxlen=10)
        self.made = 0
        self.listeners: list[Callable[[], None]] = []

    def on_change(self, callback: Callable[[], None]) -> None:
        self.listeners.append(callback)

    def change_voices(self, *voices: VoiceInfo) -> None:
        self.present = list(voices)
        for callback in self.listeners:
            callback()

    def voices(self) -> Sequence[VoiceInfo]:
        return self.present

    def stream(self, request: Request, *, sample_rate: int) -> ToyStream:
        self.requests.append(request)
        self.rates.append(sample_rate)
        return ToyStream(self, request)


class FramingError(Exception):
    pass


@dataclass
class Utterance:
    """What a client got: the events with the byte of sound they stand before."""

    pcm: bytes = b""
    events: list[tuple[int, int, int, int]] = field(default_factory=list)  # place, type, start, end


def read_strictly(descriptor: int, text_length: int | None = None, timeout: float = 60.0) -> Utterance:
    """Read a stream to its end the way libspiel does, one blocking read a field, and accept no short read.

    Raises FramingError for whatever would derail that client or hold it up inside a read.
    """
    utterance = Utterance()

    def exactly(count: int, what: str) -> bytes:
        data = os.read(descriptor, count) if count else b""
        if len(data) != count:
            raise FramingError(f"{len(data)} of {count} bytes of {what}")
        return data

    def ready(seconds: float) -> int:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return sum(state for _, state in poll.poll(seconds * 1000))

    if not ready(timeout) & select.POLLIN:
        raise FramingError("no header")
    if exactly(4, "header") != b"0.01":
        raise FramingError("wrong header")
    naked = False  # an event or a header was sent without what follows
    pending = True
    while True:
        if pending and not ready(0):
            naked = True
        if not ready(timeout):
            raise FramingError("nothing more, and no end")
        kind = os.read(descriptor, 1)
        if not kind:
            break
        if naked:
            raise FramingError("the client had to wait for sound inside a read")
        if kind == b"\1":
            (length,) = struct.unpack("=I", exactly(4, "length"))
            if not 0 < length <= 4096 - 5:
                raise FramingError(f"audio of {length} bytes")
            utterance.pcm += exactly(length, "audio")
            pending = False
        elif kind == b"\2":
            event, start, end, name = struct.unpack("=BIII", exactly(1, "type") + exactly(12, "event"))
            exactly(name, "name")
            if event not in (1, 2, 3, 4) or start > end or (text_length is not None and end > text_length):
                raise FramingError(f"event {event} {start}..{end}")
            utterance.events.append((len(utterance.pcm), event, start, end))
            pending = True
        else:
            raise FramingError(f"chunk of type {kind!r}")
    if len(utterance.pcm) % 2:
        raise FramingError("half a sample")
    return utterance


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.005)


async def provided() -> None:
    """Wait until the session bus knows the provider, which comes last of what a daemon offers there."""
    client, bus = Client(await MessageBus().connect()), "org.freedesktop.DBus"
    try:
        end = time.monotonic() + 60
        while not (await client.call("/org/freedesktop/DBus", bus, "NameHasOwner", "s", BUS_NAME, name=bus)).body[0]:
            assert time.monotonic() < end, "no provider came to the session bus"
            await asyncio.sleep(0.005)
    finally:
        await client.close()


class Client:
    """A client of the provider with a connection of its own."""

    def __init__(self, bus: MessageBus) -> None:
        self.bus = bus

    @classmethod
    async def connect(cls, address: str) -> Client:
        return cls(await MessageBus(bus_address=address, negotiate_unix_fd=True).connect())

    async def close(self) -> None:
        self.bus.disconnect()
        await self.bus.wait_for_disconnect()

    async def call(
        self, path: str, interface: str | None, member: str, signature: str = "", *body: Any, fds: Sequence[int] = (),
        name: str = BUS_NAME,
    ) -> Message:
        return await self.bus.call(
            Message(name, path, interface, member, signature=signature, body=list(body), unix_fds=list(fds))
        )

    async def get(self, path: str, interface: str, name: str) -> Any:
        reply = await self.call(path, "org.freedesktop.DBus.Properties", "Get", "ss", interface, name)
        assert reply.message_type is MessageType.METHOD_RETURN, reply.body
        return reply.body[0].value

    async def subscribe(self, name: str) -> None:
        """Have the bus send the signals of `name` to this connection."""
        rule, bus = f"type='signal',sender='{name}'", "org.freedesktop.DBus"
        await self.call("/org/freedesktop/DBus", bus, "AddMatch", "s", rule, name=bus)

    async def voices(self) -> list[list[Any]]:
        return [list(voice) for voice in await self.get(OBJECT_PATH, INTERFACE, "Voices")]

    async def synthesize(
        self, text: str, voice: str = "toy-16000", pitch: float = 1.0, rate: float = 1.0, is_ssml: bool = False,
        language: str = "",
    ) -> int:
        """Have `text` spoken; returns the read end of its pipe, which the caller closes."""
        read_end, write_end = os.pipe()
        try:
            reply = await self.call(
                OBJECT_PATH, INTERFACE, "Synthesize", "hssddbs", 0, text, voice, pitch, rate, is_ssml, language,
                fds=[write_end],
            )
        finally:
            os.close(write_end)
        if reply.message_type is not MessageType.METHOD_RETURN:
            os.close(read_end)
            raise AssertionError(reply.error_name)
        return read_end

    async def hear(self, text: str, **options: Any) -> Utterance:
        read_end = await self.synthesize(text, **options)
        try:
            return await asyncio.to_thread(read_strictly, read_end, len(text))
        finally:
            os.close(read_end)


@contextlib.asynccontextmanager
async def serving(address: str, library: str, speech: Any) -> AsyncIterator[Provider]:
    bus = Bus(address, library)
    await bus.connect()
    provider = Provider(bus, speech)
    await bus.own(BUS_NAME)
    try:
        yield provider
    finally:
        await provider.close()
        await bus.close()


def _toy_alone() -> ToySpeech:
    speech = ToySpeech(float(os.environ.get("TOY_DELAY", "0")), float(os.environ.get("TOY_SECONDS", "0.1")))
    # Memory is measured: it keeps no record of everything that was said.
    speech.requests, speech.finished, speech.cancelled = deque(maxlen=10), deque(maxlen=10), deque(maxlen=10)
    return speech


def _toy_core() -> Any:
    """The real pipeline, cache and synthesis thread around a toy engine."""
    from speechd_neural.audio.cache import PhraseCache
    from speechd_neural.core.means import Means, Options
    from speechd_neural.core.pipeline import Pipeline
    from speechd_neural.core.session import Speech
    from speechd_neural.core.synthesis import Synthesis
    from speechd_neural.core.voices import Voices
    from speechd_neural.text.english.language import English
    from speechd_neural.text.frontend import FrontEnd
    from tests.toy_engine import ToyEngine

    engine = ToyEngine(float(os.environ.get("TOY_DELAY", "0")))
    engine.spoken, engine.seeds = deque(maxlen=10), deque(maxlen=10)  # type: ignore[assignment]
    synthesis = Synthesis()
    synthesis.start()
    pipeline = Pipeline(Means(FrontEnd(English()), PhraseCache(), Voices(engine), Options(deadline=0)))
    return Speech(pipeline, synthesis, lambda rate: None)  # type: ignore[arg-type, return-value]


async def _serve() -> None:
    bus = Bus()
    await bus.connect()
    provider = Provider(bus, _toy_core() if os.environ.get("TOY_CORE") else _toy_alone())
    await bus.own(BUS_NAME)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    print("ready", flush=True)
    await asyncio.wait([asyncio.create_task(bus.gone.wait()), asyncio.create_task(stop.wait())],
                       return_when=asyncio.FIRST_COMPLETED)
    await provider.close()
    await bus.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve()))


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))
