"""Times of the day, durations, ratios."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import cardinal, digits, number, year
from speechd_neural.text.english.normalize.rules import Place, Reading, read, words_of
from speechd_neural.text.english.normalize.spans import counted
from speechd_neural.text.token import Token

_HALF = r"(?:\s{0,2}([AaPp])(?:\.\s?[Mm](?:\.|(?!\w))|\s?[Mm](?![\w])))"
_CLOCK = re.compile(rf"([0-9]{{1,3}}):([0-9]{{2}})(?::([0-9]{{2}})(?:[.,]([0-9]{{1,9}}))?)?(?![\d:]){_HALF}?")
_POINTED_CLOCK = re.compile(rf"([0-9]{{1,2}})\.([0-5][0-9])\.([0-5][0-9]){_HALF}(?=[ .]|\Z)")  # 10.15.22 PM
_SPREAD = re.compile(rf"([0-9]{{1,2}})\s:\s?([0-5])\s?([0-9])(?![\d:]){_HALF}")  # 7 : 0 0 p m
_HOUR = re.compile(rf"(1[0-2]|0?[1-9])(?:\s?([-–])\s?(1[0-2]|0?[1-9]))?{_HALF}")
_POINT_CLOCK = re.compile(rf"([0-9]{{1,2}})\.([0-5][0-9]){_HALF}")
_POINT_RANGE = re.compile(rf"([0-9]{{1,2}})\.([0-5][0-9])\s?[-–]\s?(?=[0-9]{{1,2}}\.[0-5][0-9]{_HALF})")
_TO = re.compile(r"\s?[-–]\s?(?=noon\b|midnight\b|[0-9]{1,2}(?::[0-9]{2}(?!\d)|\s?[ap]\.?m))")
_FROM_HOUR = re.compile(rf"(1[0-2]|[1-9])\s?[-–]\s?(?=(?:1[0-2]|[1-9]):[0-5][0-9]{_HALF})")  # 6–7:30pm
_BARE_HOUR = re.compile(r"(1[0-2]|[1-9])(?![\w:/%-]|\.[0-9]|\s?[AaPp]\.?[Mm])")
_TO_HOUR = re.compile(r"\s?[-–—]\s?(?=[0-9]|noon\b|midnight\b)")
_BLANK_CLOCK = re.compile(rf"(1[0-2]|[1-9]) ([0-5][0-9]){_HALF}")  # 8 05 AM
# With no half of a day: begins at 10.30.
_BRITISH_CLOCK = re.compile(
    r"(0?[1-9]|1[0-9]|2[0-3])\.(00|15|30|45)(?![\w%£$€]|[.,:/-]?[0-9]|\s?(?:%|per\b|percent|[mb]illion|kg|km|m\b|in\b))"
)
_APPOINTED = re.compile(
    r"(?:\A|\b(?:starts?|started|starting|begins?|began|opens?|closes?|meet|meets|meeting|leaves?|left|arrives?|arrived|departs?|departed"
    r"|ends?|ended|finish(?:es|ed)?|home|here|there|train|bus|dinner|lunch|breakfast|supper|tea|service|kick-?off|doors|today|tomorrow"
    r"|tonight|morning|evening|afternoon|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\s)(?:at|from|until|till|by|before|after)\s\Z",
    re.IGNORECASE,
)
_HOURS = re.compile(r"\s?(?:hrs?|Hrs)\.?(?!\w)|h(?!\w)")
_NAMED = re.compile(r"(noon|midnight)(?!\w)", re.IGNORECASE)
_STILL_TIME = re.compile(
    r"[A-Z]{2,4}(?![A-Za-z])|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"|(?:Mrs?|Ms|Dr|Prof|Eastern|Central|Mountain|Pacific|Local)\b"
)
_DATE_BEFORE = re.compile(
    r"(?:\b[DIWEF][01][0-9][0-3][0-9]\s|/[A-Z][a-z]{2}/[12][0-9]{3}:|(?:\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}\.?\s{1,2}[0-9]{1,2}(?:st|nd|rd|th)?(?:,?\s[12][0-9]{3})?,?"
    r"|\b[0-9]{1,2}(?:\s|-)(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}\.?,?(?:(?:\s|-)[12][0-9]{3})?,?"
    r"|\b[12][0-9]{3}[-/.][0-9]{1,2}[-/.][0-9]{1,2},?|\b[0-9]{1,2}[/.-][0-9]{1,2}[/.-](?:[12][0-9])?[0-9]{2},?"
    r"|\b(?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)(?:day|sday|nesday|rsday|urday)?,?"
    r"|\b(?i:at|since|until|till|from|before|after|by|today|yesterday|tomorrow|tonight|clock|time|timestamp|date|now|alarm|starts?|started"
    r"|ends?|ended|opens?|closes?|begins?|daily|due|deadline|departs?|arrives?|sunrise|sunset|midnight|scheduled)[:,]?)\s{1,3})\Z"
)
_LOG_WORD = re.compile(r"(?:[.,][0-9]{1,6})?\s{1,2}(?:\[|<|[A-Z]{4,8}(?![a-z\w])|[a-z][\w.-]{1,30}(?:\[[0-9]{1,7}\])?: )")
COMPACT = re.compile(r"([12][0-9]{3})([01][0-9])([0-3][0-9])T([0-2][0-9])([0-5][0-9])([0-5][0-9])?(Z)?(?!\w)")
_LOG_START = re.compile(r"(?:.*\n)?\s{0,3}[\[(]?\Z", re.DOTALL)
_LEVEL_BEFORE = re.compile(  # [INFO] 12:30:45
    r"(?<!\w)(?:\[[A-Za-z]{4,8}\]|(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|TRACE):?)\s{1,2}\[?\Z"
)
_FROM_GREENWICH = re.compile(r"\b(?:UTC|GMT)\s?[+−–-]\s?\Z")
_ZONE_AFTER = re.compile(r"\s?(?:(Z)(?!\w)|([+-][0-9]{2}:?[0-9]{2})(?![0-9:]))")
_LOWER_ZONE = re.compile(r"\s([ecmp][sd]t|gmt|utc|cet|cest|bst|ist)(?!\w)")  # 5 p.m. est
_SHORT_HALVES = re.compile(  # 8a–5p
    r"(1[0-2]|[1-9])(?::([0-5][0-9]))?([ap])\s?[-–]\s?(1[0-2]|[1-9])(?::([0-5][0-9]))?([ap])(?![\w.'’])"
)
_FOUR_DIGITS = re.compile(r"(0[0-9]|(?<=\b[Aa]t )(?:1[0-9]|2[0-3]))([0-5][0-9])\s(?:hours|hrs)\b")
_ZONED = re.compile(r"\s{0,2}(?:Z|UTC|GMT|[A-Z]{1,3}[SD]?T|[+-][0-9]{2}:?[0-9]{2})(?!\w)")
_OF_THE_DAY = re.compile(r"\b(?:at|from|until|till|to|since|after|before|by|between|and|daily|midnight)\s{1,2}\Z", re.IGNORECASE)
_LASTED = re.compile(
    r"\b(?:elapsed|running|run|total|remaining|cpu|play|playing|finish|chip|gun|lap|race|best|net|recording)\s{1,2}time:?\s{1,2}\Z",
    re.IGNORECASE,
)
_POSITION = re.compile(r"\s?/\s?[0-9]{1,2}:[0-9]{2}")  # 00:00 / 03:45
_PARTS = re.compile(r"([0-9]{1,3})(?::[0-9]{1,3}){2,4}(?![\w:]|[.,][0-9])")
_THOUSANDS = re.compile(r",[0-9]{3}(?![0-9:])")
_EDITION = re.compile(r"([0-9]{2,6}):((?:19|20)[0-9]{2})(?![\w:]|[.,][0-9])")
_STANDARDS = words_of("iso iec en din bs iatf as nf astm")
_ADDED = re.compile(r"(45|90|105|120)\s?\+\s?([0-9]{1,2})(?:['’′](?!\w)|\s?min(?:utes?|s|\.)?(?!\w))")
_SPACED_RATIO = re.compile(r"([0-9]{1,4}) : ([0-9]{1,4})(?![\w:]|[.,][0-9]| :)")
_PROPORTION = re.compile(r"[0-9] : [0-9]{1,6} = [0-9]{1,6} : [0-9]")
_RATED = words_of("ratio score odds scale won lost drew draw result mix")
_PROPORTIONED = re.compile(r"\b(?:ratios?|scales?|odds|dilutions?|diluted)(?: is| are| was| of|:)?\s\Z", re.IGNORECASE)
_RATIO = re.compile(r"([0-9]{1,6}):([0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,6})(?![\w:]|[.,][0-9])")
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


def _half_day(words: str, place: Place, end: int) -> Reading:
    """A time with its half of the day, and the zone in small letters behind it."""
    zone = _LOWER_ZONE.match(place.text, end)
    return read(f"{words} {zone[1].upper()}" if zone else words, place, zone.end() if zone else end, "time")


def clock(place: Place, ends: bool = True) -> Reading:
    """5:30, 5:30 p.m., 17:05, 12:30:15, 5:30-6:30; with no "-6:30" unless `ends`."""
    text, start, _ = place
    found = _CLOCK.match(text, start)
    if not found or int(found[2]) > 59 or (found[3] and int(found[3]) > 59):
        return None
    plain = not found[3] and not found[5] and found[1][0] != "0" and found[2][0] != "0"
    if plain and _PROPORTIONED.search(text, max(0, start - 18), start):
        return None  # a scale of 1:50
    if not found[3] and _THOUSANDS.match(text, found.end(2)):  # 1:25,000, the scale of a map
        return None
    hour, minute = int(found[1]), int(found[2])
    if not found[3] and not found[5] and _FROM_GREENWICH.search(text, max(0, start - 6), start):  # UTC+02:00
        return read(f"{cardinal(hour)}{f' {cardinal(minute)}' if minute else ''}", place, found.end(), "time")
    half = _half_words(found[5])
    end = without_period(text, found.end()) if found[5] else found.end()
    short = text[end : end + 1] if not found[5] and 0 < hour < 13 and not text[end + 1 : end + 2].isalnum() else ""
    if short and short in "aApP" and text[end + 1 : end + 2] not in tuple("'’._-/"):  # 6:02a
        half, end = _half_words(short), end + 1
    zulu = found[3] and text[end : end + 1] == "Z" and not text[end + 1 : end + 2].isalnum()
    hours = _HOURS.match(text, end) if not half and not found[3] and hour < 25 else None
    if not half and end < len(text) and (text[end].isalpha() or text[end] == "_") and not zulu and not hours:
        return None
    timely = hour < 24 and bool(found[3]) and _of_day(text, start, found.end())
    if found[3] and not half and not timely:
        second = counted(int(found[3]), "second")
        if found[4]:
            second = f"{cardinal(int(found[3]))} point {' '.join(cardinal(int(c)) for c in found[4])} seconds"
        words = f"{counted(hour, 'hour')} {counted(minute, 'minute')} and {second}"
    elif hour > 24:
        words = f"{cardinal(hour)} {'oh ' if 0 < minute < 10 else ''}{cardinal(minute) if minute else 'zero zero'}"
    else:
        words = _clock(text, start, found, half)
        if hours:  # 20:30 hrs
            words = words if minute else f"{cardinal(hour)} hundred"
            return read(f"{words} hours", place, hours.end(), "time")
        zone = _ZONE_AFTER.match(text, end) if not half else None
        if zone and (found[3] or (zone[2] and ":" not in zone[2])):
            return read(f"{words} {'UTC' if zone[1] else zone_words(zone[2])}", place, zone.end(), "time")
    to = _TO.match(text, end) if ends and not found[3] else None
    rest = _end_of_range(text, to)
    # The year 2025 sounds like 20:25; a pause tells them apart.
    if ends and not rest and not half and not found[3] and 17 < hour < 21 and minute > 9:
        return [
            Token(cardinal(hour), (start, found.end(1)), "time", ","),
            Token(cardinal(minute), (found.end(1) + 1, end), "time"),
        ]
    if rest:
        return read(f"{words} to {rest[0].words}", place, rest[0].source[1], "time")
    return _half_day(words, place, end) if half else read(words, place, end, "time")


def added_time(place: Place) -> Reading:
    """90+3': a minute of a match, and of what is played behind it."""
    found = _ADDED.match(place.text, place.start)
    if not found:
        return None
    return read(f"{cardinal(int(found[1]))} plus {cardinal(int(found[2]))} minutes", place, found.end(), "time")


def _of_day(text: str, start: int, end: int) -> bool:
    """Whether hours, minutes and seconds are a time of the day: behind a date, at the start of a log's line, with a zone."""
    if _LEVEL_BEFORE.search(text, max(0, start - 13), start):
        return True
    if _LASTED.search(text, max(0, start - 20), start):
        return False
    if _DATE_BEFORE.search(text, max(0, start - 28), start) or _ZONED.match(text, end):
        return True
    if _LOG_START.fullmatch(text, max(0, start - 8), start) and text[start + 2 : start + 3] == ":" and _LOG_WORD.match(text, end):
        return True
    bracketed = text[start - 1 : start] == "[" and text[end : end + 1] == "]"
    return bracketed and _LOG_START.fullmatch(text, max(0, start - 8), start) is not None


def _clock(text: str, start: int, found: re.Match[str], half: str) -> str:
    """The words of a time of the day; 0:00 is a position on a tape, unless something says that it is midnight."""
    hour, minute = int(found[1]), int(found[2])
    if not hour and not minute and not found[3] and not half:
        date = _DATE_BEFORE.search(text, max(0, start - 28), start) or _OF_THE_DAY.search(text, max(0, start - 10), start)
        if _POSITION.match(text, found.end()):
            return "zero"
        alone = not text[max(0, start - 8) : start].strip()
        return "zero hundred" if (date or alone) and len(found[1]) == 2 else "zero"
    words = clock_words(text[start : found.end(3) if found[3] else found.end(2)], half)
    if found[4] and int(found[4]):
        part = " ".join(cardinal(int(digit)) for digit in found[4])
        words = _seconds_last(f"{words} point {part}") if int(found[3]) else f"{words} and zero point {part} seconds"
    return words


def _seconds_last(words: str) -> str:
    """"and six seconds point seven" as "and six point seven seconds"."""
    head, _, part = words.partition(" point ")
    return f"{head.removesuffix('s').removesuffix(' second')} point {part} seconds"


def zone_words(text: str) -> str:
    """How far a zone is from Greenwich: +0530 plus five thirty."""
    hours, minutes = int(text[1:3]), int(text[-2:])
    return ("plus " if text[0] == "+" else "minus ") + cardinal(hours) + (f" {cardinal(minutes)}" if minutes else "")


def _end_of_range(text: str, to: re.Match[str] | None) -> Reading:
    if not to:
        return None
    place = Place(text, to.end(), "")
    named = _NAMED.match(text, to.end())
    if named:
        return read(named[1].lower(), place, named.end(), "time")
    return clock(place, ends=False) or hour_only(place, ends=False)


def hour_only(place: Place, ends: bool = True) -> Reading:
    """5 pm, 5-6pm; with no end of a range unless `ends`."""
    text, start, _ = place
    point = _POINT_CLOCK.match(text, start)
    if point and int(point[1]) < 13:  # 5.30 pm
        words = clock_words(f"{point[1]}:{point[2]}", _half_words(point[3]))
        return read(words, place, without_period(text, point.end()), "time")
    british = _BRITISH_CLOCK.match(text, start)
    if british and ends and _APPOINTED.search(text, max(0, start - 24), start):
        return read(clock_words(f"{british[1]}:{british[2]}"), place, british.end(), "time")
    points = _POINT_RANGE.match(text, start)
    if points and int(points[1]) < 13 and ends:  # 5.30-6.30 pm
        rest = hour_only(Place(text, points.end(), ""), ends=False)
        words = clock_words(f"{points[1]}:{points[2]}")
        return read(f"{words} to {rest[0].words}", place, rest[0].source[1], "time") if rest else None
    whole = _FROM_HOUR.match(text, start) if ends else None
    until = clock(Place(text, whole.end(), "")) if whole else None
    if whole and until:
        return read(f"{cardinal(int(whole[1]))} to {until[0].words}", place, until[0].source[1], "time")
    halves = _SHORT_HALVES.match(text, start)
    if halves:
        both = (halves.group(1, 2, 3), halves.group(4, 5, 6))
        times = (clock_words(f"{hour}:{minute or '00'}", _half_words(half)) for hour, minute, half in both)
        return read(" to ".join(times), place, halves.end(), "time")
    four = _FOUR_DIGITS.match(text, start)
    if four:  # 0800 hours
        minutes = "hundred" if four[2] == "00" else digits(four[2]) if four[2][0] == "0" else cardinal(int(four[2]))
        hour = digits(four[1]) if four[1][0] == "0" else cardinal(int(four[1]))
        return read(f"{hour} {minutes} hours", place, four.end(), "time")
    pointed = _POINTED_CLOCK.match(text, start)
    if pointed and int(pointed[1]) < 13:
        words = clock_words(f"{pointed[1]}:{pointed[2]}:{pointed[3]}", "")
        return read(words + _half_words(pointed[4]), place, pointed.end(), "time")
    spread = _SPREAD.match(text, start)
    if spread and int(spread[1]) < 13:
        words = clock_words(f"{spread[1]}:{spread[2]}{spread[3]}", _half_words(spread[4]))
        return read(words, place, without_period(text, spread.end()), "time")
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
    return _half_day(words, place, without_period(text, found.end()))


def blank_clock(place: Place) -> Reading:
    """8 05 AM."""
    found = _BLANK_CLOCK.match(place.text, place.start)
    if not found or place.after_digit():
        return None
    words = clock_words(f"{found[1]}:{found[2]}", _half_words(found[3]))
    return read(words, place, without_period(place.text, found.end()), "time")


def ratio(place: Place) -> Reading:
    """16:9, 1:100."""
    edition = _EDITION.match(place.text, place.start) if place.before.lower() in _STANDARDS else None
    if edition:  # ISO 9001:2015
        return [
            Token(number(edition[1]), (place.start, edition.end(1)), "number", ","),
            Token(year(int(edition[2])), (edition.start(2), edition.end()), "date"),
        ]
    parts = _PARTS.match(place.text, place.start)
    if parts and parts[1][0] != "0":  # 3:4:5, where no clock was meant
        words = " to ".join(number(part) for part in parts[0].split(":"))
        return read(words, place, parts.end(), "number")
    found = _RATIO.match(place.text, place.start)
    if not found or any(len(part) > 1 and part[0] == "0" for part in found.groups()):
        return None
    return read(f"{number(found[1])} to {number(found[2])}", place, found.end(), "number")


def spaced_ratio(place: Place) -> Reading:
    """2 : 1, and nothing else, or behind "score"."""
    found = _SPACED_RATIO.match(place.text, place.start)
    if not found:
        return None
    proportion = _PROPORTION.search(place.text, max(0, place.start - 16), found.end() + 16)
    known = proportion or place.before.lower() in _RATED
    if not known and (place.text[: place.start] + place.text[found.end() :]).strip(" ."):
        return None
    return read(f"{number(found[1])} to {number(found[2])}", place, found.end(), "number")


def named_hour(place: Place) -> Reading:
    """noon–1 PM, midnight to 6: a range that begins with a name."""
    found = _NAMED.match(place.text, place.start)
    to = _TO_HOUR.match(place.text, found.end()) if found else None
    hour = _BARE_HOUR.match(place.text, to.end()) if found and to else None
    if found and hour:  # noon–4
        return read(f"{found[1]} to {cardinal(int(hour[1]))}", place, hour.end(), "time")
    rest = _end_of_range(place.text, to)
    return read(f"{found[1]} to {rest[0].words}", place, rest[0].source[1], "time") if found and rest else None


WORDS = frozenset(("noon", "midnight"))
