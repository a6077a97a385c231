"""English text as it is written, to the words that are spoken.

Literal when unsure: what is ambiguous is read as it is written. Nothing is lost or put in another order, and
words go through unchanged, so that normalizing the result changes nothing. In every kind of token but "word",
a single letter stands for its name, and the letter A is written as a capital.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from speechd_neural import expressions as re
from speechd_neural.text.english.cuts import CUTS
from speechd_neural.text.english.normalize import lone_symbols
from speechd_neural.text.english.normalize import say_as as say_as_modes
from speechd_neural.text.english.normalize.apostrophes import plain_apostrophes
from speechd_neural.text.english.normalize.commands import calculated
from speechd_neural.text.english.normalize.dispatch import SPECIAL_WORDS, SYMBOL_RULES, digit_rules, letter_rules
from speechd_neural.text.english.normalize.identifiers import spoken
from speechd_neural.text.english.normalize.letter_a import is_article
from speechd_neural.text.english.normalize.math import RAISED
from speechd_neural.text.english.normalize.numbers import digits as digit_words
from speechd_neural.text.english.normalize.numbers import number
from speechd_neural.text.english.normalize.rules import LETTER, Place
from speechd_neural.text.english.normalize.science import BRACKETED, subtracts
from speechd_neural.text.english.normalize.symbols import symbol_name
from speechd_neural.text.token import Token

_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0e\ufe0f]+")
# A word that needs no thought: letters, then a blank, the end, or one mark before either.
_WORD = re.compile(r"([A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’][a-z]+)?)([,.;:!?]?)(?:[ \t\n]+(?=[^\s\-–—(\[{])|\Z)")
_CONTRACTED = re.compile(r"(.{2,})(['’](?:s|d|ll|re|ve|m|ed|ing))", re.DOTALL)
_MARK = {",": ",", ";": ",", ":": ",", ".": ".", "!": "!", "?": "?", "": ""}
# What may follow a token: closing marks, a dash, an opening bracket that the voice should pause before.
_TAIL = re.compile(
    r"(?P<marks>[)\]}\"'”’»,.;:!?…]*)(?P<dash>\s{1,8}-{1,3}(?=\s)|(?:\s{0,8}[–—]|--)[–—-]*(?![0-9])|)"
    r"(?=(?P<opening>\s{0,8}[(\[{])?)"
)
_DIGITS = re.compile(r"[0-9]+")
_ANY_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(rf"{LETTER}+(?:['’]{LETTER}+)*")
_DIGIT_NEXT = re.compile(r"[ \t\xa0\u202f]{1,8}[0-9]")
_NUMBER_NEXT = re.compile(r"\s{0,8}[0-9]")


def normalize(text: str, *, digits: bool = False, say_as: str | None = None) -> list[Token]:
    """The spoken words of `text`, in order; see `iter_normalize`."""
    return list(iter_normalize(text, digits=digits, say_as=say_as))


def iter_normalize(text: str, *, digits: bool = False, say_as: str | None = None) -> Iterator[Token]:
    """The spoken words of `text`, one token after the other.

    digits: read every digit by itself. say_as: characters, spell-out, verbatim, digits, cardinal, ordinal,
    telephone, currency, time, or date, with an optional order of the fields after a colon ("date:dmy"). An unknown
    value, or a text that is not of that form, is read as if it were not given.
    """
    if say_as:
        mode, _, form = say_as.partition(":")
        if mode in say_as_modes.MODES:
            tokens = say_as_modes.MODES[mode](text, form)
            if tokens is not None:
                return iter(tokens)
        digits = digits or mode == "digits"
    return _tokens(plain_apostrophes(text), digits)


def _tokens(text: str, one_by_one: bool) -> Iterator[Token]:
    position, before, length = 0, "", len(text)
    paused = True  # whether a phrase end, or nothing, came before
    while position < length:
        word = _WORD.match(text, position)
        if word:
            written, mark = word.groups()
            alone = len(written) == 1 and not (written == "a" and is_article(text, position, before))
            if alone or written.lower() in SPECIAL_WORDS:
                pass
            elif len(written) == 2 and written.isupper() and text[word.end() : word.end() + 1].isdecimal():
                pass  # Portland, ME 04101
            elif written[1:].islower() or len(written) == 1 or written.isupper():
                if "’" in written:
                    written = written.replace("’", "'")
                if mark and mark in ".!" and CUTS.goes_on(text, position, word.end(1), word.end()):
                    mark = ""
                yield Token(written, (position, word.end(1)), "word", _MARK[mark])
                position, before, paused = word.end(), "" if mark and mark in ".!?" else written, bool(mark)
                continue
        blank = _BLANK.match(text, position)
        if blank:
            position = blank.end()
            continue
        found = _read(Place(text, position, before), one_by_one)
        last = found[-1] = _owned(text, found[-1])
        position = last.source[1]
        if last.words:
            ended = position
            position, punctuation = _tail(text, position)
            if not punctuation and text[ended - 1].isdecimal() and _DIGIT_NEXT.match(text, position):
                punctuation = ","  # two numbers side by side: without a pause they would be one
            paused = bool(punctuation or last.punctuation)
            before = "" if punctuation not in ("", ",") else last.words[-40:].rpartition(" ")[2]
            if punctuation and not last.punctuation:
                found[-1] = Token(last.words, last.source, last.kind, punctuation)
            yield from found
        elif last.punctuation and not (paused and last.punctuation == ","):
            paused = True
            yield last
        elif text[last.source[0]] in RAISED:  # the number of a note behind a pause: silent, but it has its place
            yield last._replace(punctuation="")


def _owned(text: str, token: Token) -> Token:
    """With the 's that follows a number: the 29th's, 5's."""
    end = token.source[1]
    initials = token.kind in ("spell", "abbreviation") and text[end - 1] == "." and token.words[-2:-1] == " "
    a_name = text[end - 1].isalnum() or text[end - 2 : end] in ("++", "C#") or initials
    owned = a_name and (token.kind != "word" or "-" in text[token.source[0] : end]) and text[end : end + 2] in ("'s", "’s")
    if not owned or text[end + 2 : end + 3].isalnum() or not token.words[-1:].isalpha():
        return token
    return Token(token.words + "'s", (token.source[0], end + 2), token.kind, token.punctuation)


def _tail(text: str, position: int) -> tuple[int, str]:
    """The end of the marks after a token, and the phrase end that they make."""
    found = _TAIL.match(text, position)
    if not found:
        return position, ""
    marks = found["marks"]
    if marks[:2] == ")!" and BRACKETED.search(text, max(0, position - 8), position):
        return position, ""  # (n−k)!
    end = found.end("marks")
    dash = found["dash"]
    if dash[:1] == " " and lone_symbols.SPOKEN_OF.search(text[max(0, position - 14) : position] + " "):
        return end, ""  # press - to go back
    if dash.strip() == "-" and text[position - 1].isdecimal() and _NUMBER_NEXT.match(text, end + len(dash)):
        dash = ""  # a range, or a subtraction
    if dash and text[position - 1] in "%hmxtpr)" and calculated(text, end + len(dash) - len(dash.lstrip())):
        dash = ""
    if dash.strip() in ("-", "–") and marks in ("", ")", "|") and subtracts(text, end + len(dash) - len(dash.lstrip())):
        dash = ""  # x - 3 = 5
    inner = end < len(text) and text[end].isalnum() and text[end] not in RAISED
    if inner and marks[-1:] == "." and marks[-2:] != "..":  # the point belongs to what follows: (1).pdf
        marks, end = marks[:-1], end - 1
    if dash:
        end = found.end("dash")
    if "?" in marks:
        return end, "?"
    if "!" in marks:
        return end, "!"
    if "." in marks or "…" in marks:
        return end, "."
    pause = dash or found["opening"] or any(mark in ",;:)]}" for mark in marks)
    return end, "," if pause else ""


def _read(place: Place, one_by_one: bool) -> list[Token]:
    text, start, _ = place
    first = text[start]
    if first in "0123456789":
        rules = digit_rules(text, start)
    elif first.isalpha():
        rules = letter_rules(text, start)
    else:
        rules = SYMBOL_RULES.get(first, ())
    for rule in rules:
        found = rule(place)
        if found and not (one_by_one and _ANY_DIGIT.search(text, start, found[-1].source[1])):
            return found
    return _literal(place, one_by_one)


def _literal(place: Place, one_by_one: bool) -> list[Token]:
    """What no rule knows, as it is written: a run of digits, a run of letters, one symbol."""
    text, start, _ = place
    first = text[start]
    run = _DIGITS.match(text, start)
    if run:
        words = digit_words(run[0]) if one_by_one else number(run[0])
        return [Token(words, (start, run.end()), "digits" if one_by_one else "number")]
    if first.isdecimal():
        return [Token(digit_words(first), (start, start + 1), "digits")]
    if first.isalpha():
        return [_word(text, start)]
    end = start + 1
    while end < len(text) and text[end] == first and not first.isalnum():
        end += 1
    following = text[end : end + 1]
    if end == start + 1 and following.isalnum() and first in ".-−":
        before = text[start - 1 : start]
        if first == "." and (before.isalnum() or before == "/" or following.isdecimal()):
            point = following.isdecimal() and not before.isalpha()
            return [Token("point" if point else "dot", (start, end), "symbol")]
        if first != "." and following.isdecimal() and not before.isalnum():
            return [Token("minus", (start, end), "symbol")]
    name, punctuation = symbol_name(text, start, end)
    if not name:
        return [Token("", (start, end), "punctuation", punctuation)]
    return [Token(name, (start, end), "symbol")]


def _word(text: str, start: int) -> Token:
    """A run of letters with its combining marks; characters without a shape are left out of it."""
    end = start
    plain = True
    while True:
        run = _LETTERS.match(text, end)
        if run:
            end = run.end()
        elif end < len(text) and text[end] > "\xa0" and unicodedata.category(text[end]) in ("Mn", "Mc", "Me", "Cf"):
            end += 1
            plain = plain and unicodedata.category(text[end - 1]) != "Cf"
        else:
            break
    end = max(end, start + 1)  # letters that only look like signs (superscripts) are words of their own
    written = text[start:end]
    if not plain:
        written = "".join(c for c in written if unicodedata.category(c) != "Cf")
    contracted = _CONTRACTED.fullmatch(written)
    stem, owner = (contracted[1], contracted[2].replace("’", "'").replace("'ed", "'d")) if contracted else (written, "")
    if written.isascii() and not (stem[1:].islower() or written[1:].islower() or stem.isupper() or len(written) == 1):
        return Token(spoken(stem) + owner, (start, end), "identifier")
    return Token(written.replace("’", "'"), (start, end), "word")


__all__ = ["Token", "iter_normalize", "normalize"]
