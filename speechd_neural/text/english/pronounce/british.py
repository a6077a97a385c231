"""British spellings of words that the dictionary has in the American one."""

from __future__ import annotations

from collections.abc import Callable

from speechd_neural import expressions as re
from speechd_neural.types import Phones

# Endings and what Americans write for them.
_AMERICAN = tuple(
    (re.compile(pattern), american)
    for pattern, american in (
        (r"our(?=(?:s|ed|ing|able|ful|ite|ites|less|er|ers|y)?$)", "or"),
        (r"is(?=(?:e|es|ed|ing|er|ers|ation|ations|able)$)", "iz"),
        (r"ys(?=(?:e|es|ed|ing|er|ers)$)", "yz"),
        (r"ll(?=(?:ed|ing|er|ers|ery|or|ors|ation|ous)$)", "l"),
        (r"(?<=[bcdghtv])re(?=(?:s|d)?$)", "er"),
        (r"ogue(?=s?$)", "og"),
        (r"ence(?=s?$)", "ense"),
        (r"oeuvre(?=[sd]?$)", "euver"),
        (r"oeuvr(?=ing$)", "euver"),
        (r"mme(?=s?$)", "m"),
        (r"ae|oe", "e"),
    )
)


def american(word: str, lookup: Callable[[str], Phones | None]) -> tuple[Phones, str] | None:
    """Phones of a British spelling that the dictionary has in the American one ("modelled": modeled), and that one."""
    for pattern, replacement in _AMERICAN:
        other = pattern.sub(replacement, word, count=1)
        phones = lookup(other) if other != word else None
        if phones:
            return phones, other
    return None
