"""A written word to phones: who decides, in which order.

The user's lexicon, the words that change with their neighbours (the, heteronyms), letters for acronyms, the
technical lexicon, the dictionary, parts of words, and at last the letters' sounds.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from speechd_neural import expressions as re
from speechd_neural.text.english.characters import DIGITS, LETTER_PHONES
from speechd_neural.text.english.pronounce import british, lengthened, lettered, morphology, neighbours, romanized
from speechd_neural.text.english.pronounce.dictionary import packaged
from speechd_neural.text.english.pronounce.heteronyms import Heteronyms
from speechd_neural.text.english.pronounce.lexicon import PackagedLexicon, Spoken, UserLexicon
from speechd_neural.text.english.symbols import CLASS_OF, demoted
from speechd_neural.text.token import one_stress
from speechd_neural.types import Phones

if TYPE_CHECKING:
    from speechd_neural.text.english.pronounce.g2p import LetterToSound

DATA = Path(__file__).parent.parent / "data"
_BRITISH_ISE = re.compile(r"([a-z]{4,20}(?:al|at|ic|on|an|ol|il|im|om|er|en|in|ar))is(e[ds]?|ers?|ing|ations?)")
_ONSET = re.compile(r"[^aeiouy]{3}(?<!str)(?<!spr)(?<!scr)(?<!spl)(?<!thr)(?<!shr)(?<!chr)(?<!sch)(?<!phr)(?<!squ)")
VOWEL_LETTERS = frozenset("aeiouy")
MEMORY = 4096  # words whose pronunciation is kept
LONGEST = 32  # letters; longer runs of letters are no words, and are pronounced piece by piece
FIT = 10.0  # nats: parts of a word are believed if the letter-to-sound model doubts their phones no more than this
_DEPTH = 4  # entries that say other words may lead to others so often

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "＇": "'", "`": "'"})
_FOLDED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "th", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "ng",
     "ŧ": "t", "ſ": "s", "ə": "a", "ĸ": "k", "ŀ": "l", "ŉ": "n", "ĳ": "ij"}
)  # fmt: skip
# Letters whose marks tell how an unknown name sounds; in words of the dictionary they are only letters.
_SOUNDED = str.maketrans(
    {"š": "sh", "ś": "sh", "ş": "sh", "ș": "sh", "č": "tch", "ć": "tch", "ž": "zh", "ź": "zh", "ż": "zh", "ç": "s", "ñ": "ny",
     "ň": "ny", "ț": "ts", "ţ": "ts", "ř": "rzh", "ğ": "", "å": "o"}
)  # fmt: skip
_TURKISH = re.compile("ç(?=[eiıöü]|$)")  # as in Fenerbahçe; elsewhere it is the French one
_THE, _THE_VOWEL = ("dh", "ax"), ("dh", "iy0")
# Two and three letters in capitals that are words all the same.
_SHORT_WORDS_TEXT = """
    a i am an as at be by do go he if in is it me my no of oh on or so to up us we add age ago aid aim air all and
    any are arm art ask bad bag ban bar bat bed bet big bin bit box boy bug bus but buy can cap car cat cup cut
    dad day did die dog dot dry due ear eat egg end err eye fan far fat fee few fit fix fly for fox fun gap gas
    get god got gun guy gym had has hat hen her hey him hip his hit hop hot how hub hug ice ink its jam jar jet
    job joy key kid lab lap law lay led leg let lie lip log lot low mac mad man map max may men mid min mix mop
    mud mug mum nap net new nor not now nut off oil old one our out owl own pan pay pen per pet pie pig pin pit
    pop pot pub put ran rat raw red rib rid rob rod row rub rug run sad say sea see set sew sex she shy sin sip
    sir sit six ski sky son sum sun tab tag tan tap tax tea ten the tie tin tip toe ton too top tow toy try tub
    two use van vet via vip war was wax way web wet who why wig win won wow yes yet you zen zip zoo
"""
_SHORT_WORDS = frozenset(_SHORT_WORDS_TEXT.split())


class Pronouncer:
    """`phones("record", previous="to")` -> (("r", "ax", "k", ...), "heteronym: verb").

    `user`: the user's lexicon, if any. `technical`: use the packaged technical lexicon (measurements switch it off).
    Thread-safe for reading. Nothing is read before the first word, but for the user's lexicon.
    """

    def __init__(self, user: UserLexicon | None = None, technical: bool = True) -> None:
        self.user = user
        self._dictionary = packaged()
        self._technical = PackagedLexicon(DATA / "tech.txt") if technical else None
        self._heteronyms = Heteronyms()
        self._model: LetterToSound | None = None
        self._known = lru_cache(MEMORY)(self._fixed)
        self._unmoved = lru_cache(MEMORY)(self._steady)

    def phones(self, word: str, previous: str | None = None, following: str | None = None) -> tuple[Phones, str]:
        """Phones of one written word and why. `previous` and `following`: words before and after it in the sentence,
        with a comma where a phrase ends.

        A word without anything to pronounce (digits, other scripts) gives ((), "nothing to pronounce").
        """
        if self.user is not None:
            spoken = self.user.find(word)
            if spoken is not None:
                return self._say(spoken, word, _DEPTH), self.user.why(spoken)
        return self._phones(word, previous, following)

    def _phones(self, word: str, previous: str | None, following: str | None) -> tuple[Phones, str]:
        """The same for a word that the user's lexicon does not have."""
        lower = word.lower()
        if lower == "the":
            next_word = following.split(" ", 1)[0].strip(",") if following else None
            return (_THE_VOWEL, "before a vowel") if self.begins_with_vowel(next_word) else (_THE, "dictionary")
        if lower in neighbours.WORDS:
            chosen = neighbours.reading(word, previous, following, self._is_word)
            if chosen == "spell":
                return self.spell(word), "letters"
            if chosen:
                return self._known("delete" if chosen == "delete" else lower)[0], "by its neighbours"
        if "'" in word:
            contracted = self._contracted(word, previous, following)
            if contracted is not None:
                return contracted
        if lengthened.is_long(lower) and lower not in self._dictionary and lower.isalpha():
            return self._known(lengthened.shortened(lower, self._is_known))[0], "drawn out"
        if word.endswith("s") and 2 < len(word) < 7 and word[:-1].isupper() and word.isalpha():  # NGOs
            spelled = self._acronym(word[:-1], [])
            if spelled is not None:
                return morphology.plural(spelled[0]), spelled[1]
        if word.isupper() and 2 <= len(word) <= 5 and not ("'" in word and lower in self._dictionary):
            beside = (previous or "").split()[-1:] + (following or "").split()[:1]
            spelled = self._acronym(word, beside)
            if spelled is not None:
                return spelled
        found = self._heteronyms.find(word, previous, following)
        if found is not None:
            return found[0], f"heteronym: {found[1]}"
        return self._known(word if word.isupper() or not word.islower() else lower)

    def steady(self, word: str) -> tuple[Phones, str] | None:
        """The phones of a word that sounds the same whatever stands beside it, as most do; None for any other."""
        if self.user is not None and self.user.find(word) is not None:
            return None
        return self._unmoved(word)

    def _steady(self, word: str) -> tuple[Phones, str] | None:
        lower = word.lower()
        moved = lower == "the" or lower in neighbours.WORDS or self._heteronyms.is_form(lower)
        if moved or len(word) == 1 or word.isupper() or word.rpartition("'")[0].isupper():
            return None
        found = self._phones(word, None, None)
        return found if found[0] else None

    def _contracted(self, word: str, previous: str | None, following: str | None) -> tuple[Phones, str] | None:
        """NASA's, OK'd, A's: a contraction or possessive of what is spelled, or of a name in capitals."""
        stem, mark, suffix = word.rpartition("'")
        ending = suffix.lower()
        if not mark or ending not in morphology.CONTRACTIONS:
            return None
        if len(stem) == 1 and word.lower() not in self._dictionary and stem.lower() in LETTER_PHONES:
            return morphology.contract(LETTER_PHONES[stem.lower()], ending), "letter"
        spelled = stem.islower() and not any(c in VOWEL_LETTERS for c in stem)
        if 1 < len(stem) < 5 and spelled and not self._is_known(word):
            return morphology.contract(self._known(stem)[0], ending), f"letters, '{ending}"  # cc'd
        if len(stem) < 2 or not stem.isupper() or (suffix.isupper() and word.lower() in self._dictionary):
            return None
        base, why = self.phones(stem, previous, following)
        return (morphology.contract(base, ending), f"{why}, '{ending}") if base else None

    def _is_known(self, word: str) -> bool:
        return word in self._dictionary or (self._technical is not None and self._technical.find(word) is not None)

    def _is_word(self, word: str) -> bool:
        """Whether a word in capitals is an ordinary one, and no acronym."""
        lower = word.lower()
        spoken = self._technical.find(word) if self._technical is not None else None
        return lower in _SHORT_WORDS or (spoken is None and len(lower) > 2 and lower in self._dictionary)

    def has(self, word: str) -> bool:
        """Whether the user's lexicon says how this word is pronounced."""
        return self.user is not None and self.user.find(word) is not None

    def begins_with_vowel(self, word: str | None) -> bool:
        """Whether the word, as spoken, begins with a vowel ("hour" yes, "one" and "use" no)."""
        if not word:
            return False
        spoken = self.user.find(word) if self.user is not None else None
        phones = self._say(spoken, word, _DEPTH) if spoken else self._known(word)[0]
        return bool(phones) and CLASS_OF[phones[0]] == "vowel"

    def spell(self, letters: str) -> Phones:
        """The names of the letters and digits, one after the other; the last has the primary stress."""
        names = [
            self._known(DIGITS[int(letter)])[0] if letter.isdecimal() else LETTER_PHONES.get(letter, ())
            for letter in fold(letters)
        ]
        return _joined([name for name in names if name])

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
            elif other.isdecimal():
                out += [phone for digit in other for phone in self._known(DIGITS[int(digit)])[0]]
            elif (len(other) == 1 and other.isupper()) or not any(c in VOWEL_LETTERS for c in other.lower()):
                out += self.spell(other)
            elif other.lower() == "the":
                out += _THE_VOWEL if depth and self.begins_with_vowel(following) else _THE
            else:
                out += self._known(other)[0]
        return tuple(out)

    def _acronym(self, word: str, beside: list[str]) -> tuple[Phones, str] | None:
        """Capitals: letters, unless the lexicon knows the word, or the words beside it are in capitals too."""
        lower = word.lower()
        if self._technical is not None and self._technical.find(word):
            return None
        if lower in _SHORT_WORDS:
            return None
        if not any(c in VOWEL_LETTERS for c in lower):
            return self.spell(word), "letters"
        entry = self._dictionary.get(lower)
        shouting = any(len(other) > 1 and other.isupper() for other in beside)
        if entry is not None and (len(word) > 3 or shouting):
            return None
        begins = lower[1] in VOWEL_LETTERS or lower[0] in VOWEL_LETTERS or lower[:2] in lettered.ONSETS  # not WKYC
        if (len(word) == 5 or (len(word) == 4 and shouting)) and begins and not _ONSET.match(lower):  # NCBI
            return None
        return self.spell(word), "letters"

    def _fixed(self, word: str) -> tuple[Phones, str]:
        """What a word is pronounced as whatever stands beside it."""
        word = unicodedata.normalize("NFC", word)
        if self._technical is not None:
            spoken = self._technical.find(word)
            if spoken is not None:
                one = self._technical.find(word[:-1]) if word[-1] == "s" and _is_spelled(spoken) else None
                if one is not None and _is_spelled(one):
                    return morphology.plural(self.spell(word[:-1])), "lexicon"
                return self._say(spoken, word, _DEPTH), "lexicon"
            owner = morphology.possessive(word.translate(_APOSTROPHES))
            if owner is not None and self._technical.find(owner[0]) is not None:  # LaTeX's, in these capitals
                return morphology.inflect(self._known(owner[0])[0], owner[1]), f"morphology: {owner[0]}+{owner[1]}"
        text = fold(word)
        if not any("a" <= c <= "z" for c in text):
            return (), "nothing to pronounce"
        if len(text) > LONGEST:
            pieces = [text[i : i + LONGEST // 2] for i in range(0, min(len(text), 64 * LONGEST), LONGEST // 2)]
            return tuple(p for piece in pieces for p in self._known(piece)[0]), "letters to sound"
        if word.isascii():
            return self._spoken(text)
        named = self._technical.find(text) if self._technical is not None and word[0].isupper() else None
        if named is not None and named.phones:
            return named.phones, "lexicon"  # Mbappé, which stands there as Mbappe
        if text not in self._dictionary:
            text = fold(_TURKISH.sub("tch", word.lower()).translate(_SOUNDED))
        phones, why = self._spoken(text)
        return romanized.accented(word.lower(), phones, why == "letters to sound"), why

    def _spoken(self, text: str) -> tuple[Phones, str]:
        phones = self._dictionary.get(text)
        if phones is not None:
            return phones, "dictionary"
        found = self._heteronyms.find(text)
        if found is not None:
            return found[0], f"heteronym: {found[1]}"
        owner = morphology.possessive(text)
        if owner is not None:
            stem, suffix = owner
            base = self._known(stem)[0]
            if base:
                return morphology.inflect(base, suffix), f"morphology: {stem}+{suffix}"
        if not text.isalpha():
            plain = text.replace("'", "")
            if plain != text and self._is_known(plain):
                return self._known(plain)  # Hawai'i, O'ahu
            parts = [part for part in re.split(r"[^a-z]+", text) if part]
            if len(parts) == 1:
                return self._known(parts[0])
            if len(parts) == 2 and parts[0] in ("d", "l") and parts[1][0] in "aeiouyh":  # d'Artagnan
                return (parts[0], *self._known(parts[1])[0]), f"parts: {parts[0]}'+{parts[1]}"
            return tuple(p for part in parts for p in self._known(part)[0]), "parts: " + "+".join(parts)
        if len(text) == 1:
            return LETTER_PHONES[text], "letter"
        if not any(c in VOWEL_LETTERS for c in text):
            if len(text) > 2 and text.endswith("s") and self._technical is not None:
                return morphology.plural(self.spell(text[:-1])), "letters"
            return self.spell(text), "letters"
        if text.startswith(("caec", "caes")):  # the c before ae is soft: caecostomy
            return self._known("ce" + text[3:])
        if "aemi" in text:  # glycaemia
            phones, why = self._known(text.replace("aemi", "emi"))
            at = max((i for i, two in enumerate(pairwise(phones)) if two == ("eh1", "m")), default=-1)
            return (phones if at < 0 else (*phones[:at], "iy1", *phones[at + 1 :])), why  # uraemic
        american = british.american(text, self._dictionary.get)
        if american is not None:
            return american[0], f"spelled {american[1]}"
        plain = british.greek(text)
        if plain != text:  # palaeolithic
            return self._known(plain)
        whole = self._stem(text + "g") if text.endswith("in") and len(text) > 4 else None
        if whole is not None and whole[-1] == "ng":
            return (*whole[:-1], "n"), f"short for {text}g"
        made = morphology.inflected(text, self._stem)
        if made is not None:
            return made[0], f"morphology: {made[1]}"
        ise = _BRITISH_ISE.fullmatch(text)
        if ise:  # the letters alone would end in s
            return self._known(f"{ise[1]}iz{ise[2]}")
        elsewhere = romanized.whole(text)
        if elsewhere is not None:
            return elsewhere
        spelled = lettered.parts(text, self._stem)
        if spelled is not None:
            parts = [part for part in spelled if part]
            phones = _joined([self._stem(part) or self.spell(part) for part in parts])
            return phones, "letters: " + "+".join(parts)
        model = self._letters_to_sound()
        guesses = [(model.doubt(text, joined), joined, how) for joined, how in morphology.made_of(text, self._stem)]
        if guesses:
            doubt, joined, how = min(guesses, key=lambda guess: (guess[0], one_stress(guess[1])))
            if doubt <= FIT:
                return joined, f"morphology: {how}"
        phones = model.phones(text)
        return (romanized.mended(text, phones), "letters to sound") if phones else (self.spell(text), "letters")

    def _stem(self, word: str) -> Phones | None:
        spoken = self._technical.find(word) if self._technical is not None else None
        if spoken is not None and spoken.phones:
            return spoken.phones
        return self._dictionary.get(word)

    def _letters_to_sound(self) -> LetterToSound:
        if self._model is None:
            # Brings numpy, which most texts need not wait for.
            from speechd_neural.text.english.pronounce.g2p import LetterToSound

            self._model = LetterToSound()
        return self._model


def _joined(parts: list[Phones]) -> Phones:
    """One word of letters' names and words: the stress is on the last."""
    return tuple(phone for part in parts[:-1] for phone in demoted(part)) + parts[-1] if parts else ()


def _is_spelled(spoken: Spoken) -> bool:
    return not spoken.phones and not spoken.words


def fold(word: str) -> str:
    """Lower case, apostrophes made plain, accents taken off: "Café" -> "cafe". Other scripts stay as they are."""
    text = word.translate(_APOSTROPHES).lower()
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text.translate(_FOLDED))
    return "".join(c for c in text if not unicodedata.combining(c)).translate(_APOSTROPHES)
