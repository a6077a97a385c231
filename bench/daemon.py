"""The daemon from outside: start, request to first audio on the socket, stop, idle processor time, memory.

    python bench/daemon.py [--toy] [--rounds 100] [--idle 60] [--json out.json]

A daemon of its own with directories of its own is started for it. --toy: with the test voice, whose synthesis costs
next to nothing, so that what is left is the daemon's own share. Times are wall clock; other work on the machine is
part of them, hence the load average.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from speechd_neural.commands.bench import processor
from speechd_neural.frontends import wire

ROOT = Path(__file__).parent.parent
WORDS = ["battery", "settings", "documents", "network", "close", "favourites", "cancel", "print", "volume", "keyboard"]
SENTENCE = "The quick brown fox jumps over the lazy dog near the river."
TOY = """
import asyncio, os, sys
sys.path.insert(0, {root!r})
from speechd_neural import paths
from speechd_neural.daemon import Daemon
from speechd_neural.frontends.activation import Home
from tests.toy_engine import ToyParts
async def serve():
    await Daemon(parts=ToyParts(), with_bus=False).run(home.listening)
home = Home(paths.socket_path())
asyncio.run(serve())
"""


class Bench:
    def __init__(self, client: wire.Client) -> None:
        self.client = client
        self.ids = iter(range(1, 1 << 30))

    def frames(self) -> Iterator[wire.Frame]:
        while True:
            yield from self.client.receive(10)

    def first_audio(self, text: str, whole: bool = False) -> float:
        """Seconds from the request to the first audio frame; the utterance is then stopped, unless `whole`."""
        id = next(self.ids)
        began = time.perf_counter()
        self.client.send({"do": "speak", "id": id, "text": text})
        first = None
        for frame in self.frames():
            if isinstance(frame, wire.Pcm) and frame.id == id and first is None:
                first = time.perf_counter() - began
                if not whole:
                    self.client.send({"do": "stop", "id": id})
            elif isinstance(frame, wire.Message) and frame.body.get("id") == id and frame.body["event"] in LAST:
                break
        assert first is not None, "no audio"
        return first

    def stopped(self, text: str) -> float:
        """Seconds from a stop in mid-utterance to the event that ends it."""
        id = next(self.ids)
        self.client.send({"do": "speak", "id": id, "text": text})
        began = 0.0
        for frame in self.frames():
            if isinstance(frame, wire.Pcm) and frame.id == id and not began:
                time.sleep(0.05)
                while self.client.receive(0):
                    pass
                began = time.perf_counter()
                self.client.send({"do": "stop", "id": id})
            elif isinstance(frame, wire.Message) and frame.body.get("id") == id and frame.body["event"] in LAST:
                return time.perf_counter() - began
        raise AssertionError


LAST = ("end", "stopped", "failed")


def milliseconds(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50_ms": round(1000 * statistics.median(ordered), 2),
        "p95_ms": round(1000 * ordered[len(ordered) * 95 // 100], 2),
        "p99_ms": round(1000 * ordered[len(ordered) * 99 // 100], 2),
        "max_ms": round(1000 * ordered[-1], 2),
    }


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(path: Path) -> wire.Client:
    while True:
        try:
            return wire.Client(path, timeout=1)
        except wire.DaemonError:
            time.sleep(0.001)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--idle", type=float, default=60.0, help="seconds of doing nothing")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        result = measure(options, Path(directory))
    print(f"{processor()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, {options.rounds} rounds")
    for name, value in result.items():
        print(f"  {name}: {value}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2))


def measure(options: argparse.Namespace, directory: Path) -> dict[str, Any]:
    environment = os.environ | {
        "XDG_RUNTIME_DIR": str(directory),
        "XDG_CONFIG_HOME": str(directory),
        "XDG_CACHE_HOME": str(directory),
        "OMP_NUM_THREADS": "1",
    }
    config = directory / "speechd-neural" / "config.yaml"
    config.parent.mkdir()
    # Phrases are not prepared beforehand: only what this script says is in the cache.
    config.write_text("cache: {warm: false}\nfallback: {deadline_ms: 0}\n")
    toy = [sys.executable, "-c", TOY.format(root=str(ROOT))]
    command = toy if options.toy else [sys.executable, "-m", "speechd_neural", "daemon", "--no-bus"]
    began = time.perf_counter()
    daemon = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        with wait_for(directory / "speechd-neural" / "socket") as client:
            result: dict[str, Any] = {"start to socket, ms": round(1000 * (time.perf_counter() - began))}
            client.ask({"do": "voices"}, timeout=60)
            result["start to voice, ms"] = round(1000 * (time.perf_counter() - began))
            bench = Bench(client)
            result |= speak(bench, options.rounds)
            # Wall clock times count what else the machine does; this does not.
            before = processor_seconds(daemon.pid)
            for _ in range(500):
                bench.first_audio("warm up", whole=True)
            each = (processor_seconds(daemon.pid) - before) / 500
            result["processor time of a cached request, ms"] = round(1000 * each, 2)
            status = client.ask({"do": "status"})
            result["resident, MB"] = status["memory_mb"]
            time.sleep(10)  # what was stopped is finished into the cache
            before = processor_seconds(daemon.pid)
            time.sleep(options.idle)
            used = processor_seconds(daemon.pid) - before
            result[f"idle processor time over {options.idle:g} s, %"] = round(100 * used / options.idle, 3)
    finally:
        daemon.terminate()
        daemon.wait()
    return result


def speak(bench: Bench, rounds: int) -> dict[str, Any]:
    bench.first_audio("warm up", whole=True)
    new_words = [f"{WORDS[n % 10]} {WORDS[n // 10 % 10]} {WORDS[n // 100 % 10]}" for n in range(rounds)]
    new_sentences = [f"{word}. " + SENTENCE for word in new_words]
    return {
        "uncached words": milliseconds([bench.first_audio(words) for words in new_words]),
        "uncached sentence": milliseconds([bench.first_audio(text[:-1] + "s.") for text in new_sentences]),
        "cached": milliseconds([bench.first_audio("warm up") for _ in range(rounds)]),
        "stop to end": milliseconds([bench.stopped(text * 5) for text in new_sentences]),
    }


if __name__ == "__main__":
    main()
