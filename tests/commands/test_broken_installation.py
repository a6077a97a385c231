"""An installation whose packages are missing or made for another Python: one line says what to type; nothing spins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from speechd_neural.errors import DaemonError
from speechd_neural.frontends.client import Client

ROOT = Path(__file__).parents[2]
MAIN = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from speechd_neural.cli import main; sys.exit(main())"
# -S and -I: no package at all but this one, as after an upgrade of the system's Python.
COMMAND = [sys.executable, "-I", "-S", "-c", MAIN]


def environment(tmp_path: Path) -> dict[str, str]:
    names = ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    return {"PATH": os.environ["PATH"], **{name: str(tmp_path) for name in names}}


@pytest.mark.parametrize("command", [["say", "hello"], ["explain", "hello"], ["voices", "list"], ["bench"]])
def test_commands_say_in_one_line_what_is_broken(tmp_path: Path, command: list[str]) -> None:
    done = subprocess.run([*COMMAND, *command], env=environment(tmp_path), capture_output=True, text=True, timeout=120)
    assert done.returncode == 10, done.stderr
    assert len(done.stderr.splitlines()) == 1 and "cannot be imported by Python 3." in done.stderr
    assert "make setup" in done.stderr or "sudo apt-get" in done.stderr


def test_doctor_goes_through_every_check(tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND, "doctor", "--quiet"], env=environment(tmp_path), capture_output=True, text=True, timeout=300)
    assert done.returncode == 10 and "Traceback" not in done.stderr
    lines = {line[6:].partition(":")[0]: line for line in done.stdout.splitlines()}
    assert lines["packages"].startswith("FAIL") and "numpy" in lines["packages"] and "yaml" in lines["packages"]
    assert {"settings", "voice files", "fallback", "Speech Dispatcher", "module", "daemon", "Orca"} <= lines.keys()


def test_the_daemon_waits_instead_of_being_started_for_ever(tmp_path: Path) -> None:
    with subprocess.Popen([*COMMAND, "daemon"], env=environment(tmp_path), stderr=subprocess.PIPE, text=True) as daemon:
        try:
            assert daemon.stderr is not None
            assert "cannot be imported" in daemon.stderr.readline()
            with Client(tmp_path / "speechd-neural/socket") as client, pytest.raises(DaemonError):
                client.ask({"do": "hello", "client": "test"}, timeout=60)  # it hangs up: espeak-ng may speak
            time.sleep(0.1)
            assert daemon.poll() is None
        finally:
            daemon.send_signal(signal.SIGTERM)
