"""The symbols a phone voice reads: CMU/ARPAbet phones with stress, word boundaries, phrase ends.

The order of `SYMBOLS` is part of every trained voice: it is never changed, only appended to.
Phones are CMUdict's in lower case, AH0 written "ax"; a vowel other than "ax" carries the digit of its stress: 0 none,
1 primary, 2 secondary. Voices whose teacher does not tell secondary stress have `BASIC` symbols and read every 2 as 1.
"""

from __future__ import annotations

from speechd_neural.text.token import PUNCTUATION, SPACE
from speechd_neural.types import Phones

PADDING = "_"

VOWELS = ("aa", "ae", "ah", "ao", "aw", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw")
STRESSED_VOWELS = tuple(vowel + digit for vowel in VOWELS for digit in "01")
REDUCED = "ax"
CONSONANTS = (
    "b", "ch", "d", "dh", "f", "g", "hh", "jh", "k", "l", "m", "n", "ng", "p", "r", "s", "sh", "t", "th", "v", "w",
    "y", "z", "zh",
)  # fmt: skip

SECONDARY = tuple(vowel + "2" for vowel in VOWELS)

PHONES = (*STRESSED_VOWELS, REDUCED, *CONSONANTS, *SECONDARY)
SYMBOLS = (PADDING, SPACE, *PUNCTUATION, *PHONES)
BASIC = SYMBOLS[: -len(SECONDARY)]
INDEX = {symbol: index for index, symbol in enumerate(SYMBOLS)}

CLASSES = {
    "pause": frozenset((PADDING, SPACE, *PUNCTUATION)),
    "vowel": frozenset((*STRESSED_VOWELS, REDUCED, *SECONDARY)),
    "stop": frozenset(("b", "d", "g", "k", "p", "t")),
    "affricate": frozenset(("ch", "jh")),
    "fricative": frozenset(("dh", "f", "hh", "s", "sh", "th", "v", "z", "zh")),
    "nasal": frozenset(("m", "n", "ng")),
    "liquid": frozenset(("l", "r")),
    "glide": frozenset(("w", "y")),
}
CLASS_OF = {symbol: name for name, members in CLASSES.items() for symbol in members}

__all__ = ["BASIC", "CLASS_OF", "INDEX", "PADDING", "PHONES", "PUNCTUATION", "SECONDARY", "SPACE", "SYMBOLS"]


def demoted(phones: Phones) -> Phones:
    """The phones with primary stress as secondary: what a part of a word has beside the part that is stressed."""
    return tuple([phone[:-1] + "2" if phone[-1] == "1" else phone for phone in phones])
