"""What utterances leave behind is freed without the collector, which stops everybody while it looks."""

import asyncio
import gc
from collections import Counter

import pytest

from tests.frontends.spiel_client import until

MANY = 200


async def garbage(running, client, send) -> Counter[str]:
    """What only the collector could free, once all that `send` had said has ended."""
    client.speak(MANY, "abc")
    await client.utterance(MANY)  # what is made once is there
    gc.collect()
    gc.disable()
    try:
        await send()
        await until(lambda: not running.daemon.speech.alive())
        await asyncio.sleep(0.1)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        return Counter(type(thing).__qualname__ for thing in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize("play", [False, True])
@pytest.mark.parametrize("stopped", [False, True])
async def test_utterances(running, client, play, stopped):
    async def send() -> None:
        for id in range(MANY):
            client.speak(id, f"word {id}", play=play)
        if stopped:
            client.send({"do": "stop"})
        await client.utterance(MANY - 1)

    found = await garbage(running, client, send)
    assert max(found.values(), default=0) < MANY / 10, found


async def test_utterances_of_who_hangs_up(running, client):
    async def send() -> None:
        other = await running.client()
        for id in range(MANY):
            other.speak(id, f"word {id}")
        await other.utterance(0)
        other.writer.close()
        await other.writer.wait_closed()
        await until(lambda: len(running.daemon.server.connections) == 1)

    found = await garbage(running, client, send)
    assert max(found.values(), default=0) < MANY / 10, found


async def test_questions(running, client):
    async def send() -> None:
        for _ in range(MANY):
            for question in ("hello", "status", "voices", "cache", "nonsense"):
                client.send({"do": question})
        for _ in range(5 * MANY):
            await client.next()

    found = await garbage(running, client, send)
    assert max(found.values(), default=0) < MANY / 10, found
