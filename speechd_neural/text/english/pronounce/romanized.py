"""Names that are written by the rules of another language's romanization, which the letters of English do not tell.

Chinese in Hanyu Pinyin: `chinese("qiang")`; the values are the nearest English ones. Ends and letters of other languages, whose
marks are not written: Japanese -suke, Slavic -ović, Turkish -oğlu, Portuguese -inho. Korean has a file of its own.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from speechd_neural import expressions as re
from speechd_neural.text.english.pronounce import medicines
from speechd_neural.text.english.pronounce.korean import korean
from speechd_neural.text.english.symbols import demoted
from speechd_neural.types import Phones

_INITIALS = {
    "b": "b", "p": "p", "m": "m", "f": "f", "d": "d", "t": "t", "n": "n", "l": "l", "g": "g", "k": "k", "h": "hh", "j": "jh",
    "q": "ch", "x": "sh", "zh": "jh", "ch": "ch", "sh": "sh", "r": "r", "z": "z", "c": "t s", "s": "s", "y": "y", "w": "w",
    "": "",
}  # fmt: skip
# The vowel carries the stress, "*".
_FINALS = {
    "a": "aa*", "ai": "ay*", "an": "aa* n", "ang": "aa* ng", "ao": "aw*", "e": "ah*", "ei": "ey*", "en": "ah* n", "eng": "ah* ng",
    "i": "iy*", "ia": "y aa*", "ian": "y eh* n", "iang": "y aa* ng", "iao": "y aw*", "ie": "y eh*", "in": "ih* n",
    "ing": "ih* ng", "iong": "y uh* ng", "iu": "y ow*", "o": "ow*", "ong": "uh* ng", "ou": "ow*", "u": "uw*", "ua": "w aa*",
    "uai": "w ay*", "uan": "w aa* n", "uang": "w aa* ng", "ue": "w eh*", "ui": "w ey*", "un": "uh* n", "uo": "w ow*",
}  # fmt: skip
_AS_WRITTEN = {"yi": "iy*", "yan": "y eh* n", "yuan": "y uw0 aa* n", "yue": "y uw0 eh*", "er": "er*"}
_INITIAL, _FINAL = (f"(?:{'|'.join(sorted(filter(None, names), key=len, reverse=True))})" for names in (_INITIALS, _FINALS))
_SYLLABLE = re.compile(f"({_INITIAL})({_FINAL})")
# What hardly any other language has: at least one of these, in one word of one to three such syllables.
_TELLING = re.compile(
    "zh|^x[iu]|[ng]xi|x(?=iao|ian|iu|uan|ue)|q(?=i)|iao|[cs]hao|hao[ynr]|iang|(?<!q)uang|^ji[ae]|ji[ae]$|junhui|junwei|[aeioung]hui$"
    "|^hui[b-df-gj-np-rtw-z]|^yi[b-df-hj-np-tw-z]|yu(?=an|e)|(?<=.)wei"
)
_SUKE = re.compile(r"[a-z]+[aeioun]suke")
_VIC = re.compile("[a-z]+(?:[aeo]v|[cjk])ic")
_SOFT = re.compile("[vl]j(?=[aou]|e[^e])")
_FULL_E = re.compile("[a-z]*[aeiouy][a-z]*[bdfgklmnprstvz]e")  # Asake; those of Greek, as in Terpsichore, keep ee
_ACUTE = re.compile(".*([áéíóú])[ns]?")
_ACUTE_SOUNDS = {"á": "aa1", "é": "eh1", "í": "iy1", "ó": "ow1", "ú": "uw1"}
_GREEK = re.compile("ph|th|ch|rh|ps|y|^eu|[oa]pe$|cle$|ade$")
_LONGEST = 18  # letters of three syllables


def whole(word: str) -> tuple[Phones, str] | None:
    """Phones of a word in small letters that is written by such rules from end to end, and by which; None for others."""
    sounds = chinese(word)
    if sounds is not None:
        return sounds, "Pinyin"
    sounds = korean(word)
    return None if sounds is None else (sounds, "Korean")


def chinese(word: str) -> Phones | None:
    """Phones of a word in small letters that is Pinyin, and could hardly be anything else; None for others."""
    if len(word) > _LONGEST or not _TELLING.search(word):
        return None
    syllables = _syllables(word)
    if syllables is None:
        return None
    found = [phone for syllable in syllables[:-1] for phone in syllable.replace("*", "2").split()]
    return (*found, *syllables[-1].replace("*", "1").split())


@lru_cache(64)
def _syllables(word: str, left: int = 3) -> tuple[str, ...] | None:
    """The sounds of its syllables, the longest ones first; None where it cannot be cut so."""
    if not word:
        return ()
    if not left:
        return None
    for length in range(min(6, len(word)), 0, -1):
        sounds = _sounds(word[:length])
        rest = _syllables(word[length:], left - 1) if sounds else None
        if sounds and rest is not None:
            return (sounds, *rest)
    return None


def _sounds(syllable: str) -> str | None:
    if syllable in _AS_WRITTEN:
        return _AS_WRITTEN[syllable]
    whole = _SYLLABLE.fullmatch(syllable)
    if whole is None or (whole[1] in "jqx" and whole[2][0] not in "iu"):
        return None
    return f"{_INITIALS[whole[1]]} {_FINALS[whole[2]]}"


def accented(word: str, phones: Phones, guessed: bool) -> Phones:
    """The phones with what an accent on the last vowel tells; `guessed`: the letters alone said them."""
    if word[-1] == "é":  # never silent: exposé, Mbappé
        if not _is_vowel(phones[-1]):
            return (*phones, "ey1")
        return (*phones[:-1], "ey1") if phones[-1].startswith("iy") else phones
    marked = _ACUTE.fullmatch(word) if guessed else None
    vowels = [i for i, phone in enumerate(phones) if _is_vowel(phone)]
    if not marked or len(vowels) < 2:
        return phones
    last = vowels[-1]  # Pachón, Chocó
    return (*demoted(phones[:last]), _ACUTE_SOUNDS[marked[1]], *phones[last + 1 :])


def _is_vowel(phone: str) -> bool:
    return phone[-1].isdigit() or phone == "ax"


def mended(word: str, phones: Phones) -> Phones:
    """What the letters have said of a word, with what other languages' spellings say better: Daisuke, Rakitovic, Asake."""
    phones = medicines.stressed(word, _ended(word, phones))
    if any(one == other for one, other in pairwise(phones)):  # one consonant written twice: Haqqani
        phones = tuple(one for one, other in pairwise((*phones, "")) if one != other)
    if word.startswith("hs") and phones[0] == "s":
        phones = ("sh", *phones[1:])  # Hsinchu
    if "ry" in word:
        phones = _replaced(phones, ("r", "ay", "uw"), ("r", "y", "uw")) if "ryu" in word else phones  # Ryuji
        phones = _replaced(phones, ("r", "ay", "ow"), ("r", "y", "ow")) if word.startswith("ryo") else phones
        phones = _replaced(phones, ("r", "iy", "ow"), ("r", "y", "ow")) if word.startswith("ryo") else phones
    soft = _SOFT.search(word)
    if soft:
        phones = _replaced(phones, (soft[0][0], "jh"), (soft[0][0], "y"))  # Vjosa, Kaljulaid; but not Diljit
    phones = _sounding(phones)
    if word.endswith(("inho", "inha")) and phones[-3] == "n" and phones[-2] in ("hh", "y"):
        phones = (*demoted(phones[:-4]), "iy1", "n", "y", phones[-1])  # Ronaldinho
    return phones


def _ended(word: str, phones: Phones) -> Phones:
    if _SUKE.fullmatch(word) and phones[-1][:2] in ("k", "iy", "ey"):
        stem = phones[:-1] if phones[-1] != "k" else phones
        stem = (*stem[:-2], "k") if stem[-2].startswith("uw") else stem  # the u is not heard
        return (*stem, "ey0")
    if _VIC.fullmatch(word) and phones[-1] == "k":
        before = {"s": "ch", "jh": "y"}.get(phones[-3], phones[-3]) if word[-3] in "cj" else phones[-3]  # Bencic, Spajic
        return (*phones[:-3], before, phones[-2], "ch")
    if word.endswith("chuk") and phones[-1] == "k" and phones[-3] in ("h", "hh", "k", "sh"):
        return (*phones[:-3], "ch", "uh0", "k")  # Kovalchuk
    if word.endswith("oglu") and phones[-3:-1] == ("g", "l"):
        return (*phones[:-3], *phones[-2:])
    if word.endswith("dze") and phones[-1] == "z":
        return (*phones, "ey0")  # Shevardnadze
    if word.endswith("ej") and phones[-1] in ("jh", "zh"):
        return (*phones[:-2], f"ey{phones[-2][-1]}") if phones[-2][-1].isdigit() else phones
    if phones[-1] == "iy0" and _FULL_E.fullmatch(word) and not _GREEK.search(word):
        return (*phones[:-1], "ey0")
    return phones


def _sounding(phones: Phones) -> Phones:
    """An r between two consonants is a vowel, as in Yerba, which the letters sometimes lose: "y r b ah1" -> "y er1 b ax"."""
    for i in range(1, len(phones) - 1):
        alone = phones[i] == "r" and not any(map(_is_vowel, phones[i - 1 : i + 2])) and phones[i + 1] not in ("y", "w", "r", "hh")
        if alone and any(phone[-1] == "1" for phone in phones[:i]):
            return (*phones[:i], "er0", *phones[i + 1 :])
        if alone:
            rest = tuple("ax" if phone == "ah2" else phone.replace("iy2", "iy0") for phone in demoted(phones[i + 1 :]))
            return (*demoted(phones[:i]), "er1", *rest)
    return phones


def _replaced(phones: Phones, old: Phones, new: Phones) -> Phones:
    """The first run of these phones, whatever their stresses, as others; a stress that is lost goes to the next vowel."""
    plain = [phone.rstrip("012") for phone in phones]
    for at in range(len(plain) - len(old) + 1):
        if tuple(plain[at : at + len(old)]) == old:
            marks = [phone[-1] for phone in phones[at : at + len(old)] if phone[-1].isdigit()]
            loudest = next((mark for mark in "120" if mark in marks), "")
            here = tuple(phone + loudest if phone[0] in "aeiou" else phone for phone in new)
            return (*phones[:at], *here, *phones[at + len(old) :])
    return phones
