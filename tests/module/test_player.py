"""The program that plays the fallback's sound where there is no daemon and the server does not play, with real programs."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from speechd_neural.module import player
from speechd_neural.module.player import Player

SECOND = bytes(2 * 16000)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`pacat` takes nothing and does not end, `aplay` takes all: to a file."""
    for name, script in (("pacat", "exec sleep 600"), ("aplay", f"exec cat > {tmp_path}/heard")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(player, "_hung", set())
    monkeypatch.setattr(player, "_PATIENCE", 0.2)
    return tmp_path


def test_where_a_program_hangs_another_plays_the_rest(programs: Path) -> None:
    for _ in range(2):  # the second time it is known
        playing = Player()
        assert playing.sound(SECOND, 16000)
        playing.finish()
        assert len(SECOND) - 4096 <= (programs / "heard").stat().st_size <= len(SECOND)
    assert player._hung == {"pacat"} and (programs / "heard").stat().st_size == len(SECOND)


def test_where_all_hang_it_comes_to_an_end(programs: Path) -> None:
    (programs / "aplay").write_text("#!/bin/sh\nexec sleep 600\n")
    playing = Player()
    assert not playing.sound(SECOND, 16000)
    playing.finish()
    assert player.command(16000) is None


def test_what_hangs_at_the_end_is_not_waited_for_without_limit(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "_ENDING", 0.2)
    playing = Player()
    assert playing.sound(bytes(1000), 16000)
    playing.finish()
    assert playing._process is not None and playing._process.returncode == -signal.SIGKILL


def test_a_stop_is_heard_at_once(programs: Path) -> None:
    playing = Player()
    thread = threading.Thread(target=playing.finish)
    assert playing.sound(bytes(1000), 16000)
    process = playing._process
    thread.start()
    playing.stop()
    assert process is not None and process.wait(60) == -signal.SIGKILL
    thread.join(60)
    assert not playing.sound(SECOND, 16000)
