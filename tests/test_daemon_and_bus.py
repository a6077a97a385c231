"""The daemon as a process of its own, and the session bus: names, its end, a bus that is not there."""

import contextlib
import socket
import subprocess

from speechd_neural.frontends import wire
from tests.daemon_place import COMMAND, LIMIT, last_of, receive, speak
from tests.frontends.spiel_client import private_bus
from tests.waiting import wait_for


def ask_bus(address: str, *question: str) -> str:
    command = ["dbus-send", f"--bus={address}", "--print-reply", "--dest=org.freedesktop.DBus", "/"]
    return subprocess.run([*command, *question], capture_output=True, text=True, check=True).stdout


def test_both_names_are_owned_when_it_is_ready_and_it_leaves_with_the_bus(place):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifications, private_bus() as address:
        notifications.bind(str(place.root / "notify"))
        daemon = place.start(
            command=[*COMMAND, "daemon"],
            environment={"DBUS_SESSION_BUS_ADDRESS": address, "NOTIFY_SOCKET": str(place.root / "notify")},
        )
        receive(notifications, "READY=1")
        names = ask_bus(address, "org.freedesktop.DBus.ListNames")
        assert '"org.speechd_neural.Speech.Provider"' in names and '"org.speechd_neural.Daemon"' in names
        place.connect().close()
    _, log = daemon.communicate(timeout=LIMIT)
    assert daemon.returncode == 0 and "Traceback" not in log


def test_a_bus_that_ends_disturbs_no_client_of_the_socket_and_the_next_one_is_offered_all(place):
    path = place.root / "bus"
    address = f"unix:path={path}"
    with contextlib.ExitStack() as clients:
        with private_bus(address) as first:
            environment = {"DBUS_SESSION_BUS_ADDRESS": first}
            daemon = place.start(command=[*COMMAND, "daemon"], environment=environment)
            client = clients.enter_context(place.connect())
            client.ask({"do": "voices"}, timeout=LIMIT)
            client.send({"do": "speak", "id": 1, "text": "hello there. " * 300})
            wait_for("sound", lambda: any(isinstance(frame, wire.Pcm) for frame in client.receive(LIMIT)), LIMIT)
        path.unlink(missing_ok=True)  # what a bus that is killed leaves
        heard = 0.0
        while heard < 5:  # goes on
            heard += sum(len(frame.data) / 48000 for frame in client.receive(LIMIT) if isinstance(frame, wire.Pcm))
        with private_bus(address) as second:
            for name in ("org.speechd_neural.Daemon", "org.speechd_neural.Speech.Provider"):
                wait_for(name, lambda name=name: name in ask_bus(second, "org.freedesktop.DBus.ListNames"), LIMIT)
            client.send({"do": "stop", "id": 1})
            assert last_of(client, 1) == "stopped"
            assert speak(client, 2, "hello there")[1] == "end"
        assert speak(client, 3, "hello there")[1] == "end" and daemon.poll() is None
    _, log = daemon.communicate(timeout=LIMIT)  # nobody is there any more
    assert daemon.returncode == 0 and "Traceback" not in log and log.count("there is a session bus again") == 1


def test_one_that_nobody_finds_any_more_leaves_everything_to_the_other(place):
    """Two starts can cross: the module starts one at the moment in which systemd listens anew and starts another."""
    with private_bus() as address, socket.socket(socket.AF_UNIX) as listening:
        environment = {"DBUS_SESSION_BUS_ADDRESS": address}
        first = place.start(command=[*COMMAND, "daemon"], environment=environment)
        place.connect().close()
        place.socket.unlink()
        listening.bind(str(place.socket))
        listening.listen()
        second = place.start_listening(listening, environment=environment)
        with place.connect() as client:
            assert client.ask({"do": "status"}, timeout=LIMIT)["pid"] == second.pid
            _, log = first.communicate(timeout=LIMIT)
            assert first.returncode == 0 and "Traceback" not in log
            assert place.socket.exists()
            assert speak(client, 1, "hello")[1] == "end"
        for name in ("org.speechd_neural.Daemon", "org.speechd_neural.Speech.Provider"):
            owner = ask_bus(address, "org.freedesktop.DBus.GetConnectionUnixProcessID", f"string:{name}")
            assert f"uint32 {second.pid}" in owner


def test_a_bus_that_is_not_there_does_not_matter(place):
    place.start(command=[*COMMAND, "daemon"], environment={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"})
    with place.connect() as client:
        assert speak(client, 1, "hello")[1] == "end"
