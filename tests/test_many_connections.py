"""Somebody who connects and connects keeps nobody else out, and takes no word from anybody."""

from __future__ import annotations

import contextlib
import resource
import socket
import time
from pathlib import Path

from speechd_neural.frontends import wire
from tests.daemon_place import LIMIT, Place, speak

MOST = 256  # descriptors of the daemon


def connect_for_ever(path: Path, stack: contextlib.ExitStack, seconds: float) -> int:
    """How many got in."""
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        one = stack.enter_context(socket.socket(socket.AF_UNIX))
        one.settimeout(0.2)
        try:
            one.connect(str(path))
            count += 1
        except OSError:
            time.sleep(0.05)
    return count


def test_who_speaks_is_spoken_for_however_many_connect(place: Place) -> None:
    place.write("voice: {name: rms}\ncache: {warm: false}\nfallback: {deadline_ms: 5000}\n")
    daemon = place.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (MOST, MOST)))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # this process opens as many
    try:
        with place.connect() as first, contextlib.ExitStack() as stack:
            first.ask({"do": "voices"}, timeout=LIMIT)
            first.send({"do": "speak", "id": 1, "text": "word " * 500})  # is under way all the time
            assert connect_for_ever(place.socket, stack, 3.0) > MOST
            with place.connect() as second:
                assert speak(second, 1, "A new word.")[0] > 0.3
                seconds, last = speak(second, 2, "Guten Morgen.", settings={"language": "de"})  # by espeak-ng, another process
                assert last == "end" and seconds > 0.3  # a beep has a tenth of a second
            assert first.ask({"do": "status"}, timeout=LIMIT)["clients"] < MOST
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    daemon.terminate()
    _, log = daemon.communicate(timeout=LIMIT)
    assert "too many connections" in log and len(log.splitlines()) < 100


def test_who_hangs_up_in_the_middle_of_anything_leaves_nothing_in_the_log(place: Place) -> None:
    daemon = place.start()
    requests = [
        b"",
        b"\0\0\0",
        wire.encode({"do": "speak", "id": 1, "text": "hello there"}),
        wire.encode({"do": "speak", "id": 1, "text": "hello there", "play": True}),
        wire.encode({"do": "voices", "follow": True}) * 3,
        wire.encode({"do": "status"}) * 300,  # more than its turn
    ]
    with place.connect() as client:
        client.ask({"do": "voices"}, timeout=LIMIT)
        for number in range(600):
            with socket.socket(socket.AF_UNIX) as one:
                one.connect(str(place.socket))
                one.sendall(requests[number % len(requests)])
        assert speak(client, 1, "Hello there.")[1] == "end"
    daemon.terminate()
    _, log = daemon.communicate(timeout=LIMIT)
    assert "Unhandled" not in log and "asyncio" not in log and "internal" not in log, log
