"""What counts as one character; emoji of several characters that show one picture among them."""

from __future__ import annotations

import unicodedata

from speechd_neural import expressions as re

_SKIN = "\U0001f3fb-\U0001f3ff"
_FLAG = "\U0001f1e6-\U0001f1ff"
_BASE = (
    "(?:[\U0001f000-\U0001f0ff\U0001f170-\U0001f19f\U0001f200-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf"
    "⌚⌛⏏⏩-⏺⬅⬆⬇⬛⬜⭐⭕〰〽㊗㊙‼⁉▶◀⤴⤵↔-↙↩↪])"
)
_PART = f"{_BASE}[\ufe0e\ufe0f]?[{_SKIN}]?\ufe0f?[\U000e0020-\U000e007f]*"
EMOJI = re.compile(
    f"[{_FLAG}]{{2}}|[0-9#*]\ufe0f?\u20e3|{_PART}(?:\u200d(?:{_PART})){{0,8}}|[{_SKIN}]|[©®™ℹⓂ]\ufe0f"
)
# Symbols among them that are text unless a style selector follows.
_TEXT = frozenset("↔↕↖↗↘↙↩↪▶◀✓✔✗✘✕✖★☆☐☑☒♀♂♔♕♖♗♘♙♚♛♜♝♞♟♠♣♥♦♩♪♫♬♭♮♯✦✱❖➔➜➢➤❯❮❱❰")

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
            match = EMOJI.match(text, position)
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


def is_text(sequence: str) -> bool:
    """A match of EMOJI that is an ordinary symbol: no style selector, and read as text by custom."""
    return len(sequence) == 1 and sequence in _TEXT
