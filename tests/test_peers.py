"""bench/peers.py: what it makes of sounds and of programs that are missing; what it measures is not tested."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from speechd_neural.errors import OutputError

BENCH = Path(__file__).parent.parent / "bench"
ECHO = """
import sys
for line in sys.stdin:
    sys.stdout.buffer.write(b"h" * 44 + bytes(200) + b"\\1\\1" * len(line))
    sys.stdout.flush()
"""


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.setattr(sys, "path", [str(BENCH), *sys.path])
    environment = dict(os.environ)
    yield importlib.import_module("peers")
    os.environ.clear()
    os.environ.update(environment)
    for name in ("peers", "commandline"):
        sys.modules.pop(name, None)


def test_silence_before_the_sound(peers: ModuleType) -> None:
    sound = np.concatenate([np.zeros(800, np.int16), np.full(80, -99, np.int16), np.full(400, -10000, np.int16)])
    assert peers.lead(sound, 16000) == pytest.approx(0.055)
    assert peers.lead(np.full(10, -32768, np.int16), 16000) == 0


def test_a_program_that_reads_lines(peers: ModuleType) -> None:
    core = min(os.sched_getaffinity(0))
    before = os.sched_getaffinity(0)
    peer = peers.Peer("echo", (sys.executable, "-c", ECHO), 16000, header=44)
    heard, memory = peers.answers(peer, ("one", "three"), core)
    assert [len(h.samples) for h in heard] == [104, 106] and all(h.samples[-1] == 257 for h in heard)
    assert all(h.first > 0 for h in heard) and 1 < memory < 1000
    assert os.sched_getaffinity(0) == before


def test_a_program_without_a_sound(peers: ModuleType) -> None:
    peer = peers.Peer("mute", (sys.executable, "-c", ""), 16000)
    with pytest.raises(OutputError, match="mute: no sound came"):
        peers.start(peer, min(os.sched_getaffinity(0)))


def test_what_is_here_and_what_is_not(peers: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found, missing = peers.peers("/nowhere/python")
    assert {"speechd-neural rms"} <= {peer.name for peer in found}
    assert all(peer.name.startswith("speechd-neural ") and peer.rate in (16000, 24000) for peer in found)
    assert [line.split(":")[0] for line in missing] == ["espeak-ng", "flite", "Piper"]


def test_without_a_judge(peers: ModuleType) -> None:
    heard = peers.Heard(0.1, np.ones(100, np.int16))
    assert peers.judged("/nowhere/python", peers.Peer("any", (), 16000), [heard]) is None
