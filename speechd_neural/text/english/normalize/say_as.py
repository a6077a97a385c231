"""The forms of `say-as`: what the author of the text says it is.

Each form returns the tokens, or None where the text is not of that form and is to be read as it stands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.dates import in_order
from speechd_neural.text.english.normalize.money import CURRENCIES, money, spoken_amount
from speechd_neural.text.english.normalize.numbers import (
    LARGEST,
    ONES,
    amount,
    cardinal,
    digits,
    fraction,
    ordinal,
    roman,
)
from speechd_neural.text.english.normalize.rules import Place, spelled_letter
from speechd_neural.text.english.normalize.spans import duration
from speechd_neural.text.english.normalize.symbols import CHARACTER_NAMES
from speechd_neural.text.english.normalize.telephone import groups
from speechd_neural.text.english.normalize.times import clock, hour_only
from speechd_neural.text.token import Token

Tokens = list[Token] | None

_NUMBER = re.compile(r"\s*([-−+]?)\s?([0-9][0-9,]{0,90})(\.[0-9]{1,90})?(?:st|nd|rd|th)?\s*", re.IGNORECASE)
_PLAIN_AMOUNT = re.compile(r"[0-9][0-9,]{0,30}(?:\.[0-9]{1,10})?")

_FRACTION = re.compile(r"\s*(?:([0-9]{1,6})[+ ])?([0-9]{1,6})\s?[/⁄]\s?([0-9]{1,6})\s*")
# What is known to be a time may have points: 9.30, 21.05.10.
_POINT_TIME = re.compile(r"\s*[0-9]{1,2}\.[0-5][0-9](?:\.[0-5][0-9])?(?![0-9.]).*", re.DOTALL)
_POINTS = re.compile(r"(?<=[0-9])\.(?=[0-9])")


def _whole(text: str, words: str, kind: str) -> Tokens:
    start = len(text) - len(text.lstrip())
    return [Token(words, (start, len(text.rstrip())), kind)]


def _characters(text: str, form: str) -> Tokens:
    tokens = []
    for index, character in enumerate(text):
        if character.isspace():
            continue
        if character.isdecimal():
            words = ONES[int(character)]
        elif character.isascii() and character.isalpha():
            words = spelled_letter(character)
        elif character.isalpha():
            words = character.lower()
        else:
            words = CHARACTER_NAMES.get(character) or unicodedata.name(character, "").lower().replace("-", " ")
        tokens.append(Token(words, (index, index + 1), "spell" if words else "punctuation"))
    return tokens


def _digits(text: str, form: str) -> Tokens:
    if not re.fullmatch(r"[\s\d.,-]*\d[\s\d.,-]*", text):
        return None
    return [
        Token(digits(found[0]), found.span(), "digits", "" if found.end() == len(text.rstrip()) else ",")
        for found in re.finditer(r"\d+", text)
    ]


def _cardinal(text: str, form: str) -> Tokens:
    found = _NUMBER.fullmatch(text)
    if not found:
        value = roman(text.strip())
        return _whole(text, cardinal(value), "number") if value else None
    if found[3]:
        return _whole(text, amount(found[1] + found[2] + found[3]), "number")
    value = int(found[2].replace(",", ""))
    sign = {"": "", "+": "plus "}.get(found[1], "minus ")
    return _whole(text, sign + (cardinal(value) if value < LARGEST else digits(found[2])), "number")


def _fraction(text: str, form: str) -> Tokens:
    found = _FRACTION.fullmatch(text)
    if not found or not int(found[3]) or not int(found[2]):
        return None
    top, bottom = int(found[2]), int(found[3])
    words = fraction(top, bottom)
    if found[1]:
        words = f"{cardinal(int(found[1]))} and {'a half' if (top, bottom) == (1, 2) else words}"
    return _whole(text, words, "fraction")


def _ordinal(text: str, form: str) -> Tokens:
    found = _NUMBER.fullmatch(text)
    if not found:
        value = roman(text.strip())
        return _whole(text, ordinal(value), "ordinal") if value else None
    if found[3] or found[1] or len(found[2]) > 60:
        return None
    return _whole(text, ordinal(int(found[2].replace(",", ""))), "ordinal")


def _telephone(text: str, form: str) -> Tokens:
    if not re.fullmatch(r"[\s\d()+./#*A-Zext,-]*\d[\s\d()+./#*A-Zext,-]*", text):
        return None
    return groups(text, len(text) - len(text.lstrip()), len(text))


def _whole_reading(rule: Callable[[Place], Tokens], text: str) -> Tokens:
    """What a rule reads, if that is the whole text."""
    start = len(text) - len(text.lstrip())
    found = rule(Place(text, start, "")) if text.strip() else None
    return found if found and not text[found[-1].source[1] :].strip(" .") else None


def _currency(text: str, form: str) -> Tokens:
    code = form.strip().upper()
    if code in CURRENCIES and _PLAIN_AMOUNT.fullmatch(text.strip()):
        return _whole(text, spoken_amount(text.strip(), code), "money")
    return _whole_reading(money, text)


def _time(text: str, form: str) -> Tokens:
    text = _POINTS.sub(":", text) if _POINT_TIME.fullmatch(text) else text
    return _whole_reading(clock, text) or _whole_reading(hour_only, text) or _whole_reading(duration, text)


def _date(text: str, form: str) -> Tokens:
    order = form.strip().lower()
    if not order and re.fullmatch(r"\s*[0-9]{8}\s*", text):
        text_with_marks = re.sub(r"(\d{4})(\d\d)(\d\d)", r"\1-\2-\3", text.strip())
        words = in_order(text_with_marks, "ymd")
        return _whole(text, words, "date") if words else None
    if not order:
        fields = re.findall(r"[0-9]+", text)
        if len(fields) == 3:
            order = "ymd" if len(fields[0]) == 4 else "dmy" if int(fields[0][:2]) > 12 else "mdy"
        elif len(fields) == 2 and re.fullmatch(r"[\s\d/.-]+", text):
            order = "ym" if len(fields[0]) == 4 else "my" if len(fields[1]) == 4 else "md"
        else:
            return None
    words = in_order(text, order)
    return _whole(text, words, "date") if words else None


MODES: dict[str, Callable[[str, str], Tokens]] = {
    "characters": _characters,
    "spell-out": _characters,
    "verbatim": _characters,
    "digits": _digits,
    "cardinal": _cardinal,
    "ordinal": _ordinal,
    "fraction": _fraction,
    "telephone": _telephone,
    "currency": _currency,
    "time": _time,
    "date": _date,
}
