"""Is what a voice makes sound at all? Nothing between a stranger's weights and the listener's ear checks it but this.

A segment is unsound when its samples are not finite, when nothing is to be heard where its phones are, or when it is
far longer or shorter than its phones ask for. It is checked as it streams: silence is cut off at the start of a segment
(audio/trim.py), so a voice that is silent is found out before anything of it was heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from speechd_neural.audio.trim import FRAME, ONSET
from speechd_neural.core.engine import SpeechChunk
from speechd_neural.errors import SynthesisError

# Far from what people do: the longest that decoding allows itself is shorter, the fastest speech half as fast.
LONGEST_BASE, LONGEST_SYMBOL, LONGEST_WORD = 1.5, 0.35, 1.0  # seconds
SHORTEST_PHONE = 0.015  # seconds, on average …
FEW = 5  # … of at least so many phones
SILENT_PHONES, SILENT_SECONDS = 4, 0.4  # in a row and together, without any sound
HIGHEST = 4000.0  # Hz; no voice has such a pitch


class Unsound(SynthesisError):
    """`symbol` is the first one that was not spoken properly: from there on another voice has to speak."""

    def __init__(self, reason: str, symbol: int) -> None:
        super().__init__(reason)
        self.symbol = symbol


def phones(symbols: Sequence[str]) -> int:
    """How many of a segment's symbols have a sound."""
    return sum(symbol[:1].isalpha() for symbol in symbols)


class SoundCheck:
    """Of one segment: `feed` every chunk before it is used, then `end`. Both raise Unsound."""

    def __init__(self, sample_rate: int, symbols: Sequence[str]) -> None:
        self._rate = sample_rate
        self._symbols = symbols
        self._phones = phones(symbols)
        self._frame = round(FRAME * sample_rate)
        self._most = sample_rate * longest(symbols)
        self._samples = 0
        self._heard_until = 0  # end of the last chunk with sound in it
        self._sounded = False
        self._silent = 0  # phones that ended since then
        self._first_silent: int | None = None

    def feed(self, chunk: SpeechChunk) -> None:
        if not np.isfinite(chunk.samples).all() or (chunk.f0 is not None and not _is_pitch(chunk.f0)):
            raise Unsound("it made numbers that are no sound", self._next(chunk))
        self._samples += len(chunk.samples)
        if audible(chunk.samples, self._frame):
            self._heard_until, self._sounded = self._samples, True
            self._silent, self._first_silent = 0, None
        else:
            for span in chunk.spans:
                if self._symbols[span.symbol][:1].isalpha() and span.start >= self._heard_until:
                    self._silent += 1
                    if self._first_silent is None:
                        self._first_silent = span.symbol
            silence = self._samples - self._heard_until
            if self._silent >= SILENT_PHONES and silence >= SILENT_SECONDS * self._rate:
                raise Unsound("it is silent where phones are", self._first_silent or 0)
        if self._samples > self._most:
            raise Unsound(f"{self._samples / self._rate:.1f} s are too long for {len(self._symbols)} symbols", self._next(chunk))

    def end(self) -> None:
        if self._phones and not self._sounded:
            raise Unsound("it is silent where phones are", 0)
        if self._phones >= FEW and self._samples < SHORTEST_PHONE * self._phones * self._rate:
            raise Unsound(f"{1000 * self._samples / self._rate:.0f} ms are too short for {self._phones} phones", 0)

    def _next(self, chunk: SpeechChunk) -> int:
        """The symbol after those that were told before this chunk."""
        told = chunk.spans[0].symbol if chunk.spans else len(self._symbols)
        return min(told, self._first_silent if self._first_silent is not None else told)


def longest(symbols: Sequence[str]) -> float:
    """Seconds that a segment of these symbols may take."""
    return LONGEST_BASE + LONGEST_SYMBOL * len(symbols) + LONGEST_WORD * symbols.count(" ")


def audible(samples: npt.NDArray[np.float32], frame: int) -> bool:
    """Whether any of it would be kept at the start of a segment."""
    if len(samples) == 0 or max(float(samples.max()), -float(samples.min())) < ONSET:
        return False
    whole = len(samples) // frame * frame
    frames = samples[:whole].reshape(-1, frame) if whole else samples[None]
    return bool((np.square(frames).mean(axis=1) >= ONSET**2).any())


def checked(
    chunks: Iterable[SpeechChunk], sample_rate: int, symbols: Sequence[str], stopped: Callable[[], bool]
) -> Iterator[SpeechChunk]:
    """The chunks, each checked before it is handed on. Raises Unsound. stopped: whether they ended before their end."""
    check = SoundCheck(sample_rate, symbols)
    for chunk in chunks:
        check.feed(chunk)
        yield chunk
    if not stopped():
        check.end()


def is_sound(samples: npt.NDArray[np.int16], sample_rate: int, symbols: Sequence[str]) -> bool:
    """Whether a whole phrase of the cache can be that segment; a coarse look, since it was checked when it was made."""
    count = phones(symbols)
    if count == 0:
        return True
    if len(samples) > longest(symbols) * sample_rate or (count >= FEW and len(samples) < SHORTEST_PHONE * count * sample_rate):
        return False
    threshold = ONSET * 32767
    return len(samples) > 0 and (int(samples.max()) >= threshold or int(samples.min()) <= -threshold)


def _is_pitch(f0: npt.NDArray[np.float32]) -> bool:
    return len(f0) == 0 or bool(np.isfinite(f0).all() and f0.min() >= 0 and f0.max() <= HIGHEST)
