"""Feed what reads files, clients and other programs with inputs changed at random.

    python -m bench.fuzz [TARGET ...] [--count 1000000] [--seconds 600] [--seed 1] [--keep FOLDER]

Without a target: each in turn. An input fails when it raises what it should not, or takes more processor time than the
target allows; it is then kept as FOLDER/crash-SEED-NUMBER. The same seed gives the same inputs. Exit status 1: some failed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.fuzz.running import run
from bench.fuzz.targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", nargs="*", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--count", type=int, default=10**6, help="inputs of each target")
    parser.add_argument("--seconds", type=float, default=1e9, help="of each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path())
    arguments = parser.parse_args()
    if unknown := set(arguments.target) - set(TARGETS):
        parser.error(f"{', '.join(sorted(unknown))}: {', '.join(TARGETS)} are accepted")
    arguments.keep.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name in arguments.target or TARGETS:
        result = run(TARGETS[name], arguments.count, arguments.seconds, arguments.seed, arguments.keep)
        print(f"{name}: {result}", flush=True)
        for failure in result.failures:
            print("   " + failure.replace("\n", "\n   "), flush=True)
        failed += len(result.failures)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
