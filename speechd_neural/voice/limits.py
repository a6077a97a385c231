"""What the numbers and texts of a manifest may be. A voice comes from strangers: each number is finite and has a range.

Within the ranges a voice can still sound like nothing at all; what it says is checked when it is spoken
(core/soundcheck.py). They keep out what would divide by zero, fill the memory or never end.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from speechd_neural.errors import VoiceError
from speechd_neural.plainyaml import shown

# Of the mel contract (contract.py), as low and high. Of n_fft and win_length more is no speech any more.
CONTRACT: dict[str, tuple[float, float]] = {
    "sample_rate": (8000, 48000),
    "n_fft": (16, 1 << 16),
    "hop_length": (8, 1 << 13),
    "win_length": (8, 1 << 16),
    "n_mels": (1, 1024),
    "f_min": (0, 24000),
    "f_max": (1, 24000),
    "power": (0.1, 10),
    "floor": (1e-30, 1),
    "mean": (-1000, 1000),
    "deviation": (1e-6, 1000),
}

# Of the two halves beside their sizes; a family's record names what it has of its own.
OPTIONS: dict[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "words_per_minute": (50, 600),  # measured; people speak 100 to 300
    "f0": (30, 1000),  # Hz
    "stretch": (0.5, 2),  # see stretch.py
}

MOST_TEXT = 10_000  # characters of a licence or a provenance
_NAME = re.compile(r"[^\W_](?:[\w .+-]{0,98}[\w.+-])?")
_TAG = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,7}")
MOST_LANGUAGES, LONGEST_SYMBOL = 100, 40


def number(value: Any, low: float, high: float, where: str) -> float:
    """The value, which is a finite number of `low` to `high`. Raises VoiceError that names `where`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise VoiceError(f"{where}: {shown(value)}; expected a number of {low:g} to {high:g}")
    if not (math.isfinite(value) if isinstance(value, float) else True) or not low <= value <= high:
        raise VoiceError(f"{where}: {shown(value)}; accepted: {low:g} to {high:g}")
    return value


def check_contract(table: Mapping[str, Any], where: str) -> None:
    """Raises VoiceError that names WHERE.key and what is accepted. The types have been checked."""
    for name, (low, high) in CONTRACT.items():
        number(table[name], low, high, f"{where}.{name}")
    highest = table["sample_rate"] / 2
    if not table["f_min"] < table["f_max"] <= highest:
        raise VoiceError(f"{where}.f_max: {shown(table['f_max'])}; accepted: more than f_min ({table['f_min']:g}), at most "
                         f"{highest:g}, half the sample rate")  # fmt: skip
    if table["hop_length"] > table["n_fft"]:
        raise VoiceError(f"{where}.hop_length: {table['hop_length']}; accepted: at most n_fft, {table['n_fft']}")


def options(table: Mapping[str, Any], own: Mapping[str, tuple[float, float]], where: str) -> dict[str, float]:
    """The numbers of a half that are no sizes; own: the ranges of those that its family has.

    Raises VoiceError that names WHERE.key and what is accepted.
    """
    found, ranges = {}, {**OPTIONS, **own}
    for name, value in table.items():
        if name in ranges:
            found[name] = float(number(value, *ranges[name], f"{where}.{name}"))
        elif isinstance(value, int | float) and not isinstance(value, bool):  # of a later version of this program
            found[str(name)] = float(number(value, -1e9, 1e9, f"{where}.{shown(name)}"))
    return found


def check_texts(name: str, texts: Mapping[str, str], languages: tuple[str, ...], symbols: tuple[str, ...], where: str) -> None:
    """texts: licence and provenance. Raises VoiceError that names WHERE: key and what is accepted."""
    if not _NAME.fullmatch(name):
        raise VoiceError(f"{where}: name: {shown(name)}; accepted: up to 100 letters, digits, '.', '_', '+', '-' and blanks")
    for key, text in texts.items():
        if len(text) > MOST_TEXT:
            raise VoiceError(f"{where}: {key}: {len(text)} characters; accepted: at most {MOST_TEXT}")
    for tag in languages:
        if not _TAG.fullmatch(tag):
            raise VoiceError(f"{where}: languages: {shown(tag)}; expected language tags such as en-US")
    if len(languages) > MOST_LANGUAGES:
        raise VoiceError(f"{where}: languages: {len(languages)}; accepted: at most {MOST_LANGUAGES}")
    for symbol in symbols:
        if len(symbol) > LONGEST_SYMBOL:
            raise VoiceError(f"{where}: symbols: {shown(symbol)}; accepted: at most {LONGEST_SYMBOL} characters each")
