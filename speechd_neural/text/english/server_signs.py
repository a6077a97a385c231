"""Signs inside what the rules of reading know only as a whole, where Speech Dispatcher has put them into words.

"100 MB slash s" is 100 MB/s, "14 quote  screen" a 14" screen, "C number  and" C# and; blanks that only the server sets
tell most of them from written words, their neighbours the others.
"""

from __future__ import annotations

from collections.abc import Iterator

from speechd_neural import expressions as re
from speechd_neural.text.drawn import PATTERN as FACE
from speechd_neural.text.english.emoji import face
from speechd_neural.text.english.normalize.money import ISO_CODES
from speechd_neural.text.token import Edit

_UNIT = r"(?:[KMGT]i?B|kB|[KMG]bit|[KMG]b|mg|kg|g|[µμm]cg|[µμ]g|mAh|mA|m?mol|km|cm|mm|m|ft|mi|m?[lL]|kWh|k?cal|[µμ]S|IU|W|N|J)"
_BY = r"(?:s|sec|h|hr|min|day|week|month|mo|year|yr|night|person|g|kg|mg|m?[lL]|d[lL]|cm|km|m|gal)"
_NUMERAL = r"(?:I{2,3}|IV|VI{0,3}|IX)"
_MEASURES = r"(?:tsp|tbsp|cups?|inch(?:es)?|lbs?|oz|teaspoons?|tablespoons?|pints?|miles?|hours?)"
# Name of a group: what the server's words stand for; behind "_" the name that is still said where no rule reads the whole.
_BACK = re.compile(
    rf"(?<![^\W_])(?<!\.){_UNIT}(?P<per> slash )(?={_BY}(?![^\W_]))"
    rf"|(?<![^\W_])(?:{ISO_CODES})(?P<pair> slash )(?=(?:{ISO_CODES})(?![^\W_]))"
    r"|(?<=[0-9])(?P<inch> quote )(?=[\s,.;:)]|\Z)"
    r"|(?<![^\W_])[A-G](?P<sharp> number )(?=\s|\Z|[,.;:)]|(?:maj|min|dim|aug|sus|add|m)[0-9]{0,2}(?![^\W_]))"
    r"|(?<=[\w)])(?P<arrow> dash[- ] greater )(?=[\w(])"
    r"|(?<![^\W_])w(?P<with> slash  )(?=[^\W_])"
    r"|(?<=[0-9])(?P<power> caret  minus )(?=[0-9])"
    r"|(?<=\s)(?P<either> plus  slash  dash[- ])(?=\s)"
    r"|(?<=[0-9])(?P<times>  star  )(?=[0-9])"
    r"|(?<=[0-9])(?P<over>  slash  )(?=[0-9])"
    r"|(?<=[0-9])(?P<degrees> degrees )(?=[0-9]{1,2} prime )"
    r"|(?<=[0-9])(?P<minutes> prime )(?=[NSEW](?![^\W_])|[0-9])"
    r"|(?<=[^\W_] )(?P<range> en dash–)(?= [^\W_])"
    r"|(?<![^\W_])(?:mid|early|late|pre|post)(?P<decade> dash[- ] )(?=[0-9]0s(?![^\W_]))"
    rf"|(?<=[a-z])(?P<numeral> dash[- ])(?={_NUMERAL}(?![^\W_]))"
    r"|(?<![^\W_])(?:al|[A-Z][a-z]{1,3})(?P<short> dot )(?=,\s)"
    r"|(?<![^\W_])Ph(?P<degree> dot )(?=D(?![^\W_]))"
    r"|(?:(?<=\s)|\A)(?P<about> tilda )(?=\s?(?:\$|euro |pound |[0-9]))"
    rf"|(?<![^\W_])[1-9][0-9]?(?P<part> divided by )(?=[2-9] {_MEASURES}(?![^\W_]))"
)
_WRITTEN = {
    "per": ("/", "slash"), "pair": ("/", ""), "inch": ('"', ""), "sharp": ("#", ""), "arrow": ("->", ""), "with": ("/ ", ""),
    "power": ("^-", ""), "either": ("+/-", ""), "times": (" * ", ""), "over": (" / ", ""), "degrees": ("°", ""),
    "minutes": ("′", ""), "range": ("–", "en dash"), "decade": ("-'", "dash"), "numeral": ("-", "dash"), "short": (".", "dot"),
    "degree": (".", ""), "about": ("~", ""), "part": ("⁄", ""),
}  # fmt: skip
_BRACKETED = re.compile(r" left paren\(([^()\n]{1,60}?) right paren\)")
_NAMED = re.compile(r" (line|dash|caret|semi|greater|less|equals|degrees|bullet|star|dot|backslash|slash|tilda|quote|bar|colon) ")
_SIGNS = {
    "line": "_", "dash": "-", "caret": "^", "semi": ";", "greater": ">", "less": "<", "equals": "=", "degrees": "°",
    "bullet": "•", "star": "*", "dot": ".", "backslash": "\\", "slash": "/", "tilda": "~", "quote": '"', "bar": "|", "colon": ":",
}  # fmt: skip


def whole_signs(text: str) -> Iterator[Edit]:
    """Signs between their neighbours, and faces by name."""
    for match in _BACK.finditer(text):
        kind = match.lastgroup or ""
        start, end = match.span(kind)
        if kind == "inch" and (text.count(" quote", 0, start) % 2 or " tick " in text[max(0, start - 12) : start]):
            continue  # the end of a quotation, or feet whose sign is named, too
        written, name = _WRITTEN[kind]
        yield Edit(start, end, written, name)
    for match in _BRACKETED.finditer(text):
        drawn = _NAMED.sub(lambda name: _SIGNS[name[1]], _NAMED.sub(lambda name: _SIGNS[name[1]], f" {match[1]} "))
        drawn = f"({''.join(drawn.split())})"
        if FACE.fullmatch(drawn):
            yield Edit(match.start(), match.end(), f" {face(drawn)}", "")
