"""Sides of which one is a fraction: 4x8x3/4", 8½×11, 1/2 x 3/4 inch; and 24ct, which are pieces or karats."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.counts import GLYPHS
from speechd_neural.text.english.normalize.feet import in_quotes
from speechd_neural.text.english.normalize.numbers import amount, cardinal, fraction
from speechd_neural.text.english.normalize.rules import Place, Reading, read
from speechd_neural.text.english.normalize.units import JEWEL_AFTER, JEWEL_BEFORE, sized, unit_after

_GLYPHS = "".join(GLYPHS)
_SIDE = (
    rf"(?:[0-9]{{1,4}}(?:[ -][1-9][0-9]?/[1-9][0-9]?|[ ]?[{_GLYPHS}])|[1-9][0-9]?/[1-9][0-9]?|[{_GLYPHS}]"
    r"|[0-9]{1,5}(?:\.[0-9]{1,3})?)"
)
_BY = r"\s?[x×]\s?"
_SIDES = re.compile(
    rf"({_SIDE})(['’′\"”″]?){_BY}({_SIDE})(['’′\"”″]?)(?:{_BY}({_SIDE})(['’′\"”″]?))?(?![\w/{_GLYPHS}]|[.,][0-9])"
    rf"|({_SIDE}){_BY}({_SIDE})(?:{_BY}({_SIDE}))?(?=in(?!\w)|mm|cm)"
)
_FRACTION = re.compile(r"(?:([0-9]{1,4})[ -])?([0-9]{1,2})/([0-9]{1,2})")
_OIL = re.compile(r"(0|5|10|15|20|25)W-?(16|20|30|40|50|60)(?!\w)")
_PORTIONS = re.compile(r"\s[a-z]")
_COUNTED = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,2})?)\s?-?ct\.?(?![\w'’])")


def _side(text: str) -> str:
    found = _FRACTION.fullmatch(text)
    if found:
        top, bottom = int(found[2]), int(found[3])
        words = f"{cardinal(int(found[1]))} and " if found[1] else ""
        return words + ("a half" if words and (top, bottom) == (1, 2) else fraction(top, bottom))
    if text[-1] in GLYPHS:
        whole = text[:-1].strip()
        words = "a half" if whole and text[-1] == "½" else fraction(*GLYPHS[text[-1]])
        return f"{cardinal(int(whole))} and {words}" if whole else words
    return amount(text)


def fractional(place: Place) -> Reading:
    """4x8x3/4", 8½×11, 1/2 x 3/4 inch."""
    text, start, _ = place
    found = _SIDES.match(text, start)
    marked = found is not None and found[5] is not None and found[6] != ""  # 2x4x8'
    if not found or not (marked or "/" in found[0] or any(glyph in found[0] for glyph in _GLYPHS)):
        return None
    sides = [side for side in found.group(1, 3, 5, 7, 8, 9) if side]
    marks = [mark for mark in found.group(2, 4, 6) if mark]
    end = found.end()
    unit = unit_after(text, end, False)
    if not marks and not unit and len(sides) == 2 and " " in found[0] and _PORTIONS.match(text, end):
        return None  # 2 x 3/4 cup
    if unit and unit[0].startswith(("table", "tea", "gram", "milli")) and "meter" not in unit[0]:
        return None
    words = " by ".join(_side(side) for side in sides)
    if marks and len(set(marks)) == 1 and not in_quotes(text, start):
        one = sized(text, end, place.before)
        name = ("foot" if one else "feet") if marks[0] in "'’′" else "inch" if one else "inches"
        return read(f"{words} {name}", place, end, "measure")
    if unit:
        unit = unit_after(text, end, True) if sized(text, unit[1], place.before) else unit
    return read(f"{words} {unit[0]}", place, unit[1], "measure") if unit else read(words, place, end, "number")


def oil(place: Place) -> Reading:
    """10W-40, as oil for engines is told apart."""
    found = _OIL.match(place.text, place.start)
    return read(f"{cardinal(int(found[1]))} W {cardinal(int(found[2]))}", place, found.end(), "code") if found else None


def count(place: Place) -> Reading:
    """24ct pack: pieces; 18ct gold: karats."""
    text, start, _ = place
    found = _COUNTED.match(text, start)
    if not found or (start and text[start - 1].isalnum()):
        return None
    jewel = JEWEL_AFTER.match(text, found.end()) or JEWEL_BEFORE.search(text, max(0, start - 32), start)
    end = found.end() - (found[0][-1] == "." and not text[found.end() : found.end() + 2].strip()[:1].islower())
    return read(f"{amount(found[1])} {'karat' if jewel or '.' in found[1] else 'count'}", place, end, "measure")


__all__ = ["count", "fractional", "oil"]
