import asyncio
import threading

import pytest

from speechd_neural.core.stream import Stream
from speechd_neural.core.synthesis import Synthesis
from speechd_neural.types import Audio, Begin, End, Failed, MarkReached, Paused, Request, Stopped

TENTH = Audio(bytes(3200), 16000)


@pytest.fixture
def synthesis():
    synthesis = Synthesis()
    synthesis.start()
    yield synthesis
    synthesis.close()


def stream_of(*events, id=1):
    def speak(cancelled):
        yield from events

    return Stream(Request(id, "secret"), speak)


async def collect(stream):
    return [event async for event in stream]


async def test_events_arrive_in_order_and_once(synthesis):
    events = [Begin(), TENTH, MarkReached("a"), TENTH, End()]
    stream = stream_of(*events)
    synthesis.add(stream)
    assert await collect(stream) == events
    assert await collect(stream) == []
    assert stream.finished and len(synthesis.latencies) == 1


async def test_no_more_than_a_second_is_made_ahead(synthesis):
    made = []
    eighth = Audio(bytes(4000), 16000)

    def speak(cancelled):
        for n in range(100):
            made.append(n)
            yield eighth
        yield End()

    async def until(count):
        while len(made) < count:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        assert len(made) == count

    stream = Stream(Request(1, ""), speak)
    synthesis.add(stream)
    await until(8)
    for _ in range(5):
        await anext(stream)
    await until(13)
    assert len(await collect(stream)) == 96


async def test_streams_take_turns_and_the_newest_begins_first(synthesis):
    order = []
    begun = threading.Event()

    def speaker(name, first):
        def speak(cancelled):
            begun.set()
            if first is not None:
                first.wait(60)
            for _ in range(5):
                order.append(name)
                yield TENTH
            yield End()

        return Stream(Request(1, ""), speak)

    gate = threading.Event()
    streams = [speaker("old", gate), speaker("b", None), speaker("new", None)]
    for stream in streams:
        synthesis.add(stream)
        while not begun.is_set():
            await asyncio.sleep(0.01)
    gate.set()  # until now the thread was held by the first
    while len(order) < 15:  # all of it is made ahead: nobody has taken anything yet
        await asyncio.sleep(0.01)
    await asyncio.gather(*map(collect, streams))
    assert order[:3] == ["old", "new", "b"]
    assert sorted(order[:6]) == ["b", "b", "new", "new", "old", "old"]


async def test_long_work_without_sound_keeps_nobody_else_waiting_and_can_be_stopped(synthesis):
    steps = []
    closed = threading.Event()

    def speak(cancelled):
        try:
            yield Begin()
            while True:  # a million tags without a word
                steps.append(None)
                yield None
        finally:
            closed.set()

    older = stream_of(Begin(), TENTH, TENTH, End())
    endless = Stream(Request(2, ""), speak)
    synthesis.add(endless)
    while len(steps) < 10:
        await asyncio.sleep(0.01)
    synthesis.add(older)
    assert await collect(older) == [Begin(), TENTH, TENTH, End()]
    endless.cancel()
    assert await collect(endless) == [Stopped()]
    assert await asyncio.get_running_loop().run_in_executor(None, closed.wait, 60)


async def test_a_cancelled_stream_hands_over_nothing_more_and_is_closed(synthesis):
    closed = threading.Event()

    def speak(cancelled):
        try:
            while True:
                yield TENTH
        finally:
            closed.set()

    stream = Stream(Request(1, ""), speak)
    synthesis.add(stream)
    assert await anext(stream) == TENTH
    stream.cancel()
    stream.cancel()
    stream.pause()
    assert await collect(stream) == [Stopped()]
    assert await asyncio.get_running_loop().run_in_executor(None, closed.wait, 60)


async def test_a_pause_names_the_mark_that_was_taken_last(synthesis):
    stream = stream_of(Begin(), MarkReached("a"), TENTH, MarkReached("b"), TENTH, End())
    synthesis.add(stream)
    while stream.last_mark is None:
        await anext(stream)
    stream.pause()
    assert await collect(stream) == [Paused("a")]


async def test_a_cancel_before_the_thread_has_begun_makes_nothing(synthesis):
    begun = []
    stream = Stream(Request(1, ""), lambda cancelled: iter(begun))
    stream.cancel()
    synthesis.add(stream)
    assert await collect(stream) == [Stopped()]


@pytest.mark.parametrize("events", [(), (Begin(), TENTH)])
async def test_what_ends_without_an_end_fails(synthesis, events):
    stream = stream_of(*events)
    synthesis.add(stream)
    *before, last = await collect(stream)
    assert before == list(events) and isinstance(last, Failed)


async def test_what_raises_fails_without_telling_the_text(synthesis, caplog):
    def speak(cancelled):
        yield Begin()
        raise KeyError("secret")

    stream = Stream(Request(1, "secret"), speak)
    synthesis.add(stream)
    last = (await collect(stream))[-1]
    assert isinstance(last, Failed) and "KeyError" in last.reason
    assert "KeyError" in caplog.text and "secret" not in caplog.text + last.reason
    following = stream_of(End())
    synthesis.add(following)
    assert await collect(following) == [End()]


async def test_background_work_is_done_when_nobody_speaks_and_gives_way():
    steps, gave_way = [], threading.Event()

    def spare(interrupted):
        steps.append(synthesis.open_streams)
        if len(steps) == 3:
            while not interrupted():
                pass
            gave_way.set()
        if len(steps) == 5:
            raise ValueError("secret")
        return len(steps) < 6

    synthesis = Synthesis(spare)
    synthesis.start()
    synthesis.do_spare_work()
    while len(steps) < 3:
        await asyncio.sleep(0.01)
    stream = stream_of(TENTH, End())
    synthesis.add(stream)
    await collect(stream)
    assert gave_way.is_set()
    while len(steps) < 5:
        await asyncio.sleep(0.01)
    synthesis.do_spare_work()
    while len(steps) < 6:
        await asyncio.sleep(0.01)
    synthesis.close()
    assert steps == [0] * 6


async def test_a_thread_that_hangs_is_noticed(synthesis):
    gate = threading.Event()

    def speak(cancelled):
        gate.wait(60)
        yield End()

    assert synthesis.busy_for() == 0
    stream = Stream(Request(1, ""), speak)
    synthesis.add(stream)
    while synthesis.busy_for() < 0.05:
        await asyncio.sleep(0.01)
    gate.set()
    await collect(stream)
    while synthesis.busy_for():
        await asyncio.sleep(0.01)


async def test_the_end_of_the_loop_does_not_harm_the_thread():
    synthesis = Synthesis()
    synthesis.start()

    async def leave() -> Stream:
        stream = stream_of(*[TENTH] * 50, End())
        synthesis.add(stream)
        return stream

    await asyncio.get_running_loop().run_in_executor(None, lambda: asyncio.run(leave()))
    while synthesis.open_streams:
        await asyncio.sleep(0.01)
    synthesis.close()
