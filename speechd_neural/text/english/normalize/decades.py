"""Decades and spans of years: the 1990s, his 20s or 30s, 1990-95."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import cardinal, ordinal, plural, year
from speechd_neural.text.english.normalize.rules import Place, Reading, read, words_of

_DECADE_WORDS = words_of(
    "the early mid late in his her their my your our low high upper lower roaring swinging"
)
_DECADE = re.compile(r"([0-9]{2}(?:[0-9]0)?)(['’]?)(?:s|(?<=[0-9]{4})S)(?!\w)")
_SPACED_DECADE = re.compile(r"(1[1-9][0-9]0|20[0-9]0) s(?![\w'’])")
_LASTING = words_of(
    "for after within took takes last lasts lasted wait waits waited waiting sleep sleeps than about every timeout"
)
_DECADE_NOUN = re.compile(
    r"\s(?:music|movies?|films?|style|fashion|kids?|rock|hits|songs?|pop|era|nostalgia"
    r"|diners?|sitcoms?|cartoons?|hair|slang|decor|icons?)\b"
)
_PLURAL = re.compile(r"([0-9]{1,3}(?:,000){1,4}|10{1,3})s(?!\w)(?=(\sof\b)?)")
_AGED = re.compile(r"([1-9][0-9]?)s(?!\w)")  # over-60s, under-18s, omega 3s
_AGES = ("over-", "under-")
_AIRLINERS = re.compile(r"(7[0-8]7)s(?!\w)")
_DECADE_PAIR = re.compile(r"\s?(?:,|/|[-–]|&|,? ?(?:and|or|to|through)\b)\s?['’]?[0-9]0['’]?s(?!\w)")
_AFTER_DECADE = re.compile(r"[0-9]0['’]?s(?:\s?[,/&–-]|,?\s(?:and|or|to|through))\s?\Z")
_LASTING_PAIR = re.compile(
    r"\b(?:for|after|within|takes?|lasts?|wait(?:s|ed|ing)?|sleeps?|every|timeout|about|than)\s{1,2}[0-9]0s(?:\s?[,/–-]|,?\s(?:and|or|to))\s?\Z"
)
_TENS = re.compile(r"([2-9]0)s\s?[-–]\s?['’]?([2-9]0)s(?!\w)")
_DECADES = re.compile(r"(1[0-9][0-9]0|20[0-9]0)s\s?[-–/]\s?['’]?([0-9]0|1[0-9][0-9]0|20[0-9]0)s(?!\w)")
_YEARS = re.compile(r"((?:1[0-9]|20)[0-9]{2})\s?[-–—/]\s?((?:1[0-9]|20)?[0-9]{2})(?![\w-]|[.,/:-][0-9])")
_SINCE = re.compile(r"((?:1[0-9]|20)[0-9]{2})\s?[-–—]\s?(?=(?:present|today|now|current)\b)", re.IGNORECASE)
_SHORT_DECADE = re.compile(r"['’‘]([0-9]0)s(?!\w)")
_FIRST_DECADE = re.compile(r"['’‘]?00s(?!\w)")
_CENTURY = re.compile(r"([0-9]{1,2})(st|nd|rd|th)\sc\.?(?=\s?(?:[,;)]|\Z|BCE?|CE|AD|[a-z]|[A-Z]))(?!\.?\w)")
_SHORT_YEAR = re.compile(r"['’‘]([0-9]{2})(?!\w)")


def decade(place: Place) -> Reading:
    """1990s, 1990 s, the 90s, '90s; a century as in 1900s and 19th c."""
    found = _CENTURY.match(place.text, place.start)
    if found and 0 < int(found[1]) < 22:
        return read(f"{ordinal(int(found[1]))} century", place, found.end(), "ordinal")
    found = _PLURAL.match(place.text, place.start)
    if found and (found[1].find(",") > 0 or found[2]):
        words = plural(cardinal(int(found[1].replace(",", ""))))
        return read(words.removeprefix("one "), place, found.end(), "number")
    found = _AGED.match(place.text, place.start)
    if found and (place.before.lower() == "omega" or place.text[max(0, place.start - 6) : place.start].lower().endswith(_AGES)):
        return read(plural(cardinal(int(found[1]))), place, found.end(), "number")
    found = _AIRLINERS.match(place.text, place.start)
    if found:
        return read(plural(f"{cardinal(int(found[1][0]))} {cardinal(int(found[1][1:]))}"), place, found.end(), "number")
    found = _DECADES.match(place.text, place.start)
    if found:
        words = f"{plural(year(int(found[1])))} to {plural(year(int(found[2])))}"
        return read(words, place, found.end(), "date")
    found = _SPACED_DECADE.match(place.text, place.start)
    if found and place.before.lower() not in _LASTING:
        return read(plural(year(int(found[1]))), place, found.end(), "date")
    found = _TENS.match(place.text, place.start)
    if found:
        words = f"{plural(cardinal(int(found[1])))} to {plural(cardinal(int(found[2])))}"
        return read(words, place, found.end(), "date")
    found = _FIRST_DECADE.match(place.text, place.start)
    if found and (found[0][0] != "0" or place.before.lower() in _DECADE_WORDS or _paired(place, found.end())):
        return read("two thousands", place, found.end(), "date")
    found = _DECADE.match(place.text, place.start)
    if found:
        value = int(found[1])
        if len(found[1]) == 2:
            if value % 10 or value < 20 or not (
                found[2] or place.before.lower() in _DECADE_WORDS or _DECADE_NOUN.match(place.text, found.end())
                or _paired(place, found.end())
            ):
                return None
        elif not 1000 <= value < 2100:
            return None
        words = "thousands" if value == 1000 else plural(year(value))
        return read(words, place, found.end(), "date")
    found = _SHORT_DECADE.match(place.text, place.start)
    if found:
        return read(plural(cardinal(int(found[1]))), place, found.end(), "date")
    found = _SHORT_YEAR.match(place.text, place.start)
    if found:
        value = int(found[1])
        return read(("oh " if value < 10 else "") + cardinal(value), place, found.end(), "date")
    return None


def _paired(place: Place, end: int) -> bool:
    """Whether a decade stands beside another: the 60s, 70s and 80s."""
    text, start, before = place
    if _DECADE_PAIR.match(text, end):
        return before.lower() not in _LASTING
    if not _AFTER_DECADE.search(text, max(0, start - 14), start):
        return False
    return not _LASTING_PAIR.search(text, max(0, start - 28), start)


def years(place: Place) -> Reading:
    """1990-1995, 1990-95, 2019–present."""
    since = _SINCE.match(place.text, place.start)
    if since:
        return read(f"{year(int(since[1]))} to", place, since.end(), "date")
    found = _YEARS.match(place.text, place.start)
    if not found:
        return None
    first, last = int(found[1]), int(found[2])
    if (last if last > 99 else first // 100 * 100 + last) <= first:
        return None
    to = year(last) if last > 99 else ("oh " if last < 10 else "") + cardinal(last)
    return read(f"{year(first)} to {to}", place, found.end(), "date")
