"""The same sound at another sample rate."""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Samples16


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
