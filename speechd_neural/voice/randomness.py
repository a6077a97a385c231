"""The runtime's counter-based random numbers, in numpy: the same numbers as native/random.h.

Each number depends on seed, stream and index alone, never on how many were drawn before.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DROPOUT_STREAM, SAMPLE_STREAM = 1, 2
_STEP = np.uint64(0x9E3779B97F4A7C15)

Words = npt.NDArray[np.uint64]


def _mix(z: Words) -> Words:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def bits_at(seed: int, stream: int, indices: npt.NDArray[np.integer]) -> Words:
    """64 random bits for each of the indices."""
    start = np.array([seed % 2**64], np.uint64)
    key = _mix(_mix(start + _STEP) ^ (np.array([stream], np.uint64) * _STEP))
    return _mix(key + (indices.astype(np.uint64) + np.uint64(1)) * _STEP)


def random_bits(seed: int, stream: int, first: int, count: int) -> Words:
    """64 random bits for each of the indices first … first + count - 1."""
    return bits_at(seed, stream, np.arange(first, first + count, dtype=np.uint64))


def uniforms_at(seed: int, stream: int, indices: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
    """In (0, 1), on a grid of 2^-24, one for each index."""
    return ((bits_at(seed, stream, indices) >> np.uint64(41)).astype(np.float32) + np.float32(0.5)) * np.float32(2**-23)


def uniforms(seed: int, stream: int, first: int, count: int) -> npt.NDArray[np.float32]:
    """Those of the indices first … first + count - 1."""
    return uniforms_at(seed, stream, np.arange(first, first + count, dtype=np.uint64))


def dropout_masks(seed: int, steps: int, width: int, first: int = 0) -> npt.NDArray[np.float32]:
    """The prenet's masks [steps, 2, width] from step `first` on, 0 or 2 each."""
    bits = random_bits(seed, DROPOUT_STREAM, first * 2 * width, steps * 2 * width)
    return np.where(bits >> np.uint64(63), np.float32(2), np.float32(0)).reshape(steps, 2, width)
