"""Two numbers with a dash between them: ranges and scores, or the halves of a version, a code, a name."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.identifiers import spoken
from speechd_neural.text.english.normalize.numbers import amount, cardinal, number, pair
from speechd_neural.text.english.normalize.rules import Place, Reading, pattern, read, words_of

_RANGE = pattern(r"(<decimal>)(?:\s?[–—]\s?|-)(<decimal>)(?:(?=[xkKM](?!\w))|(?![\w%-]|[.,/:][0-9])(?!\s{0,3}(?:=|equals\b)))")
_DAYS = re.compile(r"([0-9]{1,2})\.\s?[-–]\s?([0-9]{1,2})\.(?=\s(?:[A-ZJ][a-zä]{2,9}|[a-z]{3,10})\b)")  # 10.–12. Mai
_MULTIPLES = pattern(r"(<decimal>)x\s?[-–—]\s?(<decimal>)x(?!\w)")
# Things whose names have numbers with a dash.
_DASHED = words_of(
    "usb pci scsi ata bus bug port hub device case docket ref reference invoice ticket order part model claim permit flight node"
    " slot figure fig table chapter room section apartment apt suite unit exhibit lot locker title rule bay building drawing"
    " world stage aisle"
)
UNMEASURED = _DASHED - words_of("device model room apartment unit")
# Such pairs are names where no score is told of.
_NAMED_PAIRS = {
    "24-7": "twenty four seven", "20-20": "twenty twenty", "9-11": "nine eleven", "7-11": "seven eleven",
}  # fmt: skip
_NAMED_PAIR = re.compile(
    r"(?:24-7)(?![\w-])|20-20(?=\s(?:vision|hindsight))|9-11(?=\s(?:attack|terror|commission|memorial))|7-11(?=\s"
    r"(?:store|on|near|for)\b)"
)
_SCORED = words_of("won lost beat lead led score leading trailing win loss defeat victory tied trail down up final by")
_AIRCRAFT = re.compile(r"(7[0-9]7)-([1-9]00|(?:8|9|10)(?=ER|[\s.,;:)]|\Z))(?![\w-])")
_DEBIAN = re.compile(
    r"([0-9]{1,5}(?:\.[0-9]{1,8}){1,4})(?:-([0-9]{1,4}))?([+~][a-z][a-z0-9]{0,15}(?:[.~+][a-z0-9]{1,16}){0,3})(?!\w)"
)
_PACKAGE = re.compile(
    r"(?:\A|[\s(])(?!(?:about|around|from|between|of|to|the|is|was|are|roughly|nearly|over|under|rate|score|value|range|at|for|in|by|than"
    r"|costs?|takes?|lasts?|aged?|ages|with|up|and|or|only|just|within|after|every)\b)[a-z][a-z0-9+-]{1,20}\s\(?\Z"
)
_NUMBERED = re.compile(
    r"\b(?:Case|Docket|Order|Invoice|Matter|Permit|Part|Bill|Action|Warrant|Ticket|Claim|Model|PO|Application|Petition|Patent|Ref|Job"
    r"|Serial|Resolution|Ordinance|Contract|Policy|Item|Cause|Appeal|File|Lot)\sNo\.?\s{1,2}\Z"
)
_ENDS = re.compile(
    r"\s{0,3}(?:[\n,;:)\]]|\Z|(?:is|was|has|installed|available|removed|upgraded|updated|released|all"
    r"|amd64|arm64|x86|depends|needs|requires|breaks|replaces|conflicts)\b)"
)
_VERSIONED = words_of("version versions python ubuntu kernel linux firefox java php ruby rust go debian node release releases")
_POINTED = re.compile(r"[0-9]{1,3}\.[0-9]{1,2}\s?[-–—]\s?[0-9]{1,3}\.[0-9]{1,2}")
_FOUR = re.compile(r"[1-9][0-9]{3}")


def number_range(place: Place) -> Reading:
    """5-10 as a range, 3-1 as a score: both are read with "to"."""
    named = _NAMED_PAIR.match(place.text, place.start)
    if named and place.before.lower() not in _SCORED:
        return read(_NAMED_PAIRS[named[0]], place, named.end(), "number")
    plane = _AIRCRAFT.match(place.text, place.start)
    if plane and (place.before == "Boeing" or plane[2].endswith("00")):
        words = f"seven {cardinal(int(plane[1][1:]))} dash {cardinal(int(plane[2]))}"
        return read(words, place, plane.end(), "number")
    days = _DAYS.match(place.text, place.start)
    if days and int(days[1]) < int(days[2]) < 32:
        return read(f"{cardinal(int(days[1]))} to {cardinal(int(days[2]))}", place, days.end(), "range")
    return _debian(place) or _multiples(place) or _between(place)


def _debian(place: Place) -> Reading:
    """2.36-9+deb12u4: a version with what a distribution has changed."""
    found = _DEBIAN.match(place.text, place.start)
    if not found:
        return None
    words = " point ".join(number(part) for part in found[1].split("."))
    if found[2]:
        words += f" dash {number(found[2])}"
    names = {"+": "plus", "~": "tilde", ".": "point"}
    rest = " ".join(names.get(part) or spoken(part) for part in re.findall(r"[a-z0-9]+|[+~.]", found[3]))
    return read(f"{words} {rest}", place, found.end(), "version")


def _multiples(place: Place) -> Reading:
    """1.5x-2x."""
    found = _MULTIPLES.match(place.text, place.start)
    return read(f"{amount(found[1])} x to {amount(found[2])} x", place, found.end(), "range") if found else None


def _between(place: Place) -> Reading:
    found = _RANGE.match(place.text, place.start)
    if not found or any(len(part) > 1 and part[0] == "0" and part[1] != "." for part in found.groups()):
        return None
    if place.before.lower() in _VERSIONED and _POINTED.fullmatch(found[0]):  # Python 3.11-3.13
        ends = (" point ".join(number(part) for part in end.split(".")) for end in found.groups())
        return read(" to ".join(ends), place, found.end(), "range")
    if found[1] == found[2] == "50":
        return read("fifty fifty", place, found.end(), "range")
    if _is_code(place, found):
        last = pair(int(found[2])) if _FOUR.fullmatch(found[2]) else amount(found[2])
        return read(f"{amount(found[1])} dash {last}", place, found.end(), "number")
    if "." not in found[0] and "," not in found[0] and int(found[1]) > max(99, 10 * int(found[2])):
        return read(f"{amount(found[1])} dash {amount(found[2])}", place, found.end(), "number")  # no range, no score
    return read(f"{amount(found[1])} to {amount(found[2])}", place, found.end(), "range")


def _is_code(place: Place, found: re.Match[str]) -> bool:
    """Whether a dash parts two halves of a version or of a code, and is no range: 2.25-1, usb 1-2, No. 21-1234."""
    first, last = found[1], found[2]
    before = place.before.lower()
    if "," in first + last:
        return False
    falling = float("".join(first.split())) > float("".join(last.split()))  # a decimal may have a blank before its point
    if before == "port" and len(first) > 2 and not falling and first != last:  # from the first to the last
        return False
    if before in _DASHED and "–" not in found[0]:
        return True
    if _PACKAGE.search(place.text, max(0, place.start - 24), place.start) and _ENDS.match(place.text, found.end()):
        return "." in first and "." not in last and "–" not in found[0]
    if before == "number" and "." not in first + last and _NUMBERED.search(place.text, max(0, place.start - 32), place.start):
        return True
    if before == "number" and 2 < len(last) > len(first) < 4:  # No. 22-451
        return True
    points = ("." in first) + ("." in last)
    return points == 1 and falling and "–" not in found[0]
