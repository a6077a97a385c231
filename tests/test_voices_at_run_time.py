"""Voices that come, go, break and are asked for while the daemon runs: real bundles, real D-Bus, a strict client."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from speechd_neural import watching
from speechd_neural.commands.status import lines
from speechd_neural.frontends import control, spiel
from speechd_neural.frontends.bus import LIBRARIES
from speechd_neural.voice.bundle import WEIGHTS
from speechd_neural.voice.store import DEFAULT
from tests.daemon_client import AsyncClient, events, seconds
from tests.disk_parts import DiskParts, expected
from tests.frontends.spiel_client import Client, private_bus, until
from tests.running_daemon import Running
from tests.toy_bundle import CONTRACT, write_toy_voice

TEXT = "this is a sentence that is long enough to be heard"
HIGH = replace(CONTRACT, sample_rate=22050, n_fft=2048, hop_length=220, win_length=1100)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The voices default and anna of 16000 Hz, and berta of 22050 Hz."""
    path = tmp_path_factory.mktemp("bundles")
    write_toy_voice(path / DEFAULT, seed=1, level=1.0)
    write_toy_voice(path / "anna", seed=2, level=1.0)
    write_toy_voice(path / "berta", seed=3, contract=HIGH, level=1.0)
    return path


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with private_bus() as address:
        yield address


@pytest.fixture
def parts(tmp_path: Path, bundles: Path) -> DiskParts:
    parts = DiskParts(tmp_path)
    shutil.copytree(bundles / DEFAULT, parts.package / DEFAULT)
    return parts


@contextlib.asynccontextmanager
async def serving(root: Path, parts: DiskParts, config: str = "") -> AsyncIterator[Running]:
    running = Running(root, config, parts, with_bus=True)
    await running.start()
    try:
        yield running
    finally:
        parts.gate.set()
        await running.close()


@pytest.fixture(params=sorted(LIBRARIES))
def on_bus(address: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The environment of a daemon that uses this library on the private bus."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("SPEECHD_NEURAL_DBUS", request.param)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(watching, "INTERVAL", 0.05)
    return address


@pytest.fixture
async def running(on_bus: str, tmp_path: Path, parts: DiskParts) -> AsyncIterator[Running]:
    async with serving(tmp_path, parts) as running:
        yield running


@pytest.fixture
async def client(on_bus: str, running: Running) -> AsyncIterator[Client]:
    client = await Client.connect(on_bus)
    yield client
    await client.close()


class Changes:
    """The names in each PropertiesChanged of the provider and of the control interface."""

    def __init__(self) -> None:
        self.of: dict[str, asyncio.Queue[list[str]]] = {spiel.INTERFACE: asyncio.Queue(), control.INTERFACE: asyncio.Queue()}

    def __call__(self, message: Any) -> None:
        if message.member == "PropertiesChanged":
            interface, changed, invalidated = message.body
            assert invalidated == []
            if "Voices" in changed:
                self.of[interface].put_nowait([voice[0] for voice in changed["Voices"].value])

    async def both(self) -> list[str]:
        first, second = [await asyncio.wait_for(queue.get(), 60) for queue in self.of.values()]
        assert first == second
        return first


async def test_everybody_hears_of_voices_that_come_go_and_break(
    client: Client, running: Running, parts: DiskParts, bundles: Path
) -> None:
    changes = Changes()
    client.bus.add_message_handler(changes)
    for name in (spiel.BUS_NAME, control.BUS_NAME):
        await client.subscribe(name)
    listener = await running.client()

    async def told() -> list[str]:
        return [voice["name"] for voice in (await listener.reply("voices"))["voices"]]

    listener.send({"do": "voices", "follow": True})
    assert await told() == [DEFAULT] == [voice[0] for voice in await client.voices()]

    shutil.copytree(bundles / "berta", parts.user / "berta")
    while (names := await changes.both()) != [DEFAULT, "berta"]:
        assert names == [DEFAULT]
    assert await told() == [DEFAULT, "berta"]
    assert [voice[1:3] for voice in await client.voices()] == [
        [f"{DEFAULT}-16000", "audio/x-spiel,format=S16LE,channels=1,rate=16000"],
        ["berta-22050", "audio/x-spiel,format=S16LE,channels=1,rate=22050"],
    ]

    with (parts.user / "berta" / WEIGHTS).open("r+b") as file:
        file.truncate(5000)
    assert await changes.both() == [DEFAULT] == await told()
    status = running.daemon.status()
    assert status["voices"] == [DEFAULT] and "damaged" in status["broken_voices"]["berta"]

    shutil.copy(bundles / "berta" / WEIGHTS, parts.user / "berta")
    assert await changes.both() == [DEFAULT, "berta"] == await told()
    shutil.rmtree(parts.user / "berta")
    assert await changes.both() == [DEFAULT] == await told()
    await until(lambda: running.daemon.status()["broken_voices"] == {})  # seen when half of it had gone, it was broken


async def test_all_are_listed_before_any_is_loaded(on_bus: str, tmp_path: Path, parts: DiskParts, bundles: Path) -> None:
    shutil.copytree(bundles, parts.user)
    parts.gate.clear()
    running = Running(tmp_path, "voice: {name: berta}\n", parts, with_bus=True)
    starting = asyncio.create_task(running.start())
    client = await Client.connect(on_bus)
    while (await client.call("/", "org.freedesktop.DBus.Peer", "Ping")).error_name is not None:
        await asyncio.sleep(0.01)
    assert [voice[0] for voice in await client.voices()] == ["berta", DEFAULT, "anna"]
    assert running.daemon.status()["voice"] == ""
    parts.gate.set()
    await starting
    assert running.daemon.status()["voice"] == "berta"
    await client.close()
    await running.close()


async def test_two_voices_speak_at_the_same_time_each_at_its_own_rate(
    client: Client, running: Running, parts: DiskParts, bundles: Path
) -> None:
    shutil.copytree(bundles / "anna", parts.user / "anna")
    shutil.copytree(bundles / "berta", parts.user / "berta")
    await until(lambda: len(running.daemon.speech.voices()) == 3)
    rates = {DEFAULT: 16000, "anna": 16000, "berta": 22050}
    texts = [f"number {number} of them" for number in ("one", "two")]
    wanted = [(voice, text) for text in texts for voice in rates]
    heard = await asyncio.gather(*(client.hear(text, voice=f"{voice}-{rates[voice]}") for voice, text in wanted))
    for (voice, text), utterance in zip(wanted, heard, strict=True):
        assert utterance.pcm == expected(bundles / voice, text, rates[voice]), (voice, text)
        assert len(utterance.events) == 5
    status = running.daemon.status()
    assert (status["voice"], status["voices_in_memory"], status["fallbacks"]) == (DEFAULT, ["anna", "berta"], 0)
    # What each has said is found again in the cache, and is still its own.
    hits = status["cache"]["hits_memory"]
    again = await client.hear(texts[0], voice="berta-22050")
    assert again.pcm == expected(bundles / "berta", texts[0], 22050)
    assert running.daemon.status()["cache"]["hits_memory"] > hits


async def test_a_voice_that_is_gone_is_spoken_for(
    client: Client, running: Running, parts: DiskParts, bundles: Path, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    shutil.copytree(bundles / "berta", parts.user / "berta")
    await until(lambda: len(running.daemon.speech.voices()) == 2)
    await client.hear("hello", voice="berta-22050")
    assert running.daemon.status()["voices_in_memory"] == ["berta"]
    (parts.user / "berta").rename(tmp_path / "gone")  # at once: half a voice would be told of twice
    await until(lambda: not running.daemon.status()["voices_in_memory"])
    heard = await client.hear(TEXT, voice="berta-22050")
    assert heard.pcm == expected(bundles / DEFAULT, TEXT, 22050)
    assert caplog.text.count("there is no voice 'berta-22050'") == 1
    own = await running.client()
    for id in range(3):
        own.speak(id, "hello", settings={"voice": "berta"})
        assert events(await own.utterance(id))[-1] == "end"
    assert caplog.text.count("there is no voice 'berta'") == 1


async def test_a_voice_that_takes_long_to_load_is_spoken_for_and_holds_up_nobody(
    on_bus: str, tmp_path: Path, parts: DiskParts, bundles: Path
) -> None:
    shutil.copytree(bundles / "berta", parts.user / "berta")
    async with serving(tmp_path, parts) as running:
        running.daemon.pipeline.means.change_options(replace(running.daemon.pipeline.means.options, deadline=5.0))
        parts.gate.clear()
        one, other = await running.client(), await running.client()
        one.speak(1, TEXT, settings={"voice": "berta"})
        await until(lambda: running.daemon.speech.statistics()["requests"] == 1)
        other.speak(1, "meanwhile")
        assert events(await other.utterance(1))[-1] == "end"
        assert not one.ended
        frames = await one.utterance(1)
        assert frames[0].body["sample_rate"] == 22050 and seconds(frames, 22050) > 0.2
        assert running.daemon.status()["voices_in_memory"] == [] and running.daemon.pipeline.tally.fallbacks == 0
        parts.gate.set()
        await until(lambda: running.daemon.status()["voices_in_memory"] == ["berta"])


async def stops_while_it_waits(one: AsyncClient) -> None:
    one.speak(7, "hello", settings={"voice": "berta"})
    one.send({"do": "stop", "id": 7})
    assert events(await one.utterance(7))[-1] == "stopped"


async def test_a_stop_does_not_wait_for_a_voice(on_bus: str, tmp_path: Path, parts: DiskParts, bundles: Path) -> None:
    shutil.copytree(bundles / "berta", parts.user / "berta")
    async with serving(tmp_path, parts) as running:  # the deadline is off: it would wait for ever
        parts.gate.clear()
        one = await running.client()
        await asyncio.wait_for(stops_while_it_waits(one), 60)
        one.speak(8, "hello")
        assert events(await one.utterance(8))[-1] == "end"


async def test_a_voice_that_does_not_load_is_unlisted(
    on_bus: str, tmp_path: Path, parts: DiskParts, bundles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(bundles / "berta", parts.user / "berta")
    async with serving(tmp_path, parts) as running:
        monkeypatch.setenv("SPEECHD_NEURAL_CPU", "abacus")
        one = await running.client()
        one.speak(1, TEXT, settings={"voice": "berta"})
        assert events(await one.utterance(1))[-1] == "end"
        status = running.daemon.status()
        assert status["voices"] == [DEFAULT] and "abacus" in status["broken_voices"]["berta"]
        assert status["voice_error"] == ""


@pytest.mark.parametrize("how", ["removed", "truncated"])
async def test_the_active_voice_speaks_on_without_its_files(
    on_bus: str, tmp_path: Path, parts: DiskParts, bundles: Path, how: str
) -> None:
    shutil.copytree(bundles / "berta", parts.user / "berta")
    async with serving(tmp_path, parts, "voice: {name: berta}\n") as running:
        if how == "removed":
            shutil.rmtree(parts.user / "berta")
        else:
            with (parts.user / "berta" / WEIGHTS).open("r+b") as file:
                file.truncate(100)
        await until(lambda: "speaks on from memory" in running.daemon.status()["voice_error"])
        client = await Client.connect(on_bus)
        heard = await client.hear(TEXT, voice="berta-22050")
        assert heard.pcm == expected(bundles / "berta", TEXT, 22050)
        assert [voice[0] for voice in await client.voices()] == ["berta", DEFAULT]
        own = await running.client()
        assert (await own.ask({"do": "reload"}))["ok"]
        await own.ask({"do": "voices"})
        status = running.daemon.status()
        assert "berta" in status["voice_error"] and status["voice"] == "berta"
        await client.close()
    async with serving(tmp_path, parts, "voice: {name: berta}\n") as running:
        status = running.daemon.status()
        assert "berta" in status["voice_error"] and (status["voice"], status["voices"]) == (DEFAULT, [DEFAULT])


async def test_a_voice_too_slow_for_the_machine_gives_way_until_it_is_measured_quicker(
    on_bus: str, tmp_path: Path, parts: DiskParts, bundles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(bundles / "anna", parts.user / "anna")
    shutil.copytree(bundles / "berta", parts.user / "berta")
    parts.factors = {"anna": 2.0, "berta": 0.5}
    async with serving(tmp_path, parts, "voice: {name: berta}\n") as running:
        client = await running.client()
        status = await client.ask({"do": "status"})
        assert status["voice"] == DEFAULT and status["voice_error"].startswith("voice berta is too slow for this machine")
        told = [line for line in lines({**status, "mistakes": []}) if "slow" in line]
        assert told == [f"Voice problem: {status['voice_error']}"]
        client.speak(1, TEXT, settings={"voice": "anna"})  # one that is asked for by name leaves holes just as well
        assert events(await client.utterance(1))[-1] == "end"
        assert set(running.daemon.status()["broken_voices"]) == {"anna", "berta"}
        parts.factors = {"anna": 2.0}
        monkeypatch.setattr(running.daemon.loading, "_slow_again", 0.0)  # the time has come
        await until(lambda: running.daemon.status()["voice_error"] == "")
        status = running.daemon.status()
        assert status["voice"] == "berta" and status["broken_voices"] == {}


async def test_where_all_are_too_slow_the_quickest_speaks(
    on_bus: str, tmp_path: Path, parts: DiskParts, bundles: Path
) -> None:
    shutil.copytree(bundles / "anna", parts.user / "anna")
    parts.factors = {DEFAULT: 0.5, "anna": 0.4}
    async with serving(tmp_path, parts) as running:
        client = await running.client()
        client.speak(1, TEXT)
        assert events(await client.utterance(1))[-1] == "end"
        status = running.daemon.status()
        assert status["voice"] == "anna" and status["voice_error"].startswith(f"voice {DEFAULT} is too slow")


async def test_a_slow_voice_that_is_chosen_does_not_take_the_place_of_the_one_that_speaks(
    on_bus: str, tmp_path: Path, parts: DiskParts, bundles: Path
) -> None:
    shutil.copytree(bundles / "berta", parts.user / "berta")
    parts.factors = {"berta": 0.5}
    async with serving(tmp_path, parts) as running:
        (tmp_path / "config.yaml").write_text("voice: {name: berta}\n")
        client = await running.client()
        assert (await client.ask({"do": "reload"}))["ok"]
        await client.ask({"do": "voices"})
        status = running.daemon.status()
        assert status["voice"] == DEFAULT and "berta is too slow" in status["voice_error"]
