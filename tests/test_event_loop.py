"""The daemon's event loop waits for nothing but its clients: no file, no process, no name server, no clock, no other thread.

The daemon runs on the main thread with its real text front end, voices on a disk, a cache on a disk and a message bus of
its own. What its clients do is done in another thread, so whatever happens on the main thread is the loop's doing. Nothing
is timed: Python's audit events tell of each call that may wait, and the few that raise none (in every Python) are told by
the call. What it does not see is a lock that another thread holds for long.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from speechd_neural import paths, watching
from speechd_neural.errors import DaemonError
from speechd_neural.frontends import control, wire
from speechd_neural.frontends.client import Client
from speechd_neural.parts import RealParts
from speechd_neural.voice.store import DEFAULT, Shelf
from tests.daemon_client import LAST
from tests.frontends.spiel_client import Client as SpielClient
from tests.frontends.spiel_client import private_bus
from tests.running_daemon import LONG, Running
from tests.toy_bundle import write_toy_voice
from tests.waiting import wait_for

# Audit events of calls that wait for a disk, a process, another computer or a clock (docs.python.org, audit events table).
WAITS = frozenset(
    """open import mmap.__new__ ctypes.dlopen sqlite3.connect
    os.listdir os.scandir os.rename os.remove os.mkdir os.rmdir os.link os.symlink os.truncate os.utime os.chmod os.chown
    os.walk glob.glob shutil.copyfile shutil.copytree shutil.move shutil.rmtree tempfile.mkstemp tempfile.mkdtemp
    subprocess.Popen os.system os.posix_spawn os.fork os.forkpty os.exec os.spawn pty.spawn
    socket.getaddrinfo socket.gethostbyname socket.gethostbyaddr socket.getnameinfo socket.gethostname
    fcntl.flock fcntl.lockf""".split()
)
# Where such a call is right on the loop: in which function, and why.
ALLOWED = {
    "speechd_neural/daemon.py:resident_bytes": "/proc is no disk: the kernel answers from memory",
    "speechd_neural/frontends/reserve.py:scarce": "the same",
    "speechd_neural/frontends/activation.py:found": "the socket's directory is in memory, $XDG_RUNTIME_DIR",
    "speechd_neural/frontends/passed.py:ours": "a pipe in memory, opened without waiting for who reads it",
    "threading.py:start": "a new thread says that it runs; nothing else is waited for",
}


class Watch:
    """What the loop's thread does that may wait, between `begin` and `end`: the call and who made it."""

    def __init__(self) -> None:
        self.thread = 0
        self.seen: dict[str, None] = {}

    def begin(self, thread: int) -> None:
        self.seen.clear()
        self.thread = thread

    def end(self) -> list[str]:
        self.thread = 0
        return list(self.seen)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.thread and event in WAITS and threading.get_ident() == self.thread:
            self.note(f"{event} {arguments[:1]}")

    def note(self, what: str) -> None:
        frames = [f"{frame.f_code.co_filename}:{frame.f_code.co_name}" for frame, _ in traceback.walk_stack(sys._getframe(2))]
        if not any(frame.endswith(place) for frame in frames for place in ALLOWED):
            callers = [frame.rpartition("/")[2] for frame in frames if "asyncio/" not in frame]
            self.seen[f"{what} in {' < '.join(callers[:6])}"] = None

    def told(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        """The call itself, which raises no audit event, made known here."""

        def calls(*arguments: Any, **more: Any) -> Any:
            if self.thread == threading.get_ident() and (*arguments, *more.values())[1:] != (0,):  # a timeout of 0 is a look
                self.note(f"{name} {arguments[:1]}")
            return call(*arguments, **more)

        return calls


WATCH = Watch()


@pytest.fixture(scope="module", autouse=True)
def audited() -> None:
    sys.addaudithook(WATCH.audit)  # for good: Python has no way to take one back, so it is idle outside of a watch


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    monkeypatch.setattr(time, "sleep", WATCH.told(time.sleep, "time.sleep"))
    monkeypatch.setattr(os, "stat", WATCH.told(os.stat, "os.stat"))
    monkeypatch.setattr(os, "lstat", WATCH.told(os.lstat, "os.lstat"))
    monkeypatch.setattr(threading.Condition, "wait", WATCH.told(threading.Condition.wait, "waiting for a thread"))
    monkeypatch.setattr(threading.Thread, "join", WATCH.told(threading.Thread.join, "waiting for a thread"))
    yield WATCH
    WATCH.end()


class DiskParts(RealParts):
    def __init__(self, root: Path) -> None:
        super().__init__()
        self.voices = root / "voices"

    def shelf(self) -> Shelf:
        return Shelf((self.voices, self.voices.parent / "package"))


class Listener:
    """A client of the socket in a thread of its own."""

    def __init__(self, path: Path) -> None:
        self.client = Client(path, timeout=60)
        self.id = 0

    def ask(self, word: str, **more: Any) -> dict[str, Any]:
        return self.client.ask({"do": word, **more}, timeout=60)

    def begin(self, text: str, **more: Any) -> int:
        self.id += 1
        self.client.send({"do": "speak", "id": self.id, "text": text, **more}, timeout=60)
        return self.id

    def until(self, id: int, *wanted: str) -> str:
        end = time.monotonic() + 60
        while (left := end - time.monotonic()) > 0:
            for frame in self.client.receive(left):  # none where only a part of one has come
                if isinstance(frame, wire.Message) and frame.body.get("id") == id and frame.body["event"] in wanted:
                    return str(frame.body["event"])
        raise AssertionError(f"no {' or '.join(wanted)} of {id}")

    def hear(self, text: str, **more: Any) -> str:
        return self.until(self.begin(text, **more), *LAST)


def everything(running: Running, bus: str, parts: DiskParts, spare: Path) -> None:
    """What a user's programs do with a daemon."""
    one, other = Listener(running.path), Listener(running.path)
    one.ask("hello", client="test")
    other.client.send({"do": "voices", "follow": True})
    # Speech that is new, that is known, keys, characters, icons, another language, markup; a listener who plays nothing.
    for _ in range(2):
        assert one.hear("Good morning, 25 files.") == "end"
        assert one.hear("a", kind="char") == "end"
        assert one.hear("control_a", kind="key") == "end"
        assert one.hear("message", kind="sound_icon") == "end"
        assert one.hear('<speak>One <mark name="m"/> two. <p>Three.</p></speak>', kind="ssml") == "end"
        assert one.hear("Καλημέρα σας") == "end"
        assert one.hear("Played by the daemon.", play=True) == "end"
    # Stopped, paused, dropped by a client that leaves; a long text stays under way meanwhile.
    for play in (False, True):
        id = one.begin(20 * LONG, play=play)
        one.until(id, "begin")
        one.client.send({"do": "stop", "id": id})
        assert one.until(id, "stopped") == "stopped"
    id = one.begin(LONG)
    one.until(id, "begin")
    one.client.send({"do": "pause", "id": id})
    assert one.until(id, "paused") == "paused"
    gone = Listener(running.path)
    gone.until(gone.begin(LONG), "begin")
    gone.client.close()
    # What programs ask.
    status = one.ask("status")
    assert (status["voice"], status["voice_error"]) == (DEFAULT, "")
    assert one.ask("voices")["voices"]
    one.ask("cache", action="stats")
    # A voice appears, is spoken with, and goes.
    shutil.copytree(spare, parts.voices / "anna")
    wait_for("the new voice", lambda: len(one.ask("voices")["voices"]) == 2, 60)
    assert one.hear("With another voice.", settings={"voice": "anna"}) == "end"
    shutil.rmtree(parts.voices / "anna")
    wait_for("the voice to go", lambda: len(one.ask("voices")["voices"]) == 1, 60)
    one.ask("cache", action="clear")
    one.ask("cache", action="warm")
    asyncio.run(over_bus(bus))
    # Settings: better ones, worse ones, others for the cache.
    before = running.config.read_text()
    running.config.write_text(before + "speech: {rate: 20}\n")
    one.ask("reload")
    assert one.hear("After a reload.") == "end"
    running.config.write_text("speech:\n  rate: fast\n")
    with pytest.raises(DaemonError, match="line 2"):
        one.ask("reload")
    running.config.write_text(before.replace("disk_mb: 16", "disk_mb: 8") + "audio: {keep_awake_s: 1}\n")
    one.ask("reload")
    assert one.hear("With another cache.") == "end"
    one.client.close()
    other.client.close()


async def over_bus(address: str) -> None:
    client = await SpielClient.connect(address)
    assert await client.voices()
    assert (await client.hear("Over the bus.", voice=f"{DEFAULT}-16000")).pcm
    path, interface, name = control.OBJECT_PATH, control.INTERFACE, control.BUS_NAME
    for word in ("Voices", "State", "Statistics"):
        await client.call(path, "org.freedesktop.DBus.Properties", "Get", "ss", interface, word, name=name)
    await client.call(path, interface, "Speak", "sa{sv}", LONG, {}, name=name)
    await client.call(path, interface, "Pause", name=name)
    await client.call(path, interface, "Resume", name=name)
    await client.call(path, interface, "Stop", "u", 0, name=name)
    await client.close()


@pytest.mark.parametrize("memory", [8, 0])
async def test_nothing_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watch: Watch, memory: int
) -> None:
    """memory: of the cache, in MB; with none, what is known comes from the disk."""
    monkeypatch.setattr(watching, "INTERVAL", 0.05)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / paths.NAME).mkdir()
    paths.lexicon_file().write_text("files = FYLES\n")
    parts = DiskParts(tmp_path)
    write_toy_voice(parts.voices / DEFAULT, seed=1, level=1.0)
    write_toy_voice(tmp_path / "spare" / "anna", seed=2, level=1.0)
    cache = f"cache: {{memory_mb: {memory}, disk_mb: 16, warm: false, directory: {tmp_path / 'cache'}}}\n"
    with private_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        running = Running(tmp_path, parts=parts, with_bus=True)
        running.config.write_text(cache + "fallback: {deadline_ms: 0}\n")
        await running.start()
        watch.begin(threading.get_ident())
        try:
            await asyncio.to_thread(everything, running, address, parts, tmp_path / "spare" / "anna")
        finally:
            seen = watch.end()
            await running.close()
    assert not seen, "\n".join(seen)


async def test_what_waits_is_seen(watch: Watch, tmp_path: Path) -> None:
    """The watch itself: each kind of call is told, another thread's is not, and none when nothing is watched."""
    waiting = threading.Event()

    def wait() -> None:
        (tmp_path / "file").write_text("")
        os.listdir(tmp_path)
        os.stat(tmp_path)
        waiting.wait(0.001)
        time.sleep(0)

    wait()
    watch.begin(threading.get_ident())
    await asyncio.to_thread(wait)
    assert watch.seen == {}
    wait()
    found = [what.partition(" ")[0] for what in watch.end()]
    assert found == ["open", "os.listdir", "os.stat", "waiting", "time.sleep"]
    wait()
    assert len(watch.end()) == 5
