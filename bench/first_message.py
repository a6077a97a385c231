"""The first message of a session, which starts the daemon: in whose voice, and how soon?

    python bench/first_message.py [--rounds 20] [--voice NAME ...] [--way module|provider ...] [--quiet]

Each round has a home and a session bus of its own. module: Speech Dispatcher's module is started, which starts the daemon,
and is given a message as soon as it has answered INIT. provider: a client of the D-Bus provider speaks, and the bus starts
the daemon. Milliseconds from the message to the first sound. A round counts as "in the voice itself" where the fallback
spoke nothing of it. The first round of each, which compiles Python's files, is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from commandline import run

from bench.daemon import ROOT, milliseconds
from bench.module import entry
from speechd_neural import paths
from speechd_neural.commands.bench import processor
from speechd_neural.errors import DaemonError
from speechd_neural.frontends.client import Client
from speechd_neural.frontends.spiel import BUS_NAME
from tests.frontends.spiel_client import Client as Listener

TEXT = "Screen reader on."
PATIENCE = 20.0  # s for a daemon to come, and for its answer
SERVICE = f"[D-BUS Service]\nName={BUS_NAME}\nExec={sys.executable} -m speechd_neural daemon\n"


def home(directory: Path, voice: str, compiled: Path) -> dict[str, str]:
    config = directory / "config" / "speechd-neural" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(f"voice:\n  name: {voice}\n")
    (directory / "run").mkdir(mode=0o700)
    places = {f"XDG_{name}_HOME": str(directory / name.lower()) for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    own = {"XDG_RUNTIME_DIR": str(directory / "run"), "PYTHONPYCACHEPREFIX": str(compiled), "PYTHONPATH": str(ROOT)}
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | places | own


def fallbacks(environment: dict[str, str]) -> int:
    """How often the fallback spoke in the daemon; ends it, also where it was still on its way."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with Client(Path(environment["XDG_RUNTIME_DIR"]) / "speechd-neural" / "socket", 5.0) as client:
                status = client.ask({"do": "status"}, PATIENCE)
        except DaemonError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
            continue
        os.kill(int(status["pid"]), 15)
        return int(status["fallbacks"])


def by_module(directory: Path, environment: dict[str, str]) -> tuple[float, bool]:
    log = directory / "log"
    with log.open("wb") as errors, subprocess.Popen(
        [sys.executable, "-IS", "-c", entry(ROOT), ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
        env=environment,
    ) as module:  # fmt: skip
        assert module.stdin and module.stdout

        def say(text: bytes, until: bytes) -> None:
            module.stdin.write(text)  # type: ignore[union-attr]
            module.stdin.flush()  # type: ignore[union-attr]
            for line in module.stdout:  # type: ignore[union-attr]
                if line.startswith(until):
                    return
            raise SystemExit("the module ended")

        say(b"INIT\n", b"299 ")
        say(b"SPEAK\n", b"202 ")
        began = time.perf_counter()
        say(f"<speak>{TEXT}</speak>\n.\n".encode(), b"705")
        took = time.perf_counter() - began
        say(b"", b"702 ")
        say(b"QUIT\n", b"210 ")
    try:
        own = fallbacks(environment) == 0
    except DaemonError:
        own = False
    return took, own and b"fallback" not in log.read_bytes()


def by_provider(directory: Path, environment: dict[str, str]) -> tuple[float, bool]:
    services = directory / "data" / "dbus-1" / "services"
    services.mkdir(parents=True)
    (services / f"{BUS_NAME}.service").write_text(SERVICE)
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1", "--address=unix:tmpdir=/tmp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment) as bus:
        assert bus.stdout is not None
        try:
            took = asyncio.run(_provider(bus.stdout.readline().strip(), environment))
            return took, fallbacks(environment) == 0
        finally:
            bus.terminate()


async def _provider(address: str, environment: dict[str, str]) -> float:
    client = await Listener.connect(address)
    voice = Path(environment["XDG_CONFIG_HOME"], "speechd-neural/config.yaml").read_text().split("name: ")[1].strip()
    rate = 16000 if voice == "rms" else 24000
    began = time.perf_counter()
    pipe = await client.synthesize(TEXT, voice=f"{voice}-{rate}")

    def first() -> float:
        data = b""
        while b"\1" not in data[4:]:
            more = os.read(pipe, 4096)
            assert more, "no sound"
            data += more
        return time.perf_counter() - began

    took = await asyncio.to_thread(first)
    while await asyncio.to_thread(os.read, pipe, 1 << 16):
        pass
    os.close(pipe)
    await client.close()
    return took


WAYS: dict[str, Callable[[Path, dict[str, str]], tuple[float, bool]]] = {"module": by_module, "provider": by_provider}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    packaged = sorted(path.parent.name for path in paths.packaged_voices().glob("*/voice.yaml"))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--voice", action="append", choices=packaged)
    parser.add_argument("--way", action="append", choices=WAYS)
    options = parser.parse_args()
    print(f"{processor()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(dir="/tmp") as compiled:
        for way in options.way or WAYS:
            for voice in options.voice or packaged:
                found = []
                for _ in range(options.rounds + 1):
                    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as directory:
                        found.append(WAYS[way](Path(directory), home(Path(directory), voice, Path(compiled))))
                times, own = zip(*found[1:], strict=True)
                told = milliseconds(list(times))
                print(f"  {way}, {voice}: in the voice itself {sum(own)} of {len(own)}; first sound "
                      f"p50 {told['p50_ms']:.0f}, p95 {told['p95_ms']:.0f}, max {told['max_ms']:.0f} ms; "
                      f"load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    run(main)
