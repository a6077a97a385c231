"""The speech provider on a private bus, heard by a strict client, with either D-Bus library."""

from __future__ import annotations

import asyncio
import gc
import json
import math
import os
import random
import subprocess
import sys
from dataclasses import replace

import pytest

from speechd_neural.core.engine import VoiceInfo
from speechd_neural.frontends import spiel, wire
from speechd_neural.frontends.spiel import (
    BUS_NAME,
    FEATURES,
    INTERFACE,
    OBJECT_PATH,
    Provider,
    clamp,
    language_tags,
    voice_identifier,
)
from speechd_neural.frontends.spiel_stream import Framing
from speechd_neural.types import Kind
from tests.frontends.spiel_client import (
    TOY,
    Client,
    ToySpeech,
    open_descriptors,
    read_strictly,
    serving,
    toy_sound,
    until,
)

# What the provider says about itself


async def test_properties(client: Client) -> None:
    assert await client.get(OBJECT_PATH, INTERFACE, "Name") == "Neural speech"
    assert await client.voices() == [
        ["toy", "toy-16000", "audio/x-spiel,format=S16LE,channels=1,rate=16000", FEATURES, ["en-US", "en"]]
    ]


async def test_features_claim_no_marks(client: Client) -> None:
    features = (await client.voices())[0][3]
    assert features & 0x3 == 0x3
    assert not features & 0x8


def test_language_tags() -> None:
    assert language_tags(["en_us", "en-GB", "zh-Hant-TW"]) == ["zh-Hant-TW", "en-US", "en-GB", "zh-Hant", "en", "zh"]


def test_identifier_follows_the_rate_and_not_the_sound() -> None:
    info = VoiceInfo("Anna (soft)", "hash-1", 16000, ("en",), 160)
    assert voice_identifier(info) == voice_identifier(replace(info, identifier="hash-2")) == "Anna (soft)-16000"
    assert voice_identifier(replace(info, sample_rate=22050)) == "Anna (soft)-22050"


async def test_tools_can_read_it(address: str, provider: Provider) -> None:
    async def tool(*command: str) -> str:
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    busctl = ("busctl", f"--address={address}")
    asked = await tool(*busctl, "--json=short", "get-property", BUS_NAME, OBJECT_PATH, INTERFACE, "Voices")
    assert json.loads(asked)["type"] == "a(ssstas)"
    shown = await tool("gdbus", "introspect", "--address", address, "--dest", BUS_NAME, "--object-path", OBJECT_PATH)
    assert "Synthesize(in  h pipe_fd" in shown
    tree = await tool(*busctl, "tree", "--list", BUS_NAME)
    assert OBJECT_PATH in tree.split()


async def test_voices_come_and_go(client: Client, provider: Provider, speech: ToySpeech) -> None:
    changes: asyncio.Queue[list[object]] = asyncio.Queue()

    def listen(message: object) -> None:
        if getattr(message, "member", None) == "PropertiesChanged":
            changes.put_nowait(message.body)  # type: ignore[attr-defined]

    client.bus.add_message_handler(listen)
    await client.subscribe(BUS_NAME)

    speech.change_voices(TOY)  # nothing has changed: nobody is told
    speech.change_voices(TOY, replace(TOY, name="other", sample_rate=22050))
    interface, changed, invalidated = await asyncio.wait_for(changes.get(), 60)
    assert (interface, invalidated) == (INTERFACE, [])
    assert [voice[1] for voice in changed["Voices"].value] == ["toy-16000", "other-22050"]

    speech.change_voices()
    _, changed, _ = await asyncio.wait_for(changes.get(), 60)
    assert changed["Voices"].value == []
    assert changes.empty()


# Speaking


async def test_sound_and_events(client: Client) -> None:
    text = "Grüße, 𝄞 world"
    heard = await client.hear(text)
    words = text.split()
    assert heard.pcm == b"".join(toy_sound(word) for word in words)
    step = len(toy_sound("x"))
    assert heard.events == [(0, 2, 0, 14), (0, 1, 0, 6), (step, 1, 7, 8), (2 * step, 1, 9, 14)]


@pytest.mark.parametrize("text", ["", "   ", "fail", "explode now"])
async def test_silence_is_a_header(client: Client, text: str) -> None:
    heard = await client.hear(text)
    assert (heard.pcm, heard.events) == (b"", [])


async def test_spoken_text_is_not_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    await client.hear("explode secret")
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("given", "low", "high", "used"),
    [(math.nan, 0.1, 10, 1), (-1, 0.1, 10, 0.1), (50, 0.1, 10, 10), (math.inf, 0.5, 2, 2), (1.5, 0.5, 2, 1.5)],
)
def test_clamp(given: float, low: float, high: float, used: float) -> None:
    assert clamp(given, low, high) == used


async def test_what_is_asked_for(client: Client, speech: ToySpeech) -> None:
    await client.hear("<speak>a</speak>", pitch=1.5, rate=3.0, is_ssml=True, language="de-AT")
    await client.hear("a", pitch=math.nan, rate=math.nan, language="no such thing")
    await client.hear("a", pitch=-1, rate=50, voice="gone-8000")
    asked = [request.settings for request in speech.requests]
    assert [(one.speed, one.pitch_factor, one.language, one.voice) for one in asked] == [
        (3.0, 1.5, "de-AT", "toy"),
        (1.0, 1.0, None, "toy"),
        (10.0, 0.5, None, "gone-8000"),
    ]
    assert [request.kind for request in speech.requests] == [Kind.SSML, Kind.TEXT, Kind.TEXT]


async def test_a_long_text_waits_for_its_reader_and_holds_up_nobody(client: Client, speech: ToySpeech) -> None:
    long = await client.synthesize("many words " * 200)
    await until(lambda: speech.made >= 10)
    made = speech.made
    assert (await client.hear("short")).pcm == toy_sound("short")
    assert speech.made <= made + 25, "more was made than a pipe holds"
    heard = await asyncio.to_thread(read_strictly, long)
    os.close(long)
    assert heard.pcm == (toy_sound("many") + toy_sound("words")) * 200


async def test_the_first_in_a_queue_is_spoken_first(client: Client, speech: ToySpeech) -> None:
    speech.go.clear()
    texts = ["one " * 5, "two " * 5, "three " * 100, "four " * 5]
    pipes = [await client.synthesize(text) for text in texts]
    assert len(speech.requests) == 1
    os.close(pipes[1])  # dropped before its turn: it is never begun
    await asyncio.sleep(0)  # the loop sees that before
    speech.go.set()
    await until(lambda: len(speech.finished) == 2)
    # The third is stuck in its pipe, which holds up nobody.
    assert [request.text for request in speech.requests] == [texts[0], texts[2], texts[3]]
    for pipe, words in ((pipes[0], 5), (pipes[2], 100), (pipes[3], 5)):
        heard = await asyncio.to_thread(read_strictly, pipe)
        assert len(heard.pcm) == words * len(toy_sound("x"))
        os.close(pipe)


@pytest.mark.parametrize(
    ("voice", "rate"),
    [("toy-16000", 16000), ("gone-22050", 22050), ("never heard of", 16000), ("", 16000), ("odd-999999", 16000)],
)
async def test_a_voice_that_is_gone_keeps_its_rate(client: Client, speech: ToySpeech, voice: str, rate: int) -> None:
    assert (await client.hear("word", voice=voice)).pcm == toy_sound("word")
    assert speech.rates[0] == rate


async def test_hanging_up_cancels_before_during_and_while_blocked(client: Client, speech: ToySpeech) -> None:
    before = open_descriptors()
    speech.delay = 1000.0
    os.close(await client.synthesize("before the first sound"))
    await until(lambda: speech.cancelled == [1])
    speech.delay = 0.0
    blocked = await client.synthesize("blocked " * 100)
    await until(lambda: speech.made >= 10)
    os.close(blocked)
    await until(lambda: speech.cancelled == [1, 2])
    speech.delay = 0.01
    running = await client.synthesize("running " * 100)
    await asyncio.to_thread(os.read, running, 100)
    os.close(running)
    await until(lambda: speech.cancelled == [1, 2, 3])
    assert speech.finished == []
    await until(lambda: open_descriptors() == before)


async def test_leaving_closes_the_pipes_with_a_header(address: str) -> None:
    speech = ToySpeech(delay=1000.0)
    client = await Client.connect(address)
    async with serving(address, "dbus-next", speech):
        waiting = await client.synthesize("never to be heard")
    assert read_strictly(waiting).pcm == b""
    os.close(waiting)
    await client.close()


async def test_a_text_of_a_megabyte(client: Client, speech: ToySpeech) -> None:
    text = "wörd " * 200_000
    pipe = await client.synthesize(text)
    assert len(await asyncio.to_thread(os.read, pipe, 4096)) > 1000
    assert speech.requests[0].text == text
    os.close(pipe)
    await until(lambda: speech.cancelled == [1])


async def test_a_client_that_dies(address: str, client: Client, speech: ToySpeech) -> None:
    program = (
        "import asyncio, os, sys\nfrom tests.frontends.spiel_client import Client\n"
        "async def main():\n client = await Client.connect(sys.argv[1])\n"
        " for _ in range(3): await client.synthesize('never read ' * 100)\n os.kill(os.getpid(), 9)\nasyncio.run(main())"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, address)
    await process.wait()
    await until(lambda: sorted(speech.cancelled) == [request.id for request in speech.requests])
    assert speech.finished == []
    assert (await client.hear("still here")).pcm


def test_a_flood_of_events_keeps_to_the_write_limit() -> None:
    framing = Framing(48000)
    for place in range(1000):
        framing.event(1, place, place + 1)
    writes = [*framing.audio(b"\1\2" * 5000), *framing.end()]
    assert all(0 < len(block) <= 4096 for block in writes)
    read_end, write_end = os.pipe()
    os.write(write_end, b"".join(writes))
    os.close(write_end)
    heard = read_strictly(read_end)
    os.close(read_end)
    assert len(heard.events) == 1000
    assert heard.pcm == b"\1\2" * 5000


async def test_eight_clients_with_twenty_utterances_a_third_cancelled(address: str, provider: Provider) -> None:
    before = open_descriptors()
    chance = random.Random(6)

    async def one_client(number: int) -> tuple[int, int]:
        client = await Client.connect(address)
        texts = [" ".join(f"w{number}x{place}" for _ in range(chance.randint(0, 60))) for place in range(20)]
        pipes = [await client.synthesize(text) for text in texts]
        heard = dropped = 0
        for text, pipe in zip(texts, pipes, strict=True):
            if chance.random() < 1 / 3:
                if chance.random() < 0.5 and text:
                    await asyncio.to_thread(os.read, pipe, chance.randint(1, 20000))
                dropped += 1
            else:
                utterance = await asyncio.to_thread(read_strictly, pipe, len(text))
                assert utterance.pcm == b"".join(toy_sound(word) for word in text.split())
                heard += 1
            os.close(pipe)
        await client.close()
        return heard, dropped

    counts = await asyncio.gather(*(one_client(number) for number in range(8)))
    assert sum(heard + dropped for heard, dropped in counts) == 160
    await until(lambda: open_descriptors() == before)


async def test_many_utterances_leave_nothing_behind(client: Client, speech: ToySpeech) -> None:
    speech.seconds = 0.001

    async def some(count: int) -> None:
        for _ in range(count):
            await client.hear("tiny")

    await some(50)
    gc.collect()
    before, objects = open_descriptors(), len(gc.get_objects())
    await some(300)
    speech.requests.clear()
    gc.collect()
    assert open_descriptors() == before
    assert len(gc.get_objects()) - objects < 300


@pytest.mark.parametrize("letter", ["a", "é"])
async def test_a_text_that_no_frame_of_the_socket_could_hold_is_refused(
    client: Client, speech: ToySpeech, letter: str
) -> None:
    most = wire.MAX_FRAME // len(letter.encode())
    pipe = await client.synthesize(letter * most)
    os.close(pipe)
    before = open_descriptors()
    read_end, write_end = os.pipe()
    arguments = (0, letter * (most + 1), "toy-16000", 1.0, 1.0, False, "")
    reply = await client.call(OBJECT_PATH, INTERFACE, "Synthesize", "hssddbs", *arguments, fds=[write_end])
    os.close(write_end)
    assert reply.error_name == "org.freedesktop.DBus.Error.InvalidArgs"
    assert reply.body == [f"a text of {wire.MAX_FRAME + len(letter.encode())} bytes; at most {wire.MAX_FRAME} are accepted"]
    assert os.read(read_end, 1) == b""  # nobody waits for sound
    os.close(read_end)
    assert open_descriptors() <= before and len(speech.requests) <= 1
    assert (await client.hear("one more")).pcm == toy_sound("one") + toy_sound("more")


async def test_what_one_client_has_waiting_has_a_limit_too(
    address: str, client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spiel, "MOST_WAITING", 1000)
    pipes = [await client.synthesize("word " * 100) for _ in range(3)]  # nobody reads: they wait
    with pytest.raises(AssertionError, match="InvalidArgs"):
        await client.synthesize("word")
    monkeypatch.setattr(spiel, "MOST_WAITING", 10_000)
    monkeypatch.setattr(spiel, "MOST_OF_ALL", 1000)
    monkeypatch.setattr(spiel, "LITTLE", 10)
    with pytest.raises(AssertionError, match="InvalidArgs"):  # all together
        await client.synthesize("word")
    other = await Client.connect(address)
    assert (await other.hear("word")).pcm == toy_sound("word")  # that is nobody else's trouble
    await other.close()
    for pipe in pipes:
        os.close(pipe)
    await until(lambda: not provider._sizes)
    assert (await client.hear("word")).pcm == toy_sound("word")
