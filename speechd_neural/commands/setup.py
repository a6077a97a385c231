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

from speechd_neural import paths, system
from speechd_neural.commands.setup_choices import Choices, choose, default_conf, packaged_module, settings, user_conf
from speechd_neural.core import fallback
from speechd_neural.desktop import speechd_conf, traces, trial
from speechd_neural.desktop.changes import Changes, read
from speechd_neural.desktop.greeting import greeting
from speechd_neural.desktop.places import MODULE, UNITS, File, user_files, user_places
from speechd_neural.desktop.server import reload_server
from speechd_neural.desktop.talk import Talk
from speechd_neural.errors import DaemonError, SetupError, SpeechError
from speechd_neural.frontends.client import Client

_ENDING = 10.0  # s for a daemon to end
_LOADING = 60.0  # s for one to load its voice on a busy machine
KEPT = """What is kept on disk: the sound of letters, keys and common phrases, which is the same for everybody, and short
phrases that were said on three different days, for 30 days. Never letters, keys or digits that you typed, or what follows.
To keep less: "remember: false" under "cache:" in {config}. To remove it: speechd-neural cache clear"""


ORCA = f'In Orca, choose the speech synthesizer "{MODULE}" in the preferences; it has a speed of its own there.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="only show what would be changed")
    what.add_argument("--remove", action="store_true", help="take everything away; each file is again what it was")
    default = parser.add_mutually_exclusive_group()
    default.add_argument("--default", action="store_true", help="make it Speech Dispatcher's default, without asking")
    default.add_argument("--no-default", action="store_true", help="do not make it the default, and do not ask")
    default.add_argument("--yes", action="store_true", help="make it the default, and ask nothing")
    parser.add_argument("--quiet", action="store_true", help="say nothing but the test sentence, and ask nothing")


def run(arguments: argparse.Namespace) -> int:
    if arguments.remove:
        return _remove()
    places, packaged = user_places(), packaged_module() if system.packaged() else None
    files = _speechd_conf(packaged or places.entry) if packaged else user_files(places) + _speechd_conf(places.entry)
    if arguments.dry_run:
        _require_server()
        for file in files:
            print(_describe(file))
        if arguments.default or arguments.yes:
            print(_describe(default_conf(None)))
        return 0
    talk = Talk(spoken=not arguments.quiet, asks=not arguments.quiet and not arguments.yes)
    try:
        return _set_up(arguments, talk, files, packaged)
    except SpeechError as error:
        talk.server = None
        talk.speak(f"The set-up has failed: {error}. The speech you had was not touched.")
        raise


def _require_server() -> None:
    if trial.version() is None:
        espeak = [] if fallback.available() else ["espeak-ng"]
        raise SetupError(f"Speech Dispatcher is not installed; {system.install('speech-dispatcher', *espeak)}")


def _set_up(arguments: argparse.Namespace, talk: Talk, files: list[File], packaged: Path | None) -> int:
    _require_server()
    changes = Changes()
    if packaged is None:
        talk.tell("The neural voice is added for you. The speech you have stays as it is.")
    elif changes and user_places().entry in changes.paths():
        print(f"{user_places().entry} was set up before and hides {packaged}; type first: speechd-neural setup --remove")
    if not fallback.available():
        talk.tell(f"espeak-ng is not installed; nothing would speak where the voice cannot. {system.install('espeak-ng')}")
    for file in files:
        print(_describe(file))
    choices = _try(talk, changes, files, ask_default=not arguments.default and not arguments.no_default)
    if chosen := settings(choices):
        changes.apply(chosen)
        _reload_daemon()
    if arguments.default or arguments.yes or choices.default:
        _make_default(changes, choices.rate)
    _reload_server()
    print(KEPT.format(config=paths.config_file()))
    with talk.new_voice():
        talk.tell(f"Done. {ORCA}")
    print(f'Try: spd-say -o {MODULE} "Hello". To take everything away again: speechd-neural setup --remove')
    return 0


def _try(talk: Talk, changes: Changes, files: list[File], ask_default: bool) -> Choices:
    """Add the files and hear the voice; where that fails, everything is as it was."""
    running, fresh = _daemon(), not paths.cache_dir().exists()
    made = changes.own(paths.cache_dir())
    before = changes.apply(files)
    try:
        _systemctl("daemon-reload")
        _end_daemon()  # one of an earlier version might not understand the module that is tried now
        _systemctl("start", UNITS[1])
        print("Speaking a sentence through a second Speech Dispatcher ...", flush=True)
        with trial.private_server() as talk.server:
            told = trial.speak(talk.server)
            if problem := _voiceless():
                raise SetupError(f"espeak-ng spoke in place of the voice: {problem}")
            talk.tell(f"The test sentence was {told}.")
            return choose(talk, ask_default)
    except BaseException:
        _systemctl("stop", *UNITS)
        if running is None:
            _end_daemon()
        changes.revert(before)
        _systemctl("daemon-reload")
        if changes or packaged_module():  # what was there before goes on
            _systemctl("start", UNITS[1])
        elif fresh:
            _forget(made)
        print("Everything has been undone; the speech in use was not touched.", file=sys.stderr)
        raise
    finally:
        talk.server = None


def _voiceless() -> str:
    """Why the daemon, which the test sentence has started, has no voice; empty where it has one."""
    advice = "to know what to do, type: speechd-neural doctor"
    try:
        hello, status = greeting(paths.socket_path(), _LOADING, "setup")
    except DaemonError as error:
        return f"{error}; {advice}"
    if hello.get("voice"):
        return ""
    problem = str(status.get("voice_error") or "it has none")
    return problem if "type: " in problem else f"{problem}; {advice}"


def _speechd_conf(entry: Path) -> list[File]:
    """The line that a configuration with explicit modules needs; nothing where modules are found by themselves."""
    conf = speechd_conf.in_use()
    others = [name for name in conf.modules if name != MODULE]
    if not others:
        return []
    return [user_conf(speechd_conf.with_module(conf.text, MODULE, str(entry), f"{MODULE}.conf"))]


def _make_default(changes: Changes, rate: int | None) -> None:
    conf = speechd_conf.in_use()
    if not conf.user:
        print(f"{speechd_conf.user_path()} is now in use instead of {conf.path}, of which it is a copy.")
        print("A Speech Dispatcher that is running already takes notice of it when it is started next.")
    before = changes.apply([default_conf(rate)])
    try:
        with trial.private_server() as server:
            trial.speak(server, "It is now the default voice.")
    except BaseException:
        changes.revert(before)
        print("It was not made the default.", file=sys.stderr)
        raise
    print(f"Speech Dispatcher's default module is now {MODULE}.")


def _reload_daemon() -> None:
    with contextlib.suppress(DaemonError), Client(paths.socket_path(), timeout=1.0) as client:
        client.ask({"do": "reload"}, timeout=5.0)


def _remove() -> int:
    changes = Changes()
    if not changes:
        print("Nothing to remove: this user's desktop has not been set up.")
        print("Kept phrases are removed by: speechd-neural cache clear")
        return 0
    _systemctl("stop", *UNITS)
    names, made = changes.paths(), changes.own(paths.cache_dir())
    for remark in changes.remove({speechd_conf.user_path(): _without_ours, paths.config_file().resolve(): None}):
        print(remark)
    _systemctl("daemon-reload")
    _reload_server()
    _end_daemon()
    if packaged_module():
        _systemctl("start", UNITS[1])
    for name in names:
        print(f"{'restored' if name.exists() else 'removed'}  {name}")
    _forget(made)
    return 0


def _forget(made: list[Path]) -> None:
    """Remove what running has left, and the directories that were made for it."""
    for path in traces.remove():
        print(f"removed  {path}")
    if left := traces.left():
        print(f"still there  {left}; it could not be removed, the disk may be read-only")
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
