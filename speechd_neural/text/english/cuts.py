"""Where English may be cut: abbreviations with a full stop that ends no sentence, and the words that begin a clause."""

from __future__ import annotations

import re

from speechd_neural.text.segment import Cuts

# A full stop after these does not end a sentence.
_TITLES = (
    "mr mrs ms mx dr prof rev fr sr st gen col capt lt maj sgt cpl adm cmdr gov sen rep pres hon"
    " e.g eg i.e ie cf vs viz al approx ca no nos vol fig figs eq sec ch pp p ed eds art"
    " jan feb mar apr jun jul aug sept sep oct nov dec mt ft dept est tel ext messrs mme"
)
TITLES = frozenset(_TITLES.split())
# After these it does unless a number follows.
_BEFORE_NUMBERS = frozenset("max min pt mon tue tues wed thu thur thurs fri sat sun rm fl bldg para rte rs"
    " cor matt isa jer eph thess heb deut exod prov kgs chr".split())
_ROMAN = re.compile(r"[IVXLC]+\b")
# After these it does if a capital follows.
_MAY_END = "etc inc ltd co corp jr sr a.m p.m u.s u.k u.n d.c b.c a.d ph.d m.d llc bros ave blvd rd"
MAY_END = frozenset(_MAY_END.split())
_ZONE = re.compile(r"[A-Z]{1,3}T\b|UTC\b|GMT\b")

_CLAUSE_WORDS = "but|because|which|who|when|while|where|whereas|if|although|though|unless|until|since|before|after|so that"


class EnglishCuts(Cuts):
    letter_words = frozenset("i")
    affix = re.compile(r"(?:jr|sr|inc|ltd|llc|phd|ph\.d|md|m\.d|esq|[ivx]{1,4}|[a-z])\b", re.IGNORECASE)
    clauses = re.compile(rf"(?<=[a-z])\s+(?=(?:{_CLAUSE_WORDS})\s+[a-z])")
    phrases = re.compile(
        r"(?<=[a-z])\s+(?=(?:and|or|that|so|with|without|from|into|through|between|during|for|to|in|on|at|by)\s+[a-z])"
    )

    def after_stop(self, word: str, following: str, text: str, at: int) -> bool | None:
        if word in _BEFORE_NUMBERS:
            return not (following.isdigit() or _ROMAN.match(text, at))
        if word in ("no", "nos", "p", "pp", "fig", "sec", "ch", "vol", "art", "est", "ext", "mar"):
            return not following.isdigit() and word not in ("fig", "vol", "ext")
        if word in TITLES:
            return False
        if word in MAY_END:
            zone = word in ("a.m", "p.m") and _ZONE.match(text, at)
            return following.isupper() and not zone
        return None
