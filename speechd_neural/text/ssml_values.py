"""What the attributes of SSML's prosody, emphasis and break elements mean: factors, decibels and seconds."""

from __future__ import annotations

import math
from collections.abc import Mapping

from speechd_neural import expressions as re
from speechd_neural.types import Prosody

MAX_BREAK = 10.0
BASE_PITCH = 110.0  # Hz; what an absolute pitch is measured against
LIMITS = {"speed": (0.3, 4.0), "pitch": (0.5, 2.0), "volume_db": (-60.0, 12.0)}
_NUMBER = re.compile(r"\s*([+-]?)(\d+(?:\.\d*)?|\.\d+)\s*(%|st|hz|db|ms|s)?\s*", re.IGNORECASE)

_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.4, "x-fast": 2.0}
_PITCHES = {"x-low": 0.75, "low": 0.87, "medium": 1.0, "default": 1.0, "high": 1.15, "x-high": 1.35}
_VOLUMES = {"silent": -60.0, "x-soft": -12.0, "soft": -6.0, "medium": 0.0, "default": 0.0, "loud": 4.0, "x-loud": 8.0}
_STRENGTHS = {"none": 0.0, "x-weak": 0.05, "weak": 0.15, "medium": 0.3, "strong": 0.6, "x-strong": 1.0}
_EMPHASIS = {
    "strong": Prosody(0.88, 1.12, 2.5),
    "moderate": Prosody(0.94, 1.06, 1.5),
    "reduced": Prosody(1.06, 0.95, -2.5),
    "none": Prosody(),
}


def _amount(value: str) -> tuple[str, float, str] | None:
    match = _NUMBER.fullmatch(value[:40])
    return (match[1], float(match[2]), (match[3] or "").lower()) if match else None


def _clamp(name: str, value: float) -> float:
    low, high = LIMITS[name]
    return min(max(value, low), high)


def _speed(value: str) -> float:
    amount = _amount(value)
    if amount is None:
        return _RATES.get(value.strip().lower(), 1.0)
    sign, number, unit = amount
    if unit not in ("", "%"):
        return 1.0
    number = number / 100 if unit else number
    if sign:
        return 1 + math.copysign(number, -1 if sign == "-" else 1)
    return number


def _pitch(value: str) -> float:
    amount = _amount(value)
    if amount is None:
        return _PITCHES.get(value.strip().lower(), 1.0)
    sign, number, unit = amount
    signed = -number if sign == "-" else number
    if unit == "st":
        return float(2 ** (min(max(signed, -24), 24) / 12))
    if unit == "hz":
        return 1 + signed / BASE_PITCH if sign else number / BASE_PITCH
    if unit == "%":
        return 1 + signed / 100
    return 1.0


def _decibels(value: str) -> float:
    amount = _amount(value)
    if amount is None:
        return _VOLUMES.get(value.strip().lower(), 0.0)
    sign, number, unit = amount
    signed = -number if sign == "-" else number
    if unit == "db":
        return signed
    if unit not in ("", "%"):
        return 0.0
    factor = 1 + signed / 100 if sign else number / 100
    return 20 * math.log10(factor) if factor > 0 else LIMITS["volume_db"][0]


def prosody(attributes: Mapping[str, str]) -> Prosody:
    """What a prosody element asks for, within LIMITS."""
    return Prosody(
        _clamp("speed", _speed(attributes.get("rate", "medium"))),
        _clamp("pitch", _pitch(attributes.get("pitch", "medium"))),
        _clamp("volume_db", _decibels(attributes.get("volume", "medium"))),
    )


def emphasis(attributes: Mapping[str, str]) -> Prosody:
    return _EMPHASIS.get(attributes.get("level", "moderate").strip().lower(), _EMPHASIS["moderate"])


def combined(old: Prosody, new: Prosody) -> Prosody:
    """One inside the other, within LIMITS."""
    return Prosody(
        _clamp("speed", old.speed * new.speed),
        _clamp("pitch", old.pitch * new.pitch),
        _clamp("volume_db", old.volume_db + new.volume_db),
    )


def break_seconds(attributes: Mapping[str, str]) -> float:
    """Length of a break element in seconds: its time ("500ms", "1.5s"), else its strength, else a medium one."""
    amount = _amount(attributes.get("time", ""))
    if amount is not None and amount[2] in ("s", "ms", ""):
        # A bare number is not allowed; those who write one mean milliseconds.
        seconds = amount[1] if amount[2] == "s" else amount[1] / 1000
        return 0.0 if amount[0] == "-" else min(seconds, MAX_BREAK)
    return _STRENGTHS.get(attributes.get("strength", "medium").strip().lower(), _STRENGTHS["medium"])
