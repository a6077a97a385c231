"""What the rules of normalization share.

A rule looks at one position of a text and returns what it reads there, or None. It is called at the start of
a token only, and its patterns are bounded, so that the whole stays linear in the length of the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import ONES
from speechd_neural.text.token import Token


class Place(NamedTuple):
    """Where a rule looks: the text, the position, the spoken word before it ("" at the start of a sentence)."""

    text: str
    start: int
    before: str

    def after_digit(self) -> bool:
        """Whether the last thing that is written before this place is a digit."""
        return self.text[max(0, self.start - 4) : self.start].rstrip()[-1:].isdecimal()


Reading = list[Token] | None
Rule = Callable[[Place], Reading]

NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,20}|[0-9]{1,3}(?:,[0-9]{2}){1,10},[0-9]{3}|[0-9]{1,100})(?![0-9])"
_CONTINENTAL = r"[0-9]{1,3}(?:\.[0-9]{3}){1,6},[0-9]{1,2}(?![0-9])"  # 1.234,56
DECIMAL = rf"(?:{_CONTINENTAL}|{NUMBER}(?: {{0,2}}\.[0-9]{{1,60}}(?![0-9]))?|\.[0-9]{{1,60}}(?![0-9]))"
END = r"(?![\w])"
# Letters of any script; what Python counts as a word character but is a raised, lowered or circled digit is left out.
LETTER = r"[^\W\d_¹²³¼½¾⁰-₟⅐-\u218b①-⓿❶-➓]"
ALNUM = LETTER[:-1].replace(r"\d", "") + "]"
# Before a number.
SIGNS = {
    "-": "minus", "−": "minus", "–": "minus", "+": "plus", "±": "plus or minus", "~": "about", "≈": "about",
    "<": "less than", ">": "greater than", "≤": "less than or equal to", "≥": "greater than or equal to",
    "<=": "less than or equal to", ">=": "greater than or equal to",
}  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def pattern(expression: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """A pattern where <number>, <decimal> and <end> stand for the expressions above."""
    for name, text in (("<number>", NUMBER), ("<decimal>", DECIMAL), ("<end>", END)):
        expression = expression.replace(name, text)
    return re.compile(expression, flags)


def read(words: str, place: Place, end: int, kind: str) -> list[Token]:
    """A reading of one token, from the place to `end`."""
    return [Token(words, (place.start, end), kind)]


def spelled_letter(letter: str) -> str:
    """How a letter's name is written among words."""
    return "A" if letter in "aA" else letter.lower()


def greek_name(letter: str) -> str:
    """The name of a Greek letter; any other letter as it is."""
    name = unicodedata.name(letter, "")
    if name.startswith("GREEK") and "LETTER " in name:
        return name.split("LETTER ")[1].split(" WITH")[0].replace("LAMDA", "LAMBDA").lower()
    return letter


def letters(text: str) -> str:
    """Letters by name, digits one by one. The letter A stays a capital: in lower case it would be the article."""
    names = []
    for character in text:
        if character.isdecimal():
            names.append(ONES[int(character)])
        elif character.isalpha():
            names.append(spelled_letter(character))
    return " ".join(names)


def words_of(text: str) -> frozenset[str]:
    """A set of words that are separated by blanks."""
    return frozenset(text.split())
