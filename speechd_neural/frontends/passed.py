"""Descriptors that come with a D-Bus message. Who passes one decides what it is and shares its opening: to write into it, or
to close it, may take as long as they like. The event loop touches only what cannot keep it waiting.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import stat
import threading
from queue import SimpleQueue

from speechd_neural.errors import UsageError

MOST = 8  # threads that write into what is neither a pipe nor a unix socket
_BLOCK = 4096  # bytes
_NOTHING = os.makedev(1, 3)  # /dev/null


def ours(descriptor: int) -> int:
    """What can be written into without waiting, and leads to `descriptor`, which is taken.

    A socket comes back as it is, to be told with each `send` that it must not wait. Raises UsageError, and takes nothing.
    """
    if not _harmless(descriptor):
        return _led_through(descriptor)
    if not is_socket(descriptor):
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
            # Whether a write waits is a matter of the opening.
            with contextlib.suppress(OSError):  # there is no /proc, or nobody reads any more
                opened = os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                os.close(descriptor)
                return opened
        os.set_blocking(descriptor, False)
    return descriptor


def close(descriptor: int) -> None:
    """Never waits: a file may want to be written first, a socket to another computer what was sent to arrive."""
    with contextlib.suppress(OSError):  # close may report a late write error; the descriptor is gone all the same
        if _harmless(descriptor):
            os.close(descriptor)
        else:
            _closer.close(descriptor)


def is_socket(descriptor: int) -> bool:
    return stat.S_ISSOCK(os.fstat(descriptor).st_mode)


def _harmless(descriptor: int) -> bool:
    status = os.fstat(descriptor)
    if stat.S_ISSOCK(status.st_mode):
        with socket.socket(fileno=os.dup(descriptor)) as copy:
            return copy.family == socket.AF_UNIX
    return stat.S_ISFIFO(status.st_mode) or status.st_rdev == _NOTHING


_leading = threading.BoundedSemaphore(MOST)


def _led_through(descriptor: int) -> int:
    """A pipe, and a thread that hands on what comes through it."""
    if not _leading.acquire(blocking=False):
        raise UsageError(f"{MOST} utterances are being written into what is no pipe, and no more can be")
    reading, writing = os.pipe()

    def hand_on() -> None:
        try:
            with contextlib.suppress(OSError):  # it takes no more: the utterance is over
                while data := os.read(reading, _BLOCK):
                    while data:
                        data = data[os.write(descriptor, data) :]
        finally:
            os.close(reading)
            with contextlib.suppress(OSError):
                os.close(descriptor)
            _leading.release()

    try:
        threading.Thread(target=hand_on, name="passed", daemon=True).start()
    except RuntimeError:  # as many threads as this user may have
        for end in (reading, writing):
            os.close(end)
        _leading.release()
        raise UsageError("no thread can be started that writes into what is no pipe") from None
    os.set_blocking(writing, False)
    return writing


class _Closer:
    """One thread for all: what hangs there keeps others open, but nobody waiting."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[int] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def close(self, descriptor: int) -> None:
        self._waiting.put(descriptor)
        if self._thread is None:
            thread = threading.Thread(target=self._run, name="closing", daemon=True)
            with contextlib.suppress(RuntimeError):  # the next one tries again
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                os.close(self._waiting.get())


_closer = _Closer()
