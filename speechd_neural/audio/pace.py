"""Uneven time compression: fast speech keeps most of what the ear needs most.

When people speak fast they do not shrink every sound alike: pauses and steady vowels
give way first, consonants and the movements between sounds last. After Covell,
Withgott & Slaney, "Mach1: nonuniform time-scale modification of speech" (ICASSP 1998),
each 5 ms of the input gets a weight, here from three things: how quickly the spectrum
changes there, which kind of sound the voice says it is, and how long that sound has
lasted. Output time is shared out by the weights, and steered so that the whole keeps
the speed that was asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from speechd_neural.audio.buffer import Growing, Signal

FRAME = 0.005  # seconds
WINDOW = 0.020
BANDS = 18
REACH = 2  # frames to either side between which the spectrum is compared
SILENCE_DB = -60.0  # of the loudest band
CHANGE = 3.0  # dB between frames 20 ms apart, mean over the bands: an ordinary change

# Weights are exponents of e; tuned by recognition rate at four times the speed (docs/prosody-and-cache.md).
CHANGING = 0.4  # times the logarithm of the change, as far as +-0.8
SILENT = -0.5
LASTING = 0.8  # taken away by and by from a sound that lasts longer than the ordinary
ORDINARY, LONG = 0.06, 0.16  # seconds
KINDS = {"pause": -0.5, "vowel": -0.2, "sonorant": 0.1, "obstruent": 0.0}
MOST = 1.2  # exponent of all weights at the highest speeds

LAG = 0.009  # seconds
FEW, ENOUGH = 3, 12  # phones
STEER = 8  # frames of output in which the timing is brought back
_SONORANTS = frozenset(["l", "r", "w", "y", "m", "n", "ng"])
_OBSTRUENTS = frozenset(["b", "ch", "d", "dh", "f", "g", "hh", "jh", "k", "p", "s", "sh", "t", "th", "v", "z", "zh"])


def kind_of(symbol: str) -> str:
    """pause, sonorant, obstruent or vowel; phones are CMU/ARPAbet in lower case, with or without a stress digit."""
    if not symbol[:1].isalpha():
        return "pause"
    return "sonorant" if symbol in _SONORANTS else "obstruent" if symbol in _OBSTRUENTS else "vowel"


class UnevenTiming:
    """When each input sample is due, by the weight of the sounds (a `timescale.Timing`).

    symbols: what is spoken, where the voice tells by `ended` when each symbol is over; else none.
    A decision about a frame needs 20 ms of input after it and is never changed.
    """

    def __init__(self, sample_rate: int, speed: float, symbols: Sequence[str] = ()) -> None:
        self._rate = sample_rate
        self._speed = speed
        # A letter or a short word has no time to give back what its one long vowel loses: it is treated evenly.
        phones = sum(kind_of(symbol) != "pause" for symbol in symbols) if symbols else ENOUGH
        length = min(1.0, max(0.0, (phones - FEW) / (ENOUGH - FEW)))
        self._strength = max(-1.0, min(MOST, math.log2(speed))) * length
        self._kinds = [KINDS[kind_of(symbol)] for symbol in symbols]
        self._ends: list[int] = []
        self._symbol = 0  # the one that is sounding
        self._hop = round(FRAME * sample_rate)
        self._size = round(WINDOW * sample_rate)
        self._shape = np.hanning(self._size).astype(np.float32)
        self._bands = mel_bands(sample_rate, self._size, BANDS)
        self._spectrum = np.zeros(len(self._bands), np.float32)
        self._input = Growing()
        self._input.append(np.zeros(self._size // 2, np.float32))  # frames are centred
        self._frames = 0
        self._last = np.zeros((0, BANDS), np.float32)  # levels of the last frames
        self._interest: list[float] = []  # what the spectrum says about each frame
        self._due = [0.0]  # output sample at the start of each frame, as far as decided
        self._mean, self._count = 1.0, 60.0  # of the weights so far, and how many frames it stands for
        # Phrases end in a long sound and lose more there than they should: they are kept a little late until then.
        self._lag = LAG * sample_rate * max(-1.0, min(1.0, 1.5 * math.log2(speed))) * length
        self._ended = False

    def ended(self, ends: Iterable[int]) -> None:
        """The next symbols are over, at these input samples."""
        self._ends += ends

    def push(self, samples: Signal) -> None:
        self._input.append(samples)
        count = (self._input.size - self._size) // self._hop + 1
        if count > self._frames:
            frames = np.lib.stride_tricks.sliding_window_view(self._input.view(), self._size)
            self._look(frames[self._frames * self._hop : (count - 1) * self._hop + 1 : self._hop])
            self._frames = count
        while len(self._due) <= len(self._interest):
            self._decide(len(self._due) - 1)

    def flush(self) -> None:
        self.push(np.zeros(self._size + 8 * self._hop, np.float32))
        self._ended = True

    def due(self, position: int) -> float | None:
        frame, rest = divmod(position, self._hop)
        if frame + 1 >= len(self._due):
            return self._due[-1] if self._ended else None
        return self._due[frame] + (self._due[frame + 1] - self._due[frame]) * rest / self._hop

    def _look(self, frames: Signal) -> None:
        """Extend `_interest` by these frames [n, samples]; each needs its neighbours, so it is `REACH` frames behind."""
        power = np.square(np.abs(np.fft.rfft(frames * self._shape, axis=1))) / (self._size / 4) ** 2
        bands = np.empty((len(frames), BANDS), np.float32)
        for row, spectrum in enumerate(power):
            # One frame at a time and from one place: a product of matrices rounds as their sizes please.
            self._spectrum[:] = spectrum
            bands[row] = self._spectrum @ self._bands
        levels = 10 * np.log10(bands + np.float32(10**-7.5))  # 0 dB: a full-scale sine
        # What came before the first frame was like it.
        before = self._last if len(self._last) else np.repeat(levels[:1], REACH, axis=0)
        levels = np.concatenate([before, levels.astype(np.float32)])
        self._last = levels[-2 * REACH :]
        if len(levels) <= 2 * REACH:
            return
        change = np.abs(levels[2 * REACH :] - levels[: -2 * REACH]).mean(axis=1)
        interest = np.clip(CHANGING * np.log(np.maximum(change, 0.5) / CHANGE), -0.8, 0.8)
        interest += np.where(levels[REACH:-REACH].max(axis=1) < SILENCE_DB, SILENT, 0.0)
        self._interest += interest.tolist()

    def _decide(self, frame: int) -> None:
        interest = self._interest[frame] + self._kind(frame * self._hop)
        weight = math.exp(self._strength * interest)
        self._mean += (weight - self._mean) / self._count
        self._count = min(self._count + 1, 400)
        late = self._due[-1] - frame * self._hop / self._speed - self._lag
        share = weight / self._mean / self._speed * math.exp(-late / (self._hop * STEER))
        # No sound is stretched for the sake of others, nor dropped altogether; the reverse where speech is slowed.
        low, high = (0.25 / self._speed, 1.0) if self._speed > 1 else (1.0, 6.0)
        self._due.append(self._due[-1] + self._hop * max(low, min(high, share)))

    def _kind(self, sample: int) -> float:
        """What the sounding symbol adds to the interest."""
        while self._symbol < len(self._ends) and self._ends[self._symbol] <= sample:
            self._symbol += 1
        if self._symbol >= len(self._kinds):
            return 0.0
        start = self._ends[self._symbol - 1] if self._symbol else 0
        lasted = (sample - start) / self._rate
        tired = min(1.0, max(0.0, (lasted - ORDINARY) / (LONG - ORDINARY)))
        return self._kinds[self._symbol] - LASTING * tired


def mel_bands(sample_rate: int, size: int, bands: int) -> npt.NDArray[np.float32]:
    """Weights [size // 2 + 1, bands] of triangular bands, even on the mel scale from 100 Hz to 7.5 kHz, each of sum 1."""
    top = 2595 * math.log10(1 + min(7500.0, 0.475 * sample_rate) / 700)
    edges = 700 * (10 ** (np.linspace(2595 * math.log10(1 + 100 / 700), top, bands + 2) / 2595) - 1)
    edges = np.maximum(edges, np.arange(bands + 2) * sample_rate / size)  # no band without a bin of its own
    frequency = (np.arange(size // 2 + 1) * sample_rate / size)[:, None]
    rise = (frequency - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - frequency) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0, np.minimum(rise, fall))
    return (weights / np.maximum(weights.sum(axis=0), 1e-9)).astype(np.float32)
