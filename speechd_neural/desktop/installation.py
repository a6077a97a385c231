"""Whether this installation is whole: every file that a package manager or pip has put there. Standard library only."""

from __future__ import annotations

import csv
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
    # Not wheel.files: since Python 3.12 it leaves out what is missing.
    rows = csv.reader((wheel.read_text("RECORD") or "").splitlines())
    sizes = {Path(str(wheel.locate_file(name))): size for name, _, size in rows}
    if paths.PACKAGE / "__init__.py" not in sizes:
        return None  # of another installation, or of a clone, whose files are elsewhere
    return [str(path) for path, size in sizes.items() if size and size != _size(path)]


def _size(path: Path) -> str:
    try:
        return str(path.stat().st_size)
    except OSError:
        return "none"
