"""Leading silence: the closure of a first stop is part of it, soft fricatives are not, and pieces do not matter."""

from __future__ import annotations

import numpy as np
import pytest

from speechd_neural.audio.trim import LEAD, Trim

RATE = 16000


def noise(seconds: float, decibels: float, seed: int) -> np.ndarray:
    samples = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return (samples * 10 ** (decibels / 20)).astype(np.float32)


def trimmed(sound: np.ndarray, piece: int) -> tuple[np.ndarray, int | None]:
    trim = Trim(RATE)
    parts = [trim.push(sound[at : at + piece]) for at in range(0, len(sound), piece)]
    return np.concatenate([*parts, trim.flush()]), trim.offset


@pytest.mark.parametrize("piece", [1, 97, 160, 4000])
def test_what_breathes_in_a_closure_is_cut_but_counts_as_sound_between_sounds(piece: int) -> None:
    breath, burst = noise(0.06, -50, 1), noise(0.1, -25, 2)
    sound = np.concatenate([breath, burst, breath, breath, burst])
    out, offset = trimmed(sound, piece)
    assert offset == len(breath) - round(LEAD * RATE)
    whole, _ = trimmed(sound, len(sound))
    assert np.array_equal(out, whole)
    inside = slice(len(burst) + round(LEAD * RATE), len(burst) + round(LEAD * RATE) + 2 * len(breath))
    assert np.array_equal(out[inside], np.concatenate([breath, breath]))


def test_a_soft_fricative_is_heard_from_its_beginning() -> None:
    hiss = noise(0.08, -44, 3)
    _, offset = trimmed(np.concatenate([np.zeros(800, np.float32), hiss, noise(0.1, -20, 4)]), 160)
    assert offset == 800 - round(LEAD * RATE)
