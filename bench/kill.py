"""kill -9 of the daemon in mid-utterance, heard at the sink: how long is the silence, and when does the voice speak again?

    python bench/kill.py [--rounds 100]

A desktop of its own, with the real Speech Dispatcher, module and daemon, and a sound server whose null sink is recorded.
Each round speaks a long text, kills the daemon once it sounds, and listens on. "silence": the longest that was heard in
the three seconds after the kill. "the voice again": from the kill until a new daemon has its voice. Whoever starts it is
whoever does so where no systemd is: the module. A round in which nothing more is heard, or in which the message does not
end, is lost.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
from commandline import run

from bench.daemon import milliseconds
from bench.world import processes
from speechd_neural.commands.bench import processor
from speechd_neural.errors import DaemonError
from speechd_neural.frontends.client import Client
from tests.e2e.conftest import RATE, Desktop

TEXT = "The quick brown fox jumps over the lazy dog and then it runs home again over the hills to the river " * 3
AFTER = 3.0  # s that are listened to


def silence(samples: np.ndarray) -> float:
    """The longest time without sound, in s. What the text's own pauses have is far below what is looked for."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 300)
    places = np.concatenate([[0], loud, [len(samples)]])
    return float(np.diff(places).max()) / RATE


def voice_again(socket: Path, gone: int) -> float:
    """When a daemon of another process has its voice, in monotonic time."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with Client(socket, 0.1) as client:
                client.ask({"do": "voices"}, 30)
                if client.ask({"do": "status"}, 30)["pid"] != gone:
                    return time.monotonic()
        except DaemonError:
            time.sleep(0.005)
    raise SystemExit("no daemon comes back")


def one_round(desktop: Desktop, number: int) -> tuple[float, float]:
    message = desktop.spawn("spd-say", "-w", "-o", "neural", TEXT)
    begun = desktop.now()
    desktop.hears(begun)
    time.sleep(0.3 + number % 7 * 0.1)
    pid = processes(desktop)["daemon"]
    os.kill(pid, signal.SIGKILL)
    killed, heard = time.monotonic(), desktop.now()
    again = voice_again(desktop.run_dir / "speechd-neural" / "socket", pid) - killed
    while desktop.now() < heard + AFTER:
        time.sleep(0.05)
    samples = desktop._recorder.samples()[round(heard * RATE) : round((heard + AFTER) * RATE)]
    subprocess.run(["spd-say", "-C"], env=desktop.environment, check=False)
    message.wait(60)
    desktop.falls_silent(desktop.now())
    return silence(samples), again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    print(f"{processor()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}", flush=True)
    desktop = Desktop()
    try:
        desktop.start()
        done = desktop.neural("setup", "--no-default")
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        desktop.start_server()
        desktop.record()
        found = []
        for number in range(options.rounds):
            found.append(one_round(desktop, number))
            if number % 10 == 9 or number + 1 == options.rounds:
                silences, again = (list(times) for times in zip(*found, strict=True))
                lost = sum(length >= AFTER - 0.5 for length in silences)
                quick = sum(length <= 0.3 for length in silences), sum(length <= 1.0 for length in again)
                print(f"{number + 1} kills, {lost} lost; silence {milliseconds(silences)}, {quick[0]} of {number + 1} within "
                      f"0.3 s; the voice again {milliseconds(again)}, {quick[1]} of {number + 1} within 1 s; "
                      f"load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
    finally:
        desktop.close()


if __name__ == "__main__":
    run(main)
