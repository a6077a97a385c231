"""spd-say and SSIP clients, the real Speech Dispatcher, our module, and what comes out at the sink."""

import os
import random
import signal
import threading
import time

import pytest

from speechd_neural.desktop.ssip import Ssip

PARAGRAPH = "This is a sentence of some length, and it goes on. " * 12


@pytest.fixture
def client(spoken_desktop):
    with Ssip(spoken_desktop.server_socket) as connection:
        connection.ask("SET SELF CLIENT_NAME user:test:main")
        connection.ask("SET SELF OUTPUT_MODULE neural")
        connection.ask("SET SELF NOTIFICATION ALL ON")
        yield connection
        connection.ask("CANCEL ALL")


def module_log(desktop) -> str:
    return (desktop.run_dir / "speech-dispatcher/log/neural.log").read_text()


def test_spd_say_is_heard(spoken_desktop):
    start = len(spoken_desktop.heard())
    done = spoken_desktop.run("spd-say", "-o", "neural", "-w", "Hello")
    assert done.returncode == 0, done.stderr
    assert spoken_desktop.is_heard(start)


def test_voices_are_listed_with_language(client):
    voices = [line.split("\t") for line in client.ask("LIST SYNTHESIS_VOICES")[:-1]]
    assert voices and all(len(voice) == 3 and all(voice) for voice in voices)
    assert any(voice[1] == "en-US" for voice in voices)


@pytest.mark.parametrize(
    "command", ["CHAR a", "CHAR space", "CHAR .", "KEY control_alt_delete", "SOUND_ICON none-such"]
)
def test_characters_keys_and_icons_are_heard(spoken_desktop, client, command):
    start = len(spoken_desktop.heard())
    client.ask(command)
    assert client.wait_for_end(10) == "END"
    assert spoken_desktop.is_heard(start)


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
    assert client.wait_for_end(15)


def test_marks_come_in_order(client):
    client.ask("SET SELF SSML_MODE ON")
    names = [f"{n}:{n + 4}" for n in range(0, 50, 5)]
    client.speak("<speak>" + " ".join(f'<mark name="{name}"/>word' for name in names) + "</speak>")
    assert client.wait_for_end(15) == "END"
    assert [code for code, _ in client.events].count("700") == len(names)


def test_cancel_is_silence(spoken_desktop, client):
    start = len(spoken_desktop.heard())
    client.speak(PARAGRAPH)
    end = time.monotonic() + 10
    while not spoken_desktop.is_heard(start):
        assert time.monotonic() < end
        time.sleep(0.02)
    client.ask("CANCEL SELF")
    assert client.wait_for_end(5) == "CANCEL"
    time.sleep(0.3)  # the recorder's own delay
    quiet = len(spoken_desktop.heard())
    time.sleep(0.7)
    assert not spoken_desktop.is_heard(quiet)
    client.speak("And on it goes.")
    assert client.wait_for_end(15) == "END"
    assert spoken_desktop.is_heard(quiet)


def test_pause_and_resume(client):
    client.speak(PARAGRAPH)
    time.sleep(1.5)
    client.ask("PAUSE SELF")
    assert client.wait_for_end(10) == "PAUSED"
    client.ask("RESUME SELF")
    time.sleep(0.5)
    client.ask("CANCEL SELF")
    client.ask("CHAR x")
    assert client.wait_for_end(10) in ("END", "CANCEL")


def test_an_important_message_interrupts_another_client(spoken_desktop, client):
    client.ask("SET SELF PRIORITY text")
    client.speak(PARAGRAPH)
    time.sleep(0.5)
    with Ssip(spoken_desktop.server_socket) as other:
        other.ask("SET SELF CLIENT_NAME user:test:other")
        other.ask("SET SELF OUTPUT_MODULE neural")
        other.ask("SET SELF NOTIFICATION ALL ON")
        other.ask("SET SELF PRIORITY important")
        other.speak("Fire.")
        assert other.wait_for_end(10) == "END"
    assert client.wait_for_end(5) == "CANCEL"


def test_storm(spoken_desktop, client):
    """Messages and stops at random times from two clients; afterwards everything is as before.

    No pauses: server 0.11 itself loses its voice over them in such a storm, whichever module speaks (the module's own
    storm, in tests/conformance, has them).
    """
    dice = random.Random(3)

    def others():
        with Ssip(spoken_desktop.server_socket) as other:
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
    start = len(spoken_desktop.heard())
    client.ask("CHAR z")
    assert client.wait_for_end(10) == "END"
    assert spoken_desktop.is_heard(start)


def test_a_client_that_vanishes(spoken_desktop, client):
    with Ssip(spoken_desktop.server_socket) as other:
        other.ask("SET SELF OUTPUT_MODULE neural")
        other.speak(PARAGRAPH)
        time.sleep(0.3)
    client.ask("CANCEL ALL")
    client.ask("CHAR q")
    assert client.wait_for_end(10) == "END"


def test_the_module_survived_it_all_and_wrote_no_text(spoken_desktop, client):
    modules = [pid for pid, command in spoken_desktop.pids().items() if "sd_neural" in command]
    assert len(modules) == 1
    log = module_log(spoken_desktop)
    assert "Traceback" not in log and "sentence of some length" not in log


def test_a_server_that_is_killed_takes_the_module_with_it(spoken_desktop):
    server = next(pid for pid, command in spoken_desktop.pids().items() if command.startswith("speech-dispatcher "))
    os.kill(server, signal.SIGKILL)
    end = time.monotonic() + 10
    while any("sd_neural" in command for command in spoken_desktop.pids().values()):
        assert time.monotonic() < end
        time.sleep(0.1)
    assert spoken_desktop.run("spd-say", "-o", "neural", "-w", "Back again").returncode == 0
