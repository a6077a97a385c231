"""What `doctor` looks at: each check says in one sentence what it found, and what to type where that is a failure."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from speechd_neural import paths, system
from speechd_neural.core import fallback
from speechd_neural.desktop import speechd_conf, trial
from speechd_neural.desktop.changes import read
from speechd_neural.desktop.greeting import greeting
from speechd_neural.desktop.places import MODULE, UNITS, user_files, user_places
from speechd_neural.desktop.server import modules_in_use
from speechd_neural.errors import DaemonError, broken, mend

# Each distribution's Speech Dispatcher was built with one of these: /usr/lib Debian's and Arch's, lib64 Fedora's.
_SYSTEM_MODULES = tuple(f"/usr/{directory}/speech-dispatcher-modules" for directory in ("libexec", "lib", "lib64"))
# Where an administrator's units for every user lie, and what takes a mask away there.
_FOR_EVERYBODY = {Path("/etc"): "sudo systemctl --global", Path("/run"): "sudo systemctl --global --runtime"}
_LOCAL = Path("/usr/local")  # what make install PREFIX=/usr/local has put there comes before a package's
_ROOM = 1 << 20  # bytes; less is none
_DAEMON_START = 10.0  # s; it loads a voice


class Answer(NamedTuple):
    """state: "ok", "note" (works, but worth knowing) or "FAIL"; advice: what to type, for every failure."""

    state: str
    text: str
    advice: str = ""


def ok(text: str) -> Answer:
    return Answer("ok", text)


def note(text: str) -> Answer:
    return Answer("note", text)


def fail(text: str, advice: str) -> Answer:
    return Answer("FAIL", text, advice)


class Check(NamedTuple):
    """advice: what to type where `look` could not look, or what tells it."""

    subject: str
    look: Callable[[], Answer]
    advice: str | Callable[[], str]


class Finding(NamedTuple):
    state: str
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.state:<5} {self.subject}: {self.text}"


SETUP = "type: speechd-neural setup"
ROOM = "make room there; what is large is told by: du -xh --max-depth=1 / | sort -h"


def findings(sound: bool, more: list[Check]) -> Iterator[Finding]:
    """Every check in turn; `more` come first. sound: also speak through a second Speech Dispatcher."""
    for check in [*more, *CHECKS]:
        if check.look is _sound and not sound:
            continue
        try:
            answer = check.look()
        except ImportError as error:
            answer = Answer("FAIL", broken(error))
        except Exception as error:  # whatever is broken, the other checks are made
            full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
            advice = check.advice if isinstance(check.advice, str) else check.advice()
            answer = fail(str(error) or type(error).__name__, ROOM if full else advice)
        advice = "" if not answer.advice or answer.advice in answer.text else f"; {answer.advice}"
        yield Finding(answer.state, check.subject, answer.text + advice)


def _space() -> Answer:
    """Where nothing can be written, settings, the cache and what `setup` adds are not; the voice speaks all the same, but where
    there is no place for the daemon's socket."""
    full, fixed = [], []
    temporary = Path(os.environ.get("TMPDIR") or "/tmp")  # not tempfile's, which writes there to try it
    places = [("your home", paths.config_home()), ("/", Path("/")), ("temporary files", temporary)]
    if (session := os.environ.get("XDG_RUNTIME_DIR", "")).startswith("/"):
        places.append(("the session's directory", Path(session)))
    for name, path in places:
        while not path.exists():
            path = path.parent
        disk = os.statvfs(path)
        if disk.f_bavail * disk.f_frsize < _ROOM or (disk.f_files and not disk.f_favail):  # as many files as may be
            full.append(f"{name} ({path})")
        elif disk.f_flag & os.ST_RDONLY and name != "/":  # that is so on purpose on some systems
            fixed.append(f"{name} ({path})")
    if fixed:
        return fail(f"nothing can be written in {' and '.join(fixed + full)}", "type: findmnt -o TARGET,OPTIONS,USE%")
    return fail(f"no room is left in {' and '.join(full)}", ROOM) if full else ok("there is room on the disks")


def _fallback() -> Answer:
    if not fallback.available():
        text = "espeak-ng is not installed; where the voice cannot speak there will only be a tone"
        return fail(text, system.install("espeak-ng"))
    return ok(f"espeak-ng speaks {len(fallback.languages())} languages")


def _server() -> Answer:
    found = trial.version()
    if found is None:
        return fail("not installed", system.install("speech-dispatcher"))
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if numbers < (0, 11):
        return fail(f"version {found}; 0.11 or later is needed", system.install("speech-dispatcher"))
    return ok(f"version {found}")


def _configuration() -> Answer:
    conf = speechd_conf.in_use()
    if not conf.path.exists():
        return fail(f"{speechd_conf.SYSTEM} does not exist", system.install("speech-dispatcher", again=True))
    default = f"the default module is {conf.default}" if conf.default else "no default module is set"
    if conf.modules and MODULE not in conf.modules:
        return fail(f"{conf.path} lists modules, but not {MODULE}", SETUP)
    how = "lists its modules" if conf.modules else "lets modules be found"
    return Answer("ok" if conf.default == MODULE else "note", f"{conf.path} {how}; {default}")


def entries() -> list[Path]:
    """The module's executables: the user's, then the system's. Speech Dispatcher takes the first."""
    candidates = [user_places().entry, *(Path(directory) / f"sd_{MODULE}" for directory in _SYSTEM_MODULES)]
    return [path for path in candidates if os.access(path, os.X_OK)]


def _module() -> Answer:
    found = entries()
    if not found:
        return fail("not installed", mend() if system.packaged() else SETUP)
    begun = time.monotonic()
    problem = _answers(found[0])
    taken = time.monotonic() - begun
    own = found[0] == user_places().entry
    if problem:
        # A package's set-up adds no module of its own: what is in its way goes.
        return fail(f"{found[0]} {problem}", mend() if not own else f"{SETUP} --remove" if system.packaged() else SETUP)
    if own and len(found) > 1:
        both = f"{found[0]} answers, and hides the one of a package, {found[1]}"
        return note(f"{both}; to have the package's: speechd-neural setup --remove")
    return ok(f"{found[0]} answers within {taken * 1000:.0f} ms")


def _added() -> Answer:
    """What `setup` has added for this user: by an earlier version, or by a clone that was moved, it may lead to nothing."""
    places = user_places()
    own = [file for file in user_files(places) if read(file.path) is not None and file.path.parent != places.module_conf]
    if not own:
        return ok("there is nothing for this user alone")
    other = [file.path for file in own if read(file.path) != file]
    if other:
        how = "speechd-neural setup --remove" if system.packaged() else "speechd-neural setup"
        return note(f"{other[0]} is of another version or another place; to have this one's, type: {how}")
    return ok("all of it is of this version")


def _units() -> Answer:
    """Units that systemd takes before those of this version, by its order of directories (systemd.unit(5))."""
    places = user_places()
    own = {(places.units / name).resolve() for name in UNITS}
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent")
    before = {paths.config_home(): "systemctl --user", runtime: "systemctl --user --runtime", **_FOR_EVERYBODY}
    if system.packaged() and not paths.PACKAGE.is_relative_to(_LOCAL):  # then its units are in /usr/lib
        before |= {_LOCAL / "share": "", _LOCAL / "lib": ""}
    for directory, unmask in before.items():
        for unit in (directory / "systemd" / "user" / name for name in UNITS):
            if not os.path.lexists(unit) or unit.resolve() in own:
                continue
            reload = "systemctl --user daemon-reload"
            if unmask and unit.resolve() == Path(os.devnull):
                return note(f"{unit} switches it off for systemd; to have it again: {unmask} unmask {unit.name}; {reload}")
            remove = f"{'' if os.access(unit.parent, os.W_OK) else 'sudo '}rm {shlex.quote(str(unit))}"
            both = f"systemd uses {unit} instead of the one that belongs to this program"
            return note(f"{both}; to have that one, type: {remove}; {reload}")
    return ok("none hides those of this program")


def _answers(path: Path) -> str | None:
    """What is wrong with this module, if anything is."""
    try:
        process = subprocess.Popen(
            [path, str(user_places().module_conf / f"{MODULE}.conf")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        return f"cannot be started: {error.strerror}"  # as where its interpreter is gone
    with process:
        assert process.stdin and process.stdout
        try:
            process.stdin.write(b"INIT\nLIST VOICES\n")
            process.stdin.flush()
            answer = b""
            while b"\n200 " not in answer:
                ready, _, _ = select.select([process.stdout], [], [], 5)
                data = os.read(process.stdout.fileno(), 4096) if ready else b""
                if not data:
                    return f"does not answer; see {MODULE}.log of Speech Dispatcher"
                answer += data
                if b"\n300 " in answer:  # it keeps the server alive, and can do no more (module/main.py)
                    return f"is not whole, and is not used; see {MODULE}.log of Speech Dispatcher"
            process.stdin.write(b"QUIT\n")
        except BrokenPipeError:
            return "ends as soon as it is started"
        finally:
            if process.poll() is None:
                try:
                    process.communicate(timeout=2)
                except subprocess.TimeoutExpired:
                    process.kill()
    return None


def _in_use() -> Answer:
    modules = modules_in_use()
    if modules is None:
        return ok("none runs; who speaks next starts it")
    if not modules:
        return fail("it has no module and is silent", "type: pkill speech-dispatch; the next message starts it again")
    names = ", ".join(modules)
    if MODULE not in modules:
        return note(f"it has loaded {names}, not {MODULE}; it finds that when it is started next, or by 'speechd-neural setup'")
    return ok(f"it has loaded {names}")


def _sound() -> Answer:
    with trial.private_server() as directory:
        said = trial.speak(directory, "Testing.")
    return Answer("ok" if "reached" in said else "note", said)


def _daemon() -> Answer:
    with _module_that_starts_it():
        return _daemon_that_runs()


@contextlib.contextmanager
def _module_that_starts_it() -> Iterator[None]:
    """Without systemd nobody listens before the first message of a session: the module then starts the daemon, as it does now."""
    found = entries()
    if not found or paths.socket_path().exists() or _systemd():
        yield
        return
    conf = user_places().module_conf / f"{MODULE}.conf"
    module = None
    with contextlib.suppress(OSError):  # that it cannot be started is told by another check
        quiet = subprocess.DEVNULL
        module = subprocess.Popen([found[0], conf], stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, bufsize=0)
        assert module.stdin
        module.stdin.write(b"INIT\n")
    try:
        yield
    finally:
        if module is not None:
            try:
                module.communicate(timeout=2)  # it ends with its input
            except subprocess.TimeoutExpired:
                module.kill()
                module.wait()


def _daemon_that_runs() -> Answer:
    path = paths.socket_path()
    if not path.exists() and not entries():
        how = mend() if system.packaged() else SETUP
        return fail(f"nothing listens at {path}, and no module is installed that would start it", how)
    try:
        hello, status = greeting(path, _DAEMON_START, "doctor")
    except DaemonError as error:
        return fail(f"{error}; until it is, espeak-ng speaks", _start_again(path))
    if mode := path.stat().st_mode & 0o077:
        return fail(f"others may use {path} (mode {mode:03o}); it should be 0600", f"type: chmod 600 {shlex.quote(str(path))}")
    if not hello.get("voice"):
        return fail(f"it answers at {path}, but has no voice", "type: speechd-neural status, and speechd-neural voices use rms")
    if bad := status.get("bad_sound") or {}:
        told = "; ".join(f"{name}: {found['reason']}" for name, found in bad.items())
        text = f"it answers at {path}, but a voice made no proper sound and espeak-ng spoke in its place ({told})"
        return fail(text, "type: speechd-neural voices use rms, and speechd-neural reload")
    if problem := status.get("voice_error"):
        return Answer("note", f"it answers at {path} and speaks with the voice {hello['voice']}; {problem}")
    return ok(f"it answers at {path} and speaks with the voice {hello['voice']}")


def _systemd() -> bool:
    """Whether this session has one."""
    return os.path.exists(os.path.join(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent", "systemd", "private"))


def _start_again(path: Path) -> str:
    """What to type where no daemon answers."""
    if _systemd() and not path.exists():
        both = "speechd-neural.socket speechd-neural.service"
        return f"type: systemctl --user stop {both}; systemctl --user start speechd-neural.socket"
    return "type: speechd-neural daemon, and read what it says"


def _orca() -> Answer:
    program = shutil.which("orca")
    if program is None:
        return note(f"not installed; {system.install('orca')}")
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    # "43.1", or in newer ones "Orca version 48.1, AT-SPI2 version: 2.56.2".
    version = next((word.rstrip(",") for word in answer.stdout.split() if word[:1].isdigit()), "unknown")
    return ok(f"{program}, version {version}")


CHECKS = [
    Check("room", _space, ROOM),
    Check("fallback", _fallback, system.install("espeak-ng", again=True)),
    Check("Speech Dispatcher", _server, system.install("speech-dispatcher", again=True)),
    Check("its configuration", _configuration, SETUP),
    Check("module", _module, SETUP),
    Check("set-up", _added, SETUP),
    Check("units", _units, SETUP),
    Check("server in use", _in_use, "type: pkill speech-dispatch; the next message starts it again"),
    Check("sound", _sound, "type: pactl info; where it cannot connect, log out and in again"),
    Check("daemon", _daemon, "type: speechd-neural daemon, and read what it says"),
    Check("Orca", _orca, system.install("orca", again=True)),
]
