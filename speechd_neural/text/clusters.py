"""What counts as one character."""

from __future__ import annotations

import unicodedata

from speechd_neural.text import emoji

_JOINER = "\u200d"
_HANGUL_LEADING, _HANGUL_VOWEL, _HANGUL_TRAILING = ("\u1100", "\u115f"), ("\u1160", "\u11a7"), ("\u11a8", "\u11ff")


def clusters(text: str) -> list[tuple[int, int]]:
    """Start and end of what a reader takes for one character: a base with its marks, an emoji sequence, a flag.

    A simplification of Unicode Standard Annex 29, extended grapheme clusters.
    """
    found: list[tuple[int, int]] = []
    position, length = 0, len(text)
    while position < length:
        start = position
        if text[position] > "\u2000" or text[position] in "0123456789#*":
            match = emoji.PATTERN.match(text, position)
            position = match.end() if match else position + 1
        elif text[position : position + 2] == "\r\n":
            position += 2
        else:
            position += 1
        while position < length and text[position] > "\u02ff" and _extends(text, position):
            position += 1
        found.append((start, position))
    return found


def _extends(text: str, at: int) -> bool:
    character = text[at]
    if character == _JOINER or unicodedata.category(character) in ("Mn", "Mc", "Me"):
        return True
    before = text[at - 1]
    if _within(character, _HANGUL_VOWEL):
        return _within(before, _HANGUL_LEADING) or _within(before, _HANGUL_VOWEL)
    return _within(character, _HANGUL_TRAILING) and "\u1160" <= before <= "\u11ff"


def _within(character: str, bounds: tuple[str, str]) -> bool:
    return bounds[0] <= character <= bounds[1]
