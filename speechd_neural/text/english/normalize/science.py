"""Ions, isotopes, lowered letters, the ends of a sum, products of letters: SO₄²⁻, ²³⁵U, xₙ, ∫₀¹, ax²."""

from __future__ import annotations

import unicodedata

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import amount, cardinal
from speechd_neural.text.english.normalize.rules import Place, Reading, greek_name, letters, read
from speechd_neural.text.english.normalize.units import UNITS

_SUMS = {"∫": "integral", "∑": "sum", "Σ": "sum", "∏": "product", "∬": "double integral", "∮": "contour integral"}
_LOW, _HIGH = "₀-₉₊₋₌ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "⁰¹²³⁴-⁹⁺⁻ⁿⁱᵏᵐ"
_SUM = re.compile(rf"[{''.join(_SUMS)}]([{_LOW}]{{1,8}}(?:∞)?)?([{_HIGH}]{{1,8}}|(?<=[{_LOW}])\^?(?:∞|[πnkNab2-9](?!\w)))?")
_LOWERED_LETTER = re.compile(
    r"([A-Za-zα-ω]?)([ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ]{1,8}|[₀-₉]{1,2}(?:,[₀-₉ₐ-ₜᵢⱼ]|[ₐ-ₜᵢⱼ]))(?:([₊₋])([₀-₉]))?(?![^\W⁰¹²³⁴-⁹])"
)
_ISOTOPE = re.compile(r"([⁰¹²³⁴-⁹]{2,3}|[¹²³](?=He?(?!\w))|[⁶⁷](?=Li(?!\w)))([A-Z][a-z]?)(?![\w'’])")
_PRODUCT = re.compile(r"([a-z]{2})(?=[²³⁴-⁹ⁿ]|\^[0-9a-z])")
_FUNCTION = re.compile(
    r"(sin|cos|tan|cot|sec|csc)h?(?=[²³⁻]|\^-?[0-9]|\(\s?[0-9a-zπθαβφωΔ√-]|\s?[θαβφωπ](?!\w)|\s(?:[0-9]{1,3}(?:\.[0-9]{1,3})?°|[xytAB](?!\w))"
    r"|[0-9]{1,3}°)"
)
_FUNCTIONS = {
    "sin": "sine", "cos": "cosine", "tan": "tangent", "cot": "cotangent", "sec": "secant", "csc": "cosecant",
}  # fmt: skip
FACTOR = re.compile(r"\s?[+−=²³)]|\s-\s|\s?\Z")  # behind letters that are multiplied
_PRIME = re.compile(r"([A-Za-z])(['’′]{1,2}|″)(?=\([\w)]|\s?[=+−]\s?[\w(])")
_EQUATED = re.compile(r"(?:(?:\A|[\s(:])[A-Za-z]{1,2}|\w\))\s?=\s?\Z")
_PRODUCTS = frozenset("ma mv mx ab ac xy kx hc".split())
WORDS = _PRODUCTS | frozenset(_FUNCTIONS) | frozenset(name + "h" for name in _FUNCTIONS)
_FACTORS = re.compile(rf"({'|'.join(sorted(_PRODUCTS))})(?=\s?[+−²³.,;)]|\s?\Z)")
_FACTORIAL = re.compile(r"([0-9]{1,4}|[nkmr](?!\w))!(?=\s{0,2}(?:[/×÷·*]\s?[\w(]|=\s?[^\s=]|[≈≤≥])|(?<=[nkmr]!)[()])")
_STRAND = re.compile(
    r"([35])['′’](?:-([ACGTUNacgtun]{2,60})-([35])['′’]|(?=-[ACGTUN]{2}|\s(?:end|UTR|untranslated|cap|to\s[35])))"
)
_TRIANGLE = re.compile(r"△(?=\s?[A-Z]{3}(?!\w))")
BRACKETED = re.compile(r"\([a-z0-9]{1,2}\s?[-−–+]\s?[a-z0-9]{1,2}\Z")
_BEHIND_POWER = re.compile(r"(?:[²³⁴-⁹]|\^[0-9])\Z")
# What may stand before and behind a minus, and what shows that it is one.
_TERM_BEFORE = re.compile(r"(?:(?<![\w'’.-])([A-Za-zα-ω])|[0-9][A-Za-z]|[0-9)|²³⁴-⁹ⁿ′₀-₉])\s\Z")
_TERM_BEHIND = re.compile(
    r"\s(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:[a-zπ]{1,2}(?:[²³^]|(?!\w))|(?![\w%:/$€£]))|(?![aAI]\s[a-z]{2})[A-Za-zα-ω](?:[²³⁴-⁹ⁿ^₀-₉]|(?![\w'’.]))|[(√|])"
)
_FORMULA = re.compile(r"[=≤≥≠≈^²³√÷∫∑]|\s[<>+]\s[\w(]")
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SIGNS = {"+": "plus", "-": "minus", "−": "minus", "=": "equals", "∞": "infinity"}


def _limit(text: str) -> str:
    """What stands raised or lowered at a sum, as words: ᵢ₌₁ "i equals one"."""
    plain = unicodedata.normalize("NFKC", text.lstrip("^"))
    words = []
    for part in re.findall(r"[0-9]+|.", plain):
        words.append(_SIGNS.get(part) or (cardinal(int(part)) if part.isdecimal() else letters(part)))
    return " ".join(filter(None, words))


def limits(place: Place) -> Reading:
    """∫₀¹, ∑ᵢ₌₁ⁿ: from where to where."""
    text, start, _ = place
    found = _SUM.match(text, start)
    if not found or not (found[1] or found[2]):
        return None
    words = _SUMS[text[start]]
    if found[1] and found[2]:
        words += f" from {_limit(found[1])} to {_limit(found[2])}"
    else:
        words += f" over {_limit(found[1])}" if found[1] else f" to {_limit(found[2])}"
    return read(words, place, found.end(), "symbol")


def lowered_letter(place: Place) -> Reading:
    """aₙ, xᵢ₊₁, 2ₓ: letters below the line, by name."""
    text, start, _ = place
    found = _LOWERED_LETTER.match(text, start)
    last = text[start - 1 : start]
    if not found or (last.isalpha() if found[1] else not (last.isalnum() or last == ")")):
        return None
    base = letters(found[1]) if found[1].isascii() else greek_name(found[1])
    low = unicodedata.normalize("NFKC", found[2])
    words = f"{base} {low if len(low) > 2 and low.isalpha() else _limit(low)}".strip()
    if found[3]:
        words += f" {'plus' if found[3] == '₊' else 'minus'} {_limit(found[4])}"
    return read(words, place, found.end(), "identifier")


def isotope(place: Place) -> Reading:
    """²³⁵U, ¹⁴C."""
    text, start, _ = place
    found = _ISOTOPE.match(text, start)
    if not found or (start and text[start - 1].isalnum()):
        return None
    return read(f"{cardinal(int(found[1].translate(_PLAIN)))} {' '.join(found[2].upper())}", place, found.end(), "identifier")


def product(place: Place) -> Reading:
    """ax² + bx: two letters that are multiplied."""
    text, start, _ = place
    if start and text[start - 1].isalpha():
        return None
    found = _PRODUCT.match(text, start)
    if found and found[1] in UNITS:
        return None
    if not found:
        found = _FACTORS.match(text, start)
        if not found or not _EQUATED.search(text, max(0, start - 6), start):  # F = ma
            return None
    return read(letters(found[1]), place, found.end(), "identifier")


def function(place: Place) -> Reading:
    """sin²θ, cos(2x), tan 45°: an angle's functions by their names."""
    found = _FUNCTION.match(place.text, place.start)
    if not found or (place.start and (place.text[place.start - 1].isalpha() or place.text[place.start - 1] in "._")):
        return None
    hyperbolic = "hyperbolic " if found[0].endswith("h") else ""
    return read(hyperbolic + _FUNCTIONS[found[1]], place, found.end(), "word")


def prime(place: Place) -> Reading:
    """y' = 2x, f'(x)."""
    text, start, _ = place
    found = _PRIME.match(text, start)
    if not found or (start and (text[start - 1].isalnum() or text[start - 1] in "'’")):
        return None
    double = len(found[2]) > 1 or found[2] == "″"
    return read(f"{letters(found[1])} {'double ' if double else ''}prime", place, found.end(), "identifier")


def strand(place: Place) -> Reading:
    """The 5′ and 3′ ends of DNA: 5′-ATG-3′."""
    found = _STRAND.match(place.text, place.start)
    if not found:
        return None
    words = f"{cardinal(int(found[1]))} prime"
    if found[2]:
        words += f" {letters(found[2])} {cardinal(int(found[3]))} prime"
    return read(words, place, found.end(), "identifier")


def triangle(place: Place) -> Reading:
    """△ABC."""
    found = _TRIANGLE.match(place.text, place.start)
    return read("triangle", place, found.end(), "identifier") if found else None


def bracketed_factorial(place: Place) -> Reading:
    """The sign of (n−k)!"""
    text, start, _ = place
    if text[start : start + 2] != ")!" or not BRACKETED.search(text, max(0, start - 8), start):
        return None
    return read("factorial", place, start + 2, "symbol")


def subtracts(text: str, at: int) -> bool:
    """Whether the dash at text[at], with a blank on both sides, subtracts: x - 3 = 5, n - 1, x² - 4x."""
    left = _TERM_BEFORE.search(text, max(0, at - 24), at)
    if not left or not _TERM_BEHIND.match(text, at + 1):
        return False
    if _FORMULA.search(text, max(0, at - 24), at + 32):
        return True
    letter = left[1]
    if not letter or not letter.islower() or text[at] == "–":
        return False
    following = text[at + 2 : at + 3]
    return letter not in "ai" or (following.isdecimal() if letter == "i" else following.isalpha() and following != "z")


def minus(place: Place) -> Reading:
    """b²-4ac, x^2-1; x - 3 = 5."""
    text, start, _ = place
    if text[start + 1 : start + 2].isspace():
        return read("minus", place, start + 1, "symbol") if subtracts(text, start) else None
    following = text[start + 1 : start + 2]
    if following == "∞" and text[start] == "-" and not text[start - 1 : start].isalnum():  # the other minus has its name
        return read("minus", place, start + 1, "symbol")
    if not (following.isalnum() or following == "(") or not _BEHIND_POWER.search(text, max(0, start - 3), start):
        return None
    return read("minus", place, start + 1, "symbol")


def factorial(place: Place) -> Reading:
    """5! = 120, n!/(n-k)!"""
    found = _FACTORIAL.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1].isalnum()):
        return None
    return read(f"{amount(found[1]) if found[1].isdecimal() else found[1]} factorial", place, found.end(), "number")
