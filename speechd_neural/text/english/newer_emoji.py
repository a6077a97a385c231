"""Names of emoji that are newer than Python's character table (Unicode 15 to 17), and of faces drawn with characters."""

from __future__ import annotations

NEWER = {
    "🆎": "a b button", "🅿": "p button", "🅾": "o button",
    # 15.0
    "🫨": "shaking face", "🩷": "pink heart", "🩵": "light blue heart", "🩶": "grey heart", "🫷": "leftwards pushing hand",
    "🫸": "rightwards pushing hand", "🫎": "moose", "🫏": "donkey", "🪽": "wing", "🪿": "goose", "🪼": "jellyfish",
    "🪻": "hyacinth", "🫚": "ginger root", "🫛": "pea pod", "🪭": "folding hand fan", "🪮": "hair pick", "🪇": "maracas",
    "🪈": "flute", "🪯": "khanda", "🛜": "wireless", "🐦‍⬛": "black bird",
    # 15.1
    "🙂‍↔️": "head shaking horizontally", "🙂‍↕️": "head shaking vertically", "🐦‍🔥": "phoenix", "🍋‍🟩": "lime",
    "🍄‍🟫": "brown mushroom", "⛓️‍💥": "broken chain", "🧑‍🧑‍🧒": "family adult adult child", "🧑‍🧒": "family adult child",
    "🧑‍🧑‍🧒‍🧒": "family adult adult child child", "🧑‍🧒‍🧒": "family adult child child",
    # 16
    "\U0001fae9": "face with bags under eyes", "\U0001fac6": "fingerprint", "\U0001fabe": "leafless tree",
    "\U0001fadc": "root vegetable", "\U0001fa89": "harp", "\U0001fa8f": "shovel", "\U0001fadf": "splatter",
    "🇨🇶": "flag Sark",
    # 17
    "\U0001faea": "distorted face", "\U0001faef": "fight cloud", "\U0001fac8": "hairy creature", "\U0001facd": "orca",
    "\U0001f6d8": "landslide", "\U0001fa8a": "trombone", "\U0001fa8e": "treasure chest",
}  # fmt: skip
# Signs that tell a face, the first one that is found, and its name.
FACES = (
    ("┻", "table flip"), ("┬", "table put back"), ("ツ", "shrug"), ("ʕ", "bear face"), ("ʖ", "smirking face"), ("ᓚᐠ", "cat"),
    ("♥❤♡", "face with heart eyes"), ("ಠ益", "disapproving face"), ("ಥ╥TtД", "crying face"), ("☆★✧", "starry eyed face"),
    ("¬", "side eyed face"), ("■⌐", "face with sunglasses"), ("≧><", "squinting face"), ("xX", "dizzy face"),
    ("^◕◠ᵔ‿▽∀", "happy face"),
)  # fmt: skip
