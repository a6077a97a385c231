"""Temperatures without their degree sign: 10-15F, an oven at 350F."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import cardinal
from speechd_neural.text.english.normalize.rules import SIGNS, Place, Reading, read

_RANGE = re.compile(r"([-−]?)([0-9]{1,3})\s?[-–]\s?([0-9]{1,3})\s?([FC])(?![\w'’-])")
_SINGLE = re.compile(r"([-−]?)([1-9][0-9]{1,2})()([FC])(?![\w'’-])")
_HEATED = re.compile(
    r"\b(?:pre-?heat(?:ed)?|heat(?:ed)?|oven|bak(?:e|ed|ing)|roast(?:ed)?|temperatures?|temps?|degrees|chill(?:ed)?|cool(?:ed)?|warm(?:ed)?"
    r"|highs?|lows?|fever|reach(?:es|ed)?|thermostat|freez(?:er|ing)|boil(?:s|ing)?|simmer|grill(?:ed)?|fridge|weather)\b[^.\n0-9]{0,24}\Z",
    re.IGNORECASE,
)
_NAMES = {"F": "degrees Fahrenheit", "C": "degrees Celsius"}


def bare_degrees(place: Place) -> Reading:
    """60-75F; bake at 350F: behind a word for heat, else the letter may be a seat or a door."""
    text, start, _ = place
    found = _RANGE.match(text, start) or _SINGLE.match(text, start)
    if not found or not _HEATED.search(text, max(0, start - 40), start):
        return None
    sign, first, last, scale = found.groups()
    if last and int(first) >= int(last):
        return None
    words = f"{cardinal(int(first))} to {cardinal(int(last))}" if last else cardinal(int(first))
    words = f"{words} {_NAMES[scale]}"
    return read(f"{SIGNS[sign]} {words}" if sign else words, place, found.end(), "measure")
