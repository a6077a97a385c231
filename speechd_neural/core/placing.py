"""Where things belong in the sound: the places of marks and words, and the pieces that audio is handed on in."""

from __future__ import annotations

from collections.abc import Iterator

from speechd_neural.arrays import Samples16
from speechd_neural.records import dataclass
from speechd_neural.types import MarkReached, Segment, WordReached

FIRST, SMALLEST, LARGEST = 0.015, 0.02, 0.04  # seconds: the first piece, and what the others lie between


@dataclass(frozen=True, slots=True)
class Place:
    """`event` happens where the sound of the segment's `symbol` begins; at len(symbols): where it ends."""

    symbol: int
    event: MarkReached | WordReached


def places(segment: Segment, sentence_begins: bool) -> list[Place]:
    """The segment's marks and words in the order of the sound: at one place the sentence, then marks, then the word."""
    found = [(mark.symbol, 1, Place(mark.symbol, MarkReached(mark.name))) for mark in segment.marks]
    found += [(word.symbols[0], 2, Place(word.symbols[0], WordReached(*word.source))) for word in segment.words]
    if sentence_begins and segment.words:
        found.append((0, 0, Place(0, WordReached(*(segment.sentence or segment.source), sentence=True))))
    # The sort is stable: marks at one place keep the order of the text.
    return [place for _, _, place in sorted(found, key=lambda entry: entry[:2])]


class Chunker:
    """Cuts sound into pieces: a short first one, so that it can start, then 20 to 40 ms."""

    def __init__(self) -> None:
        self.begun = False
        self._rest = b""

    def push(self, samples: Samples16, rate: int) -> Iterator[bytes]:
        # "<i2": the pieces are little-endian on every machine.
        data = self._rest + samples.astype("<i2", copy=False).tobytes()
        self._rest = b""
        if data and not self.begun:
            self.begun = True
            first = 2 * round(FIRST * rate)
            yield data[:first]
            data = data[first:]
        size, least = 2 * round(LARGEST * rate), 2 * round(SMALLEST * rate)
        at = 0
        while len(data) - at >= least:
            yield data[at : at + size]
            at += size
        self._rest = data[at:]

    def flush(self) -> bytes:
        rest, self._rest = self._rest, b""
        return rest
