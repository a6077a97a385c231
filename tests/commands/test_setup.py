"""Setting up is tested in a desktop of its own (tests/e2e); here: what must not be left to chance."""

import signal
import subprocess
import sys

from speechd_neural.commands import setup

SLOW_TO_END = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit(3)))
print("ready", flush=True)
time.sleep(60)
"""


def test_it_waits_until_the_daemon_that_it_ends_is_gone(monkeypatch):
    """Else the module that is tried next would find the old one, which writes until it ends."""
    with subprocess.Popen([sys.executable, "-c", SLOW_TO_END], stdout=subprocess.PIPE) as daemon:
        assert daemon.stdout.readline() == b"ready\n"
        monkeypatch.setattr(setup, "_daemon", lambda: daemon.pid)
        setup._end_daemon()
        assert daemon.poll() == 3


def test_a_daemon_that_is_gone_already_is_no_trouble(monkeypatch):
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    monkeypatch.setattr(setup, "_daemon", lambda: gone.pid)
    setup._end_daemon()
    assert gone.returncode != -signal.SIGTERM
