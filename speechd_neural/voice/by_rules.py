"""A language without a wing, read as well as a voice's manifest tells: by its symbols, which are letters, or by its
spelling, which has the phones of each letter or group of letters.

So it can say words, and no number, abbreviation or name of a key. A sentence with anything else in it is left to the
fallback, which has rules for a hundred languages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

from speechd_neural import expressions
from speechd_neural.text.language import Language
from speechd_neural.text.token import Phones, Token

_LETTERS = r"[^\W\d_]+(?:['’][^\W\d_]+)*"
_WORD = expressions.compile(_LETTERS)
_TOKEN = expressions.compile(rf"(?P<word>{_LETTERS})|(?P<marks>[.,;:!?…—–)\]]+)|(?P<other>\S)")
_ENDS = {"!": "!", "?": "?", ".": ".", "…": "."}


class ByRules(Language):
    """tag: primary, in lower case. letters: those that the voice reads. spelling: phones by letters, in small letters, the
    longest first that fits; None: the letters are what it reads.
    """

    names_characters = False

    def __init__(self, tag: str, letters: Collection[str], spelling: Mapping[str, Phones] | None = None) -> None:
        self.tags = (tag,)
        self._phones = dict(spelling) if spelling is not None else {one: (one,) for one in letters if one.isalpha()}
        longest = sorted(self._phones, key=len, reverse=True)
        self.reading = f"{tag} by {self._phones}"
        self._pieces = re.compile("|".join(map(re.escape, longest)) or r"(?!)")
        self.sample = " ".join(sorted(self._phones)[:12])

    def legible(self, text: str) -> bool:
        words = _WORD.sub(lambda word: "" if self._spelled(word[0]) else word[0], text)
        return not any(character.isalnum() for character in words)

    def normalize(self, text: str, *, digits: bool = False, say_as: str | None = None) -> list[Token]:
        found: list[Token] = []
        for match in _TOKEN.finditer(text):
            if match["word"]:
                found.append(Token(match[0], match.span()))
            elif match["marks"] and found and not found[-1].punctuation:
                end = next((_ENDS[mark] for mark in match[0] if mark in _ENDS), ",")
                found[-1] = found[-1]._replace(punctuation=end)
        return found

    def phones(self, word: str, previous: str | None, following: str | None) -> tuple[Phones, str]:
        return self._spelled(word), "by the voice's rules"

    def _spelled(self, word: str) -> Phones:
        """The phones of a word; none where one of its letters has none."""
        for form in (word.lower(), unicodedata.normalize("NFKD", word.lower())):
            form = "".join(one for one in form if one.isalpha() or one in self._phones)
            phones: list[str] = []
            position = 0
            while match := self._pieces.match(form, position):
                phones += self._phones[match[0]]
                position = match.end()
            if position == len(form):
                return tuple(phones)
        return ()
