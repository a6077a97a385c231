"""A desktop of its own: home, session bus, sound server with a null sink, Speech Dispatcher. Nothing here is optional:
what cannot be started fails the test."""

import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import pytest

from tests import sound_server, waiting
from tests.recorder import Recorder
from tests.waiting import listening

ROOT = Path(__file__).parents[2]
RATE = 16000
LIMIT = 90  # s; nothing takes long, but a busy machine may
wait_for = functools.partial(waiting.wait_for, limit=LIMIT)


class Desktop:
    """`environment` is what a program started in this desktop sees."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="desktop-", dir="/tmp"))  # short: a socket's path has 107 bytes
        self.home = self.root / "home"
        self.run_dir = self.root / "run"
        self.mark = uuid.uuid4().hex
        self._processes: list[subprocess.Popen] = []
        for directory in (self.home, self.run_dir, self.root / "log"):
            directory.mkdir(mode=0o700)
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "USER": os.environ.get("USER", "user"),
            "XDG_RUNTIME_DIR": str(self.run_dir),
            "PULSE_SERVER": sound_server.address(self.run_dir),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.run_dir}/bus",
            "DESKTOP_TEST_MARK": self.mark,
            "OMP_NUM_THREADS": "1",
        }

    def spawn(self, *command: str, **options) -> subprocess.Popen:
        name = Path(command[0]).name
        with (self.root / "log" / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=options.get("stdout", log), stderr=log
            )
        self._processes.append(process)
        return process

    def start(self) -> None:
        self.spawn("dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={self.run_dir}/bus")
        wait_for("the session bus", lambda: listening(self.run_dir / "bus"))
        sound_server.start(self.spawn, self.run_dir, self.environment, null=48000)

    def run(self, *command: str, timeout: float = 300, typed: str = "", **more: str) -> subprocess.CompletedProcess:
        """typed: what the program reads from its standard input."""
        return subprocess.run(
            command, env=self.environment | more, input=typed, capture_output=True, text=True, timeout=timeout, check=False
        )

    def neural(self, *arguments: str, **more) -> subprocess.CompletedProcess:
        """Run `speechd-neural` with these arguments."""
        return self.run(sys.executable, "-m", "speechd_neural", *arguments, PYTHONPATH=str(ROOT), **more)

    def start_server(self, conf: str | None = None) -> None:
        """Speech Dispatcher where clients look for it, with an extra line or two of configuration.

        In the background, as clients start it: it then goes on in another process than the one that loaded the modules.
        """
        if conf is not None:
            own = self.home / ".config/speech-dispatcher/speechd.conf"
            own.parent.mkdir(parents=True, exist_ok=True)
            own.write_text(Path("/etc/speech-dispatcher/speechd.conf").read_text() + conf)
        self.spawn("speech-dispatcher", "-d", "-t", "0")
        wait_for("Speech Dispatcher", lambda: listening(self.server_socket))

    @property
    def server_socket(self) -> Path:
        return self.run_dir / "speech-dispatcher" / "speechd.sock"

    def record(self) -> None:
        """Listen to the sink from now on."""
        recorded = self.root / "heard.raw"
        with recorded.open("wb") as file:
            self.spawn(
                "parec", "-d", "null.monitor", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1",
                "--latency-msec=20", stdout=file,
            )  # fmt: skip
        self._recorder = Recorder(recorded, RATE)

    def now(self) -> float:
        """Seconds since `record`."""
        return self._recorder.seconds()

    def hears(self, since: float = 0) -> None:
        """Wait until something is loud that sounds `since` this many seconds after `record` or later."""
        wait_for("sound", lambda: len(self._recorder.loud(since)))

    def falls_silent(self, since: float) -> float:
        """Wait for silence; how many seconds after `since` it began."""
        return self._recorder.falls_silent(since)

    def pids(self) -> dict[int, str]:
        """Every process of this desktop and its command line, also those that have detached themselves."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if f"DESKTOP_TEST_MARK={self.mark}".encode() in (entry / "environ").read_bytes():
                        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                        found[int(entry.name)] = command
                except OSError:
                    continue
        return found

    def close(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in reversed(self._processes):
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.pids():
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    continue
            end = time.monotonic() + 2
            while any(command for command in self.pids().values()) and time.monotonic() < end:
                time.sleep(0.05)
        shutil.rmtree(self.root, ignore_errors=True)


@pytest.fixture
def desktop():
    private = Desktop()
    try:
        private.start()
        yield private
    finally:
        private.close()


@pytest.fixture(scope="module")
def spoken_desktop():
    """A desktop that has been set up, with Speech Dispatcher running; shared by the tests of one file."""
    private = Desktop()
    try:
        private.start()
        done = private.neural("setup", "--no-default", "--quiet")
        assert done.returncode == 0, done.stdout + done.stderr
        private.start_server()
        private.record()
        yield private
    finally:
        private.close()
