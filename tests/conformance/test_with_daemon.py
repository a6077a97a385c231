"""What the module makes of a daemon that is quick, late, broken, silent, gone or not to be had."""

import os
import random
import threading
import time

import pytest

from speechd_neural.types import MODULE_DEADLINE
from tests.conformance.conftest import LIMIT, ScriptedDaemon, rates, wait_for

NEURAL = 16000  # the scripted daemon's sample rate; the fallback's is another
TEXT = b'<speak>First one.<mark name="__spd_0"/> Second one.<mark name="__spd_1"/></speak>'


def seconds(events):
    return sum(len(event[1]) / 2 / event[2] for event in events if event[0] == "audio")


def test_the_request_carries_text_kind_and_settings(connected, daemon):
    connected.block(
        b"SET", b"pitch=10", b"pitch_range=-5", b"rate=50", b"volume=80", b"punctuation_mode=most",
        b"spelling_mode=on", b"cap_let_recogn=icon", b"language=en-us", b"synthesis_voice=My Voice",
    )  # fmt: skip
    connected.speak(TEXT)
    connected.utterance()
    request = daemon.wait(lambda request: request["do"] == "speak")
    assert request["text"] == TEXT.decode() and request["kind"] == "ssml"
    assert request["settings"] == {
        "pitch": 10, "pitch_range": -5, "rate": 50, "volume": 80, "punctuation": "most",
        "spelling": True, "capitals": "icon", "language": "en-us", "voice": "My Voice",
    }  # fmt: skip
    for command, kind in [(b"CHAR", "char"), (b"KEY", "key"), (b"SOUND_ICON", "sound_icon")]:
        connected.speak(b"x", command)
        connected.utterance()
        assert daemon.wait(lambda request, kind=kind: request.get("kind") == kind)["text"] == "x"


def test_sound_and_marks_pass_through_unchanged(connected, daemon):
    sound = random.Random(1).randbytes(2 * 3200)

    def script(connection, request):
        connection.mark(request, "early")
        connection.begin(request)
        connection.sound(request, 1 / 16000, sound)
        connection.mark(request, "__spd_0")
        connection.send({"event": "icon", "id": request["id"], "path": "/usr/share/sounds/x.wav"})
        connection.sound(request, 0.1)
        connection.end(request)

    daemon.script = script
    connected.speak(TEXT)
    events = connected.utterance()
    assert events[:2] == ["701 BEGIN", ("mark", "early")]
    place = events.index(("mark", "__spd_0"))
    assert b"".join(event[1] for event in events[2:place]) == sound
    assert events[place + 1] == ("icon", "/usr/share/sounds/x.wav")
    assert set(rates(events)) == {NEURAL} and events[-1] == "702 END"
    assert connected.silent()


def test_voices_are_those_of_the_daemon_and_are_remembered(connected, start_module, daemon, tmp_path):
    def listed(voice: bytes) -> list[bytes] | None:
        connected.send(b"LIST VOICES")
        lines = connected.reply()
        return lines if lines[0] == b"200-" + voice + b"\ten-US\tnone" else None

    lines = wait_for("the daemon's voices", lambda: listed(b"Test Voice"))
    assert lines == [b"200-Test Voice\ten-US\tnone", b"200-Test Voice\tde-DE\tnone", b"200 OK VOICE LIST SENT"]
    assert connected.ask(b"LIST VOICES DE") == b"200 OK VOICE LIST SENT"
    daemon.connections[0].send(
        {"reply": "voices", "ok": True, "voices": [{"name": "Other Voice", "languages": ["en-US"]}]}
    )
    lines = wait_for("the other voice", lambda: listed(b"Other Voice"))
    remembered = tmp_path / "module0/speechd-neural/module-voices"
    wait_for("its note of it", lambda: remembered.exists() and "Other Voice" in remembered.read_text())
    alone = start_module("DaemonCommand\nSocket /nowhere/socket\n", XDG_CACHE_HOME=str(tmp_path / "module0"))
    alone.send(b"INIT")
    alone.reply()
    alone.send(b"LIST VOICES")
    assert alone.reply() == lines


def test_a_late_daemon_is_replaced_from_the_start_and_may_finish(start_module, daemon):
    daemon.script = lambda connection, request: None
    module = start_module("DaemonCommand\nDeadline 100\n")
    module.start()
    daemon.wait(lambda request: request["do"] == "voices")
    module.speak(TEXT)
    events = module.utterance()
    assert set(rates(events)) == {22050} and events[-1] == "702 END"
    assert [event[1] for event in events if event[0] == "mark"] == ["__spd_0", "__spd_1"]
    stop = daemon.wait(lambda request: request["do"] == "stop")
    assert stop == {"do": "stop", "id": 1}
    assert MODULE_DEADLINE == 0.15


def test_a_late_sound_of_the_daemon_is_not_mixed_in(start_module, daemon):
    late = threading.Event()

    def script(connection, request):
        late.wait(LIMIT)
        connection.say(request, 0.5)

    daemon.script = script
    module = start_module("DaemonCommand\nDeadline 100\n")
    module.start()
    daemon.wait(lambda request: request["do"] == "voices")
    module.speak(TEXT)
    events = []
    while not rates(events):
        events.append(module.event())
    late.set()
    assert set(rates(events + module.utterance())) == {22050}
    assert module.silent()


@pytest.mark.parametrize("how", ["failed", "closed", "stalled"])
def test_a_failure_in_the_middle_is_continued_from_the_last_mark(connected, daemon, how):
    def script(connection, request):
        connection.begin(request)
        connection.sound(request, 0.1)
        connection.mark(request, "__spd_0")
        connection.sound(request, 0.1)
        if how == "failed":
            connection.send({"event": "failed", "id": request["id"], "reason": "test"})
        elif how == "closed":
            connection._socket.close()

    daemon.script = script
    connected.speak(TEXT)
    events = connected.utterance()
    assert events[0] == "701 BEGIN" and events[-1] == "702 END"
    assert rates(events)[0] == NEURAL and rates(events)[-1] == 22050
    assert [event[1] for event in events if event[0] == "mark"] == ["__spd_0", "__spd_1"]
    assert seconds(events) < 1.6
    assert connected.silent()


@pytest.mark.parametrize("when", ["before", "after"])
def test_failure_before_the_first_sound(connected, daemon, when):
    def script(connection, request):
        if when == "after":
            connection.begin(request)
            connection.mark(request, "lost")
        connection.send({"event": "failed", "id": request["id"], "reason": "no voice"})

    daemon.script = script
    connected.speak(TEXT)
    events = connected.utterance()
    assert set(rates(events)) == {22050} and events[-1] == "702 END"
    assert [event[1] for event in events if event[0] == "mark"] == ["__spd_0", "__spd_1"]


def test_stopped_by_somebody_else_gives_up(connected, daemon):
    def script(connection, request):
        connection.begin(request)
        connection.sound(request, 0.1)
        connection.end(request, "stopped")

    daemon.script = script
    connected.speak(TEXT)
    assert connected.utterance()[-1] == "703 STOP"


def test_nothing_of_a_stopped_utterance_comes_after_its_end(connected, daemon):
    def script(connection, request):
        connection.begin(request)
        connection.sound(request, 30)
        if request["id"] > 1:
            connection.end(request)

    daemon.script = script
    connected.speak(TEXT)
    for _ in range(10):
        connected.event()
    connected.send(b"STOP")
    assert connected.utterance()[-1] == "703 STOP"
    assert connected.silent()
    assert daemon.wait(lambda request: request["do"] == "stop")["id"] == 1
    daemon.script = lambda connection, request: connection.say(request, 0.1)
    connected.speak(TEXT)
    events = connected.utterance()
    assert seconds(events) == pytest.approx(0.1) and events[-1] == "702 END"


def test_the_daemon_is_told_to_stop_before_it_is_asked_for_more(connected, daemon):
    daemon.script = lambda connection, request: connection.begin(request)
    for _ in range(10):
        connected.speak(b"x", b"CHAR")
        connected.send(b"STOP")
        assert connected.utterance()[-1] == "703 STOP"
    daemon.script = lambda connection, request: connection.say(request, 0.1)
    connected.speak(b"x", b"CHAR")
    assert connected.utterance()[-1] == "702 END"
    under_way = None
    for request in daemon.requests:
        if request["do"] == "speak":
            assert under_way is None
            under_way = request["id"]
        elif request["do"] == "stop" and request["id"] == under_way:
            under_way = None


def test_comes_back_to_a_daemon_that_was_restarted(connected, daemon):
    daemon.connections[0].close()
    wait_for("it to come back", lambda: [request["do"] for request in daemon.requests].count("voices") == 2)
    connected.speak(TEXT)
    assert set(rates(connected.utterance())) == {NEURAL}


def test_garbage_from_the_daemon_is_survived(start_module, daemon):
    module = start_module("DaemonCommand\nDeadline 500\n")
    module.start()
    daemon.wait(lambda request: request["do"] == "voices")

    def script(connection, request):
        connection._socket.sendall(b"\0\0\0\x01X" + b"\0\0\0\x03Jno" + b"\0\0\0\0" + b"\xff\xff\xff\xff")
        connection.end({"id": "seven"})

    daemon.script = script
    module.send(b"LIST VOICES")
    module.reply()
    module.speak(b"x", b"CHAR")
    events = module.utterance()
    assert set(rates(events)) == {22050} and events[-1] == "702 END"


def test_a_daemon_is_started_when_there_is_none(start_module, tmp_path):
    command = tmp_path / "start"
    # Each file is moved to its place: the command ends, so it is started again and again.
    command.write_text(
        f'#!/bin/sh\ncd {tmp_path}\nls -l /proc/self/fd > 1.new\nmv 1.new fds\necho "$@" > 2.new\nmv 2.new started\n'
    )
    command.chmod(0o755)
    module = start_module(f'DaemonCommand "{command}" daemon --flag\n')
    module.start()
    wait_for("the daemon", (tmp_path / "started").exists)
    assert (tmp_path / "started").read_text() == "daemon --flag\n"
    assert "pipe" not in (tmp_path / "fds").read_text()
    assert (tmp_path / "d/daemon.log").stat().st_mode & 0o777 == 0o600
    module.speak(b"x", b"CHAR")
    assert module.utterance()[-1] == "702 END"


def starts_one(start_module):
    """A module that has started a daemon which is not there yet."""
    module = start_module("DaemonCommand sleep 20\nDeadline 5000\n")
    module.start()
    wait_for("the start of a daemon", lambda: "starting one" in module.log())
    return module


def test_the_first_message_waits_for_the_daemon_that_is_being_started(start_module, tmp_path):
    module = starts_one(start_module)
    module.speak(TEXT)
    daemon = ScriptedDaemon(tmp_path / "d" / "socket")
    try:
        events = module.utterance()
    finally:
        daemon.close()
    assert set(rates(events)) == {NEURAL} and events[-1] == "702 END"


def test_a_stop_ends_the_wait_for_a_daemon_and_it_is_asked_for_nothing(start_module, tmp_path):
    module = starts_one(start_module)
    module.speak(TEXT)
    module.send(b"STOP")
    assert module.utterance() == ["703 STOP"]
    daemon = ScriptedDaemon(tmp_path / "d" / "socket")
    try:
        module.speak(b"x", b"CHAR")
        assert set(rates(module.utterance())) == {NEURAL}
        assert [request["text"] for request in daemon.requests if request["do"] == "speak"] == ["x"]
    finally:
        daemon.close()


def test_a_daemon_command_that_does_not_exist(start_module):
    module = start_module("DaemonCommand /no/such/program\n")
    module.start()
    module.speak(b"x", b"CHAR")
    assert module.utterance()[-1] == "702 END"
    wait_for("a word about it", lambda: "cannot be started" in module.log())


def test_a_stale_socket_file_and_a_read_only_home(start_module, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "socket").write_text("")
    module = start_module(XDG_CACHE_HOME="/proc/nowhere")
    module.start()
    module.speak(b"x", b"CHAR")
    assert module.utterance()[-1] == "702 END"


def test_storm_of_random_interruptions(connected, daemon):
    """Every utterance ends exactly once, whatever happens when."""
    dice = random.Random(7)

    def script(connection, request):
        fate = dice.random()
        if fate < 0.1:
            connection.send({"event": "failed", "id": request["id"], "reason": "test"})
            return
        connection.begin(request)
        connection.mark(request, "__spd_0")
        connection.sound(request, dice.choice([0, 0.02, 0.1, 5]))
        if fate > 0.5:
            connection.end(request)

    daemon.script = script
    ended = 0
    for _ in range(1000):
        connected.speak(b"x", b"CHAR")
        time.sleep(dice.choice([0, 0, 0.001, 0.005, 0.02]))
        for _ in range(dice.choice([1, 1, 2])):
            connected.send(dice.choice([b"STOP", b"STOP", b"PAUSE"]))
        ended += connected.utterance()[-1] in ("702 END", "703 STOP", "704 PAUSE")
    assert ended == 1000
    assert connected.silent()
    daemon.script = lambda connection, request: connection.say(request, 0.1)
    connected.speak(TEXT)
    assert set(rates(connected.utterance())) == {NEURAL}
    assert connected.memory() < 30_000
    # A thread whose utterance was stopped may still be waiting for espeak-ng.
    wait_for("its threads to end", lambda: len(os.listdir(f"/proc/{connected.process.pid}/task")) <= 4)
