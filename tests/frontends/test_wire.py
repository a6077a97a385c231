import json
import os
import socket
import threading
from dataclasses import fields, replace
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from speechd_neural.errors import DaemonError, UsageError
from speechd_neural.frontends import messages, wire
from speechd_neural.frontends.client import Client
from speechd_neural.types import (
    ACCEPTED,
    Begin,
    Capitals,
    End,
    Failed,
    Icon,
    Kind,
    MarkReached,
    Paused,
    Priority,
    Punctuation,
    Request,
    Settings,
    Stopped,
    WordReached,
)

# A busy machine is no fault of what is tested.
calm = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(st.characters(codec=None), max_size=50)  # lone surrogates included
numbers = st.floats(-100, 100)
settings = st.builds(
    Settings,
    rate=numbers,
    pitch=numbers,
    volume=numbers,
    punctuation=st.sampled_from(Punctuation),
    capitals=st.sampled_from(Capitals),
    spelling=st.booleans(),
    voice=st.none() | texts,
    language=st.none() | texts,
    speed=st.none() | st.floats(0.1, 10),
)
requests = st.builds(
    Request,
    id=st.integers(0, messages.MAX_ID),
    text=texts,
    kind=st.sampled_from(Kind),
    settings=settings,
    priority=st.sampled_from(Priority),
    private=st.booleans(),
)


@calm
@given(requests)
def test_a_request_survives_the_wire(request):
    (frame,) = wire.Parser().feed(wire.encode(messages.speak_message(request)))
    assert messages.read_request(frame.body) == request


@pytest.mark.parametrize(
    "event",
    [
        Begin(),
        MarkReached("0:5"),
        WordReached(3, 9, True),
        Icon("/a b.wav"),
        End(),
        Stopped(),
        Paused("x"),
        Paused(),
        Failed("why"),
    ],
)
def test_an_event_survives_the_wire(event):
    (frame,) = wire.Parser().feed(wire.encode(messages.event_message(7, event)))
    assert messages.read_event(frame.body) == (7, event)


@calm
@given(st.lists(st.binary(max_size=30) | st.dictionaries(texts, texts, max_size=3), max_size=6), st.data())
@pytest.mark.parametrize("room", [8, wire.ROOM])
def test_frames_are_the_same_however_the_bytes_are_cut(room, contents, data):
    stream = b"".join(wire.encode_pcm(9, c) if isinstance(c, bytes) else wire.encode(c) for c in contents)
    with patch.object(wire, "ROOM", room):
        parser, frames = wire.Parser(), []
        while stream:
            cut = data.draw(st.integers(1, len(stream)))
            frames += parser.feed(stream[:cut])
            stream = stream[cut:]
    assert [f.data if isinstance(f, wire.Pcm) else f.body for f in frames] == contents


def test_frames_of_every_length_are_read_where_they_arrived():
    contents = [bytes([n % 251]) * n for n in (0, 1, 3000, wire.ROOM - 9, wire.ROOM - 8, 200_000, 5, wire.ROOM, 70_000, 1)]
    stream = memoryview(b"".join(wire.encode_pcm(n, content) for n, content in enumerate(contents)))
    parser, found, longest = wire.Parser(), [], 0
    while stream:
        room = parser.room()
        longest = max(longest, len(room))
        count = min(len(room), len(stream), 7001)
        room[:count], stream = stream[:count], stream[count:]
        found += [(frame.id, bytes(frame.data)) for frame in parser.arrived(count)]
    assert found == list(enumerate(contents))
    assert len(parser.room()) == wire.ROOM < longest  # what a long frame took is given back


@calm
@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_raise(noise):
    for frame in wire.Parser(limit=64).feed(noise):
        assert isinstance(frame, wire.Message | wire.Pcm | wire.Malformed)


@pytest.mark.parametrize(
    "payload", [b"J{", b"J[1]", b"J\xff", b"J" + b"[" * 100_000, b"", b"A12", b"?x", b"J" + b" " * 300_000]
)
def test_a_malformed_frame_does_not_harm_the_next(payload):
    parser = wire.Parser(limit=200_000)
    bad, good = parser.feed(len(payload).to_bytes(4, "big") + payload + wire.encode({"do": "hello"}))
    assert isinstance(bad, wire.Malformed)
    assert good == wire.Message({"do": "hello"})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"id": "x"}, "id"),
        ({"id": -1}, "id"),
        ({"id": True}, "id"),
        ({"text": None}, "text"),
        ({"kind": "song"}, "text, ssml, char"),
        ({"priority": 3}, "important, message"),
        ({"private": "yes"}, "private"),
        ({"settings": []}, "settings"),
        ({"settings": {"rate": float("nan")}}, "settings.rate"),
        ({"settings": {"rate": "fast"}}, "settings.rate"),
        ({"settings": {"punctuation": "lots"}}, "none, some, most, all"),
        ({"settings": {"voice": 3}}, "settings.voice"),
        ({"settings": {"spelling": 1}}, "settings.spelling"),
    ],
)
def test_a_bad_field_is_named_with_what_is_accepted(change, named):
    with pytest.raises(UsageError, match=named) as error:
        messages.read_request({"do": "speak", "id": 1, "text": "secret", **change})
    assert "secret" not in str(error.value)


def test_numbers_out_of_range_are_clamped_and_unknown_settings_ignored():
    read = messages.read_settings({"rate": 500, "volume": -101, "speed": 0, "colour": "red"})
    assert (read.rate, read.volume, read.speed) == (100, -100, 0.05)
    assert messages.read_settings({"rate": 10**400}).rate == 100


@pytest.mark.parametrize("name", [entry.name for entry in fields(Settings)])
def test_every_setting_is_carried(name):
    accepts = ACCEPTED[name]
    value = True if accepts is bool else "x" if accepts is str else accepts[0] if isinstance(accepts, tuple) else list(accepts)[1]
    wanted = replace(Settings(), **{name: value})
    body = json.loads(json.dumps(messages.speak_message(Request(1, "a", settings=wanted))))
    assert messages.read_request(body).settings == wanted


@pytest.mark.parametrize(
    "body",
    [
        {}, {"event": "mark", "id": 1}, {"event": "new", "id": 1}, {"event": "end", "id": None},
        {"event": "end", "id": float("inf")}, {"event": "word", "id": 1, "start": 0, "end": float("inf")},
    ],
)  # fmt: skip
def test_unknown_events_are_none(body):
    assert messages.read_event(body) is None


@pytest.fixture
def served(tmp_path):
    path = tmp_path / "socket"
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.fspath(path))
    server.listen()
    server.settimeout(60)
    with server, Client(path) as client:
        peer, _ = server.accept()
        with peer:
            yield client, peer


def test_client_asks_and_gets_the_reply_past_events(served):
    client, peer = served

    def answer() -> None:
        assert peer.recv(1000) == wire.encode({"do": "status"})
        peer.sendall(wire.encode({"event": "end", "id": 1}) + wire.encode({"reply": "status", "ok": True, "x": 1}))

    thread = threading.Thread(target=answer)
    thread.start()
    assert client.ask({"do": "status"})["x"] == 1
    thread.join()


def test_client_raises_what_the_daemon_refuses(served):
    client, peer = served
    peer.sendall(wire.encode({"reply": "reload", "ok": False, "error": "line 3"}))
    with pytest.raises(DaemonError, match="line 3"):
        client.ask({"do": "reload"})


def test_client_never_waits_longer_than_told(served):
    client, _ = served
    assert client.receive(0) == []
    assert client.receive(0.01) == []
    with pytest.raises(DaemonError, match=r"did not answer within 0\.01 s"):
        client.ask({"do": "status"}, timeout=0.01)
    with pytest.raises(DaemonError, match=r"took no data"):
        client.send({"text": "x" * 4_000_000}, timeout=0.01)


def test_client_notices_that_the_daemon_is_gone(served, tmp_path):
    client, peer = served
    peer.close()
    with pytest.raises(DaemonError, match="closed"):
        client.receive(1)
    with pytest.raises(DaemonError, match="went away"):
        client.send({"do": "hello"})
    with pytest.raises(DaemonError, match="cannot be reached"):
        Client(tmp_path / "nothing")


def test_after_a_long_frame_its_memory_is_given_back():
    parser = wire.Parser()
    long = wire.encode({"do": "speak", "text": "word " * 100_000})
    assert [frame.body["do"] for frame in parser.feed(long + b"\0\0")] == ["speak"]
    assert parser.size == wire.ROOM
    assert [frame.body for frame in parser.feed(wire.encode({"do": "stop"})[2:])] == [{"do": "stop"}]
