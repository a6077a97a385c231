"""This program's symbols as the letters that Kokoro reads (misaki's US English), stressed as a speaker would.

A front end gives every word its dictionary's stress; in speech "at", "of", "was" and their like have none. The teacher
is told so, or it would stress every "at".
"""

from __future__ import annotations

from collections.abc import Sequence

from speechd_neural.types import Word

LETTERS = dict(pair.split(":") for pair in (
    "aa:ɑ ae:æ ah:ʌ ao:ɔ aw:W ay:I eh:ɛ ey:A ih:ɪ iy:i ow:O oy:Y uh:ʊ uw:u ax:ə b:b ch:ʧ d:d dh:ð f:f g:ɡ hh:h jh:ʤ "
    "k:k l:l m:m n:n ng:ŋ p:p r:ɹ s:s sh:ʃ t:t th:θ v:v w:w y:j z:z zh:ʒ"
).split())  # fmt: skip
MARKS = (" ", ",", ".", "?", "!")
STRESS = {"1": "ˈ", "2": "ˌ"}
WEAK = frozenset(
    "a an the of in on at to for from by with and or nor but as if than that is are was were be been am has have "
    "had do does did can could will would shall should may might must it its it's he she we they you i me him her "
    "us them his my your our their into onto upon i'm i've i'll you're we're they're he's she's that's there's "
    "there so such some who whom whose which when while where".split()
)


def letters(symbols: Sequence[str], words: Sequence[Word]) -> list[str]:
    """Symbols of a segment and its words → one string of Kokoro's letters for each symbol."""
    weak: set[int] = set()
    sounding = [w for w in words if w.symbols[1] > w.symbols[0]]
    for word in sounding:
        # Alone it is said in full: as somebody spells, or a button is called "To".
        if len(sounding) > 1 and word.text.lower().strip(".,;:!?\"()") in WEAK:
            weak.update(range(*word.symbols))
    stresses = ["" if i in weak else STRESS.get(s[-1], "") for i, s in enumerate(symbols)]
    return [_letter(symbols, i, stresses) for i in range(len(symbols))]


def _letter(symbols: Sequence[str], i: int, stresses: Sequence[str]) -> str:
    symbol = symbols[i]
    if symbol in MARKS:
        return symbol
    base = symbol.rstrip("012")
    if base == "er":
        return stresses[i] + ("ɜɹ" if stresses[i] else "əɹ")
    if base == "t" and 0 < i < len(symbols) - 1 and not stresses[i + 1] and _vowel(symbols[i + 1]) and _voiced(symbols[i - 1]):
        return "T"  # the flap of "better"
    return stresses[i] + LETTERS[base]


def _voiced(symbol: str) -> bool:
    return _vowel(symbol) or symbol == "r"


def _vowel(symbol: str) -> bool:
    return symbol[-1] in "012" or symbol == "ax"
