"""Volume in decibels, a limiter that never clips, and the level of speech.

Volume follows Speech Dispatcher's scale (`types.volume_db`).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from speechd_neural.audio.buffer import Growing, Signal
from speechd_neural.types import volume_db

CEILING = 10 ** (-1.2 / 20)  # -1 dB of true peak, and a little for what four-fold oversampling misses
BLOCK = 0.001  # seconds


def volume_gain(volume: float, extra_db: float = 0.0) -> float:
    """The factor for a volume on Speech Dispatcher's scale, with what the text asks for on top."""
    return float(10 ** ((volume_db(volume) + min(12.0, extra_db)) / 20))


def active_level(samples: Signal, sample_rate: int) -> float:
    """Level of speech in dB of full scale: mean power of the 10 ms frames within 35 dB of the loudest."""
    frame = max(1, sample_rate // 100)
    count = len(samples) // frame
    if count == 0:
        power = np.mean(np.square(samples, dtype=np.float64)) if len(samples) else 0.0
        return 10 * math.log10(max(1e-12, float(power)))
    powers = np.mean(np.square(samples[: count * frame].reshape(count, frame), dtype=np.float64), axis=1)
    top = float(np.max(powers))
    return 10 * math.log10(max(1e-12, float(powers[powers >= top * 10**-3.5].mean())))


def _interpolator(taps: int = 12, phases: int = 4) -> Signal:
    """Windowed-sinc filters [taps, phases-1] for the points between samples (ITU-R BS.1770-4, annex 2)."""
    position = np.arange(taps)[:, None] - (taps / 2 - 1) - np.arange(1, phases)[None] / phases
    window = 0.5 + 0.5 * np.cos(2 * np.pi * position / taps)
    return (np.sinc(position) * window).astype(np.float32)


_BETWEEN = _interpolator()


def true_peak(samples: Signal) -> float:
    """Highest value of the signal, also between its samples (four-fold oversampling)."""
    if not len(samples):
        return 0.0
    taps = len(_BETWEEN)
    padded = np.concatenate([np.zeros(taps, np.float32), samples.astype(np.float32), np.zeros(taps, np.float32)])
    return float(max(np.max(np.abs(samples)), np.max(_between(padded))))


def _between(signal: Signal) -> Signal:
    """The highest value between the samples in the middle of each window of the filter's length."""
    highest = np.zeros(len(signal) - len(_BETWEEN) + 1, np.float32)
    for phase in _BETWEEN.T:
        # Term by term: a product of matrices rounds as their sizes please, and the output must not depend on those.
        value = np.zeros(len(highest), np.float32)
        for tap, weight in enumerate(phase):
            value += weight * signal[tap : tap + len(value)]
        np.maximum(highest, np.abs(value), out=highest)
    return highest


class Limiter:
    """Gain, then peaks gently turned down to the ceiling 2 ms ahead of them; quieter speech passes unchanged.

    Works on a fixed grid of 1 ms blocks: each has the gain its own true peak and its
    neighbours' need, and the gain moves in straight lines between block borders. What
    comes out therefore does not depend on the pieces in which the signal comes in.
    """

    def __init__(self, sample_rate: int, gain: float) -> None:
        self._block = max(16, round(BLOCK * sample_rate))
        self._gain = np.float32(gain)
        self._signal = Growing()
        self._needed: list[float] = []  # per block that is judged
        self._done = 0  # blocks given out
        self._border = 1.0  # gain at the border before block `_done`
        # Releases within about 60 ms: slow enough not to distort, quick enough not to be heard.
        self._release = 1 - math.exp(-BLOCK / 0.02)

    def push(self, samples: Signal) -> npt.NDArray[np.int16]:
        self._signal.append(samples * self._gain)
        self._judge(self._signal.size // self._block - 1)
        return self._emit(len(self._needed) - 2)

    def flush(self) -> npt.NDArray[np.int16]:
        left = self._signal.size - self._done * self._block
        blocks = self._done - (-left // self._block)
        self._signal.append(np.zeros((blocks + 4) * self._block - self._signal.size, np.float32))
        self._judge(blocks + 2)
        return self._emit(blocks)[:left]

    def _judge(self, blocks: int) -> None:
        """Extend `_needed`, the gain each block can bear, up to `blocks`; the block after the last is there too."""
        size, first = self._block, len(self._needed)
        if blocks <= first:
            return
        peaks = np.abs(self._signal.view(first * size, blocks * size)).reshape(-1, size).max(axis=1).astype(np.float64)
        loud = peaks > 0.6 * CEILING
        if loud.any():
            taps = len(_BETWEEN)
            start = max(0, first * size - taps)
            region = self._signal.view(start, blocks * size + taps)
            region = np.concatenate([np.zeros(taps - (first * size - start), np.float32), region])
            # Windows that begin up to a filter's length before the block reach into it.
            spans = np.lib.stride_tricks.sliding_window_view(_between(region), size + taps)[::size][: blocks - first]
            peaks[loud] = np.maximum(peaks, spans.max(axis=1))[loud]
        self._needed += np.minimum(1.0, CEILING / np.maximum(peaks, 1e-9)).tolist()

    def _emit(self, until: int) -> npt.NDArray[np.int16]:
        size, count = self._block, until - self._done
        if count <= 0:
            return np.zeros(0, np.int16)
        needed = self._needed[self._done : until + 2]
        out: npt.NDArray[np.float64] | Signal = self._signal.view(self._done * size, until * size)
        if self._done == 0:
            self._border = needed[0]
        if self._border < 1.0 or min(needed) < 1.0:
            borders = [self._border]
            for i in range(count):
                risen = borders[-1] + (1.0 - borders[-1]) * self._release
                borders.append(min(risen if risen < 0.9999 else 1.0, *needed[i : i + 3]))
            self._border = borders[-1]
            steps = np.arange(count * size) / size
            out = out * np.interp(steps, np.arange(count + 1), borders)
        self._done = until
        return np.rint(np.clip(out, -CEILING, CEILING) * 32767).astype(np.int16)
