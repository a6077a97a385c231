"""The bench command measures and says on what."""

import subprocess
import sys


def test_bench_prints_machine_text_and_figures() -> None:
    command = [sys.executable, "-m", "speechd_neural", "bench", "--runs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "one thread, voice fenrir-" in lines[0]
    assert sum("real-time factor median" in line for line in lines) == 2
    assert lines[-1].endswith(" MB")


def test_runs_are_at_least_one() -> None:
    command = [sys.executable, "-m", "speechd_neural", "bench", "--runs", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stderr.endswith("argument --runs: '0': expected a whole number, 1 or more\n")
