"""The symbols a phone voice reads: CMU/ARPAbet phones with stress, word boundaries, phrase ends.

The order of `SYMBOLS` is part of every trained voice: it is never changed, only appended to.
Phones are those flite labels its speech with (CMUdict in lower case, AH0 written "ax",
secondary stress counted as stress); a vowel other than "ax" carries the digit 0 or 1.
"""

from __future__ import annotations

from speechd_neural.text.token import PUNCTUATION, SPACE

PADDING = "_"

VOWELS = ("aa", "ae", "ah", "ao", "aw", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw")
STRESSED_VOWELS = tuple(vowel + digit for vowel in VOWELS for digit in "01")
REDUCED = "ax"
CONSONANTS = (
    "b", "ch", "d", "dh", "f", "g", "hh", "jh", "k", "l", "m", "n", "ng", "p", "r", "s", "sh", "t", "th", "v", "w",
    "y", "z", "zh",
)  # fmt: skip

PHONES = (*STRESSED_VOWELS, REDUCED, *CONSONANTS)
SYMBOLS = (PADDING, SPACE, *PUNCTUATION, *PHONES)
INDEX = {symbol: index for index, symbol in enumerate(SYMBOLS)}

CLASSES = {
    "pause": frozenset((PADDING, SPACE, *PUNCTUATION)),
    "vowel": frozenset((*STRESSED_VOWELS, REDUCED)),
    "stop": frozenset(("b", "d", "g", "k", "p", "t")),
    "affricate": frozenset(("ch", "jh")),
    "fricative": frozenset(("dh", "f", "hh", "s", "sh", "th", "v", "z", "zh")),
    "nasal": frozenset(("m", "n", "ng")),
    "liquid": frozenset(("l", "r")),
    "glide": frozenset(("w", "y")),
}
CLASS_OF = {symbol: name for name, members in CLASSES.items() for symbol in members}

__all__ = ["CLASS_OF", "INDEX", "PADDING", "PHONES", "PUNCTUATION", "SPACE", "SYMBOLS"]
