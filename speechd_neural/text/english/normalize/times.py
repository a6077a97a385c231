"""Times of the day, durations, ratios."""

from __future__ import annotations

import re

from speechd_neural.text.english.normalize.numbers import cardinal, number
from speechd_neural.text.english.normalize.rules import Place, Reading, read

_HALF = r"(?:\s{0,2}([AaPp])(?:\.\s?[Mm](?:\.|(?!\w))|[Mm](?![\w])))"
_CLOCK = re.compile(rf"([0-9]{{1,3}}):([0-9]{{2}})(?::([0-9]{{2}})(?:[.,]([0-9]{{1,9}}))?)?(?![\d:]){_HALF}?")
_HOUR = re.compile(rf"(1[0-2]|0?[1-9])(?:\s?([-–])\s?(1[0-2]|0?[1-9]))?{_HALF}")
_POINT_CLOCK = re.compile(rf"([0-9]{{1,2}})\.([0-5][0-9]){_HALF}")
_POINT_RANGE = re.compile(rf"([0-9]{{1,2}})\.([0-5][0-9])\s?[-–]\s?(?=[0-9]{{1,2}}\.[0-5][0-9]{_HALF})")
_TO = re.compile(r"\s?[-–]\s?(?=[0-9]{1,2}(?::[0-9]{2}(?!\d)|\s?[ap]\.?m))")
_TO_HOUR = re.compile(r"\s?[-–—]\s?(?=[0-9])")
_STILL_TIME = re.compile(r"[A-Z]{2,4}(?![A-Za-z])|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)")
_RATIO = re.compile(r"([0-9]{1,6}):([0-9]{1,6})(?![\w:]|[.,][0-9])")
_DURATION = re.compile(
    r"(?:([0-9]{1,3})\s?h\s?([0-9]{1,2})\s?(?:min|m)(?:\s?([0-9]{1,2})\s?s)?|([0-9]{1,3})\s?m\s?([0-9]{1,2})\s?s)(?!\w)"
)


def counted(value: int, name: str) -> str:
    """"one hour", "two hours"."""
    return f"{cardinal(value)} {name}{'' if value == 1 else 's'}"


def clock_words(text: str, half: str = "") -> str:
    """"17:05" seventeen oh five, "5:00" five o'clock, "12:30:15" with the seconds after it."""
    parts = [int(part) for part in text.split(":")]
    hour, minute = parts[0], parts[1]
    if minute:
        words = f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    elif half:
        words = cardinal(hour)
    else:
        words = f"{cardinal(hour)} o'clock" if 1 <= hour <= 12 else f"{cardinal(hour)} hundred"
    if len(parts) > 2 and parts[2]:
        words += f" and {counted(parts[2], 'second')}"
    return words + half


def _half_words(letter: str | None) -> str:
    if not letter:
        return ""
    return " A m" if letter in "aA" else " p m"


def without_period(text: str, end: int) -> int:
    """The end of "p.m." without its last period where that also ends the sentence."""
    if text[end - 1] != ".":
        return end
    following = text[end : end + 8].lstrip()
    return end - 1 if not following or (following[0].isupper() and not _STILL_TIME.match(following)) else end


def clock(place: Place, ends: bool = True) -> Reading:
    """5:30, 5:30 p.m., 17:05, 12:30:15, 5:30-6:30; with no "-6:30" unless `ends`."""
    text, start, _ = place
    found = _CLOCK.match(text, start)
    if not found or int(found[2]) > 59 or (found[3] and int(found[3]) > 59):
        return None
    hour, minute = int(found[1]), int(found[2])
    half = _half_words(found[5])
    end = without_period(text, found.end()) if found[5] else found.end()
    if not found[5] and end < len(text) and (text[end].isalpha() or text[end] == "_"):
        return None
    if found[3] and not half:
        second = counted(int(found[3]), "second")
        if found[4]:
            second = f"{cardinal(int(found[3]))} point {' '.join(cardinal(int(c)) for c in found[4])} seconds"
        words = f"{counted(hour, 'hour')} {counted(minute, 'minute')} and {second}"
    elif hour > 24:
        words = f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    else:
        words = clock_words(text[start : found.end(3) if found[3] else found.end(2)], half)
    to = _TO.match(text, end) if ends and not found[3] else None
    rest = _end_of_range(text, to)
    return read(f"{words} to {rest[0].words}", place, rest[0].source[1], "time") if rest else read(words, place, end, "time")


def _end_of_range(text: str, to: re.Match[str] | None) -> Reading:
    if not to:
        return None
    place = Place(text, to.end(), "")
    return clock(place, ends=False) or hour_only(place, ends=False)


def hour_only(place: Place, ends: bool = True) -> Reading:
    """5 pm, 5-6pm; with no end of a range unless `ends`."""
    text, start, _ = place
    point = _POINT_CLOCK.match(text, start)
    if point and int(point[1]) < 13:  # 5.30 pm
        words = clock_words(f"{point[1]}:{point[2]}", _half_words(point[3]))
        return read(words, place, without_period(text, point.end()), "time")
    points = _POINT_RANGE.match(text, start)
    if points and int(points[1]) < 13 and ends:  # 5.30-6.30 pm
        rest = hour_only(Place(text, points.end(), ""), ends=False)
        words = clock_words(f"{points[1]}:{points[2]}")
        return read(f"{words} to {rest[0].words}", place, rest[0].source[1], "time") if rest else None
    found = _HOUR.match(text, start)
    if not found:
        return None
    words = cardinal(int(found[1]))
    if found[3]:
        words += f" to {cardinal(int(found[3]))}"
    words += _half_words(found[4])
    rest = _end_of_range(text, _TO_HOUR.match(text, found.end()) if ends and not found[3] else None)
    if rest:
        return read(f"{words} to {rest[0].words}", place, rest[0].source[1], "time")
    return read(words, place, without_period(text, found.end()), "time")


def ratio(place: Place) -> Reading:
    """16:9, 1:100."""
    found = _RATIO.match(place.text, place.start)
    if not found or any(len(part) > 1 and part[0] == "0" for part in found.groups()):
        return None
    return read(f"{number(found[1])} to {number(found[2])}", place, found.end(), "number")


def duration(place: Place) -> Reading:
    """1h30m, 2h 5m 10s, 5m30s."""
    found = _DURATION.match(place.text, place.start)
    if not found:
        return None
    names = ("hour", "minute", "second", "minute", "second")
    words = [counted(int(value), name) for value, name in zip(found.groups(), names, strict=True) if value]
    return read(" ".join(words), place, found.end(), "time")
