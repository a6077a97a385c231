"""Feet and inches, degrees and their minutes: 6'2", a 27" screen, 40°26'46" N."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.abbreviations import COMPASS
from speechd_neural.text.english.normalize.numbers import amount, cardinal
from speechd_neural.text.english.normalize.rules import Place, Reading, read

_FEET = re.compile(
    r"([0-9]{1,3})\s?['’′]\s?(?:([0-9]{1,2}(?:\.[0-9])?)\s?(?:[\"”″]|''|’’))(?!\w)|([0-9]{1,3})\s?ft\.?\s?([0-9]{1,2})(?:\s?in\b|(?<=ft[0-9])(?!\w)|(?<=ft1[01])(?!\w))"
)
_STONES = re.compile(r"([0-9]{1,2})\s?st,?\s?([0-9]{1,2})\s?lbs?(?!\w)")
_DEGREES_BEFORE = re.compile(r"[0-9]\s?deg(?:rees|\.)?,?\s{1,2}\Z")
_FEET_ALONE = re.compile(r"([0-9]{1,3})['’′](?=\s(?:tall|wide|long|high|deep|x\s?[0-9]|by\s[0-9])\b|\s?[x×]\s?[0-9])")
_PACE = re.compile(r"([0-9]{1,2})['’′]([0-5][0-9])(?:[\"”″]|'')?\s?/\s?(km|mi|100\s?m|500\s?m)(?!\w)")
_PACES = {"km": "kilometer", "mi": "mile", "100m": "one hundred meters", "500m": "five hundred meters"}
_MATCH_MINUTE = re.compile(
    r"([0-9]{1,3})['′](?=\s(?:GOAL|[Gg]oal|[Ss]ub(?:stitution)?|[Yy]ellow"
    r"|[Rr]ed card|[Pp]enalty|[Cc]orner|[Oo]wn goal|VAR|[Hh]eader)\b)"
)
_MATCH_BEFORE = re.compile(r"\b(?:half|card|goal|sub|penalty|pen|og),?\s\(?\Z", re.IGNORECASE)
_MINUTE_OF_MATCH = re.compile(r"([0-9]{1,3})['’′](?=[,;)]|\s|\Z)")
_SIDE_NEXT = re.compile(r"\s?(?:[x×]|by)\s?[0-9]{1,4}(?:\.[0-9]{1,3})?['’′\"”″]")  # counts.dimensions knows both
_INCHES = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,3})?)(?:\"|”)(?!\w)")
_ARC = re.compile(
    r"([0-9]{1,3})°\s?([0-9]{1,2})[′'’]\s?(?:([0-9]{1,2}(?:\.[0-9]{1,4})?)[″\"”])?(?:\s?([NSEW])(?![\w]))?"
)


def in_quotes(text: str, position: int) -> bool:
    """Whether a quotation was opened shortly before, so that a quotation mark here would close it."""
    before = text[max(0, position - 300) : position]
    if before.rfind("“") > before.rfind("”"):
        return True
    opened = False
    at = before.find('"')
    while at >= 0:
        opened = not opened and not before[at - 1 : at].isdecimal()  # a digit stands before an inch, or the end of a quotation
        at = before.find('"', at + 1)
    return opened


def stones(place: Place) -> Reading:
    """11st 4lb: what people in Britain weigh."""
    found = _STONES.match(place.text, place.start)
    if not found:
        return None
    words = f"{cardinal(int(found[1]))} stone {cardinal(int(found[2]))} {'pound' if found[2] == '1' else 'pounds'}"
    return read(words, place, found.end(), "measure")


def feet_and_inches(place: Place) -> Reading:
    """6'2", 5 ft 10 in, 27" where no quotation is open."""
    text, start, _ = place
    pace = _PACE.match(text, start)
    if pace:  # 5'32"/km
        minutes = f"{cardinal(int(pace[1]))} {'minute' if pace[1] == '1' else 'minutes'}"
        words = f"{minutes} {cardinal(int(pace[2]))} seconds per {_PACES[pace[3].replace(' ', '')]}"
        return read(words, place, pace.end(), "time")
    found = _FEET.match(text, start)
    if found and found[1] and _DEGREES_BEFORE.search(text, max(0, start - 12), start):  # 12 degrees 4' 3"
        words = f"{cardinal(int(found[1]))} {'minute' if found[1] == '1' else 'minutes'} {amount(found[2])} seconds"
        return read(words, place, found.end(), "measure")
    if found:
        feet, inches = found[1] or found[3], found[2] or found[4]
        if float(inches) >= 12:  # 5'30", how long something lasts
            words = f"{cardinal(int(feet))} {'minute' if feet == '1' else 'minutes'} {amount(inches)} seconds"
            return read(words, place, found.end(), "time")
        words = f"{cardinal(int(feet))} {'foot' if feet == '1' else 'feet'}"
        words += f" {amount(inches)} {'inch' if inches == '1' else 'inches'}"
        return read(words, place, found.end(), "measure")
    found = _MATCH_MINUTE.match(text, start)
    if not found and _MATCH_BEFORE.search(text, max(0, start - 12), start):  # 2nd half, 67'
        found = _MINUTE_OF_MATCH.match(text, start)
    if found:  # 75' substitution
        return read(f"{cardinal(int(found[1]))} {'minute' if found[1] == '1' else 'minutes'}", place, found.end(), "time")
    found = _FEET_ALONE.match(text, start)
    if found and not _SIDE_NEXT.match(text, found.end()):
        return read(f"{cardinal(int(found[1]))} {'foot' if found[1] == '1' else 'feet'}", place, found.end(), "measure")
    found = _INCHES.match(text, start)
    if not found or in_quotes(text, start) or (start and text[start - 1] in "\"“/") or _SIDE_NEXT.match(text, found.end()):
        return None
    one = found[1] == "1" or re.match(r" (?!x )(?:[A-Za-z]|[2458]K\b)", text[found.end() : found.end() + 4])  # a 27" screen
    return read(f"{amount(found[1])} {'inch' if one else 'inches'}", place, found.end(), "measure")


def arc(place: Place) -> Reading:
    """40°26'46" N."""
    found = _ARC.match(place.text, place.start)
    if not found:
        return None
    words = f"{cardinal(int(found[1]))} degrees {cardinal(int(found[2]))} minutes"
    if found[3]:
        words += f" {amount(found[3])} seconds"
    if found[4]:
        words += " " + COMPASS[found[4]]
    return read(words, place, found.end(), "measure")
