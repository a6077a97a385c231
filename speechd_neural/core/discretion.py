"""What may be counted as said, and so be kept on disk some day: short phrases of ordinary words, and nothing that was typed.

Memory keeps whatever is not private: the session goes on as fast as ever. The disk outlives the session, and sound is
readable, so single letters, keys, digits, what is spelled and what follows a spelling or a question for a password are
never counted. Better ten labels too few than one password.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from speechd_neural.text.passage import plain
from speechd_neural.types import Kind, Request, Segment

LONGEST = 50  # characters of a phrase
MOST_WORDS = 6
MANY_DIGITS = 3  # words: a number that somebody has put into words
WARY = 2  # texts after a letter that are not counted: a screen reader repeats the word and the line that was typed
_PAGE = 50_000  # code points of a request, markup and all
_SHORT = 2000  # code points with markup; what is longer is no letter and no question
_PUNCTUATION = " \t\n.,:;!?…()\"'“”‘’–—&"
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"))
_SOUNDLESS = re.compile(  # joiners, variation selectors, tags, a key's frame
    "[\xad\u034f\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]+"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_VOWELS = frozenset("aeiouyàáâäãåæèéêëìíîïòóôöõøœùúûüýÿ")
_SECRET = re.compile(r"pass(?:word|phrase|code|key)|\bpin\b|\bsecret|\bcode\b|\bunlock|\blog ?in\b|\bsign in\b", re.IGNORECASE)
_DIGITS = frozenset("zero oh one two three four five six seven eight nine double triple".split())
# What screen readers say for hidden characters, one by one or all together.
_HIDDEN = frozenset("star bullet dot asterisk black circle stars bullets dots asterisks circles".split())
_HIDDEN_CHARACTERS = frozenset("*•●·∙⚫")


class Discretion:
    """Remembers for a moment what went before. Belongs to the synthesis thread."""

    def __init__(self) -> None:
        self._wary = 0

    def may_count(self, request: Request) -> bool:
        """Whether short phrases of this request may be counted. To be asked once for each request, in their order."""
        if request.kind is Kind.CHAR or (request.kind is Kind.KEY and len(request.text) <= 1):
            self._wary = WARY
            return False
        if request.kind not in (Kind.TEXT, Kind.SSML):
            return False
        words = as_typed(plain(request.text, request.kind)) if len(request.text) <= _SHORT else ""
        if words and (len(words) == 1 or _hidden(words) or request.settings.spelling or _SECRET.search(words)):
            self._wary = WARY
            return False
        if self._wary:
            self._wary -= 1
            return False
        return not request.private and not request.settings.spelling


def is_private(request: Request, private: Callable[[str], bool]) -> bool:
    """Whether the user's patterns are in the words of the request. Whoever else speaks waits for the answer: what takes
    long to look through is taken for private unseen.

    They are tried on the words as they are, and as somebody writes them who thinks of what is heard.
    """
    if len(request.text) > _PAGE:
        return True
    words = plain(request.text, request.kind)
    return private(words) or ((typed := as_typed(words)) != words and private(typed))


def as_typed(words: str) -> str:
    """With one blank where there are a line's end, several blanks or an unusual one, and with the hyphen of the keyboard:
    these sound alike, and a page is broken where there was room. Letters are whole, and nothing is there without a sound."""
    if words.isascii():
        return " ".join(words.split())
    return " ".join(unicodedata.normalize("NFC", _SOUNDLESS.sub("", words)).translate(_HYPHENS).split())


def _hidden(words: str) -> bool:
    return all(word in _HIDDEN or _HIDDEN_CHARACTERS.issuperset(word) for word in words.lower().split())


def ordinary(segment: Segment, request: Request) -> bool:
    """Whether a segment of the request is a short phrase of ordinary words."""
    if not segment.words or segment.icon is not None or not 2 <= len(segment.text) <= 2 * LONGEST:
        return False
    if len(request.text) > _PAGE:  # a book: to search all of it for each of its segments would take time
        return False
    start, end = segment.source
    # Ten times as much as is spoken: a screen reader puts a mark before every word.
    if end - start > 10 * LONGEST or (request.kind is Kind.SSML and "say-as" in request.text):
        return False
    said = plain(request.text[start:end], request.kind)
    words = [word.strip(_PUNCTUATION) for part in said.split() for word in part.split("-")]
    words = [word for word in words if word]
    if not 1 <= len(words) <= MOST_WORDS or len(said) > LONGEST or sum(word.lower() in _DIGITS for word in words) >= MANY_DIGITS:
        return False
    return any(len(word) > 1 for word in words) and all(_ordinary(word) for word in words)


def _ordinary(word: str) -> bool:
    """A word of letters that could be said: no digits, no capitals inside, a vowel."""
    if len(word) == 1:
        return word in "aAI"
    if not _WORD.fullmatch(word) or not (word.islower() or word[1:].islower() or (word.isupper() and len(word) <= 5)):
        return False
    return not word.isascii() or not _VOWELS.isdisjoint(word.lower())
