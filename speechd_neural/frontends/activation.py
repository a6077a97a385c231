"""How the daemon comes to life: one process per user, its socket, and what it tells systemd. Standard library only.

Sources: sd_listen_fds(3), sd_notify(3), sd_watchdog_enabled(3).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
from pathlib import Path

from speechd_neural.errors import DaemonError

_FIRST_PASSED = 3  # sd_listen_fds(3)
_RENEWED = "SPEECHD_NEURAL_RENEWED"  # in the environment: the passed socket is from this very process, before an upgrade
BACKLOG = 128


class AlreadyRunning(DaemonError):
    exit_status = 0


class Home:
    """This user's one place for a daemon: a lock, and a socket that listens. `close` gives both back."""

    def __init__(self, path: Path) -> None:
        """`path` is where the socket is to be, where systemd did not pass one.

        Raises AlreadyRunning when there is a daemon, DaemonError when there cannot be one.
        """
        self.path = path
        self._bound: os.stat_result | None = None  # the socket's file, where it is ours
        self._lock = -1
        renewed = os.environ.pop(_RENEWED, "") == str(os.getpid())
        passed = passed_socket()
        self._passed_on = passed.dup() if passed is not None else None  # the server closes the other one
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.parent.stat().st_uid != os.getuid():
                raise DaemonError(f"cannot listen at {path}: {path.parent} belongs to another user; set XDG_RUNTIME_DIR")
            path.parent.chmod(0o700)
            self._lock = os.open(path.parent / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            locked = self._try_lock()
            if passed is not None:
                # Clients are waiting on this socket: serve them, whoever else there is.
                self.listening = passed
                self._bound = path.stat() if renewed else None
            elif not locked:
                raise AlreadyRunning(f"a daemon is running already (it holds {path.parent / 'lock'})")
            else:
                self.listening = self._listen()
        except DaemonError:
            self._unlock()
            raise
        except OSError as error:
            self._unlock()
            raise DaemonError(f"cannot listen at {path}: {error.strerror or error}") from error

    def found(self) -> bool:
        """Whether clients still find the socket: somebody else may listen in its place meanwhile."""
        try:
            return self._bound is None or os.path.samestat(self._bound, self.path.stat())
        except OSError:
            return False

    def hand_on(self) -> None:
        """For the process that this one is about to become: the same socket, so that whoever connects meanwhile waits."""
        if self._passed_on is None:
            return
        self._unlock()  # first: its descriptor may be the one that is wanted
        os.dup2(self._passed_on.fileno(), _FIRST_PASSED)
        os.set_inheritable(_FIRST_PASSED, True)  # also where it was that number already
        os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
        if self._bound is not None:
            os.environ[_RENEWED] = str(os.getpid())

    def close(self) -> None:
        self.listening.close()
        if self._passed_on is not None:
            self._passed_on.close()
        if self._bound is not None and self.found():
            with contextlib.suppress(OSError):
                self.path.unlink()
        self._unlock()

    def _try_lock(self) -> bool:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False

    def _unlock(self) -> None:
        # The file stays: removing it would let two daemons lock two files of one name.
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _listen(self) -> socket.socket:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.setblocking(False)
            reached = probe.connect_ex(os.fspath(self.path))
            if reached not in (0, errno.EAGAIN):  # of a socket at which as many wait as may
                # Nobody is there: at most the file of a daemon that was killed.
                self.path.unlink(missing_ok=True)
            else:
                raise AlreadyRunning(f"somebody listens at {self.path} already; it will start the daemon")
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._passed_on = listening.dup()
        before = os.umask(0o177)
        try:
            listening.bind(os.fspath(self.path))
            listening.listen(BACKLOG)
            self._bound = self.path.stat()
        except OSError:
            listening.close()
            self._passed_on.close()
            raise
        finally:
            os.umask(before)
        return listening


def passed_socket() -> socket.socket | None:
    """The socket that systemd listened on for us, if it did; its variables are not passed on to children."""
    pid, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdigit() or int(count) < 1:
        return None
    os.set_inheritable(_FIRST_PASSED, False)
    return socket.socket(fileno=_FIRST_PASSED)


def notify(state: str, patience: float = 1.0) -> None:
    """Tell systemd, where it wants to be told; one that takes nothing for `patience` seconds is not told."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(patience)  # a receiver that does not look leaves room for ten messages
        sender.sendto(state.encode(), address)


def watchdog_interval() -> float | None:
    """Seconds between two signs of life, half of what systemd allows; None where it does not watch."""
    allowed, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not allowed.isdigit() or int(allowed) == 0 or (pid and pid != str(os.getpid())):
        return None
    return int(allowed) / 2e6
