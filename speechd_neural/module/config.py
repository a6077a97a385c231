"""The module's own configuration file, in the style of Speech Dispatcher's: one `Name value` per line, # comments."""

from __future__ import annotations

import os
import shlex
import sys
from typing import NamedTuple

from speechd_neural import paths
from speechd_neural.errors import DaemonError
from speechd_neural.files import open_file
from speechd_neural.types import MODULE_DEADLINE

_LARGEST = 1 << 16  # bytes; a line of a megabyte would take ten seconds, and the server waits


class ModuleConfig(NamedTuple):
    deadline: float = MODULE_DEADLINE  # s to the first sound
    socket: str = ""
    daemon: tuple[str, ...] = ()  # the command that starts one; empty: never
    server_plays: bool = True


def daemon_command() -> tuple[str, ...]:
    """How to start the daemon with this very interpreter and package, whatever the environment says."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    program = "import sys; sys.path.append(sys.argv.pop(1)); from speechd_neural.__main__ import main; sys.exit(main())"
    return (sys.executable, "-c", program, package, "daemon")


def read_config(path: str) -> tuple[ModuleConfig, list[str]]:
    """The configuration and complaints about what could not be read. A missing file is all defaults."""
    values: dict[str, object] = {"daemon": daemon_command()}
    complaints: list[str] = []
    try:
        with open_file(path) as file:
            lines = file.read(_LARGEST).decode("utf-8", "surrogateescape").split("\n")
            if file.read(1):
                complaints.append(f"{path}: longer than {_LARGEST} bytes, what follows is not read")
    except OSError:
        lines = []
    for number, line in enumerate(lines, 1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            complaints.append(f"{path}:{number}: a quotation mark is missing")
            continue
        if not words:
            continue
        name, arguments = words[0].lower(), words[1:]
        milliseconds = arguments[0] if len(arguments) == 1 and arguments[0].isdecimal() else ""
        if name == "deadline" and 0 < len(milliseconds) < 10 and int(milliseconds) <= 5000:
            values["deadline"] = int(arguments[0]) / 1000
        elif name == "deadline":
            complaints.append(f"{path}:{number}: Deadline takes a whole number of milliseconds, 0 to 5000")
        elif name == "socket" and len(arguments) == 1 and os.path.isabs(arguments[0]):
            values["socket"] = arguments[0]
        elif name == "socket":
            complaints.append(f"{path}:{number}: Socket takes an absolute path")
        elif name == "audio" and len(arguments) == 1 and arguments[0].lower() in ("server", "module"):
            values["server_plays"] = arguments[0].lower() == "server"
        elif name == "audio":
            complaints.append(f"{path}:{number}: Audio is server or module")
        elif name == "daemoncommand":
            values["daemon"] = tuple(arguments)
        else:
            known = "Deadline, Audio, Socket, DaemonCommand"
            complaints.append(f"{path}:{number}: unknown name {words[0]!r}; {known} are known")
    if "socket" not in values:
        try:
            values["socket"] = str(paths.socket_path())
        except DaemonError as error:  # not ours: what is spoken must not go there
            complaints.append(f"{error}; espeak-ng speaks until then")
            values["socket"], values["daemon"] = os.devnull, ()
    return ModuleConfig(**values), complaints  # type: ignore[arg-type]
