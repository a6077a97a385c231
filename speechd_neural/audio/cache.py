"""The phrase cache: what was synthesized once is never synthesized again.

It keeps phrases at the voice's own rate and pitch (prosody is applied on the way
out, so one entry serves every setting), in memory and on disk. The disk part is a
tree of 256 folders by the first byte of the key, one file per phrase: nothing has
to be scanned, locked or repaired when a process starts, several processes may use
it at once (a file appears whole by `rename`), and a damaged file hurts itself only.
Each folder keeps to 1/256 of the limit by itself, oldest use first.

A cache that cannot be written or read costs speed, never speech: no method raises
for what the disk does. File names are hashes and files hold sound, not text; both
are readable by their owner alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import queue
import struct
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

FORMAT = 1
SHARDS = 256
_MAGIC = b"SNPC"
_HEADER = struct.Struct("<4sHHIIII20s")  # magic, format, reserved, crc, samples, spans, f0 values, key
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CachedPhrase:
    """One synthesized segment, canonical.

    samples: int16 [n] mono; spans: (symbol index, first sample, end sample) each;
    f0: float32 Hz per hop, 0 where unvoiced, or None.
    """

    samples: npt.NDArray[np.int16]
    spans: tuple[tuple[int, int, int], ...] = ()
    f0: npt.NDArray[np.float32] | None = None

    @property
    def size(self) -> int:
        """Bytes it takes on disk (and about as much in memory)."""
        f0 = 0 if self.f0 is None else self.f0.size
        return _HEADER.size + self.samples.size * 2 + len(self.spans) * 12 + f0 * 4


def key_for(voice_identifier: str, segment_symbols: Sequence[str], segment_text: str) -> str:
    """The key of a segment: a hash (40 hex digits) of all that determines its sound."""
    hashed = hashlib.blake2b(digest_size=20)
    for part in (str(FORMAT), voice_identifier, "\x1f".join(segment_symbols), segment_text):
        data = part.encode("utf-8", "surrogatepass")
        hashed.update(struct.pack("<I", len(data)) + data)
    return hashed.hexdigest()


def encode(key: str, phrase: CachedPhrase) -> bytes:
    """The bytes of a cache file: header, spans (int32 triples), f0 (float32), samples (int16), all little-endian."""
    spans = np.asarray(phrase.spans, "<i4").reshape(-1, 3)
    f0 = b"" if phrase.f0 is None else np.ascontiguousarray(phrase.f0, "<f4").tobytes()
    body = spans.tobytes() + f0 + np.ascontiguousarray(phrase.samples, "<i2").tobytes()
    values = 0xFFFFFFFF if phrase.f0 is None else phrase.f0.size
    name = bytes.fromhex(key)

    def header(crc: int) -> bytes:
        return _HEADER.pack(_MAGIC, FORMAT, 0, crc, phrase.samples.size, len(spans), values, name)

    return header(zlib.crc32(body, zlib.crc32(header(0)))) + body


def decode(key: str, data: bytes) -> CachedPhrase:
    """The phrase in a cache file; raises ValueError when a bit of it is not as it was written."""
    if len(data) < _HEADER.size:
        raise ValueError("too short")
    magic, version, reserved, crc, samples, spans, values, name = _HEADER.unpack_from(data)
    if magic != _MAGIC or version != FORMAT or name != bytes.fromhex(key):
        raise ValueError("not this phrase")
    f0_size = 0 if values == 0xFFFFFFFF else values
    if len(data) != _HEADER.size + 12 * spans + 4 * f0_size + 2 * samples:
        raise ValueError("wrong length")
    body = memoryview(data)[_HEADER.size :]
    blank = _HEADER.pack(magic, version, reserved, 0, samples, spans, values, name)
    if zlib.crc32(body, zlib.crc32(blank)) != crc:
        raise ValueError("damaged")
    table = np.frombuffer(body, "<i4", 3 * spans).reshape(-1, 3).tolist()
    at = 12 * spans
    f0 = None if values == 0xFFFFFFFF else np.frombuffer(body, "<f4", f0_size, at).astype(np.float32)
    pcm = np.frombuffer(body, "<i2", samples, at + 4 * f0_size).astype(np.int16)
    return CachedPhrase(pcm, tuple((a, b, c) for a, b, c in table), f0)


class _Disk:
    """The file tree. Every method gives up quietly when the disk does, and counts it."""

    def __init__(self, directory: Path, limit: int) -> None:
        self.directory = directory
        self.limit = limit
        self.failures = 0
        self.damaged = 0
        self._told = False
        self._used: dict[Path, tuple[int, int]] = {}  # folder: (bytes in it as far as known, writes until it is read)

    def path(self, key: str) -> Path:
        return self.directory / key[:2] / key[2:]

    def read(self, key: str) -> CachedPhrase | None:
        path = self.path(key)
        try:
            with open(path, "rb") as file:
                data = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._failed(error)
            return None
        try:
            return decode(key, data)
        except ValueError:
            self.damaged += 1
            with contextlib.suppress(OSError):
                path.unlink()
            return None

    def write(self, key: str, phrase: CachedPhrase) -> None:
        data = encode(key, phrase)
        path = self.path(key)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            if not path.parent.is_dir():
                self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.parent.mkdir(mode=0o700, exist_ok=True)
            self._shrink(path.parent, len(data))
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                file.write(data)
            # No fsync: after a power cut the checksum tells a torn file from a whole one.
            os.replace(temporary, path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            self._failed(error)

    def touch(self, key: str) -> None:
        """Note a use: the least recently used go first when room is needed."""
        now = time.time_ns()  # the file system's own clock may stand still for 10 ms
        with contextlib.suppress(OSError):
            os.utime(self.path(key), ns=(now, now))

    def _entries(self, folder: Path) -> list[tuple[int, int, str]]:
        """(time of last use in ns, bytes, path) of the files in one folder, leftovers of dead writers included."""
        found = []
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    found.append((status.st_mtime_ns, status.st_size, entry.path))
        return found

    def _shrink(self, folder: Path, wanted: int) -> None:
        """Make room for `wanted` bytes. The folder is read now and then only: others add little meanwhile."""
        share = self.limit // SHARDS
        used, left = self._used.get(folder, (0, 0))
        if left <= 0 or used + wanted > share:
            entries = self._entries(folder)
            used, left = sum(size for _, size, _ in entries), 50
            if used + wanted > share:
                for _, size, path in sorted(entries):
                    with contextlib.suppress(OSError):
                        os.unlink(path)
                    used -= size
                    if used + wanted <= share * 0.9:  # some slack, so that not every write has to remove something
                        break
        self._used[folder] = (used + wanted, left - 1)

    def _folders(self) -> list[Path]:
        return [self.directory / f"{shard:02x}" for shard in range(SHARDS)]

    def usage(self) -> tuple[int, int]:
        """(entries, bytes) now on disk; walks the tree, 100,000 entries in about half a second."""
        entries = [entry for folder in self._folders() for entry in self._entries(folder)]
        return len(entries), sum(size for _, size, _ in entries)

    def clear(self) -> None:
        self._used.clear()
        for folder in self._folders():
            for _, _, path in self._entries(folder):
                with contextlib.suppress(OSError):
                    os.unlink(path)
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _failed(self, error: OSError) -> None:
        self.failures += 1
        if not self._told:
            self._told = True
            _LOG.warning("phrase cache in %s: %s; speech goes on without it", self.directory, error.strerror)


class PhraseCache:
    """Phrases by key, in memory (`memory_limit` bytes) and on disk (`disk_limit` bytes; 0: not there).

    `get` reads at most one file; `put` returns at once and a thread of its own writes.
    Thread-safe. Text that is private must not be put here: the caller decides.
    """

    def __init__(
        self,
        directory: Path | None = None,
        disk_limit: int = 256 << 20,
        memory_limit: int = 32 << 20,
        backlog: int = 256,
    ) -> None:
        self._disk = _Disk(Path(directory), disk_limit) if directory is not None and disk_limit > 0 else None
        self._memory: OrderedDict[str, CachedPhrase] = OrderedDict()
        self._memory_limit = memory_limit
        self._memory_used = 0
        self._lock = threading.Lock()
        self._queue: queue.Queue[tuple[str, CachedPhrase | None] | None] = queue.Queue(backlog)
        self._writer: threading.Thread | None = None
        self._closed = False
        self._hits_memory = self._hits_disk = self._misses = self._stored = self._dropped = 0
        # The largest phrase kept: one long text must not push out a thousand words.
        self._largest = disk_limit // SHARDS // 2

    def get(self, key: str) -> CachedPhrase | None:
        """The phrase, or None. Its arrays are shared: do not write to them."""
        with self._lock:
            phrase = self._memory.get(key)
            if phrase is not None:
                self._memory.move_to_end(key)
                self._hits_memory += 1
        if phrase is None and self._disk is not None:
            phrase = self._disk.read(key)
            with self._lock:
                if phrase is not None:
                    self._hits_disk += 1
                    self._remember(key, phrase)
        if phrase is None:
            with self._lock:
                self._misses += 1
            return None
        self._enqueue(key, None)
        return phrase

    def __contains__(self, key: str) -> bool:
        """Whether it is there, without counting as a use."""
        with self._lock:
            if key in self._memory:
                return True
        return self._disk is not None and os.path.exists(self._disk.path(key))

    def put(self, key: str, phrase: CachedPhrase) -> None:
        """Keep a phrase; it can be got at once, and is on disk a little later."""
        phrase.samples.flags.writeable = False
        with self._lock:
            self._stored += 1
            self._remember(key, phrase)
        self._enqueue(key, phrase)

    def _remember(self, key: str, phrase: CachedPhrase) -> None:
        if phrase.size > self._memory_limit // 4:
            return
        old = self._memory.pop(key, None)
        self._memory_used += phrase.size - (old.size if old else 0)
        self._memory[key] = phrase
        while self._memory_used > self._memory_limit:
            _, oldest = self._memory.popitem(last=False)
            self._memory_used -= oldest.size

    def _enqueue(self, key: str, phrase: CachedPhrase | None) -> None:
        if self._disk is None or (phrase is not None and phrase.size > self._largest):
            return
        with self._lock:
            if self._closed:
                return
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="phrase-cache", daemon=True)
                self._writer.start()
            try:
                self._queue.put_nowait((key, phrase))
            except queue.Full:  # a disk slower than speech: forget it rather than wait
                if phrase is not None:
                    self._dropped += 1

    def _write(self) -> None:
        assert self._disk is not None
        while (entry := self._queue.get()) is not None:
            key, phrase = entry
            if phrase is None:
                self._disk.touch(key)
            else:
                self._disk.write(key, phrase)
            self._queue.task_done()
        self._queue.task_done()

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
        if self._disk is not None:
            found |= {
                "directory": str(self._disk.directory),
                "disk_limit": self._disk.limit,
                "damaged": self._disk.damaged,
                "disk_failures": self._disk.failures,
            }
            if walk:
                found["disk_entries"], found["disk_bytes"] = self._disk.usage()
        return found

    def clear(self) -> None:
        """Forget everything, on disk too."""
        with self._lock:
            self._memory.clear()
            self._memory_used = 0
        if self._disk is not None:
            self.flush()
            self._disk.clear()

    def close(self) -> None:
        """Write what is still to be written and end the thread; `get` and `put` go on working in memory."""
        with self._lock:
            self._closed = True
            writer, self._writer = self._writer, None
        if writer is not None:
            self._queue.put(None)
            writer.join()
