"""The daemon as a process of its own: starting, signals, systemd's protocols, and the commands that talk to it."""

import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from speechd_neural import daemon as daemon_of
from speechd_neural.errors import DaemonError
from speechd_neural.frontends import wire
from speechd_neural.frontends.client import Client
from speechd_neural.paths import PACKAGE
from tests.daemon_place import LIMIT, PLAIN, receive, speak


def test_a_life(place):
    daemon = place.start()
    with place.connect() as client:
        client.ask({"do": "voices"}, timeout=LIMIT)  # answered when the voice has been loaded, or could not be
        length, last = speak(client, 1, "hello there")
        assert length > 0.3 and last == "end"
        status = json.loads(place.run("status", "--json").stdout)
        assert status["pid"] == daemon.pid and "nobody" in status["voice_error"]
        words = place.run("status").stdout
        assert "Voice: fenrir, 24000" in words and "Voice problem: no voice 'nobody'" in words  # the default speaks for it
        assert "Request to first sound" in words
        client.send({"do": "speak", "id": 2, "text": "hello there. " * 500})
        time.sleep(0.1)
        assert place.run("stop").returncode == 0
        last = None
        while last is None:
            for frame in client.receive(LIMIT):
                if isinstance(frame, wire.Message) and frame.body["event"] not in ("begin", "word"):
                    last = frame.body["event"]
        assert last == "stopped"
    daemon.send_signal(signal.SIGTERM)
    _, log = daemon.communicate(timeout=LIMIT)
    assert daemon.returncode == 0
    assert not place.socket.exists()
    assert "hello" not in log and "Traceback" not in log


def test_reload_by_command_and_by_signal(place):
    daemon = place.start()
    place.connect().close()
    place.write(PLAIN + "fallback: {deadline_ms: soon}\n")
    refused = place.run("reload")
    assert refused.returncode == 3
    assert f"{place.config}, line 3: fallback.deadline_ms must be a number of 0 to 10000" in refused.stderr
    assert "Configuration problem" in place.run("status").stdout
    place.write("cache: {warm: false, private: ['[0-9]{16}']}\nvoice: {name: nobody}\n")
    daemon.send_signal(signal.SIGHUP)
    end = time.monotonic() + LIMIT
    while "Configuration problem" in place.run("status").stdout:
        assert time.monotonic() < end
    # A voice that is not there is told, and the one that speaks goes on.
    told = place.run("reload")
    assert told.returncode == 4 and "nobody" in told.stderr
    with place.connect() as client:
        assert speak(client, 1, "hello")[1] == "end"


def test_a_bad_configuration_does_not_keep_it_from_starting(place):
    place.write("voice: [\n")
    place.start()
    with place.connect() as client:
        assert "line" in client.ask({"do": "status"}, timeout=LIMIT)["config_error"]


def test_two_starts_at_once_end_with_one_daemon(place):
    daemons = [place.start() for _ in range(4)]
    with place.connect() as client:
        survivor = client.ask({"do": "status"}, timeout=LIMIT)["pid"]
    others = [daemon for daemon in daemons if daemon.pid != survivor]
    for daemon in others:
        out, _ = daemon.communicate(timeout=LIMIT)
        assert daemon.returncode == 0 and "already" in out
    assert [daemon.poll() for daemon in daemons].count(None) == 1


def test_killed_and_started_again(place):
    first = place.start()
    place.connect().close()
    first.kill()
    first.wait()
    place.start()
    with place.connect() as client:
        assert speak(client, 1, "hello")[1] == "end"


def test_new_files_of_the_package_are_taken_once_nobody_speaks(place, tmp_path):
    """As after an upgrade in place: the same process number, the same socket, the new version; not where that is broken."""
    package = tmp_path / "site" / "speechd_neural"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    libraries = Path(pytest.__file__).parents[1]
    place.environment["PYTHONPATH"] = f"{package.parent}:{libraries}"

    def install(name: str, text: str) -> None:
        (package / "new").write_text(text)
        (package / "new").replace(package / name)

    def version(client: Client) -> str:
        return client.ask({"do": "hello", "client": "test"}, timeout=LIMIT)["version"]

    # Without the site module: it would find the sources that are being tested.
    daemon = place.start(cwd="/", command=[sys.executable, "-S", "-m", "speechd_neural", "daemon", "--no-bus"])
    with place.connect() as client:
        assert version(client) != "9.9"
        install("__init__.py", '__version__ = "9.9"\n')
        with pytest.raises(DaemonError, match=r"closed the connection|went away"):
            for _ in range(LIMIT):
                speak(client, 1, "hello there")  # none of them is cut off
                time.sleep(1)
    with place.connect() as client:
        assert version(client) == "9.9"
        assert client.ask({"do": "status"})["pid"] == daemon.pid
        length, last = speak(client, 1, "hello there")
        assert length > 0.3 and last == "end"
        install("daemon.py", "(")
        install("__init__.py", '__version__ = "9.9.1"\n')
        time.sleep(12)  # a few looks
        assert version(client) == "9.9"
        assert speak(client, 2, "hello there")[1] == "end"
    daemon.terminate()
    _, log = daemon.communicate(timeout=LIMIT)
    assert log.count("it starts anew with them") == 1
    assert log.count("cannot be used; it speaks on without them") == 1
    assert not place.socket.exists()
    assert "Traceback" not in log


def test_systemd_passes_the_socket_and_hears_of_the_state(place):
    """What systemd does: it listens, passes the socket as descriptor 3, and waits for READY=1 and signs of life."""
    place.socket.parent.mkdir(parents=True)
    address = str(place.root / "notify")
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifications,
        socket.socket(socket.AF_UNIX) as listening,
    ):
        notifications.bind(address)
        listening.bind(str(place.socket))
        listening.listen()
        # A client may be there before the daemon.
        early = Client(place.socket)
        daemon = place.start_listening(
            listening, "--no-bus", environment={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "200000"}
        )
        receive(notifications, "READY=1")
        receive(notifications, "WATCHDOG=1")
        receive(notifications, "WATCHDOG=1")
        with early:
            assert early.ask({"do": "status"}, timeout=LIMIT)["pid"] == daemon.pid
        daemon.terminate()
        receive(notifications, "STOPPING=1")
        daemon.wait(LIMIT)
        # The socket is systemd's: who comes between two daemons waits at it for the second.
        with Client(place.socket) as between:
            second = place.start_listening(listening, "--no-bus", environment={})
            assert between.ask({"do": "status"}, timeout=LIMIT)["pid"] == second.pid


def test_it_may_hold_as_many_pipes_as_the_system_allows(place):
    daemon = place.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 4096)))
    place.connect().close()
    with open(f"/proc/{daemon.pid}/limits", encoding="ascii") as file:
        (limits,) = (line.split()[3:5] for line in file if line.startswith("Max open files"))
    assert limits == ["4096", "4096"]


def test_a_crash_would_leave_no_memory_on_disk_and_its_files_are_the_users_alone(place):
    def as_wide_as_may_be():
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))
        os.umask(0)

    daemon = place.start(preexec_fn=as_wide_as_may_be)
    place.connect().close()
    of_process = Path(f"/proc/{daemon.pid}")
    assert "Max core file size        0 " in (of_process / "limits").read_text()
    assert "Umask:\t0077\n" in (of_process / "status").read_text()


def test_without_proc_it_tells_no_memory_and_all_else(monkeypatch):
    monkeypatch.setattr(daemon_of, "open", lambda *_, **__: os.stat("/nowhere"), raising=False)
    assert daemon_of.resident_bytes() == 0


def test_commands_without_a_daemon(place):
    for command in ("status", "reload", "stop"):
        failed = place.run(command)
        assert failed.returncode == 9
        assert "cannot be reached" in failed.stderr and "Traceback" not in failed.stderr


def test_a_place_that_is_not_ours(place):
    (place.root / "run").mkdir()
    (place.root / "run" / "speechd-neural").write_text("a file")
    daemon = place.start()
    _, error = daemon.communicate(timeout=LIMIT)
    assert daemon.returncode == 9 and "is not a private directory of this user" in error and "Traceback" not in error


def test_nothing_is_done_when_nothing_is_asked(place):
    """An idle daemon leaves the processor alone, but for one look a second whether there are other voices."""
    daemon = place.start()
    with place.connect() as client:
        client.ask({"do": "voices"}, timeout=LIMIT)  # answered when the voice has been loaded
        speak(client, 1, "hello")

    def sleeps() -> int:
        """How often its threads have gone to sleep; the other switches are those of a machine that is busy."""
        total = 0
        for thread in Path(f"/proc/{daemon.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # the thread has ended meanwhile
                lines = (thread / "status").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))
        return total

    # One thread looks once a second, and then tells nobody. Before, there is still something to do for what was spoken, and
    # the first looks read what later ones find unchanged, with waits at the interpreter's lock.
    seen, end = [], time.monotonic() + LIMIT
    while not seen or seen[-1] > 2.0:
        assert time.monotonic() < end, f"it wakes {seen} times a second"
        before, begun = sleeps(), time.monotonic()
        time.sleep(3.0)
        seen.append((sleeps() - before) / (time.monotonic() - begun))


LATE = """
import sys
from pathlib import Path
import speechd_neural.daemon
from speechd_neural.config import Config
from speechd_neural.parts import RealParts, import_later
from speechd_neural.paths import packaged_voices
from speechd_neural.voice.store import DEFAULT
parts, config, path = RealParts(), Config(), packaged_voices() / DEFAULT
front_end = next(iter(parts.front_ends(config, path).values()))
engine = parts.engine(config, path)
import_later()
before = set(sys.modules)
for segment in front_end.segments(sys.argv[1]):
    if segment.symbols and segment.language is None:
        list(engine.synthesize(segment, seed=1, cancelled=lambda: False))
print(*sorted(name for name in set(sys.modules) - before if name.startswith("speechd_neural")))
"""


def test_nothing_of_the_package_is_imported_once_the_voice_is_loaded():
    """An upgrade in place may have changed it by then."""
    text = "Hello zyxgrmpf 12 at 3:45 on 2026-01-05 for $5, x^2, k8s, /usr/bin, a@b.com and IV."
    done = subprocess.run([sys.executable, "-c", LATE, text], capture_output=True, text=True, timeout=LIMIT, check=True)
    assert done.stdout.split() == []


def test_a_daemon_that_was_started_with_signals_held_back_can_be_ended(place):
    def hold_back() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    daemon = place.start(preexec_fn=hold_back)
    with place.connect() as client:
        assert speak(client, 1, "Guten Morgen.", settings={"language": "de"})[1] == "end"
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(LIMIT) == 0
