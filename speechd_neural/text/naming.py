"""What characters, keys and symbols are called in a language, as words that are spoken: digits in the names are words."""

from __future__ import annotations

from functools import lru_cache

from speechd_neural.text.language import Language
from speechd_neural.text.punctuation import Names
from speechd_neural.types import Punctuation

REMEMBERED = 1024  # names


class Naming:
    """A language's names together with those that Speech Dispatcher's dictionaries have."""

    def __init__(self, language: Language, names: Names) -> None:
        self.language = language
        self.names = names
        self.words = lru_cache(REMEMBERED)(self._words)
        self.blank = names.name(" ")

    def _words(self, name: str) -> str:
        if not any(character.isdigit() for character in name):
            return name
        return " ".join(token.words for token in self.language.normalize(name) if token.words) or name

    def character(self, cluster: str) -> str:
        return self.words(self.language.character(cluster, self.names))

    def key(self, key: str) -> str:
        return self.words(self.language.key(key, self.names))

    def emoji(self, sequence: str) -> str:
        return self.words(self.language.emoji(sequence, self.names))

    def symbol(self, text: str, at: int, level: Punctuation) -> str | None:
        """The name of the symbol text[at] if it is to be spoken at this level; that of a blank never is."""
        name = self.names.spoken(text, at, level)
        return None if name is None or name == self.blank else self.words(name)
