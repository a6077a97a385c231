"""The log holds nobody up, does not flood, and tells no text."""

from __future__ import annotations

import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from speechd_neural.loglines import LONGEST, MOST, PERIOD, Lines
from tests.daemon_place import COMMAND, LIMIT, Place, speak

MODULE = [sys.executable, "-c", "from speechd_neural.module.main import main; main()"]


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    logger = logging.getLogger("speechd_neural.trial")
    logger.propagate = False
    yield logger
    logger.handlers.clear()


def into(logger: logging.Logger, descriptor: int) -> None:
    logger.addHandler(Lines(descriptor))
    logger.setLevel(logging.INFO)


@pytest.fixture
def full() -> Iterator[int]:
    """The write end of a pipe that takes nothing any more; somebody still holds the other end."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writing, True)
    yield writing
    os.close(reading)
    os.close(writing)


def test_lines_that_nobody_takes_are_counted_and_told_later(log: logging.Logger) -> None:
    reading, writing = os.pipe()
    into(log, writing)
    sent = 0
    while select.select([], [writing], [], 0)[1]:
        os.write(writing, bytes(4096))
        sent += 4096
    log.info("one")
    log.info("two")
    while sent:
        sent -= len(os.read(reading, sent))
    log.info("three")
    assert os.read(reading, 4096) == b"(2 lines were lost) INFO speechd_neural.trial: three\n"


def test_a_kind_of_line_is_told_some_times_and_then_counted(log: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    into(log, writing)
    clock = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    for number in range(MOST + 30):
        if number == MOST + 20:
            clock += PERIOD + 1
        log.info("%d", number)
    log.info("another")
    lines = os.read(reading, 1 << 16).decode().splitlines()
    assert len(lines) == MOST + 11
    assert lines[MOST - 1].endswith(f"{MOST - 1} (more like this are left out for 10 minutes)")
    assert lines[MOST].endswith(f"{MOST + 20} (20 more like this were left out)")


def test_an_error_is_told_without_its_message_in_one_line(log: logging.Logger) -> None:
    reading, writing = os.pipe()
    into(log, writing)
    try:
        raise ValueError("my password")
    except ValueError:
        log.exception("it failed\nin two lines")
    foreign = logging.LogRecord("asyncio", logging.ERROR, "x", 1, "never retrieved\nfuture: my password", (), None)
    log.handle(foreign)
    log.info("x" * 2 * LONGEST)
    lines = os.read(reading, 1 << 16).decode().splitlines()
    assert lines[0].startswith("ERROR speechd_neural.trial: it failed in two lines: ValueError at test_loglines.py:")
    assert lines[1] == "ERROR asyncio: never retrieved"
    assert len(lines) == 3 and len(lines[2]) == LONGEST


def test_the_daemon_speaks_where_nobody_reads_its_log(place: Place, full: int) -> None:
    place.write("voice: {name: nobody}\nlog: {level: debug}\n")  # has something to say
    with subprocess.Popen([*COMMAND, "daemon", "--no-bus"], env=place.environment, stdout=full, stderr=full) as daemon:
        try:
            with place.connect() as client:
                assert speak(client, 1, "Hello there.")[1] == "end"
        finally:
            daemon.terminate()
        assert daemon.wait(LIMIT) == 0


def test_a_daemon_that_was_given_no_descriptors_writes_into_no_socket(place: Place) -> None:
    place.write("voice: {name: nobody}\n")
    close = "import os, sys; [os.close(n) for n in range(3)]; os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    daemon = subprocess.Popen([sys.executable, "-c", close, *COMMAND[1:], "daemon", "--no-bus"], env=place.environment)
    try:
        with place.connect() as client:
            assert speak(client, 1, "Hello there.")[1] == "end"
        assert {os.readlink(f"/proc/{daemon.pid}/fd/{number}") for number in range(3)} == {os.devnull}
        assert (place.socket.parent / "lock").read_bytes() == b""
    finally:
        daemon.terminate()
        daemon.wait(LIMIT)


def test_a_storm_of_signals_is_a_few_readings_of_the_configuration(place: Place) -> None:
    daemon = place.start()
    with place.connect() as client:
        end = time.monotonic() + 2
        while time.monotonic() < end:
            daemon.send_signal(signal.SIGHUP)
            time.sleep(0.001)
        assert speak(client, 1, "Hello there.")[1] == "end"
        client.ask({"do": "voices"}, timeout=LIMIT)
    daemon.terminate()
    _, log = daemon.communicate(timeout=LIMIT)
    assert 1 <= log.count("read again") <= MOST and len(log.splitlines()) < 5 * MOST


def test_an_error_in_a_thread_of_the_daemon_is_one_line_without_text(place: Place) -> None:
    program = (
        "import threading; from speechd_neural import loglines; loglines.begin()\n"
        "def fail(): raise ValueError('my password')\n"
        "thread = threading.Thread(target=fail, name='trial'); thread.start(); thread.join()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT, check=True)
    assert done.stderr.count("\n") == 1 and "the thread trial: ValueError at <string>:2" in done.stderr


@pytest.mark.parametrize("stderr", ["full", "closed"])
def test_the_module_answers_where_nobody_reads_its_log(place: Place, full: int, stderr: str, tmp_path: Path) -> None:
    (tmp_path / "module.conf").write_text("DaemonCommand\nNonsense\nDeadline x\n")
    close = "import os, sys; os.close(2); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    command = [*MODULE, str(tmp_path / "module.conf")]
    with subprocess.Popen(
        command if stderr == "full" else [sys.executable, "-c", close, *command[1:]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=full, env=place.environment, bufsize=0,
    ) as module:  # fmt: skip
        assert module.stdin is not None and module.stdout is not None
        module.stdin.write(b"INIT\nSPEAK\nhello\n.\n")
        answer = b""
        while b"702 END" not in answer and select.select([module.stdout], [], [], LIMIT)[0]:
            some = os.read(module.stdout.fileno(), 1 << 16)
            if not some:
                break
            answer += some
        module.stdin.write(b"QUIT\n")
    assert b"705 AUDIO" in answer and answer.endswith(b"702 END\n")
