"""A tree of phrase files: 256 folders by the first byte of the name, one file per phrase.

Nothing has to be scanned, locked or repaired when a process starts, several processes may use it at once (a file appears
whole by `rename`), and a damaged file hurts itself only. Each folder keeps to 1/256 of the limit, oldest first.

Names are hashes under the user's secret: whoever does not know that cannot confirm a guess. All times that can be set are
midnights: a file tells the day on which it was needed, never the hour or the order. Reading leaves no time behind.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import logging
import os
import re
import threading
from collections.abc import Iterator, Set
from io import BufferedReader
from pathlib import Path

from speechd_neural.audio.phrase_file import CachedPhrase, decode, encode
from speechd_neural.files import open_file

SHARDS = 256
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_DAY = 86_400 * 10**9  # ns
_OURS = re.compile(r"[0-9a-f]{38}|\.[0-9a-f]{38}\..+")  # the second: not whole yet
_LOG = logging.getLogger(__name__)


def today() -> int:
    """The day as the user counts days, as an ordinal number (datetime.date)."""
    return datetime.date.today().toordinal()


def stamp(day: int) -> tuple[int, int]:
    """Access and modification time for a file of that day, in ns."""
    midnight = max(0, day - _EPOCH) * _DAY
    return midnight, midnight


class Trouble:
    """What the disk refused: counted, and told once."""

    def __init__(self) -> None:
        self.failures = 0

    def failed(self, directory: Path, error: OSError) -> None:
        self.failures += 1
        if self.failures == 1:
            _LOG.warning("phrase cache in %s: %s; speech goes on without it", directory, error.strerror)


class Tree:
    """Every method gives up quietly when the disk does, and counts it."""

    def __init__(self, directory: Path, limit: int, secret: bytes, trouble: Trouble) -> None:
        self.directory = directory
        self.limit = limit
        self.damaged = 0
        self.secret = secret
        self._trouble = trouble
        self._used: dict[Path, tuple[int, int]] = {}  # folder: (bytes in it as far as known, writes until it is read)
        # The largest phrase kept: one long text must not push out a thousand words.
        self.largest = limit // SHARDS // 2

    def name(self, key: str) -> str:
        """The file's name for a key, 40 hex digits."""
        return hashlib.blake2b(bytes.fromhex(key), key=self.secret, digest_size=20).hexdigest()

    def path(self, name: str) -> Path:
        return self.directory / name[:2] / name[2:]

    def read(self, name: str) -> CachedPhrase | None:
        path = f"{self.directory}/{name[:2]}/{name[2:]}"
        try:
            with _open_unseen(path) as file:
                data = file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self._trouble.failed(self.directory, error)
            return None
        try:
            return decode(name, data)
        except ValueError:
            self.damaged += 1
            with contextlib.suppress(OSError):
                os.unlink(path)
            return None

    def has(self, name: str) -> bool:
        return os.path.exists(self.path(name))

    def write(self, name: str, phrase: CachedPhrase, day: int) -> None:
        if phrase.size > self.largest:
            return
        data = encode(name, phrase)
        path = self.path(name)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            if not path.parent.is_dir():
                self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.parent.mkdir(mode=0o700, exist_ok=True)
            elif path.parent.is_symlink():
                return  # where it leads to, nobody would remove it
            self._shrink(path.parent, len(data))
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                file.write(data)
            os.utime(temporary, ns=stamp(day))
            # No fsync: after a power cut the checksum tells a torn file from a whole one.
            os.replace(temporary, path)
            os.utime(path.parent, ns=stamp(day))
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            self._trouble.failed(self.directory, error)

    def needed(self, name: str, day: int) -> bool:
        """Whether it is there; if so it counts as needed on that day."""
        path = self.path(name)
        try:
            if os.stat(path).st_mtime_ns != stamp(day)[1]:
                os.utime(path, ns=stamp(day))
        except OSError:
            return False
        return True

    def tidy(self, needed: Set[str], day: int, oldest: int) -> None:
        """Remove what was not needed since the day `oldest`.

        Every file that stays is stamped, those in `needed` with `day`: so the kernel's time of the last change, which
        nobody can set, is the same moment for all.
        """
        for folder in self._folders():
            for written, _, path in self._entries(folder):
                with contextlib.suppress(OSError):
                    if written < stamp(oldest)[1]:
                        os.unlink(path)
                    else:
                        name = f"{folder.name}{os.path.basename(path)}"
                        own = day if name in needed else min(day, _EPOCH + written // _DAY)
                        os.utime(path, ns=stamp(own), follow_symlinks=False)
            with contextlib.suppress(OSError):
                os.utime(folder, ns=stamp(day))

    def _entries(self, folder: Path) -> list[tuple[int, int, str]]:
        """(modification time in ns, bytes, path) of the files in one folder, leftovers of dead writers included.

        Not what somebody else has put there, nor in a folder that lies elsewhere: all of these may be removed.
        """
        found: list[tuple[int, int, str]] = []
        if folder.is_symlink():
            return found
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if not _OURS.fullmatch(entry.name) or entry.is_dir(follow_symlinks=False):
                    continue
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    found.append((status.st_mtime_ns, status.st_size, entry.path))
        return found

    def _shrink(self, folder: Path, wanted: int) -> None:
        """Make room for `wanted` bytes. The folder is read now and then only: others add little meanwhile."""
        share = self.limit // SHARDS
        used, left = self._used.get(folder, (0, 0))
        if left <= 0 or used + wanted > share:
            entries = self._entries(folder)
            used, left = sum(size for _, size, _ in entries), 50
            if used + wanted > share:
                for _, size, path in sorted(entries):
                    with contextlib.suppress(OSError):
                        os.unlink(path)
                    used -= size
                    if used + wanted <= share * 0.9:  # some slack, so that not every write has to remove something
                        break
        self._used[folder] = (used + wanted, left - 1)

    def _folders(self) -> list[Path]:
        return [self.directory / f"{shard:02x}" for shard in range(SHARDS)]

    def usage(self) -> tuple[int, int]:
        """(entries, bytes) now on disk; walks the tree, 100,000 entries in about half a second."""
        entries = [entry for folder in self._folders() for entry in self._entries(folder)]
        return len(entries), sum(size for _, size, _ in entries)

    def files(self) -> Iterator[Path]:
        for folder in self._folders():
            yield from (Path(path) for _, _, path in self._entries(folder))

    def clear(self) -> None:
        """Remove all files of the tree, and the folders that are then empty."""
        self._used.clear()
        for folder in self._folders():
            for _, _, path in self._entries(folder):
                with contextlib.suppress(OSError):
                    os.unlink(path)
            with contextlib.suppress(OSError):
                folder.rmdir()
        with contextlib.suppress(OSError):
            self.directory.rmdir()


def _open_unseen(path: str) -> BufferedReader:
    """Open for reading without a new access time: those would tell what was said first on a day."""
    try:
        return open_file(path, os.O_NOATIME)
    except PermissionError:  # some network file systems
        return open_file(path)
