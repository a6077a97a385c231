"""Floods on the unix socket: who sends more than anybody can want is refused or waits, and the others are served."""

import asyncio

import pytest

from speechd_neural.core import session
from speechd_neural.frontends import connection, long_json, turns, wire
from speechd_neural.frontends.connection import MOST_QUESTIONS
from tests.daemon_client import events
from tests.frontends.spiel_client import until
from tests.running_daemon import LONG


@pytest.mark.parametrize("play", [False, True])
async def test_ten_thousand_queued_utterances(running, client, play):
    for id in range(10_000):
        client.speak(id, "abcdefghij. " * 10, play=play)
    await client.writer.drain()
    other = await running.client()
    other.speak(1, "abc")
    assert events(await other.utterance(1))[-1] == "end"
    client.send({"do": "stop", "id": "all"})
    while len(client.ended) < 10_000:
        await client.next()
    assert all(len(ends) == 1 for ends in client.ended.values())
    await until(lambda: running.daemon.speech.statistics()["waiting"] == 0)


@pytest.mark.parametrize("play", [False, True])
async def test_more_text_than_anybody_can_want_is_refused(client, play):
    for id in range(7):
        client.speak(id, "a" * (3 << 20), play=play)
        await client.writer.drain()
    while not client.ended:
        await client.next()
    assert client.ended == {6: ["failed"]}
    client.send({"do": "stop", "id": "all"})
    client.speak(8, "abc", play=play)
    assert events(await client.utterance(8))[-1] == "end"


async def test_questions_without_end_are_refused_and_the_next_one_is_answered(running, client):
    for _ in range(300):
        client.send({"do": "cache", "action": "stats"})
    answers = [(await client.reply("cache"))["ok"] for _ in range(300)]
    assert answers.count(True) >= MOST_QUESTIONS and answers.count(False) > 0
    assert (await client.ask({"do": "voices"}))["ok"]


async def test_halves_of_long_frames_take_no_more_memory_than_there_is_for_all(running, client, monkeypatch):
    monkeypatch.setattr(connection, "HALVES", 4 << 20)
    half = (8 << 20).to_bytes(4, "big") + b'J{"do":"speak","id":1,"text":"' + b"hello " * 150_000  # 0.9 MB, 1 MB of memory
    others = [await running.client() for _ in range(8)]
    for other in others:
        other.writer.write(half)
        await other.writer.drain()
    await until(lambda: len(running.daemon.server.connections) == 1 + 4)
    client.speak(1, "abc " * 20_000)  # long, and whole
    assert events(await client.utterance(1))[-1] == "end"


async def test_what_all_clients_have_waiting_has_a_limit_too(running, client, monkeypatch):
    monkeypatch.setattr(session, "ALL_QUEUES", 100_000)
    monkeypatch.setattr(session, "LITTLE", 1000)
    other = await running.client()
    for number in range(1, 13):
        other.speak(number, LONG + "." * 10_000)
    assert events(await other.utterance(12)) == ["failed"]
    client.speak(1, "abc")  # who has little waiting is served all the same
    assert events(await client.utterance(1))[-1] == "end"
    other.send({"do": "stop"})
    assert events(await other.utterance(1))[-1] == "stopped"
    await until(lambda: running.daemon.speech._size == 0)


async def test_a_flood_of_somebody_who_has_gone_is_dropped(running, client, monkeypatch):
    monkeypatch.setattr(turns, "TURN", 0.0)
    flood = wire.encode({"do": "status"}) * 5000
    other = await running.client()
    answered = 0
    status = running.daemon.status

    def counted():
        nonlocal answered
        answered += 1
        return status()

    monkeypatch.setattr(running.daemon, "status", counted)
    other.writer.write(flood)
    await until(lambda: answered)
    other.writer.transport.abort()
    await until(lambda: len(running.daemon.server.connections) == 1)
    assert answered < 5000
    client.speak(1, "abc")
    assert events(await client.utterance(1))[-1] == "end"


async def test_others_have_their_turn_between_the_steps_of_a_long_frame(running, client, monkeypatch):
    monkeypatch.setattr(turns, "TURN", 0.0)
    rounds, seen = 0, []
    steps = long_json.steps

    def watched(payload):
        for step in steps(payload):
            seen.append(rounds)
            yield step

    async def others():
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(long_json, "steps", watched)
    beside = asyncio.create_task(others())
    client.speak(1, "a" * (1 << 20))
    client.send({"do": "stop", "id": 1})
    assert events(await client.utterance(1))[-1] == "stopped"
    beside.cancel()
    assert len(seen) > 60 and len(set(seen[:-1])) == len(seen) - 1
