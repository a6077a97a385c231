from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speechd_neural.audio.pace import UnevenTiming, kind_of, mel_bands

from .conftest import RATE, Spoken, speak

SOURCE = speak("tasotasotaso,otatosasotas.")


def timing(source: Spoken, speed: float, size: int, spans: bool = True) -> UnevenTiming:
    made = UnevenTiming(RATE, speed, source.symbols if spans else ())
    for chunk in source.chunks(size):
        if spans:
            made.ended(span.end for span in chunk.spans)
        made.push(chunk.samples)
    made.flush()
    return made


def curve(made: UnevenTiming, length: int) -> list[float]:
    return [made.due(position) or 0.0 for position in range(0, length, 160)]


WHOLE = curve(timing(SOURCE, 3, 1 << 20), len(SOURCE.samples))


def test_phones_and_pauses_are_told_apart() -> None:
    kinds = {kind: [] for kind in ("pause", "vowel", "sonorant", "obstruent")}
    for symbol in (" ", ",", ".", "?", "!", "aa0", "iy1", "ax", "l", "ng", "t", "sh", "hh"):
        kinds[kind_of(symbol)].append(symbol)
    assert kinds["pause"] == [" ", ",", ".", "?", "!"] and kinds["vowel"] == ["aa0", "iy1", "ax"]
    assert kinds["sonorant"] == ["l", "ng"] and kinds["obstruent"] == ["t", "sh", "hh"]


@pytest.mark.parametrize("speed", [0.5, 1.5, 3.0, 5.0])
@pytest.mark.parametrize("spans", [True, False])
def test_time_only_goes_forward_and_the_whole_keeps_its_speed(speed: float, spans: bool) -> None:
    length = SOURCE.spans[-1].start  # the silence at the end is never given to it
    due = curve(timing(SOURCE, speed, 1600, spans), length)
    assert all(a < b for a, b in itertools.pairwise(due))
    assert due[-1] == pytest.approx(length / speed, rel=0.02, abs=0.025 * RATE)
    steps = np.diff(due) / 160
    assert steps.max() <= 1.0001 if speed > 1 else steps.min() >= 0.9999


@settings(max_examples=8, deadline=None)
@given(st.integers(30, 20_000))
def test_it_does_not_matter_how_the_sound_arrives(size: int) -> None:
    length = len(SOURCE.samples)
    assert curve(timing(SOURCE, 3, size), length) == WHOLE




def test_letters_are_compressed_evenly() -> None:
    letter = speak("sa.")
    due = np.array(curve(timing(letter, 2.5, 1600), len(letter.samples)))
    assert np.abs(due - np.arange(0, len(letter.samples), 160) / 2.5).max() < 2


def test_no_promise_is_made_before_the_sound_is_known() -> None:
    made = UnevenTiming(RATE, 3)
    assert made.due(0) is None
    made.push(SOURCE.samples[:1600])
    assert made.due(1600 - 480) is not None and made.due(1600) is None


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 48000])
def test_every_band_has_weights(rate: int) -> None:
    bands = mel_bands(rate, round(0.016 * rate), 18)
    assert bands.shape == (round(0.016 * rate) // 2 + 1, 18)
    assert bands.sum(axis=0) == pytest.approx(np.ones(18), abs=1e-5)
