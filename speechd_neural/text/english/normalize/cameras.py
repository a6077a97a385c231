"""What stands beside a photograph: f/1.8, 1/250 s."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import amount, cardinal, ordinal
from speechd_neural.text.english.normalize.rules import Place, Reading, read

_APERTURE = re.compile(r"[fƒ]/\s?([0-9]{1,2}(?:\.[0-9])?)(?:\s?[-–]\s?(?:[fƒ]/)?([0-9]{1,2}(?:\.[0-9])?))?(?![\w/.])")
_EXPOSURE = re.compile(r"1/([1-9][0-9]{1,3})\s?(?:s|secs?)(?![\w'’])")


def aperture(place: Place) -> Reading:
    """f/1.8, f/3.5-5.6."""
    found = _APERTURE.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1] in "/.-_~"):
        return None
    to = f" to {amount(found[2])}" if found[2] else ""
    return read(f"f {amount(found[1])}{to}", place, found.end(), "number")


def exposure(place: Place) -> Reading:
    """1/250s."""
    found = _EXPOSURE.match(place.text, place.start)
    if not found:
        return None
    part = int(found[1])
    words = f"one {ordinal(part).removeprefix('one ')} of a second" if part % 10 != 2 else f"one over {cardinal(part)} seconds"
    return read(words, place, found.end(), "measure")
