"""The output module from outside: from its start to the answer to INIT, to the first message's SPEAKING, and its memory.

    python bench/module.py [--rounds 30] [--package DIR] [--json out.json]

The module is started as Speech Dispatcher starts it, with a private runtime directory, no daemon to reach and none to
start. --package: the checkout to measure (default: this one), so that two of them can be compared in one sitting.
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
from pathlib import Path

ROOT = Path(__file__).parent.parent
ENTRY = "import sys; sys.path.append({root!r}); from speechd_neural.{place} import main; main()"


def entry(root: Path) -> str:
    new = (root / "speechd_neural/module/main.py").exists()
    return ENTRY.format(root=str(root), place="module.main" if new else "frontends.speechd_module")


def memory(pid: int) -> tuple[float, float]:
    """Resident and private megabytes."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        lines = dict(line.split(":", 1) for line in file.read().splitlines()[1:])
    private = sum(int(lines[name].split()[0]) for name in ("Private_Clean", "Private_Dirty"))
    return int(lines["Rss"].split()[0]) / 1000, private / 1000


def once(root: Path, directory: Path) -> dict[str, float]:
    configuration = directory / "neural.conf"
    configuration.write_text("DaemonCommand\n")
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(directory), "XDG_CACHE_HOME": str(directory)}
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-IS", "-c", entry(root), str(configuration)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as module:
        assert module.stdin and module.stdout

        def say(text: bytes, until: bytes) -> float:
            module.stdin.write(text)
            module.stdin.flush()
            for line in module.stdout:
                if line.startswith(until):
                    return 1000 * (time.perf_counter() - begun)
            raise SystemExit("the module ended")

        init = say(b"INIT\n", b"299 ")
        say(b"SPEAK\n", b"202 ")
        speaking = say(b"Good morning.\n.\n", b"200 ")
        say(b"", b"702 ")
        resident, private = memory(module.pid)
        say(b"QUIT\n", b"210 ")
    return {"INIT, ms": init, "SPEAKING, ms": speaking, "resident, MB": resident, "private, MB": private}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--package", type=Path, action="append", help="may be given twice: measured in turn")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    roots = [path.resolve() for path in options.package or [ROOT]]
    found: dict[str, list[dict[str, float]]] = {str(root): [] for root in roots}
    with tempfile.TemporaryDirectory() as directory:
        for _ in range(options.rounds):
            for root in roots:
                found[str(root)].append(once(root, Path(directory)))
    medians = {
        root: {name: round(statistics.median(run[name] for run in runs), 2) for name in runs[0]}
        for root, runs in found.items()
    }
    for root, values in medians.items():
        print(root, "  ".join(f"{name}: {value}" for name, value in values.items()))
    if options.json:
        options.json.write_text(json.dumps(medians, indent=1))


if __name__ == "__main__":
    main()
