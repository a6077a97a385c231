"""A linear model that says which reading of a word is meant, from the words around it (`context`).

Maximum entropy (A. Ratnaparkhi, "A maximum entropy model for part-of-speech tagging", 1996): a reading's score is the sum of
weights, of each feature for this kind of reading in all words, and of each feature for this reading of this word.

File, little-endian (`train.homographs` writes it): b"SNHOM1\\n\\0", float32 step, u32 count, u32 count CRC-32
of "kind|feature" or "word/reading|feature" in order, int8 count weights in steps. About 0.1 ms a decision.
"""

from __future__ import annotations

import math
import struct
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path
from zlib import crc32

from speechd_neural.errors import SpeechError
from speechd_neural.files import content

MAGIC = b"SNHOM1\n\0"
HEADER = struct.Struct("<8sfI")
DEFAULT = Path(__file__).parent.parent / "data" / "homographs.bin"
TOLD = 2  # features that are told as the reasons
KINDS = ("verb", "past", "noun", "adj")
Reading = tuple[str, ...]  # all names of a reading: ("noun", "adj")


def kind_of(names: Reading) -> str:
    """What kind of word a reading is, for what all words have in common; "" for a name or a thing of its own."""
    return next((kind for kind in KINDS if kind in names), "")


def keys(word: str, suffix: str, names: Reading, reference: Reading) -> tuple[bytes, ...]:
    """What the weights of a reading begin with. The reference, a word's first reading, has none of its own."""
    kind, against = kind_of(names), kind_of(reference)
    shared = (f"{kind}{suffix}/{against}|".encode(),) if kind and against and kind != against else ()
    return (*shared, f"{word}{suffix}/{names[0]}|".encode())


class Homographs:
    """`choose(...)`: the probability of each reading and the features that decided. Raises SpeechError for another file."""

    def __init__(self, path: Path = DEFAULT) -> None:
        data = memoryview(content(path))
        if len(data) < HEADER.size or data[:8] != MAGIC or len(data) != HEADER.size + 5 * HEADER.unpack_from(data)[2]:
            raise SpeechError(f"{path} is not a model of homographs of this version; reinstall the package")
        _, self._step, count = HEADER.unpack_from(data)
        self._hashes = data[HEADER.size : HEADER.size + 4 * count].cast("I")
        self._weights = data[HEADER.size + 4 * count :].cast("b")

    def _weight(self, name: bytes, prefix: int) -> float:
        found = crc32(name, prefix)
        at = bisect_left(self._hashes, found)
        return self._weights[at] * self._step if at < len(self._hashes) and self._hashes[at] == found else 0.0

    def choose(
        self, word: str, suffix: str, readings: Sequence[Reading], seen: Sequence[str]
    ) -> tuple[int, float, list[str]]:
        """Which of the readings is meant, how probable that is, and the features that say so most.

        word: the base form; suffix: "" or "s"; seen: the features.
        """
        encoded = [feature.encode("utf-8", "surrogatepass") for feature in seen]  # half a character is a neighbour too
        scores, parts = [0.0], [[0.0] * len(seen)]
        for names in readings[1:]:
            prefixes = [crc32(key) for key in keys(word, suffix, names, readings[0])]
            each = [sum(self._weight(name, prefix) for prefix in prefixes) for name in encoded]
            parts.append(each)
            scores.append(sum(each))
        best = max(range(len(scores)), key=lambda i: (scores[i], -i))
        rival = max((i for i in range(len(scores)) if i != best), key=lambda i: (scores[i], -i))
        probability = 1 / sum(math.exp(score - scores[best]) for score in scores)
        gains = sorted(((parts[best][i] - parts[rival][i], -i) for i in range(len(seen))), reverse=True)
        return best, probability, [seen[-i] for gain, i in gains[:TOLD] if gain > 0]


def write(path: Path, weights: Mapping[int, float]) -> int:
    """Write weights by hash; what rounds to nothing is left out. Returns how many there are."""
    step = max((abs(weight) for weight in weights.values()), default=1.0) / 127
    rounded = sorted((name, round(weight / step)) for name, weight in weights.items())
    kept = [(name, weight) for name, weight in rounded if weight]
    hashes = struct.pack(f"<{len(kept)}I", *(name for name, _ in kept))
    path.write_bytes(HEADER.pack(MAGIC, step, len(kept)) + hashes + struct.pack(f"<{len(kept)}b", *(w for _, w in kept)))
    return len(kept)
