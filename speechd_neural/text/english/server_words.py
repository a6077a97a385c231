"""Symbols that Speech Dispatcher has put into words, back as symbols where the rules of reading need them.

The server names the symbols of a message before a module sees it, and leaves no trace of those it does not name:
(212) 555-0182 comes as " left paren(212 right paren) 555 dash 0182", or as "(212) 555 0182". Rules that know a number
by its signs would see quantities. Here the signs come back, each with the name that the server gave it, so that it is
still said wherever no rule reads the whole. Versions 0.11.4 and 0.12.0 differ: the newer one keeps the dash behind its name.
Words that somebody wrote are left alone: a sign comes back only beside a digit, or where blanks or signs that only the
server sets give it away.
"""

from __future__ import annotations

from collections.abc import Iterator

from speechd_neural import expressions as re
from speechd_neural.text.english.server_code import code
from speechd_neural.text.english.server_glyphs import glyphs
from speechd_neural.text.english.server_ranges import ranges
from speechd_neural.text.english.server_signs import whole_signs
from speechd_neural.text.token import Edit

# Whether there may be anything to do: looked for in every word of every text. All begin with a blank, so that the search
# leaps from one to the next; what stands before the blank is looked at from behind it.
_HINT = re.compile(
    r" (?:(?:dash|plus|slash|colon|comma|caret|dot|line|left paren|right paren|number|less|greater|en dash|em dash|dollar|pound"
    r"|yen|euro|rupee|ruble|won|peso|bitcoin|Dong|Naira|Shekel|Lira|Hryvnia|Lari|Tenge|cents|degrees|bullet|quote|star|filled|tilda"
    r"|middle dot|times|divided by|minus|equals|left bracket|semi)\b"
    r"|(?:percent  ?(?:minus )?[0-9]|(?<=\b[ABOP] )button |(?<= AB )button |graav |circle all |heart suit "
    r"|(?<![^\W_] )not |prime |left tick |circled dot "
    r"|lower half |upper half |circle upper )"
    r"|(?<= and  )Co\b| ?[2-9]0s\b|\u0304|\u0301|(?<=  )\)|(?<=\bB )\)|(?<=: )[DPpOo]\b|(?<=\bAT )and|(?<=n )t\b"
    r"|\.[0-9]|(?<=[0-9] )[0-9]|(?<=0s )[0-9]|(?<=\b[A-Za-z] )[A-Za-z]\.|(?<=[0-9]  )[a-zTMCFi]"
    r"|(?<=Mon |[Dd]ay |Tue |ues |Wed |Thu |hur |urs |Fri |Sat )[MTWFS][a-z]|(?<=[vd]er )[1-9][0-9]s|(?<=[05]W )[1-6]"
    r"|(?<=[ಠಥ╥◉◔⊙☉ʘ눈━] ))"
)
_JOINER = "\u200d"  # between the parts of an emoji
_TOKEN = r"[^\W_]+"
_JOINT = (
    r" (?:dash|plus|slash|colon  colon|colon|caret|dot|line) (?=[^\W_])| dash-(?=[^\W_])| (?:en|em) dash[–—](?=[^\W_])"
    r"| comma,(?=[0-9])| \.(?=[0-9])|[-.:/,+–](?=[^\W_])"
)
_CHAIN = re.compile(rf"(?<![^\W_]){_TOKEN}(?:(?:{_JOINT}){_TOKEN})+")
_JOINTS = re.compile(_JOINT)
_SIGNS = {"dash": "-", "plus": "+", "slash": "/", "colon": ":", "dot": ".", "colon  colon": "::", "comma": ",", "caret": "^"}
_MODIFIERS = frozenset("ctrl control opt alt altgr shift super meta win cmd command option".split())
_NAMED_DAYS = frozenset(
    "mon tue tues wed thu thur thurs fri sat sun jan feb mar apr may jun jul aug sep sept oct nov dec monday tuesday wednesday"
    " thursday friday saturday sunday january february march april june july august september october november december noon"
    " midnight".split()
)
_OF_ADDRESSES = (" dot ", " slash ")
# Kinds of files that are spelled where a name ends with them, words or syllables elsewhere.
_FILES = frozenset("py pyc exe iso jpg png svg txt csv php css html htm xml pdf js ts tsx jsx rs cpp gz xz tgz odt ods".split())
_BEFORE_LINES = frozenset("a an at by command each every first from in is last new next of on or per see the this to".split())
_NUMERAL = re.compile("[ivxlc]{1,8}|[IVXLC]{1,8}")
_HAS_DIGIT = re.compile(r"[0-9]")
# A sum's sign behind one of these is a part of an operator: +=, *=, >=.
_IN_OPERATORS = "dash minus plus star slash percent bar and caret equals greater less colon not".split()
# What can be told apart from written words by what stands around it.
_PLAIN = re.compile(
    r" (?P<kept>left paren(?=\()|right paren(?=\))|colon(?=:)|semi(?=;)|dot(?=\.(?!\.)))"
    r"|(?:(?<=[\s(])|\A) (?P<before>plus|number|dollar|pound|yen|euro|rupee|ruble|won|peso|bitcoin"
    r"|Vietnamese Dong|Nigerian Naira|Israeli New Shekel|Turkish Lira|Ukrainian Hryvnia|indian rupee|Georgian Lari"
    r"|Kazakhstani Tenge) "
    r"(?= ?[0-9.]|[A-Z]+[0-9 -]|[0-9a-f]{6}(?![^\W_]))"
    r"|(?:(?<=\s)|\A) (?P<root>slash) (?=[a-z])"
    rf"|(?:(?<=\s)|\A) (?P<ending>dot) (?=(?:{'|'.join(sorted(_FILES))})(?![^\W_]))"
    r"|(?:(?<=\s)|\A) (?P<trend>filled (?:up|down)-pointing triangle) (?= ?[0-9])"
    r"|(?:(?<=\s)|\A) (?P<dialled>star|number) (?=[0-9]{2,3}(?: number )?(?:\s|\Z))"
    r"|(?<=[0-9])(?P<gap> ?) (?P<behind>euro|cents)(?= (?:\s|\Z|[,.;:)]|[0-9]{2}(?![0-9])))"
    r"|(?<=[0-9]) (?P<hash>number) (?=\s|\Z)"
    r"|(?<=[^\W_]) (?P<firms> and ) (?=Co\b)"
    rf"|(?<=[^\W_]|[)])(?<! {')(?<! '.join(_IN_OPERATORS)}) (?P<sum> (?:plus|equals) ) (?=[^\W_]|[(])"
    r"(?!equals |greater |plus |slash |dash |minus )"
    r"|(?<=[0-9])(?P<blank> ?) (?P<degrees>degrees) (?= ?[CFKNSEW]\b)"
    r"|(?<=[0-9]) (?P<celsius> )(?=[CF]\b)"
    r"|(?:(?<=[a-z,] )|\A) (?P<decade>)(?=[2-9]0s(?![^\W_]))"
    r"| (?P<bracket>left bracket) (?P<inside>[0-9]{1,7} slash [0-9]{1,7}|[0-9]{1,2} colon [0-9]{2} colon [0-9]{2}) right bracket "
    r"|(?<=\bAT) (?P<firm>and) (?=T\b)"
    r"|(?:(?<=\s)|\A) (?P<compared>(?:less|greater)(?:  equals)?) (?= |[0-9$€£.])"
    r"|(?:(?<=\s)|\A) (?P<either>plus or Minus) (?=[0-9])"
    r"|(?:(?<=\s)|\A) (?P<alone>dash)(?: (?=[A-Za-z ])|-(?=[ A-Za-z]))"
)
_WRITTEN = {
    "number": "#", "dollar": "$", "pound": "£", "yen": "¥", "euro": "€", "rupee": "₹", "ruble": "₽", "won": "₩", "peso": "₱",
    "bitcoin": "₿", "Vietnamese Dong": "₫", "Nigerian Naira": "₦", "Israeli New Shekel": "₪", "Turkish Lira": "₺",
    "Ukrainian Hryvnia": "₴", "indian rupee": "₹", "Georgian Lari": "₾", "Kazakhstani Tenge": "₸", "plus": "+", "cents": "¢",
    "star": "*", "filled up-pointing triangle": "▲", "filled down-pointing triangle": "▼",
}  # fmt: skip
# Signs that were dropped without a name.
_DROPPED = re.compile(
    r"(?<![\w.,:/-])(?P<iso>(?:1[5-9]|20)[0-9]{2} (?:0[1-9]|1[0-2]) (?:0[1-9]|[12][0-9]|3[01]))(?=T[0-9]|(?![\w.,/-]))"
    r"|(?<![\w.,:/-])(?<![0-9] )(?P<date>(?:0?[1-9]|1[0-2]) (?:0?[1-9]|[12][0-9]|3[01]) (?:19|20)[0-9]{2})(?![\w]| [0-9])"
    r"|(?<![\w.])(?P<short>e g|i e|U S|U K|U N|E U|D C|a m|p m|A M|P M)(?=\.)"
    r"|(?<= slash [0-3][0-9])(?<! slash 16)(?<! slash 32)(?P<days> )"
    r"(?=(?:1[0-2]|[1-9]) slash (?:[12][0-9]|3[01]|[1-9])(?!\w| slash))"
    r"|(?<![\w.])(?P<range>[1-9][0-9]? [1-9][0-9]{0,2})"
    r"(?=x (?:faster|slower|cheaper|more|less|better|smaller|larger|bigger|higher)\b)"
)


def edits(text: str) -> list[Edit]:
    """What of `text` is to be written otherwise, in order; empty for a text that the server has not touched."""
    if not _HINT.search(text) and _JOINER not in text:
        return []
    all_edits = [*_joints(text), *_signs(text), *whole_signs(text), *_lost(text), *code(text), *glyphs(text), *ranges(text)]
    found = sorted(all_edits, key=lambda edit: (edit.start, -edit.end))
    kept: list[Edit] = []
    for edit in found:
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def _joints(text: str) -> Iterator[Edit]:
    """Signs between letters and digits: 555 dash 0142, 1 .2, 12 colon 30, Ctrl plus A."""
    for chain in _CHAIN.finditer(text):
        start, end = chain.span()
        joints = list(_JOINTS.finditer(text, start, end))
        numbered = bool(_HAS_DIGIT.search(text, start, end)) or sum(joint[0] in _OF_ADDRESSES for joint in joints) > 1
        chord = False
        for number, joint in enumerate(joints):
            first = joints[number - 1].end() if number else start
            last = joints[number + 1].start() if number + 1 < len(joints) else end
            left, right = text[first : joint.start()], text[joint.end() : last]
            if joint[0] == " .":
                if left[-1:].isdecimal():
                    yield Edit(joint.start(), joint.start() + 1, "", "")
                continue
            said = joint[0].strip(" -–—,")
            chord = said == "plus" and (chord or left.lower() in _MODIFIERS)
            if said in ("en dash", "em dash"):
                digits = bool(_HAS_DIGIT.search(left) and _HAS_DIGIT.search(right))
                digits = digits or (left.isdecimal() and right.lower() in ("present", "today", "now"))
                if digits or (_NUMERAL.fullmatch(left) and _NUMERAL.fullmatch(right)) or _named_days(left, right):
                    yield Edit(joint.start(), joint.end(), joint[0][-1], said)
            elif said == "line":
                if numbered and len(joints) > 1 and left.lower() not in _BEFORE_LINES:
                    yield Edit(joint.start(), joint.end(), "_", said)
            elif joint[0][0] == " " and (chord or _belongs(said, left, right, numbered)):
                yield Edit(joint.start(), joint.end(), _SIGNS[said], said.split(" ")[0])


def _belongs(said: str, left: str, right: str, numbered: bool) -> bool:
    """Whether a sign stood between the two, not its name as a word; numbered: there are digits around."""
    if said == "comma":
        return left.isdecimal()
    if said == "caret":
        return right[0].isdecimal()
    if said == "slash" and not numbered:
        return len(left) == len(right) == 1
    if said == "dash" and not numbered:
        pages = len(left) > 1 and left.islower() and _NUMERAL.fullmatch(left) and _NUMERAL.fullmatch(right)
        alphabet = left in "Aa" and right in "Zz"
        return bool(pages) or alphabet or _named_days(left, right)
    return numbered or (said == "dot" and (right in _FILES or len(left) == len(right) == 1))


def _named_days(left: str, right: str) -> bool:
    left, right = left.lower(), right.lower()
    half = {left, right} & {"noon", "midnight"}
    return (left in _NAMED_DAYS and right in _NAMED_DAYS) or bool(half and (left[0].isdecimal() or right[0].isdecimal()))


def _signs(text: str) -> Iterator[Edit]:
    for match in _PLAIN.finditer(text):
        start, end = match.span()
        kind = match.lastgroup
        if kind == "kept":  # the sign itself follows its name
            yield Edit(start, end + 1, text[end], match[kind])
        elif kind in ("before", "trend", "dialled", "hash"):
            yield Edit(start, end, _WRITTEN[match[kind]], match[kind])
        elif kind == "root":
            yield Edit(start, end, "/", "slash")
        elif kind == "ending":
            yield Edit(start, end, ".", "dot")
        elif kind == "behind":
            yield Edit(start, end + 1, match["gap"] + _WRITTEN[match[kind]], "")
        elif kind == "degrees":
            yield Edit(start, end, match["blank"] + "°", "")
        elif kind == "compared":
            sign = "<" if match[kind].startswith("less") else ">"
            yield Edit(start, end, sign + "=" if "equals" in match[kind] else sign, "")
        elif kind == "sum":
            name = match[kind].strip()
            yield Edit(start, end, " + " if name == "plus" else " = ", name)
        elif kind == "firms":
            yield Edit(start, end, " & ", "")
        elif kind == "firm":
            yield Edit(start, end, "&", "and")
        elif kind == "decade":
            yield Edit(start, end, "'", "")
        elif kind == "inside":
            yield Edit(start, match.start(kind), " [", "left bracket")
            yield Edit(match.end(kind), end, "] ", "right bracket")
        elif kind == "either":
            yield Edit(start, end, "±", "")
        elif kind == "celsius":
            yield Edit(start, end, "°", "")
        else:
            yield Edit(start, end, "-", "dash")


def _lost(text: str) -> Iterator[Edit]:
    signs = {"iso": "-", "date": "/", "short": ".", "range": "-", "days": "-"}
    for match in _DROPPED.finditer(text):
        sign = signs[match.lastgroup or ""]
        for at in range(match.start(), match.end()):
            if text[at] == " ":
                yield Edit(at, at + 1, sign, "")
