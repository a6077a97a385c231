"""A second language, added as a newcomer adds one, spoken through the daemon and D-Bus; and which voice a request means."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from speechd_neural.core import fallback
from speechd_neural.errors import VoiceError
from speechd_neural.frontends import wire
from speechd_neural.text import wings
from speechd_neural.types import Settings
from speechd_neural.voice.languages import readable
from speechd_neural.voice.store import DEFAULT
from tests.daemon_client import AsyncClient, events
from tests.disk_parts import DiskParts, expected
from tests.frontends.spiel_client import Client, private_bus
from tests.running_daemon import Running
from tests.tok.voice import write_voice
from tests.toy_voice import manifest, write_toy_voice

TOKI = "toki! jan 3 li moku"
ENGLISH = "say 3 words"
RATE = 16000


@pytest.fixture(autouse=True)
def toki_pona(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line that adds it."""
    monkeypatch.setattr(wings, "WINGS", [*wings.WINGS, "tests.tok"])


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundles")
    write_toy_voice(path / DEFAULT, seed=1, level=1.0)
    write_voice(path / "jan")
    write_toy_voice(path / "nobody", seed=5, level=1.0, languages=("xx",))
    return path


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with private_bus() as address:
        yield address


@pytest.fixture
async def running(
    address: str, tmp_path: Path, bundles: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    parts = DiskParts(tmp_path)
    shutil.copytree(bundles, parts.package)
    running = Running(tmp_path, parts=parts, with_bus=True)
    await running.start()
    yield running
    await running.close()


@pytest.fixture
async def client(running: Running) -> AsyncClient:
    return await running.client()


async def heard(client: AsyncClient, text: str, **settings: Any) -> bytes:
    client.speak(1, text, settings=settings)
    frames = await client.utterance(1)
    assert events(frames)[-1] == "end"
    return b"".join(frame.data for frame in frames if isinstance(frame, wire.Pcm))


@pytest.mark.parametrize(
    "settings",
    [{"voice": "jan"}, {"language": "tok"}, {"voice": "jan", "language": "tok"}, {"voice": "jan", "language": "fr-FR"}],
    ids=str,
)
async def test_a_second_language_speaks_by_its_voice(
    running: Running, client: AsyncClient, bundles: Path, settings: dict[str, str]
) -> None:
    assert await heard(client, TOKI, **settings) == expected(bundles / "jan", TOKI, RATE, Settings())
    status = running.daemon.status()
    assert (status["fallbacks"], status["voices_in_memory"]) == (0, ["jan"])


@pytest.mark.parametrize("language", [None, "en-GB", "fr", "fr_FR.UTF-8", "de", "tok", "xx_YY@z", "", "en-" + "a" * 10_000])
async def test_a_voice_that_is_named_wins_over_the_locale(
    running: Running, client: AsyncClient, bundles: Path, language: str | None
) -> None:
    said = await heard(client, ENGLISH, voice=DEFAULT, language=language)
    assert said == expected(bundles / DEFAULT, ENGLISH, RATE, Settings())
    assert running.daemon.status()["fallbacks"] == 0


async def test_text_in_a_language_that_no_voice_has_is_the_fallbacks(running: Running, client: AsyncClient) -> None:
    assert await heard(client, "Bonjour", language="fr")
    assert running.daemon.status()["fallbacks"] == 1
    marked = '<speak>one <s xml:lang="fr">Bonjour</s> two</speak>'
    client.speak(2, marked, kind="ssml", settings={"voice": DEFAULT, "language": "de"})
    assert events(await client.utterance(2))[-1] == "end"
    assert running.daemon.status()["fallbacks"] == 2


@pytest.mark.parametrize(
    ("language", "line"),
    [("yy_ZZ@z", "nobody here speaks 'yy-ZZ'"), ("nonsense!", "no language"), ("en-" + "a" * 10_000, "no language")],
)
async def test_a_language_that_nobody_has_is_one_line_and_speech_goes_on(
    running: Running, client: AsyncClient, bundles: Path, caplog: pytest.LogCaptureFixture, language: str, line: str
) -> None:
    assert fallback.languages()
    async with asyncio.timeout(60):
        while not running.daemon.means.voices.fallback_speaks:  # asked for behind the voice; until then it might
            await asyncio.sleep(0.01)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            said = await heard(client, ENGLISH, language=language)
            assert said == expected(bundles / DEFAULT, ENGLISH, RATE, Settings())
    told = [record.getMessage() for record in caplog.records if line in record.getMessage()]
    assert len(told) == 1 and len(told[0]) < 150 and "\n" not in told[0]


async def test_a_voice_whose_language_nobody_reads_is_a_line_and_another_speaks(
    running: Running, client: AsyncClient, bundles: Path
) -> None:
    await heard(client, ENGLISH, voice="nobody")
    problem = running.daemon.status()["broken_voices"]["nobody"]
    assert "voice nobody speaks xx" in problem and "there are: en, tok" in problem and "\n" not in problem
    assert await heard(client, ENGLISH) == expected(bundles / DEFAULT, ENGLISH, RATE, Settings())


async def test_over_the_bus_too(address: str, running: Running, bundles: Path) -> None:
    client = await Client.connect(address)
    voices = {voice[0]: voice[1:] for voice in await client.voices()}
    assert voices["jan"][0] == "jan-16000" and voices["jan"][-1] == ["tok"]
    said = await client.hear(TOKI, voice="jan-16000", language="tok")
    assert said.pcm == expected(bundles / "jan", TOKI, RATE)
    english = await client.hear(ENGLISH, voice=f"{DEFAULT}-16000", language="fr-FR")
    assert english.pcm == expected(bundles / DEFAULT, ENGLISH, RATE)
    assert running.daemon.status()["fallbacks"] == 0
    await client.close()


def test_by_its_manifest_alone_a_voice_is_taken_or_refused() -> None:
    from dataclasses import replace

    toy = manifest()
    assert readable(replace(toy, languages=("en-US", "tok", "xx")), "toy") == {"en": True, "tok": True}
    assert readable(replace(toy, languages=("xx", "en")), "toy") == {"en": True}
    assert readable(replace(toy, languages=("xx-YY",), reads="characters"), "toy") == {"xx": False}
    assert readable(replace(toy, languages=("xx",), spelling={"a": "aa1"}), "toy") == {"xx": False}
    for languages in (("xx",), ("xx_YY@z",), ("nonsense!",), ("a" * 10_000,)):
        with pytest.raises(VoiceError, match="nothing here makes phones of that; there are: en, tok") as caught:
            readable(replace(toy, languages=languages), "toy")
        assert len(str(caught.value)) < 300 and "\n" not in str(caught.value)
