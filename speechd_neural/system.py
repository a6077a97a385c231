"""What to type for a package of this system: Debian and its relatives, Fedora, Arch. Standard library only."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

_OWN = "speechd-neural"
# The program that installs → the line to type.
MANAGERS = {
    "apt-get": "sudo apt-get install",
    "dnf": "sudo dnf install",
    "pacman": "sudo pacman -S",
}
# Debian's name → what others call it; all else has one name everywhere.
NAMES = {
    "dnf": {
        "pipewire-bin": "pipewire-utils",
        "python3-yaml": "python3-pyyaml",
    },
    "pacman": {
        "pipewire-bin": "pipewire",
        "pulseaudio-utils": "libpulse",
        "python3-torch": "python-pytorch",
        "python3-numpy": "python-numpy",
        "python3-yaml": "python-yaml",
        "python3-regex": "python-regex",
        "python3-matplotlib": "python-matplotlib",
        "speech-dispatcher-espeak-ng": "speech-dispatcher",
    },
}
# What can be imported, or is part of a name → Debian's package. All of these are in Debian.
PYTHON = {
    "torch": "python3-torch",
    "matplotlib": "python3-matplotlib",
    "numpy": "python3-numpy",
    "yaml": "python3-yaml",
    "regex": "python3-regex",
    "num2words": "python3-num2words",
    "dbus_next": "python3-dbus-next",
}


def manager() -> str | None:
    import shutil  # for an advice alone: it takes milliseconds of every program's start

    return next((program for program in MANAGERS if shutil.which(program, path="/usr/bin:/bin:/usr/local/bin")), None)


def install(*packages: str, again: bool = False) -> str:
    """The advice to install packages, which have Debian's names. again: also those that are there, as they may be damaged."""
    found = manager()
    if found is None:
        return f"install by your system's means what Debian calls {' '.join(packages)}"
    names = dict.fromkeys(NAMES.get(found, {}).get(package, package) for package in packages)
    command, where = MANAGERS[found], ""
    if again:
        command = {"apt-get": command + " --reinstall", "dnf": "sudo dnf reinstall"}.get(found, command)
    if again and found == "apt-get" and _OWN in names and (file := file_of_own_package()):
        names = dict.fromkeys(f"./{file}" if name == _OWN else name for name in names)
        where = "in the folder of that file, "
    return f"{where}type: {command} {' '.join(names)}"


@functools.cache
def file_of_own_package() -> str | None:
    """The file that this program's Debian package came from, where apt could not fetch it again; else None."""
    import subprocess

    def said(*command: str) -> list[str]:
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout.split()
        except (OSError, subprocess.SubprocessError):
            return []

    installed = said("dpkg-query", "--show", "--showformat=${Version} ${Architecture}", _OWN)
    if len(installed) != 2 or installed[0] in said("apt-cache", "madison", _OWN):
        return None
    return f"{_OWN}_{installed[0]}_{installed[1]}.deb"


def environment() -> Path | None:
    """The virtual environment that this Python belongs to. sys.prefix does not tell under -S."""
    own = Path(sys.executable).parent.parent
    return own if (own / "pyvenv.cfg").is_file() else None


def packaged() -> bool:
    """Whether this program came as a package of the system: its Python is the system's, where pip may not install."""
    return sys.prefix == "/usr" and environment() is None
