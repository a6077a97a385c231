"""`speechd-neural bench`: how fast this voice is on this machine, in one short run. The repeatable measurements are in bench/."""

from __future__ import annotations

import argparse
import math
import os
import platform
import resource
import statistics
import time
from pathlib import Path

from speechd_neural.commands.numbers import whole

WORD = "Cancel."
SENTENCE = "Press the space bar to read the rest of this short message."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--voice", help="a voice's name or directory (default: the one this package carries)")
    parser.add_argument("--runs", type=whole(1), default=20, help="times that each text is spoken (default %(default)s)")


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def run(arguments: argparse.Namespace) -> int:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    begun = time.perf_counter()
    from speechd_neural import paths
    from speechd_neural.text.frontend import FrontEnd
    from speechd_neural.types import Kind, Settings
    from speechd_neural.voice.engine import load_engine
    from speechd_neural.voice.languages import language_of
    from speechd_neural.voice.store import find

    imported = time.perf_counter()
    path = find(arguments.voice, (paths.user_voices(), paths.packaged_voices()))
    engine = load_engine(path)
    loaded = time.perf_counter()
    front_end = FrontEnd(language_of(path))
    print(f"{processor()}, one thread, voice {engine.info.identifier}")
    print(f"imports {1000 * (imported - begun):.0f} ms, voice {1000 * (loaded - imported):.0f} ms")
    for name, text in (("word", WORD), ("sentence", SENTENCE)):
        firsts, factors = [], []
        for turn in range(arguments.runs + 1):
            asked = time.perf_counter()
            first, samples = 0.0, 0
            for segment in front_end.segments(text, Kind.TEXT, Settings()):
                for chunk in engine.synthesize(segment, seed=turn, cancelled=lambda: False):
                    first = first or time.perf_counter() - asked
                    samples += len(chunk.samples)
            if turn:  # the first turn warms up
                firsts.append(1000 * first)
                factors.append((time.perf_counter() - asked) * engine.info.sample_rate / samples)
        p95 = sorted(firsts)[math.ceil(0.95 * len(firsts)) - 1]
        print(
            f"{name} {text!r}: first sample median {statistics.median(firsts):.1f} ms, 95 % {p95:.1f} ms; "
            f"real-time factor median {statistics.median(factors):.3f}"
        )
    print(f"resident at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0
