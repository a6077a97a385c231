"""The one thread that writes to the server: the window of an utterance, the order, and how far ahead it runs."""

import fcntl
import os
import threading
import time
from types import SimpleNamespace

import pytest

from speechd_neural.module import protocol
from speechd_neural.module.output import LEAD, SETTLE, Output

SECOND = bytes(2 * 16000)


class Server:
    """Reads everything at once, from `read` on."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self.data = b""
        self._thread = threading.Thread(target=self._read)

    def read(self) -> None:
        self._thread.start()

    def _read(self) -> None:
        while data := os.read(self.reading, 1 << 16):
            self.data += data

    def wait(self, part: bytes) -> None:
        end = time.monotonic() + 60
        while part not in self.data:
            assert time.monotonic() < end, (part, self.data[-200:])
            time.sleep(0.002)

    def close(self) -> None:
        os.close(self.writing)
        self._thread.join()
        os.close(self.reading)


@pytest.fixture
def busy_server():
    """Does not read yet; its pipe is full with less than a tenth of a second of sound."""
    pipe = Server()
    fcntl.fcntl(pipe.writing, fcntl.F_SETPIPE_SZ, 4096)
    yield pipe
    pipe.close()


@pytest.fixture
def server():
    pipe = Server()
    pipe.read()
    yield pipe
    pipe.close()


@pytest.fixture
def output(server):
    return Output(server.writing)


def test_an_utterance_in_order(server, output):
    number = output.open()
    assert output.mark(number, "early")
    assert output.sound(number, SECOND[:640], 16000)
    assert output.mark(number, "__spd_3")
    output.finish(number)
    server.wait(b"702 END\n")
    lines = [
        line for line in server.data.split(b"\n") if line[:4] in (b"200 ", b"701 ", b"702 ", b"705 ") or b"-" in line
    ]
    order = [line for line in lines if line[:4] != b"705-"]
    assert order == [b"200 OK SPEAKING", b"701 BEGIN", b"700-early", b"705 AUDIO", b"705 AUDIO", b"700-__spd_3",
                     b"700-__spd_3", b"702 END"]  # fmt: skip
    assert output.stop() is None and output.pause() is None


def test_nothing_is_taken_after_a_stop(server, output):
    number = output.open()
    output.sound(number, SECOND[:6400], 16000)
    assert output.stop() == number
    assert not output.sound(number, SECOND, 16000)
    assert not output.mark(number, "late")
    output.finish(number)
    server.wait(b"703 STOP\n")
    output.reply(b"299 LAST\n")
    server.wait(b"299 LAST\n")
    assert server.data.endswith(b"703 STOP\n299 LAST\n")
    assert b"702" not in server.data


@pytest.mark.parametrize("end", ["stop", "pause", "finish"])
def test_a_terminal_event_keeps_its_distance_from_the_beginning(server, output, monkeypatch, end):
    """Replies do not wait for it, and it comes once."""
    now = [time.monotonic()]  # until another is added
    monkeypatch.setattr("speechd_neural.module.output.time", SimpleNamespace(monotonic=lambda: now[-1]))
    number = output.open()
    server.wait(b"200 OK SPEAKING\n")
    getattr(output, end)(*[number] * (end == "finish"))
    output.reply(b"299 FIRST\n")
    event = {"stop": b"703 STOP\n", "pause": b"704 PAUSE\n", "finish": b"702 END\n"}[end]
    server.wait(b"299 FIRST\n")
    assert event not in server.data
    now.append(now[0] + SETTLE)
    server.wait(event)
    output.reply(b"299 LAST\n")
    server.wait(b"299 LAST\n")
    assert server.data.count(event) == 1


def test_runs_ahead_only_a_little_and_waits_for_the_ear(server, output):
    number = output.open()
    begun = time.monotonic()
    output.sound(number, SECOND, 16000)
    sent = server.data.count(b"705 AUDIO") * 0.04
    assert sent <= time.monotonic() - begun + LEAD + 0.1
    assert output.quiet() <= time.monotonic() - begun - 1  # it sounds for a second
    output.finish(number)
    server.wait(b"702 END\n")
    assert server.data.count(b"705 AUDIO") == 26  # one of 10 ms, 24 of 40, the rest


def test_replies_overtake_sound(busy_server):
    output = Output(busy_server.writing)
    number = output.open()
    output.sound(number, SECOND[: len(SECOND) // 2], 16000)
    output.reply(b"200 QUICK\n")
    busy_server.read()
    busy_server.wait(b"200 QUICK\n")
    before, _, _ = busy_server.data.partition(b"200 QUICK\n")
    assert before.count(b"705 AUDIO") <= 4  # what was in the pipe and on its way there; the other ten come later
    output.stop()


def test_a_new_utterance_drops_the_old_one(server, output):
    first = output.open()
    second = output.open()
    assert not output.sound(first, SECOND, 16000)
    assert output.is_current(second) and not output.is_current(first)
    output.finish(first)
    output.finish(second)
    server.wait(b"702 END\n")
    assert server.data.count(b"702 END") == 1


def test_pause_names_the_last_mark_that_was_written(busy_server):
    server, output = busy_server, Output(busy_server.writing)
    number = output.open()
    output.mark(number, "__spd_7")
    while b"__spd_7" not in server.data:
        server.data += os.read(server.reading, 100)
    output.sound(number, SECOND[: len(SECOND) // 2], 16000)
    output.mark(number, "__spd_8")
    assert output.pause() == number
    server.read()
    server.wait(b"704 PAUSE\n")
    assert server.data.endswith(protocol.mark("__spd_7") + protocol.PAUSE)
    assert b"__spd_8" not in server.data


def test_silence_comes_before_the_mark_of_a_pause(server, output):
    """The thread of the server that plays must not come to the mark before it has been told to pause there."""
    number = output.open()
    assert output.sound(number, SECOND[:320], 16000)
    server.wait(b"705 AUDIO\n")
    sent = len(server.data)
    output.pause()
    server.wait(b"704 PAUSE\n")
    assert server.data[sent:] == protocol.audio(bytes(2 * 800), 16000) + protocol.mark("__spd_-1") + protocol.PAUSE


def test_senders_are_set_free_by_a_stop(server, output):
    number = output.open()
    results = []
    sender = threading.Thread(target=lambda: results.append(output.sound(number, SECOND * 20, 16000)))
    sender.start()
    server.wait(b"705 AUDIO")
    output.stop()
    sender.join(60)
    assert results == [False]


def test_a_server_that_is_gone_sets_everybody_free():
    reading, writing = os.pipe()
    os.close(reading)
    output = Output(writing)
    number = output.open()
    end = time.monotonic() + 60
    while output.sound(number, SECOND, 16000):
        assert time.monotonic() < end
    output.drain()
    os.close(writing)
