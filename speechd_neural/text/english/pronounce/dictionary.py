"""The pronouncing dictionary as one file: words are found in it by bisection, nothing is made of it.

File (little-endian): b"SNDICT2\\n", u32 count, u32 bytes of text, u32 offset[count + 1], then the entries in
the order of their bytes: the word in ASCII with 0x80 added to each byte, followed by its phones, each the position
in `symbols.PHONES` (so that the end of a word sorts before any letter, as it does in the words themselves).
The data are those of CMUdict (data/cmudict-license.txt); `train.dictionary` writes it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from speechd_neural.errors import SpeechError
from speechd_neural.files import content
from speechd_neural.text.english.symbols import PHONES

MAGIC = b"SNDICT2\n"
HEADER = struct.Struct("<8sII")
DEFAULT = Path(__file__).parent.parent / "data" / "cmudict.bin"
_NUMBER = {phone: number for number, phone in enumerate(PHONES)}
_RAISED = bytes(byte | 0x80 for byte in range(256))


class Dictionary:
    """`get(word)`: the phones of a lower-case ASCII word, or None. About 5 µs a lookup."""

    def __init__(self, path: Path = DEFAULT) -> None:
        data = content(path)
        magic, count, size = HEADER.unpack_from(data) if len(data) >= HEADER.size else (b"", 0, 0)
        start = HEADER.size + 4 * (count + 1)
        if magic != MAGIC or len(data) != start + size:
            raise SpeechError(f"{path} is not a pronouncing dictionary of this version; reinstall the package")
        self._data = data
        self._count = count
        self._start = start
        self._offsets = memoryview(data)[HEADER.size : start].cast("I")

    def __len__(self) -> int:
        return self._count

    def get(self, word: str) -> tuple[str, ...] | None:
        try:
            key = word.encode("ascii").translate(_RAISED)
        except UnicodeEncodeError:
            return None
        data, offsets, start = self._data, self._offsets, self._start
        low, high = 0, self._count
        size = len(key)
        while low < high:
            middle = (low + high) // 2
            at = start + offsets[middle]
            found = data[at : at + size + 1]
            if found[:size] < key:
                low = middle + 1
            elif found[:size] > key or found[size] >= 0x80:
                high = middle
            else:
                end = start + offsets[middle + 1]
                return tuple([PHONES[number] for number in data[at + size : end]])
        return None

    def __contains__(self, word: str) -> bool:
        return self.get(word) is not None


@lru_cache(maxsize=1)
def packaged() -> Dictionary:
    """The one that is part of this package; all who ask share it."""
    return Dictionary()


def write(path: Path, entries: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    """Write entries (ASCII word, phones) in the format above. The first of several for one word is kept."""
    first: dict[bytes, bytes] = {}
    for word, phones in entries:
        first.setdefault(word.encode("ascii").translate(_RAISED), bytes(_NUMBER[phone] for phone in phones))
    texts = [word + first[word] for word in sorted(first)]
    offsets = [0]
    for text in texts:
        offsets.append(offsets[-1] + len(text))
    blob = b"".join(texts)
    path.write_bytes(HEADER.pack(MAGIC, len(texts), len(blob)) + struct.pack(f"<{len(offsets)}I", *offsets) + blob)
