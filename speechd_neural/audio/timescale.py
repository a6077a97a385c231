"""Speech made faster or slower without a change of pitch, in the time domain and while it streams.

The method is pitch-synchronous overlap-add in the manner of PICOLA (Morita & Itakura
1986) and of the sonic library (Cox 2010): the output follows the input, and where it
falls behind (or ahead of) the wanted timing it jumps one pitch period forward (or
back) with a cross-fade, so that the wave stays in phase. The wanted timing need not be
even: `pace` says how much output time each sound shall have.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speechd_neural.audio.buffer import Growing, Signal

LONGEST = 1 / 65  # seconds: the longest and the shortest pitch period looked for
SHORTEST = 1 / 400
COPY = 0.0025  # seconds copied between two looks at the clock


class Timing(Protocol):
    """When each input sample is due in the output."""

    def ended(self, ends: Iterable[int]) -> None:
        """The next sounds are over, at these input samples."""
        ...

    def push(self, samples: Signal) -> None: ...
    def flush(self) -> None: ...
    def due(self, position: int) -> float | None:
        """Output sample (fractional) at which the input sample is due; None: more input is needed to tell."""
        ...


class EvenTiming:
    """The same speed everywhere."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def ended(self, ends: Iterable[int]) -> None:
        pass

    def push(self, samples: Signal) -> None:
        pass

    def flush(self) -> None:
        pass

    def due(self, position: int) -> float | None:
        return position / self._speed


class TimeScale:
    """Streaming time-scaling of float samples.

    `timing` decides the pace. The output depends on the input samples alone, not on
    the pieces in which they come. `positions` maps input samples to output samples.
    """

    def __init__(self, sample_rate: int, timing: Timing) -> None:
        self._timing = timing
        self._input = Growing()
        self._step = max(1, sample_rate // 4000)  # the period is searched at about 4 kHz, then refined
        self._low = Growing()
        self._shortest = round(SHORTEST * sample_rate)
        self._longest = round(LONGEST * sample_rate)
        self._window = round(0.010 * sample_rate)
        self._copy = round(COPY * sample_rate)
        self._position = 0  # next input sample to be copied
        self._written = 0
        self._ended = False
        self._length = 0
        self._map_in = [0]
        self._map_out = [0]
        self._pieces: list[Signal] = []
        self._shortest_fade = self._copy // 2
        self._search = self._longest + self._window + self._step  # input a search for the period looks at

    def push(self, samples: Signal) -> Signal:
        self._length += len(samples)
        self._timing.push(samples)
        self._extend(samples)
        return self._run()

    def flush(self) -> Signal:
        self._timing.flush()
        self._ended = True
        self._extend(np.zeros(4 * self._longest + self._search, np.float32))
        return self._run()

    def _extend(self, samples: Signal) -> None:
        self._input.append(samples)
        whole = self._input.size // self._step
        if whole > self._low.size:
            part = self._input.view(self._low.size * self._step, whole * self._step)
            self._low.append(part.reshape(-1, self._step).mean(axis=1))

    def _run(self) -> Signal:
        while self._position < self._length and self._advance():
            pass
        if not self._pieces:
            return np.zeros(0, np.float32)
        out = np.concatenate(self._pieces)
        self._pieces = []
        return out

    def _advance(self) -> bool:
        """Put out one piece: a jump where one is due, else a short stretch as it is. False: more input is needed."""
        position, end = self._position, self._input.size
        due = self._timing.due(position)
        soon = self._timing.due(min(position + self._longest, self._length) if self._ended else position + self._longest)
        if due is None or soon is None:
            return False
        behind = self._written - due  # how much longer than wanted the output is so far
        speed = self._longest / max(1.0, soon - due)
        if speed > 1 and behind >= 0:
            if position + self._search > end:
                return False
            period = self._period(position)
            # Half of what a jump gains, so that the timing errs as much to one side as to the other.
            if behind >= period * max(0.0, 2 - speed) / (2 * speed):
                # The cross-fade is all that is heard of this stretch where speech is more than twice as fast. It is
                # as short as catches up with the timing, but not too short: then several periods are skipped at once.
                gain = min(40.0, self._longest / max(1.0, soon - self._written)) - 1
                distance = period * max(1, math.ceil(self._shortest_fade * gain / period))
                fade = min(period, max(self._shortest_fade, round(distance / max(gain, 1.0))))
                if position + distance + fade > end:
                    return False
                self._jump(distance, fade)
                return True
        elif speed < 1 and -behind >= self._shortest / 2 and position >= self._longest:
            if position + self._longest > end:
                return False
            period = self._period_before(position)
            if -behind >= period / 2:
                self._jump(-period, period)
                return True
        count = min(self._copy, self._length - position) if self._ended else self._copy
        if position + count > end:
            return False
        self._straight(count)
        return True

    def _straight(self, count: int) -> None:
        self._give(self._input.view(self._position, self._position + count).copy(), self._position + count)

    def _jump(self, distance: int, fade: int) -> None:
        here = self._input.view(self._position, self._position + fade)
        there = self._input.view(self._position + distance, self._position + distance + fade)
        rise = np.linspace(0, 1, fade + 2, dtype=np.float32)[1:-1]
        self._give(here + (there - here) * rise, self._position + distance + fade)

    def _give(self, samples: Signal, position: int) -> None:
        self._pieces.append(samples)
        self._written += len(samples)
        self._position = position
        if position > self._map_in[-1]:
            self._map_in.append(position)
            self._map_out.append(self._written)

    def _period(self, position: int) -> int:
        """The lag at which the signal after `position` is most like itself: the pitch period, where there is one."""
        step = self._step
        first, last = -(-self._shortest // step), self._longest // step
        start, window = position // step, self._window // step
        low = self._low.view(start, start + window + last)
        coarse = best_lag(low, window, first)[0] * step
        first = max(self._shortest, coarse - step + 1)
        count = min(self._longest, coarse + step - 1) - first + 1
        signal = self._input.view(position, position + self._window)
        shifted = self._input.view(position + first, position + first + count - 1 + self._window)
        apart = np.lib.stride_tricks.as_strided(shifted, (count, self._window), shifted.strides * 2) - signal
        return first + int(np.einsum("ij,ij->i", apart, apart).argmin())

    def _period_before(self, position: int) -> int:
        signal = self._input.view(position - self._longest, position + self._window)
        return best_lag(signal[::-1], self._window, self._shortest)[0]

    def position(self, sample: int) -> int:
        """Where in the output an input sample sounds; beyond what was put out, by the timing."""
        if sample <= self._map_in[-1]:
            return round(float(np.interp(sample, self._map_in, self._map_out)))
        due, here = self._timing.due(min(sample, self._length)), self._timing.due(self._map_in[-1])
        return self._map_out[-1] + (round(max(0.0, due - here)) if due is not None and here is not None else 0)


@lru_cache(maxsize=16)
def _preference(count: int) -> npt.NDArray[np.float32]:
    """Short lags win ties: twice the period is as like as the period."""
    return np.linspace(0, 0.04, count, dtype=np.float32)


def best_lag(signal: Signal, window: int, first: int) -> tuple[int, float]:
    """The lag >= `first` at which signal[lag:lag+window] is most like signal[:window], and their correlation."""
    products = np.correlate(signal[first:], signal[:window], "valid")
    squares = np.cumsum(signal * signal, dtype=np.float64)
    energy = squares[first + window - 1 :] - squares[first - 1 : len(signal) - window]
    likeness = products / np.sqrt((energy + 1e-7) * (squares[window - 1] + 1e-7))
    best = int((likeness - np.abs(likeness) * _preference(len(likeness))).argmax())
    return first + best, float(likeness[best])
