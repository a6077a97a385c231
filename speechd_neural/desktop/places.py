"""What is installed into a desktop: where each file goes and what it holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from speechd_neural import paths

MODULE = "neural"
UNITS = ("speechd-neural.service", "speechd-neural.socket")
ACTIVATION = ("org.speechd_neural.Daemon.service", "org.speechd_neural.Speech.Provider.service")
_TEMPLATES = Path(__file__).parent / "files"
_COMMAND = "/usr/bin/speechd-neural"  # as the templates have it


class File(NamedTuple):
    """A file to be: its content, or where the symbolic link points to."""

    path: Path
    content: bytes = b""
    mode: int = 0o644
    link: str | None = None


class Places(NamedTuple):
    """The directories of one user, or of a distribution below DESTDIR."""

    modules: Path  # of Speech Dispatcher: executables
    module_conf: Path
    units: Path
    wanted: Path | None  # where a link switches the socket on; None: left to the administrator
    activation: Path
    launcher: Path  # an executable that is `speechd-neural`, whatever PATH says

    @property
    def entry(self) -> Path:
        return self.modules / f"sd_{MODULE}"


def user_places() -> Places:
    """Where Speech Dispatcher, systemd and the bus look for a user's own files.

    Speech Dispatcher finds modules in $XDG_DATA_HOME/../libexec, which it can only reach while $XDG_DATA_HOME exists:
    the units and activation files below it see to that.
    """
    libexec = paths.data_home().parent / "libexec"
    return Places(
        modules=libexec / "speech-dispatcher-modules",
        module_conf=paths.config_home() / "speech-dispatcher" / "modules",
        units=paths.data_home() / "systemd" / "user",
        wanted=paths.config_home() / "systemd" / "user" / "sockets.target.wants",
        activation=paths.data_home() / "dbus-1" / "services",
        launcher=libexec / "speechd-neural",
    )


def template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def script(options: str, body: str, interpreter: str = sys.executable) -> bytes:
    """A program for this very interpreter that finds this package, without PATH, environment or working directory."""
    first = f"#!{interpreter} {options}".rstrip()
    if " " in interpreter or len(first) > 120:  # the kernel cuts such a line: a program that is both shell and Python
        first = f"#!/bin/sh\n'''exec' \"{interpreter}\" {options} \"$0\" \"$@\"\n' '''"
    root = str(Path(__file__).resolve().parents[2])
    return f"{first}\nimport sys\n\nsys.path.append({root!r})\n{body}".encode()


def module_entry() -> bytes:
    """-I and -S: nothing from the environment, and no packages but our own; the module starts in 10 ms that way."""
    return script("-IS", "from speechd_neural.module.main import main\n\nmain()\n")


def launcher() -> bytes:
    return script("", "from speechd_neural.__main__ import main\n\nsys.exit(main())\n")


def user_files(places: Places) -> list[File]:
    """Everything that `setup` adds for a user, in the order in which it is written."""
    command = str(places.launcher)
    conf = template("neural.conf") + f'\nDaemonCommand "{command}" daemon\n'
    files = [
        File(places.launcher, launcher(), 0o755),
        File(places.module_conf / f"{MODULE}.conf", conf.encode("utf-8", "surrogateescape")),
        File(places.entry, module_entry(), 0o755),
    ]
    for name in UNITS:
        files.append(File(places.units / name, with_command(template(name), command)))
    for name in ACTIVATION:
        files.append(File(places.activation / name, with_command(template(name), command)))
    if places.wanted is not None:
        socket = UNITS[1]
        files.append(File(places.wanted / socket, link=str(places.units / socket)))
    return files


def with_command(text: str, command: str) -> bytes:
    """A unit or activation file with another command; both split at blanks and know double quotes."""
    quoted = f'"{command}"' if " " in command else command
    if "ExecStart" in text:
        quoted = quoted.replace("%", "%%")
    return text.replace(f"={_COMMAND} ", f"={quoted} ").encode("utf-8", "surrogateescape")
