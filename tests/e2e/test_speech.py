"""spd-say and SSIP clients, the real Speech Dispatcher, our module, and what comes out at the sink."""

import os
import random
import signal
import threading
import time

import pytest

from speechd_neural.desktop.ssip import Ssip
from tests.e2e.conftest import LIMIT, wait_for

PARAGRAPH = "This is a sentence of some length, and it goes on. " * 12


@pytest.fixture
def client(spoken_desktop):
    with Ssip(spoken_desktop.server_socket, LIMIT) as connection:
        connection.ask("SET SELF CLIENT_NAME user:test:main")
        connection.ask("SET SELF OUTPUT_MODULE neural")
        connection.ask("SET SELF NOTIFICATION ALL ON")
        yield connection
        connection.ask("CANCEL ALL")


def module_log(desktop) -> str:
    return (desktop.run_dir / "speech-dispatcher/log/neural.log").read_text()


def test_spd_say_is_heard(spoken_desktop):
    start = spoken_desktop.now()
    done = spoken_desktop.run("spd-say", "-o", "neural", "-w", "Hello")
    assert done.returncode == 0, done.stderr
    spoken_desktop.hears(start)


def test_the_module_is_still_there_after_a_silence(spoken_desktop, client):
    """The process that has started it is gone: the server has put itself into the background."""

    def modules() -> set[int]:
        return {pid for pid, command in spoken_desktop.pids().items() if "modules/sd_neural" in command}

    before = modules()
    assert len(before) == 1
    time.sleep(6)
    start = spoken_desktop.now()
    client.speak("Here again.")
    assert client.wait_for_end(LIMIT) == "END"
    spoken_desktop.hears(start)
    assert modules() == before


def test_voices_are_listed_with_language(client):
    voices = [line.split("\t") for line in client.ask("LIST SYNTHESIS_VOICES")[:-1]]
    assert voices and all(len(voice) == 3 and all(voice) for voice in voices)
    assert any(voice[1] == "en-US" for voice in voices)


@pytest.mark.parametrize(
    "command", ["CHAR a", "CHAR space", "CHAR .", "KEY control_alt_delete", "SOUND_ICON none-such"]
)
def test_characters_keys_and_icons_are_heard(spoken_desktop, client, command):
    start = spoken_desktop.now()
    client.ask(command)
    assert client.wait_for_end(LIMIT) == "END"
    spoken_desktop.hears(start)
    spoken_desktop.falls_silent(start)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "<speak>un<b>balanced & </i>",
        ".dot\n..dots\n.",
        "\0nul \ufffe and \u2028 separators",
        "日本語",
        "🙂",
        "x" * 3000,
    ],
)
def test_odd_texts_end(client, text):
    client.ask("SET SELF RATE 100")
    client.ask("SET SELF SSML_MODE ON" if text.startswith("<") else "SET SELF SSML_MODE OFF")
    try:
        client.speak(text)
    except Exception as error:  # the server refuses what it has no use for; it must go on all the same
        assert "refused" in str(error)
    client.ask("CANCEL SELF") if len(text) > 1000 else None
    client.ask("CHAR x")
    assert client.wait_for_end(LIMIT)


def test_marks_come_in_order(client):
    client.ask("SET SELF SSML_MODE ON")
    names = [f"{n}:{n + 4}" for n in range(0, 50, 5)]
    client.speak("<speak>" + " ".join(f'<mark name="{name}"/>word' for name in names) + "</speak>")
    assert client.wait_for_end(LIMIT) == "END"
    assert [code for code, _ in client.events].count("700") == len(names)


def test_cancel_is_silence(spoken_desktop, client):
    start = spoken_desktop.now()
    client.speak(PARAGRAPH)
    spoken_desktop.hears(start)
    client.ask("CANCEL SELF")
    assert client.wait_for_end(LIMIT) == "CANCEL"
    assert spoken_desktop.falls_silent(spoken_desktop.now()) < 0.5
    quiet = spoken_desktop.now()
    client.speak("And on it goes.")
    assert client.wait_for_end(LIMIT) == "END"
    spoken_desktop.hears(quiet)


def test_pause_and_resume(spoken_desktop, client):
    start = spoken_desktop.now()
    client.speak(PARAGRAPH)
    spoken_desktop.hears(start)
    client.ask("PAUSE SELF")
    assert client.wait_for_end(LIMIT) == "PAUSED"
    spoken_desktop.falls_silent(spoken_desktop.now())
    start = spoken_desktop.now()
    client.ask("RESUME SELF")
    spoken_desktop.hears(start)
    client.ask("CANCEL SELF")
    client.ask("CHAR x")
    assert client.wait_for_end(LIMIT) in ("END", "CANCEL")


def test_an_important_message_interrupts_another_client(spoken_desktop, client):
    client.ask("SET SELF PRIORITY text")
    start = spoken_desktop.now()
    client.speak(PARAGRAPH)
    spoken_desktop.hears(start)
    with Ssip(spoken_desktop.server_socket, LIMIT) as other:
        other.ask("SET SELF CLIENT_NAME user:test:other")
        other.ask("SET SELF OUTPUT_MODULE neural")
        other.ask("SET SELF NOTIFICATION ALL ON")
        other.ask("SET SELF PRIORITY important")
        other.speak("Fire.")
        assert other.wait_for_end(LIMIT) == "END"
    assert client.wait_for_end(LIMIT) == "CANCEL"


def test_storm(spoken_desktop, client):
    """Messages and stops at random times from two clients; afterwards everything is as before.

    No pauses: server 0.11 itself loses its voice over them in such a storm, whichever module speaks (the module's own
    storm, in tests/conformance, has them).
    """
    dice = random.Random(3)

    def others():
        with Ssip(spoken_desktop.server_socket, LIMIT) as other:
            other.ask("SET SELF CLIENT_NAME user:test:storm")
            other.ask("SET SELF OUTPUT_MODULE neural")
            for _ in range(100):
                other.ask(dice.choice(["CHAR b", "CANCEL SELF", "STOP SELF", "KEY shift_x"]))
                time.sleep(dice.random() * 0.03)
            other.ask("CANCEL SELF")

    thread = threading.Thread(target=others)
    thread.start()
    for _ in range(150):
        client.ask(dice.choice(["CHAR a", "CHAR c", "CANCEL SELF", "STOP SELF"]))
        time.sleep(dice.random() * 0.03)
    thread.join()
    client.ask("CANCEL ALL")
    spoken_desktop.falls_silent(spoken_desktop.now())
    start = spoken_desktop.now()
    client.ask("CHAR z")
    assert client.wait_for_end(LIMIT) == "END"
    spoken_desktop.hears(start)


def test_a_client_that_vanishes(spoken_desktop, client):
    with Ssip(spoken_desktop.server_socket, LIMIT) as other:
        other.ask("SET SELF OUTPUT_MODULE neural")
        start = spoken_desktop.now()
        other.speak(PARAGRAPH)
        spoken_desktop.hears(start)
    client.ask("CANCEL ALL")
    client.ask("CHAR q")
    assert client.wait_for_end(LIMIT) == "END"


def test_the_module_survived_it_all_and_wrote_no_text(spoken_desktop, client):
    # More than one for a moment only: a program that the module starts has its command line at first.
    wait_for("a single module", lambda: sum("sd_neural" in command for command in spoken_desktop.pids().values()) == 1)
    log = module_log(spoken_desktop)
    assert "Traceback" not in log and "sentence of some length" not in log


def test_a_server_that_is_killed_takes_the_module_with_it(spoken_desktop):
    server = next(pid for pid, command in spoken_desktop.pids().items() if command.startswith("speech-dispatcher "))
    os.kill(server, signal.SIGKILL)
    wait_for("its end", lambda: not any("sd_neural" in command for command in spoken_desktop.pids().values()))
    assert spoken_desktop.run("spd-say", "-o", "neural", "-w", "Back again").returncode == 0
