"""How long something lasts or how long ago it was: 1h30m, 2d 4h, 5m ago, Up 30m."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import amount, cardinal
from speechd_neural.text.english.normalize.rules import Place, Reading, read, words_of

_DURATION = re.compile(
    r"(?:([0-9]{1,3})\s?h\.?\s?([0-9]{1,2})\s?(?:min|m)(?:\s?([0-9]{1,2})\s?s)?|([0-9]{1,3})\s?m\s?([0-9]{1,2})\s?s)(?!\w)"
)
# 2w 3d, 1d 5h 30m: from the longer to the shorter.
_PARTS = re.compile(
    r"(?:([0-9]{1,3})y\s?)?(?:([0-9]{1,3})mo\s?)?(?:([0-9]{1,3})w\s?)?(?:([0-9]{1,4})d\s?)?(?:([0-9]{1,3})h\s?)?(?:([0-9]{1,3})m\s?)?"
    r"(?:([0-9]{1,3})s)?(?<=[wdhmso])(?!\w)"
)
_EXACT = re.compile(r"([0-9]{1,4})m([0-9]{1,2}\.[0-9]{1,3})s(?!\w)")
_HOUR_MINUTE = re.compile(r"(0?[0-9]|1[0-9]|2[0-4])h([0-5][0-9])(?![\w.-])")
_SPANS = {
    "s": "second", "sec": "second", "m": "minute", "min": "minute", "h": "hour", "hr": "hour", "d": "day", "w": "week",
    "wk": "week",
    "mo": "month", "mon": "month", "mth": "month", "y": "year", "yr": "year",
}  # fmt: skip
_SPAN = re.compile(r"([0-9]{1,4})(\s?)(sec|s|min|mth|mo|m|hr|h|d|wk|w|yr|y)(?:(?<=[a-z]{2})s)?\.?(?![\w/])")
_SPAN_AFTER = re.compile(
    r"\s{1,2}(?:ago|left|remaining|to go|later|earlier|late|early|old|older|overdue|elapsed|delay|delayed|timeout|read(?!\w)"
    r"|walk|drive|ride|away|behind|from now|until|till|before|after|since|idle|uptime|online|offline|active|break"
    r"|timer|warning|listen|watch)\b|\s?[·•]|\s{1,3}(?:middle dot|bullet)\b"
)
_OFTEN = re.compile(
    r"([1-9][0-9]?)(\s?[x×])(?:(\s(?=(?:daily|weekly|monthly|yearly|nightly|an?\s(?:day|week|month|year|night)|(?:per|each|every)\s(?:day"
    r"|week|month|year|night))\b))|\s?/\s?(day|week|wk|month|mo|year|yr|night|d)(?!\w))"
)
_SPAN_NOUN = re.compile(
    r"\s{1,2}(?:delay|timeout|read|walk|drive|ride|break|timer|warning|listen|watch|flight|nap|video|clip|call|meeting|wait|pause|rest)(?!\w)"
)
_DAYS = re.compile(r"([4-9]|[1-9][0-9]{1,2})d(?![\w/-])")  # 2d and 3d are pictures too
_PEOPLE = re.compile(
    r"([0-9]{1,3}(?:\.[0-9]{1,2})?)([mMbB])\+?\s(?="
    r"(?:(?:daily|monthly|weekly|yearly|annual|active|paid|paying|new|registered|unique|total|concurrent|more|free|API|app|page|mobile)\s){0,3}"
    r"(?:requests|queries|events|messages|calls|transactions|lines|images|installs|packets|posts|orders|visits|hits|impressions|clicks"
    r"|followers?|subscribers|people|views|users|downloads|likes|plays|listeners|viewers|customers|members"
    r"|streams|copies|flee|displaced|dead|jobless|refugees|children|students|workers|migrants|troops|doses|acres|records|rows|votes|households|jobs|tons|tonnes|barrels|visitors|passengers|players|tourists|homes|accounts|parameters|params|tokens)\b)"
)
_MILLIONS = re.compile(r"([0-9]{1,4}(?:\.[0-9])?)m(?!\w)")
_PEOPLE_BEFORE = words_of("population followers subscribers views downloads circulation viewers listeners")
_LOADS = re.compile(r"([0-9]{1,2})m(?:(\s?/\s?|,?\s)([0-9]{1,2})m)(?:\2([0-9]{1,2})m)(?!\w)")  # 1m 5m 15m
_SPAN_BEFORE = re.compile(
    r"\b(?:prep|cook|bake|chill"
    r"|up|uptime|every|eta|elapsed|idle|ago|took|takes|waited|wait|waiting|snoozed?|snooze for|muted?(?: for)?"
    r"|paused?(?: for)?|sleep|timeout|timer|delay|duration|runtime|length|expires? in|due in|starts? in|ends? in|again in"
    r"|back in|retry in|retrying in|resumes? in|refresh(?:es|ed)?(?: in)?|updated?|seen|last seen|active|last active"
    r"|offline|online|away(?: for)?|(?:gone|busy|idle|open|visible|set) for"
    r"|remind me in|remaining|left|age|old|since|in|edited|modified|lasted|lasts|delayed|past|last|next"
    r"|posted|sent|read|joined|started|saved|synced|checked|reply|replied|commented|created|closed|opened|merged|pushed|avg|average)"
    r"[:=]?\s{1,2}\Z|[·•]\s?\Z",
    re.IGNORECASE,
)
_NEXT_OF = re.compile(
    r"\s{1,2}(?:of|deep|high|tall|long|wide|above|below|apart|ahead|tape|cable|rope|pool|sprint|race|dash|freestyle)\b"
)


def counted(value: int, name: str) -> str:
    """"one hour", "two hours"."""
    return f"{cardinal(value)} {name}{'' if value == 1 else 's'}"


def duration(place: Place) -> Reading:
    """1h30m, 2h 5m 10s, 5m30s, 2d 4h; 5m ago, 3w left."""
    exact = _EXACT.match(place.text, place.start)
    if exact:  # real 0m1.254s
        return read(f"{counted(int(exact[1]), 'minute')} {amount(exact[2])} seconds", place, exact.end(), "time")
    found = _DURATION.match(place.text, place.start)
    if not found:
        return _how_often(place) or _hour_minute(place) or _parts(place) or _loads(place) or _span(place) or _days(place)
    names = ("hour", "minute", "second", "minute", "second")
    words = [counted(int(value), name) for value, name in zip(found.groups(), names, strict=True) if value]
    return read(" ".join(words), place, found.end(), "time")


def _how_often(place: Place) -> Reading:
    """2x/day, 3x weekly."""
    found = _OFTEN.match(place.text, place.start)
    if not found:
        return None
    times = {"1": "once", "2": "twice"}.get(found[1], f"{cardinal(int(found[1]))} times")
    if found[3]:  # the rest is words already
        return read(times, place, found.end(1) + len(found[2]), "time")
    period = {"d": "day", "wk": "week", "mo": "month", "yr": "year"}.get(found[4], found[4])
    return read(f"{times} per {period}", place, found.end(), "time")


def _parts(place: Place) -> Reading:
    """1d 5h, 2w 3d, 1d 2h 30m: two or more."""
    found = _PARTS.match(place.text, place.start)
    values = [value for value in found.groups() if value] if found else []
    if not found or len(values) < 2:
        return None
    names = ("year", "month", "week", "day", "hour", "minute", "second")
    words = [counted(int(value), name) for value, name in zip(found.groups(), names, strict=True) if value]
    return read(" ".join(words), place, found.end(), "time")


def _hour_minute(place: Place) -> Reading:
    """17h30, 8h05: a time of day as the French write it; a small hour may also be how long something lasts."""
    found = _HOUR_MINUTE.match(place.text, place.start)
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2])
    if hour < 6 and found[1][0] != "0":
        words = " ".join(counted(value, name) for value, name in ((hour, "hour"), (minute, "minute")) if value)
    else:
        words = f"{cardinal(hour)} {'oh ' if 0 < minute < 10 else ''}{cardinal(minute) if minute else 'hundred'}"
    return read(words, place, found.end(), "time") if words else None


def _loads(place: Place) -> Reading:
    """1m 5m 15m, as a system tells its load; 2m followers, which are millions."""
    found = _PEOPLE.match(place.text, place.start)
    if found:
        return read(f"{amount(found[1])} {'million' if found[2] in 'mM' else 'billion'}", place, found.end() - 1, "number")
    found = _MILLIONS.match(place.text, place.start)
    if found and place.before.lower().rstrip(":") in _PEOPLE_BEFORE:
        return read(f"{amount(found[1])} million", place, found.end(), "number")
    found = _LOADS.match(place.text, place.start)
    if not found:
        return None
    words = " ".join(counted(int(value), "minute") for value in (found[1], found[3], found[4]))
    return read(words, place, found.end(), "time")


def _days(place: Place) -> Reading:
    """7d, 30d: a span to choose from."""
    found = _DAYS.match(place.text, place.start)
    if not found or place.text[place.start - 1 : place.start] in ("-", "."):
        return None
    return read(counted(int(found[1]), "day"), place, found.end(), "time")


def _span(place: Place) -> Reading:
    """5m ago, Up 30m, 3w left: one letter that stands for a time, where the words around it say so."""
    text, start, _ = place
    found = _SPAN.match(text, start)
    if not found or _NEXT_OF.match(text, found.end()):
        return None
    before = _SPAN_BEFORE.search(text, max(0, start - 24), start)
    if before and before[0].strip().lower() == "in" and (found[2] or found[3] not in "mhdwsy"):
        before = None  # in 5 m of water
    if not before and not _SPAN_AFTER.match(text, found.end()):
        return None
    end = found.end()
    plural = text[found.end(3) : found.end(3) + 1] == "s"
    if _SPAN_NOUN.match(text, end) and not plural:  # a five minute break
        return read(f"{cardinal(int(found[1]))} {_SPANS[found[3]]}", place, end, "time")
    if text[end - 1] == "." and not text[end : end + 3].strip()[:1].islower():
        end -= 1
    return read(counted(int(found[1]), _SPANS[found[3]]), place, end, "time")
