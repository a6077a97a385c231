"""What is spoken is in no log, on no command line and in no environment, and in the name or the content of no file.

A real daemon, the real module and the real espeak-ng, which is called through a program that writes down its arguments.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from speechd_neural.frontends import wire
from speechd_neural.frontends.client import Client
from tests.daemon_place import LIMIT, Place

SAID = "marmalade"  # in whatever is spoken
MODULE = [sys.executable, "-c", "from speechd_neural.module.main import main; main()"]
RECORDER = """#!/bin/sh
printf '%s\\n' "$0" "$@" >> {record}
env >> {record}
exec {program} "$@"
"""


@pytest.fixture
def place(tmp_path: Path):
    place = Place(tmp_path)
    program = shutil.which("espeak-ng")
    assert program, "espeak-ng is not installed"
    (tmp_path / "bin").mkdir()
    recorder = tmp_path / "bin" / "espeak-ng"
    recorder.write_text(RECORDER.format(record=tmp_path / "espeak-arguments", program=program))
    recorder.chmod(0o755)
    place.environment["PATH"] = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    place.write("log: {level: debug}\ncache: {warm: false, private: ['quince']}\nfallback: {deadline_ms: 5000}\n")
    yield place
    place.close()


def hear(client: Client, id: int, **body: object) -> str:
    """The last event of a request."""
    client.send({"do": "speak", "id": id, **body})
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        for frame in client.receive(1):
            if isinstance(frame, wire.Message) and frame.body.get("event") in ("end", "stopped", "failed"):
                return str(frame.body["event"])
    raise AssertionError("no end")


def test_by_the_daemon(place: Place) -> None:
    daemon = place.start()
    with place.connect() as client:
        client.ask({"do": "voices"}, timeout=LIMIT)
        assert hear(client, 1, text=f"Some {SAID}.") == "end"
        assert hear(client, 2, text=f"<speak><mark name='{SAID}'/>{SAID} <x {SAID}='1'>quince</x></speak>", kind="ssml") == "end"
        assert hear(client, 3, text=SAID, kind="char") == "end"
        assert hear(client, 4, text=SAID, kind="key") == "end"
        assert hear(client, 5, text=SAID, kind="sound_icon") == "end"
        assert hear(client, 6, text=f"Etwas {SAID}.", settings={"language": "de"}) == "end"  # the fallback's
        assert hear(client, 7, text=f"мармелад {SAID}", private=True) == "end"
        assert hear(client, 8, text=[SAID]) == "failed"
        assert hear(client, 9, text=SAID, settings={"rate": SAID}) == "failed"
        assert hear(client, 10, text=f"{SAID} " * 20_000 + "\ud800", kind=SAID) == "failed"
        client.send({"do": SAID, "text": SAID})
        client.send({"do": "stop", "id": SAID})
        for day in range(4):
            assert hear(client, 20 + day, text=SAID) == "end"
        assert client.ask({"do": "status"}, timeout=LIMIT)["fallbacks"] >= 2
    daemon.terminate()
    out, log = daemon.communicate(timeout=LIMIT)
    assert "ready" in out + log
    nowhere(place.root, out, log)


@pytest.mark.parametrize("alone", [False, True])
def test_by_the_module(place: Place, alone: bool) -> None:
    if not alone:
        place.start()
        place.connect().close()
    (place.root / "module.conf").write_text("DaemonCommand\n" + "Deadline 0\n" * alone)
    debug = place.root / "debug.log"
    with subprocess.Popen(
        [*MODULE, str(place.root / "module.conf")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=place.environment,
    ) as module:  # fmt: skip
        assert module.stdin is not None and module.stdout is not None and module.stderr is not None
        module.stdin.write(b"INIT\nLOGLEVEL\nlog_level=5\n.\n" + f"DEBUG ON {debug}\n".encode())
        for command in ("SPEAK", "CHAR", "KEY", "SOUND_ICON"):
            module.stdin.write(f"{command}\n<mark name='{SAID}'/>{SAID}\n.\n".encode())
            module.stdin.flush()
            while module.stdout.readline() not in (b"702 END\n", b"703 STOP\n"):
                assert module.poll() is None
        module.stdin.write(f"NONSENSE {SAID}\nDEBUG OFF\nSET\n{SAID}={SAID}\n.\nQUIT\n".encode())
        module.stdin.flush()
        while module.stdout.readline():
            pass
        log = module.stderr.read().decode()
    nowhere(place.root, log)
    assert not alone or (place.root / "espeak-arguments").exists()


def nowhere(root: Path, *logs: str) -> None:
    """The words are neither in the logs nor anywhere below `root`."""
    for log in logs:
        assert SAID not in log.lower() and "мармелад" not in log and "quince" not in log
    for path in root.rglob("*"):
        assert SAID not in path.name.lower()
        if path.is_file():
            content = path.read_bytes().lower()
            assert SAID.encode() not in content and SAID.encode("utf-16-le") not in content, path
            assert b"quince" not in content or path.name == "config.yaml", path
