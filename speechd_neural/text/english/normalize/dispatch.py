"""Which rules are tried where, in order: the more specific before the more general."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize import (
    abbreviations,
    addresses,
    bills,
    cameras,
    commands,
    counts,
    dates,
    decades,
    feet,
    grouped,
    heat,
    identifiers,
    lone_symbols,
    medical,
    money,
    numbered,
    places,
    postal,
    ranges,
    ratios,
    roman,
    science,
    sheets,
    sizes,
    spans,
    symbols,
    telephone,
    times,
    units,
)
from speechd_neural.text.english.normalize import math as formulas
from speechd_neural.text.english.normalize.letter_a import letter_a
from speechd_neural.text.english.normalize.roman import roman_numeral
from speechd_neural.text.english.normalize.rules import Rule

DIGIT_RULES: tuple[Rule, ...] = (
    addresses.network,
    addresses.hexadecimal,
    formulas.chess_move,
    formulas.coefficient,
    dates.date,
    grouped.round_price,
    grouped.grouped,
    postal.postal_code,
    telephone.telephone,
    telephone.unsigned,
    telephone.spaced_code,
    ratios.verse,
    times.clock,
    times.blank_clock,
    times.added_time,
    times.hour_only,
    times.ratio,
    times.spaced_ratio,
    money.old_pence,
    bills.pence,
    bills.dose,
    medical.blood_count,
    medical.sight,
    sizes.fractional,
    sizes.count,
    sizes.oil,
    numbered.old_ordinal,
    spans.duration,
    counts.scientific,
    addresses.version,
    money.money,
    science.strand,
    feet.arc,
    feet.stones,
    feet.feet_and_inches,
    units.amps,
    heat.bare_degrees,
    decades.decade,
    units.measure,
    units.density,
    decades.years,
    ranges.number_range,
    cameras.exposure,
    ratios.part_count,
    counts.written_fraction,
    counts.dimensions,
    counts.scan_lines,
    counts.ordinal_number,
    counts.hyphened,
    counts.raised_point,
    science.factorial,
    counts.plain_number,
    counts.lettered,
    addresses.address,
    identifiers.identifier,
)
# What stands behind the digits says which rules can know them: a blank and a digit, another blank, nothing more (a mark
# may end it), a dash and a digit, a percent sign, a comma and a digit, a point and a digit, a plus or an equals sign.
# Anything else: every rule is asked.
_BEHIND = re.compile(r"[0-9]+(?:(\s{1,8}[0-9])|(\s)|([,;:!?.)\]}…]?(?:\s|\Z))|(-[0-9])|(%)|(,[0-9])|(\.[0-9])|([+=])|)")
_LAST = (science.factorial, counts.plain_number, identifiers.identifier)
_UNSPACED = (
    medical.sight,
    addresses.network, addresses.hexadecimal, formulas.chess_move, telephone.spaced_code, ratios.verse, times.clock,
    times.added_time, times.ratio, counts.scientific, addresses.version, feet.arc, counts.scan_lines,
    counts.ordinal_number, counts.hyphened, counts.raised_point, addresses.address,
)  # fmt: skip
_DASHED = (
    medical.blood_count, sizes.fractional,
    addresses.network, addresses.hexadecimal, formulas.chess_move, dates.date, telephone.telephone, telephone.spaced_code,
    times.hour_only, money.money, heat.bare_degrees, units.measure, decades.years, ranges.number_range,
    counts.written_fraction, counts.hyphened,
    addresses.address, *_LAST,
)  # fmt: skip
_BESIDE = (
    times.blank_clock,
    postal.postal_code, grouped.round_price, grouped.grouped, telephone.telephone, telephone.unsigned, counts.written_fraction,
    *_LAST,
)  # fmt: skip
# Rules that know no comma, or no point, inside what they look for.
_WHOLE = (
    medical.sight,
    addresses.hexadecimal, formulas.chess_move, telephone.spaced_code, telephone.unsigned, ratios.verse, times.ratio,
    money.old_pence, feet.arc, counts.scan_lines, counts.raised_point, science.factorial,
)  # fmt: skip
_WITHOUT_COMMA = (
    *_WHOLE, addresses.network, dates.date, telephone.telephone, times.clock, times.hour_only, spans.duration, counts.scientific,
    addresses.version, units.amps, decades.years,
)  # fmt: skip
_WITHOUT_POINT = (*_WHOLE, times.clock, decades.years, counts.ordinal_number)
_BEFORE_PLUS = (
    times.added_time, money.money, units.measure, ratios.part_count, counts.dimensions, counts.lettered, addresses.address,
    *_LAST,
)  # fmt: skip
_BEHIND_RULES: tuple[tuple[Rule, ...], ...] = tuple(
    tuple(rule for rule in DIGIT_RULES if rule in kept)
    for kept in (
        DIGIT_RULES,
        _BESIDE,
        tuple(rule for rule in DIGIT_RULES if rule not in _UNSPACED),
        (postal.postal_code, telephone.unsigned, *_LAST),
        _DASHED,
        (telephone.unsigned, units.measure, addresses.address, *_LAST),
        tuple(rule for rule in DIGIT_RULES if rule not in _WITHOUT_COMMA),
        tuple(rule for rule in DIGIT_RULES if rule not in _WITHOUT_POINT),
        _BEFORE_PLUS,
    )
)


def digit_rules(text: str, start: int) -> tuple[Rule, ...]:
    """The rules that may know the number at text[start]; those that are left out would look in vain."""
    found = _BEHIND.match(text, start)
    return _BEHIND_RULES[found.lastindex or 0] if found else DIGIT_RULES


LETTER_RULES: tuple[Rule, ...] = (
    lone_symbols.parted,
    sheets.columns,
    bills.word,
    medical.interval,
    medical.diagnosis,
    letter_a,
    ratios.book,
    addresses.permissions,
    telephone.bank_account,
    symbols.emoticon,
    dates.named_date,
    dates.short_name,
    times.named_hour,
    abbreviations.phrase,
    roman_numeral,
    postal.state_code,
    places.saint,
    places.longitude,
    abbreviations.degree,
    abbreviations.abbreviation,
    abbreviations.initials,
    numbered.number_sign,
    money.currency_pair,
    grouped.grouped_money,
    money.money,
    sheets.cells,
    addresses.network,
    addresses.hexadecimal,
    addresses.version,
    addresses.plus_plus,
    cameras.aperture,
    commands.decrement,
    commands.difference,
    medical.bare_count,
    units.bare_rate,
    formulas.chess_move,
    science.lowered_letter,
    science.product,
    science.function,
    science.prime,
    formulas.greek,
    formulas.diameter,
    formulas.raised_letter,
    formulas.compound,
    science.factorial,
    formulas.masked,
    symbols.note_sign,
    symbols.chord,
    addresses.emacs_key,
    identifiers.named_decimal,
    addresses.address,
    identifiers.letter_and_sign,
    identifiers.identifier,
)
# A plain word before a blank, perhaps with a mark, is no address, no formula and no name of a program.
_PLAIN_WORD = re.compile(r"[A-Za-z]+[,;!?)\]}…]?(?:\s|\Z)")
_WRITTEN_TOGETHER = (
    sheets.cells, sheets.columns,
    money.currency_pair, addresses.network, addresses.hexadecimal, addresses.plus_plus, cameras.aperture, units.bare_rate,
    medical.bare_count, medical.diagnosis,
    formulas.chess_move, formulas.greek, science.lowered_letter, science.prime, commands.decrement, commands.difference,
    formulas.raised_letter, formulas.masked, addresses.emacs_key, identifiers.named_decimal,
    identifiers.letter_and_sign, identifiers.identifier,
)  # fmt: skip
_WORD_RULES = tuple(rule for rule in LETTER_RULES if rule not in _WRITTEN_TOGETHER)


def letter_rules(text: str, start: int) -> tuple[Rule, ...]:
    """The rules that may know what begins with the letter at text[start]."""
    return _WORD_RULES if _PLAIN_WORD.match(text, start) else LETTER_RULES


_SIGNS = "-−–+±~≈<>≤≥"
_SYMBOL_STARTS: tuple[tuple[Rule, str], ...] = (
    (lone_symbols.quoted, lone_symbols.QUOTES),
    (lone_symbols.spoken_of, lone_symbols.LONE),
    (symbols.respelled, "("),
    (symbols.and_so_forth, "&"),
    (commands.shell_variable, "$"),
    (commands.pipe, "|"),
    (commands.negation, "!"),
    (commands.pointer, "*"),
    (commands.unpacked, "*"),
    (commands.schedule, "*"),
    (commands.assignment, "-*%|&^:?/"),
    (commands.numbered_option, "-"),
    (commands.signal, "-"),
    (commands.length_sign, "-−+"),
    (science.minus, "-–"),
    (units.per_unit, "/"),
    (science.triangle, "△"),
    (formulas.diameter, "⌀∅"),
    (science.bracketed_factorial, ")"),
    (science.limits, "∫∑Σ∏∬∮"),
    (science.lowered_letter, "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"),
    (science.isotope, "⁰¹²³⁴⁵⁶⁷⁸⁹"),
    (symbols.emoticon, "".join({face[0] for face in symbols.EMOTICONS})),
    (addresses.dash_behind_plus, "-"),
    (symbols.chord_key, "+"),
    (symbols.plus_or_minus, "+"),
    (symbols.conversion, "%"),
    (symbols.rating, "★☆"),
    (symbols.star, "★*"),
    (symbols.about, "~"),
    (symbols.bracketed_minus, "-−"),
    (symbols.trend, "▲△▼▽"),
    (addresses.bracketed, "<"),
    (addresses.permissions, "-"),
    (addresses.wildcard, "*"),
    (telephone.dialled, "*#•·"),
    (sheets.cell, "$"),
    (addresses.network, ":"),
    (telephone.telephone, "+("),
    (grouped.grouped, _SIGNS),
    (money.old_pence, "£"),
    (grouped.price_range, money.SYMBOLS),
    (money.money, "-−+.¢" + money.SYMBOLS),
    (units.measure, _SIGNS + "."),
    (decades.decade, "'’‘"),
    (sizes.fractional, "".join(counts.GLYPHS)),
    (counts.written_fraction, "".join(counts.GLYPHS)),
    (lone_symbols.frame, "#"),
    (addresses.painted, "#"),
    (numbered.number_sign, "#№"),
    (addresses.hexadecimal, "#"),
    (addresses.shebang, "#"),
    (sheets.cell_error, "#"),
    (addresses.tag, "#@"),
    (addresses.option, "-"),
    (formulas.operator, "^*·⋅∗∙/−–-⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉"),
    (symbols.caret_key, "^"),
    (counts.signed, _SIGNS),
    (counts.plain_number, "."),
    (addresses.address, "./~\\_"),
    (symbols.arrow, "<-=!>"),
    (identifiers.identifier, "_"),
)
# For each symbol that may begin something, the rules that know it.
SYMBOL_RULES: dict[str, tuple[Rule, ...]] = {
    symbol: tuple(rule for rule, starts in _SYMBOL_STARTS if symbol in starts)
    for symbol in sorted({symbol for _, starts in _SYMBOL_STARTS for symbol in starts})
}
_NUMERALS = frozenset(
    tens + ones
    for tens in ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc", "c")
    for ones in ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
)
# The years of films and buildings.
_YEARS = frozenset(
    century + tens + ones
    for century in ("mcm", "mm")
    for tens in ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc")
    for ones in ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
)
SPECIAL_WORDS: frozenset[str] = (
    medical.WORDS | symbols.WORDS | roman.WORDS
    | ratios.WORDS | times.WORDS | abbreviations.WORDS | bills.WORDS | dates.WORDS | science.WORDS | money.WORDS | places.WORDS
    | _NUMERALS | _YEARS
)
