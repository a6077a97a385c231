"""The forms of `say-as`: what the author of the text says it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from speechd_neural.text.normalize_numbers import ONES, amount, digits, ordinal
from speechd_neural.text.normalize_symbols import NAMES
from speechd_neural.text.token import Token

Tokens = list[Token] | None


def _characters(text: str, form: str) -> Tokens:
    tokens = []
    for index, character in enumerate(text):
        if character.isspace():
            continue
        if character.isdecimal():
            words = ONES[int(character)]
        elif character in "aA":
            words = "A"
        elif character.isalpha():
            words = character.lower()
        else:
            words = _CHARACTER_NAMES.get(character) or unicodedata.name(character, "").lower().replace("-", " ")
        tokens.append(Token(words, (index, index + 1), "spell" if words else "punctuation"))
    return tokens


_CHARACTER_NAMES = {
    **{symbol: name for symbol, name in NAMES.items() if symbol.isascii()},
    ".": "dot", ",": "comma", "-": "dash", "_": "underscore", ":": "colon", ";": "semicolon", "!": "exclamation mark",
    "?": "question mark", "(": "left paren", ")": "right paren", "[": "left bracket", "]": "right bracket",
    "{": "left brace", "}": "right brace", "'": "apostrophe", '"': "quote", "*": "star", "~": "tilde", "^": "caret",
    "|": "bar", "`": "backtick", "=": "equals", "<": "less", ">": "greater", "&": "and",
}  # fmt: skip


def _whole(text: str, words: str, kind: str) -> Tokens:
    start = len(text) - len(text.lstrip())
    return [Token(words, (start, len(text.rstrip())), kind)]


_NUMBER = re.compile(r"\s*([-−+]?)([0-9][0-9,]{0,90})(\.[0-9]{1,90})?(st|nd|rd|th)?\s*")


def _cardinal(text: str, form: str) -> Tokens:
    found = _NUMBER.fullmatch(text)
    if not found:
        return None
    from speechd_neural.text.normalize_numbers import LARGEST, cardinal

    if found[3]:
        return _whole(text, amount(found[1] + found[2] + found[3]), "number")
    value = int(found[2].replace(",", ""))
    sign = "minus " if found[1] in ("-", "−") and found[1] else ""
    return _whole(text, sign + (cardinal(value) if value < LARGEST else digits(found[2])), "number")


def _ordinal(text: str, form: str) -> Tokens:
    found = _NUMBER.fullmatch(text)
    if not found or found[3] or len(found[2]) > 60:
        return None
    return _whole(text, ordinal(int(found[2].replace(",", ""))), "ordinal")


MODES: dict[str, Callable[[str, str], Tokens]] = {
    "characters": _characters,
    "spell-out": _characters,
    "verbatim": _characters,
    "cardinal": _cardinal,
    "number": _cardinal,
    "ordinal": _ordinal,
}
