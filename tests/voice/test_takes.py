"""A phrase that is understood better with another seed is spoken with that seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from toy_voice import manifest, write_toy_voice

from speechd_neural.audio.cache import key_for
from speechd_neural.core.phrases import key_of, seed_of
from speechd_neural.errors import VoiceError
from speechd_neural.paths import packaged_voices
from speechd_neural.text.english.symbols import SYMBOLS
from speechd_neural.types import Segment
from speechd_neural.voice.bundle import MANIFEST, Description, describe, load, save, take_key
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.symbol_table import SymbolTable

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


def test_a_voice_with_one_stress_reads_secondary_as_primary() -> None:
    rms = describe(packaged_voices() / "rms")
    assert not rms.info.secondary_stress and len(rms.manifest.symbols) == 61
    table = SymbolTable(rms.manifest)
    marked, plain = (Segment(symbols=("ih1", "n", "s", f"ah{stress}", "l", "t", ".")) for stress in (2, 1))
    assert table.own(marked.symbols) == plain.symbols and (table.read(marked).ids == table.read(plain).ids).all()
    assert seed_of(marked) == seed_of(plain)
    engine = load_engine(packaged_voices() / "rms")
    assert key_of(engine, marked) == key_of(engine, plain) == key_for(engine.info.identifier, plain.symbols, "")
    other = SimpleNamespace(info=replace(engine.info, secondary_stress=True))
    assert key_of(other, marked) != key_of(other, plain)
    sounds = [
        b"".join(chunk.samples.tobytes() for chunk in engine.synthesize(segment, seed=seed_of(plain), cancelled=lambda: False))
        for segment in (marked, plain)
    ]
    assert sounds[0] == sounds[1] != b""


def test_a_voice_with_both_stresses_tells_them_apart(tmp_path: Path) -> None:
    voice = replace(manifest(), symbols=SYMBOLS)
    assert Description(tmp_path, voice, "both", "").info.secondary_stress
    table = SymbolTable(voice)
    assert table.own(("s", "ah2", "l", "ah1", ".")) == ("s", "ah2", "l", "ah1", ".")
    marked, plain = (Segment(symbols=("s", f"ah{stress}", "l", ".")) for stress in (2, 1))
    assert (table.read(marked).ids != table.read(plain).ids).any()


@pytest.mark.parametrize("takes", ['{"s iy1 .": -1}', '{"s iy1 .": "a"}', '{"s iy1 .": true}', "{3: 3}", "[1]"])
def test_takes_that_are_none_are_refused(tmp_path: Path, takes: str) -> None:
    path = write_toy_voice(tmp_path / "voice")
    with (path / MANIFEST).open("a") as file:
        file.write(f"takes: {takes}\n")
    with pytest.raises(VoiceError, match="takes"):
        load(path)
