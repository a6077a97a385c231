"""`speechd-neural setup`: into this user's desktop, tried out before anything existing is touched; and out again."""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from speechd_neural import paths
from speechd_neural.desktop import speechd_conf, traces, trial
from speechd_neural.desktop.changes import Changes, read
from speechd_neural.desktop.places import MODULE, UNITS, File, Places, user_files, user_places
from speechd_neural.desktop.server import reload_server
from speechd_neural.errors import DaemonError, SetupError
from speechd_neural.frontends.client import Client

_ENDING = 10.0  # s for a daemon to end
KEPT = """What is kept on disk: the sound of letters, keys and common phrases, which is the same for everybody, and short
phrases that were said on three different days, for 30 days. Never letters, keys or digits that you typed, or what follows.
To keep less: "remember: false" under "cache:" in {config}. To remove it: speechd-neural cache clear"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="only show what would be changed")
    what.add_argument("--remove", action="store_true", help="take everything away; each file is again what it was")
    default = parser.add_mutually_exclusive_group()
    default.add_argument("--default", action="store_true", help="make it Speech Dispatcher's default, without asking")
    default.add_argument("--no-default", action="store_true", help="do not make it the default, and do not ask")
    default.add_argument("--yes", action="store_true", help="answer every question with yes")


def run(arguments: argparse.Namespace) -> int:
    if arguments.remove:
        return _remove()
    if trial.version() is None:
        raise SetupError("Speech Dispatcher is not installed (package speech-dispatcher)")
    places = user_places()
    changes = Changes()
    files = user_files(places) + _speechd_conf(places)
    if arguments.dry_run:
        for file in files:
            print(_describe(file))
        if arguments.default or arguments.yes:
            print(_describe(_default_conf()))
        return 0
    for file in files:
        print(_describe(file))
    running, fresh = _daemon(), not paths.cache_dir().exists()
    made = changes.own(paths.cache_dir())
    before = changes.apply(files)
    try:
        _systemctl("daemon-reload")
        _end_daemon()  # one of an earlier version might not understand the module that is tried now
        _systemctl("start", UNITS[1])
        print("Speaking a sentence through a second Speech Dispatcher ...")
        with trial.private_server() as server:
            print(f"The test sentence was {trial.speak(server)}.")
    except BaseException:
        _systemctl("stop", *UNITS)
        if running is None:
            _end_daemon()
        changes.revert(before)
        _systemctl("daemon-reload")
        if changes:  # what was set up before goes on
            _systemctl("start", UNITS[1])
        elif fresh:
            _forget(made)
        print("Everything has been undone; the speech in use was not touched.", file=sys.stderr)
        raise
    if arguments.default or arguments.yes or (not arguments.no_default and _wants_default()):
        _make_default(changes)
    _reload_server()
    print(KEPT.format(config=paths.config_file()))
    print(f'Done. Try: spd-say -o {MODULE} "Hello". In Orca, choose the speech synthesizer "{MODULE}".')
    return 0


def _speechd_conf(places: Places) -> list[File]:
    """The line that a configuration with explicit modules needs; nothing where modules are found by themselves."""
    conf = speechd_conf.in_use()
    others = [name for name in conf.modules if name != MODULE]
    if not others:
        return []
    text = speechd_conf.with_module(conf.text, MODULE, str(places.entry), f"{MODULE}.conf")
    return [_user_conf(text)]


def _user_conf(text: str) -> File:
    path = speechd_conf.user_path()
    existing = read(path)
    # A link (to a file kept elsewhere, as some keep their dot files) is replaced, and comes back with --remove.
    return File(path, text.encode("utf-8", "surrogateescape"), existing.mode if existing else 0o644)


def _default_conf() -> File:
    return _user_conf(speechd_conf.with_default(speechd_conf.in_use().text, MODULE))


def _make_default(changes: Changes) -> None:
    conf = speechd_conf.in_use()
    if not conf.user:
        print(f"{speechd_conf.user_path()} is now in use instead of {conf.path}, of which it is a copy.")
        print("A Speech Dispatcher that is running already takes notice of it when it is started next.")
    before = changes.apply([_default_conf()])
    try:
        with trial.private_server() as server:
            trial.speak(server, "It is now the default voice.")
    except BaseException:
        changes.revert(before)
        print("It was not made the default.", file=sys.stderr)
        raise
    print(f"Speech Dispatcher's default module is now {MODULE}.")


def _wants_default() -> bool:
    if not sys.stdin.isatty():
        return False
    return input("Did you hear it, and shall it be the default voice? [y/N] ").strip().lower() in ("y", "yes")


def _remove() -> int:
    changes = Changes()
    if not changes:
        print("Nothing to remove: this user's desktop has not been set up.")
        print("Kept phrases are removed by: speechd-neural cache clear")
        return 0
    _systemctl("stop", *UNITS)
    names, made = changes.paths(), changes.own(paths.cache_dir())
    for remark in changes.remove({speechd_conf.user_path(): _without_ours}):
        print(remark)
    _systemctl("daemon-reload")
    _reload_server()
    _end_daemon()
    for name in names:
        print(f"{'restored' if name.exists() else 'removed'}  {name}")
    _forget(made)
    return 0


def _forget(made: list[Path]) -> None:
    """Remove what running has left, and the directories that were made for it."""
    for path in traces.remove():
        print(f"removed  {path}")
    for directory in reversed(made):
        with contextlib.suppress(OSError):  # somebody else has put something there
            directory.rmdir()


def _without_ours(content: bytes) -> bytes:
    text = content.decode("utf-8", "surrogateescape")
    return speechd_conf.without_ours(text).encode("utf-8", "surrogateescape")


def _describe(file: File) -> str:
    current = read(file.path)
    if current == file:
        return f"as it is  {file.path}"
    return f"{'add' if current is None else 'change':<9} {file.path}"


def _systemctl(*arguments: str) -> None:
    """Tell the user's systemd, where there is one; without it the module starts the daemon."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.exists(os.path.join(runtime or "/nonexistent", "systemd", "private")):
        command = ["systemctl", "--user", "--quiet", *arguments]
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)


def _daemon() -> int | None:
    """The process that answers as the daemon, if one does."""
    if not paths.socket_path().exists():
        return None
    try:
        with Client(paths.socket_path(), timeout=1.0) as client:
            return int(client.ask({"do": "status"})["pid"])
    except DaemonError:
        return None


def _end_daemon() -> None:
    """What systemd does not run, the module has started, and nobody else would end it. Waits until the process is gone."""
    pid = _daemon()
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            process = os.pidfd_open(pid)
            try:
                signal.pidfd_send_signal(process, signal.SIGTERM)
                select.select([process], [], [], _ENDING)
            finally:
                os.close(process)


def _reload_server() -> None:
    if reload_server():
        print("The running Speech Dispatcher has read its configuration again.")
