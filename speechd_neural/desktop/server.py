"""The Speech Dispatcher in use: have it read its configuration again, so that nobody who is connected loses speech."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from speechd_neural.desktop import speechd_conf
from speechd_neural.desktop.ssip import Ssip
from speechd_neural.errors import SetupError

_RELOAD = 60.0  # s for the server to load every module anew, on a busy machine too
_ANSWER = 15.0  # s; it does not answer while it loads modules
_HUSH = 0.3  # s for a module to fall silent


def reload_server() -> bool:
    """Let a running server read its configuration and modules again; its clients stay connected. False: none runs."""
    pid = _running()
    if pid is None:
        return False
    try:
        with _stand_in():
            _hush()
            before = _children(pid)
            os.kill(pid, signal.SIGHUP)
            end = time.monotonic() + _RELOAD
            while time.monotonic() < end:
                after = _children(pid)
                if after and not after & before and modules():
                    break
                time.sleep(0.05)
    except OSError:
        return False
    return True


def modules_in_use() -> list[str] | None:
    """Names of the modules that a running server has loaded; None: none runs. Raises SetupError where it does not answer."""
    if _running() is None:
        return None
    with Ssip(_directory() / "speechd.sock", timeout=_ANSWER) as server:
        return server.ask("LIST OUTPUT_MODULES")[:-1]


def modules() -> list[str]:
    """The same, and none where it does not answer."""
    try:
        return modules_in_use() or []
    except SetupError:
        return []


def _directory() -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR", ""), "speech-dispatcher")


def _running() -> int | None:
    try:
        pid = int((_directory() / "pid" / "speech-dispatcher.pid").read_text())
        if Path(f"/proc/{pid}/comm").read_text().startswith("speech-dispatch"):
            return pid
    except (OSError, ValueError):
        pass
    return None  # or the number belongs to somebody else by now


@contextlib.contextmanager
def _stand_in() -> Iterator[None]:
    """A copy of the system's configuration where the user has none.

    A server that was started when the user had one reads that file again, and without it loads no module at all.
    """
    conf = speechd_conf.in_use()
    path = speechd_conf.user_path()
    if conf.user and path.exists():
        yield
        return
    made = [directory for directory in path.parents if not directory.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.write_text(conf.text, encoding="utf-8", errors="surrogateescape")
        yield
    finally:
        path.unlink(missing_ok=True)
        for directory in made:
            with contextlib.suppress(OSError):  # somebody else has put something there
                directory.rmdir()


def _hush() -> None:
    """Have everybody silent: a server 0.11 that reloads its modules while one speaks may crash, or lose the message.

    It answers when it has come to the end of its start.
    """
    with contextlib.suppress(SetupError), Ssip(_directory() / "speechd.sock", timeout=_RELOAD) as server:
        server.ask("CANCEL ALL")
        time.sleep(_HUSH)


def _children(pid: int) -> set[int]:
    """Processes that a process has started and that live: those of its modules."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            state, parent = status.read_text(errors="replace").rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.add(int(status.parent.name))
    return found
