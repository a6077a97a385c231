"""Symbols that are spoken where nobody has expanded them, emoticons."""

from __future__ import annotations

import unicodedata

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import cardinal
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, read, words_of
from speechd_neural.text.token import Token

_PAUSES = {
    ",": ",", ";": ",", ":": ",", ".": ".", "!": "!", "?": "?", "…": ".", "(": ",", ")": ",", "[": ",", "]": ",",
    "{": ",", "}": ",", "–": ",", "—": ",", "|": ",", "•": ",",
}  # fmt: skip
_UNSPOKEN = frozenset("\"'“”‘’«»‹›„‚`´¨¸*_-‐‑‒―·‣◦▪▫●○■□◆◇¿¡^\u00ad")
NAMES = {
    "&": "and", "+": "plus", "=": "equals", "%": "percent", "~": "tilde", "@": "at", "#": "number", "$": "dollar", "€": "euro",
    "£": "pound", "¥": "yen", "¢": "cents", "°": "degrees", "<": "less than", ">": "greater than", "/": "slash",
    "\\": "backslash", "©": "copyright", "®": "registered", "™": "trademark", "§": "section", "¶": "paragraph",
    "×": "times", "÷": "divided by", "±": "plus or minus", "≈": "approximately equals", "≠": "not equal to",
    "≤": "less than or equal to", "≥": "greater than or equal to", "∞": "infinity", "√": "square root of",
    "∛": "cube root of", "∜": "fourth root of",
    "∑": "sum", "∫": "integral", "∂": "partial", "∈": "in", "→": "right arrow", "←": "left arrow", "↑": "up arrow",
    "➔": "right arrow", "➜": "right arrow", "➤": "right arrow", "➢": "right arrow",
    "↓": "down arrow", "⇒": "implies", "−": "minus", "⋅": "times", "µ": "micro", "‰": "per mille", "†": "dagger",
    "∕": "divided by", "≦": "less than or equal to", "≧": "greater than or equal to",
    "✓": "check mark", "✔": "check mark", "✗": "ballot x", "✖": "cross mark", "✘": "cross mark",
    "★": "star", "☆": "star", "♥": "heart", "⁄": "over",
    "⌘": "command", "⌥": "option", "⇧": "shift", "⌃": "control", "⎋": "escape", "⌫": "backspace", "⌦": "delete",
    "⏎": "return", "↵": "return", "⇥": "tab", "⎵": "space",
    "∴": "therefore", "∀": "for all", "∃": "there exists", "∅": "empty set", "∪": "union", "∩": "intersection",
}  # fmt: skip
# One by one, where each character is named.
CHARACTER_NAMES = {
    **NAMES,
    ".": "dot", ",": "comma", "-": "dash", "_": "underscore", ":": "colon", ";": "semicolon", "!": "exclamation mark",
    "?": "question mark", "(": "left paren", ")": "right paren", "[": "left bracket", "]": "right bracket",
    "{": "left brace", "}": "right brace", "'": "apostrophe", '"': "quote", "*": "star", "~": "tilde", "^": "caret",
    "|": "bar", "`": "backtick", "<": "less than", ">": "greater than", "#": "number",
}  # fmt: skip
_DOUBLED = {
    "==": "equals", "&&": "and", "||": "or", "++": "plus plus", "<<": "less than less than",
    ">>": "greater than greater than", "//": "slash slash", "%%": "percent percent", "$$": "dollar dollar",
}  # fmt: skip
_LINE_START = re.compile(r"(?:.*\n)?[ \t>]*", re.DOTALL)

EMOTICONS = {
    ":)": "smiley", ":-)": "smiley", "=)": "smiley", ":]": "smiley", ":(": "sad face", ":-(": "sad face", "=(": "sad face",
    ";)": "winking face", ";-)": "winking face", ":D": "grinning face", ":-D": "grinning face", "=D": "grinning face",
    "xD": "laughing face", "XD": "laughing face", ";D": "winking face", ";P": "winking face with tongue",
    ":P": "tongue out", ":-P": "tongue out", ":p": "tongue out",
    ":-p": "tongue out", ":O": "surprised face", ":-O": "surprised face", ":o": "surprised face",
    ":-o": "surprised face", ":/": "skeptical face", ":-/": "skeptical face", ":|": "straight face",
    ":-|": "straight face", ":'(": "crying face", ":’(": "crying face", "<3": "heart", "</3": "broken heart",
    "^_^": "happy face", "^^": "happy face", "-_-": "annoyed face", "o_O": "confused face", "O_o": "confused face",
    ":*": "kiss", ":-*": "kiss", "B-)": "cool face", "8-)": "cool face", ">:(": "angry face", ":3": "cat face",
    ">:-(": "angry face", ":'-(": "crying face", ":')": "tears of joy", ":'-)": "tears of joy",
    "T_T": "crying face", "D:": "dismayed face", "O:-)": "angel face", "O:)": "angel face", ":^)": "smiley",
    ">_<": "annoyed face", ">.<": "annoyed face", "(^^)": "happy face", "^-^": "happy face",
    "^.^": "happy face", "^o^": "happy face", ";_;": "crying face", "Q_Q": "crying face", "._.": "blank face",
    "-.-": "annoyed face",
    "n_n": "happy face", "u_u": "sad face", "x_x": "dizzy face", "\\o/": "cheering", ":-]": "smiley", ":}": "smiley",
    ":-}": "smiley",
    ">:)": "devilish face", ">:D": "devilish face", ":-S": "confused face", ":-X": "sealed lips",
    ";(": "crying face", ":((": "sad face",
    ":))": "smiley", ":)))": "smiley", ";))": "winking face", ":$": "embarrassed face", ":-$": "embarrassed face",
    "¯\\_(ツ)_/¯": "shrug",
    ": )": "smiley", ": (": "sad face",  # with a dash that the server has dropped
}  # fmt: skip
_EMOTICON = re.compile(
    "(?:" + "|".join(re.escape(face) for face in sorted(EMOTICONS, key=len, reverse=True)) + r")(?=[\s.,!?)]|\Z)"
)
_DRIVES = words_of("drive drives disk disks volume partition drive's on to from into")
_MODIFIER = re.compile(r"\b(?:Ctrl|Control|Alt|AltGr|Shift|Super|Meta|Win|Cmd|Command|Option)\s?\Z", re.IGNORECASE)
_KEYS = {**CHARACTER_NAMES, "-": "minus"}
_CHORD_KEY = re.compile(r"\+\s?([-,.+=/\\;'`\[\]*?<>#!])(?=[\s).,]|\Z)")
_RESPELLED = re.compile(r"\((?=[^)]{0,60}[A-Z]{2})(?:[a-z]{1,7}[ -]){0,6}[A-Z]{1,7}(?:[ -](?:[a-z]{1,7}|[A-Z]{1,7})){0,6}\)")
_SYLLABLE = re.compile(r"[A-Za-z]+")
_SAID = re.compile(r"[bcdfghjklmnprstvwyz]{0,3}(?:[aeiou]h|ur|er|ee|igh|oy|ow|uhs?|us|[aeiou]hn)[klmnpstz]?")
_NO_SYLLABLES = words_of(
    "see three tree free fee her per now how low row show know boy toy high us our four your were then ten men"
)
_AND_SO_FORTH = re.compile(r"&c(?![\w])")
_ALTERED = re.compile(r"([A-G])([#♯b♭]?)(m|maj|dim)?(7|9|11|13)([♭♯])(5|9|11|13)(?!\w)")
_FLAT_KEY = re.compile(
    r"([ABDEG])b(?=\s(?:clarinet|trumpet|sax|saxophone|tenor|alto|instrument|cornet|flugelhorn|horn|tuba|major|minor|maj|min|scale|chord|key|blues)\b)"
)
WORDS = frozenset(("ab", "bb", "db", "eb", "gb"))
_NOTE = re.compile(r"([A-G])([♯♭♮])([0-9])?(?!\w)")
_CHORD = re.compile(
    r"([A-G])([#♯b♭])?(?:(maj|min|dim|aug|sus|add|m|M)(1[13]|[24-79])?|(1[13]|[24-79]))?(?:/([A-G])([#b])?)?(?![\w-])"
)
_NEXT_CHORD = re.compile(r"\s?[-–|]\s?[A-G][#b]?m?(?:aj)?7?(?:\s?[-–|]\s?[A-G][#b]?m?|\s?\Z|\s)(?!\w)")
_CHORD_BEFORE = re.compile(r"(?<!\w)[A-G][#b]?m?7?\s?[-–|]\s?\Z")
_CHORDS = {
    "m": "minor", "min": "minor", "maj": "major", "M": "major", "dim": "diminished", "aug": "augmented", "sus": "suspended",
    "add": "add",
}  # fmt: skip
_CARET_KEY = re.compile(r"\^([A-Z])(?![\w^])")
_STARS = re.compile(r"(★{0,10})(☆{0,10})(?<=[★☆]{2})")
_STAR = re.compile(r"\*(?=[\s,.;:)]|\Z)")
_GRADE_BEFORE = re.compile(r"(?:\A|[\s(])A\Z")  # the best grade, and a way to search
_QUERY_BEFORE = re.compile(r"\b(?:SELECT|DISTINCT|RETURNING)\s\Z", re.IGNORECASE)
_STARRED = re.compile(r"\s(?:hotels?|restaurants?|reviews?|ratings?|resorts?|apps?|movies?|service|rated)\b")
_ABOUT = re.compile(r"~(?=\s?(?:US|A|C)?[$€£¥₹]\s?[0-9.])")
_TREND = re.compile(r"[▲△▼▽](?=\s?[0-9])")
_PLUS_MINUS = re.compile(r"\+/[-−](?!\w)|\+/-(?=[0-9])")
_CONVERSION = re.compile(r"%([-+0#]{0,3})([0-9]{1,3})?(?:\.([0-9]{1,2}))?(l{0,2}[sdiufFeEgGxXocpm])(?!\w)")
_FLAGS = {"-": "dash", "+": "plus", "0": "zero", "#": "hash"}
_ARROW = re.compile(r"<?[-=]{1,2}>(?![\w=>])|<[-]{1,2}(?![\w])|<=>|<>(?=\s?[\w'\"])|!==?|>=|<=|=>")
_ARROWS = {
    "->": "arrow", "-->": "arrow", "=>": "arrow", "==>": "arrow", "<-": "left arrow", "<--": "left arrow",
    "<->": "double arrow", "<=>": "double arrow", "<=": "less than or equal to", ">=": "greater than or equal to",
    "<>": "not equal to", "!=": "not equal to", "!==": "not equal to",
}  # fmt: skip


def emoticon(place: Place) -> Reading:
    """:-) and its kin, between blanks."""
    if place.start and not (place.text[place.start - 1].isspace() or place.text[place.start - 1] == "("):
        return None
    if place.text[place.start - 1 : place.start] == "(" and place.text[max(0, place.start - 2) : place.start - 1].isalnum():
        return None
    found = _EMOTICON.match(place.text, place.start)
    alone = place.before.lower() not in _DRIVES and not place.text[found.end() :].strip(" !?.") if found else False
    if found and found[0] == "D:" and not (place.before and alone):
        return None  # a drive
    return read(EMOTICONS[found[0]], place, found.end(), "symbol") if found else None


def respelled(place: Place) -> Reading:
    """(ba lah LIGH kah), (mis-CHEE-vus): how a word is said, in syllables; the loud one is no acronym."""
    text, start, _ = place
    found = _RESPELLED.match(text, start)
    if not found:
        return None
    syllables = list(_SYLLABLE.finditer(text, start + 1, found.end() - 1))
    if not any(_SAID.fullmatch(one[0].lower()) and one[0].lower() not in _NO_SYLLABLES for one in syllables):
        return None
    return [Token(one[0].lower(), one.span(), "word") for one in syllables]


def note_sign(place: Place) -> Reading:
    """F♯, B♭: a note."""
    altered = _ALTERED.match(place.text, place.start)
    if altered and not (place.start and place.text[place.start - 1].isalnum()):  # Bm7♭5
        sign = "" if not altered[2] else "sharp" if altered[2] in "#♯" else "flat"
        parts = [letters(altered[1]), sign, _CHORDS.get(altered[3] or "", "")]
        parts += [cardinal(int(altered[4])), "flat" if altered[5] == "♭" else "sharp", cardinal(int(altered[6]))]
        return read(" ".join(filter(None, parts)), place, altered.end(), "code")
    flat = _FLAT_KEY.match(place.text, place.start)
    if flat and not (place.start and place.text[place.start - 1].isalnum()):  # a Bb clarinet
        return read(f"{letters(flat[1])} flat", place, flat.end(), "identifier")
    found = _NOTE.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1].isalnum()):
        return None
    name = {"♯": "sharp", "♭": "flat", "♮": "natural"}[found[2]]
    digit = f" {cardinal(int(found[3]))}" if found[3] else ""
    return read(f"{letters(found[1])} {name}{digit}", place, found.end(), "identifier")


def chord(place: Place) -> Reading:
    """F#m7, C#maj7/E: a chord."""
    found = _CHORD.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1].isalnum()):
        return None
    root, sign, kind, counted, number, bass, bass_sign = found.groups()
    text, end = place.text, found.end()
    played = kind == "m" and (_NEXT_CHORD.match(text, end) or _CHORD_BEFORE.search(text, max(0, place.start - 12), place.start))
    if not (played or (sign in ("#", "♯") and (kind or number)) or (kind and counted and kind != "M")):
        return None
    words = [letters(root), "" if not sign else "sharp" if sign in "#♯" else "flat", _CHORDS.get(kind or "", "")]
    words.append(cardinal(int(counted or number)) if counted or number else "")
    if bass:
        words += ["over", letters(bass), "" if not bass_sign else "sharp" if bass_sign == "#" else "flat"]
    return read(" ".join(filter(None, words)), place, found.end(), "code")


def caret_key(place: Place) -> Reading:
    """^C, as a terminal shows a key with control."""
    found = _CARET_KEY.match(place.text, place.start)
    if not found or (place.start and not place.text[place.start - 1].isspace()):
        return None
    start = place.start
    return [Token("caret", (start, start + 1), "symbol"), Token(found[1], (start + 1, start + 2), "letter")]


def chord_key(place: Place) -> Reading:
    """The last key of a shortcut where that is a symbol: Ctrl+, and Ctrl++."""
    found = _CHORD_KEY.match(place.text, place.start)
    if not found or not _MODIFIER.search(place.text, max(0, place.start - 9), place.start):
        return None
    return read(f"plus {_KEYS[found[1]]}", place, found.end(), "symbol")


def and_so_forth(place: Place) -> Reading:
    """&c."""
    found = _AND_SO_FORTH.match(place.text, place.start)
    return read("et cetera", place, found.end(), "abbreviation") if found else None


def plus_or_minus(place: Place) -> Reading:
    """+/-."""
    found = _PLUS_MINUS.match(place.text, place.start)
    return read("plus or minus", place, found.end(), "symbol") if found else None


def rating(place: Place) -> Reading:
    """★★★☆☆."""
    found = _STARS.match(place.text, place.start)
    if not found:
        return None
    full, all_of_them = len(found[1]), len(found[0])
    words = f"{cardinal(full)} of {cardinal(all_of_them)}" if found[2] else cardinal(full)
    return read(f"{words} stars", place, found.end(), "number")


def star(place: Place) -> Reading:
    """SELECT * FROM, the grade A*; 4.7★."""
    text, start, _ = place
    if text[start] == "★":
        counted = place.after_digit() and not text[start + 1 : start + 2].isalnum()
        one = place.before == "one" or _STARRED.match(text, start + 1)
        return read("star" if one else "stars", place, start + 1, "symbol") if counted else None
    if text[start - 1 : start] == "(" and text[start + 1 : start + 2] == ")" and text[max(0, start - 2) : start - 1].isalnum():
        return read("star", place, start + 1, "symbol")  # COUNT(*)
    if not _STAR.match(text, start):
        return None
    meant = text[max(0, start - 1) : start] in tuple("1234567") and _STARRED.match(text, start + 1)  # 5* hotel
    meant = meant or _GRADE_BEFORE.search(text, max(0, start - 2), start) or _QUERY_BEFORE.search(text, max(0, start - 12), start)
    return read("star", place, start + 1, "symbol") if meant else None


def about(place: Place) -> Reading:
    """~$40."""
    return read("about", place, place.start + 1, "symbol") if _ABOUT.match(place.text, place.start) else None


def bracketed_minus(place: Place) -> Reading:
    """3 deletions(-), as (+) is a plus."""
    text, start, _ = place
    alone = text[start - 1 : start] == "(" and text[start + 1 : start + 2] == ")" and text[start - 2 : start - 1].isalnum()
    return read("minus", place, start + 1, "symbol") if alone else None


def trend(place: Place) -> Reading:
    """▲ 5.2%: which way a number went."""
    found = _TREND.match(place.text, place.start)
    return read("up" if found[0] in "▲△" else "down", place, found.end(), "number") if found else None


def conversion(place: Place) -> Reading:
    """%-20s, %3d, %.2f: how a program writes a value, and no part of a hundred."""
    text, start, _ = place
    found = _CONVERSION.match(text, start)
    if not found or (start and (text[start - 1].isalnum() or text[start - 1] in ")%")):
        return None
    flags = " ".join(_FLAGS[flag] for flag in found[1])
    parts = [flags, _digits_of(found[2]), "dot " + _digits_of(found[3]) if found[3] else "", letters(found[4])]
    return read(" ".join(["percent", *(part for part in parts if part)]), place, found.end(), "code")


def _digits_of(text: str | None) -> str:
    return "" if not text else cardinal(int(text))


def arrow(place: Place) -> Reading:
    """->, <=, !=."""
    found = _ARROW.match(place.text, place.start)
    if not found or found[0] not in _ARROWS:
        return None
    return read(_ARROWS[found[0]], place, found.end(), "symbol")


def symbol_name(text: str, start: int, end: int) -> tuple[str, str]:
    """How a run of one symbol is read: its words, or else the phrase end that it makes ("" for none)."""
    symbol = text[start]
    if text[start:end] == "§§":
        return "sections", ""
    if end - start > 1:
        run = text[start : min(end, start + 4)]
        if run in _DOUBLED and not (symbol == "|" and (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())):
            return _DOUBLED[run], ""
        if symbol == "~" or (end - start > 2 and symbol in "=+/<>&%$@\\") or symbol == "#":  # a drawn line
            return "", ","
    if symbol in "#>+" and _LINE_START.fullmatch(text, max(0, start - 8), start) and text[end : end + 1].isspace():
        return "", ""  # a heading, a quotation, a list
    if symbol in "❯➜›»▶❱" and _LINE_START.fullmatch(text, max(0, start - 8), start) and text[end : end + 1].isspace():
        return "", ""  # where a terminal waits for a command
    if "\u2800" <= symbol <= "\u28ff" and text[end : end + 1].isspace():
        return "", ""  # one of the dots that turn in a terminal while something is loaded
    if symbol == ">" and text[start - 1 : start] == "=" and text[end : end + 80].lstrip(" .-")[:1] == "]":
        return "", ""  # a bar that grows
    if symbol in _PAUSES:
        return "", _PAUSES[symbol]
    if symbol in _UNSPOKEN:
        return "", ""
    if symbol in NAMES:
        return NAMES[symbol], ""
    category = unicodedata.category(symbol)
    if category[0] in "CZ" or category in ("Mn", "Mc", "Me", "Sk"):
        return "", ""
    if category[0] == "P":
        return "", ","
    value = unicodedata.numeric(symbol, None)
    if value is not None and value == int(value):
        return cardinal(int(value)), ""
    return unicodedata.name(symbol, "").lower().replace("-", " "), ""
