from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speechd_neural.audio.pace import LONG, UnevenTiming, timing_for
from speechd_neural.audio.timescale import EvenTiming, Timing

from .conftest import RATE, Spoken, speak

SOURCE = speak("tasotasotaso,otatosasotas.")
WPM = 194.0


def timing(source: Spoken, speed: float, size: int, spans: bool = True) -> Timing:
    made = timing_for(RATE, speed, source.symbols, WPM)
    for chunk in source.chunks(size):
        if spans and isinstance(made, UnevenTiming):
            made.ended(span.end for span in chunk.spans)
        made.push(chunk.samples)
    made.flush()
    return made


def curve(made: Timing, length: int) -> list[float]:
    return [made.due(position) or 0.0 for position in range(0, length, 160)]


WHOLE = curve(timing(SOURCE, 3, 1 << 20), len(SOURCE.samples))


@pytest.mark.parametrize("speed", [1.1, 1.5, 3.0, 5.0])
@pytest.mark.parametrize("spans", [True, False])
def test_time_only_goes_forward_and_the_whole_keeps_its_speed(speed: float, spans: bool) -> None:
    length = len(SOURCE.samples)
    due = curve(timing(SOURCE, speed, 1600, spans), length)
    assert all(a < b for a, b in itertools.pairwise(due))
    assert due[-1] == pytest.approx(length / speed, rel=0.02, abs=0.04 * RATE)  # it ends in a long pause
    assert np.diff(due).max() <= 160 * 1.0001


@settings(max_examples=20, deadline=None)
@given(st.integers(30, 20_000))
def test_it_does_not_matter_how_the_sound_arrives(size: int) -> None:
    assert curve(timing(SOURCE, 3, size), len(SOURCE.samples)) == WHOLE


def test_short_sounds_keep_more_of_their_time_than_long_ones() -> None:
    made = timing(SOURCE, 3, 1600)
    spans = SOURCE.spans[2:-1]
    shares = {s.end - s.start: ((made.due(s.end) or 0) - (made.due(s.start) or 0)) / (s.end - s.start) for s in spans}
    lengths = sorted(shares)
    assert len(lengths) == 4 and shares[lengths[0]] > 1.2 / 3 and shares[lengths[-1]] < 0.9 / 3


def test_letters_and_slow_speech_are_scaled_evenly() -> None:
    for symbols, speed in ((("s", "iy1", "."), 3.0), (SOURCE.symbols, 0.8), (("s", "iy1", "."), 0.5), ((), 3.0)):
        assert isinstance(timing_for(RATE, speed, symbols, WPM), EvenTiming)
    assert isinstance(timing_for(RATE, 1.5, SOURCE.symbols, WPM), UnevenTiming)


def test_no_promise_is_made_before_the_sound_is_known_but_for_its_beginning() -> None:
    made = UnevenTiming(RATE, 3, 0.5, 0.1)
    begin, long = round(0.06 * RATE), round(LONG * RATE)
    assert made.due(begin) == pytest.approx(begin / 3) and made.due(begin + 1) is None
    made.push(np.zeros(begin + 1, np.float32))
    assert made.due(begin + 1) is None
    made.ended([2 * begin])
    assert made.due(2 * begin) is not None and made.due(2 * begin + 1) is None
    made.push(np.zeros(long + begin, np.float32))
    assert made.due(2 * begin + long) is not None  # as long as any sound: not waited for longer


@pytest.mark.parametrize("lead", [10, 3199, 3200, 3201, 6400])
def test_the_length_of_one_sound_does_not_count_for_the_next(lead: int) -> None:
    first, second = (UnevenTiming(RATE, 3, 0.5, 0.1) for _ in range(2))
    first.ended([960 + lead, 960 + lead + 640])
    second.ended([960 + lead, 960 + lead])  # a word space lasts no time
    second.ended([960 + lead + 640])
    assert first.due(960 + lead + 640) == second.due(960 + lead + 640)
    start, end = first.due(960 + lead), first.due(960 + lead + 640)
    assert start is not None and end is not None and (end - start) / 640 > 0.9 / 3
