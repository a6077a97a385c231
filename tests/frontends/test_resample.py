import math

import numpy as np
import pytest

from speechd_neural.frontends.resample import FixedRate
from speechd_neural.types import Audio


def sine(rate: int, hertz: float, seconds: float) -> np.ndarray:
    return np.rint(10000 * np.sin(2 * math.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype("<i2")


@pytest.mark.parametrize(("source", "target"), [(22050, 16000), (16000, 22050), (16000, 48000), (24000, 16000)])
def test_a_tone_stays_a_tone(source: int, target: int) -> None:
    tone = sine(source, 440, 0.5)
    rate = FixedRate(target)
    pieces = [rate.convert(Audio(piece.tobytes(), source)) for piece in np.array_split(tone, 13)]
    out = np.frombuffer(b"".join(pieces) + rate.end(), "<i2").astype(float)
    assert len(out) == pytest.approx(0.5 * target, abs=1)
    error = (out - sine(target, 440, 0.6)[: len(out)])[200:-200]
    assert np.abs(error).max() < 15


def test_what_would_fold_is_taken_out() -> None:
    rate = FixedRate(16000)
    out = np.frombuffer(rate.convert(Audio(sine(48000, 10000, 0.2).tobytes(), 48000)) + rate.end(), "<i2")
    assert np.abs(out[200:-200]).max() < 100


def test_pieces_make_no_difference() -> None:
    tone = sine(22050, 1000, 0.1)
    whole, parts = FixedRate(16000), FixedRate(16000)
    at_once = whole.convert(Audio(tone.tobytes(), 22050)) + whole.end()
    singly = b"".join(parts.convert(Audio(sample.tobytes(), 22050)) for sample in tone) + parts.end()
    assert singly == at_once


def test_its_own_rate_passes_and_rates_may_alternate() -> None:
    own, other = sine(16000, 300, 0.1).tobytes(), sine(22050, 300, 0.1).tobytes()
    rate = FixedRate(16000)
    assert rate.convert(Audio(own, 16000)) == own
    sound = rate.convert(Audio(other, 22050)) + rate.convert(Audio(own, 16000)) + rate.end()
    assert sound.endswith(own)
    assert len(sound) == pytest.approx(2 * len(own), abs=4)
