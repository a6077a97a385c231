"""The unix socket: many clients, each served to the end, and none able to harm another."""

import asyncio
import contextlib
import gc
import logging
import random
import stat

import pytest

from speechd_neural.core import device
from speechd_neural.daemon import resident_bytes
from speechd_neural.frontends import wire
from tests.daemon_client import LAST, events, seconds
from tests.frontends.spiel_client import until
from tests.running_daemon import LONG


async def test_speaks_with_begin_audio_and_end(client):
    client.speak(7, "hello [m]there")
    frames = await client.utterance(7)
    assert frames[0].body == {"event": "begin", "id": 7, "sample_rate": 16000}
    assert events(frames) == ["begin", "word", "word", "mark", "word", "end"]
    assert seconds(frames) > 0.4


async def test_the_socket_is_private(running):
    assert stat.S_IMODE(running.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(running.path.parent.stat().st_mode) == 0o700


async def test_a_stop_takes_effect_at_once_and_another_client_goes_on(running, client):
    other = await running.client()
    client.speak(1, LONG)
    await client.next()
    other.speak(1, "abc")
    client.send({"do": "stop", "id": 1})
    assert events(await client.utterance(1))[-1] == "stopped"
    assert events(await other.utterance(1))[-1] == "end"
    await until(lambda: running.daemon.synthesis.open_streams == 0)


async def test_a_short_utterance_does_not_wait_for_a_long_one(running, client):
    other = await running.client()
    client.speak(1, LONG)  # and nobody reads it
    await asyncio.sleep(0.2)
    other.speak(1, "abc")
    assert events(await other.utterance(1))[-1] == "end"
    await asyncio.sleep(0.2)
    # What is not read is not made: of 60 sentences about a second ahead, and what the socket holds; and the other's one.
    assert len(running.parts.toy.spoken) < 13
    assert seconds(await client.utterance(1)) > 45


async def test_utterances_of_one_client_come_in_order(client):
    for id in range(1, 6):
        client.speak(id, f"[m{id}]abc")
    order = []
    while len(client.ended) < 5:
        frame = await client.next()
        if isinstance(frame, wire.Pcm) and (not order or order[-1] != frame.id):
            order.append(frame.id)
    assert order == [1, 2, 3, 4, 5]


async def test_pausing_a_stream_names_the_last_mark(client):
    client.speak(1, "[one]abc. [two]def. " + LONG)
    while (frame := await client.next()) != wire.Message({"event": "mark", "id": 1, "name": "two"}):
        assert isinstance(frame, wire.Message | wire.Pcm)
    client.send({"do": "pause", "id": 1})
    last = (await client.utterance(1))[-1]
    assert last.body == {"event": "paused", "id": 1, "mark": "two"}


async def test_the_daemon_plays_in_the_order_of_priorities(running, client):
    client.speak(1, LONG, play=True, priority="text")
    client.speak(2, "abc", play=True, priority="message")
    client.speak(3, "abc", play=True, priority="important")
    client.speak(4, "abc", play=True, priority="notification")
    while len(client.ended) < 4:
        assert not isinstance(await client.next(), wire.Pcm)
    assert client.ended == {1: ["stopped"], 2: ["stopped"], 4: ["stopped"], 3: ["end"]}
    assert running.devices[0].heard < 5


async def test_a_playback_is_paused_and_goes_on_at_its_mark(client):
    client.speak(1, "abc. [one]def. " + LONG, play=True)
    while (await client.next()) != wire.Message({"event": "mark", "id": 1, "name": "one"}):
        pass
    client.send({"do": "pause"})
    while (frame := await client.next()).body["event"] != "paused":
        pass
    assert frame.body["mark"] == "one"
    client.speak(2, "abc", play=True, priority="important")  # waits: the client is paused
    assert (await client.ask({"do": "status"}))["state"] == "paused"
    client.ended.clear()
    client.send({"do": "resume"})
    assert events(await client.utterance(2))[-1] == "end"
    resumed = []
    while not resumed or resumed[-1]["event"] == "begin":
        resumed.append((await client.next()).body)
    assert resumed[-1] == {"event": "mark", "id": 1, "name": "one"}
    client.send({"do": "stop", "id": "all"})
    assert events(await client.utterance(1))[-1] == "stopped"


async def test_a_device_that_fails_is_told_and_the_next_works(running, client):
    client.speak(1, "abc", play=True)
    await client.utterance(1)
    running.devices[0].broken = True
    client.speak(2, "abc", play=True)
    assert (await client.utterance(2))[-1].body == {"event": "failed", "id": 2, "reason": "no sound device"}
    running.devices[0].broken = False
    client.speak(3, "abc", play=True)
    assert events(await client.utterance(3))[-1] == "end"


async def test_where_a_device_does_not_answer_another_one_plays(running, client, monkeypatch, caplog):
    monkeypatch.setattr(device, "ANSWER", 1.0)
    client.speak(1, "abc", play=True)
    await client.utterance(1)
    first = running.devices[0]
    first.answers.clear()
    client.speak(2, "[m]abc", play=True)
    said = events(await client.utterance(2))
    assert said.count("mark") == said.count("end") == 1
    second = running.devices[1]
    assert first.given_up and second.heard > 0 and not second.given_up
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "the sound device does not answer; it is left alone for a while"
    ]
    client.speak(3, "abc", play=True)
    client.send({"do": "stop", "id": "all"})  # does not wait for the first one either
    assert events(await client.utterance(3))[-1] == "stopped"
    heard = first.heard
    first.answers.set()  # too late
    await until(lambda: first.closed)
    assert first.heard <= heard + 1 and first.queued == 0
    client.speak(4, "abc", play=True)
    assert events(await client.utterance(4))[-1] == "end" and len(running.devices) == 2


async def test_a_device_that_plays_nothing_any_more_ends_the_utterance_and_the_next_is_heard(running, client, monkeypatch):
    monkeypatch.setattr(device, "PATIENCE", 0.2)
    client.speak(1, "abc", play=True)
    await client.utterance(1)
    running.devices[0].silent = True
    client.speak(2, LONG, play=True)
    last = (await client.utterance(2))[-1].body
    assert last == {"event": "failed", "id": 2, "reason": "the sound device has stopped playing"}
    client.speak(3, "abc", play=True)
    assert events(await client.utterance(3))[-1] == "end"
    await until(lambda: running.devices[0].closed)
    assert len(running.devices) == 2 and running.devices[1].heard > 0


async def test_the_daemon_does_not_wait_for_a_device_when_it_ends(running, client, monkeypatch):
    monkeypatch.setattr(device, "PATIENCE", 0.2)
    client.speak(1, "abc", play=True)
    await client.utterance(1)
    running.devices[0].answers.clear()
    client.speak(2, LONG, play=True)
    running.daemon.stop()
    await asyncio.wait_for(asyncio.shield(running.serving), 30)
    running.devices[0].answers.set()


async def test_settings_of_a_client_are_its_own(running, client):
    other = await running.client()
    client.send({"do": "set", "settings": {"rate": 100}})
    for one in (client, other):
        one.speak(1, "abcdefghijkl", play=True)
        await one.utterance(1)
    heard = running.devices[0].heard
    client.speak(2, "abcdefghijkl", play=True)
    await client.utterance(2)
    fast = running.devices[0].heard - heard
    assert heard > 3 * fast


async def test_stop_everyone(running, client):
    other = await running.client()
    client.speak(1, LONG)
    client.speak(2, LONG, play=True)
    other.send({"do": "stop", "id": "everyone"})
    while len(client.ended) < 2:
        await client.next()
    assert client.ended == {1: ["stopped"], 2: ["stopped"]}


@pytest.mark.parametrize(
    "bad",
    [
        b"\0\0\0\5Jxxxx",
        b"\0\0\0\1?",
        b"\0\0\0\0",
        b"\0\0\0\6A\0\0\0\1x",
        wire.encode({"do": "dance"}),
        wire.encode({}),
        wire.encode({"do": 5, "id": []}),
        wire.encode({"do": "speak", "text": "secret"}),
        wire.encode({"do": "speak", "id": 5, "text": ["secret"]}),
        wire.encode({"do": "speak", "id": 5, "text": "secret", "settings": {"rate": "secret"}}),
        wire.encode({"do": "speak", "id": 5, "text": "secret", "play": 1}),
        wire.encode({"do": "stop", "id": "secret"}),
        wire.encode({"do": "cache", "action": "secret"}),
        wire.encode({"do": "set", "settings": 3}),
    ],
)
async def test_bad_input_is_refused_logged_once_and_the_next_request_spoken(client, caplog, bad):
    client.writer.write(bad)
    refusal = (await client.next()).body
    assert refusal.get("ok") is False or refusal["event"] == "failed"
    client.speak(6, "abc")
    assert events(await client.utterance(6))[-1] == "end"
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1 and "secret" not in caplog.text


async def test_an_id_in_use_is_refused_and_the_first_goes_on(client):
    client.speak(1, "abc")
    client.speak(1, "def")
    assert "still in use" in (await client.reply("speak"))["error"]
    assert "end" in client.ended.get(1, []) or events(await client.utterance(1))[-1] == "end"


async def test_a_megabyte_is_begun_at_once(client):
    client.speak(1, "abcdefghi. " * 100_000)
    while not isinstance(await client.next(), wire.Pcm):
        pass
    client.send({"do": "stop", "id": 1})
    assert events(await client.utterance(1))[-1] == "stopped"


async def test_text_that_is_no_unicode(client):
    client.speak(1, "a\ud800b\0c")
    assert events(await client.utterance(1))[-1] == "end"


async def test_a_client_that_vanishes_leaves_nothing_behind(running):
    for _ in range(5):
        client = await running.client()
        client.speak(1, LONG)
        client.speak(2, LONG, play=True)
        client.writer.write(wire.encode({"do": "speak"})[:-4])  # in the middle of a message
        await client.next()
        client.writer.transport.abort()
    other = await running.client()
    other.speak(1, "abc")
    assert events(await other.utterance(1))[-1] == "end"
    await until(lambda: running.daemon.synthesis.open_streams == 0 and running.daemon.status()["clients"] == 1)


async def test_a_client_that_never_reads_its_replies_loses_its_connection(running, caplog):
    client = await running.client()
    client.writer.transport.set_write_buffer_limits(high=1 << 20)
    with contextlib.suppress(OSError):
        for _ in range(400):  # a hundred at once: asyncio of Python 3.13 adds up all pieces that wait with each that comes
            client.writer.write(100 * wire.encode({"do": "status"}))
            await client.writer.drain()
    await until(lambda: "without reading" in caplog.text and running.daemon.status()["clients"] == 0)
    other = await running.client()
    assert (await other.ask({"do": "status"}))["clients"] == 1


async def test_storm(running):
    """Speak, stop, pause, resume and vanish at random times: each request ends exactly once, and memory stays flat."""
    rng = random.Random(4)
    listeners = []

    async def listen(client):
        with contextlib.suppress(ConnectionError):
            while True:
                await client.next()

    clients, sent = [], {}
    for _ in range(4):
        client = await running.client()
        clients.append(client)
        sent[client] = []
        listeners.append(asyncio.create_task(listen(client)))

    async def some(count: int) -> None:
        for _ in range(count):
            client = rng.choice(clients)
            known = sent[client]
            action = rng.random()
            if action < 0.6 or not known:
                known.append(len(known))
                text = rng.choice(["a", "abc", "hello [m]there. how are you", LONG[:300], "{de}guten tag", ""])
                client.speak(known[-1], text, play=rng.random() < 0.3, priority=rng.choice(list(wire_priorities)))
            elif action < 0.9:
                client.send({"do": "stop", "id": rng.choice([*known[-3:], "all"])})
            elif action < 0.94:
                client.send({"do": "pause", "id": known[-1]})
            elif action < 0.97:
                client.send({"do": "pause"})
            else:
                client.send({"do": "resume"})
            if rng.random() < 0.5:
                await asyncio.sleep(rng.random() * 0.006)

    wire_priorities = ["important", "message", "text", "notification", "progress"]
    await some(300)
    gc.collect()
    before = resident_bytes()
    await some(1000)
    for client in clients:
        client.send({"do": "resume"})
        client.send({"do": "stop", "id": "all"})
    await until(lambda: all(len(client.ended) == len(sent[client]) for client in clients))
    for client in clients:
        assert sorted(client.ended) == sent[client]
        for ends in client.ended.values():
            # What the daemon plays goes on after a pause: that is no end.
            assert [end for end in ends if end != "paused"] == ends[-1:] or ends == ["paused"]
            assert set(ends) <= LAST and set(ends[:-1]) <= {"paused"}
    await until(lambda: running.daemon.synthesis.open_streams == 0)
    await until(lambda: running.daemon.speech.statistics()["waiting"] == 0)
    gc.collect()
    assert resident_bytes() - before < 16 << 20
    for listener in listeners:
        listener.cancel()


async def test_nonsense_without_end_does_not_fill_the_log(running, client, caplog):
    for _ in range(500):
        client.writer.write(b"\0\0\0\2J{")
    client.speak(1, "abc")
    assert events(await client.utterance(1))[-1] == "end"
    assert caplog.text.count("not JSON") == 3
    await client.close()
    await until(lambda: "500 times in all" in caplog.text)


async def test_an_utterance_that_cannot_be_told_ends_all_the_same(client, monkeypatch):
    def broken(id, data):
        raise KeyError("secret")

    monkeypatch.setattr(wire, "encode_pcm", broken)
    client.speak(1, "abc")
    last = (await client.utterance(1))[-1]
    assert last.body["event"] == "failed" and "KeyError" in last.body["reason"] and "secret" not in last.body["reason"]
