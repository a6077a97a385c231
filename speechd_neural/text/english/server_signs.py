"""Signs inside what the rules of reading know only as a whole, where Speech Dispatcher has put them into words.

"100 MB slash s" is 100 MB/s, "14 quote  screen" a 14" screen, "C number  and" C# and; blanks that only the server sets
tell most of them from written words, their neighbours the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from speechd_neural import expressions as re
from speechd_neural.text.drawn import PATTERN as FACE
from speechd_neural.text.english.emoji import face
from speechd_neural.text.english.normalize.money import ISO_CODES
from speechd_neural.text.english.normalize.symbols import EMOTICONS
from speechd_neural.text.token import Edit

_UNIT = r"(?:[KMGT]i?B|kB|[KMG]bit|[KMG]b|mg|kg|g|[µμm]cg|[µμ]g|mAh|mA|m?mol|km|cm|mm|m|ft|mi|m?[lL]|kWh|k?cal|[µμ]S|IU|W|N|J)"
_BY = r"(?:s|sec|h|hr|min|day|week|month|mo|year|yr|night|person|g|kg|mg|m?[lL]|d[lL]|cm|km|m|gal)"
_NUMERAL = r"(?:I{2,3}|IV|VI{0,3}|IX)"
_MEASURES = r"(?:tsp|tbsp|cups?|inch(?:es)?|lbs?|oz|teaspoons?|tablespoons?|pints?|miles?|hours?)"
_FREE, _NO_MORE = r"(?<![^\W_])", r"(?![^\W_])"  # no letter or digit before, or behind


class _Sent(NamedTuple):
    """What the server sends for a sign, what must stand before it and behind it, and what was written."""

    sent: str
    before: re.Pattern[str]
    behind: re.Pattern[str]
    written: str
    name: str  # that is still said where no rule reads the whole


def _sent(sent: str, before: str, behind: str, written: str, name: str = "") -> _Sent:
    return _Sent(sent, re.compile(f"(?:{before})\\Z"), re.compile(behind), written, name)


_RULES = {
    "slash": (
        _sent(" slash ", rf"{_FREE}(?<!\.){_UNIT}", rf"{_BY}{_NO_MORE}", "/", "slash"),
        _sent(" slash ", rf"{_FREE}(?:{ISO_CODES})", rf"(?:{ISO_CODES}){_NO_MORE}", "/"),
        _sent(" slash  ", f"{_FREE}w", r"[^\W_]", "/ "),
        _sent("  slash  ", "[0-9]", rf"[0-9]|(?:hr|hour|mo|month|yr|year|day|night|wk|week|person){_NO_MORE}", " / "),
    ),
    "quote": (_sent(" quote ", "[0-9]", r"[\s,.;:)]|\Z", '"'),),
    "number": (
        _sent(" number ", f"{_FREE}[A-G]", rf"\s|\Z|[,.;:)]|(?:maj|min|dim|aug|sus|add|m)[0-9]{{0,2}}{_NO_MORE}", "#"),
    ),
    "dash": (
        *(_sent(f" dash{join} greater ", r"[\w)]", r"[\w(]", "->") for join in " -"),
        *(_sent(f" dash{join} ", f"{_FREE}(?:mid|early|late|pre|post)", f"[0-9]0s{_NO_MORE}", "-'", "dash") for join in " -"),
        *(_sent(f" dash{join}", "[a-z]", f"{_NUMERAL}{_NO_MORE}", "-", "dash") for join in " -"),
    ),
    "en dash": (_sent(" en dash–", r"[^\W_] ", r" [^\W_]", "–", "en dash"),),
    "caret": (_sent(" caret  minus ", "[0-9]", "[0-9]", "^-"),),
    "plus": tuple(_sent(f" plus  slash  dash{join}", r"\s", r"\s", "+/-") for join in " -"),
    "star": (_sent("  star  ", "[0-9]", "[0-9]", " * "),),
    "degrees": (_sent(" degrees ", "[0-9]", "[0-9]{1,2} prime ", "°"),),
    "prime": (_sent(" prime ", "[0-9]", f"[NSEW]{_NO_MORE}|[0-9]", "′"),),
    "dot": (
        _sent(" dot ", rf"{_FREE}(?:al|ed|[A-Z][a-z]{{1,3}}|[a-z](?: dot [a-z]){{1,3}})", r",\s", ".", "dot"),
        _sent(" dot ", f"{_FREE}Ph", f"D{_NO_MORE}", "."),
    ),
    "tilda": (_sent(" tilda ", r"\s|\A", r"\s?(?:\$|euro |pound |[0-9])", "~"),),
    "divided by": (_sent(" divided by ", f"{_FREE}[1-9][0-9]?", f"[2-9] {_MEASURES}{_NO_MORE}", "⁄"),),
}
_NAME = re.compile(f" ({'|'.join(sorted(_RULES, key=len, reverse=True))})(?![^\\W_])")
_REACH = 24  # characters before a sign that are looked at
_BRACKETED = re.compile(r" left paren\(([^()\n]{1,60}?) right paren\)")
_NAMED = re.compile(r" (line|dash|caret|semi|greater|less|equals|degrees|bullet|star|dot|backslash|slash|tilda|quote|bar|colon) ")
_SIGNS = {
    "line": "_", "dash": "-", "caret": "^", "semi": ";", "greater": ">", "less": "<", "equals": "=", "degrees": "°",
    "bullet": "•", "star": "*", "dot": ".", "backslash": "\\", "slash": "/", "tilda": "~", "quote": '"', "bar": "|", "colon": ":",
}  # fmt: skip
_IN_EMOTICONS = {
    ":": " colon ", ";": " semi ", "-": " dash[- ]", ")": r" right paren\)", "(": r" left paren\(", "<": " less ",
    ">": " greater ", "=": " equals ", "^": " caret ", "_": " line ", "/": " slash ", "|": " bar ", "*": " star ", ".": " dot ",
    "\\": " backslash ", "]": " right bracket ", "}": " right brace ", "'": "(?: tick | )",
}  # fmt: skip


def _as_sent(emoticon: str) -> str:
    """A pattern for what the server makes of an emoticon."""
    return "".join(_IN_EMOTICONS.get(sign, re.escape(sign)) for sign in emoticon)


_DRAWN = sorted((one for one in EMOTICONS if any(sign in _IN_EMOTICONS for sign in one)), key=len, reverse=True)
_EMOTICON = re.compile(
    r"(?:(?<=\s)|\A)(?= (?:colon|semi|equals|less|greater|caret|dash|dot|backslash)[ -]|[A-Za-z0-9] (?:line|dot|colon|dash) )(?:"
    + "|".join(f"({_as_sent(one)})" for one in _DRAWN)
    + r")(?=\s|\Z|[.,!?]| dot)"
)
_SHRUG = re.compile(r"(?: \u0304)? backslash  line  left paren\(ツ right paren\) line  slash (?: \u0304)?")


def _back(text: str, at: int, name: str) -> Edit | None:
    """The sign whose name stands at text[at], if its neighbours say that one was written."""
    for rule in _RULES[name]:
        start = at - 1 if rule.sent.startswith("  ") else at
        end = start + len(rule.sent)
        if start < 0 or not text.startswith(rule.sent, start) or not rule.behind.match(text, end):
            continue
        if not rule.before.search(text, max(0, start - _REACH), start):
            continue
        open_quote = text.count(" quote", max(0, start - 300), start) % 2 or " tick " in text[max(0, start - 12) : start]
        if name == "quote" and open_quote:
            return None  # the end of a quotation, or feet whose sign is named, too
        return Edit(start, end, rule.written, rule.name)
    return None


def whole_signs(text: str) -> Iterator[Edit]:
    """Signs between their neighbours, and faces by name."""
    for match in _NAME.finditer(text):
        edit = _back(text, match.start(), match[1])
        if edit:
            yield edit
    if "  " not in text and text[:1] != " " and " line " not in text:
        return
    for match in _BRACKETED.finditer(text):
        drawn = _NAMED.sub(lambda name: _SIGNS[name[1]], _NAMED.sub(lambda name: _SIGNS[name[1]], f" {match[1]} "))
        drawn = f"({''.join(drawn.split())})"
        if FACE.fullmatch(drawn):
            yield Edit(match.start(), match.end(), f" {face(drawn)}", "")
    for match in _EMOTICON.finditer(text):
        yield Edit(match.start(), match.end(), f" {EMOTICONS[_DRAWN[(match.lastindex or 1) - 1]]}", "")
    for match in _SHRUG.finditer(text):
        yield Edit(match.start(), match.end(), " shrug", "")
