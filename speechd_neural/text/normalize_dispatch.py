"""Which rules are tried where, in order."""

from __future__ import annotations

from speechd_neural.text import normalize_counts as counts
from speechd_neural.text import normalize_identifiers as identifiers
from speechd_neural.text import normalize_symbols as symbols
from speechd_neural.text.normalize_rules import Rule

DIGIT_RULES: tuple[Rule, ...] = (
    counts.years,
    counts.number_range,
    counts.written_fraction,
    counts.dimensions,
    counts.scan_lines,
    counts.ordinal_number,
    counts.decade,
    counts.scientific,
    counts.hyphened,
    counts.plain_number,
    identifiers.identifier,
)
LETTER_RULES: tuple[Rule, ...] = (
    counts.number_sign,
    identifiers.identifier,
)
SYMBOL_RULES: tuple[Rule, ...] = (
    symbols.emoticon,
    counts.decade,
    counts.written_fraction,
    counts.number_sign,
    counts.signed,
    counts.plain_number,
    symbols.arrow,
    identifiers.identifier,
)
SPECIAL_WORDS: frozenset[str] = frozenset(("no",))
