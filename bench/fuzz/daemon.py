"""A whole daemon with a toy voice, in this process: bytes on its socket, and the arguments of its D-Bus methods."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

from bench.fuzz.clients import REQUESTS, WORDS, needs
from bench.fuzz.running import Target, environment
from speechd_neural.frontends import control, wire
from tests.daemon_client import AsyncClient
from tests.running_daemon import Running

PATIENCE = 60.0  # s for an answer, on a busy machine


class World:
    """The daemon, and an event loop that is run for one piece of work at a time."""

    def __init__(self, folder: Path, with_bus: bool) -> None:
        self.loop = asyncio.Runner()
        self.running = Running(folder, with_bus=with_bus)
        self.do(self.running.start())
        self.other: AsyncClient = self.do(self.running.client())

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        async def limited() -> Any:
            return await asyncio.wait_for(work, PATIENCE)

        return self.loop.run(limited())

    def works(self) -> None:
        """Another client is answered and spoken to."""
        self.other.speak(1, "ab")
        found = self.do(self.other.utterance(1))
        needs(any(isinstance(frame, wire.Pcm) for frame in found), "another client hears nothing")

    def close(self) -> None:
        self.do(self.running.close())
        self.loop.close()


@contextlib.contextmanager
def _world(folder: Path, with_bus: bool = False) -> Iterator[World]:
    log = logging.getLogger("speechd_neural")
    log.propagate, before = False, log.propagate
    log.addHandler(nothing := logging.NullHandler())
    world = World(folder, with_bus)
    try:
        yield world
    finally:
        world.close()
        log.propagate = before
        log.removeHandler(nothing)


@contextlib.contextmanager
def server(folder: Path) -> Iterator[Target]:
    """Bytes on the socket; another client is served all the while."""
    with _world(folder) as world:

        async def send(data: bytes) -> None:
            reader, writer = await asyncio.open_unix_connection(world.running.path)
            writer.write(data)
            writer.write_eof()
            with contextlib.suppress(ConnectionError):
                while await reader.read(1 << 16):
                    pass
            writer.close()

        def one(data: bytes) -> None:
            world.do(send(data))

        good = [wire.encode(body) for body in REQUESTS]
        yield Target([*good, b"".join(good)], WORDS, one, world.works)


@contextlib.contextmanager
def dbus(folder: Path) -> Iterator[Target]:
    """Arguments of the right types and of any value, through a real bus."""
    from tests.frontends.spiel_client import Client, private_bus

    with private_bus() as address, environment(DBUS_SESSION_BUS_ADDRESS=address), _world(folder, True) as world:
        client = world.do(Client.connect(address))

        def one(data: bytes) -> None:
            chance, text = random.Random(data), data.decode("utf-8", "replace").replace("\0", "")
            world.do(_call(client, chance, text))

        def works() -> None:
            voice = world.do(client.voices())[0][1]
            needs(len(world.do(client.hear("ab", voice=voice)).pcm) > 1000, "a client of the provider hears nothing")
            world.works()

        try:
            yield Target([b"some text", b"<speak>a <mark name='m'/>b</speak>", b"en-US", b"toy-16000"], WORDS, one, works)
        finally:
            world.do(client.close())


async def _call(client: Any, chance: random.Random, text: str) -> None:
    """One method call; whatever is refused is answered, and pipes are not left open."""
    if chance.random() < 0.4:
        number = chance.choice((0.0, -0.0, 1.0, -1e308, 1e308, 1e-320, float("nan"), float("inf"), -float("inf")))
        other = chance.choice((number, 1.0, 0.5))
        voice, language = chance.choice(("toy-16000", "", text)), chance.choice(("", "en-US", "de", text))
        ends = await client.synthesize(text, voice, number, other, chance.random() < 0.5, language)
        if chance.random() < 0.03:  # a whole utterance costs as much as fifty calls
            await asyncio.to_thread(_drain, ends)
        os.close(ends)
        return
    member, signature, body = chance.choice(
        [("Stop", "u", [chance.choice((0, 1, 2**32 - 1))]), ("Pause", "", []), ("Resume", "", [])]
        + 5 * [("Speak", "sa{sv}", [text, _settings(chance, text)])]
    )
    await client.call(control.OBJECT_PATH, control.INTERFACE, member, signature, *body, name=control.BUS_NAME)


def _drain(descriptor: int) -> None:
    while os.read(descriptor, 1 << 16):
        pass


def _settings(chance: random.Random, text: str) -> dict[str, Any]:
    from dbus_fast import Variant

    known = (*control.SETTINGS, *control.ABOUT_REQUEST, text[:20])
    found = {}
    for name in chance.sample(known, chance.randrange(4)):
        kind = chance.choice(("s", "d", "i", "b", "u", "x", "as", "a{sv}", "y"))
        number = chance.choice((0.0, 1e308, float("nan"), float("inf")))
        values = {"s": chance.choice((text, "ssml", "icon", "message")), "d": number, "i": -100, "b": chance.random() < 0.5,
                  "u": 2**32 - 1, "x": -(2**63), "as": [text], "a{sv}": {}, "y": 3}  # fmt: skip
        found[name] = Variant(kind, values[kind])
    return found
