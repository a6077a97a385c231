"""What prescriptions and results have: q4-6h, 300 K/µL, 20/40 vision, 5 mg po bid."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import amount, cardinal, number
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, pattern, read
from speechd_neural.text.english.normalize.spans import counted

_EVERY = re.compile(
    r"[qQ]\.?\s?([1-9][0-9]?)(?:\s?[-–]\s?([1-9][0-9]?))?\s?(hours?|hrs?|h|days?|d|weeks?|wks?|w|min|months?|mo)\.?(?!\w)"
)
_DIAGNOSIS = re.compile(r"([A-TV-Z])([0-9]{2})\.([0-9]{1,4}[A-Z]?)(?![\w/-]|\.\w)")
_PERIODS = {"h": "hour", "d": "day", "w": "week", "m": "minute"}
# Latin of prescriptions, of which some are words elsewhere: only behind a dose.
_LATIN = re.compile(r"(bid|tid|qid|po|prn|qhs|qd|qod|ac|pc|hs|iv|im|sc|BID|TID|QID|PO|PRN|QHS|QD|QOD|IM|SC)(?![\w.'’-])")
_DOSE_BEFORE = re.compile(
    r"(?:[0-9]\s?(?:mg|mcg|g|m[lL]|units?|tabs?|tablets?|caps?|capsules?|puffs?|drops?|gtts?)\.?|\b(?:po|PO|IV|IM|prn|daily)),?\s"
    r"(?:(?:po|PO|sc|SC|IM|bid|tid|qid|BID|TID|QID)\s){0,2}\Z"
)
WORDS = frozenset("bid tid qid po prn qhs qd qod ac pc hs im sc q".split())
# Blood counts: thousands or millions in a volume.
_COUNT = pattern(r"(<decimal>)(?:\s?(?:-|–|to)\s?(<decimal>))?\s?([KkM])/(?:[µμu][lL]|mm(?:3|³)|cumm)(?!\w)")
_BARE_COUNT = re.compile(r"([KM])/(?:[µμu]L|mm³)(?!\w)")
_SIGHT = re.compile(r"(20|6)/([1-9][0-9]{0,2})(?:\s?([-+−])\s?([1-4]))?(?![\w/]|[.,:-][0-9])")
_SIGHT_BEFORE = re.compile(r"\b(?:[Vv]ision|VA|[Aa]cuity|[Ee]yesight|OD|OS|OU|[Ss]nellen|cc|sc)\b[^.;\n0-9]{0,24}\Z")
_SIGHT_AFTER = re.compile(
    r"\s(?:(?:corrected|uncorrected|best|distance|near)\s)?"
    r"(?:vision|visual acuity|eyesight|acuity|O[DSU]\b|in (?:the|his|her|my|both|each) )"
)
_LINES = frozenset(
    (5, 6, 7, 9, 10, 12, 15, 16, 18, 20, 24, 25, 30, 32, 36, 40, 50, 60, 63, 70, 80, 100, 125, 160, 200, 250, 400, 800)
)


def diagnosis(place: Place) -> Reading:
    """E11.65, J45.909: what the classification of diseases calls them."""
    text, start, _ = place
    found = _DIAGNOSIS.match(text, start)
    if not found or (start and (text[start - 1].isalnum() or text[start - 1] in "./_-")):
        return None
    return read(f"{letters(found[1])} {number(found[2])} point {letters(found[3])}", place, found.end(), "identifier")


def interval(place: Place) -> Reading:
    """q4h, q4-6h; po and bid behind a dose."""
    text, start, _ = place
    if start and text[start - 1].isalnum():
        return None
    found = _EVERY.match(text, start)
    if found:
        unit = "month" if found[3].startswith("mo") else _PERIODS[found[3][0]]
        words = f"{cardinal(int(found[1]))} to {counted(int(found[2]), unit)}" if found[2] else counted(int(found[1]), unit)
        return read(f"every {words.removeprefix('one ')}", place, found.end(), "time")
    latin = _LATIN.match(text, start)
    if not latin or not _DOSE_BEFORE.search(text, max(0, start - 32), start):
        return None
    return read(letters(latin[0]), place, latin.end(), "spell")


def blood_count(place: Place) -> Reading:
    """300 K/µL, 4.5-5.5 M/µL."""
    found = _COUNT.match(place.text, place.start)
    if not found:
        return None
    words = amount(found[1]) + (f" to {amount(found[2])}" if found[2] else "")
    return read(f"{words} {_volume(found[3])}", place, found.end(), "measure")


def bare_count(place: Place) -> Reading:
    """K/µL, as it heads a column."""
    found = _BARE_COUNT.match(place.text, place.start)
    return read(_volume(found[1]), place, found.end(), "measure") if found else None


def _volume(letter: str) -> str:
    return f"{'million' if letter == 'M' else 'thousand'} per microliter"  # a cubic millimeter is one


def sight(place: Place) -> Reading:
    """20/40 in the left eye, VA 6/12: how sharp somebody sees."""
    text, start, _ = place
    found = _SIGHT.match(text, start)
    if not found or int(found[2]) not in _LINES:
        return None
    if not (_SIGHT_AFTER.match(text, found.end()) or _SIGHT_BEFORE.search(text, max(0, start - 40), start)):
        return None
    if text[found.end() :].startswith(" in") and not _eye(text, found.end()):
        return None
    words = f"{cardinal(int(found[1]))} {cardinal(int(found[2]))}"
    if found[3]:
        words += f" {'plus' if found[3] == '+' else 'minus'} {cardinal(int(found[4]))}"
    return read(words, place, found.end(), "number")


def _eye(text: str, end: int) -> bool:
    return "eye" in text[end : end + 24]
