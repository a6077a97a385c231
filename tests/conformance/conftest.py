"""The module as the server runs it: a process with three pipes, and a scripted daemon at the end of its socket."""

import contextlib
import fcntl
import functools
import os
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from speechd_neural.frontends import wire
from tests import waiting

ROOT = Path(__file__).parents[2]
ENTRY = "import sys; sys.path.append({!r}); from speechd_neural.module.main import main; main()"
LIMIT = 60  # s; nothing takes long, but a busy machine may
wait_for = functools.partial(waiting.wait_for, limit=LIMIT)


class ModuleProcess:
    """Plays the server: sends commands, reads replies and events. Every read has a limit."""

    def __init__(self, directory: Path, conf: str, site: Path = ROOT, environment=None) -> None:
        path = directory / "neural.conf"
        path.write_text(conf)
        self._log = directory / "neural.log"
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(directory), "XDG_CACHE_HOME": str(directory)} | (
            environment or {}
        )
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", ENTRY.format(str(site)), str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
            )
        self._buffer = b""
        self._marks: list[str] = []  # of the server, already taken by `event`

    def send(self, *lines: bytes) -> None:
        self.process.stdin.write(b"".join(line + b"\n" for line in lines))
        self.process.stdin.flush()

    def _fill(self) -> None:
        ready, _, _ = select.select([self.process.stdout], [], [], LIMIT)
        assert ready, f"the module said nothing for {LIMIT} s; so far {self._buffer[:200]!r}"
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        assert data, "the module closed its output"
        self._buffer += data

    def line(self) -> bytes:
        while b"\n" not in self._buffer:
            self._fill()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def reply(self) -> list[bytes]:
        """All lines of a reply or an event."""
        lines = [self.line()]
        while lines[-1][3:4] == b"-":
            lines.append(self.line())
        return lines

    def ask(self, *lines: bytes) -> bytes:
        """Send, and return the last line of one reply; events that come first are not expected."""
        self.send(*lines)
        return self.reply()[-1]

    def silent(self, seconds: float = 0.3) -> bool:
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        return not self._buffer and not ready

    def start(self) -> None:
        assert self.ask(b"INIT") == b"299 OK LOADED SUCCESSFULLY"
        assert self.block(b"AUDIO", b"audio_output_method=server") == b"203 OK AUDIO INITIALIZED"
        assert self.block(b"LOGLEVEL", b"log_level=4") == b"203 OK LOGLEVEL SET"
        assert self.ask(b"LIST VOICES") == b"200 OK VOICE LIST SENT"

    def block(self, command: bytes, *lines: bytes) -> bytes:
        assert self.ask(command)[:3] in (b"203", b"207", b"202")
        return self.ask(*lines, b".")

    def speak(self, text: bytes, command: bytes = b"SPEAK") -> None:
        assert self.block(command, text) == b"200 OK SPEAKING"

    def event(self):
        """("mark", name), ("audio", pcm, rate), ("icon", path) or the last line of any other event or reply."""
        lines = self.reply()
        if lines[-1] == b"700 INDEX MARK":
            name = lines[0][4:].decode()
            self._marks += [name] if name.startswith("__spd_") else []
            return "mark", name
        if lines[-1] == b"706 ICON":
            return "icon", lines[0][4:].decode()
        if lines[-1] == b"705 AUDIO":
            head = dict(line[4:].split(b"=", 1) for line in lines[:-2])
            name, _, escaped = lines[-2].partition(b"\0")
            assert name == b"705-AUDIO"
            assert (head[b"bits"], head[b"num_channels"], head[b"big_endian"]) == (b"16", b"1", b"0")
            out, data = bytearray(), iter(escaped)
            for byte in data:
                out.append(next(data) ^ 0x20 if byte == 0x7D else byte)
            assert len(out) == 2 * int(head[b"num_samples"])
            return "audio", bytes(out), int(head[b"sample_rate"])
        return lines[-1].decode()

    def utterance(self) -> list:
        """Every event up to the terminal one; BEGIN is checked to be the first.

        In front of an END the server's last mark is repeated; it is checked and left out.
        """
        events = [self.event()]
        while events[-1] not in ("702 END", "703 STOP", "704 PAUSE"):
            events.append(self.event())
        assert "701 BEGIN" not in events[1:]
        if events[-1] == "702 END":
            _, repeated = events.pop(-2)
            own = [event[1] for event in events if event[0] == "mark" and event[1].startswith("__spd_")]
            assert repeated == (own or self._marks or ["__spd_-1"])[-1]
        self._marks = []
        return events

    def memory(self) -> int:
        """Resident kB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    def log(self) -> str:
        # By a descriptor of our own: one that is shared with the module would move the place where that writes.
        return self._log.read_text()

    def ended(self) -> int:
        """The exit status, once the module has ended."""
        return self.process.wait(LIMIT)

    def close(self) -> None:
        self.process.stdin.close()
        try:
            self.ended()
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


class ScriptedDaemon:
    """Listens where the daemon would. `script(connection, request)` runs for each speak, in its connection's thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self.requests: list[dict] = []
        self.greeting = {"protocol": wire.PROTOCOL, "version": "0"}
        self.heard = threading.Condition()
        self.script = lambda connection, request: connection.say(request, 0.2)
        self.connections: list[Connection] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._server.accept()
            except OSError:
                return
            self.connections.append(Connection(accepted, self))
            self.connections[-1].start()

    def wait(self, wanted) -> dict:
        """The first request for which wanted(request) holds."""
        end = time.monotonic() + LIMIT
        with self.heard:
            while True:
                for request in self.requests:
                    if wanted(request):
                        return request
                assert self.heard.wait(end - time.monotonic()), f"not asked for; heard {self.requests}"

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()
        for connection in self.connections:
            connection.close()


class Connection(threading.Thread):
    def __init__(self, accepted: socket.socket, daemon: ScriptedDaemon) -> None:
        super().__init__()
        self._socket = accepted
        self._owner = daemon

    def run(self) -> None:
        parser = wire.Parser()
        with contextlib.suppress(OSError):
            while data := self._socket.recv(1 << 16):
                for frame in parser.feed(data):
                    request = frame.body
                    with self._owner.heard:
                        self._owner.requests.append(request)
                        self._owner.heard.notify_all()
                    if request["do"] == "speak":
                        self._owner.script(self, request)
                    elif request["do"] == "hello":
                        self.send({"reply": "hello", "ok": True, "voice": "Test Voice", **self._owner.greeting})
                    elif request["do"] == "voices":
                        voices = [{"name": "Test Voice", "languages": ["en-US", "de-DE"]}]
                        self.send({"reply": "voices", "ok": True, "voices": voices})

    def send(self, *bodies: dict) -> None:
        self._socket.sendall(b"".join(map(wire.encode, bodies)))

    def sound(self, request: dict, seconds: float, value: bytes = b"\x0a\x7d") -> None:
        self._socket.sendall(wire.encode_pcm(request["id"], value * int(16000 * seconds)))

    def begin(self, request: dict) -> None:
        self.send({"event": "begin", "id": request["id"], "sample_rate": 16000})

    def mark(self, request: dict, name: str) -> None:
        self.send({"event": "mark", "id": request["id"], "name": name})

    def end(self, request: dict, event: str = "end") -> None:
        self.send({"event": event, "id": request["id"]})

    def say(self, request: dict, seconds: float) -> None:
        self.begin(request)
        self.sound(request, seconds)
        self.end(request)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.join()
        self._socket.close()


def rates(events: list) -> list[int]:
    """The sample rate of each piece of sound: it tells whose voice it is."""
    return [event[2] for event in events if event[0] == "audio"]


@pytest.fixture
def start_module(tmp_path):
    """A function that starts a module with a configuration; by default one that never starts a daemon."""
    started = []

    def start(conf: str = "DaemonCommand\n", **environment: str) -> ModuleProcess:
        directory = tmp_path / f"module{len(started)}"
        directory.mkdir()
        module = ModuleProcess(directory, f'Socket "{tmp_path}/d/socket"\n{conf}', environment=environment)
        started.append(module)
        return module

    yield start
    for module in started:
        module.close()


@pytest.fixture
def module(start_module):
    process = start_module()
    process.start()
    process.block(b"SET", b"rate=90")  # the tests are done sooner
    return process


@pytest.fixture
def connected(start_module, daemon):
    """A module that is connected to the scripted daemon, with a deadline that a busy machine keeps."""
    process = start_module("DaemonCommand\nDeadline 5000\n")
    process.start()
    daemon.wait(lambda request: request["do"] == "voices")
    return process


@pytest.fixture
def daemon(tmp_path):
    scripted = ScriptedDaemon(tmp_path / "d" / "socket")
    yield scripted
    scripted.close()


@pytest.fixture
def pipe_size():
    return lambda process: fcntl.fcntl(process.stdout, fcntl.F_GETPIPE_SZ)
