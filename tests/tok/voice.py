"""A voice that speaks Toki Pona, with random weights."""

from __future__ import annotations

from pathlib import Path

from speechd_neural.text.token import PUNCTUATION, SPACE
from tests.tok.language import ALPHABET
from tests.toy_bundle import write_toy_voice

SYMBOLS = ("_", SPACE, *PUNCTUATION, *ALPHABET)


def write_voice(path: Path) -> Path:
    return write_toy_voice(path, seed=4, level=1.0, symbols=SYMBOLS, languages=("tok",))
