"""A written word to phones: who decides, in which order.

The user's lexicon, the words that change with their neighbours (the, heteronyms), letters for acronyms, the
technical lexicon, the dictionary, parts of words, and at last the joint n-gram.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from . import morphology
from .characters import LETTER_PHONES
from .dictionary import Dictionary
from .g2p import JointNgram
from .heteronyms import Heteronyms
from .lexicon import PackagedLexicon, Spoken, UserLexicon
from .symbols import CLASS_OF

Phones = tuple[str, ...]
DATA = Path(__file__).parent / "data"
VOWEL_LETTERS = frozenset("aeiouy")
MEMORY = 4096  # words whose pronunciation is kept
LONGEST = 48  # letters; longer runs of letters are no words, and are pronounced piece by piece
_DEPTH = 4  # entries that say other words may lead to others so often

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "＇": "'", "`": "'"})
_FOLDED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "th", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "ng",
     "ŧ": "t", "ſ": "s", "ə": "a", "ĸ": "k", "ŀ": "l", "ŉ": "n", "ĳ": "ij"}
)  # fmt: skip
_WEAK = {"the": (("dh", "ax"), ("dh", "iy0"))}
# Two and three letters in capitals that are words all the same.
_SHORT_WORDS = frozenset(
    "a i am an as at be by do go he if in is it me my no of oh on or so to up us we all and any are ask bad big bin box "
    "boy but buy can car cat cut day did dog end eye far few fix fly for fun get got had has her hey him his hit hot how "
    "its job key let log low man map may men mix net new nor not now off old one our out own pay put ran red run sad say "
    "see set she six sit son tab ten the too top try two use war was way web who why win yes yet you zip add age ago aid "
    "aim air arm art bag bar bed bit bug bus cup die dry due ear eat egg err fan fat fee fit fox gas gap god gun guy hat "
    "hub ice ink kid lab law lay led leg lie lip lot mad max mid min mud mum dad nut oil pen per pet pie pop pot pub raw "
    "rid row sea sex shy sir ski sky sum sun tag tap tax tea tie tip toy van via vip wet won wow cap jar jam jet joy rat "
    "bat bet ban dot gym hen hip hug hop lap mop mug nap owl pan pig pin pit rib rob rod rub rug sew sin sip tan tin toe "
    "ton tow tub vet wax wig zoo zen mac".split()
)


class Pronouncer:
    """`phones("record", previous="to")` -> (("r", "ax", "k", ...), "heteronym: verb").

    `user`: the user's lexicon, if any. `technical`: use the packaged technical lexicon (measurements switch it off).
    Thread-safe for reading. Nothing is read before the first word, but for the user's lexicon.
    """

    def __init__(self, user: UserLexicon | None = None, technical: bool = True) -> None:
        self.user = user
        self._dictionary = Dictionary()
        self._technical = PackagedLexicon(DATA / "tech.txt") if technical else None
        self._heteronyms = Heteronyms()
        self._ngram: JointNgram | None = None
        self._known = lru_cache(MEMORY)(self._fixed)

    def phones(self, word: str, previous: str | None = None, following: str | None = None) -> tuple[Phones, str]:
        """Phones of one written word and why. `previous` and `following` are its neighbours in the sentence.

        A word without anything to pronounce (digits, other scripts) gives ((), "nothing to pronounce").
        """
        if self.user is not None:
            spoken = self.user.find(word)
            if spoken is not None:
                return self._say(spoken, word, _DEPTH), self.user.why(spoken)
        lower = word.lower()
        if lower == "the":
            return _WEAK["the"][self.begins_with_vowel(following)], "before a vowel" if self.begins_with_vowel(following) else "dictionary"
        if word.isupper() and 2 <= len(word) <= 5:
            spelled = self._acronym(word, previous, following)
            if spelled is not None:
                return spelled
        found = self._heteronyms.find(lower, previous, following) if lower.isascii() else None
        if found is not None:
            return found[0], f"heteronym: {found[1]}"
        return self._known(word if word.isupper() or not word.islower() else lower)

    def begins_with_vowel(self, word: str | None) -> bool:
        """Whether the word, as spoken, begins with a vowel ("hour" yes, "one" and "use" no)."""
        if not word:
            return False
        spoken = self.user.find(word) if self.user is not None else None
        phones = self._say(spoken, word, _DEPTH) if spoken else self._known(word)[0]
        return bool(phones) and CLASS_OF[phones[0]] == "vowel"

    def spell(self, letters: str) -> Phones:
        """The names of the letters, one after the other."""
        return tuple(phone for letter in fold(letters) for phone in LETTER_PHONES.get(letter, ()))

    def _say(self, spoken: Spoken, word: str, depth: int) -> Phones:
        if spoken.phones:
            return spoken.phones
        if not spoken.words:
            return self.spell(word)
        out: list[str] = []
        for i, other in enumerate(spoken.words):
            following = spoken.words[i + 1] if i + 1 < len(spoken.words) else None
            inner = self.user.find(other) if self.user is not None and depth else None
            if inner is not None and other.lower() != word.lower():
                out += self._say(inner, other, depth - 1)
            elif len(other) == 1 and other.isupper() or not any(c in VOWEL_LETTERS for c in other.lower()):
                out += self.spell(other)
            elif other.lower() == "the":
                out += _WEAK["the"][self.begins_with_vowel(following) if depth else 0]
            else:
                out += self._known(other)[0]
        return tuple(out)

    def _acronym(self, word: str, previous: str | None, following: str | None) -> tuple[Phones, str] | None:
        """Capitals: letters, unless the lexicon knows the word or all the text is in capitals."""
        lower = word.lower()
        if self._technical is not None and self._technical.find(word):
            return None
        if lower in _SHORT_WORDS and not (word == "US" and self._technical):
            return None
        if not any(c in VOWEL_LETTERS for c in lower):
            return self.spell(word), "letters"
        entry = self._dictionary.get(lower)
        shouting = any(other and len(other) > 1 and other.isupper() for other in (previous, following))
        if entry is not None and (len(word) > 3 or shouting):
            return None
        if len(word) == 5 or (len(word) == 4 and shouting):
            return None
        return self.spell(word), "letters"

    def _fixed(self, word: str) -> tuple[Phones, str]:
        """What a word is pronounced as whatever stands beside it."""
        if self._technical is not None:
            spoken = self._technical.find(word)
            if spoken is not None:
                return self._say(spoken, word, _DEPTH), "lexicon"
        text = fold(word)
        if not any("a" <= c <= "z" for c in text):
            return (), "nothing to pronounce"
        if len(text) > LONGEST:
            pieces = [text[i : i + LONGEST // 2] for i in range(0, min(len(text), 64 * LONGEST), LONGEST // 2)]
            return tuple(p for piece in pieces for p in self._known(piece)[0]), "n-gram"
        return self._spoken(text)

    def _spoken(self, text: str) -> tuple[Phones, str]:
        phones = self._dictionary.get(text)
        if phones is not None:
            return phones, "dictionary"
        found = self._heteronyms.find(text, None, None)
        if found is not None:
            return found[0], f"heteronym: {found[1]}"
        owner = morphology.possessive(text)
        if owner is not None:
            stem, suffix = owner
            base = self._known(stem)[0]
            if base:
                return morphology.inflect(base, suffix), f"morphology: {stem}+{suffix}"
        if not text.isalpha():
            parts = [part for part in re.split(r"[^a-z]+", text) if part]
            if len(parts) == 1:
                return self._known(parts[0])
            return tuple(p for part in parts for p in self._known(part)[0]), "parts: " + "+".join(parts)
        if len(text) == 1:
            return LETTER_PHONES[text], "letter"
        if not any(c in VOWEL_LETTERS for c in text):
            if len(text) > 2 and text.endswith("s") and self._technical is not None:
                return (*morphology.plural(self.spell(text[:-1])),), "letters"
            return self.spell(text), "letters"
        made = morphology.analyse(text, self._stem)
        if made is not None:
            return made[0], f"morphology: {made[1]}"
        return self._ngram_phones(text), "n-gram"

    def _stem(self, word: str) -> Phones | None:
        spoken = self._technical.find(word) if self._technical is not None else None
        if spoken is not None and spoken.phones:
            return spoken.phones
        return self._dictionary.get(word)

    def _ngram_phones(self, text: str) -> Phones:
        if self._ngram is None:
            self._ngram = JointNgram()
        return self._ngram.phones(text)


def fold(word: str) -> str:
    """Lower case, apostrophes made plain, accents taken off: "Café" -> "cafe". Other scripts stay as they are."""
    text = word.translate(_APOSTROPHES).lower()
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text.translate(_FOLDED))
    return "".join(c for c in text if not unicodedata.combining(c)).translate(_APOSTROPHES)
