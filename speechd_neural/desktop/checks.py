"""What `doctor` looks at: each check says in one sentence what it found."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from speechd_neural import paths
from speechd_neural.core import fallback
from speechd_neural.desktop import speechd_conf, trial
from speechd_neural.desktop.places import MODULE, user_places
from speechd_neural.desktop.server import modules_in_use
from speechd_neural.errors import DaemonError, broken
from speechd_neural.frontends.client import Client

_SYSTEM_MODULES = ("/usr/libexec/speech-dispatcher-modules", "/usr/lib/speech-dispatcher-modules")
_DAEMON_START = 10.0  # s; it loads a voice


class Finding(NamedTuple):
    """state: "ok", "note" (works, but worth knowing) or "FAIL"."""

    state: str
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.state:<5} {self.subject}: {self.text}"


def findings(sound: bool, more: list[tuple[str, Callable[[], tuple[str, str]]]]) -> Iterator[Finding]:
    """Every check in turn; `more` come first. sound: also speak through a second Speech Dispatcher."""
    checks = [
        *more,
        ("fallback", _fallback),
        ("Speech Dispatcher", _server),
        ("its configuration", _configuration),
        ("module", _module),
        ("server in use", _in_use),
    ]
    if sound:
        checks.append(("sound", _sound))
    checks += [("daemon", _daemon), ("Orca", _orca)]
    for subject, check in checks:
        try:
            state, text = check()
        except ImportError as error:
            state, text = "FAIL", broken(error)
        except Exception as error:  # whatever is broken, the other checks are made
            state, text = "FAIL", str(error) or type(error).__name__
        yield Finding(state, subject, text)


def _fallback() -> tuple[str, str]:
    if not fallback.available():
        return "FAIL", "espeak-ng is not installed (package espeak-ng); where the voice cannot speak there will only be a tone"
    return "ok", f"espeak-ng speaks {len(fallback.languages())} languages"


def _server() -> tuple[str, str]:
    found = trial.version()
    if found is None:
        return "FAIL", "not installed (package speech-dispatcher)"
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if numbers < (0, 11):
        return "FAIL", f"version {found}; 0.11 or later is needed"
    return "ok", f"version {found}"


def _configuration() -> tuple[str, str]:
    conf = speechd_conf.in_use()
    text = f"{conf.path}"
    if not conf.path.exists():
        return "FAIL", f"{text} does not exist"
    default = f"the default module is {conf.default}" if conf.default else "no default module is set"
    if conf.modules and MODULE not in conf.modules:
        return "FAIL", f"{text} lists modules, but not {MODULE}; run 'speechd-neural setup'"
    how = "lists its modules" if conf.modules else "lets modules be found"
    return "ok" if conf.default == MODULE else "note", f"{text} {how}; {default}"


def entry() -> Path | None:
    """The module's executable: the user's, else the system's."""
    candidates = [user_places().entry, *(Path(directory) / f"sd_{MODULE}" for directory in _SYSTEM_MODULES)]
    return next((path for path in candidates if os.access(path, os.X_OK)), None)


def _module() -> tuple[str, str]:
    path = entry()
    if path is None:
        return "FAIL", "not installed; run 'speechd-neural setup'"
    begun = time.monotonic()
    with subprocess.Popen(
        [path, str(user_places().module_conf / f"{MODULE}.conf")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin and process.stdout
        try:
            process.stdin.write(b"INIT\n")
            process.stdin.flush()
            answer = b""
            while b"299 " not in answer:
                ready, _, _ = select.select([process.stdout], [], [], 5)
                data = os.read(process.stdout.fileno(), 4096) if ready else b""
                if not data:
                    return "FAIL", f"{path} does not answer; see {MODULE}.log of Speech Dispatcher"
                answer += data
            taken = time.monotonic() - begun
            process.stdin.write(b"QUIT\n")
        except BrokenPipeError:
            return "FAIL", f"{path} ends as soon as it is started"
        finally:
            if process.poll() is None:
                try:
                    process.communicate(timeout=2)
                except subprocess.TimeoutExpired:
                    process.kill()
    return "ok", f"{path} answers within {taken * 1000:.0f} ms"


def _in_use() -> tuple[str, str]:
    modules = modules_in_use()
    if modules is None:
        return "ok", "none runs; who speaks next starts it"
    if not modules:
        return "FAIL", "it has no module and is silent; 'pkill speech-dispatch' ends it, and who speaks next starts it anew"
    names = ", ".join(modules)
    if MODULE not in modules:
        return "note", f"it has loaded {names}, not {MODULE}; it finds that when it is started next, or by 'speechd-neural setup'"
    return "ok", f"it has loaded {names}"


def _sound() -> tuple[str, str]:
    with trial.private_server() as directory:
        said = trial.speak(directory, "Testing.")
    return "ok" if "reached" in said else "note", said


def _daemon() -> tuple[str, str]:
    path = paths.socket_path()
    if not path.exists() and entry() is None:
        return "FAIL", f"nothing listens at {path}, and no module is installed that would start it"
    end = time.monotonic() + _DAEMON_START
    while True:
        try:
            with Client(path, timeout=1.0) as client:
                # Answered when the voice has been loaded, or could not be.
                client.ask({"do": "voices"}, timeout=max(1.0, end - time.monotonic()))
                hello = client.ask({"do": "hello", "client": "doctor"})
                bad = client.ask({"do": "status"}).get("bad_sound") or {}
            break
        except DaemonError as error:
            if time.monotonic() > end:
                return "FAIL", f"{error}; until it is, espeak-ng speaks; {_start_again(path)}"
            time.sleep(0.2)
    if mode := path.stat().st_mode & 0o077:
        return "FAIL", f"others may use {path} (mode {mode:03o}); it should be 0600"
    if not hello.get("voice"):
        return "FAIL", f"it answers at {path}, but has no voice; see 'speechd-neural status'"
    if bad:
        told = "; ".join(f"{name}: {found['reason']}" for name, found in bad.items())
        return "FAIL", f"it answers at {path}, but a voice made no proper sound and espeak-ng spoke in its place ({told})"
    return "ok", f"it answers at {path} and speaks with the voice {hello['voice']}"


def _start_again(path: Path) -> str:
    """What to type where no daemon answers."""
    runtime = os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent"
    if os.path.exists(os.path.join(runtime, "systemd", "private")) and not path.exists():
        both = "speechd-neural.socket speechd-neural.service"
        return f"type: systemctl --user stop {both}; systemctl --user start speechd-neural.socket"
    return "type: speechd-neural daemon, and read what it says"


def _orca() -> tuple[str, str]:
    program = shutil.which("orca")
    if program is None:
        return "note", "not installed (package orca)"
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    # "43.1", or in newer ones "Orca version 48.1, AT-SPI2 version: 2.56.2".
    version = next((word.rstrip(",") for word in answer.stdout.split() if word[:1].isdigit()), "unknown")
    return "ok", f"{program}, version {version}"
