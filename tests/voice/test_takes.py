"""A phrase that is understood better with another seed is spoken with that seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toy_voice import write_toy_voice

from speechd_neural.errors import VoiceError
from speechd_neural.types import Segment
from speechd_neural.voice.bundle import MANIFEST, describe, load, save, take_key
from speechd_neural.voice.engine import load_engine

HELLO = Segment(symbols=("hh", "ax", "l", "ow1", " ", "w", "er1", "l", "d", "."), text="hello world")
OTHER = Segment(symbols=("w", "er1", "l", "d", "."), text="world")


def sound(path: Path, segment: Segment, seed: int) -> bytes:
    chunks = load_engine(path).synthesize(segment, seed=seed, cancelled=lambda: False)
    return np.concatenate([chunk.samples for chunk in chunks]).tobytes()


def test_a_take_replaces_the_seed_of_its_phrase_alone_and_makes_it_another_voice(tmp_path: Path) -> None:
    plain = write_toy_voice(tmp_path / "plain")
    chosen = write_toy_voice(tmp_path / "chosen")
    assert take_key(HELLO.symbols) == "hh ax l ow1 · w er1 l d ."
    with (chosen / MANIFEST).open("a") as file:
        file.write(f'takes:\n  "{take_key(HELLO.symbols)}": 7\n')
    assert sound(plain, HELLO, 7) == sound(chosen, HELLO, 1) == sound(chosen, HELLO, 2) != sound(plain, HELLO, 1)
    assert sound(plain, OTHER, 1) == sound(chosen, OTHER, 1)
    assert load(plain).identifier != load(chosen).identifier  # what the cache holds of the other is not taken for it
    bundle = load(chosen)
    save(tmp_path / "copy", bundle.manifest, bundle.arrays)
    assert describe(tmp_path / "copy").manifest.takes == {take_key(HELLO.symbols): 7}


@pytest.mark.parametrize("takes", ['{"s iy1 .": -1}', '{"s iy1 .": "a"}', '{"s iy1 .": true}', "{3: 3}", "[1]"])
def test_takes_that_are_none_are_refused(tmp_path: Path, takes: str) -> None:
    path = write_toy_voice(tmp_path / "voice")
    with (path / MANIFEST).open("a") as file:
        file.write(f"takes: {takes}\n")
    with pytest.raises(VoiceError, match="takes"):
        load(path)
