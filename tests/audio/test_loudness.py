from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speechd_neural.audio.loudness import CEILING, Limiter, active_level, true_peak, volume_gain

from .conftest import RATE, speak


def test_volume_is_even_in_decibels() -> None:
    decibels = [20 * np.log10(volume_gain(volume)) for volume in range(-100, 101, 10)]
    assert decibels[-1] == 0 and decibels[0] == pytest.approx(-48)
    assert np.diff(decibels) == pytest.approx([2.4] * 20)
    assert volume_gain(100, 6) == pytest.approx(2, rel=0.01)
    assert volume_gain(100, 60) < 4.1  # a text may not deafen its reader


def test_the_level_is_that_of_the_speech_not_of_its_pauses() -> None:
    source = speak("tasotaso.").samples
    with_pauses = np.concatenate([np.zeros(RATE), source, np.zeros(2 * RATE)]).astype(np.float32)
    assert active_level(with_pauses, RATE) == pytest.approx(active_level(source, RATE), abs=0.1)
    assert active_level(source * 0.5, RATE) == pytest.approx(active_level(source, RATE) - 6, abs=0.1)
    assert active_level(np.zeros(0, np.float32), RATE) == active_level(np.zeros(5, np.float32), RATE) == -120


def test_the_true_peak_is_found_between_the_samples() -> None:
    time = np.arange(400)
    wave = 0.8 * np.sin(np.pi / 2 * time + np.pi / 4)  # all samples at 0.57, the wave at 0.8
    assert np.abs(wave).max() < 0.57
    assert true_peak(wave.astype(np.float32)) == pytest.approx(0.8, rel=0.03)
    assert true_peak(np.zeros(0, np.float32)) == 0


def test_speech_below_the_ceiling_is_not_touched() -> None:
    source = np.clip(speak("tasota.").samples, -0.5, 0.5)
    limiter = Limiter(RATE, 1.0)
    out = np.concatenate([limiter.push(source), limiter.flush()])
    assert np.array_equal(out, np.rint(source * 32767).astype(np.int16))


LOUD = np.clip(speak("tasotaso.").samples * 9, -1.5, 1.5).astype(np.float32)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=20))
def test_the_limiter_keeps_below_the_ceiling_and_minds_no_pieces(sizes: list[int]) -> None:
    whole = Limiter(RATE, 1.0)
    expected = np.concatenate([whole.push(LOUD), whole.flush()])
    limiter, start, pieces = Limiter(RATE, 1.0), 0, []
    for size in sizes:
        pieces.append(limiter.push(LOUD[start : start + size]))
        start += size
    out = np.concatenate([*pieces, limiter.push(LOUD[start:]), limiter.flush()])
    assert np.array_equal(out, expected) and len(out) == len(LOUD)
    assert true_peak(out / np.float32(32767)) <= 10 ** (-1 / 20)
    assert np.abs(out).max() <= CEILING * 32768


def test_the_limiter_turns_down_it_does_not_cut_off() -> None:
    """The wave keeps its shape: third harmonic of a loud tone at least 40 dB down (hard clipping leaves 15)."""
    time = np.arange(RATE) / RATE
    limiter = Limiter(RATE, 1.0)
    tone = (1.6 * np.sin(2 * np.pi * 500 * time)).astype(np.float32)
    out = np.concatenate([limiter.push(tone), limiter.flush()]).astype(float)
    spectrum = np.abs(np.fft.rfft(out[4000:12000] * np.hanning(8000)))
    assert 20 * np.log10(spectrum[250] / spectrum[740:761].max()) > 40
