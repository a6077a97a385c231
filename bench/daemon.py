"""The daemon from outside: start, request to first audio on the socket, stop, idle processor time, memory.

    python bench/daemon.py [--voice DIR | --full-size | --toy] [--rounds 100] [--idle 60] [--json out.json]

A daemon of its own with directories of its own is started for it. --toy: with the test voice, whose synthesis costs
next to nothing, so that what is left is the daemon's own share. --full-size: with a voice of a public voice's sizes and
random weights (needs torch), made so that it runs through every text in no time; what it is for is the memory, of which
no daemon should need more than 250 MB. Times are wall clock; other work on the machine is part of them, hence the load
average.
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
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from commandline import run

from speechd_neural.commands.bench import processor
from speechd_neural.errors import DaemonError
from speechd_neural.frontends import wire
from speechd_neural.frontends.client import Client
from speechd_neural.voice.bundle import load, save

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
    await Daemon(parts=ToyParts(), with_bus=False).run(home)
home = Home(paths.socket_path())
asyncio.run(serve())
"""


class Bench:
    def __init__(self, client: Client) -> None:
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


def memory(pid: int) -> dict[str, float]:
    """Resident now and at most, in MB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: round(int(lines[key].split()[0]) / 1024, 1) for name, key in (("now", "VmRSS"), ("peak", "VmHWM"))}


def home(directory: Path, voice: str | None = None) -> dict[str, str]:
    """The environment of a daemon that has its directories and its configuration there."""
    config = directory / "speechd-neural" / "config.yaml"
    config.parent.mkdir()
    # Phrases are not prepared beforehand: only what is asked for is in the cache.
    config.write_text(f"cache: {{warm: false}}\nfallback: {{deadline_ms: 0}}\nvoice: {{name: {json.dumps(voice)}}}\n")
    places = {f"XDG_{name}": str(directory) for name in ("RUNTIME_DIR", "CONFIG_HOME", "CACHE_HOME", "DATA_HOME")}
    return os.environ | places | {"OMP_NUM_THREADS": "1"}


def write_full_size(path: Path) -> None:
    """fullband.py's voice with an attention that goes on from symbol to symbol, without which nothing would be spoken."""
    from fullband import write_voice

    write_voice(path)
    bundle = load(path)
    acoustic, arrays = bundle.manifest.acoustic, dict(bundle.arrays)
    kernel = acoustic.dims["location_kernel"]
    location = np.zeros((acoustic.dims["attention"], 2, kernel), np.float16)
    # Away from what was looked at so far, towards what comes behind it.
    location[:, 1, kernel // 2 - 1 : kernel // 2 + 1] = (1, -1)
    arrays |= {"decoder.location": location.reshape(len(location), -1), "decoder.score": np.full(len(location), 0.05, np.float32)}
    arrays |= {name: np.zeros_like(arrays[name]) for name in ("decoder.query", "decoder.key")}
    dims = {**acoustic.dims, "window": 1, "back": 0, "ahead": 1}
    save(path, replace(bundle.manifest, reads="characters", acoustic=replace(acoustic, dims=dims)), arrays)


def wait_for(path: Path) -> Client:
    while True:
        try:
            return Client(path, timeout=1)
        except DaemonError:
            time.sleep(0.001)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    voices = parser.add_mutually_exclusive_group()
    voices.add_argument("--voice", type=Path, help="a voice's directory (default: the packaged voice)")
    voices.add_argument("--full-size", action="store_true")
    voices.add_argument("--toy", action="store_true")
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
    voice = str(options.voice.absolute()) if options.voice else None
    if voice is not None:
        load(Path(voice))  # the daemon would go on with another one
    if options.full_size:
        voice = str(directory / "full size")
        write_full_size(Path(voice))
    environment = home(directory, voice)
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
            result["memory, MB"] = memory(daemon.pid)
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
    run(main)
