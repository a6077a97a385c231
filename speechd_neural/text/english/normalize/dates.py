"""Dates: with the month's name, ISO, American order, European order where it cannot be American."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import cardinal, ordinal, year
from speechd_neural.text.english.normalize.rules import MONTHS, Place, Reading, read, words_of
from speechd_neural.text.english.normalize.slashed_days import WEEKDAYS, is_day
from speechd_neural.text.english.normalize.times import COMPACT, clock_words, zone_words

_NAME = (
    r"(Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)(?![A-Za-z])\.?"
)
_DAY = r"([0-9]{1,2})(?:\s?(st|nd|rd|th)(?!\w))?"
_YEAR = r"([12][0-9]{3})(?![\w%$]|[.,:/-][0-9])"
_MONTH_DAY = re.compile(
    rf"{_NAME}\s{{1,3}}{_DAY}(?:\s?[-–]\s?{_DAY})?(?![\w%°/]|[.,:-][0-9])(?:(?:\s?,\s{{0,3}}|\s{{1,3}}){_YEAR})?",
    re.IGNORECASE,
)
_MONTH_YEAR = re.compile(rf"{_NAME}(?:\s{{0,2}},)?\s{{1,3}}{_YEAR}", re.IGNORECASE)
_DAY_MONTH = re.compile(
    rf"{_DAY}(?:\s?[-–]\s?{_DAY})?\s{{1,3}}(of\s{{1,3}})?{_NAME}(?:\s?,?\s{{1,3}}{_YEAR})?(?!\w)", re.IGNORECASE
)
_DAY_DASH_MONTH = re.compile(rf"{_DAY}([-/.]){_NAME}(?:\3([0-9]{{4}}|[0-9]{{2}}))?(?![\w-])", re.IGNORECASE)
_MONTH_DASH = re.compile(rf"(?=[A-Z]){_NAME}([-/])(?:([0-9]{{1,2}})(?:\2{_YEAR})?|{_YEAR})(?![\w/-]|[.,:][0-9])", re.IGNORECASE)
_ISO = re.compile(
    r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9]|[./-][0-9])"
    r"(?:T([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,][0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})?)?(?!\w)"
)
_MONTH_POINT = re.compile(rf"(?=[A-Z]){_NAME}(?<=\.)([0-9]{{1,2}})(?:st|nd|rd|th)?\.([12][0-9]{{3}})(?![\w.-])", re.IGNORECASE)
_BLANK_SLASHES = re.compile(r"([0-9]{1,4}) / ([0-9]{1,2}) / ([0-9]{1,4})(?![\w/.]| /)")  # 31 / 01 / 1956
_YEAR_NAME_DAY = re.compile(rf"([12][0-9]{{3}})([-/ ]){_NAME}\2([0-3]?[0-9])(?![\w/-]|[.,:][0-9])", re.IGNORECASE)
_ISO_MONTH = re.compile(r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])(?![\w]|[-./][0-9])")
_NUMERIC = re.compile(
    r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?!\w|[/.][0-9]|-[0-9](?![0-9]?/[0-9]{1,2}/(?:[0-9]{4}|[0-9]{2})(?![\w/])))"
)
_MONTH_SLASH_YEAR = re.compile(r"(0?[1-9]|1[0-2])/((?:19[5-9]|20)[0-9]{2})(?![\w/%]|[.,:-][0-9]|\s?[a-z]{2,12}s\b|\s?s(?:ec)?\b)")
# Behind the size of a file, month, day and year or time: ls -l.
_LISTED = re.compile(r"\s{1,3}[0-9]{1,2}\s{1,3}(?:[12][0-9]{3}|[0-9]{1,2}:[0-9]{2})(?![\w:])")
_TO = re.compile(r"(?:\s{1,2}[-–—]\s{1,2}|[–—]|-(?=[0-9]{1,2}/[0-9]{1,2}(?:/(?:[0-9]{4}|[0-9]{2}))?(?![\w/])))(?=[0-9A-Z])")
_WEEKDAY = re.compile(rf"([A-Za-z]{{3,5}})(\.?)(?=,?\s{{1,3}}(?:[0-9]|{_NAME}))", re.IGNORECASE)
_DAYS = "Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun"
_WEEK = re.compile(rf"({_DAYS})\.?(?:\s?[-–]\s?|\s(?:to|thru|through)\s)({_DAYS})(?!\w)")
_AND_DAY = r"(?:,? {1,2}(?:&|and|or) {1,2}|, ?|/)"
_DAY_OF_SEVERAL = re.compile(rf"({_DAYS})(?![\w'’])({_AND_DAY}(?:{_DAYS})(?![\w'’]))?")  # Mon, Wed & Fri
_DAY_BEFORE_IT = re.compile(rf"\b(?:{_DAYS}){_AND_DAY}\Z")
_WHOLE_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_WHOLE_WEEK = re.compile(rf"({_WHOLE_DAYS})-({_WHOLE_DAYS})(?![\w-])")
_MONTHS = re.compile(rf"(?=[A-Z]){_NAME}\s?[-–]\s?(?=[A-Z])")
_MONTH = re.compile(rf"{_NAME}(?![\w-])")
_CARD_BEFORE = re.compile(r"\b(?:exp(?:iry|\.|:|(?=\s))|(?:valid|good) thru|expiry date|exp\.? date):?\s{0,2}\Z", re.IGNORECASE)
_MONTH_SLASH_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})(?![\w/])")
_PART_OF_DAY = re.compile(r"\s(?:morning|afternoon|evening|night|noon|at\s[0-9])")
_OPENED = words_of("closed open noon midnight every next last until till through")
_DAY_AND_HOURS = re.compile(rf"({_DAYS})(?=:?\s(?:[Cc]losed|CLOSED|[Oo]pen|off|only|24 ?h|by appointment)\b|:\s?(?:[0-9]|\Z|\n))")
_WEEKDAY_OF = re.compile(rf"({_DAYS})(?=\s(?:of|in|each|every|and|at|from)\b|[,;.)]|\s?\Z)")
_NTH_BEFORE = re.compile(r"\b(?:1st|2nd|3rd|4th|[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|[Ll]ast|[Ee]very|[Nn]ext)\s\Z")
_PERIOD = re.compile(r"([A-Za-z]{3,5})\.")
WORDS = frozenset(
    {name.lower() for name in MONTHS} | {name[:3].lower() for name in MONTHS} | {"sept"} | set(WEEKDAYS)
)
# Short names of months that end names of places and people: Rio del Mar.
_BEFORE_DAYS = words_of("you on until till by this next last every since")  # See you Sat.
_NAMES_TOO = words_of("mar jan")
_BEFORE_MONTHS = words_of(
    "the a in since until by last next early late mid of from to every this through and or for before after during"
)
_SENTENCE_NEXT = re.compile(r"[\"'”’)\]]?\s{0,3}(?:\Z|[\"'“‘(\[]?(?:[A-Z][a-z’']{1,20}(?![\w.])|[IA](?=\s)))")
_NEED_YEAR = words_of("may march mar")
_NUMBERS = {name[:3].lower(): index for index, name in enumerate(MONTHS, 1)}


def month_number(name: str) -> int:
    return _NUMBERS[name[:3].lower()]


def short_year(text: str) -> str:
    """A year of four digits, or of two as they are said: 08 oh eight, 99 ninety nine."""
    value = int(text)
    if len(text) == 4:
        return year(value)
    return "two thousand" if value == 0 else ("oh " if value < 10 else "") + cardinal(value)


def spoken_date(day: int | None, month: int | None, written_year: str | None, *, american: bool = True) -> str | None:
    """"January fifth twenty twelve", or "the fifth of January twenty twelve"; None for a day that does not exist."""
    if (day is not None and not 1 <= day <= 31) or (month is not None and not 1 <= month <= 12):
        return None
    parts = []
    if day and month:
        name = MONTHS[month - 1]
        parts.append(f"{name} {ordinal(day)}" if american else f"the {ordinal(day)} of {name}")
    elif month:
        parts.append(MONTHS[month - 1])
    elif day:
        parts.append(ordinal(day))
    if written_year:
        parts.append(short_year(written_year))
    return " ".join(parts)


def _weak(name: str, certain: bool) -> bool:
    """Whether a month's name in lower case is more likely another word."""
    return name.islower() and name in _NEED_YEAR and not certain


def month_first(place: Place) -> Reading:
    """January 5, 2012; Jan 5th; June 5-7; Jan-5-2012; January 2012."""
    found = _MONTH_DAY.match(place.text, place.start)
    if found and 1 <= int(found[2]) <= 31 and not _weak(found[1], bool(found[6] or found[3] or "." in found[0])):
        words = f"{MONTHS[month_number(found[1]) - 1]} {ordinal(int(found[2]))}"
        if found[4]:
            if not int(found[2]) < int(found[4]) <= 31:
                return None
            words += f" to {ordinal(int(found[4]))}"
        if found[6]:
            words += " " + year(int(found[6]))
        return read(words, place, found.end(), "date")
    found = _MONTH_DASH.match(place.text, place.start)
    if found and found[0][0].isupper():
        dashed = spoken_date(int(found[3]) if found[3] else None, month_number(found[1]), found[4] or found[5])
        return read(dashed, place, found.end(), "date") if dashed else None
    found = _MONTH_POINT.match(place.text, place.start)
    if found:  # Jan.26.1950
        pointed = spoken_date(int(found[2]), month_number(found[1]), found[3])
        return read(pointed, place, found.end(), "date") if pointed else None
    found = _MONTH_YEAR.match(place.text, place.start)
    if found and not _weak(found[1], found[1] not in ("may", "march", "mar", "sep", "dec")):
        return read(f"{MONTHS[month_number(found[1]) - 1]} {year(int(found[2]))}", place, found.end(), "date")
    return None


def day_first(place: Place) -> Reading:
    """5 January 2012, 5th of May, 5-Jan-2012, 5-Jan."""
    text, start, before = place
    found = _DAY_DASH_MONTH.match(text, start)
    if found and (found[5] or (found[3] == "-" and found[4][0].isupper())):
        words = spoken_date(int(found[1]), month_number(found[4]), found[5], american=False)
        return read(words, place, found.end() - (text[found.end() - 1] == "."), "date") if words else None
    found = _DAY_MONTH.match(text, start)
    if not found or not 1 <= int(found[1]) <= 31 or _weak(found[6], bool(found[7] or found[2])):
        return None
    if not found[2] and not found[3] and not found[5] and _LISTED.match(text, found.end(6)):
        return None
    end = found.end()
    if not found[7] and text[end - 1] == ".":
        end -= 1
    words = ordinal(int(found[1]))
    if found[3]:
        if not int(found[1]) < int(found[3]) <= 31:
            return None
        words += f" to {ordinal(int(found[3]))}"
    words += f" of {MONTHS[month_number(found[6]) - 1]}"
    if not found[5] and before.lower() not in ("the", "this", "every", "each", "last", "next"):
        words = "the " + words
    if found[7]:
        words += " " + year(int(found[7]))
    return read(words, place, end, "date")


def numeric(place: Place) -> Reading:
    """2012-01-05, 2012-01-05T12:30:00Z, 1/5/2012, 25/12/2012, 5.1.2012, 2012-01."""
    compact = COMPACT.match(place.text, place.start)
    if compact:
        words = spoken_date(int(compact[3]), int(compact[2]), compact[1])
        clock = clock_words(":".join(part for part in compact.group(4, 5, 6) if part))
        return read(f"{words} {clock}{' UTC' if compact[7] else ''}", place, compact.end(), "date") if words else None
    found = _ISO.match(place.text, place.start)
    if found:
        words = spoken_date(int(found[4]), int(found[3]), found[1]) if int(found[1]) >= 1000 else None
        if words and found[5]:
            words += " " + clock_words(found[5])
            if found[6]:
                words += " UTC" if found[6] == "Z" else " " + zone_words(found[6])
        return read(words, place, found.end(), "date") if words else None
    found = _ISO_MONTH.match(place.text, place.start)
    if found:
        return read(f"{MONTHS[int(found[2]) - 1]} {year(int(found[1]))}", place, found.end(), "date")
    found = _MONTH_SLASH_DAY.match(place.text, place.start)
    if found and _of_card(place, found):
        return read(f"{MONTHS[int(found[1]) - 1]} {short_year(found[2])}", place, found.end(), "date")
    if found and is_day(place, found):
        words = spoken_date(int(found[2]), int(found[1]), None) or spoken_date(int(found[1]), int(found[2]), None)
        return read(words, place, found.end(), "date") if words else None
    month = _MONTH_SLASH_YEAR.match(place.text, place.start)
    if month and month[0] != "1/2000" and (not place.start or place.text[place.start - 1] not in "/.-"):  # 10/2026
        return read(f"{MONTHS[int(month[1]) - 1]} {year(int(month[2]))}", place, month.end(), "date")
    found = _NUMERIC.match(place.text, place.start)
    if not found:
        return None
    first, mark, second, written_year = int(found[1]), found[2], int(found[3]), found[4]
    if len(written_year) == 2 and mark != "/":
        return None
    words = None
    if len(written_year) == 2 or 1000 <= int(written_year) < 2200:
        if mark != ".":
            words = spoken_date(second, first, written_year) if first and second else None
        words = words or (spoken_date(first, second, written_year, american=False) if first and second else None)
    return read(words, place, found.end(), "date") if words else None


def _of_card(place: Place, found: re.Match[str]) -> bool:
    """Whether 09/27 is the month until which a card is good."""
    dated = _CARD_BEFORE.search(place.text, max(0, place.start - 16), place.start)
    return bool(dated) and len(found[1]) == len(found[2]) == 2 and 0 < int(found[1]) < 13 and int(found[2]) > 23


def date(place: Place) -> Reading:
    """A date that begins with a digit, or a range of two."""
    found = _YEAR_NAME_DAY.match(place.text, place.start)
    if found:  # 2007-Jan-01
        words = spoken_date(int(found[4]), month_number(found[3]), found[1])
        return read(words, place, found.end(), "date") if words else None
    slashes = _BLANK_SLASHES.match(place.text, place.start)
    if slashes:
        tight = numeric(Place(slashes[0].replace(" ", ""), 0, place.before))
        years = sum(len(part) == 4 for part in slashes.groups())
        return read(tight[0].words, place, slashes.end(), "date") if tight and years == 1 else None
    return _with_end(place, numeric(place) or day_first(place))


def named_date(place: Place) -> Reading:
    """A date that begins with the name of a month, or a range of two; Jan-Mar."""
    return _with_end(place, month_first(place)) or _months(place)


def _months(place: Place) -> Reading:
    """Jan-Mar, January–March 2024."""
    found = _MONTHS.match(place.text, place.start)
    if not found:
        return None
    last = month_first(Place(place.text, found.end(), ""))
    if not last:
        name = _MONTH.match(place.text, found.end())
        end = name.end() - name[0].endswith(".") if name else 0
        last = read(MONTHS[month_number(name[1]) - 1], place, end, "date") if name else None
    if not last:
        return None
    return read(f"{MONTHS[month_number(found[1]) - 1]} to {last[0].words}", place, last[0].source[1], "date")


def _with_end(place: Place, first: Reading) -> Reading:
    to = _TO.match(place.text, first[0].source[1]) if first else None
    if not first or not to:
        return first
    rest = Place(place.text, to.end(), "")
    slashed = _MONTH_SLASH_DAY.match(place.text, place.start)
    if slashed and slashed.end() == first[0].source[1]:
        rest = Place(place.text, to.end(), "due")
    weekday = _WEEKDAY.match(place.text, to.end())
    if weekday and weekday[1].lower() in WEEKDAYS:  # Mon 10/28 – Fri 11/1
        name = WEEKDAYS[weekday[1].lower()]
        start = weekday.end()
        while place.text[start] in ", ":
            start += 1
        rest = Place(place.text, start, name)
        last = numeric(rest) or day_first(rest) if place.text[start].isdecimal() else month_first(rest)
        return read(f"{first[0].words} to {name} {last[0].words}", place, last[0].source[1], "date") if last else first
    last = numeric(rest) or day_first(rest) if place.text[to.end()].isdecimal() else month_first(rest)
    return read(f"{first[0].words} to {last[0].words}", place, last[0].source[1], "date") if last else first


def short_name(place: Place) -> Reading:
    """Mon, Tue ... before a date; Jan., Feb. ... with their period."""
    found = _WEEKDAY.match(place.text, place.start)
    if found and found[1].lower() in WEEKDAYS and found[1][0].isupper():
        return read(WEEKDAYS[found[1].lower()], place, found.end(), "date")
    found = _DAY_OF_SEVERAL.match(place.text, place.start)
    if found and (found[2] or _DAY_BEFORE_IT.search(place.text, max(0, place.start - 12), place.start)):
        return read(WEEKDAYS[found[1].lower()], place, found.end(1), "date")
    found = _DAY_AND_HOURS.match(place.text, place.start)
    if found:  # Sat closed
        return read(WEEKDAYS[found[1].lower()], place, found.end(), "date")
    nth = _WEEKDAY_OF.match(place.text, place.start)
    if nth and _NTH_BEFORE.search(place.text, max(0, place.start - 8), place.start):
        return read(WEEKDAYS[nth[1].lower()], place, nth.end(), "date")
    found = _WEEK.match(place.text, place.start)
    if found:
        words = f"{WEEKDAYS[found[1].lower()]} to {WEEKDAYS[found[2].lower()]}"
        return read(words, place, found.end(), "date")
    found = _WHOLE_WEEK.match(place.text, place.start)
    if found:
        return read(f"{found[1]} to {found[2]}", place, found.end(), "date")
    found = _PERIOD.match(place.text, place.start)
    if found and found[1][0].isupper():
        lower, end = found[1].lower(), found.end()
        ends = not place.text[end : end + 2].strip() or place.text[end : end + 2].strip()[0].isupper()
        alone = not place.before and not place.text[end:].strip()
        named = _SENTENCE_NEXT.match(place.text, end) is not None
        if lower in _NAMES_TOO and named and place.before and place.before.lower() not in _BEFORE_MONTHS:
            return None
        if lower[:3] in _NUMBERS and lower in WORDS and len(lower) < 5 and lower not in ("may", "june", "july"):
            return read(MONTHS[_NUMBERS[lower[:3]] - 1], place, end - 1 if ends else end, "date")
        part = _PART_OF_DAY.match(place.text, end)
        listed = place.text[end : end + 1] in (",", ")", "/")
        clear = alone or part or listed or place.before.lower() in _OPENED
        clear = clear or place.before in ("m", "pm", "am", "PM", "AM")
        clear = clear or (place.before.lower() in _BEFORE_DAYS and ends)
        if lower in WEEKDAYS and (clear or lower not in ("sun", "sat", "wed")):
            return read(WEEKDAYS[lower], place, end - 1 if ends else end, "date")
    return None


def in_order(text: str, order: str) -> str | None:
    """The words of a date whose fields are in a known order ("dmy"); None where the text has other fields."""
    fields = re.findall(r"[0-9]{1,4}|[A-Za-z]{3,9}", text)
    if not fields or len(fields) != len(order):
        return None
    values: dict[str, str] = {}
    for letter, value in zip(order, fields, strict=True):
        if letter not in "dmy" or letter in values or (value.isalpha() and letter != "m"):
            return None
        values[letter] = value
    if len(values.get("d", "")) > 2 or len(values.get("y", "01")) not in (1, 2, 4) or len(values.get("m", "")) > 9:
        return None
    month = values.get("m")
    if month and month.isalpha() and month[:3].lower() not in _NUMBERS:
        return None
    return spoken_date(
        int(values["d"]) if "d" in values else None,
        (month_number(month) if month.isalpha() else int(month)) if month else None,
        values.get("y"),
        american=order.find("d") > order.find("m") or "d" not in order or order[0] == "y",
    )
