"""On how many days short phrases were said: a list of numbers, from which nobody without the user's secret learns a phrase.

One file: a header with a checksum, then for each phrase the first 16 bytes of its file's name, the last day on which it was
said and the number of days. It is sorted by name, so it tells no order, and it is replaced whole.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

from speechd_neural.audio.phrase_tree import stamp
from speechd_neural.files import open_file

AGE = 30  # days after which what was not said again is forgotten
OFTEN = 3  # days on which a phrase is said before its sound is kept
MOST = 20_000  # phrases counted; the longest unsaid go first
_HEADER = struct.Struct("<8sII")  # magic, crc, entries
_MAGIC = b"SNDAYS01"
_ENTRY = struct.Struct("<16sIB")  # name, day, days
Counts = dict[bytes, tuple[int, int]]  # name: (last day, days)


def read(path: Path) -> Counts:
    """The counts; none where there is no such file or it is damaged. Raises OSError for what the disk does."""
    try:
        with open_file(path) as file:
            data = file.read(_HEADER.size + MOST * _ENTRY.size + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    if len(data) < _HEADER.size:
        return {}
    magic, crc, entries = _HEADER.unpack_from(data)
    body = data[_HEADER.size :]
    if magic != _MAGIC or len(body) != entries * _ENTRY.size or zlib.crc32(body) != crc:
        return {}
    return {name: (day, days) for name, day, days in _ENTRY.iter_unpack(body)}


def count(path: Path, said: Mapping[str, int], day: int) -> set[str]:
    """Add what was said ({name: the day}) to the file; returns the names that were said often enough by now."""
    counts = read(path)
    often = set()
    for name, when in said.items():
        short = bytes.fromhex(name)[:16]
        last, days = counts.get(short, (0, 0))
        if when > min(last, day):
            last, days = max(last, when), min(days + 1, 255)
        counts[short] = (last, days)
        if days >= OFTEN:
            often.add(name)
    # A clock that was wrong for a while must not keep anything for ever.
    counts = {name: (min(last, day), days) for name, (last, days) in counts.items() if last >= day - AGE}
    if len(counts) > MOST:
        newest = sorted(counts, key=lambda name: counts[name][0], reverse=True)[:MOST]
        counts = {name: counts[name] for name in newest}
    _write(path, counts, day)
    return often


def _write(path: Path, counts: Counts, day: int) -> None:
    body = b"".join(_ENTRY.pack(name, *counts[name]) for name in sorted(counts))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(_HEADER.pack(_MAGIC, zlib.crc32(body), len(counts)) + body)
        os.utime(temporary, ns=stamp(day))
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
