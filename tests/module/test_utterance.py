"""One message whose daemon stops in the middle of it."""

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from speechd_neural.frontends import wire
from speechd_neural.module import protocol, utterance
from speechd_neural.module.output import Output
from speechd_neural.module.utterance import Means, Utterance
from speechd_neural.types import Kind

RATE = 16000
LIMIT = 30  # s


class Daemon:
    """Takes everything, and says what the test says."""

    def __init__(self) -> None:
        self.sent, self.stopped = threading.Event(), threading.Event()
        self.since = time.monotonic()

    def patience(self, deadline: float) -> float:
        return deadline

    def speak(self, body: Any, timeout: float, wanted: Any) -> bool:
        self.sent.set()
        return True

    def stop(self, id: int) -> None:
        self.stopped.set()

    def ended(self, id: int) -> None:
        pass

    def quiet(self) -> float:
        return time.monotonic() - self.since


def begun(daemon: Daemon, server_plays: bool = True) -> tuple[Utterance, threading.Thread, list[float], int]:
    """An utterance, its thread, when it said that it falls back, and what reads the module's output."""
    reading, writing = os.pipe()
    output, told = Output(writing), []
    means = Means(output, daemon, 5.0, lambda line: told.append(time.monotonic()), server_plays)  # type: ignore[arg-type]
    one = Utterance(output.open(), Kind.TEXT, "one", {}, means)
    thread = threading.Thread(target=one.run, daemon=True)
    thread.start()
    assert daemon.sent.wait(LIMIT)
    one.receive(wire.Message({"event": "begin", "id": 1, "sample_rate": RATE}))
    return one, thread, told, reading


def drained(reading: int) -> None:
    def read() -> None:
        while protocol.END not in os.read(reading, 1 << 16):
            pass

    threading.Thread(target=read, daemon=True).start()


def test_a_daemon_that_stops_in_mid_sentence_is_given_up_a_second_after_its_last_sound() -> None:
    daemon = Daemon()
    one, thread, told, reading = begun(daemon)
    drained(reading)
    began = time.monotonic()
    one.receive(wire.Pcm(1, bytes(2 * RATE * 3 // 10)))
    thread.join(LIMIT)
    assert daemon.stopped.is_set()
    assert 1.25 <= told[0] - began < 1.25 + 0.4  # 0.3 s of sound, and a second


def test_a_daemon_that_plays_itself_and_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utterance.fallback, "speak_request", lambda *_, **__: iter(()))
    daemon = Daemon()
    _, thread, told, reading = begun(daemon, server_plays=False)
    drained(reading)
    thread.join(LIMIT)
    assert daemon.stopped.is_set() and len(told) == 1


FROZEN = """
import threading, time
from tests.module.test_utterance import Daemon, RATE, begun, drained, wire
daemon = Daemon()
one, thread, told, reading = begun(daemon)
drained(reading)
one.receive(wire.Pcm(1, bytes(2 * RATE // 10)))
time.sleep(0.2)
print("sounding", flush=True)
time.sleep(1.0)  # in which it is stopped for two
for _ in range(5):
    one.receive(wire.Pcm(1, bytes(2 * RATE // 10)))
    time.sleep(0.1)
one.receive(wire.Message({"event": "end", "id": 1}))
thread.join()
print("given up" if told else "heard whole", flush=True)
"""


def test_a_module_that_stood_still_itself_does_not_blame_the_daemon() -> None:
    command = [sys.executable, "-c", FROZEN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as module:
        assert module.stdout is not None
        assert module.stdout.readline() == "sounding\n"
        module.send_signal(signal.SIGSTOP)
        time.sleep(2.0)
        module.send_signal(signal.SIGCONT)
        assert module.stdout.readline() == "heard whole\n"
