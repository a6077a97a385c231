"""A desktop under load: does every message end, and do memory, threads and descriptors stay as they are?

    python -m bench.world [--minutes 60] [--rate 5]

In a home of its own: session bus, sound server, the real Speech Dispatcher with the real module and daemon, and then all at
once: a client that behaves like a screen reader (RATE messages a second, most of which cancel the one before), `spd-say -w`
one after the other, two clients of the D-Bus provider, one of which leaves in mid-sentence, a client of the daemon's socket,
and storms of stops for everybody. A message that has begun and never ends is lost; so is a `spd-say -w` or a stream that
does not end. Exit status 1: something was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from speechd_neural.desktop.ssip import Ssip
from speechd_neural.errors import DaemonError
from speechd_neural.frontends import wire
from speechd_neural.frontends.client import Client as Connection
from tests.e2e.conftest import Desktop
from tests.frontends.spiel_client import Client

PATIENCE = 60.0  # s after which something counts as lost
LABELS = "File|Edit|button|check box|checked|link|visited link|heading level 2|list item|Inbox|3 of 25|Cancel|Save As".split("|")
SENTENCE = "The quick brown fox jumps over the lazy dog near the river, and then it goes home."
CONFIG = "cache: {warm: false, memory_mb: 4, disk_mb: 8}\n"


class World:
    def __init__(self, desktop: Desktop, rate: float) -> None:
        self.desktop, self.rate = desktop, rate
        self.over = threading.Event()
        self.counts: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.failures: list[str] = []

    def keeps(self, name: str, work: Callable[[], None]) -> threading.Thread:
        """Do it again and again until it is over; an exception is a failure, and it goes on."""

        def run() -> None:
            while not self.over.is_set():
                try:
                    work()
                except Exception as error:
                    self.failures.append(f"{name}: {type(error).__name__}: {error}")
                    self.over.wait(1)

        thread = threading.Thread(target=run, name=name)
        thread.start()
        return thread

    def screen_reader(self) -> None:
        chance = random.Random(1)
        begun: set[str] = set()
        with Ssip(self.desktop.server_socket, PATIENCE) as client:
            for command in ("SET SELF NOTIFICATION ALL ON", "SET SELF OUTPUT_MODULE neural", "SET SELF SSML_MODE ON"):
                client.ask(command)
            while not self.over.is_set():
                if chance.random() < 0.8:
                    client.ask("CANCEL SELF")
                if chance.random() < 0.4:
                    client.ask(f"CHAR {chance.choice('abcdefghijklmnopqrstuvwxyz')}")
                else:
                    words = (SENTENCE if chance.random() < 0.2 else chance.choice(LABELS)).split()
                    marked = "".join(f'<mark name="{number}"/>{word} ' for number, word in enumerate(words))
                    client.speak(f"<speak>{marked}</speak>")
                self.counts["messages"] += 1
                if chance.random() < 0.02:
                    begun = self._waited(client, begun)
                self.over.wait(chance.expovariate(self.rate))
                begun = self._account(client, begun)
            client.speak("The end.")
            self.lost["messages"] += len(self._waited(client, begun))

    def _waited(self, client: Ssip, begun: set[str]) -> set[str]:
        """What has begun and not ended, when the last message has."""
        if not client.wait_for_end(PATIENCE):
            self.lost["messages waited for"] += 1
        return self._account(client, begun) - {client.message}

    def _account(self, client: Ssip, begun: set[str]) -> set[str]:
        """The messages that have begun and not ended; forgets the events."""
        for code, number in client.events:
            if code == "701":
                begun.add(number)
            elif code in ("702", "703"):
                begun.discard(number)
        client.events.clear()
        return begun

    def spd_say(self) -> None:
        text = random.choice((SENTENCE, *LABELS))
        try:
            done = self.desktop.run("spd-say", "-w", "-o", "neural", text, timeout=PATIENCE)
            self.counts["spd-say -w"] += 1
            self.lost["spd-say -w"] += done.returncode != 0
        except subprocess.TimeoutExpired:
            self.lost["spd-say -w"] += 1

    def provider(self, leaves: bool) -> None:
        async def speak() -> None:
            client = await Client.connect(self.desktop.environment["DBUS_SESSION_BUS_ADDRESS"])
            voice = (await client.voices())[0][1]
            for _ in range(20):
                ends = await client.synthesize(random.choice((SENTENCE, *LABELS)), voice)
                self.counts["streams"] += 1
                try:
                    await asyncio.wait_for(asyncio.to_thread(read, ends, leaves), PATIENCE)
                except TimeoutError:
                    self.lost["streams"] += 1
                os.close(ends)
                await asyncio.sleep(0.5)
                if self.over.is_set():
                    break
            await client.close()

        asyncio.run(speak())

    def socket(self) -> None:
        with Connection(self.desktop.run_dir / "speechd-neural" / "socket", PATIENCE) as client:
            for id in range(1, 50):
                client.send({"do": "speak", "id": id, "text": f"{SENTENCE} " * 50})
                self.over.wait(random.random())
                client.send({"do": "stop", "id": id})
                self.counts["requests"] += 1
                if not ends(client, id):
                    self.lost["requests"] += 1
                if self.over.is_set():
                    break

    def storm(self) -> None:
        self.over.wait(random.uniform(2, 10))
        with Connection(self.desktop.run_dir / "speechd-neural" / "socket", PATIENCE) as client, Ssip(
            self.desktop.server_socket, PATIENCE
        ) as server:
            for _ in range(50):
                client.send({"do": "stop", "id": "everyone"})
                server.ask("STOP ALL")
                self.counts["stops"] += 2


def read(descriptor: int, leaves: bool) -> None:
    left = 3 if leaves else 10**9
    while left and os.read(descriptor, 4096):
        left -= 1


def ends(client: Connection, id: int) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for frame in client.receive(1.0):
            body = frame.body if isinstance(frame, wire.Message) else {}
            if body.get("id") == id and body.get("event") in ("end", "stopped", "failed"):
                return True
    return False


def state(pid: int) -> tuple[float, int, int]:
    """Resident MiB, threads, descriptors."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) / 1024, int(lines["Threads"]), len(os.listdir(f"/proc/{pid}/fd"))


def processes(desktop: Desktop) -> dict[str, int]:
    found = {}
    for pid, command in desktop.pids().items():
        if "sd_neural" in command:
            found["module"] = pid
        elif command.strip().endswith("speechd-neural daemon"):
            found["daemon"] = pid
    return found


def watch(world: World, minutes: float) -> None:
    end, first = time.monotonic() + 60 * minutes, processes(world.desktop)
    began = time.monotonic()
    while time.monotonic() < end:
        time.sleep(min(30.0, max(0.0, end - time.monotonic())))
        now = processes(world.desktop)
        told = [f"{(time.monotonic() - began) / 60:5.1f} min"]
        for name, pid in now.items():
            memory, threads, descriptors = state(pid)
            told.append(f"{name} {memory:.2f} MiB, {threads} threads, {descriptors} descriptors")
        print("; ".join(told), flush=True)
        if now != first:
            world.failures.append(f"other processes than before: {first}, {now}")
            first = now


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=5, help="messages of the screen reader in a second")
    arguments = parser.parse_args()
    desktop = Desktop()
    try:
        desktop.start()
        settings = desktop.home / ".config/speechd-neural/config.yaml"
        settings.parent.mkdir(parents=True)
        settings.write_text(CONFIG)
        done = desktop.neural("setup", "--no-default")
        if done.returncode:
            print(done.stdout + done.stderr, file=sys.stderr)
            return 1
        desktop.start_server()
        world = World(desktop, arguments.rate)
        threads = [
            world.keeps("screen reader", world.screen_reader),
            world.keeps("spd-say", world.spd_say),
            world.keeps("provider", lambda: world.provider(False)),
            world.keeps("provider, leaving", lambda: world.provider(True)),
            world.keeps("socket", world.socket),
            world.keeps("storm", world.storm),
        ]
        watch(world, arguments.minutes)
        world.over.set()
        for thread in threads:
            thread.join(2 * PATIENCE)
        try:
            with Connection(desktop.run_dir / "speechd-neural" / "socket", PATIENCE) as client:
                status = client.ask({"do": "status"}, PATIENCE)
            print(", ".join(f"{name} {status[name]}" for name in ("requests", "fallbacks") if name in status))
        except DaemonError as error:
            world.failures.append(f"at the end: {error}")
    finally:
        desktop.close()
    print("done: " + ", ".join(f"{count:,} {name}" for name, count in world.counts.items()))
    print("lost: " + (", ".join(f"{count} {name}" for name, count in world.lost.items() if count) or "nothing"))
    for failure, count in Counter(world.failures).items():
        print(f"failed {count} times: {failure}")
    return 1 if world.lost.total() or world.failures else 0


if __name__ == "__main__":
    sys.exit(main())
