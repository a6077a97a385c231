"""Silence around a text is not made; sounds, however soft, are."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from speechd_neural.core.engine import SpeechChunk
from speechd_neural.paths import packaged_voices
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.silence import Silence
from speechd_neural.voice.store import DEFAULT, SMALL

FAINT = 10 ** (-52 / 20)  # rms


def silence() -> Silence:
    """Of frames [n, 1] that are their own level, 10 ms each."""
    return Silence(lambda frames: frames, lambda features: features[:, 0].astype(np.float64), 0.01)


def frames(*levels: float) -> np.ndarray:
    return np.array(levels, np.float32)[:, None]


def test_what_comes_before_the_first_sound_is_left_out_but_for_a_frame() -> None:
    assert silence().lead(frames(-80, -80, -80, -80, -50, -20), 6) == 3
    assert silence().lead(frames(-53, -50, -40, -20), 4) == 0  # an "f"


def test_no_more_is_left_out_than_the_first_symbol_has() -> None:
    assert silence().lead(frames(-80, -80, -80, -80, -50, -20), 2) == 2
    assert silence().lead(frames(-80, -80, -80), 3) == 0  # nothing but silence: whoever wanted that gets it


def test_a_text_is_over_sooner_where_its_last_symbol_was_reached() -> None:
    assert silence().over(frames(-20, *[-80] * 6), last=True)
    assert not silence().over(frames(*[-80] * 5), last=True)
    assert not silence().over(frames(-20, *[-80] * 13), last=False)  # the closure of a "t"
    assert silence().over(frames(*[-80] * 14), last=False)
    assert not silence().over(frames(*[-80] * 13, -50), last=False)


@pytest.mark.parametrize("voice", [SMALL, DEFAULT])
def test_sound_comes_at_once_and_nothing_waits_behind_it(voice: str) -> None:
    engine, front_end = load_engine(Path(packaged_voices() / voice)), FrontEnd(English())
    hop = engine.info.sample_rate // 100
    for text in ("Battery", "Thing", "Print", "Favourites", "There are three unread messages.", "Is that all?"):
        (segment,) = front_end.segments(text)
        chunks: list[SpeechChunk] = list(engine.synthesize(segment, seed=1, cancelled=lambda: False))
        samples = np.concatenate([chunk.samples for chunk in chunks])
        loud = np.flatnonzero(np.sqrt((samples.reshape(-1, hop) ** 2).mean(axis=1)) > FAINT)
        assert loud[0] <= (7 if segment.symbols[0] == "p" else 4), text
        assert len(samples) // hop - loud[-1] <= 20, text
        spans = [span for chunk in chunks for span in chunk.spans]
        assert spans[0].start == 0 and spans[-1].end == len(samples)
        assert all(one.end == other.start for one, other in pairwise(spans))
