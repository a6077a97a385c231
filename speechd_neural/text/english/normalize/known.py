"""Whether there is such a word."""

from __future__ import annotations

from speechd_neural.text.english.pronounce.dictionary import packaged

_ENDINGS = ("s", "es", "d", "ed", "ing", "ly")


def is_word(word: str) -> bool:
    """Whether the dictionary has a word in small letters, or the word without an ending."""
    dictionary = packaged()
    return word in dictionary or any(word.endswith(end) and word.removesuffix(end) in dictionary for end in _ENDINGS)
