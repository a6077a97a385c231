"""`say` beside a sound server that hangs."""

import contextlib
import os
import signal
import subprocess
import sys

from speechd_neural.errors import AudioError
from tests.e2e.conftest import LIMIT, ROOT

LONG = "This is a sentence of some length, and it goes on. " * 12


@contextlib.contextmanager
def frozen(desktop):
    """Its sound server."""
    servers = [pid for pid, command in desktop.pids().items() if command.startswith(("pulseaudio", "pipewire"))]
    assert servers
    try:
        for pid in servers:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in servers:
            os.kill(pid, signal.SIGCONT)


def test_it_ends_where_the_sound_server_hangs_in_mid_sentence(desktop):
    desktop.record()
    start = desktop.now()
    saying = subprocess.Popen(
        [sys.executable, "-m", "speechd_neural", "say", LONG],
        env=desktop.environment | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    desktop.hears(start)
    with frozen(desktop):
        _, said = saying.communicate(timeout=LIMIT)
    assert saying.returncode == AudioError.exit_status
    assert said.startswith("speechd-neural say: ") and said.count("\n") == 1


def test_where_it_hangs_from_the_start_a_file_is_written(desktop):
    with frozen(desktop):
        done = desktop.run("sh", "-c", f'cd "$HOME" && exec {sys.executable} -m speechd_neural say hello', PYTHONPATH=str(ROOT))
    assert done.returncode == 0 and "writing speech.wav instead" in done.stderr, done.stderr
    assert (desktop.home / "speech.wav").stat().st_size > 10_000
