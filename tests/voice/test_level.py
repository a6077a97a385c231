"""A letter is as loud as a sentence."""

from pathlib import Path

import numpy as np
import pytest

from speechd_neural.audio.loudness import active_level
from speechd_neural.paths import packaged_voices
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Kind, Settings
from speechd_neural.voice.contract import MelContract, mel_spectrogram
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.level import MOST_DB, TARGET_DB, Level
from speechd_neural.voice.store import DEFAULT, SMALL

TEXTS = [(Kind.CHAR, c) for c in "aeimosxw07"] + [
    (Kind.TEXT, "Cancel."),
    (Kind.TEXT, "Open the file."),
    (
        Kind.TEXT,
        "The house stood on a hill above the town, and its windows looked down the whole length of the valley.",
    ),
]


@pytest.mark.parametrize(("voice", "decibels"), [(SMALL, 2.0), (DEFAULT, 3.0)])
def test_one_letter_to_a_sentence(voice: str, decibels: float) -> None:
    engine, front_end = load_engine(Path(packaged_voices() / voice)), FrontEnd(English())
    levels = []
    for kind, text in TEXTS:
        segments = [s for s in front_end.segments(text, kind, Settings()) if s.symbols]
        chunks = [c.samples for s in segments for c in engine.synthesize(s, seed=0, cancelled=lambda: False)]
        levels.append(active_level(np.concatenate(chunks), engine.info.sample_rate))
    assert max(levels) - min(levels) < decibels, levels


@pytest.mark.parametrize("decibels", [-40.0, -25.0, -21.0])
def test_the_level_is_read_from_the_mel(decibels: float) -> None:
    contract = MelContract()
    noise = np.random.default_rng(0).standard_normal(16000).astype(np.float32) * np.float32(10 ** (decibels / 20))
    features = mel_spectrogram(noise, contract)
    assert abs(Level(contract).decibels(features) - decibels) < 1.0
    gain = 20 * np.log10(Level(contract).gain(features))
    assert abs(gain - min(MOST_DB, TARGET_DB - decibels)) < 1.0
