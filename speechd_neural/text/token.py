"""What normalization makes of a text: spoken words, each with the place it came from."""

from __future__ import annotations

from typing import NamedTuple


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
