"""The characters of a request that are spoken: without markup, with entities resolved, cleaned as the reader cleans them.

What looks for words in a request looks here: a mark between two words, an entity or an invisible character within one
must not hide it.
"""

from __future__ import annotations

from speechd_neural.text.passage import cleaned
from speechd_neural.text.ssml import Boundary, Break, Piece, Style, Text, scan
from speechd_neural.types import Kind


def plain(text: str, kind: Kind) -> str:
    """Linear in the length of the text. What an element has other words for (sub) is there with those words."""
    if kind is not Kind.SSML:
        return _cleaned(Text(text, (0, len(text)), Style()))
    parts: list[str] = []
    alias = None  # the number of the element whose words were said already
    for piece in scan(text):
        reading = None if isinstance(piece, Boundary | Break) else getattr(piece, "style", Style()).reading
        if reading is not None and reading.element == "sub":
            if reading.number != alias:
                parts.append(f" {reading.value} ")
                alias = reading.number
        elif isinstance(piece, Text):
            parts.append(_cleaned(piece))
        elif _separates(piece):
            parts.append(" ")
    return "".join(parts)


def _separates(piece: Piece) -> bool:
    return isinstance(piece, Boundary) or (isinstance(piece, Break) and piece.seconds > 0)


def _cleaned(piece: Text) -> str:
    return "".join(part for part, _ in cleaned(piece))
