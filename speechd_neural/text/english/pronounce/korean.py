"""Korean names in the romanization of the year 2000 and as people write their own: Jeonghan, Seokjin, Gyeonggi.

`korean("jeonghan")`: the nearest English sounds, syllable by syllable, of what can hardly be anything else.
"""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.types import Phones

_INITIALS = {
    "kk": "k", "tt": "t", "pp": "p", "ss": "s", "jj": "jh", "ch": "ch", "sh": "sh", "g": "g", "n": "n", "d": "d", "r": "r",
    "l": "l", "m": "m", "b": "b", "s": "s", "j": "jh", "k": "k", "t": "t", "p": "p", "h": "hh", "": "",
}  # fmt: skip
# In an open syllable, and before a consonant; the vowel carries the stress, "*".
_VOWELS = {
    "yeo": ("y ah*", "y ah*"), "yae": ("y ey*", "y eh*"), "wae": ("w ey*", "w eh*"), "woo": ("w uw*", "w uw*"),
    "yoo": ("y uw*", "y uw*"), "eo": ("ah*", "ah*"), "ae": ("ey*", "ey*"), "oe": ("w ey*", "w eh*"), "eu": ("uh*", "uh*"),
    "ui": ("iy*", "iy*"), "oo": ("uw*", "uw*"), "ee": ("iy*", "iy*"), "wi": ("w iy*", "w iy*"), "wo": ("w ow*", "w aa*"),
    "wa": ("w aa*", "w aa*"), "ya": ("y aa*", "y aa*"), "yo": ("y ow*", "y ow*"), "yu": ("y uw*", "y ah*"),
    "ye": ("y eh*", "y eh*"), "a": ("aa*", "aa*"), "o": ("ow*", "ow*"), "u": ("uw*", "uw*"), "e": ("ey*", "eh*"),
    "i": ("iy*", "ih*"),
}  # fmt: skip
_BEFORE_NG = {"yeo": "y ao*", "eo": "ao*", "o": "ao*", "u": "ah*"}  # Pyeongchang, Daesung
_INITIAL, _VOWEL = ("|".join(sorted(filter(None, names), key=len, reverse=True)) for names in (_INITIALS, _VOWELS))
_SYLLABLE = re.compile(f"({_INITIAL}|)({_VOWEL})(ng|[nmklpt]|)(?=(?:(?:{_INITIAL}|[wy])[aeiouwy]|[aeiou]|$))")
_TELLING = re.compile("eong|yeo|[jhs]eok|jeon|cheon|seon(?=[gnjhbsw])|beom|heon|geon(?=[ghjtw])|[sn]eung|hyung?|hyuk|[gk]yung")
_LONGEST = 16  # letters of three syllables


def korean(word: str) -> Phones | None:
    """Phones of a word in small letters of two or three syllables of Korean; None for any other."""
    if len(word) > _LONGEST or word[0] == "l" or not _TELLING.search(word):
        return None
    syllables: list[str] = []
    at = 0
    while at < len(word):
        found = _SYLLABLE.match(word, at)
        if found is None or len(syllables) == 3:
            return None
        initial, vowel, final = found[1], found[2], found[3]
        sound = _BEFORE_NG.get(vowel) if final == "ng" else None
        sound = sound or _VOWELS[vowel][bool(final)]
        syllables.append(f"{_INITIALS[initial]} {sound} {final}")
        at = found.end()
    if len(syllables) < 2:
        return None
    first = [phone for syllable in syllables[:-1] for phone in syllable.replace("*", "2").split()]
    return (*first, *syllables[-1].replace("*", "1").split())
