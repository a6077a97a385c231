"""The module where the system gives it less than usual."""

import subprocess
import sys
import time

import pytest

from speechd_neural.module.main import LOADED

WITHOUT_PROC = """
import os
def nothing(path):
    raise FileNotFoundError(2, "No such file or directory", path)
os.listdir = nothing
"""
FULL_OF_PIPES = """
import fcntl
def refused(*arguments):
    raise PermissionError(1, "Operation not permitted")
fcntl.fcntl = refused
"""
WITHOUT_THREADS = """
import threading, time
start, began = threading.Thread.start, time.monotonic()
def refuse(thread):
    if thread.name == {name!r} and time.monotonic() < began + {seconds}:
        raise RuntimeError("can't start new thread")
    start(thread)
threading.Thread.start = refuse
"""


def module(tmp_path, before: str) -> subprocess.Popen:
    config = tmp_path / "neural.conf"
    config.write_text(f"Socket {tmp_path}/socket\nDaemonCommand touch {tmp_path}/started\n")
    program = before + "\nfrom speechd_neural.module.main import main\nmain()"
    return subprocess.Popen(
        [sys.executable, "-c", program, str(config)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.mark.parametrize("before", [WITHOUT_PROC, FULL_OF_PIPES], ids=["no /proc", "as many pipes as may be"])
def test_it_speaks_all_the_same(tmp_path, before: str) -> None:
    with module(tmp_path, before) as process:
        said, errors = process.communicate(b"INIT\nSPEAK\nOne.\n.\nQUIT\n", timeout=60)
    assert said.startswith(LOADED) and b"200 OK SPEAKING" in said and said.endswith(b"210 OK QUIT\n")
    assert b"Traceback" not in errors


def test_where_nothing_can_be_written_the_server_is_told_with_each_command(tmp_path) -> None:
    with module(tmp_path, WITHOUT_THREADS.format(name="output", seconds=60)) as process:
        said, errors = process.communicate(b"INIT\nAUDIO\nLOGLEVEL\n", timeout=60)
    assert said.startswith(LOADED) and said.count(b"300 ERR") == 2
    assert errors.count(b"\n") == 1


def test_where_there_was_no_thread_for_the_daemon_the_next_message_gets_one(tmp_path) -> None:
    with module(tmp_path, WITHOUT_THREADS.format(name="daemon", seconds=1)) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(b"INIT\n")
        process.stdin.flush()
        assert process.stdout.readline() == LOADED.splitlines(True)[0]
        time.sleep(1.2)
        assert not (tmp_path / "started").exists()
        process.communicate(b"SPEAK\nOne.\n.\nQUIT\n", timeout=60)
    assert (tmp_path / "started").exists()
