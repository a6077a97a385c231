"""Names of medicines by their ends, which tell a doctor what kind they are, and where the stress is.

The ends are the common stems of the World Health Organization's list of nonproprietary names; how they are said is as in American
dictionaries of medicine: lo-SAR-tan, o-MEP-ra-zole, niv-OL-u-mab.
"""

from __future__ import annotations

from speechd_neural.text.english.symbols import demoted
from speechd_neural.types import Phones

# "^": the vowel before the end is the stressed one.
_ENDS_TEXT = """
afil ^ ax f ih2 l|amivir ae1 m ih0 v ih2 r|asteride ae1 s t er0 ay2 d|azepam ae1 z ax p ae2 m|buvir ^ b y uw0 v ih2 r
cetirizine s ax t ih1 r ax z iy2 n|ciclib s ay1 k l ih0 b|ciclovir s ay1 k l ow0 v ih2 r|cillin s ih1 l ih0 n
citabine s ay1 t ax b iy2 n|conazole k aa1 n ax z ow2 l|cycline s ay1 k l iy2 n|dipine ^ d ih0 p iy2 n
dronate ^ d r ax n ey2 t|faxine f ae1 k s iy2 n|fibrate f ay1 b r ey2 t|floxacin f l aa1 k s ax s ih0 n
gabalin g ae1 b ax l ih0 n|gepant ^ jh ax p ae2 n t|gliflozin g l ih0 f l ow1 z ih0 n|gliptin g l ih1 p t ih0 n
glitazone g l ih1 t ax z ow2 n|glutide g l uw1 t ay2 d|imab ^ ih0 m ae2 b|lukast l uw1 k ae2 s t|mycin m ay1 s ih0 n
nidazole n ay1 d ax z ow2 l|olol ^ ax l ao2 l|oxetine aa1 k s ax t iy2 n|parib ^ p er0 ih0 b|peridone p eh1 r ih0 d ow2 n
platin p l ae1 t ih0 n|prazole ^ p r ax z ow2 l|rubicin r uw1 b ih0 s ih0 n|sartan s aa1 r t ae2 n|semide ^ s ax m ay2 d
setron ^ s ax t r aa2 n|sonide ^ s ax n ay2 d|statin s t ae1 t ih0 n|taxel t ae1 k s ax l|tecan t iy1 k ae2 n
tegravir t eh1 g r ax v ih2 r|terol ^ t er0 ao2 l|tidine ^ t ih0 d iy2 n|tinib ^ t ih0 n ih0 b|trexate t r eh1 k s ey2 t
triptan t r ih1 p t ae2 n|triptyline t r ih1 p t ax l iy2 n|tropium t r ow1 p iy0 ax m|umab ^ y uw0 m ae2 b
xaban ^ k s ax b ae2 n|zapine ^ z ax p iy2 n|citinib s ay1 t ih0 n ih0 b|domide ^ d ax m ay2 d|gatran ^ g ax t r ae2 n
grelor ^ g r ax l ao2 r|lutamide l uw1 t ax m ay2 d|prazine ^ p r ax z iy2 n|terone ^ t er0 ow2 n
"""
_ROWS = _ENDS_TEXT.replace("\n", "|").split("|")
_ENDS = {end: tuple(sounds.split()) for end, _, sounds in (row.partition(" ") for row in _ROWS)}
_LOUD = {"a": "ae1", "e": "eh1", "i": "ih1", "o": "aa1", "u": "uw1", "y": "ay1"}
_SHORTEST, _LONGEST = 4, 10  # letters of an end


def stressed(word: str, phones: Phones) -> Phones:
    """What the letters have said of a word in small letters, with the sounds of such an end where it has one."""
    for length in range(min(_LONGEST, len(word) - 3), _SHORTEST - 1, -1):
        sounds = _ENDS.get(word[-length:])
        stem = _stem(phones, sounds) if sounds else None
        if sounds and stem:
            return _joined(word[:-length], stem, sounds)
    return phones


def _is_vowel(phone: str) -> bool:
    return phone[-1].isdigit() or phone == "ax"


def _stem(phones: Phones, sounds: Phones) -> Phones | None:
    """The phones before the end: as many vowels as it has, and the consonants that it begins with, are left out."""
    sounds = sounds[1:] if sounds[0] == "^" else sounds
    vowels = [i for i, phone in enumerate(phones) if _is_vowel(phone)]
    count = sum(map(_is_vowel, sounds))
    if len(vowels) <= count:
        return None
    first = next(i for i, phone in enumerate(sounds) if _is_vowel(phone))
    at = vowels[-count] - first
    if sounds[:2] == ("y", "uw0"):  # the y is not always there: adalimumab, trastuzumab
        at = vowels[-count] - (phones[vowels[-count] - 1] == "y")
        return phones[:at]
    return phones[:at] if phones[at : at + first] == sounds[:first] else None


def _joined(written: str, stem: Phones, sounds: Phones) -> Phones:
    stem = demoted(stem)
    if sounds[0] != "^":
        return (*stem, *sounds)
    sounds = sounds[1:]
    if sounds[0] == "y" and stem[-1] not in ("l", "n", "b", "m", "k", "p", "g", "v", "f"):
        sounds = sounds[1:]
    at = max((i for i, phone in enumerate(stem) if _is_vowel(phone)), default=0)
    letter = next((letter for letter in reversed(written) if letter in _LOUD), "a")
    loud = _LOUD[letter] if stem[at] in ("ax", "ih0", "iy0", "uh0", "aa0", "ow0") else stem[at][:-1] + "1"
    return (*stem[:at], loud, *stem[at + 1 :], *sounds)
