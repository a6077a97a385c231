"""What of the phrase cache is on disk: the phrase packs, and short phrases that were said on three different days.

    packs/   the sound of the phrase packs: the same for everybody, so it tells nothing of the user
    said/    short phrases that were said on three days (`core/discretion` decides which may be counted)
    days     how often that was (`said_days`)

What has not been needed for 30 days is removed. Everything is named under the user's secret, which lies elsewhere.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from speechd_neural.audio import said_days
from speechd_neural.audio.phrase_file import CachedPhrase
from speechd_neural.audio.phrase_tree import Tree, Trouble
from speechd_neural.audio.secret import secret


class PhraseStore:
    """Packs and said phrases get half of the limit each. Raises OSError where there cannot be a secret."""

    def __init__(self, directory: Path, limit: int, secret_file: Path, remember: bool) -> None:
        self.directory = directory
        self.limit = limit
        self.remember = remember
        self._secret_file = secret_file
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if directory.stat().st_mode & 0o077:
            directory.chmod(0o700)
        key = secret(secret_file)
        self.trouble = Trouble()
        self.packs = Tree(directory / "packs", limit // 2, key, self.trouble)
        self.said = Tree(directory / "said", limit // 2, key, self.trouble)
        self._days = directory / "days"
        self._tidied = 0  # the day

    def read(self, key: str) -> tuple[CachedPhrase | None, bool]:
        """A phrase, and whether it is one of the packs."""
        name = self.packs.name(key)
        phrase = self.packs.read(name)
        if phrase is not None or not self.remember:
            return phrase, True
        return self.said.read(name), False

    def has(self, key: str) -> bool:
        name = self.packs.name(key)
        return self.packs.has(name) or (self.remember and self.said.has(name))

    def begin(self) -> None:
        """Remove what earlier versions have left, and what is not wanted any more."""
        _tree(self.directory).clear()  # plainly hashed names, with the time of every use
        if not self.remember:
            self.said.clear()
            with contextlib.suppress(OSError):
                self._days.unlink(missing_ok=True)

    def settle(
        self, said: Mapping[str, int], packs: Iterable[str], day: int, phrase: Callable[[str], CachedPhrase | None]
    ) -> None:
        """Count what was said ({key: the day}), write what was said often enough, and forget what is too old.

        packs: keys of the packs in use, which are not too old however long the process has run.
        """
        names = {self.said.name(key): key for key in said}
        try:
            often = said_days.count(self._days, {name: said[key] for name, key in names.items()}, day)
        except OSError as error:
            self.trouble.failed(self.directory, error)
            return
        for name in sorted(often):  # by a name that is random: no order of use
            if not self.said.has(name):
                sound = phrase(names[name])
                if sound is not None:
                    self.said.write(name, sound, day)
        self.said.tidy(often, day, day - said_days.AGE)
        if self._tidied != day:
            self._tidied = day
            self.packs.tidy({self.packs.name(key) for key in packs}, day, day - said_days.AGE)

    def clear(self) -> Path | None:
        """Remove everything, and begin again with another secret. What could not be removed, if anything."""
        left = forget(self.directory, self._secret_file)
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.packs.secret = self.said.secret = secret(self._secret_file)
        except OSError as error:
            self.trouble.failed(self.directory, error)
        return left

    def stats(self, walk: bool) -> dict[str, int | str]:
        found: dict[str, int | str] = {
            "directory": str(self.directory),
            "disk_limit": self.limit,
            "damaged": self.packs.damaged + self.said.damaged,
            "disk_failures": self.trouble.failures,
        }
        return found | usage(self.directory) if walk else found


def usage(directory: Path) -> dict[str, int | str]:
    """What is on disk; nothing is made or changed."""
    (packs, pack_bytes), (said, said_bytes) = (_tree(directory / part).usage() for part in ("packs", "said"))
    return {"disk_entries": packs + said, "said_entries": said, "disk_bytes": pack_bytes + said_bytes}


def forget(directory: Path, secret_file: Path) -> Path | None:
    """Remove everything, also that of earlier versions, and the secret with which names could be guessed.

    What could not be removed, or the first of it; the disk may be read-only.
    """
    _clear(directory)
    with contextlib.suppress(OSError):
        directory.rmdir()
    with contextlib.suppress(OSError):
        secret_file.unlink(missing_ok=True)
    return left(directory, secret_file)


def left(directory: Path, secret_file: Path) -> Path | None:
    """A file that is there and tells something of what was said, or would help to."""
    for tree in (directory, directory / "packs", directory / "said"):
        for path in _tree(tree).files():
            return path
    return next((path for path in (directory / "days", secret_file) if os.path.lexists(path)), None)


def _clear(directory: Path) -> None:
    for tree in (directory, directory / "packs", directory / "said"):
        _tree(tree).clear()
    for path in (directory / "days", *directory.glob(".days.*")):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _tree(directory: Path) -> Tree:
    """To look at or to empty; nothing can be found in it by name."""
    return Tree(directory, 0, b"", Trouble())
