"""The command line: a table of subcommands; each lives in a file of its own and is imported only when it is called.

A subcommand's module has `add_arguments(parser)` and `run(arguments) -> int` (the exit status).
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from speechd_neural import __version__
from speechd_neural.errors import BrokenInstallation, SpeechError, broken

if TYPE_CHECKING:
    import argparse

COMMANDS = {
    "say": "speak a text, or write it to a sound file",
    "daemon": "run the speech daemon in the foreground",
    "status": "what the daemon is doing",
    "reload": "make the daemon read its configuration again",
    "stop": "silence the daemon",
    "setup": "add this voice to Speech Dispatcher and the desktop, or take it away again",
    "doctor": "check, in words and by ear, that speech works",
    "voices": "list, install, import, choose and remove voices",
    "cache": "look at, warm or clear the phrase cache",
    "explain": "show how a text will be read, word by word",
    "verify-voice": "let a speech recogniser listen to the voice",
    "train": "make a corpus, train a voice, export and evaluate it",
    "bench": "measure latency and speed on this machine",
}


def overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {help}" for name, help in COMMANDS.items()]
    return "commands:\n" + "\n".join(lines) + "\n\n'speechd-neural COMMAND --help' tells more about one.\n"


def parser_for(name: str) -> argparse.ArgumentParser:
    import argparse

    module = importlib.import_module("speechd_neural.commands." + name.replace("-", "_"))
    what = COMMANDS[name]
    parser = argparse.ArgumentParser(prog=f"speechd-neural {name}", description=f"{what[0].upper()}{what[1:]}.")
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
    return parser


def _refused(error: Exception) -> str:
    """What the system does not give: a file, memory, a process or a thread."""
    if not isinstance(error, OSError):
        return str(error) or type(error).__name__
    return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)


def _asked_for(given: Sequence[str]) -> tuple[str, Callable[[], Any]]:
    """Which command, and what does it. Ends the process where there is no such command."""
    import argparse

    top = argparse.ArgumentParser(
        prog="speechd-neural",
        description="A neural voice for the Linux desktop.",
        epilog=overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"speechd-neural {__version__}")
    top.add_argument("command", metavar="COMMAND", choices=COMMANDS, help="one of the commands below")
    top.add_argument("rest", metavar="...", nargs=argparse.REMAINDER, help="the command's own arguments")
    first = top.parse_args(given)

    def run() -> Any:
        options = parser_for(first.command).parse_args(first.rest)
        return options.run(options)

    return first.command, run


def _daemon() -> Any:
    """As the module, systemd and D-Bus start it: to read no arguments would take a twentieth of its start."""
    return importlib.import_module("speechd_neural.commands.daemon").serve()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (errors.py lists them). Ctrl-C gives 130, a closed pipe 141."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name, run = ("daemon", _daemon) if given == ["daemon"] else _asked_for(given)
    try:
        return int(run() or 0)
    except SpeechError as error:
        print(f"speechd-neural {name}: {error}", file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:
        # The reader went away; keep the interpreter from complaining once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except ImportError as error:
        print(f"speechd-neural {name}: {broken(error)}", file=sys.stderr)
        return BrokenInstallation.exit_status
    except (OSError, MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "start new thread" not in str(error):
            raise  # a mistake of ours
        print(f"speechd-neural {name}: {_refused(error)}", file=sys.stderr)
        return SpeechError.exit_status
    except KeyboardInterrupt:
        return 128 + signal.SIGINT

