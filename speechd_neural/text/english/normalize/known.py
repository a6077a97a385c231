"""Whether there is such a word."""

from __future__ import annotations

from functools import lru_cache

from speechd_neural.text.english.pronounce.dictionary import Dictionary

_ENDINGS = ("s", "es", "d", "ed", "ing", "ly")


@lru_cache(maxsize=1)
def _dictionary() -> Dictionary:
    return Dictionary()


def is_word(word: str) -> bool:
    """Whether the dictionary has a word in small letters, or the word without an ending."""
    dictionary = _dictionary()
    return word in dictionary or any(word.endswith(end) and word.removesuffix(end) in dictionary for end in _ENDINGS)
