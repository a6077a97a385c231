"""The phrase cache: what was synthesized is not synthesized again in this session.

It keeps phrases at the voice's own rate and pitch (prosody is applied on the way out, so one entry serves every setting).
In memory it keeps all it is given; on disk (`phrase_store`) only the phrase packs, and what was said on three days.

A cache that cannot be written or read costs speed, never speech: no method raises for what the disk does.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from speechd_neural.audio import phrase_tree
from speechd_neural.audio.phrase_file import CachedPhrase, key_for
from speechd_neural.audio.phrase_store import PhraseStore
from speechd_neural.errors import where

BATCH = 600.0  # s: what was said meanwhile is counted together, so that file times do not tell when or in which order
_MOST_SAID = 4096  # phrases counted in one batch
_LOG = logging.getLogger(__name__)


class PhraseCache:
    """Phrases by key, in memory (`memory_limit` bytes) and on disk (`disk_limit` bytes; 0: not there).

    `get` reads at most two files; nothing else waits for the disk, a thread of its own writes. Thread-safe.
    Text that is private must not be put here, and what may not be counted must not be called `said`: the caller decides.

    secret: the file that holds the user's secret, made where it is missing; None: in the directory.
    remember: whether phrases that were said on three days are kept on disk; False also removes those that are there.
    """

    def __init__(
        self,
        directory: Path | None = None,
        disk_limit: int = 256 << 20,
        memory_limit: int = 32 << 20,
        backlog: int = 256,
        *,
        secret: Path | None = None,
        remember: bool = True,
        today: Callable[[], int] = phrase_tree.today,
    ) -> None:
        self._memory: OrderedDict[str, CachedPhrase] = OrderedDict()
        self._memory_limit = memory_limit
        self._memory_used = 0
        self._lock = threading.Lock()
        self._writing = threading.Lock()  # on disk: what is forgotten must not be written behind that
        self._today = today
        self._packs: set[str] = set()  # keys that are known to be on disk as phrases of the packs
        self._said: dict[str, int] = {}  # key: the day, since the last batch
        self._queue: queue.Queue[tuple[str, CachedPhrase] | None] = queue.Queue(backlog)
        self._writer: threading.Thread | None = None
        self._closed = False
        self._hits_memory = self._hits_disk = self._misses = self._stored = self._dropped = 0
        self._disk: PhraseStore | None = None
        if directory is not None and disk_limit > 0:
            try:
                self._disk = PhraseStore(Path(directory), disk_limit, secret or Path(directory) / "secret", remember)
            except OSError as error:
                _LOG.warning("phrase cache in %s: %s; speech goes on without it", directory, error.strerror)
        if self._disk is not None:
            self._writer = threading.Thread(target=self._write, name="phrase-cache", daemon=True)
            self._writer.start()

    def get(self, key: str, *, said: bool = False) -> CachedPhrase | None:
        """The phrase, or None. Its arrays are shared: do not write to them.

        said: the user hears it now, and it may be counted; found or not.
        """
        with self._lock:
            phrase = self._memory.get(key)
            if phrase is not None:
                self._memory.move_to_end(key)
                self._hits_memory += 1
        if phrase is None:
            phrase = self._from_disk(key)
        if said:
            self._count(key)
        return phrase

    def _from_disk(self, key: str) -> CachedPhrase | None:
        phrase, pack = self._disk.read(key) if self._disk is not None else (None, False)
        with self._lock:
            if phrase is None:
                self._misses += 1
                return None
            self._hits_disk += 1
            if pack:
                self._packs.add(key)
            self._remember(key, phrase)
        return phrase

    def _count(self, key: str) -> None:
        if self._disk is None or not self._disk.remember:
            return
        with self._lock:
            if key not in self._packs and key not in self._said and len(self._said) < _MOST_SAID and not self._closed:
                self._said[key] = self._today()

    def __contains__(self, key: str) -> bool:
        """Whether it is there, without counting as a use."""
        with self._lock:
            if key in self._memory:
                return True
        return self._disk is not None and self._disk.has(key)

    def put(self, key: str, phrase: CachedPhrase, *, pack: bool = False) -> None:
        """Keep a phrase in memory, where it can be got at once; one of the packs is on disk a little later."""
        phrase.samples.flags.writeable = False
        with self._lock:
            self._stored += 1
            self._remember(key, phrase)
        if pack:
            self._enqueue(key, phrase)

    def has_pack(self, key: str) -> bool:
        """Whether this phrase of the packs need not be made: it is where it lasts, or can be put there from memory.

        To ask counts as needing it: what is not asked for in 30 days is removed.
        """
        with self._lock:
            phrase = self._memory.get(key)
        if self._disk is None:
            return phrase is not None
        if self._disk.packs.needed(self._disk.packs.name(key), self._today()):
            with self._lock:
                self._packs.add(key)
            return True
        if phrase is not None:
            self._enqueue(key, phrase)
        return phrase is not None

    def _remember(self, key: str, phrase: CachedPhrase) -> None:
        if phrase.size > self._memory_limit // 4:
            return
        old = self._memory.pop(key, None)
        self._memory_used += phrase.size - (old.size if old else 0)
        self._memory[key] = phrase
        while self._memory_used > self._memory_limit:
            _, oldest = self._memory.popitem(last=False)
            self._memory_used -= oldest.size

    def _enqueue(self, key: str, phrase: CachedPhrase) -> None:
        with self._lock:
            if self._disk is None or self._closed:
                return
            try:
                self._queue.put_nowait((key, phrase))
                self._packs.add(key)
            except queue.Full:  # a disk slower than speech: forget it rather than wait
                self._dropped += 1

    def _write(self) -> None:
        disk = self._disk
        assert disk is not None
        _survives(disk.begin)
        due = time.monotonic() + BATCH
        while True:
            try:
                entry = self._queue.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                _survives(self._settle)
                due = time.monotonic() + BATCH
                continue
            if entry is not None:
                _survives(self._write_pack, disk, *entry)
            self._queue.task_done()
            if entry is None:
                return

    def _write_pack(self, disk: PhraseStore, key: str, phrase: CachedPhrase) -> None:
        with self._writing:
            disk.packs.write(disk.packs.name(key), phrase, self._today())

    def _settle(self) -> None:
        with self._writing:
            with self._lock:
                said = {key: day for key, day in self._said.items() if key not in self._packs}
                self._said, packs = {}, set(self._packs)
            if said and self._disk is not None:
                self._disk.settle(said, packs, self._today(), self._memory.get)

    def flush(self) -> None:
        """Wait until what was put is on disk."""
        if self._writer is not None:
            self._queue.join()

    def stats(self, walk: bool = False) -> dict[str, int | str]:
        """Counters since the start; with `walk`, also what is on disk (by anybody), which takes longer."""
        with self._lock:
            found: dict[str, int | str] = {
                "memory_entries": len(self._memory),
                "memory_bytes": self._memory_used,
                "memory_limit": self._memory_limit,
                "hits_memory": self._hits_memory,
                "hits_disk": self._hits_disk,
                "misses": self._misses,
                "stored": self._stored,
                "not_written": self._dropped,
            }
        return found | self._disk.stats(walk) if self._disk is not None else found

    def clear(self) -> Path | None:
        """Forget everything, on disk too. What could not be removed, if anything."""
        with self._lock:
            self._memory.clear()
            self._memory_used = 0
            self._said.clear()
            self._packs.clear()
        if self._disk is not None:
            self.flush()
            with self._writing:
                return self._disk.clear()
        return None

    def close(self) -> None:
        """Write what is still to be written and end the thread; `get` and `put` go on working in memory."""
        with self._lock:
            self._closed = True
            writer, self._writer = self._writer, None
        if writer is not None:
            self._queue.put(None)
            writer.join()
            self._settle()


def _survives(work: Callable[..., None], *arguments: Any) -> None:
    """Whoever clears the cache would wait for a thread that has ended, for ever."""
    try:
        work(*arguments)
    except Exception as error:
        _LOG.error("phrase cache: %s; going on", where(error))


__all__ = ["CachedPhrase", "PhraseCache", "key_for"]
