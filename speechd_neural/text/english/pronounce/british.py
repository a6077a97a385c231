"""British spellings of words that the dictionary has in the American one."""

from __future__ import annotations

from collections.abc import Callable

from speechd_neural import expressions as re
from speechd_neural.text.english.pronounce import morphology
from speechd_neural.types import Phones

# Endings and what Americans write for them.
_AMERICAN = tuple(
    (re.compile(pattern), american)
    for pattern, american in (
        (r"our(?=(?:s|ed|ing|able|ful|ite|ites|less|er|ers|y)?$)", "or"),
        (r"is(?=(?:e|es|ed|ing|er|ers|ation|ations|able)$)", "iz"),
        (r"ys(?=(?:e|es|ed|ing|er|ers)$)", "yz"),
        (r"ll(?=(?:ed|ing|er|ers|ery|or|ors|ation|ous)$)", "l"),
        (r"(?<=[bcdghtv])re(?=s?$)", "er"),
        (r"(?<=[bcdghtv])re(?=(?:d|ly|less)$)", "er"),
        (r"(?<=[bt])red$", "ered"),
        (r"ogue(?=s?$)", "og"),
        (r"ence(?=s?$)", "ense"),
        (r"oeuvre(?=s?$)", "euver"),
        (r"oeuvr(?=ing$|ed$)", "euver"),
        (r"mme(?=s?$)", "m"),
        (r"ae(?!$)|oe", "e"),
    )
)
# Where ae and oe are e in words that the dictionary lacks as well; not in names: Maersk, Noelle.
_GREEK = re.compile(r"haem|paed|palae|oestr|oede|aesth|archae|gynae|aetio|coel|foet|oesoph|rrhoe|caem|kaem|faec")
_ENDINGS = (
    ("er", ("er0",)), ("ers", ("er0", "z")), ("able", ("ax", "b", "ax", "l")), ("ly", ("l", "iy0")), ("less", ("l", "ax", "s")),
)  # fmt: skip


def american(word: str, lookup: Callable[[str], Phones | None]) -> tuple[Phones, str] | None:
    """Phones of a British spelling that the dictionary has in the American one ("modelled": modeled), and that one."""
    others = [other for pattern, usual in _AMERICAN if (other := pattern.sub(usual, word, count=1)) != word]
    for other in others:
        phones = lookup(other)
        if phones:
            return phones, other
    for other in others:  # orthopaedics, catalysing, labeller
        inflected = morphology.inflected(other, lookup)
        if inflected is not None:
            return inflected[0], other
        for ending, tail in _ENDINGS:
            stem = lookup(other[: -len(ending)]) if other.endswith(ending) and len(other) > len(ending) + 3 else None
            if stem:
                return (*stem, *tail), other
    return None


def greek(word: str) -> str:
    """A learned word with e for ae and oe, as Americans write it; other words as they are."""
    return re.sub(r"ae|oe", "e", word) if _GREEK.search(word) else word
