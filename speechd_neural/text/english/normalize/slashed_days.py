"""Whether 7/8 is a day or a fraction, by what stands around it."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.rules import Place, words_of

WEEKDAYS = {
    "mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "weds": "Wednesday", "thu": "Thursday",
    "thur": "Thursday", "thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
_PART_OF = re.compile(r"\s{0,2}(?:of\b|[\"″”]|(?:an? )?(?:inch(?:es)?|cups?|miles?|majority|mm|cm|th|in\.))")
# After these, 3/4 is a day; after those, only what is an odd fraction.
_DUE = words_of("due expires expiring deadline starting effective beginning dated ends ending starts begins opens closes expired")
_UNTIL = words_of("on by until till since from before after")
_VALID = re.compile(r"\b(?:valid|good|open|runs?|closed|on sale|available|extended|here) thr(?:u|ough)\s{1,2}\Z", re.IGNORECASE)
_DUE_BY = re.compile(
    r"\b(?:due|done|ready|complete|completed|finish|finished|submit|submitted|respond|reply|rsvp|return|returned|back|paid|pay|needed"
    r"|expected|deliver|delivered|ends|starts|arrives?|arriving|arrived|here|home|ships?|shipped|sent|mail|mailed|book|order|register"
    r"|apply|renew|enroll|cancel|call|confirm|decide|vote|get|leave|filed?|available|received?|join|sign up)\s{1,2}by\s{1,2}\Z",
    re.IGNORECASE,
)
_STAY = re.compile(r"\b(?:check(?:ing)?|clock(?:ed)?|move[ds]?|moving)[ -](?:in|out):?\s{1,2}\Z", re.IGNORECASE)
# Closed 12/24 and 12/25, arriving 5/6.
_HAPPENS = words_of(
    "closed open reopens reopening arrives arriving ships leaving born visited cancelled canceled updated posted renews"
)
_DATED = words_of(
    "paid signed issued filed received sent mailed shipped delivered ordered joined started ended hired moved appointment"
    " meeting party birthday exam flight interview concert wedding vacation holiday payment rent checkup class dinner lunch"
    " dentist doctor trip game reminder event recital rehearsal closing inspection"
)
_BY_ITSELF = re.compile(r"\s{0,2}(?:[,;)\n]|\.(?!\w)|\Z|\s(?:and|at|by|from|for|until|through|due)\b|[-–—])")
_FROM_TO = re.compile(r"\sto\s([0-9]{1,2})/([0-9]{1,2})(?![\w/])")
_FROM_DAY = re.compile(r"\b[Ff]rom\s([0-9]{1,2}/[0-9]{1,2})\sto\s\Z")
_WEEK_OF = re.compile(r"\b(?:[Ww]eek|[Mm]orning|[Nn]ight|[Aa]fternoon) of\s{1,2}\Z")
_AT_TIME = re.compile(r",?\s[0-9]{1,2}:[0-9]{2}(?!\w)|\s(?:at|@)\s(?:noon|midnight|[0-9]{1,2}(?::[0-9]{2}|\s?[ap]\.?m))")
_ON = re.compile(r"\w\s{1,2}\w{2,5}\s{1,3}\Z")
_ON_FIRST = re.compile(r"(?:\A|[.!?]\s{1,2})[Oo]n\s{1,3}\Z")
_SOMEBODY = re.compile(r",?\s(?:I|we|he|she|it|they|you|there)\b|,?\s(?:the|our|my|his|her|a|an)\s\w{2,20}\s\w+ed\b")
_DAY_BEFORE = re.compile(r"\b(?:on|[Cc]losed|[Oo]pen)\s[0-9]{1,2}/[0-9]{1,2}\sand\s\Z")  # open on 1/2 and 1/3
_SURELY = words_of("on until till since")
_TO_SLASHED = re.compile(r"\s?[-–—]\s?([0-9]{1,2})/([0-9]{1,2})(?![\w/])")
_DENOMINATORS = (2, 3, 4, 5, 6, 8, 10, 16, 32)
_INCH_PARTS = (16, 20, 24)  # of which fractions are written
_MOVED_TO = re.compile(r"\b(?:postponed|moved|rescheduled|delayed|extended|pushed(?: back)?|changed) to\s{1,2}\Z")

# 31/12: no fraction is written so; but 25/12 = 2, a pulse of 25/12.
_DAY_FIRST = re.compile(r"(?:1[3-9]|2[0-9]|3[01])/(?:0[1-9]|1[0-2])(?![\w/])")
_DIVIDED = re.compile(r"(?:[=+*×·÷(^-]|\b(?:BP|bp|is|of|by|was)|[0-9])\s?\Z")
_GOES_ON = re.compile(
    r"\s?[=+*×·÷)^-]|\s{1,2}(?:equals|plus|minus|times)\b|\s(?:mm|BP|in|of|x|inch|cm|units|people|correct|passed|points|done)"
)


def is_day(place: Place, found: re.Match[str]) -> bool:
    """Whether 7/8 is a day, by what stands before it: Monday 7/8, due 7/8, closed on 7/8."""
    text, start, before = place.text, place.start, place.before.lower()
    due = before in _DUE and not _PART_OF.match(text, found.end())
    if place.before in WEEKDAYS.values() or due or (before in _UNTIL and int(found[2]) > 12):
        return True
    if before == "by" and _DUE_BY.search(text, max(0, start - 20), start):
        return True
    if (before in _HAPPENS or (before in _DATED and 12 < int(found[2]) < 32)) and _BY_ITSELF.match(text, found.end()):
        return True
    if _falls(text, found) or _of_a_span(text, start, found, before):
        return True
    if _WEEK_OF.search(text, max(0, start - 12), start) or _AT_TIME.match(text, found.end()):
        return True
    if not before and not text[found.end() :].strip(" \n.") and not text[:start].strip() and int(found[1]) < 13 <= int(found[2]):
        return int(found[2]) < 32 and int(found[2]) not in _INCH_PARTS  # 12/25, and nothing else
    if before == "to" and _MOVED_TO.search(text, max(0, start - 24), start):
        return True
    falling = int(found[2]) < int(found[1]) < 13  # no fraction
    if before in ("in", "out") and not _PART_OF.match(text, found.end()) and _STAY.search(text, max(0, start - 16), start):
        return True
    if before in ("through", "thru") and not _PART_OF.match(text, found.end()) and _VALID.search(text, max(0, start - 24), start):
        return True
    if falling and before in _UNTIL | {"by", "to", "through", "thru", "the"}:
        return True
    if before == "and" and _DAY_BEFORE.search(text, max(0, start - 24), start):
        return True
    if before == "on" and _SOMEBODY.match(text, found.end()) and _ON_FIRST.search(text, max(0, start - 12), start):
        return True
    divided = _DIVIDED.search(text, max(0, start - 8), start) or _GOES_ON.match(text, found.end())
    if not divided and _DAY_FIRST.match(text, start):
        return True
    told = before in _SURELY and (before != "on" or _ON.search(text, max(0, start - 12), start))
    return bool(told) and not _PART_OF.match(text, found.end())


def _of_a_span(text: str, start: int, found: re.Match[str], before: str) -> bool:
    """Whether it begins or ends a span of days that no fractions could make: from 7/8 to 7/12."""
    if before == "from":
        to = _FROM_TO.match(text, found.end())
        days = (found[0], f"{to[1]}/{to[2]}") if to else None
    else:
        since = _FROM_DAY.search(text, max(0, start - 16), start) if before == "to" else None
        days = (since[1], found[0]) if since else None
    if not days:
        return False
    (month, day), (last_month, last_day) = (map(int, one.split("/")) for one in days)
    if not (0 < month < 13 and 0 < last_month < 13 and 0 < day < 32 and 0 < last_day < 32):
        return False
    return (month, day) < (last_month, last_day) and (last_day not in _DENOMINATORS or day not in _DENOMINATORS)


def _falls(text: str, found: re.Match[str]) -> bool:
    """Whether another day stands behind a dash, and the two, as fractions, would fall: 3/18–3/24."""
    to = _TO_SLASHED.match(text, found.end())
    if not to:
        return False
    month, day, last_month, last_day = int(found[1]), int(found[2]), int(to[1]), int(to[2])
    possible = 0 < month < 13 and 0 < last_month < 13 and 0 < day < 32 and 0 < last_day < 32 and day != last_day
    if month > day or last_month > last_day:  # 11/30–12/2: no one writes such fractions
        return possible and (month, day) < (last_month, last_day)
    return possible and month * last_day > last_month * day
