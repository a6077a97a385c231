"""Words that are drawn out in chats: Sooooo, noooo, yesss, whaaat."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from speechd_neural import expressions as re

_RUN = re.compile(r"([a-z])\1+")
_LONG = re.compile(r"([a-z])\1\1")
_LETTERS = ("www", "xxx")
_MOST_RUNS = 4  # in one word; more is no word
# Where one letter makes another word than two: "goood" is good and not god.
_DOUBLED = frozenset(
    """
    oof good cool too see feel need sleep keep soon all well will hello book look room food week free been sweet deep green agree
    tree three wee boo woo moo hell ball call bill kill full pull fell tell smell spell small less miss kiss boss pass off egg
    add odd fool pool school moon tooth root foot feet meet beer cheer queen screen sheesh eek wheee whee yippee coffee peep
    jeez geez creep creepy happy silly bloody seriously pizza shoo zoom boom doom loop hoop hoot loot bee knee flee glee spree
    weep steep cheese breeze freeze sneeze loose goose moose choose ooze snooze booze baloo zoo coo loo tattoo bamboo
    ooh really totally finally literally actually
    """.split()
)


def is_long(word: str) -> bool:
    """Whether a letter stands three times or more in a row."""
    return bool(_LONG.search(word)) and word not in _LETTERS


def shortened(word: str, known: Callable[[str], bool]) -> str:
    """The word that was drawn out, in small letters; one letter for each run if nothing of it is known.

    Each run of a letter may have been one or two of them; a word where two are usual goes first, then the shortest.
    """
    if set(word) == {"a"}:
        return "ah"
    runs = list(_RUN.finditer(word))
    if len(runs) > _MOST_RUNS:
        return _RUN.sub(r"\1", word)
    found = ""
    for sizes in product((1, 2), repeat=len(runs)):
        parts, at = [], 0
        for run, size in zip(runs, sizes, strict=True):
            parts += [word[at : run.start()], run[1] * size]
            at = run.end()
        spelling = "".join(parts) + word[at:]
        if spelling in _DOUBLED:
            return spelling
        if not found and len(spelling) > 1 and known(spelling):
            found = spelling
    return found or _RUN.sub(r"\1", word)
