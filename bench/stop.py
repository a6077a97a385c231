"""How long a STOP takes, whatever another client sends meanwhile.

    python bench/stop.py [--rounds 50] [--attack NAME ...] [--voice DIR]

A daemon of its own, in which one client speaks long texts and stops each in mid-utterance, while another sends what it
should not, again and again, each time on a new connection. Milliseconds from the stop to the event that ends the utterance.
Wall clock: other work on the machine is part of it, hence "nothing", with which the others are to be compared, and the
milliseconds that the daemon's event loop computed meanwhile, which is what it takes where nothing else runs.
Each line also tells the first sound of the next utterance, from a text that was said before, and how long those of the daemon's
threads that wanted a processor meanwhile had to wait for one: that is the machine's doing.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from commandline import run

from bench.daemon import LAST, ROOT, home, milliseconds, wait_for
from speechd_neural.commands.bench import processor
from speechd_neural.frontends import wire
from speechd_neural.frontends.client import Client

LONG = "The quick brown fox jumps over the lazy dog near the river, and then it goes home again. " * 20
SHORT = "Save as"
EIGHT = 8 << 20
ATTENTION = 2.0  # s that an attacker reads the answers


def json_frame(payload: bytes) -> bytes:
    return (len(payload) + 1).to_bytes(4, "big") + b"J" + payload


def speak(text: str, kind: str = "ssml", id: int = 1) -> bytes:
    return wire.encode({"do": "speak", "id": id, "text": text, "kind": kind})


def many(count: int, **body: Any) -> bytes:
    return b"".join(wire.encode({"id": number, **body}) for number in range(1, count))


ATTACKS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "3 MB of <a>": lambda: speak("<a>" * (1 << 20)),
    "3 MB of <!--": lambda: speak("<!--" * (3 << 18)),
    "3 MB of &amp;": lambda: speak("&amp;" * (6 << 17)),
    "marks": lambda: speak('<mark name="0:1"/>a ' * 100_000),
    "1 MB without a blank": lambda: speak("a" * (1 << 20), "text"),
    "1 MB of digits": lambda: speak("1234567890" * 100_000, "text"),
    "1 MB of emoji": lambda: speak("👍🏽" * 130_000, "text"),
    "1 MB of marks on a letter": lambda: speak("a" + "\u0301" * (1 << 19), "text"),
    "8 MB of lists": lambda: json_frame(b'{"do":[' + b"[]," * (EIGHT // 3 - 10) + b"1]}"),
    "8 MB of numbers": lambda: json_frame(b'{"do":[' + b"1," * (EIGHT // 2 - 10) + b"1]}"),
    "8 MB of keys": lambda: json_frame(b"{" + b",".join(b'"%x":1' % n for n in range(EIGHT // 12)) + b"}"),
    "8 MB of lone surrogates": lambda: speak("\ud800" * (EIGHT // 3 - 100)),
    "8 MB of escapes": lambda: json_frame(b'{"do":"speak","id":1,"text":"' + b"\\u00e9" * (EIGHT // 6 - 20) + b'"}'),
    "8 MB of nothing": lambda: json_frame(bytes(EIGHT - 2)),
    "20,000 messages": lambda: many(20_000, do="speak", text="a"),
    "20,000 messages to play": lambda: many(20_000, do="speak", text="a", play=True),
    "20,000 questions": lambda: many(20_000, do="status"),
    "20,000 greetings": lambda: many(20_000, do="hello"),
    "20,000 settings": lambda: many(20_000, do="set", settings={"rate": 3, "voice": "nobody"}),
    "20,000 questions for the cache": lambda: many(20_000, do="cache", action="stats"),
    "20,000 stops and pauses": lambda: many(10_000, do="stop") + many(10_000, do="pause"),
    "20,000 messages, then a stop": lambda: many(20_000, do="speak", text="a") + wire.encode({"do": "stop"}),
    "100,000 empty frames": lambda: b"\0\0\0\0" * 100_000,
    "100,000 broken frames": lambda: b"\0\0\0\2J{" * 100_000,
}


@contextlib.contextmanager
def attack(path: Path, data: bytes) -> Iterator[None]:
    """Somebody sends `data`, reads what comes for a while, hangs up and does it again."""
    over = threading.Event()

    def send() -> None:
        while data and not over.is_set():
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(path))
                connection.settimeout(ATTENTION)
                connection.sendall(data)
                end = time.monotonic() + ATTENTION
                while time.monotonic() < end and not over.is_set() and connection.recv(1 << 16):
                    pass

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def frames(client: Client) -> Iterator[wire.Frame]:
    while True:
        yield from client.receive(10)


def ends(client: Client, id: int, on_sound: Callable[[], None] = lambda: None) -> None:
    heard = False
    for frame in frames(client):
        if isinstance(frame, wire.Pcm) and frame.id == id and not heard:
            heard = True
            on_sound()
        elif isinstance(frame, wire.Message) and frame.body.get("id") == id and frame.body["event"] in LAST:
            return


def computed(pid: int) -> float:
    """Seconds of processor time of a process's first thread, which is the event loop's."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def waited(pid: int) -> dict[str, float]:
    """Seconds that each thread of a process was ready to run and had no processor, by the thread's number."""
    found = {}
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # it has ended
            found[thread.name] = int((thread / "schedstat").read_text().split()[1]) / 1e9
    return found


def one_round(client: Client, id: int, pid: int) -> tuple[float, float, float, float]:
    """Seconds from the stop to its event, those that the event loop computed meanwhile, from the next request to its sound,
    and of these the longest that a thread waited for a processor."""
    sent = before = 0.0

    def stop() -> None:
        nonlocal sent, before
        time.sleep(id % 5 * 0.02)
        before, sent = computed(pid), time.perf_counter()
        client.send({"do": "stop", "id": id})

    client.send({"do": "speak", "id": id, "text": LONG})
    ends(client, id, stop)
    stopped, work = time.perf_counter() - sent, computed(pid) - before
    first = wait = 0.0
    before_it, began = waited(pid), time.perf_counter()

    def sounds() -> None:
        nonlocal first, wait
        first = time.perf_counter() - began
        wait = max(now - before_it.get(thread, 0.0) for thread, now in waited(pid).items())

    client.send({"do": "speak", "id": id + 1, "text": SHORT})
    ends(client, id + 1, sounds)
    return stopped, work, first, wait


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--attack", action="append", choices=ATTACKS, help="only this one; may be given several times")
    parser.add_argument("--voice", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        environment = home(Path(directory), str(options.voice.absolute()) if options.voice else None)
        command = [sys.executable, "-m", "speechd_neural", "daemon", "--no-bus"]
        log = (Path(directory) / "log").open("w")
        daemon = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log)
        try:
            path = Path(directory) / "speechd-neural" / "socket"
            with wait_for(path) as client:
                client.ask({"do": "voices"}, timeout=60)
                client.send({"do": "speak", "id": 0, "text": SHORT})
                ends(client, 0)
                print(f"{processor()}, {os.cpu_count()} CPUs, {options.rounds} rounds each")
                for name in options.attack or ATTACKS:
                    with attack(path, ATTACKS[name]()):
                        found = [one_round(client, 2 * n + 1, daemon.pid) for n in range(options.rounds)]
                    load = os.getloadavg()[0]
                    stops, work, sounds, waits = (told(milliseconds(list(times))) for times in zip(*found, strict=True))
                    told_all = f"stop {stops}; computed {work}; next sound {sounds}; waited {waits}; load {load:.1f}"
                    print(f"  {name:<31} {told_all}", flush=True)
        finally:
            daemon.terminate()
            daemon.wait()
            log.close()


def told(times: dict[str, float]) -> str:
    return f"p50 {times['p50_ms']:6.1f} max {times['max_ms']:6.1f} ms"


if __name__ == "__main__":
    run(main)
