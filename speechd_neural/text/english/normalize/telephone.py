"""Telephone numbers and other numbers in groups: each digit by itself, a pause between the groups."""

from __future__ import annotations

import re

from speechd_neural.text.english.normalize.numbers import digits
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, read
from speechd_neural.text.token import Token

_AFTER = r"(?![\w]|[-.:/][0-9])"
_EXTENSION = r"(?:,?\s{0,2}(?:ext\.?|x|extension)\s?[0-9]{1,6})?"
_NUMBERS = re.compile(
    r"(?:"
    rf"(?:\+?1[-. ]?\s?)?\([0-9]{{3}}\)[ -]{{0,2}}[0-9]{{3}}[-. ][0-9]{{4}}{_EXTENSION}"
    rf"|(?:\+?1[-. ])?[0-9]{{3}}([-. ])[0-9]{{3}}\1[0-9]{{4}}{_EXTENSION}"
    rf"|[0-9]{{3}}-[0-9]{{4}}{_EXTENSION}"
    r"|\+[0-9]{1,3}(?:[ .-]?\(?[0-9]{1,5}\)?){2,6}"
    r"|\+[0-9]{7,15}"
    r"|\(0\)\s?[0-9]{2,4}[ -][0-9]{3,4}[ -][0-9]{3,4}"
    r"|0[0-9]{2,4} [0-9]{3,4} [0-9]{3,4}"
    r"|0[0-9]{4} [0-9]{6}"
    r"|[0-9]{3}-[0-9]{2}-[0-9]{4}"
    r"|[0-9]{4}([- ])[0-9]{4}\2[0-9]{4}\2[0-9]{4}"
    r"|[0-9]{5}-[0-9]{4}"  # a ZIP code
    r"|[0-9]{1,7}(?:-[0-9]{1,7}){2,6}(?:-X)?(?!\s?=)"
    rf"){_AFTER}"
)
_LETTERED = re.compile(r"1-8[0-9]{2}-([0-9A-Z]{3,7}(?:-[0-9A-Z]{3,4})?)(?![\w-])")
_SHORT_CODE = re.compile(r"([0-9]{3})-([0-9]{3})(?![\w-])")
_LOCAL = re.compile(r"[0-9]{3} [0-9]{4}(?![\w]|[-.:/,%°][0-9]?)")
_CALLED = re.compile(
    r"\b(?:call|calls|called|calling|dial|dialed|phone|telephone|tel|fax|mobile|cell|text|number(?=:| is| was))\b[^0-9]{0,12}\Z",
    re.IGNORECASE,
)
_GROUP = re.compile(r"\+|[0-9]+|[A-Z]+|ext\.?|extension|x")


def telephone(place: Place) -> Reading:
    """(555) 123-4567, +44 20 7946 0958, 1-800-FLOWERS, 555-1234 x12; also 123-45-6789."""
    found = _LETTERED.match(place.text, place.start) or _NUMBERS.match(place.text, place.start)
    if not found and _CALLED.search(place.text[max(0, place.start - 24) : place.start]):
        found = _LOCAL.match(place.text, place.start)  # 555 1234
    if not found:
        return None
    return groups(place.text, place.start, found.end())


def groups(text: str, start: int, end: int) -> list[Token]:
    """The groups of digits between two positions, one token each."""
    tokens: list[Token] = []
    plus = False
    opened = start
    for group in _GROUP.finditer(text, start, end):
        written = group[0]
        if written == "+":
            plus, opened = True, group.start()
            continue
        if written[0].isdecimal():
            words = digits(written)
        elif written[0] in "ex":
            words = "extension"
        else:
            words = written if len(written) > 2 else letters(written)
        first = opened if plus or not tokens else group.start()
        tokens.append(Token(("plus " if plus else "") + words, (first, group.end()), "telephone"))
        plus = False
    pauses = [
        "" if token.words == "extension" or index == len(tokens) - 1 else "," for index, token in enumerate(tokens)
    ]
    return [Token(t.words, t.source, t.kind, p) for t, p in zip(tokens, pauses, strict=True)]


def spaced_code(place: Place) -> Reading:
    """A single group of digits after a word such as "code": 123-456."""
    found = _SHORT_CODE.match(place.text, place.start)
    if not found or place.before.lower() not in ("code", "pin", "is", "otp"):
        return None
    return read(f"{digits(found[1])} {digits(found[2])}", place, found.end(), "digits")
