"""The user's secret: 32 random bytes that name the files of the phrase cache. Created once, readable by the user alone."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

SIZE = 32


def secret(path: Path) -> bytes:
    """The secret in `path`; one that others could read, or that is no secret, is replaced. Raises OSError."""
    for _ in range(3):  # another process may create or remove it at the same time
        found = _read(path)
        if found is not None:
            return found
        _create(path)
    raise OSError(None, "not a secret of this user", str(path))


def _read(path: Path) -> bytes | None:
    """None: it is not there, or has just been removed because it was no secret."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        if not path.is_symlink():
            raise
        path.unlink()
        return None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        private = status.st_uid == os.geteuid() and not status.st_mode & 0o077
        if stat.S_ISREG(status.st_mode) and private and status.st_size == SIZE:
            return file.read(SIZE)
    path.unlink()
    return None


def _create(path: Path) -> None:
    """Put a new one there whole, unless another process was faster."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)
        file.write(os.urandom(SIZE))
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        os.replace(temporary, path)
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
