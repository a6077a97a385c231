"""Words of letters and digits that the user's dictionary has (k8s): whole again where normalization took them apart."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.language import Language
from speechd_neural.text.token import Token

KIND = "own"
_RUN = re.compile(r"[^\W_]+")
_JOINTS = "-_"


def kept_whole(text: str, tokens: list[Token], language: Language, digits: bool) -> list[Token]:
    """The tokens of `text`, in which each such word that is in the dictionary is one token of kind `own`.

    Alone, or joined to others by hyphens and underscores (k8s-node); what else it is part of (an address) stays as it is.
    """
    if not any(map(str.isdigit, text)):
        return tokens
    for run in _RUN.finditer(text):
        word = run[0]
        if any(c.isdigit() for c in word) and any(c.isalpha() for c in word) and language.has(word):
            tokens = _with(language, text, tokens, run.start(), run.end(), digits)
    return tokens


def _with(language: Language, text: str, tokens: list[Token], start: int, end: int, digits: bool) -> list[Token]:
    touched = [i for i, token in enumerate(tokens) if token.source[0] < end and token.source[1] > start]
    if not touched:
        return tokens
    before, inside, after = tokens[: touched[0]], tokens[touched[0] : touched[-1] + 1], tokens[touched[-1] + 1 :]
    first, last = inside[0].source[0], inside[-1].source[1]
    if (first, last) != (start, end):
        joints = {c for c in text[first:last] if not c.isalnum()}
        if len(inside) > 1 or inside[0].kind != "identifier" or not joints.issubset(_JOINTS):
            return tokens
    words = " ".join(token.words for token in language.normalize(text[start:end], digits=digits))
    found = [
        *_part(language, text, first, start, digits),
        Token(words, (start, end), KIND),
        *_part(language, text, end, last, digits),
    ]
    found[-1] = found[-1]._replace(punctuation=inside[-1].punctuation)
    return before + found + after


def _part(language: Language, text: str, start: int, end: int, digits: bool) -> list[Token]:
    """What is joined to the word on one side."""
    start += len(text[start:end]) - len(text[start:end].lstrip(_JOINTS))
    found = language.normalize(text[start:end].rstrip(_JOINTS), digits=digits)
    return [
        Token(token.words, (token.source[0] + start, token.source[1] + start), token.kind) for token in found if token.words
    ]
