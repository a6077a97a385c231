"""A daemon that sends what cannot be, and a server that asks for what nobody can: each costs one utterance at most."""

from __future__ import annotations

import pytest

from speechd_neural.frontends import wire
from tests.conformance.conftest import rates

NEURAL = 16000
TEXT = b"<speak>hello</speak>"

UNEXPECTED = {
    "a rate in words": {"event": "begin", "sample_rate": "fast"},
    "a rate that is a list": {"event": "begin", "sample_rate": [16000]},
    "a rate of nothing": {"event": "begin", "sample_rate": 20},
    "a rate without end": {"event": "begin", "sample_rate": 1e308},
    "voices that are none": {"reply": "voices", "ok": True, "voices": [{"name": "x", "languages": 5}]},
    "an event that is a list": {"event": ["begin"]},
    "another's number": {"event": "end", "id": [1]},
}


@pytest.mark.parametrize("frame", UNEXPECTED.values(), ids=UNEXPECTED)
def test_a_frame_with_an_unexpected_value_costs_one_utterance_at_most(connected, daemon, frame):
    def script(connection, request):
        connection.send({"id": request["id"], **frame})
        connection.say(request, 0.1)

    for _ in range(2):
        daemon.script = script
        connected.speak(TEXT)
        events = connected.utterance()
        assert events[0] == "701 BEGIN" and events[-1] == "702 END" and rates(events)
    daemon.script = lambda connection, request: connection.say(request, 0.1)
    connected.speak(TEXT)
    assert set(rates(connected.utterance())) == {NEURAL}  # over the same connection: its thread is alive
    assert len(daemon.connections) == 1
    assert connected.log().count("taking a frame of the daemon failed") <= 1
    assert "hello" not in connected.log()


def test_an_icon_with_a_line_break_is_no_reply(connected, daemon):
    def script(connection, request):
        connection.begin(request)
        for path in ("/x\n702 END", "relative.wav", "/a\x00b"):
            connection.send({"event": "icon", "id": request["id"], "path": path})
        connection.sound(request, 0.1)
        connection.end(request)

    daemon.script = script
    connected.speak(TEXT)
    events = connected.utterance()
    assert [event for event in events if event[0] == "icon"] == []
    assert events[-1] == "702 END" and set(rates(events)) == {NEURAL}
    assert connected.silent()


def test_frames_that_cannot_be_read_are_told_once(connected, daemon):
    def script(connection, request):
        for _ in range(100):
            connection._socket.sendall(b"\0\0\0\2J{")
        connection.say(request, 0.1)

    daemon.script = script
    connected.speak(TEXT)
    assert set(rates(connected.utterance())) == {NEURAL}
    assert connected.log().count("the daemon sent") == 1


@pytest.mark.parametrize("level", ["²3", "٣", "9" * 5000, "-1", "", "x"])
def test_a_log_level_that_is_none_is_no_harm(start_module, level):
    module = start_module()
    module.start()
    assert module.block(b"LOGLEVEL", f"log_level={level}".encode()) == b"203 OK LOGLEVEL SET"
    assert module.block(b"SET", f"rate={level}".encode(), b"volume=\xc2\xb2") == b"203 OK SETTINGS RECEIVED"
    assert module.ask(b"LIST VOICES") == b"200 OK VOICE LIST SENT"


def test_a_daemon_of_another_protocol_is_told_in_one_line_and_the_fallback_speaks(start_module, daemon):
    daemon.greeting = {"protocol": wire.PROTOCOL + 1, "version": "9.9"}
    module = start_module("DaemonCommand\n")
    module.start()
    daemon.wait(lambda request: request["do"] == "hello")
    for _ in range(3):
        module.speak(TEXT)
        events = module.utterance()
        assert events[-1] == "702 END" and rates(events)
    said = [line for line in module.log().splitlines() if "protocol" in line]
    assert len(said) == 1
    assert "'9.9'" in said[0] and "restart Speech Dispatcher" in said[0]


def test_a_daemon_of_another_version_but_the_same_protocol_speaks(start_module, daemon):
    daemon.greeting = {"protocol": wire.PROTOCOL, "version": "9.9"}
    module = start_module("DaemonCommand\nDeadline 5000\n")
    module.start()
    daemon.wait(lambda request: request["do"] == "voices")
    module.speak(TEXT)
    assert set(rates(module.utterance())) == {NEURAL}
