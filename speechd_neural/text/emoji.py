"""Emoji in a text: sequences of several characters that show one picture are one thing. Their names are a language's."""

from __future__ import annotations

import re

_SKIN = "\U0001f3fb-\U0001f3ff"
_FLAG = "\U0001f1e6-\U0001f1ff"
_BASE = (
    "(?:[\U0001f000-\U0001f0ff\U0001f170-\U0001f19f\U0001f200-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf"
    "⌚⌛⏏⏩-⏺⬅⬆⬇⬛⬜⭐⭕〰〽㊗㊙‼⁉▶◀⤴⤵↔-↙↩↪])"
)
_PART = f"{_BASE}[\ufe0e\ufe0f]?[{_SKIN}]?\ufe0f?[\U000e0020-\U000e007f]*"
PATTERN = re.compile(
    f"[{_FLAG}]{{2}}|[0-9#*]\ufe0f?\u20e3|{_PART}(?:\u200d(?:{_PART})){{0,8}}|[{_SKIN}]|[©®™ℹⓂ]\ufe0f"
)
# Symbols among them that are text unless a style selector follows.
_TEXT = frozenset("↔↕↖↗↘↙↩↪▶◀✓✔✗✘✕✖★☆☐☑☒♀♂♔♕♖♗♘♙♚♛♜♝♞♟♠♣♥♦♩♪♫♬♭♮♯✦✱❖➔➜➢")


def is_text(sequence: str) -> bool:
    """A match of PATTERN that is an ordinary symbol: no style selector, and read as text by custom."""
    return len(sequence) == 1 and sequence in _TEXT
