"""Symbols that are spoken of: in quotes, behind the word "press"; and words parted at the end of a line."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.known import is_word
from speechd_neural.text.english.normalize.rules import Place, Reading, read
from speechd_neural.text.english.normalize.symbols import CHARACTER_NAMES
from speechd_neural.text.token import Token

_SIGN = r"(?:[^\w\s{}]|_){{1,3}}"
_QUOTED = re.compile(
    "(?:"
    + "|".join(
        (
            rf"'(?P<a>{_SIGN.format(chr(39))}|[ '])'",
            rf"\"(?P<b>{_SIGN.format(chr(34))}|[ \"])\"",
            rf"“(?P<c>{_SIGN.format('“”')}| )”",
            rf"‘(?P<d>{_SIGN.format('‘’')}| )’",
            rf"`(?P<e>{_SIGN.format('`')}| )`",
            rf"«\s?(?P<f>{_SIGN.format('«»')})\s?»",
            r"\((?P<g>[,;:.!?_*'\"`|^~-])\)",
        )
    )
    + r")(?![\w'\"])"
)
_STANDS_BEFORE = "([{=:,;/—–|>"  # where a quotation may begin, besides a blank
QUOTES = "'\"“‘`«("
_FRAMED = re.compile(r"#(?=\s[^#\n]{1,80}\s#[ \t]{0,8}(?:\n|\Z))")
_LINE_BEGINS = re.compile(r"(?:\A|\n|\]\s?)[ \t]{0,2}\Z")
_FRAME_BEFORE = re.compile(r"(?:\A|\n|\]\s)[ \t]{0,2}#\s[^#\n]{1,80}\s\Z")
_LINE_ENDS = re.compile(r"[ \t]{0,8}(?:\n|\Z)")
_LONE = re.compile(r"(?:[^\w\s()]|_){1,2}(?=\s|[.,;:!?](?:\s|\Z)|\Z)")
SPOKEN_OF = re.compile(
    r"\b(?:press|presses|pressed|pressing|type|typed|typing|hit|enter|entering|insert|character|characters|symbol|sign|key"
    r"|prefix|suffix|separator|delimiter)\s{1,2}\Z",
    re.IGNORECASE,
)
_PARTED = re.compile(r"([^\W\d_]{2,30})[-‐][ \t]{0,8}\r?\n[ \t]{0,8}([a-zß-öø-ÿ]{2,30})(?![\w-])")
LONE = "".join(sorted(set(",;:.!?_*'\"`|^~-&#@%+=<>/\\$€£")))


def symbol_words(symbols: str) -> str:
    """The names of symbols, one after the other."""
    return " ".join("space" if symbol == " " else CHARACTER_NAMES.get(symbol, "") for symbol in symbols).strip()


def quoted(place: Place) -> Reading:
    """'_', ";", "--": a symbol in quotes is named, however few are named otherwise."""
    text, start, _ = place
    before = text[start - 1 : start]
    if before and not before.isspace() and before not in _STANDS_BEFORE:
        return None
    found = _QUOTED.match(text, start)
    if not found:
        return None
    inside = found[found.lastgroup or 0]
    words = symbol_words(inside)
    if not words or any(symbol != " " and symbol not in CHARACTER_NAMES for symbol in inside):
        return None
    return [Token(words, found.span(found.lastgroup or 0), "symbol")]


def spoken_of(place: Place) -> Reading:
    """press ? for help; type - twice."""
    text, start, _ = place
    if not text[start - 1 : start].isspace():
        return None
    found = _LONE.match(text, start)
    if not found or not SPOKEN_OF.search(text, max(0, start - 14), start):
        return None
    words = symbol_words(found[0])
    return read(words, place, found.end(), "symbol") if len(words.split()) >= len(found[0]) else None


def frame(place: Place) -> Reading:
    """# Title #: signs that only frame a line are not read."""
    text, start, _ = place
    if start and not text[start - 1].isspace():
        return None
    opens = _FRAMED.match(text, start) if _LINE_BEGINS.search(text, max(0, start - 4), start) else None
    closes = not opens and _LINE_ENDS.match(text, start + 1) and _FRAME_BEFORE.search(text, max(0, start - 84), start)
    return [Token("", (start, start + 1), "punctuation")] if opens or closes else None


def parted(place: Place) -> Reading:
    """nega-, at the end of a line, and tive: a word where there is such a word."""
    found = _PARTED.match(place.text, place.start)
    if not found or place.text[place.start - 1 : place.start] == "-":
        return None
    word = found[1] + found[2]
    return read(word, place, found.end(), "word") if is_word(word.lower()) else None
