"""Pitch made higher or lower at the same pace, formants kept: time-domain pitch-synchronous overlap-add.

After Moulines & Charpentier, "Pitch-synchronous waveform processing techniques for
text-to-speech synthesis using diphones" (Speech Communication 9, 1990): the voice is
cut into grains of two pitch periods, which are laid down again closer together or
farther apart. A grain keeps the spectral envelope, so the speaker stays the same.
"""

from __future__ import annotations

import math

import numpy as np

from speechd_neural.audio.buffer import Growing, Signal
from speechd_neural.audio.timescale import LONGEST, SHORTEST, best_lag

VOICED = 0.55  # normalized correlation at the pitch period from which a stretch counts as voiced
UNVOICED_STEP = 0.005  # seconds between grains where there is no pitch


class PitchShift:
    """Streaming change of pitch: a factor on the fundamental, and a factor on its excursions around `centre` Hz.

    Where `centre` is None the running (geometric) mean of the voice is taken. Input and output samples correspond one
    to one. The output depends on the samples alone, not on the pieces in which they come.
    """

    def __init__(self, sample_rate: int, factor: float, excursion: float = 1.0, centre: float | None = None) -> None:
        self._rate = sample_rate
        self._factor = factor
        self._excursion = excursion
        self._centre = math.log(centre or 120.0)
        self._learn = 0 if centre else 20  # marks that the present mean stands for
        self._shortest, self._longest = round(SHORTEST * sample_rate), round(LONGEST * sample_rate)
        self._window = round(0.010 * sample_rate)
        self._unvoiced = round(UNVOICED_STEP * sample_rate)
        self._input = Growing()
        self._sum = Growing()  # grains laid down so far, and their windows
        self._cover = Growing()
        self._mark = 0  # centre of the newest analysed grain
        self._before = self._unvoiced  # distance to the mark before it
        self._voiced = False
        self._next = 0.0  # where the next grain is to be laid down
        self._sent = 0
        self._length = 0

    def push(self, samples: Signal) -> Signal:
        self._length += len(samples)
        self._input.append(samples)
        return self._run(self._input.size - self._longest - self._window)

    def flush(self) -> Signal:
        self._input.append(np.zeros(3 * self._longest + self._window, np.float32))
        out = self._run(self._length + self._longest)
        return np.concatenate([out, self._take(self._length)])

    def _run(self, limit: int) -> Signal:
        while self._mark < limit:
            step, voiced = self._analyse(self._mark)
            self._lay(step, voiced)
            self._mark, self._before, self._voiced = self._mark + step, step, voiced
        # What the grains still to come can reach back to.
        reach = max(self._before, self._longest // 2) + 1
        return self._take(min(self._length, self._mark - reach, int(self._next) - reach))

    def _take(self, end: int) -> Signal:
        if end <= self._sent:
            return np.zeros(0, np.float32)
        self._reserve(end)
        total = self._sum.view(self._sent, end) / np.maximum(self._cover.view(self._sent, end), 0.9)
        self._sent = end
        return total.astype(np.float32)

    def _analyse(self, mark: int) -> tuple[int, bool]:
        """Distance from this mark to the next, and whether a pitch period lies between them."""
        signal = self._input.view(mark, mark + self._window + self._longest)
        lag, likeness = best_lag(signal, self._window, self._shortest)
        if likeness < VOICED:
            return self._unvoiced, False
        if not self._voiced:
            # Into a voiced stretch: the marks shall sit where the energy of a period is.
            peak = int(np.argmax(np.abs(signal[: lag + 1])))
            return (lag if peak < self._shortest // 2 else peak), True
        return lag, True

    def _lay(self, step: int, voiced: bool) -> None:
        """Lay the grain around the present mark once or more often, or not at all, up to half way to the next."""
        before, mark = self._before, self._mark
        if not voiced and not self._voiced:
            self._add(mark - before, mark, mark + step, 0, 1.0)
            self._next = float(mark + step)
            return
        spacing = step / self._ratio(self._rate / step) if voiced else float(step)
        gain = math.sqrt(max(1.0, spacing / step))  # fewer grains a second, each a little louder
        # Where grains come closer together they are cut shorter, lest neighbours cancel each other out.
        reach = min(1.0, spacing / step)
        left, right = max(8, round(before * reach)), max(8, round(step * reach))
        while self._next < mark + step / 2:
            self._add(mark - left, mark, mark + right, round(self._next) - mark, gain)
            self._next += spacing

    def _ratio(self, f0: float) -> float:
        height = math.log(f0)
        if self._learn:
            self._centre += (height - self._centre) / self._learn
            self._learn = min(self._learn + 1, 200)
        return self._factor * math.exp((height - self._centre) * (self._excursion - 1))

    def _add(self, start: int, mark: int, end: int, shift: int, gain: float) -> None:
        window = np.concatenate([_rise(mark - start), _rise(end - mark)[::-1]])
        first = start
        low = max(0, -first, -(start + shift))
        window = window[low:]
        grain = self._input.view(first + low, end)[: len(window)]
        self._reserve(end + shift)
        where = slice(first + low + shift, first + low + shift + len(grain))
        self._sum.view()[where] += grain * window[: len(grain)] * np.float32(gain)
        self._cover.view()[where] += window[: len(grain)]

    def _reserve(self, end: int) -> None:
        if end > self._sum.size:
            blank = np.zeros(end - self._sum.size + 4096, np.float32)
            self._sum.append(blank)
            self._cover.append(blank)


def _rise(length: int) -> Signal:
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(length, dtype=np.float32) + 0.5) / max(1, length))).astype(np.float32)
