"""Changing files so that it can be undone byte for byte: what was there before is kept, and a list of it.

The list (`manifest.json`) and the kept files lie in $XDG_STATE_HOME/speechd-neural/setup. Each file is replaced in one
step, and recorded before it is touched, so that an interruption at any point can be undone too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from speechd_neural import paths
from speechd_neural.desktop.places import File
from speechd_neural.errors import SetupError


def state_dir() -> Path:
    return paths.state_dir() / "setup"


def read(path: Path) -> File | None:
    """What is at `path` now; None when nothing is. Raises SetupError for what is neither file nor link."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return File(path, link=os.readlink(path))
        if stat.S_ISREG(status.st_mode):
            return File(path, path.read_bytes(), stat.S_IMODE(status.st_mode))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from error
    raise SetupError(f"{path} is neither a file nor a link; move it away first")


def write(file: File) -> None:
    """Put a file in place in one step; its directory exists."""
    new = file.path.with_name(f".{file.path.name}.speechd-neural")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    try:
        if file.link is not None:
            os.symlink(file.link, new)
        else:
            with open(new, "xb") as stream:
                stream.write(file.content)
                os.fchmod(stream.fileno(), file.mode)
        os.replace(new, file.path)
    except OSError as error:  # a disk that is full has told no name
        with contextlib.suppress(OSError):
            new.unlink()
        raise OSError(error.errno, error.strerror, str(file.path)) from None


class Changes:
    """The files that differ from what they were before the first `setup`."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or state_dir()
        self._manifest = self._directory / "manifest.json"
        self._kept: dict[str, Any] = {}
        self._directories: list[str] = []
        self._state_made: list[str] = []
        if self._manifest.exists():
            try:
                stored = json.loads(self._manifest.read_text(encoding="utf-8"))
                self._kept, self._directories = dict(stored["files"]), list(stored["directories"])
                self._state_made = list(stored["own_directories"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise SetupError(f"{self._manifest} cannot be read ({error}); it is needed to undo a setup") from error

    def __bool__(self) -> bool:
        return bool(self._kept)

    def paths(self) -> list[Path]:
        return [Path(path) for path in self._kept]

    def apply(self, files: Iterable[File]) -> list[tuple[Path, File | None]]:
        """Put the files in place; returns what was there just before, for `revert`. All or nothing."""
        before: list[tuple[Path, File | None]] = []
        try:
            for file in files:
                before.append((file.path, read(file.path)))
                self._remember(file, before[-1][1])
                self._make_directory(file.path.parent)
                write(file)
        except OSError as error:
            self.revert(before)
            raise SetupError(f"{error.filename}: {error.strerror}; nothing was changed") from error
        except BaseException:
            self.revert(before)
            raise
        return before

    def own(self, directory: Path) -> list[Path]:
        """Make a directory that is ours alone; returns all such directories that were made, outermost first."""
        there = list(self._state_made)
        try:
            self._make_own(directory)
            self._save()
        except OSError as error:
            for made in reversed(self._state_made[len(there) :]):
                with contextlib.suppress(OSError):
                    os.rmdir(made)
            self._state_made = there
            raise SetupError(f"{error.filename}: {error.strerror}; nothing was changed") from None
        return [Path(made) for made in self._state_made]

    def revert(self, before: list[tuple[Path, File | None]]) -> None:
        """Back to the state before one `apply`; where that was before the first one, nothing is kept any more."""
        for path, file in reversed(before):
            self._restore(path, file)
            original = self._original(path) if str(path) in self._kept else None
            if str(path) in self._kept and original == file:
                del self._kept[str(path)]
            elif str(path) in self._kept:
                self._kept[str(path)]["now"] = _digest(file)
        self._settle()

    def remove(self, own_lines: dict[Path, Any]) -> list[str]:
        """Undo everything; returns remarks on files that somebody has changed since.

        own_lines: for files that others write too, a function that takes our lines out of a content; None: what others have
        changed stays as it is.
        """
        remarks = []
        for name in reversed(list(self._kept)):
            path = Path(name)
            current = read(path)
            if current is not None and _digest(current) != self._kept[name]["now"] and path in own_lines:
                if own_lines[path] is None:
                    remarks.append(f"{path} has been changed since, and stays")
                else:
                    write(current._replace(content=own_lines[path](current.content)))
                    remarks.append(f"{path} has been changed since; only the lines of this setup were taken out")
            else:
                if current is not None and _digest(current) != self._kept[name]["now"]:
                    remarks.append(f"{path} had been changed since; it is as it was before the setup")
                self._restore(path, self._original(path))
            del self._kept[name]
        self._settle()
        return remarks

    def _remember(self, file: File, current: File | None) -> None:
        name = str(file.path)
        if name in self._kept:
            self._kept[name]["now"] = _digest(file)
        else:
            record: dict[str, Any] = {"now": _digest(file), "before": None}
            if current is not None:
                record["before"] = {"mode": current.mode, "link": current.link}
                if current.link is None:
                    record["before"]["copy"] = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
                    self._make_own(self._directory)
                    write(File(self._directory / record["before"]["copy"], current.content, 0o600))
            self._kept[name] = record
        self._save()

    def _original(self, path: Path) -> File | None:
        before = self._kept[str(path)]["before"]
        if before is None:
            return None
        if before["link"] is not None:
            return File(path, link=before["link"])
        try:
            return File(path, (self._directory / before["copy"]).read_bytes(), before["mode"])
        except OSError as error:
            raise SetupError(f"the kept copy of {path} cannot be read: {error.strerror}") from error

    def _restore(self, path: Path, file: File | None) -> None:
        try:
            if file is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                write(file)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise SetupError(f"{path} cannot be restored: {error.strerror}") from error

    def _make_directory(self, directory: Path) -> None:
        missing = []
        while not directory.exists():
            missing.append(directory)
            directory = directory.parent
        for each in reversed(missing):
            self._directories.append(str(each))
            self._save()
            each.mkdir()

    def _make_own(self, directory: Path) -> None:
        missing = []
        while not directory.exists():
            missing.append(directory)
            directory = directory.parent
        for each in reversed(missing):
            each.mkdir(mode=0o700)
            self._state_made.append(str(each))

    def _save(self) -> None:
        self._make_own(self._directory)
        stored = {"files": self._kept, "directories": self._directories, "own_directories": self._state_made}
        write(File(self._manifest, json.dumps(stored, indent=1).encode(), 0o600))

    def _settle(self) -> None:
        """After an undo: drop copies nobody needs, and where nothing is left, every directory that was made."""
        if self._kept:
            self._save()
            return
        for directory in reversed(self._directories):
            with contextlib.suppress(OSError):  # somebody else has put something there
                os.rmdir(directory)
        self._directories = []
        if self._directory.exists():
            for file in self._directory.iterdir():
                file.unlink()
        for directory in reversed(self._state_made):
            with contextlib.suppress(OSError):
                os.rmdir(directory)
        self._state_made = []


def _digest(file: File | None) -> str | None:
    if file is None:
        return None
    return "link " + file.link if file.link is not None else hashlib.sha256(file.content).hexdigest()
