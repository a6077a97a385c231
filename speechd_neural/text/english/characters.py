"""English names of single characters and keys."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from speechd_neural import expressions as re
from speechd_neural.text.clusters import EMOJI, clusters
from speechd_neural.text.english import emoji
from speechd_neural.text.punctuation import Names

# The names of the letters as flite says them; letters never depend on letter-to-sound rules.
LETTER_PHONES: dict[str, tuple[str, ...]] = {
    letter: tuple(phones.split())
    for letter, phones in (
        ("a", "ey1"), ("b", "b iy1"), ("c", "s iy1"), ("d", "d iy1"), ("e", "iy1"), ("f", "eh1 f"), ("g", "jh iy1"),
        ("h", "ey1 ch"), ("i", "ay1"), ("j", "jh ey1"), ("k", "k ey1"), ("l", "eh1 l"), ("m", "eh1 m"),
        ("n", "eh1 n"), ("o", "ow1"), ("p", "p iy1"), ("q", "k y uw1"), ("r", "aa1 r"), ("s", "eh1 s"), ("t", "t iy1"),
        ("u", "y uw1"), ("v", "v iy1"), ("w", "d ah1 b ax l y uw0"), ("x", "eh1 k s"), ("y", "w ay1"), ("z", "z iy1"),
    )
}  # fmt: skip
# Letters as words that name them, for a voice that reads letters.
LETTER_NAMES = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    "ay bee see dee ee eff jee aitch eye jay kay ell em en oh pee cue are ess tee you vee doubleyou ex why zee"
).split(), strict=True))  # fmt: skip
LETTER_NAMES["w"] = "double you"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

_LETTER = re.compile(r"(?:LATIN|GREEK|CYRILLIC) (?:SMALL |CAPITAL )?(?:LETTER |LIGATURE )(.+?)(?: WITH (.+))?")
_SPECIAL = {
    "ß": "sharp s", "æ": "a e", "œ": "o e", "ð": "eth", "þ": "thorn", "ı": "dotless i", "ĳ": "i j", "ſ": "long s",
}  # fmt: skip
_MARKS = {
    "GRAVE": "grave", "ACUTE": "acute", "CIRCUMFLEX": "circumflex", "TILDE": "tilde", "DIAERESIS": "umlaut",
    "RING ABOVE": "ring", "STROKE": "stroke", "CARON": "caron", "CEDILLA": "cedilla", "OGONEK": "ogonek",
    "MACRON": "macron", "BREVE": "breve", "DOT ABOVE": "dot above", "DOUBLE ACUTE": "double acute",
}  # fmt: skip
MAX_MARKS = 3  # marks on one letter that are named

_KEYS = {
    "kp": "keypad", "ctrl": "control", "esc": "escape", "del": "delete", "ins": "insert", "prior": "page up",
    "next": "page down", "pgup": "page up", "pgdn": "page down", "pageup": "page up", "pagedown": "page down",
    "page up": "page up", "page down": "page down", "altgr": "alt gr", "bksp": "backspace", "capslock": "caps lock",
    "numlock": "num lock", "scrolllock": "scroll lock", "iso": "", "super": "super", "win": "windows",
    "backspace": "backspace", "dash": "dash", "hyphen": "dash", "doublequote": "quote", "printscreen": "print screen",
    "sysrq": "system request", "exclam": "exclamation", "numbersign": "number", "ampersand": "and",
    "apostrophe": "apostrophe", "parenleft": "left paren", "parenright": "right paren", "asterisk": "star",
    "bracketleft": "left bracket", "bracketright": "right bracket", "asciicircum": "caret", "asciitilde": "tilde",
    "braceleft": "left brace", "braceright": "right brace", "kpenter": "keypad enter", "quotedbl": "quote",
    "xf86audioraisevolume": "volume up", "xf86audiolowervolume": "volume down", "xf86audiomute": "mute",
    "xf86audioplay": "play", "xf86audionext": "next track", "xf86audioprev": "previous track",
    "xf86monbrightnessup": "brightness up", "xf86monbrightnessdown": "brightness down",
}  # fmt: skip
_SIDES = {"L": "left", "R": "right"}
_SIDED = frozenset(("shift", "control", "alt", "super", "meta", "hyper"))
_FUNCTION_KEY = re.compile(r"[fF](\d{1,2})")


def character_name(cluster: str, names: Names) -> str:
    """The spoken words for one cluster; letters as a letter ("a", "e acute"). Never empty."""
    if len(cluster) == 1 and cluster.isascii() and cluster.isalnum():
        return DIGITS[int(cluster)] if cluster.isdigit() else cluster.lower()
    if known := names.name(cluster):
        return known
    match = EMOJI.fullmatch(cluster)
    if match and (found := emoji.name(cluster, names.emojis)):
        return found
    composed = unicodedata.normalize("NFC", cluster)
    if len(composed) == 1:
        return _one(composed, names)
    parts = [_one(composed[0], names)]
    marks = [mark for mark in composed[1:] if mark not in "\u200d\ufe0e\ufe0f"]
    parts += [_mark(mark) for mark in marks[:MAX_MARKS]]
    return " ".join(parts)


@lru_cache(maxsize=1024)
def _named(character: str) -> str:
    if special := _SPECIAL.get(character.lower()):
        return special
    code = ord(character)
    category = unicodedata.category(character)
    if category == "Cs":
        return "invalid character"
    if code < 32:
        return f"control {chr(code + 96)}" if 1 <= code <= 26 else "control character"
    name = unicodedata.name(character, "")
    if letter := _LETTER.fullmatch(name):
        marks = " ".join(_MARKS.get(mark, mark.lower()) for mark in (letter[2] or "").split(" AND ") if mark)
        return f"{letter[1].lower()} {marks}".strip()
    if not name:
        return "character " + " ".join(f"{code:x}")
    return name.lower().replace("-", " ")


def _mark(mark: str) -> str:
    """A combining mark behind its letter."""
    name = unicodedata.name(mark, "mark").removeprefix("COMBINING ").removesuffix(" ACCENT")
    return _MARKS.get(name, name.lower().replace("-", " "))


def _one(character: str, names: Names) -> str:
    folded = unicodedata.normalize("NFKC", character)
    raised = unicodedata.decomposition(character).startswith(("<super>", "<sub>"))
    if len(folded) == 1 and folded.isascii() and folded.isalnum() and not raised:
        return DIGITS[int(folded)] if folded.isdigit() else folded.lower()
    known = names.name(character) or names.name(character.lower())
    if known or not raised or len(folded) != 1 or not folded.isalpha():
        return known or _named(character)
    place = "superscript" if unicodedata.decomposition(character).startswith("<super>") else "subscript"
    return f"{place} {folded.lower()}"


def key_name(key: str, names: Names) -> str:
    """The spoken words for a key as SSIP names it: "control_a" -> "control a", "kp-enter" -> "keypad enter"."""
    if len(clusters(key)) == 1:
        return character_name(key, names)
    if key in ("..", "\\."):
        return names.name(".") or "dot"
    parts = [part for part in re.split(r"[_\-+ ]", key) if part]
    # A joining sign at the end is the key itself: "shift__", "control_-".
    if key[-1] in "_-+" and key[-1] != key[0]:
        parts.append(key[-1])
    words = []
    at = 0
    if len(parts) == 2 and parts[1] in _SIDES and parts[0].lower() in _SIDED:
        return f"{_SIDES[parts[1]]} {_key_part(parts[0], names)}"
    while at < len(parts):
        part = parts[at]
        pair = f"{part} {parts[at + 1]}".lower() if at + 1 < len(parts) else ""
        if pair in _KEYS or pair in ("double quote",):
            words.append(_KEYS.get(pair, "quote"))
            at += 2
            continue
        words.append(_key_part(part, names))
        at += 1
    return " ".join(word for word in words if word) or character_name(key[:1], names)


def _key_part(part: str, names: Names) -> str:
    if len(clusters(part)) == 1:
        return character_name(part, names)
    lower = part.lower()
    if lower in _KEYS:
        return _KEYS[lower]
    if match := _FUNCTION_KEY.fullmatch(part):
        return f"f {int(match[1])}"
    if lower.isascii() and lower.isalnum():
        return re.sub(r"(?<=[a-z])(?=\d)", " ", lower)
    return part
