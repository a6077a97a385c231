"""The neural voice on the desktop: the module starts the daemon, and speech goes on when that is killed."""

import json
import os
import shutil
import signal
import time
from dataclasses import replace

import pytest

from speechd_neural.desktop.ssip import Ssip
from speechd_neural.frontends import wire
from tests.toy_voice import CONTRACT, write_toy_voice

PARAGRAPH = "This is a sentence of some length, and it goes on. " * 12


@pytest.fixture
def neural(desktop):
    """Set up, with a deadline that even a busy machine keeps; yields a connected client."""
    done = desktop.neural("setup", "--no-default")
    assert done.returncode == 0, done.stdout + done.stderr
    conf = desktop.home / ".config/speech-dispatcher/modules/neural.conf"
    conf.write_text(conf.read_text() + "Deadline 5000\n")
    own = desktop.home / ".config/speechd-neural/config.yaml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("fallback:\n  deadline_ms: 5000\n")
    for pid in daemons(desktop):
        os.kill(pid, signal.SIGTERM)
    until("the daemon of the setup has gone", lambda: not daemons(desktop))
    desktop.start_server()
    desktop.record()
    with Ssip(desktop.server_socket) as client:
        client.ask("SET SELF OUTPUT_MODULE neural")
        client.ask("SET SELF NOTIFICATION ALL ON")
        until("the daemon has a voice", lambda: status(desktop).get("voice"))
        yield client


def until(what: str, condition, timeout: float = 30):
    end = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < end, f"waited {timeout} s until {what}"
        time.sleep(0.05)
    return result


def daemons(desktop) -> list[int]:
    return [pid for pid, command in desktop.pids().items() if command.endswith("speechd-neural daemon ")]


def status(desktop) -> dict:
    try:
        with wire.Client(desktop.run_dir / "speechd-neural/socket") as client:
            return client.ask({"do": "hello"}) | client.ask({"do": "status"})
    except Exception:
        return {}


def module_log(desktop) -> str:
    return (desktop.run_dir / "speech-dispatcher/log/neural.log").read_text()


def test_the_neural_voice_speaks(desktop, neural):
    start = len(desktop.heard())
    neural.speak("Hello, world.")
    assert neural.wait_for_end(20) == "END"
    assert desktop.is_heard(start)
    assert "the fallback speaks" not in module_log(desktop)
    assert len(daemons(desktop)) == 1
    voices = [line.split("\t")[0] for line in neural.ask("LIST SYNTHESIS_VOICES")[:-1]]
    assert status(desktop)["voice"] in voices


def test_other_languages_unknown_voices_and_every_setting_are_spoken(desktop, neural):
    for setting in (
        "LANGUAGE de", "LANGUAGE zz", "SYNTHESIS_VOICE nobody", "RATE 100", "PITCH -100", "VOLUME 10",
        "PUNCTUATION all", "SPELLING on", "CAP_LET_RECOGN spell", "VOICE_TYPE child_male",
    ):  # fmt: skip
        neural.ask(f"SET SELF {setting}")
        start = len(desktop.heard())
        neural.speak("Good Evening.")
        assert neural.wait_for_end(20) == "END", setting
        assert desktop.is_heard(start), setting


def test_a_voice_that_is_installed_is_listed_spoken_with_and_forgotten_when_it_goes(desktop, neural):
    def listed() -> bool:
        return any(line.split("\t")[0] == "anna" for line in neural.ask("LIST SYNTHESIS_VOICES"))

    voices = desktop.home / ".local/share/speechd-neural/voices"
    assert not listed()
    write_toy_voice(voices / ".anna", contract=replace(CONTRACT, sample_rate=22050, hop_length=220), level=1.0)
    (voices / ".anna").rename(voices / "anna")
    until("the voice is listed", listed)
    neural.ask("SET SELF SYNTHESIS_VOICE anna")
    for _ in range(2):  # the first time it may still be on its way into memory
        start = len(desktop.heard())
        neural.speak("Good Evening.")
        assert neural.wait_for_end(20) == "END"
        assert desktop.is_heard(start)
    with wire.Client(desktop.run_dir / "speechd-neural/socket") as client:
        assert client.ask({"do": "status"})["voices_in_memory"] == ["anna"]
    shutil.rmtree(voices / "anna")
    until("the voice is not listed any more", lambda: not listed())
    start = len(desktop.heard())
    neural.speak("Good Night.")
    assert neural.wait_for_end(20) == "END"
    assert desktop.is_heard(start)


def test_a_killed_daemon_is_replaced_in_mid_utterance_and_comes_back(desktop, neural):
    (before,) = daemons(desktop)
    start = len(desktop.heard())
    neural.speak(PARAGRAPH)
    until("it is heard", lambda: desktop.is_heard(start))
    os.kill(before, signal.SIGKILL)
    time.sleep(1.5)  # what was on its way has been heard by now
    after = len(desktop.heard())
    until("it is heard again", lambda: desktop.is_heard(after))
    neural.ask("CANCEL SELF")
    assert neural.wait_for_end(5) == "CANCEL"
    until("a daemon is back", lambda: daemons(desktop) not in ([], [before]))
    until("it has a voice", lambda: status(desktop).get("voice"))
    fallbacks = module_log(desktop).count("the fallback speaks")
    assert fallbacks == 1
    neural.speak("Hello again.")
    assert neural.wait_for_end(20) == "END"
    assert module_log(desktop).count("the fallback speaks") == fallbacks


def test_a_frozen_daemon_is_replaced_too(desktop, neural):
    (pid,) = daemons(desktop)
    start = len(desktop.heard())
    neural.speak(PARAGRAPH)
    until("it is heard", lambda: desktop.is_heard(start))
    os.kill(pid, signal.SIGSTOP)
    try:
        until("the fallback takes over", lambda: "has stalled" in module_log(desktop))
        after = len(desktop.heard())
        until("it is heard", lambda: desktop.is_heard(after))
        neural.ask("CANCEL SELF")
        assert neural.wait_for_end(5) == "CANCEL"
    finally:
        os.kill(pid, signal.SIGCONT)


def test_nothing_spoken_is_in_any_log(desktop, neural):
    neural.speak("Confidential matter about badgers.")
    assert neural.wait_for_end(20) == "END"
    logs = [*desktop.root.glob("log/*"), desktop.run_dir / "speech-dispatcher/log/neural.log"]
    for log in [*logs, desktop.run_dir / "speechd-neural/daemon.log"]:
        assert "badger" not in log.read_text(errors="replace")
    assert "badger" not in json.dumps(status(desktop))
