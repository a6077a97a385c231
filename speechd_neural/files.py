"""Opening files that belong to the user or come from a stranger, where only a file makes sense, and leaving none of what is
in the memory of a process that speaks. Standard library only.

What is not a file may keep its reader waiting for ever: a named pipe does until somebody writes, a terminal until
somebody types. Whoever waits here is a thread that everybody's speech depends on.
"""

from __future__ import annotations

import errno
import os
import resource
import stat
from io import BufferedReader

_NOTHING = os.makedev(1, 3)  # /dev/null, which stands for an empty file


def leave_no_core() -> None:
    """What is spoken is in the memory of this process and of its espeak-ng: one that crashes must not leave it on disk, for
    longer than anybody knows. Whoever looks for a fault may raise the limit again (prlimit --core)."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def content(path: str | os.PathLike[str]) -> bytes:
    """A file of this package, copied into memory: a mapped one that somebody cuts in its place ends the process (SIGBUS).

    Raises OSError.
    """
    with open_file(path) as file:
        return file.read()


def open_file(path: str | os.PathLike[str], flags: int = 0) -> BufferedReader:
    """Open a file for reading, never waiting for somebody else. Raises OSError, also for what is no file.

    flags: of `os.open`, more than it takes to read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | flags)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
        if not stat.S_ISREG(status.st_mode) and status.st_rdev != _NOTHING:
            raise OSError(errno.EINVAL, "not a file, but a pipe or a device", os.fspath(path))
        return open(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
