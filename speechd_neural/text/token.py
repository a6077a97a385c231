"""What reading makes of a text: tokens of normalization, and things as they are to be spoken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

SPACE = " "  # among phones: between two words
PUNCTUATION = (",", ".", "?", "!")  # among phones: a phrase ends
Phones = tuple[str, ...]


class Token(NamedTuple):
    """One thing as it is to be spoken.

    words: the spoken words, separated by blanks ("twenty one"); empty for punctuation alone.
    source: start and end, code points of the text given to `normalize`.
    kind: what it was taken for: word, number, date, time, punctuation, spell ...
    punctuation: the phrase end that follows it, one of , . ? ! or "".
    """

    words: str
    source: tuple[int, int]
    kind: str = "word"
    punctuation: str = ""


class Part(NamedTuple):
    """A part text[start:end] of a token, how it is said, and its kind: "symbol" for a symbol by its name."""

    start: int
    end: int
    words: str
    kind: str


class Edit(NamedTuple):
    """text[start:end] was written as `written`; `name`: what a server calls it, "" where it has not named it."""

    start: int
    end: int
    written: str
    name: str


class Spoken(NamedTuple):
    """One thing that is spoken: its words, where it stands in the phrase, and how its words are to be said.

    letters: a single letter among the words is the letter's name. phones: said exactly so. capital: announce a
    capital before it. punctuation: the phrase end after it. whole: to be pronounced as this word, not as its words.
    """

    words: str
    source: tuple[int, int]
    kind: str = "word"
    letters: bool = False
    punctuation: str = ""
    phones: Phones = ()
    capital: bool = False
    whole: str = ""


def one_stress(symbols: Iterable[str]) -> tuple[str, ...]:
    """The symbols with secondary stress as primary ("aa2" -> "aa1"), as voices read them that know only one stress."""
    return tuple([symbol[:-1] + "1" if symbol[-1:] == "2" else symbol for symbol in symbols])
