"""Both D-Bus interfaces on the real core: pipeline, synthesis thread and player around the toy voice."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest

from speechd_neural.audio.cache import PhraseCache
from speechd_neural.core.means import Means, Options
from speechd_neural.core.pipeline import Pipeline
from speechd_neural.core.session import Speech
from speechd_neural.core.synthesis import Synthesis
from speechd_neural.core.voices import Voices
from speechd_neural.frontends import control, spiel
from speechd_neural.frontends.bus import LIBRARIES, Bus
from speechd_neural.types import Audio, Request
from tests.frontends.spiel_client import Client, private_bus, read_strictly, until
from tests.toy_engine import ToyEngine, ToyFrontEnd


class Device:
    """A sound device that plays at once and keeps what it played."""

    queued = 0.0

    def __init__(self) -> None:
        self.played: list[np.ndarray] = []

    def play(self, pcm: np.ndarray) -> None:
        self.played.append(pcm)

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with private_bus() as address:
        yield address


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
async def speech(device: Device) -> AsyncIterator[Speech]:
    pipeline = Pipeline(Means(ToyFrontEnd(), PhraseCache(), Voices(ToyEngine()), Options(deadline=0)))
    synthesis = Synthesis()
    synthesis.start()
    speech = Speech(pipeline, synthesis, lambda rate: device)
    yield speech
    await speech.close()
    synthesis.close()


@pytest.fixture(params=sorted(LIBRARIES))
async def client(address: str, speech: Speech, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    bus = Bus(address, request.param)
    await bus.connect()
    provider, direct = spiel.Provider(bus, speech), control.Control(bus, speech)
    await bus.own(control.BUS_NAME)
    await bus.own(spiel.BUS_NAME)
    client = await Client.connect(address)
    yield client
    await client.close()
    await provider.close()
    await direct.close()
    await bus.close()


async def test_the_same_sound_as_the_pipeline_makes(client: Client, speech: Speech) -> None:
    text = "grüße world. again"
    heard = await client.hear(text, voice=(await client.voices())[0][1])
    made = speech.pipeline.speak(Request(1, text), lambda: False)
    assert heard.pcm == b"".join(event.pcm for event in made if isinstance(event, Audio))
    assert [event[1:] for event in heard.events] == [
        (2, 0, 11), (1, 0, 5), (1, 6, 11), (2, 13, 18), (1, 13, 18)
    ]
    places = [event[0] for event in heard.events]
    assert places == sorted(places)
    assert places[-1] > places[0]


async def test_the_rate_of_the_voice_that_the_client_knows(client: Client) -> None:
    own, other = await client.hear("word"), await client.hear("word", voice="gone-48000")
    assert len(other.pcm) == pytest.approx(3 * len(own.pcm), rel=0.02)


async def test_nothing_to_say(client: Client) -> None:
    for text in ("", " "):
        assert (await client.hear(text)).events == []


async def test_a_voice_appears_and_goes(client: Client, speech: Speech) -> None:
    engine = speech.pipeline.means.voices.active
    assert [voice[:2] for voice in await client.voices()] == [["toy", "toy-16000"]]
    speech.pipeline.means.voices.active = None
    speech.changed()
    assert await client.voices() == []
    # A client that has not heard of it yet: another voice speaks, at the rate it expects.
    assert len((await client.hear("still spoken")).pcm) > 3200
    speech.pipeline.means.voices.active = engine
    speech.changed()
    assert len(await client.voices()) == 1


async def test_dropping_a_pipe_ends_the_work(client: Client, speech: Speech) -> None:
    engine = speech.pipeline.means.voices.active
    assert isinstance(engine, ToyEngine)
    engine.slow = 1000.0
    pipe = await client.synthesize("slow words")
    await until(lambda: bool(engine.spoken))
    os.close(pipe)
    await until(lambda: speech.synthesis.open_streams == 0)  # without waiting for the voice


async def test_a_queue_is_heard_in_order_and_whole(client: Client) -> None:
    texts = [f"utterance {number} of the queue" for number in "abcdefgh"]
    pipes = [await client.synthesize(text) for text in texts]
    for text, pipe in zip(texts, pipes, strict=True):
        heard = await asyncio.to_thread(read_strictly, pipe, len(text))
        os.close(pipe)
        assert len(heard.events) == 6
        assert heard.pcm


async def test_the_daemon_plays_what_control_asks_for(client: Client, device: Device) -> None:
    ended: asyncio.Queue[list[Any]] = asyncio.Queue()
    client.bus.add_message_handler(
        lambda message: ended.put_nowait(message.body) if message.member == "End" else None
    )
    await client.subscribe(control.BUS_NAME)
    reply = await client.call(
        control.OBJECT_PATH, control.INTERFACE, "Speak", "sa{sv}", "hello", {}, name=control.BUS_NAME
    )
    assert await asyncio.wait_for(ended.get(), 60) == [reply.body[0], "finished"]
    assert np.concatenate(device.played).any()
