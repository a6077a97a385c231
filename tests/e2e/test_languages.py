"""Which voice speaks through the real Speech Dispatcher: a second language's own, and a named one in any locale."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator

import pytest

from speechd_neural.desktop.ssip import Ssip
from tests.e2e.conftest import LIMIT, ROOT, Desktop, wait_for
from tests.tok.voice import write_voice

# The daemon as it is, with the one line that adds the language of tests/tok.
DAEMON = "import sys; from speechd_neural.text import wings; wings.WINGS.append('tests.tok')\n" \
         "from speechd_neural.cli import main; sys.exit(main(['daemon']))"  # fmt: skip


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    private = Desktop()
    try:
        private.start()
        done = private.neural("setup", "--no-default", "--quiet")
        assert done.returncode == 0, done.stdout + done.stderr
        write_voice(private.home / ".local/share/speechd-neural/voices/jan")
        settings = private.home / ".config/speechd-neural/config.yaml"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("fallback:\n  deadline_ms: 0\n")  # who speaks is what is asked here, not how soon
        begun = [pid for pid, command in private.pids().items() if "speechd-neural daemon" in command]
        for pid in begun:  # by the set-up, without the line
            os.kill(pid, signal.SIGTERM)
        wait_for("its end", lambda: not private.pids().keys() & set(begun))
        private.spawn("env", f"PYTHONPATH={ROOT}", sys.executable, "-c", DAEMON)
        wait_for("the daemon", lambda: private.neural("status").returncode == 0)
        private.start_server()
        private.record()
        yield private
    finally:
        private.close()


def status(desktop: Desktop) -> dict[str, object]:
    done = desktop.neural("status", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def say(desktop: Desktop, text: str, *settings: str) -> None:
    with Ssip(desktop.server_socket, LIMIT) as client:
        client.ask("SET SELF CLIENT_NAME user:test:main")
        client.ask("SET SELF OUTPUT_MODULE neural")
        client.ask("SET SELF NOTIFICATION ALL ON")
        for setting in settings:
            client.ask(f"SET SELF {setting}")
        start = desktop.now()
        client.speak(text)
        assert client.wait_for_end(LIMIT) == "END"
        desktop.hears(start)
        desktop.falls_silent(start)


def test_both_languages_are_listed(desktop: Desktop) -> None:
    with Ssip(desktop.server_socket, LIMIT) as client:
        client.ask("SET SELF OUTPUT_MODULE neural")
        voices = [tuple(line.split("\t")[:2]) for line in client.ask("LIST SYNTHESIS_VOICES")[:-1]]
    assert any(voice[0].endswith("rms") and voice[1] == "en-US" for voice in voices)
    assert any(voice[0].endswith("jan") and voice[1] == "tok" for voice in voices)


@pytest.mark.parametrize("settings", [("SYNTHESIS_VOICE jan",), ("LANGUAGE tok",), ("LANGUAGE fr", "SYNTHESIS_VOICE jan")])
def test_a_second_language_speaks(desktop: Desktop, settings: tuple[str, ...]) -> None:
    before = status(desktop)["fallbacks"]
    say(desktop, "toki! jan 3 li moku", *settings)
    after = status(desktop)
    assert after["fallbacks"] == before and after["voices_in_memory"] == ["jan"]


@pytest.mark.parametrize("settings", [("LANGUAGE fr", "SYNTHESIS_VOICE rms"), ("SYNTHESIS_VOICE rms", "LANGUAGE fr")])
def test_a_named_voice_wins_over_the_language_in_either_order(desktop: Desktop, settings: tuple[str, ...]) -> None:
    before = status(desktop)["fallbacks"]
    say(desktop, "Hello world", *settings)
    assert status(desktop)["fallbacks"] == before


@pytest.mark.parametrize("arguments", [("-l", "fr_FR", "-y", "rms"), ("-l", "de", "-y", "rms"), ("-y", "rms", "-l", "tok")])
def test_a_named_voice_wins_with_spd_say(desktop: Desktop, arguments: tuple[str, ...]) -> None:
    before, start = status(desktop)["fallbacks"], desktop.now()
    done = desktop.run("spd-say", "-o", "neural", "-w", *arguments, "Hello world")
    assert done.returncode == 0, done.stderr
    desktop.hears(start)
    assert status(desktop)["fallbacks"] == before


def test_text_in_a_language_that_no_voice_has_is_the_fallbacks(desktop: Desktop) -> None:
    before = status(desktop)["fallbacks"]
    say(desktop, "Bonjour", "LANGUAGE fr")
    assert status(desktop)["fallbacks"] > before
