"""Whether this installation is whole: every file that a package manager or pip has put there. Standard library only."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
from pathlib import Path

from speechd_neural import paths, system

_VERIFY = ("dpkg", "rpm")  # both take --verify, and answer alike
_UNIMPORTANT = ("/usr/share/doc/", "/usr/share/man/")  # small systems leave these out on purpose


def damaged() -> list[str] | None:
    """The files that are missing or not as they came; None where nobody has a list of them, as in a clone."""
    return _as_the_system_knows() if system.packaged() else _as_pip_knows()


def _as_the_system_knows() -> list[str] | None:
    program = next(filter(shutil.which, _VERIFY), None)
    if program is None:
        return None
    done = subprocess.run([program, "--verify", paths.NAME], capture_output=True, text=True, timeout=60, check=False)
    return verified(done.stdout) if done.stdout or done.returncode == 0 else None


def verified(told: str) -> list[str]:
    """What such a program has told: a line for each file, with "missing" or a 5 for its checksum; c marks settings."""
    lines = [line.split() for line in told.splitlines() if line.strip()]
    return [
        path
        for state, *marks, path in lines
        if (state == "missing" or "5" in state) and "c" not in marks and not path.startswith(_UNIMPORTANT)
    ]


def _as_pip_knows() -> list[str] | None:
    try:
        wheel = importlib.metadata.distribution(paths.NAME)
    except importlib.metadata.PackageNotFoundError:
        return None
    files = {str(file.locate()): file.size for file in wheel.files or ()}
    if str(paths.PACKAGE / "__init__.py") not in files:
        return None  # of another installation, or of a clone, whose files are elsewhere
    return [name for name, size in files.items() if size is not None and size != _size(name)]


def _size(name: str) -> int | None:
    try:
        return Path(name).stat().st_size
    except OSError:
        return None
