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

_KEY = r"(?:[Cc]trl|[Cc]ontrol|[Aa]lt|AltGr|[Ss]hift|[Ss]uper|[Mm]eta|Win|[Cc]md|Command|Opt|Option)"
_UNIT = (
    r"(?:[KMGT]i?B|kB|[KMG]bit|[KMG]b|ML|mg|kg|g|[µμm]cg|[µμ]g|mAh|mA|m?mol|km|cm|mm|m|ft|mi|m?[lL]|kWh|k?cal"
    r"|degrees [CF]|[µμ]S|IU|k?W|N|k?J)"
)
_THINGS = r"(?:[a-z]{3,20}s|req|hrs|kr)"
_PERIOD = r"(?:day|wk|week|month|year|night|hour|hr|min|minute|s|sec|second|mo|yr)"
_BY = (
    r"(?:mol|[µμ]L|s|sec|h|hr|min|day|week|month|mo|year|yr|night|person|rack|user|serving|seat"
    r"|unit|page|room|d|g|kg|mg|m?[lL]|d[lL]|cm|km|m|gal)"
)
_NUMERAL = r"(?:I{2,3}|IV|VI{0,3}|IX)"
_MEASURES = (
    r"(?:tsp|tbsp|cups?|inch(?:es)?|lbs?|oz|teaspoons?|tablespoons?|pints?|miles?|hours?|stars?|years?|days?|weeks?|months?|minutes?"
    r"|times|points?|percent|feet|foot|pages?|acres?|dozen)"
)
_MONTH = "(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_TOP = r"(?<!is )(?<!of )(?<!calculate )[1-7]"
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
        _sent(" slash ", rf"{_FREE}(?:{_THINGS}|{ISO_CODES})", rf"(?:{_PERIOD}|[µμ]L){_NO_MORE}", "/", "slash"),
        _sent(" slash  ", f"{_FREE}w", r"[^\W_]", "/ "),
        _sent(" slash ", r"[0-9] ?[KM]", rf"[µμu]L{_NO_MORE}", "/", "slash"),
        _sent(" slash ", rf"{_FREE}(?:I{{1,3}}|IV|VI{{0,3}}|IX|X)", rf"(?:I{{2,3}}|IV|VI{{0,3}}|IX){_NO_MORE}", "/", "slash"),
        _sent("  slash  ", "[0-9] ?(?:L|l|kWh|g|kg)", "[0-9]", " / "),
        _sent("  slash  ", "[0-9]", rf"[0-9]|(?:hr|hour|mo|month|yr|year|day|night|wk|week|person){_NO_MORE}", " / "),
    ),
    "quote": (_sent(" quote ", r"(?<! slash [0-9] \.)(?<!HTTP slash )[0-9]", r"[\s,.;:)]|\Z|x ?[0-9]", '"'),),
    "number": (
        _sent(" number ", f"{_FREE}[A-G]", rf"\s|\Z|[,.;:)]|(?:maj|min|dim|aug|sus|add|m)[0-9]{{0,2}}{_NO_MORE}", "#"),
    ),
    "dash": (
        *(_sent(f" dash{join} greater ", r"[\w)]", r"[\w(]", "->") for join in " -"),
        *(_sent(f" dash{join} ", f"{_FREE}(?:mid|early|late|pre|post)", f"[0-9]0s{_NO_MORE}", "-'", "dash") for join in " -"),
        *(_sent(f" dash{join}", r"[$€£][0-9., ]{1,12}[kKMBmn]{0,2}", "[$€£][0-9]", "-", "dash") for join in " -"),
        *(_sent(f" dash{join}", "[0-9],", r"\s{1,2}(?:euro |[€£$])|\s?\Z", "-") for join in " -"),
        *(_sent(f" dash{join}", "[a-z]", f"{_NUMERAL}{_NO_MORE}", "-", "dash") for join in " -"),
    ),
    "en dash": (
        _sent(" en dash–", f"{_FREE}[A-Za-z]", f"[A-Za-z]{_NO_MORE}", "–", "en dash"),
        _sent(" en dash–", "[0-9] ?[AaPp][Mm]", "[0-9]|noon|midnight", "–", "en dash"),
        _sent(" en dash–", r"[^\W_] ", r" [^\W_]", "–", "en dash"),
        _sent(" en dash–", r"[$€£][0-9., ]{1,12}[kKMBmn]{0,2}", "[$€£][0-9]", "–", "en dash"),
        _sent("  en dash–", "[0-9]", " {2}euro {1,2}[0-9]", " –", "en dash"),
    ),
    "caret": (_sent(" caret  minus ", "[0-9]", "[0-9]", "^-"),),
    "plus": (
        *(_sent(f" plus  slash  dash{join}", r"\s|\A", r"\s|\Z", "+/-") for join in " -"),
        _sent(" plus  slash  minus ", r"\s|\A", "[0-9]", "+/-"),
        _sent(" plus ", f"{_FREE}{_KEY}", r",(?:\s|\Z)", "+"),
        _sent(" plus  ", f"{_FREE}{_KEY} ", r"[^\W_]|,", "+ "),
    ),
    "minus": (
        _sent("  minus ", "[0-9] percent", "[0-9.]{1,6} percent ", " to "),
        _sent("  minus ", "[0-9] degrees", "[0-9.]{1,6} degrees ", " to "),
        _sent("  minus ", "[0-9]:?[0-9]{2}|colon [0-9]{2}", "[0-9]{4}(?![0-9])", " -"),
        _sent(" minus ", r"\$", "[0-9]", "-"),
        _sent("  minus ", "[£€¥]", "[0-9]", "-"),
        _sent(" minus ", f"{_FREE}(?:UTC|GMT)", "[0-9]", "−"),
    ),
    "star": (_sent("  star  ", "[0-9]", "[0-9]", " * "),),
    "degrees": (_sent(" degrees ", "[0-9]", "[0-9]{1,2}(?: prime |'[0-9])", "°"),),
    "prime": (_sent(" prime ", "[0-9]", f"[NSEW]{_NO_MORE}|[0-9]", "′"),),
    "dot": (
        _sent(" dot ", r"(?:sq|cu)\. [a-z]{2,3}", ",", "."),
        *(_sent(f" dot  dash{join}", f"{_FREE}{_MONTH}", _MONTH, ".-") for join in " -"),
        *(_sent(f" dot  dash{join}", f"{_FREE}[A-Z] dot [A-Z]", "[A-Z][a-z]", ".-", "dash") for join in " -"),
        _sent(" dot  en dash–", r"[ap] dot m", "noon|midnight|[0-9]", ".–"),
        _sent(" dot  dash ", r"[ap] dot m", "noon|midnight|[0-9]", ".-"),
        _sent(" dot ", r"[ap] dot m|[0-9]", "[–-](?:noon|midnight|[0-9])", "."),
        _sent(" dot ", r"[ap] dot m", r"[?!]", "."),
        _sent(" dot ", r"[0-9] deg", f"[CF]{_NO_MORE}", "."),
        _sent(" dot ", rf"{_FREE}(?:al|ed|[A-Z][a-z]{{1,3}}|[a-z](?: dot [a-z]){{1,3}})", r",\s", ".", "dot"),
        _sent(" dot ", r"\$", "[0-9]{2}(?![0-9])", "."),
        _sent(" dot ", f"{_FREE}Ph", f"D{_NO_MORE}", "."),
    ),
    "middle dot": (
        _sent(" middle dot ", "[0-9]", "[0-9]", "·"),
        _sent("  middle dot  ", "[a-z]", rf"[0-9]{{1,3}}[mhdw]{_NO_MORE}", " · ", "middle dot"),
        _sent(" middle dot ", "[0-9] ?(?:k?N|k?W|A)", f"[mh]{_NO_MORE}", "·"),
    ),
    "times": (
        _sent("  times  ", "[0-9]{3,4}", "[0-9]{3,4}(?![0-9])", " × "),
        _sent(" times ", "[0-9] ?k?W", f"h{_NO_MORE}", "⋅"),
    ),
    "tilda": (_sent(" tilda ", r"\s|\A", r"\s?(?:\$|euro |pound |[0-9])", "~"),),
    # A glyph such as ½, behind a number too, where a measure follows.
    "divided by": (
        _sent(" divided by ", f"{_FREE}[1-9][0-9]?", f"[2-9] {_MEASURES}{_NO_MORE}", "⁄"),
        _sent(" divided by ", f"{_FREE}{_TOP}", rf"[2-8]{_NO_MORE}(?!\s{{1,3}}(?:is|equals|gives|makes|=)|[.,][0-9])", "⁄"),
    ),
}
_NAME = re.compile(f" ({'|'.join(sorted(_RULES, key=len, reverse=True))})(?![^\\W_])")
_QUOTE = re.compile(r"(?P<inches>[0-9])? quote(?= )")
_REACH = 24  # characters before a sign that are looked at
_BRACKETED = re.compile(r" left paren\(([^()\n]{1,130}?) right paren\)")
_NAMED = re.compile(
    r" (circled dot operator|lower half circle|upper half circle|circle upper right quadrant filled|black florette|line"
    r"|dash|caret|semi|greater|less|equals|degrees|bullet|star|dot|backslash|slash|tilda|quote|bar|colon"
    r"|circle all but upper left quadrant filled|black square|white square|heart suit|not|graav|hollow down-pointing triangle"
    r"|greater-than or equal to|less- than or equal to) "
)
_SIGNS = {
    "line": "_", "dash": "-", "caret": "^", "semi": ";", "greater": ">", "less": "<", "equals": "=", "degrees": "°",
    "bullet": "•", "star": "*", "dot": ".", "backslash": "\\", "slash": "/", "tilda": "~", "quote": '"', "bar": "|", "colon": ":",
    "circle all but upper left quadrant filled": "◕", "black square": "■", "white square": "□", "heart suit": "♥", "not": "¬",
    "circled dot operator": "⊙", "lower half circle": "◡", "upper half circle": "◠",
    "circle upper right quadrant filled": "◔", "black florette": "✿",
    "graav": "`", "hollow down-pointing triangle": "▽", "greater-than or equal to": "≧", "less- than or equal to": "≦",
}  # fmt: skip
_ARM = re.compile("[づつっノﾉง۶ᕗ╯☞]{1,2}")
_HALF_NAMED = re.compile(r"[(ʕ][^()ʕʔ\n]{1,130}[)ʔ]")  # a face in brackets that the server has left alone
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
    + r")(?=\s|\Z|[.,!?]| dot)(?!  ?(?:back)?slash )"
)
_BESIDE = (" semi ", " colon ")  # a sign that stands right before another one is no face's edge: (;;)
# What is left of faces where the server has named nothing.
_REST = re.compile(
    r"(?:(?<=\s)|\A): (?P<mouth>[DPpOo])(?=\s|\Z|[.,!?])|(?<=[^\W_])  (?P<wink>\))(?=\s|\Z|[.,!?])"
    r"|(?:(?<=\s)|\A) (?P<named>equals|greater) (?P<sad>:?[()])(?=\s|\Z)"
    r"| \u0304 {1,2}\(ツ\) {1,3}(?:slash {1,2})?\u0304|(?:(?<=\s)|\A)B (?P<cool>\))(?=\s|\Z)"
)
# The end of a card of which the rest is hidden.
_MASKED = re.compile(
    r"(?:(?: bullet | star ) ?(?: dash )?(?: bullet | star )| [2-9] star ) ?(?: dash )?(?: minus )?"
    r"(?P<digits>[0-9]{4})(?![\w.,:/-])"
)
_MOUTHS = {"D": "grinning face", "P": "tongue out", "p": "tongue out", "O": "surprised face", "o": "surprised face"}
# Inches of which nothing is left but the blanks.
_INCHES = re.compile(
    r"(?<=[0-9])  (?=(?:monitor|screen|TV|display|laptop|tablet|notebook|pipe|wheel|pizza|vinyl|floppy|rack|tyre"
    r"|tire|iPad|MacBook)s?\b)"
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
        if name == "quote" and (_quoted(text, start) or " tick " in text[max(0, start - 12) : start]):
            return None  # the end of a quotation, or feet whose sign is named, too
        return Edit(start, end, rule.written, rule.name)
    return None


def _quoted(text: str, at: int) -> bool:
    """Whether a quotation is open there; inches before it open none."""
    quoted = False
    for quote in _QUOTE.finditer(text, max(0, at - 300), at):
        quoted = not quoted and not quote["inches"]
    return quoted


def _rest(text: str, match: re.Match[str]) -> str:
    """The name of a face of which signs are left; a bracket that was opened before is none."""
    if match["mouth"]:
        return _MOUTHS[match["mouth"]]
    if match["wink"] or match["cool"]:
        opened = "(" in text[max(0, match.start() - 200) : match.start()]
        return "" if opened else "winking face" if match["wink"] else "cool face"
    if match["named"]:
        return EMOTICONS.get({"equals": "=", "greater": ">"}[match["named"]] + match["sad"], "")
    return "shrug"


def _with_arms(text: str, start: int, end: int) -> tuple[int, int]:
    """Where a face in brackets stands, with its arms."""
    if text.startswith(" slash ", end) and text.endswith(" backslash ", 0, start):
        return start - len(" backslash "), end + len(" slash ")
    arm = _ARM.match(text, end)
    before = start > 0 and text[start - 1] in "ヽヾ٩ᕕ╰໒ლ"
    return start - before, arm.end() if arm else end


def whole_signs(text: str) -> Iterator[Edit]:
    """Signs between their neighbours, and faces by name."""
    for match in _INCHES.finditer(text):
        yield Edit(match.start(), match.end(), '" ', "")
    for match in _NAME.finditer(text):
        edit = _back(text, match.start(), match[1])
        if edit:
            yield edit
    if "(" in text or "ʕ" in text:
        for match in _HALF_NAMED.finditer(text):
            drawn = "".join(_NAMED.sub(lambda name: _SIGNS[name[1]], match[0]).split())
            if FACE.fullmatch(drawn):
                yield Edit(*_with_arms(text, *match.span()), f" {face(drawn)}", "")
    for match in _MASKED.finditer(text):
        yield Edit(match.start("digits"), match.end("digits"), " ".join(match["digits"]), "")
    if "  " not in text and text[:1] != " " and " line " not in text and ": " not in text:
        return
    for match in _BRACKETED.finditer(text):
        drawn = _NAMED.sub(lambda name: _SIGNS[name[1]], _NAMED.sub(lambda name: _SIGNS[name[1]], f" {match[1]} "))
        drawn = f"({''.join(drawn.split())})"
        start, end = match.span()
        around = text[max(0, start - 1) : start] + text[end : end + 1]
        if around == "mm":  # a bow: m(_ _)m
            start, end = start - 1, end + 1
        elif any(one.isascii() and one.isalnum() for one in around):
            continue  # f(x_x) is no face
        start, end = _with_arms(text, start, end)
        if drawn in EMOTICONS or FACE.fullmatch(drawn):
            yield Edit(start, end, f" {EMOTICONS.get(drawn) or face(drawn)}", "")
    for match in _EMOTICON.finditer(text):
        if text[: match.start()].endswith(_BESIDE):
            continue
        yield Edit(match.start(), match.end(), f" {EMOTICONS[_DRAWN[(match.lastindex or 1) - 1]]}", "")
    for match in _REST.finditer(text):
        name = _rest(text, match)
        if name:
            yield Edit(match.start(), match.end(), f" {name}", "")
    for match in _SHRUG.finditer(text):
        yield Edit(match.start(), match.end(), " shrug", "")
