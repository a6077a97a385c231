"""English names of emoji."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

from speechd_neural import expressions as re
from speechd_neural.text.english.newer_emoji import FACES, NEWER

DATA = Path(__file__).parent / "data"

_TONES = {
    "\U0001f3fb": "light skin tone", "\U0001f3fc": "medium light skin tone", "\U0001f3fd": "medium skin tone",
    "\U0001f3fe": "medium dark skin tone", "\U0001f3ff": "dark skin tone",
}  # fmt: skip
_PEOPLE = {"👨": "man", "👩": "woman", "🧑": "person"}
_ROLES = {
    "⚕": "health worker", "🎓": "student", "🏫": "teacher", "⚖": "judge", "🌾": "farmer", "🍳": "cook",
    "🔧": "mechanic", "🏭": "factory worker", "💼": "office worker", "🔬": "scientist", "💻": "technologist",
    "🎤": "singer", "🎨": "artist", "✈": "pilot", "🚀": "astronaut", "🚒": "firefighter", "🍼": "feeding baby",
    "🦯": "with white cane", "🦼": "in motorized wheelchair", "🦽": "in manual wheelchair", "🦰": "with red hair",
    "🦱": "with curly hair", "🦳": "with white hair", "🦲": "with no hair",
}  # fmt: skip
_WHOLE = {
    "🏳️‍🌈": "rainbow flag", "🏳️‍⚧️": "transgender flag", "🏴‍☠️": "pirate flag", "❤️‍🔥": "heart on fire",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿": "flag england",
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿": "flag scotland",
    "🏴󠁧󠁢󠁷󠁬󠁳󠁿": "flag wales",
    "❤️‍🩹": "mending heart", "👁️‍🗨️": "eye in speech bubble", "🐕‍🦺": "service dog", "🐈‍⬛": "black cat",
    "🐻‍❄️": "polar bear", "🐦‍⬛": "black bird", "😮‍💨": "face exhaling", "😵‍💫": "face with spiral eyes",
    "😶‍🌫️": "face in clouds", "🧑‍🎄": "mx claus", "🧑‍🤝‍🧑": "people holding hands",
}  # fmt: skip
# Where the name in everyday use is not the one in Unicode's character table.
_EVERYDAY = {
    "😂": "face with tears of joy", "🤣": "rolling on the floor laughing", "❤": "red heart", "👍": "thumbs up",
    "👎": "thumbs down", "🙏": "folded hands", "👏": "clapping hands", "🙌": "raising hands", "👋": "waving hand",
    "👌": "ok hand", "✌": "victory hand", "🤞": "crossed fingers", "👊": "oncoming fist", "✊": "raised fist",
    "👉": "pointing right", "👈": "pointing left", "👆": "pointing up", "👇": "pointing down", "☝": "pointing up",
    "💪": "flexed biceps", "😊": "smiling face with smiling eyes", "😍": "smiling face with heart eyes",
    "😎": "smiling face with sunglasses", "😘": "face blowing a kiss", "😉": "winking face", "😁": "beaming face",
    "😀": "grinning face", "😃": "grinning face with big eyes", "😄": "grinning face with smiling eyes",
    "😅": "grinning face with sweat", "😆": "laughing face", "🙂": "slightly smiling face",
    "🙃": "upside down face", "😭": "loudly crying face", "😢": "crying face", "😡": "enraged face",
    "😱": "screaming face", "🤔": "thinking face", "🙄": "face with rolling eyes", "😴": "sleeping face",
    "🤷": "person shrugging", "🤦": "person facepalming", "💩": "pile of poo", "🔥": "fire", "💯": "hundred points",
    "🎉": "party popper", "✨": "sparkles", "⭐": "star", "✅": "check mark button", "❌": "cross mark",
    "⚠": "warning", "❗": "exclamation mark", "❓": "question mark", "☀": "sun", "☁": "cloud", "☎": "telephone",
    "☕": "hot beverage", "⚡": "high voltage", "⚽": "soccer ball", "⚾": "baseball", "⏰": "alarm clock",
    "⌚": "watch", "⌛": "hourglass", "📱": "mobile phone", "💻": "laptop", "🖥": "desktop computer",
    "📧": "e mail", "📅": "calendar", "📌": "pushpin", "🔒": "locked", "🔓": "unlocked", "🔍": "magnifying glass",
    "🔔": "bell", "💡": "light bulb", "🚗": "car", "✈": "airplane", "🏠": "house", "💔": "broken heart",
    "💕": "two hearts", "💙": "blue heart", "💚": "green heart", "💛": "yellow heart", "💜": "purple heart",
    "🖤": "black heart", "🤍": "white heart", "🧡": "orange heart", "☺": "smiling face", "☹": "frowning face",
    "👀": "eyes", "👁": "eye", "🥺": "pleading face", "🤗": "hugging face", "😜": "winking face with tongue",
    "😏": "smirking face", "😒": "unamused face", "😞": "disappointed face", "😩": "weary face", "😬": "grimacing face",
    "🤩": "star struck", "🥳": "partying face", "😇": "smiling face with halo", "😈": "smiling face with horns",
    "👻": "ghost", "💀": "skull", "☠": "skull and crossbones", "🤖": "robot", "🎂": "birthday cake", "🎁": "gift",
    "🍕": "pizza", "🍺": "beer mug", "☑": "check box with check", "✔": "check mark", "✖": "multiply", "➕": "plus",
    "➖": "minus", "➗": "divide", "▶": "play button", "◀": "reverse button", "⏸": "pause button", "⏹": "stop button",
    "⏺": "record button", "⏩": "fast forward button", "⏪": "fast reverse button", "🅰": "a button", "🅱": "b button",
    "🆗": "ok button", "🆕": "new button", "🆘": "s o s button", "♻": "recycling symbol", "⚙": "gear",
    "✉": "envelope",
    "✏": "pencil", "✂": "scissors", "☂": "umbrella", "☔": "umbrella with rain drops", "⛄": "snowman",
    "🔴": "red circle",
    "🟢": "green circle", "🟡": "yellow circle", "🔵": "blue circle", "💬": "speech balloon", "🏆": "trophy",
    "™": "trademark", "©": "copyright", "®": "registered", "ℹ": "information", "Ⓜ": "circled m", "♥": "heart",
    "♂": "male sign", "♀": "female sign", "🏃": "person running", "🚶": "person walking", "💃": "woman dancing",
    "👮": "police officer", "👷": "construction worker", "🕵": "detective", "💂": "guard", "👱": "person with blond hair",
    "🙋": "person raising hand", "🙅": "person gesturing no", "🙆": "person gesturing ok", "🙎": "person pouting",
    "🙍": "person frowning", "💁": "person tipping hand", "🙇": "person bowing", "💆": "person getting massage",
    "💇": "person getting haircut", "🏊": "person swimming", "🏄": "person surfing", "🚣": "person rowing boat",
    "🚴": "person biking", "🏋": "person lifting weights", "🧘": "person in lotus position", "🧏": "deaf person",
    "🧍": "person standing", "🧎": "person kneeling", "👶": "baby", "👦": "boy", "👧": "girl", "🧒": "child",
    "👴": "old man", "👵": "old woman", "👪": "family", "🐶": "dog face", "🐱": "cat face", "🌈": "rainbow",
    "➡": "right arrow", "⬅": "left arrow", "⬆": "up arrow", "⬇": "down arrow", "🦄": "unicorn", "🐼": "panda",
    "🌍": "globe showing europe and africa", "🌞": "sun with face", "🌙": "crescent moon", "☃": "snowman",
}  # fmt: skip


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """ISO 3166 code -> name, as far as there is a flag for it."""
    entries = (DATA / "countries.txt").read_text(encoding="utf-8").replace("\n", ";").split(";")
    return {entry[:2]: entry[3:] for entry in entries if entry}


_BARE = {sequence.replace("\ufe0f", ""): words for sequence, words in {**_WHOLE, **NEWER}.items()}


_CRYING = re.compile(r"[;；][^\w;；]?[_.ωДд﹏▽∀益○ヘ]{1,3}[^\w;；]?[;；]")  # one such sign alone is a drop of sweat
_FLAT = re.compile(r"([-－一￣])[_.＿ーω]{1,4}\1")


def face(drawn: str) -> str:
    """What a face drawn with characters is called."""
    if _CRYING.search(drawn):
        return "crying face"
    if _FLAT.search(drawn):
        return "annoyed face"
    for signs, words in FACES:
        if any(sign in drawn for sign in signs):
            return words
    return "face"


def name(sequence: str, dictionary: dict[str, str] | None = None) -> str:
    """What an emoji sequence (a match of text/clusters.py's EMOJI) is called; "" for one without a name."""
    bare = sequence.replace("\ufe0f", "").replace("\ufe0e", "")
    for known in (dictionary or {}, _BARE):
        for spelling in (sequence, bare, sequence + "\ufe0f"):
            if spelling in known:
                return known[spelling].replace("-", " ").replace(":", "").replace(",", "").lower()
    if len(bare) == 2 and all("\U0001f1e6" <= letter <= "\U0001f1ff" for letter in bare):
        code = "".join(chr(ord(letter) - 0x1F1E6 + 65) for letter in bare)
        return f"flag {countries()[code]}" if code in countries() else "flag " + " ".join(code)
    if bare[-1] == "\u20e3":
        return "keycap " + {"#": "number sign", "*": "star"}.get(bare[0], bare[0])
    return _composed(bare)


def _composed(bare: str) -> str:
    tones = [_TONES[character] for character in bare if character in _TONES]
    plain = "".join(character for character in bare if character not in _TONES) if bare not in _TONES else bare
    plain = "".join(character for character in plain if not "\U000e0020" <= character <= "\U000e007f")
    parts = [part for part in plain.split("\u200d") if part]
    if bare in _TONES:
        return _TONES[bare]
    if plain in _BARE:
        return f"{_BARE[plain]} {tones[0]}" if tones else _BARE[plain]
    if len(parts) > 1 and parts[-1] == "➡":
        return f"{_composed(bare.rpartition(chr(0x200D))[0])} facing right"
    if not parts:
        return ""
    if len(parts) > 1 and parts[-1] in ("♂", "♀"):
        sex = "man" if parts[-1] == "♂" else "woman"
        base = _single(parts[0])
        words = base.replace("person", sex, 1) if "person" in base else f"{sex} {base}"
    elif len(parts) == 2 and parts[0] in _PEOPLE and parts[1] in _ROLES:
        who = "" if parts[0] == "🧑" and not _ROLES[parts[1]].startswith(("with", "in ")) else _PEOPLE[parts[0]] + " "
        words = who + _ROLES[parts[1]]
    elif len(parts) > 2 and "❤" in parts:
        people = " and ".join(_single(part) for part in parts if part not in ("❤", "💋"))
        words = ("kiss " if "💋" in parts else "couple with heart ") + people
    elif len(parts) > 1 and parts[0] in _PEOPLE and all(part in _PEOPLE or part in "👦👧🧒" for part in parts):
        words = "family " + " ".join(_single(part) for part in parts)
    else:
        words = " ".join(_single(part) for part in parts)
    return f"{words} {tones[0]}" if tones else words


_CLOCK = re.compile(r"clock face (.+?) ?(oclock|thirty)")


def _single(character: str) -> str:
    everyday = _EVERYDAY.get(character) or _PEOPLE.get(character)
    if everyday:
        return everyday
    names = (unicodedata.name(one, "") for one in character)
    words = " ".join(names).lower().replace("-", " ").strip()
    if clock := _CLOCK.fullmatch(words):
        return f"{clock[1]} {clock[2].replace('oclock', 'o clock')}"
    return words
