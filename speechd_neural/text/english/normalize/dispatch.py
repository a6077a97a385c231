"""Which rules are tried where, in order: the more specific before the more general."""

from __future__ import annotations

from speechd_neural.text.english.normalize import (
    abbreviations,
    addresses,
    counts,
    dates,
    decades,
    grouped,
    identifiers,
    lone_symbols,
    money,
    ranges,
    ratios,
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
    dates.date,
    grouped.round_price,
    grouped.grouped,
    telephone.telephone,
    telephone.unsigned,
    telephone.spaced_code,
    ratios.verse,
    times.clock,
    times.hour_only,
    times.ratio,
    money.old_pence,
    spans.duration,
    counts.scientific,
    addresses.version,
    money.money,
    units.arc,
    units.feet_and_inches,
    units.amps,
    decades.decade,
    units.measure,
    units.density,
    decades.years,
    ranges.number_range,
    ratios.part_count,
    counts.written_fraction,
    counts.dimensions,
    counts.scan_lines,
    counts.ordinal_number,
    counts.hyphened,
    counts.raised_point,
    counts.plain_number,
    counts.lettered,
    addresses.address,
    identifiers.identifier,
)
LETTER_RULES: tuple[Rule, ...] = (
    lone_symbols.parted,
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
    abbreviations.abbreviation,
    abbreviations.initials,
    counts.number_sign,
    money.currency_pair,
    grouped.grouped_money,
    money.money,
    addresses.network,
    addresses.hexadecimal,
    addresses.version,
    addresses.plus_plus,
    units.bare_rate,
    formulas.chess_move,
    formulas.greek,
    formulas.raised_letter,
    formulas.masked,
    symbols.note_sign,
    addresses.emacs_key,
    addresses.address,
    identifiers.letter_and_sign,
    identifiers.identifier,
)
_SIGNS = "-−–+±~≈<>≤≥"
_SYMBOL_STARTS: tuple[tuple[Rule, str], ...] = (
    (lone_symbols.quoted, lone_symbols.QUOTES),
    (lone_symbols.spoken_of, lone_symbols.LONE),
    (symbols.respelled, "("),
    (symbols.and_so_forth, "&"),
    (symbols.emoticon, "".join({face[0] for face in symbols.EMOTICONS})),
    (addresses.dash_behind_plus, "-"),
    (symbols.chord_key, "+"),
    (symbols.plus_or_minus, "+"),
    (symbols.conversion, "%"),
    (symbols.rating, "★☆"),
    (symbols.trend, "▲△▼▽"),
    (addresses.bracketed, "<"),
    (addresses.permissions, "-"),
    (addresses.wildcard, "*"),
    (telephone.dialled, "*#•·"),
    (addresses.cell, "$"),
    (addresses.network, ":"),
    (telephone.telephone, "+("),
    (grouped.grouped, _SIGNS),
    (money.old_pence, "£"),
    (grouped.price_range, money.SYMBOLS),
    (money.money, "-−+." + money.SYMBOLS),
    (units.measure, _SIGNS + "."),
    (decades.decade, "'’‘"),
    (counts.written_fraction, "".join(counts.GLYPHS)),
    (addresses.hexadecimal, "#"),
    (counts.number_sign, "#№"),
    (addresses.shebang, "#"),
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
SPECIAL_WORDS: frozenset[str] = ratios.WORDS | times.WORDS | abbreviations.WORDS | dates.WORDS | _NUMERALS | _YEARS | money.WORDS
