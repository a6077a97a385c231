"""Ranges that Speech Dispatcher 0.11.4 has robbed of their dash: Mon Fri, 60s 70s, June 5 7, 2012, 10W 40.

It drops every dash inside a word where it does not name it. Two days or decades side by side are a range, three or more a list.
"""

from __future__ import annotations

from collections.abc import Iterator

from speechd_neural import expressions as re
from speechd_neural.text.token import Edit

_DAY = r"(?:Mon|Tues?|Wed|Thu|Thurs?|Fri|Sat|Sun|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_MONTH = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|January|February|March|April|June|July|August|September|October"
    r"|November|December)"
)
_WEEK = ("mo", "tu", "we", "th", "fr", "sa", "su")
_TWO_DAYS = re.compile(rf"\b{_DAY} {_DAY}(?: {_DAY}){{0,6}}(?![\w'’])")
_OTHERS = re.compile(
    r"(?<![\w'’.-])[2-9]0s(?P<decades> )[2-9]0s(?![\w'’]|,| [2-9]0s)"
    r"|(?<![\w-])(?:[Oo]ver|[Uu]nder)(?P<aged> )(?:1[0-9]|[2-9][0-9])s"
    r"(?= (?:club|group|only|team|dance|welcome|discount|players|football|league|tournament|event|night|section|menu|side)\b)"
    rf"|\b{_MONTH} (?P<first>[1-9]|[12][0-9])(?P<days> )(?P<last>[1-9]|[12][0-9]|3[01])(?=, (?:19|20)[0-9]{{2}}(?!\w))"
    r"|(?<![\w.])(?:0|5|10|15|20|25)W(?P<oil> )(?:16|20|30|40|50|60)(?![\w.,])"
)
_GAPS = ("decades", "aged", "days", "oil")


def ranges(text: str) -> Iterator[Edit]:
    """The dashes, back in their places."""
    for match in _TWO_DAYS.finditer(text):
        first, *rest = match[0].lower().split()
        if len(rest) == 1 and _WEEK.index(rest[0][:2]) - _WEEK.index(first[:2]) != 2:  # Tue Thu is when a class meets
            at = match.start() + len(first)
            yield Edit(at, at + 1, "-", "")
    for match in _OTHERS.finditer(text):
        gap = next(name for name in _GAPS if match[name])
        if gap != "days" or int(match["first"]) < int(match["last"]):
            yield Edit(match.start(gap), match.end(gap), "-", "")
