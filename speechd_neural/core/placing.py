"""Where things belong in the sound: the places of marks and words, and the pieces that audio is handed on in."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speechd_neural.types import MarkReached, Segment, WordReached

FIRST, SMALLEST, LARGEST = 0.015, 0.02, 0.04  # seconds: the first piece, and what the others lie between
Samples16 = npt.NDArray[np.int16]


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
        found.append((0, 0, Place(0, WordReached(*segment.source, sentence=True))))
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


def resample(samples: Samples16, rate: int, wanted: int) -> Samples16:
    """The same sound at another sample rate; the length is rounded up.

    Interpolation with a windowed sinc whose cut-off is the lower of the two band limits (J. O. Smith, "Digital Audio
    Resampling", 2002), one row of weights for each phase that occurs.
    """
    if rate == wanted or not len(samples):
        return samples
    weights, step, phases = _weights(rate, wanted)
    taps = weights.shape[1]
    padded = np.concatenate([np.zeros(taps // 2 - 1, np.int16), samples, np.zeros(taps, np.int16)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps)
    total = -(-len(samples) * wanted // rate)
    pieces = []
    for begin in range(0, total, 16384):  # bounds the memory
        at = np.arange(begin, min(begin + 16384, total)) * step
        pieces.append(np.einsum("nt,nt->n", windows[at // phases], weights[at % phases]))
    return np.clip(np.rint(np.concatenate(pieces)), -32768, 32767).astype(np.int16)


@functools.cache
def _weights(rate: int, wanted: int) -> tuple[npt.NDArray[np.float32], int, int]:
    """[phases, taps] of the interpolation, input phases per output sample, phases per input sample."""
    common = math.gcd(rate, wanted)
    step, phases = rate // common, wanted // common
    cutoff = 0.95 * min(1.0, wanted / rate)
    half = math.ceil(16 / cutoff)
    offset = np.arange(1 - half, half + 1)[None, :] - np.arange(phases)[:, None] / phases
    weights = cutoff * np.sinc(cutoff * offset) * np.cos(np.pi / 2 * np.clip(offset / half, -1, 1)) ** 2
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), step, phases
