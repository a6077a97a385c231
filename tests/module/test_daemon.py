"""The module's line to the daemon, by itself."""

import socket
import threading
import time
from pathlib import Path

from speechd_neural.frontends import wire
from speechd_neural.module.daemon import Daemon
from tests.waiting import wait_for

LIMIT = 30  # s


def test_the_next_daemon_starts_while_the_sound_of_the_last_one_plays(tmp_path: Path) -> None:
    path, started = tmp_path / "socket", tmp_path / "started"
    playing, played, lost = threading.Event(), threading.Event(), threading.Event()

    def receive(frame: wire.Frame) -> None:  # as long as the server takes for the sound that it has
        playing.set()
        played.wait(LIMIT)

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        Daemon(str(path), ["touch", str(started)], receive, lost.set, lambda line: None)
        connection, _ = listening.accept()
    with connection:
        connection.sendall(wire.encode_pcm(1, bytes(2000)))
        assert playing.wait(LIMIT)
        assert not started.exists()
    wait_for("the next daemon", started.exists, LIMIT)
    assert not lost.is_set()  # nobody has noticed but the thread that waits for this alone
    played.set()
    assert lost.wait(LIMIT)


def test_a_daemon_that_hangs_up_each_time_is_called_ever_less_often_and_told_once(tmp_path: Path) -> None:
    lines: list[str] = []
    calls = 0
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        listening.listen()
        listening.settimeout(0.2)
        Daemon(str(tmp_path / "socket"), [], lambda frame: None, lambda: None, lines.append)
        end = time.monotonic() + 4
        while time.monotonic() < end:
            try:
                listening.accept()[0].close()
                calls += 1
            except TimeoutError:
                continue
    # Each is looked at once more by the thread that waits for the next daemon.
    assert 5 <= calls <= 30
    assert len(lines) == len(set(lines)) <= 3


def test_an_end_that_comes_while_the_next_goes_out_keeps_no_stop_from_that(tmp_path: Path) -> None:
    comparing, go_on, told = threading.Event(), threading.Event(), threading.Event()

    class First(int):
        """Whoever compares it in the thread that listens is interrupted there."""

        def __eq__(self, other: object) -> bool:
            if threading.current_thread() is listens:
                comparing.set()
                go_on.wait(LIMIT)
            return int(self) == other

        __hash__ = int.__hash__

    def end() -> None:
        daemon.ended(First(1))
        told.set()

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        listening.listen()
        daemon = Daemon(str(tmp_path / "socket"), [], lambda frame: None, lambda: None, lambda line: None)
        connection, _ = listening.accept()
    with connection:
        listens = threading.Thread(target=end)
        assert daemon.speak({"do": "speak", "id": 1}, LIMIT)
        listens.start()
        wait_for("the end", lambda: comparing.is_set() or told.is_set(), LIMIT)
        assert daemon.speak({"do": "speak", "id": 2}, LIMIT)
        go_on.set()
        listens.join(LIMIT)
        daemon.stop(2)
        connection.settimeout(LIMIT)
        parser, asked = wire.Parser(), []
        while {"do": "stop", "id": 2} not in asked:
            asked += [frame.body for frame in parser.feed(connection.recv(1 << 16)) if isinstance(frame, wire.Message)]
            daemon.stop(2)  # does nothing a second time
            if {"do": "speak", "id": 2} in asked:
                break
    assert {"do": "stop", "id": 2} in asked
