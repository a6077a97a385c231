"""A word or code cut at the symbols in it: which of its words belong to which part.

What normalization makes of a whole, G-482913 digit by digit or foo.py:12 with its colon, holds also where the symbols
in it are named one by one; read alone, its parts would be quantities, times and ratios.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.identifiers import spoken
from speechd_neural.text.english.normalize.numbers import digits
from speechd_neural.text.english.normalize.rules import letters
from speechd_neural.text.english.normalize.tokens import normalize
from speechd_neural.text.token import Part, Token

# What normalization calls a symbol inside a word, an address or a number.
_NAMES = {
    ".": ("dot", "point"), "-": ("dash", "minus"), "_": ("underscore",), ":": ("colon",), "/": ("slash",),
    "\\": ("backslash",), "+": ("plus",), "@": ("at",), "#": ("hash", "sharp", "number"), "=": ("equals",),
    "&": ("and",), "~": ("tilde",), "%": ("percent",), "?": ("question mark",), "*": ("star",),
}  # fmt: skip

_RUN = re.compile(f"[^{re.escape(''.join(_NAMES))}]+")


def parts(text: str, token: Token, names: Mapping[int, str], one_by_one: bool) -> Iterator[Part]:
    """The parts of a token in order. `names`: symbols that are named, by position. one_by_one: all digits singly."""
    start, end = token.source
    said = token.words.split()
    lower = [word.lower() for word in said]
    at = 0  # words that have been given away
    position = start
    while position < end:
        symbol = text[position]
        if position in names or symbol in _NAMES:
            count = _count(lower, at, _NAMES.get(symbol, ()))
            own = " ".join(said[at : at + count])
            words = own if own == "sharp" else names.get(position) or own
            at += count
            if words:
                yield Part(position, position + 1, words, "symbol")
            position += 1
            continue
        last = position + 1
        while last < end and last not in names and text[last] not in _NAMES:
            last += 1
        written = text[position:last]
        for words in _readings(written):
            wanted = words.lower().split()
            if wanted and lower[at : at + len(wanted)] == wanted:
                kind = "word" if token.kind == "word" or (len(written) > 1 and wanted == [written.lower()]) else token.kind
                yield Part(position, last, " ".join(said[at : at + len(wanted)]), kind)
                at += len(wanted)
                break
        else:
            if len(said) - at == _left(text, position, end, names):  # Section II.B
                yield Part(position, last, said[at], token.kind)
                at += 1
                position = last
                continue
            for one in _alone(written, one_by_one):
                if one.words:
                    yield Part(position + one.source[0], position + one.source[1], one.words, one.kind)
        position = last


def _left(text: str, start: int, end: int, names: Mapping[int, str]) -> int:
    """How many parts there are to the end, as long as all symbols are ones that normalization knows."""
    return len(_RUN.findall(text, start, end)) if all(text[at] in _NAMES for at in names) else -1


def _count(words: list[str], at: int, names: tuple[str, ...]) -> int:
    """How many of the words from `at` on are one of these names."""
    for name in names:
        wanted = name.split()
        if words[at : at + len(wanted)] == wanted:
            return len(wanted)
    return 0


def _alone(written: str, one_by_one: bool) -> Sequence[Token]:
    """The tokens of a part by itself; letters and small numbers come again and again."""
    return _kept(written, one_by_one) if len(written) < 4 else normalize(written, digits=one_by_one)


@lru_cache(maxsize=512)
def _kept(written: str, one_by_one: bool) -> Sequence[Token]:
    return tuple(normalize(written, digits=one_by_one))


def _readings(written: str) -> Iterator[str]:
    """How normalization may have read a part of a whole."""
    yield " ".join(one.words for one in _alone(written, False))
    yield written
    if written.isalnum():
        if written.isascii() and written.isdecimal():
            yield digits(written)
        yield spoken(written)
        yield letters(written)
