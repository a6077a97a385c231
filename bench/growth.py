"""Does the output module grow? Its memory over many messages.

    python bench/growth.py [--messages 20000] [--stops 0.98]

The module and the daemon that it starts, with directories of their own, as in first_message.py. Each message is a few words;
`--stops` of them are stopped at their first sound, since the others take as long as they sound, and every tenth is marked up
as Orca does it. Resident megabytes are printed twenty times: what comes after the first thousand is growth.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from commandline import run

from bench.daemon import ROOT
from bench.first_message import fallbacks, home
from bench.module import entry, memory
from speechd_neural.commands.bench import processor
from speechd_neural.errors import DaemonError

WARM = 1000  # messages after which what is there is counted as what the module is
TEXTS = [f"<speak>{word} {number}</speak>" for number in range(20) for word in ("Save", "Open", "Mail", "Close", "Help")]
MARKED = '<speak><mark name="0:4"/>Some <mark name="5:9"/>text</speak>'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--stops", type=float, default=0.98)
    options = parser.parse_args()
    print(f"{processor()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as directory:
        environment = home(Path(directory), "rms", Path(directory) / "compiled")
        command = [sys.executable, "-IS", "-c", entry(ROOT), ""]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, env=environment, **pipes) as module:
            try:
                measure(module, options.messages, options.stops)
            finally:
                module.kill()
                with contextlib.suppress(DaemonError):
                    print(f"  the fallback spoke {fallbacks(environment)} times in the daemon")


def measure(module: subprocess.Popen[bytes], messages: int, stops: float) -> None:
    assert module.stdin and module.stdout
    chance = random.Random(1)

    def say(text: str, *until: bytes) -> bytes:
        module.stdin.write(text.encode())  # type: ignore[union-attr]
        module.stdin.flush()  # type: ignore[union-attr]
        for line in module.stdout:  # type: ignore[union-attr]
            if line.startswith(until):
                return line
        raise SystemExit("the module ended")

    say("INIT\n", b"299 ")
    say("AUDIO\n", b"207 ")
    say("audio_output_method=server\n.\n", b"203 ")
    first, stopped = 0.0, 0
    for number in range(1, messages + 1):
        say("SPEAK\n", b"202 ")
        text = MARKED if number % 10 == 0 else chance.choice(TEXTS)
        line = say(f"{text}\n.\n", b"705", b"702 ", b"703 ")
        if line.startswith(b"705"):
            if chance.random() < stops:
                stopped += 1
                say("STOP\n", b"702 ", b"703 ")
            else:
                say("", b"702 ", b"703 ")
        if number == WARM:
            first = memory(module.pid)[0]
        if number == WARM or (number > WARM and number % max(1, messages // 20) == 0):
            resident = memory(module.pid)[0]
            print(f"  {number} messages, {stopped} stopped: {resident:.2f} MB, {resident - first:+.2f}", flush=True)


if __name__ == "__main__":
    run(main)
