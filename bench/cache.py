"""The phrase cache with many entries: start-up, lookup and write, beside the same entries in one SQLite file.

    python bench/cache.py [--entries 100000] [--samples 4000] [--sqlite]
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import tempfile
import time
from pathlib import Path

import numpy as np

from speechd_neural.audio.cache import PhraseCache
from speechd_neural.audio.phrase_file import CachedPhrase, decode, encode, key_for
from speechd_neural.audio.phrase_tree import SHARDS


def told(name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p50, p99 = ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000
    print(f"{name:<46} p50 {p50:8.3f} ms  p99 {p99:8.3f} ms  max {ordered[-1] * 1000:8.3f} ms  (n={len(ordered)})")


def timed(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def files(directory: Path, keys: list[str], phrase: CachedPhrase) -> None:
    limit = 2 * (int(len(keys) * phrase.size * 1.5) + SHARDS * phrase.size * 8)  # half of it is for packs
    cache = PhraseCache(directory, disk_limit=limit, backlog=len(keys))
    start = time.perf_counter()
    told("files: put (the caller's time)", [timed(lambda k=k: cache.put(k, phrase, pack=True)) for k in keys])
    cache.close()
    print(f"files: all on disk after {time.perf_counter() - start:.1f} s")
    random = np.random.default_rng(0)
    some = [keys[i] for i in random.permutation(len(keys))[:2000]]
    start = time.perf_counter()
    cache = PhraseCache(directory, disk_limit=limit)
    first = cache.get(some[0])
    print(f"files: start-up to the first hit {1000 * (time.perf_counter() - start):.3f} ms")
    assert first is not None
    told("files: hit on disk", [timed(lambda k=k: cache.get(k)) for k in some[1:1000]])
    told("files: hit in memory", [timed(lambda k=k: cache.get(k)) for k in some[900:1000] * 10])
    told("files: hit in memory, counted as said", [timed(lambda k=k: cache.get(k, said=True)) for k in some[900:1000] * 10])
    told("files: miss", [timed(lambda k=k: cache.get(k[::-1])) for k in some[1000:]])
    print(f"files: stats over the whole tree {timed(lambda: cache.stats(walk=True)):.2f} s, {cache.stats(walk=True)}")
    told("files: clear", [timed(cache.clear)])
    cache.close()


def sqlite(path: Path, keys: list[str], phrase: CachedPhrase) -> None:
    base = sqlite3.connect(path)
    base.executescript("pragma journal_mode=wal; pragma synchronous=off; create table p(k blob primary key, v blob)")
    start = time.perf_counter()
    for k in keys:
        base.execute("insert into p values(?, ?)", (bytes.fromhex(k), encode(k, phrase)))
        base.commit()
    print(f"sqlite: all written after {time.perf_counter() - start:.1f} s")
    base.close()
    random = np.random.default_rng(0)
    some = [keys[i] for i in random.permutation(len(keys))[:2000]]

    def get(k: str) -> None:
        decode(k, base.execute("select v from p where k=?", (bytes.fromhex(k),)).fetchone()[0])

    start = time.perf_counter()
    base = sqlite3.connect(path)
    get(some[0])
    print(f"sqlite: start-up to the first hit {1000 * (time.perf_counter() - start):.3f} ms")
    told("sqlite: hit", [timed(lambda k=k: get(k)) for k in some[1:1000]])
    base.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=4000, help="length of each phrase")
    parser.add_argument("--sqlite", action="store_true", help="compare with one SQLite file")
    arguments = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()};", end=" ")
    print(f"{arguments.entries} entries of {arguments.samples} samples")
    phrase = CachedPhrase(
        np.random.default_rng(1).integers(-9000, 9000, arguments.samples).astype(np.int16),
        tuple((i, i * 100, i * 100 + 100) for i in range(8)),
    )
    keys = [key_for("bench", (str(i),), str(i)) for i in range(arguments.entries)]
    with tempfile.TemporaryDirectory() as folder:
        files(Path(folder) / "files", keys, phrase)
        if arguments.sqlite:
            sqlite(Path(folder) / "base.db", keys, phrase)


if __name__ == "__main__":
    main()
