"""The neural voice on the desktop: the module starts the daemon, and speech goes on when that is killed."""

import contextlib
import json
import os
import shutil
import signal
import time
from dataclasses import replace

import pytest

from speechd_neural.desktop.ssip import Ssip
from speechd_neural.errors import DaemonError
from speechd_neural.frontends.client import Client
from tests.e2e.conftest import LIMIT, wait_for
from tests.toy_bundle import CONTRACT, write_toy_voice

PARAGRAPH = "This is a sentence of some length, and it goes on. " * 12


@pytest.fixture
def neural(desktop):
    """Set up, with a deadline that even a busy machine keeps; yields a connected client."""
    done = desktop.neural("setup", "--no-default", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    conf = desktop.home / ".config/speech-dispatcher/modules/neural.conf"
    conf.write_text(conf.read_text() + "Deadline 5000\n")
    own = desktop.home / ".config/speechd-neural/config.yaml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("fallback:\n  deadline_ms: 5000\n")
    for pid in daemons(desktop):
        with contextlib.suppress(ProcessLookupError):  # a second one, that has found the first, is gone at once
            os.kill(pid, signal.SIGTERM)
    wait_for("the end of the setup's daemon", lambda: not daemons(desktop))
    desktop.start_server()
    desktop.record()
    with Ssip(desktop.server_socket, LIMIT) as client:
        client.ask("SET SELF OUTPUT_MODULE neural")
        client.ask("SET SELF NOTIFICATION ALL ON")
        wait_for("the voice", lambda: has_a_voice(desktop, client))
        desktop.falls_silent(desktop.now())
        yield client


def has_a_voice(desktop, client) -> bool:
    """Whether the daemon has one and the module is connected to it; nobody else is, but who asks."""
    found = status(desktop)
    if found.get("voice") and found["clients"] > 1:
        return True
    client.ask("CHAR x")  # a module that nothing is asked of soon looks for the daemon no more
    assert client.wait_for_end(LIMIT) == "END"
    return False


def fallbacks(desktop) -> int:
    return module_log(desktop).count("the fallback speaks")


def daemons(desktop) -> list[int]:
    return [pid for pid, command in desktop.pids().items() if command.endswith("speechd-neural daemon ")]


def status(desktop) -> dict:
    """Empty where there is no daemon."""
    try:
        with Client(desktop.run_dir / "speechd-neural/socket") as client:
            return client.ask({"do": "status"}, timeout=LIMIT)
    except DaemonError:
        return {}


def module_log(desktop) -> str:
    return (desktop.run_dir / "speech-dispatcher/log/neural.log").read_text()


def test_the_neural_voice_speaks(desktop, neural):
    start, before = desktop.now(), fallbacks(desktop)
    neural.speak("Hello, world.")
    assert neural.wait_for_end(LIMIT) == "END"
    desktop.hears(start)
    assert fallbacks(desktop) == before
    wait_for("a single daemon", lambda: len(daemons(desktop)) == 1)
    voices = [line.split("\t")[0] for line in neural.ask("LIST SYNTHESIS_VOICES")[:-1]]
    assert status(desktop)["voice"] in voices


def test_other_languages_unknown_voices_and_every_setting_are_spoken(desktop, neural):
    for setting in (
        "LANGUAGE de", "LANGUAGE zz", "SYNTHESIS_VOICE nobody", "RATE 100", "PITCH -100", "VOLUME 10",
        "PUNCTUATION all", "SPELLING on", "CAP_LET_RECOGN spell", "VOICE_TYPE child_male",
    ):  # fmt: skip
        neural.ask(f"SET SELF {setting}")
        start = desktop.now()
        neural.speak("Good Evening.")
        assert neural.wait_for_end(LIMIT) == "END", setting
        desktop.hears(start)
        desktop.falls_silent(start)


def test_a_voice_that_is_installed_is_listed_spoken_with_and_forgotten_when_it_goes(desktop, neural):
    def listed() -> bool:
        return any(line.split("\t")[0] == "anna" for line in neural.ask("LIST SYNTHESIS_VOICES"))

    voices = desktop.home / ".local/share/speechd-neural/voices"
    assert not listed()
    write_toy_voice(voices / ".anna", contract=replace(CONTRACT, sample_rate=22050, hop_length=220), level=1.0)
    (voices / ".anna").rename(voices / "anna")
    wait_for("the voice to be listed", listed)
    neural.ask("SET SELF SYNTHESIS_VOICE anna")
    for _ in range(2):  # the first time it may still be on its way into memory
        start = desktop.now()
        neural.speak("Good Evening.")
        assert neural.wait_for_end(LIMIT) == "END"
        desktop.hears(start)
        desktop.falls_silent(start)
    wait_for("it to be in memory", lambda: status(desktop).get("voices_in_memory") == ["anna"])
    shutil.rmtree(voices / "anna")
    wait_for("the voice to be listed no more", lambda: not listed())
    start = desktop.now()
    neural.speak("Good Night.")
    assert neural.wait_for_end(LIMIT) == "END"
    desktop.hears(start)


def test_a_killed_daemon_is_replaced_in_mid_utterance_and_comes_back(desktop, neural):
    killed, start, before = status(desktop)["pid"], desktop.now(), fallbacks(desktop)
    neural.speak(PARAGRAPH)
    desktop.hears(start)
    os.kill(killed, signal.SIGKILL)
    wait_for("the fallback", lambda: fallbacks(desktop) == before + 1)
    time.sleep(1.5)  # what was on its way has been heard by now
    desktop.hears(desktop.now())
    neural.ask("CANCEL SELF")
    assert neural.wait_for_end(LIMIT) == "CANCEL"
    wait_for("another daemon", lambda: status(desktop).get("pid") not in (None, killed))
    wait_for("its voice", lambda: has_a_voice(desktop, neural))
    before = fallbacks(desktop)
    neural.speak("Hello again.")
    assert neural.wait_for_end(LIMIT) == "END"
    assert fallbacks(desktop) == before


def test_a_frozen_daemon_is_replaced_too(desktop, neural):
    pid, start = status(desktop)["pid"], desktop.now()
    neural.speak(PARAGRAPH)
    desktop.hears(start)
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for("the fallback", lambda: "has stalled" in module_log(desktop))
        desktop.hears(desktop.now())
        neural.ask("CANCEL SELF")
        assert neural.wait_for_end(LIMIT) == "CANCEL"
    finally:
        os.kill(pid, signal.SIGCONT)


def test_nothing_spoken_is_in_any_log(desktop, neural):
    neural.speak("Confidential matter about badgers.")
    assert neural.wait_for_end(LIMIT) == "END"
    logs = [*desktop.root.glob("log/*"), desktop.run_dir / "speech-dispatcher/log/neural.log"]
    for log in [*logs, desktop.run_dir / "speechd-neural/daemon.log"]:
        assert "badger" not in log.read_text(errors="replace")
    assert "badger" not in json.dumps(status(desktop))
