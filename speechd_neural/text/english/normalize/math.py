"""Formulas, Greek letters, chess moves."""

from __future__ import annotations

import unicodedata

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import cardinal
from speechd_neural.text.english.normalize.rules import Place, Reading, greek_name, letters, read, words_of
from speechd_neural.text.english.normalize.units import UNITS, unit_after
from speechd_neural.text.token import Token

_OPERATORS = {
    "*": "times", "·": "times", "⋅": "times", "∗": "times", "∙": "times", "-": "minus", "−": "minus", "–": "minus",
    "/": "divided by",
}  # fmt: skip
_OPERATOR = re.compile(r"(\s{0,3})([*·⋅∗∙/−–-])(\s{0,3})(?=[^\W_]|[(√.]|\$[A-Z])")
_OPERAND_END = re.compile(r"(?:[0-9)]|\b[A-Za-zα-ω])[ \t]{1,3}\Z")
_OPERAND = re.compile(r"[0-9(√.]|[A-Za-zα-ω](?!\w)")
_SYLLABLE_BEFORE, _SYLLABLE_BEHIND = re.compile(r"[^\W\d_]{2}\Z"), re.compile(r"[^\W\d_]{2}")
_POWER = re.compile(r"\^(?:\(?([-−]?[0-9]{1,6})\)?|([A-Za-z])(?!\w))")
_RAISED = re.compile(r"[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,6}")
_STAR_POWER = re.compile(r"\*\*(?:\(?([-−]?[0-9]{1,6})\)?|([A-Za-z])(?!\w))")
_CHARGE = re.compile(r"([⁰¹²³⁴⁵⁶⁷⁸⁹]?)([⁺⁻])(?!\w)")
_MASKED = re.compile(r"([A-Za-z]{1,12})(\*{1,6})([A-Za-z]{0,12})(?![\w*])")
_DISGUISED = re.compile(r"(?i:((?:bull)?sh|b|d|p)!(t|tty|ts|tch|tches|tching|ck|cks|ss|ssed|ssing))(?!\w)")
_UNSAID = words_of("dn fk st sh ct dk pk ck")
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
# 2ⁿ, xⁿ⁺¹: behind a digit, a bracket or a letter that stands alone.
_RAISED_LETTER = re.compile(r"([A-Za-z]?)([ⁿⁱˣʸᵏᵐ])(?:([⁺⁻])([¹²³⁴⁵⁶⁷⁸⁹]))?(?!\w)")
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_TENS = re.compile(r"(?:\A|[\s×·*(])10\Z")
_FROM_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SENTENCE_BEFORE = re.compile(r"(?<!\d)[12][0-9]{3}\.\Z|[^\W\d_]{2}[.,;:!?][\"'”’)]?\Z|[.!?][\"”’)]\Z|[^\W\d_][\"”]\Z")
_LETTERS_BEFORE = re.compile(r"[^\W\d_]{1,24}\Z")
_BRACKET_BEFORE = re.compile(r"\([^()]{0,40}?[^\W\d_]{3}[^()*/+=^]{0,40}\)\Z")  # (Smith 2010)⁴
_LETTERS_AFTER = re.compile(r"[^\W\d_]{1,24}")
_FUNCTIONS = words_of("sin cos tan cot sec csc sinh cosh tanh log ln exp lim det mol lbs")
_LOWERED = re.compile(r"[₀₁₂₃₄₅₆₇₈₉]{1,6}")
_FROM_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SYMBOL = (
    r"(?:H[eg]?|Li|Be|B[rae]?|C[laruods]?|N[aei]?|O|F[e]?|Mg|A[lgus]|S[inr]?|P[bt]?|K|Ti|V|Mn|Zn|I|W|U|Cs|Ga|Ge|Se|Pd|Cd|Xe|Zr|Mo|Te)"
)
_COMPOUND = re.compile(rf"(?:{_SYMBOL}(?:[₀-₉]{{1,2}}|[1-9][0-9]?)?){{1,10}}(?:(?=[¹²³⁴-⁷]?[⁺⁻](?!\w))|(?![\w.-]))")
_ELEMENT = re.compile(rf"({_SYMBOL})([₀-₉]{{1,2}}|[1-9][0-9]?)?")
_COEFFICIENT = re.compile(rf"([1-9][0-9]?)((?:{_SYMBOL}(?:[₀-₉]{{1,2}}|[1-9](?![0-9]))?){{1,6}})(?=[⁺⁻²³(]|(?![\w.-]))")
_REACTS = re.compile(r"[→⇌⟶]|\s[-=]{1,2}>\s")
_DIAMETER = re.compile(r"[Øø⌀∅](?=\s?[0-9])")
_GROUPED = re.compile(
    rf"((?:{_SYMBOL}){{1,3}})([₀-₉])?\((OH|NO[₂₃]|SO[₄]|PO[₄]|CO[₃]|NH[₃₄]|CH[₂₃]|CN|COO|HCO[₃]|C[₂]H[₅])\)([₂-₉]|[2-9])(?!\w)"
)
_ORGANIC = re.compile(r"C[0-9]{1,2}H[0-9]{1,2}")
_SALTS = words_of("NaCl NaOH HCl KCl KOH LiF NaF AgCl CuO CaO MgO ZnO FeO NaI LiOH FeS ZnS CuS HBr NaBr KBr")
_EQUATION = re.compile(r"\s{0,3}[0-9.,]{1,30}(?:\s{0,3}[-−–+*/]\s{0,3}[0-9.,]{1,30}){0,6}\s{0,3}(?:=(?!=)|equals\b)")
_CLOCK_BEFORE = re.compile(r"[0-9]:[0-9]{2}\s{1,3}\Z")
_CLOCK_AFTER = re.compile(r"\s{1,3}[0-9]{1,3}:[0-9]{2}")
_LABEL_BEFORE = re.compile(r"[A-Za-z]{2,}[.,]?\s+[0-9.,]+\s+\Z")
_LABEL_AFTER = re.compile(r"\s{0,3}[0-9.,]{1,20}(?::|[A-Za-z]|\s+[A-Za-z]{2})")
_RANGE_BEFORE = re.compile(
    r"(?:\A|([A-Z][a-z]{2,20}\s)|(?<![a-z])(?!(?:equals|plus|minus|times|by|over)\s)[a-z]{1,24}[\s.:]{1,2}|[^=+*×÷^/(\w\s.,$€£-]\s|\(\s?)"
    r"([0-9]{1,4})\s\Z"
)
_RANGE_BEHIND = re.compile(r"[-–]\s([0-9]{1,4})(?![\w%°/]|[.,:][0-9]|\s?[=*×÷^+]|\s[-–−]\s)(\s[A-Z][a-z])?")
_ASSIGNED = re.compile(r"(?:[\w)\]]\s=\s|\breturn\s)[\w.()\[\]+ -]{1,32}\s\Z")  # total = price * quantity
_REVISION = re.compile(r"\b(?:HEAD|ORIG_HEAD|master|main)\^{0,2}\Z")
_DIGIT = re.compile(r"\s{0,3}[0-9.(]")

_PIECES = {"K": "king", "Q": "queen", "R": "rook", "B": "bishop", "N": "knight"}
_MOVE = re.compile(
    r"(?:([KQRBN])([a-h]?)([1-8]?)(x?)([a-h])([1-8])|([a-h])(x)([a-h])([1-8])|([a-h])([1-8])(?==[QRBN]|[+#](?!\w)))"
    r"(?:=([QRBN]))?([+#])?(?![\w-])"
)
_CASTLING = re.compile(r"(?:O-O(-O)?|0-0(-0))([+#])?(?![\w-])")  # 0-0 is a score
_CHECKS = {"+": " check", "#": " mate"}


def power_words(exponent: str) -> str:
    """What follows a base: "2" squared, "-3" to the power of minus three."""
    if exponent in ("2", "3"):
        return "squared" if exponent == "2" else "cubed"
    if exponent.isalpha():
        return f"to the power of {letters(exponent)}"
    return f"to the power of {cardinal(int(exponent.replace('−', '-')))}"


def operator(place: Place) -> Reading:
    """The signs between two operands, blanks on both sides or on neither: 5 * 3, a*b, 10 - 4, 10 / 4; powers."""
    text, start, before = place
    if not start:
        return None
    if text[start] == "^" and _REVISION.search(text, max(0, start - 12), start) and not _DIGIT.match(text, start + 1):
        return read("caret", place, start + 1, "symbol")  # HEAD^
    charge = _CHARGE.match(text, start)
    if charge and text[start - 1].isalnum():
        amount = f"{cardinal(int(charge[1].translate(_FROM_RAISED)))} " if charge[1] else ""
        return read(f"{amount}{'plus' if charge[2] == '⁺' else 'minus'}", place, charge.end(), "symbol")
    if text[start : start + 2] == "^(" and text[start - 1].isalnum() and not _POWER.match(text, start):  # e^(iπ)
        return read("to the power of", place, start + 1, "symbol")
    power = _POWER.match(text, start) or (_STAR_POWER.match(text, start) if not text[start - 2 : start - 1].isalpha() else None)
    if power and (text[start - 1].isalnum() or text[start - 1] == ")"):
        return _raised(place, power[1] or power[2], power.end())
    raised = _RAISED.match(text, start)
    note = _note(place, raised) if raised else None
    if note:
        return note
    if raised and (text[start - 1].isalnum() or text[start - 1] == ")"):
        return _raised(place, raised[0].translate(_FROM_RAISED), raised.end())
    lowered = _LOWERED.match(text, start)
    if lowered:
        return read(cardinal(int(lowered[0].translate(_FROM_LOWERED))), place, lowered.end(), "number")
    found = _OPERATOR.match(text, start)
    if not found or not before:
        return None
    if found[2] in "-−–" and place.after_digit() and _EQUATION.match(text, found.end(2)):  # 7-3=4
        return read("minus", place, found.end(2), "symbol")
    sign = found[2]
    if sign == "*" and (_inside_word(text, start) or (text[start - 1] in "([{," and not found[3])):
        return read("star", place, start + 1, "symbol")
    if sign in "·∙" and _SYLLABLE_BEFORE.search(text, max(0, start - 2), start) and _SYLLABLE_BEHIND.match(text, start + 1):
        return None  # dic·tion·ar·y, col·lecció
    spaced_before, spaced_after = text[start - 1].isspace(), bool(found[3])
    if spaced_before != spaced_after:
        return None
    if sign in "*·⋅∗∙" and spaced_before and not (
        (_OPERAND_END.search(text, max(0, start - 6), start) and _OPERAND.match(text, found.end()))
        or (sign == "*" and _ASSIGNED.search(text, max(0, start - 40), start))
    ):
        return None  # a list
    if sign in "·∙" and spaced_before and (
        _LABEL_BEFORE.search(text, max(0, start - 40), start) or _LABEL_AFTER.match(text, found.end(2))
    ):
        return None  # Mar 18 · 10:00
    if sign == "/" and _CLOCK_BEFORE.search(text, max(0, start - 8), start) and _CLOCK_AFTER.match(text, found.end(2)):
        return read("of", place, found.end(2), "symbol")  # what a player says: 3:25 / 4:10
    numeric = place.after_digit() and _DIGIT.match(text, found.end(2))
    if sign in "-−–/" and not (spaced_before and numeric):
        return None
    if sign in "-–" and _spaced_range(text, start):
        return read("to", place, found.end(2), "symbol")
    return read(_OPERATORS[sign], place, found.end(2), "symbol")


def _spaced_range(text: str, start: int) -> bool:
    """Whether the dash stands in a range or a score: pages 28 - 30, Arsenal 3 - 1 Chelsea; but 10 - 4."""
    left = _RANGE_BEFORE.search(text, max(0, start - 24), start)
    right = _RANGE_BEHIND.match(text, start)
    if not left or not right:
        return False
    if not left.start() and left[0][0].isdecimal() and not text[right.end() :].strip():
        return False  # 3 - 5, and nothing else
    return bool(left[1] and right[2]) or int(left[2]) < int(right[1])


def _raised(place: Place, exponent: str, end: int) -> Reading:
    """A power, and the unit behind one of ten: 10⁻⁶ m."""
    words = power_words(exponent)
    spaced = place.text[end : end + 1].isspace() and _TENS.search(place.text, max(0, place.start - 6), place.start)
    unit = unit_after(place.text, end, False) if spaced else None
    if place.text[end : end + 1] == "/" and _TENS.search(place.text, max(0, place.start - 6), place.start):  # ×10⁹/L
        unit = unit_after(place.text, end + 1, True)
        words += " per" if unit else ""
    return read(f"{words} {unit[0]}", place, unit[1], "measure") if unit else read(words, place, end, "symbol")


def _inside_word(text: str, start: int) -> bool:
    """Whether a star stands for a letter that nobody wants to write: d*mn."""
    before = _LETTERS_BEFORE.search(text, max(0, start - 24), start)
    after = _LETTERS_AFTER.match(text, start + 1)
    return bool(before and after) and len(before[0]) + len(after[0]) > 2  # type: ignore[index]


def _note(place: Place, raised: re.Match[str]) -> Reading:
    """A raised number behind a word is the number of a note; behind the end of a sentence it is not read."""
    text, start, _ = place
    if raised[0][0] == "⁻":
        return None
    if _SENTENCE_BEFORE.search(text, max(0, start - 6), start):
        return [Token("", (start, raised.end()), "punctuation", ",")]
    word = _LETTERS_BEFORE.search(text, max(0, start - 24), start) or _BRACKET_BEFORE.search(text, max(0, start - 48), start)
    if not word or len(word[0]) < 3 or word[0] in UNITS or word[0].lower() in _FUNCTIONS:
        return None
    words = "" if place.before.lower() in ("note", "notes", "footnote", "footnotes") else "note "
    words += cardinal(int(raised[0].translate(_FROM_RAISED)))
    return read(words, place, raised.end(), "number")


def masked(place: Place) -> Reading:
    """s**t, f***ing: letters that nobody wants to write; two stars or more, one is an operator's business."""
    text, start, _ = place
    disguised = _DISGUISED.match(text, start)
    if disguised and not (start and text[start - 1].isalnum()):  # sh!t
        return read(f"{disguised[1]}i{disguised[2]}", place, disguised.end(), "word")
    found = _MASKED.match(text, start)
    if not found or (start and (text[start - 1].isalnum() or text[start - 1] in "*_")):
        return None
    head, stars, rest = found.groups()
    if len(stars) < 2 or (not rest and len(head) > 2):
        return None
    if len(rest) == len(head) == 1 and len(stars) == 2 and (head + rest).lower() not in _UNSAID:  # a power
        return None
    parts = [part if len(part) > 2 and _VOWEL.search(part) else letters(part) for part in (head, rest) if part]
    words = [parts[0], *["star"] * min(len(stars), 3), *parts[1:]]
    return read(" ".join(words), place, found.end(), "identifier")


def raised_letter(place: Place) -> Reading:
    """2ⁿ, xⁿ, 2ⁿ⁺¹."""
    text, start, _ = place
    found = _RAISED_LETTER.match(text, start)
    last = text[start - 1 : start]
    if not found or (last.isalpha() if found[1] else not (last.isalnum() or last == ")")):
        return None
    words = f"to the power of {unicodedata.normalize('NFKC', found[2])}"
    if found[3]:
        words += f" {'plus' if found[3] == '⁺' else 'minus'} {cardinal(int(found[4].translate(_FROM_RAISED)))}"
    return read(f"{letters(found[1])} {words}".strip(), place, found.end(), "symbol")


def compound(place: Place) -> Reading:
    """H₂SO₄, Fe2O3, NaCl: a formula of chemistry, letter by letter."""
    text, start, _ = place
    grouped = _GROUPED.match(text, start)
    if grouped and not (start and text[start - 1].isalnum()):  # Fe(OH)₃
        words = _elements(_ELEMENT.findall(text[start : grouped.end(3)]))
        return read(f"{words} {cardinal(int(grouped[4].translate(_FROM_LOWERED)))}", place, grouped.end(), "identifier")
    found = _COMPOUND.match(text, start)
    if not found or (start and (text[start - 1].isalnum() or text[start - 1] in "_-.")):
        return None
    parts = _ELEMENT.findall(found[0])
    counted = any(count for _, count in parts)
    charged = found.end() < len(text) and text[found.end()] in "⁺⁻¹²³⁴⁵⁶⁷"
    if not counted and not charged and found[0] not in _SALTS:
        return None
    lowered = any(count[:1] > "9" for _, count in parts)
    if not lowered and not charged and (len(parts) < 2 or (found[0].isupper() and not _ORGANIC.match(found[0]))):
        return None  # an ordinary name; what has capitals alone is read by letters anyway
    return read(_elements(parts), place, found.end(), "identifier")


def coefficient(place: Place) -> Reading:
    """2Na + Cl₂ → 2NaCl: how many of a compound, where there is a reaction."""
    text, start, _ = place
    found = _COEFFICIENT.match(text, start)
    if not found or (start and text[start - 1].isalnum()) or not _REACTS.search(text, max(0, start - 48), found.end() + 48):
        return None
    return read(f"{cardinal(int(found[1]))} {_elements(_ELEMENT.findall(found[2]))}", place, found.end(), "identifier")


def _elements(parts: list[tuple[str, str]]) -> str:
    words: list[str] = []
    for name, count in parts:
        words += name.upper()
        words += [cardinal(int(count.translate(_FROM_LOWERED)))] if count else []
    return " ".join(words)


def diameter(place: Place) -> Reading:
    """Ø 8 mm."""
    found = _DIAMETER.match(place.text, place.start)
    return read("diameter", place, place.start + 1, "symbol") if found else None


def greek(place: Place) -> Reading:
    """A Greek letter by itself: π, Δ."""
    text, start, _ = place
    character = text[start]
    if not "\u0370" <= character <= "\u03ff":
        return None
    if (start and text[start - 1].isalpha()) or text[start + 1 : start + 2].isalpha():
        return None
    name = greek_name(character)
    return read(name, place, start + 1, "symbol") if name != character else None


def chess_move(place: Place) -> Reading:
    """Nf3, Bxe5+, exd5, e8=Q, O-O."""
    text, start, _ = place
    found = _CASTLING.match(text, start)
    if found:
        side = "queenside" if found[1] or found[2] else "kingside"
        return read(f"castles {side}{_CHECKS.get(found[3] or '', '')}", place, found.end(), "chess")
    found = _MOVE.match(text, start)
    if not found:
        return None
    piece, from_file, from_rank, takes, file, rank, pawn, _, pawn_file, pawn_rank, up_file, up_rank, promoted, check = (
        found.groups()
    )
    words = []
    if piece:
        words = [_PIECES[piece]]
        if from_file:
            words.append(letters(from_file))
        if from_rank:
            words.append(cardinal(int(from_rank)))
        if takes:
            words.append("takes")
    elif pawn:
        words = [letters(pawn), "takes"]
    square = (file or pawn_file or up_file) + (rank or pawn_rank or up_rank)
    words.append(letters(square))
    if promoted:
        words.append(f"promotes to {_PIECES[promoted]}")
    return read(" ".join(words) + _CHECKS.get(check or "", ""), place, found.end(), "chess")
