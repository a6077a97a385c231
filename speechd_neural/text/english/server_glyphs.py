"""Emoji, letters in squares, apostrophes and faces of which Speech Dispatcher has named the parts, whole again.

🐦‍🔥 arrives as a bird and a fire, 🅱🅻🅾🅲🅺 with the names of blood groups between its letters, she´ll with a blank before
the accent, and (ಠ_ಠ) without its mouth at the levels that do not name it.
"""

from __future__ import annotations

from collections.abc import Iterator

from speechd_neural import expressions as re
from speechd_neural.text.drawn import PATTERN as FACE
from speechd_neural.text.drawn import folded
from speechd_neural.text.english.emoji import face, name
from speechd_neural.text.token import Edit

# What the server makes of an emoji that is newer than its names, without the blanks and the joiners.
_PARTS = {
    "bird fire": "🐦‍🔥", "lemon green square": "🍋‍🟩", "mushroom brown square": "🍄‍🟫", "chains collision": "⛓️‍💥",
    "slightly smiling face left-right arrow": "🙂‍↔️", "slightly smiling face up-down arrow": "🙂‍↕️",
    "person person child": "🧑‍🧑‍🧒", "person child": "🧑‍🧒", "person person child child": "🧑‍🧑‍🧒‍🧒",
    "person child child": "🧑‍🧒‍🧒",
    "white flag rainbow": "🏳️‍🌈", "white flag transgender symbol": "🏳️‍⚧️", "red heart fire": "❤️‍🔥",
    "red heart adhesive bandage": "❤️‍🩹", "eye left speech bubble": "👁️‍🗨️",
}  # fmt: skip
_JOINED = re.compile(r" (?:[a-z][a-z-]* ){1,3}\ufe0f?(?:\u200d (?:[a-z][a-z-]* ){1,2}\ufe0f?){1,3}")
_FACING = re.compile(r" ((?:[a-z][a-z-]* ){1,4})\ufe0f?\u200d right arrow \ufe0f?")
_SQUARED = "\U0001f130-\U0001f189"
_BUTTON = r" (?:AB|[ABOP]) button (?:\(blood type\) )?"
_BUTTONS = re.compile(rf"(?:{_BUTTON}){{0,8}}[{_SQUARED}](?:[{_SQUARED}]|{_BUTTON})*")
_ONE_BUTTON = re.compile(_BUTTON)
_LETTERS = {"A": "🅰", "B": "🅱", "O": "🅾", "P": "🅿", "AB": "🅰🅱"}
_SHORT = r"(?=(?:s|t|d|m|ll|re|ve)(?![^\W_]))"
_APOSTROPHE = re.compile(
    rf"(?<=[^\W\d_])(?: \u0301| graav | prime ){_SHORT}|(?<=[^\W\d_]) left tick (?=[^\W\d_])"
    r"|(?<=\b[DOL])(?: \u0301| graav )(?=[A-Z][a-z])|(?<=\bHawai) graav (?=i)"
    r"|(?<=\b[Dd]on|\b[Cc]an|\b[Ww]on|\b[Ii]sn)(?P<lost> )(?=t(?![^\W_]))"
    r"|(?<=\b[Dd]idn|\b[Ww]asn|\b[Aa]ren|\b[Hh]asn|\b[Hh]adn)(?P<gone> )(?=t(?![^\W_]))"
    r"|(?<=\b[Dd]oesn|\b[Ww]eren|\b[Hh]aven)(?P<missing> )(?=t(?![^\W_]))"
    r"|(?<=\b[Cc]ouldn|\b[Ww]ouldn)(?P<left_out> )(?=t(?![^\W_]))"
)
_EYES = "ಠಥ╥◉◔⊙☉ʘ눈━•¬◕°"
_MOUTHLESS = re.compile(rf"\((?P<eye>[{_EYES}]) {{1,3}}(?P=eye)\)")
_NO_MOUTH = re.compile(r"\( (?P<eye>bullet|not|degrees|circled dot operator)   (?P=eye) \)")
_NAMES = {"bullet": "•", "not": "¬", "degrees": "°", "circled dot operator": "⊙"}
_BARE = re.compile(r"(?<!\w)(?P<eye>[ಠಥ╥◉◔☉ʘ눈━])(?: line | {1,2})(?P=eye)(?!\w)")


def glyphs(text: str) -> Iterator[Edit]:
    """What belongs together, as one."""
    if "\u200d" in text:
        for match in _FACING.finditer(text):
            yield Edit(match.start(), match.end(), f" {match[1]}facing right ", "")
        for match in _JOINED.finditer(text):
            emoji = _PARTS.get(" ".join(match[0].replace("\u200d", " ").replace("\ufe0f", " ").split()))
            if emoji:
                yield Edit(match.start(), match.end(), f" {name(emoji)} ", "")
    if " button " in text:
        for match in _BUTTONS.finditer(text):
            if " button " in match[0]:
                whole = _ONE_BUTTON.sub(lambda one: _LETTERS[one[0].split()[0]], match[0])
                yield Edit(match.start(), match.end(), folded(f" {whole}" if match[0][0] == " " else whole), "")
    for match in _APOSTROPHE.finditer(text):
        yield Edit(match.start(), match.end(), "'", "")
    for match in _BARE.finditer(text):
        drawn = f"{match['eye']}_{match['eye']}"
        yield Edit(match.start(), match.end(), face(drawn), "")
    if "(" not in text:
        return
    for match in (*_MOUTHLESS.finditer(text), *_NO_MOUTH.finditer(text)):
        eye = _NAMES.get(match["eye"], match["eye"])
        drawn = f"({eye}_{eye})"
        if FACE.fullmatch(drawn):
            yield Edit(match.start(), match.end(), f" {face(drawn)}", "")
