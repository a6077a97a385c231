"""Uneven time compression: fast speech gives short sounds more of the time than long ones.

When people speak fast they do not shrink every sound alike: what is long, a stressed vowel, a hiss, the end of a
phrase, gives way first; a tap or an unstressed vowel has nothing to give. Here a sound that lasts d gets output time
in proportion to a power of d below one. The timing is steered so that the whole keeps the speed that was asked for.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from speechd_neural.audio.buffer import Signal
from speechd_neural.audio.timescale import EvenTiming, Timing

POWER = 0.5  # tuned by recognition rate at four times the speed (docs/developers/prosody-and-cache.md)
FULL = 2.0  # speed from which the power is that; below, less is taken from long sounds
ORDINARY = 0.105  # seconds that a sound lasts which is treated as if all were alike, in speech of 194 words per minute
LONG = 0.2  # seconds after which a sound is as long as any: nobody waits longer for its end
BEGIN = 0.06  # seconds at the start that are treated evenly, so that the first of them is heard at once
STEER = 0.1  # seconds of output in which the timing is brought back
SLOWEST = 0.3  # of the speed asked for, lest any sound be dropped altogether
FEW, ENOUGH = 3, 12  # sounds


def timing_for(sample_rate: int, speed: float, symbols: Sequence[str], words_per_minute: float) -> Timing:
    """Uneven for fast speech of several sounds whose ends the voice tells; else even.

    A letter or a short word has no time to give back what its one long vowel loses.
    """
    sounds = sum(symbol[:1].isalpha() for symbol in symbols)
    share = min(1.0, (sounds - FEW) / (ENOUGH - FEW), math.log(speed) / math.log(FULL))
    if share <= 0:
        return EvenTiming(speed)
    return UnevenTiming(sample_rate, speed, 1 - (1 - POWER) * share, ORDINARY * 194 / words_per_minute)


class UnevenTiming:
    """When each input sample is due, by the length of the sounds (a `timescale.Timing`).

    `ended` tells when each sound is over; what is due within it is known from then on, or once it has become `LONG`.
    """

    def __init__(self, sample_rate: int, speed: float, power: float, ordinary: float) -> None:
        self._rate, self._speed, self._power, self._ordinary = sample_rate, speed, power, ordinary
        self._long = round(LONG * sample_rate)
        self._start = 0  # of the present sound
        self._lasting = False  # whether it is longer than that
        begun = round(BEGIN * sample_rate)
        self._places = [0, begun]  # input samples, and when they are due; in between, in proportion
        self._dues = [0.0, begun / speed]
        self._length = 0
        self._ended = False

    def ended(self, ends: Iterable[int]) -> None:
        """The next sounds are over, at these input samples."""
        for end in ends:
            self._lasts(end)
            if end > self._places[-1]:
                self._add(end, self._long if self._lasting else min(self._long, end - self._start))
            self._start, self._lasting = max(end, self._start), False

    def push(self, samples: Signal) -> None:
        self._length += len(samples)
        self._lasts(self._length)

    def flush(self) -> None:
        self.ended([self._length])
        self._ended = True

    def due(self, position: int) -> float | None:
        beyond = position - self._places[-1]
        if beyond >= 0:
            return self._dues[-1] + beyond / self._speed if self._ended or beyond == 0 else None
        after = bisect_right(self._places, position)
        (start, end), (first, last) = self._places[after - 1 : after + 1], self._dues[after - 1 : after + 1]
        return first + (last - first) * (position - start) / (end - start)

    def _lasts(self, until: int) -> None:
        """The present sound goes on at least until this input sample."""
        while until - self._places[-1] >= self._long:
            self._lasting = True
            self._add(self._places[-1] + self._long, self._long)

    def _add(self, end: int, length: int) -> None:
        """Decide what is due up to an input sample, within a sound of this length."""
        late = (self._dues[-1] - self._places[-1] / self._speed) / self._rate
        share = (length / self._rate / self._ordinary) ** (self._power - 1) * math.exp(-late / STEER) / self._speed
        share = max(SLOWEST / self._speed, min(1.0, share))
        self._dues.append(self._dues[-1] + (end - self._places[-1]) * share)
        self._places.append(end)
