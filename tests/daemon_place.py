"""A user of their own, the daemon as a process there, and what a client hears of it."""

import contextlib
import os
import socket
import subprocess
import sys
import time

import pytest

from speechd_neural.errors import DaemonError
from speechd_neural.frontends import wire
from speechd_neural.frontends.client import Client

PLAIN = "voice: {name: nobody}\ncache: {warm: false}\n"
COMMAND = [sys.executable, "-m", "speechd_neural"]
LIMIT = 60  # s; nothing takes long, but a busy machine may


class Place:
    """A user of their own: directories, environment, and the daemons started there."""

    def __init__(self, root) -> None:
        self.root = root
        self.socket = root / "run" / "speechd-neural" / "socket"
        self.config = root / "config" / "speechd-neural" / "config.yaml"
        self.config.parent.mkdir(parents=True)
        # A voice that is not there, and a cache that is not filled in the background.
        self.write(PLAIN)
        self.environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(root / "run"),
            "XDG_CONFIG_HOME": str(root / "config"),
            "XDG_CACHE_HOME": str(root / "cache"),
            "XDG_DATA_HOME": str(root / "data"),
            "XDG_STATE_HOME": str(root / "state"),
        }
        self.processes: list[subprocess.Popen] = []

    def write(self, text: str) -> None:
        self.config.write_text(text)

    def start(self, *options: str, command=None, **more) -> subprocess.Popen:
        environment = {**self.environment, **more.pop("environment", {})}
        process = subprocess.Popen(
            command or [*COMMAND, "daemon", "--no-bus", *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )
        self.processes.append(process)
        return process

    def start_listening(self, listening: socket.socket, *options: str, environment) -> subprocess.Popen:
        """As systemd does: the socket, which listens already, is passed as descriptor 3."""
        exec_ = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid());"
            "os.execv(sys.executable, [sys.executable, '-m', 'speechd_neural', 'daemon', *sys.argv[2:]])"
        )
        return self.start(
            command=[sys.executable, "-c", exec_, str(listening.fileno()), *options],
            pass_fds=[listening.fileno()],
            environment={"LISTEN_FDS": "1", **environment},
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([*COMMAND, *arguments], env=self.environment, capture_output=True, text=True, timeout=LIMIT)

    def connect(self) -> Client:
        end = time.monotonic() + LIMIT
        while True:
            try:
                with contextlib.ExitStack() as unanswered:
                    client = unanswered.enter_context(Client(self.socket))
                    client.ask({"do": "hello", "client": "test"}, timeout=LIMIT)
                    unanswered.pop_all()
                    return client
            except DaemonError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=LIMIT)


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    yield place
    place.close()


def speak(client: Client, id: int, text: str, **more) -> tuple[float, str]:
    """(seconds of sound, last event)"""
    client.send({"do": "speak", "id": id, "text": text, **more})
    sound, end = 0, time.monotonic() + LIMIT
    while time.monotonic() < end:
        for frame in client.receive(1):
            if isinstance(frame, wire.Pcm):
                sound += len(frame.data)
            elif frame.body.get("event") in ("end", "stopped", "failed"):
                return sound / 32000, frame.body["event"]
    raise AssertionError("no end")


def last_of(client: Client, id: int) -> str:
    """The last event of an utterance that is under way."""
    while True:
        for frame in client.receive(LIMIT):
            if isinstance(frame, wire.Message) and frame.body.get("event") in ("end", "stopped", "failed"):
                assert frame.body["id"] == id
                return frame.body["event"]


def receive(notifications: socket.socket, wanted: str) -> None:
    notifications.settimeout(LIMIT)
    while notifications.recv(100).decode() != wanted:
        pass
