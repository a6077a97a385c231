"""Written pronunciations to the symbols of the voice: ARPAbet, IPA, X-SAMPA and English respelling.

All parsers return a tuple of `symbols.PHONES` or raise PhonemeError, whose message names the piece that
was not understood, its position (1 = first character) and what is accepted. Stress: a vowel is stressed
where the notation says so, 1 or 2 (secondary); when it marks none, the first vowel is, with 1.

IPA: Handbook of the International Phonetic Association (1999). X-SAMPA: J. C. Wells, "Computer-coding the
IPA" (1995). Sounds that English lacks become the nearest English ones.
"""

from __future__ import annotations

import unicodedata

from speechd_neural import expressions as re
from speechd_neural.text.english.symbols import PHONES, VOWELS

_PHONES = frozenset(PHONES)
_FULL = frozenset(VOWELS)
PRIMARY, SECONDARY = 1, 2


class PhonemeError(ValueError):
    """A written pronunciation that cannot be read."""


# Longest first is arranged below. Values are ARPAbet without stress.
_IPA_TABLE = """
aɪ ay|aʊ aw|eɪ ey|oʊ ow|əʊ ow|ɔɪ oy|t͡ʃ ch|d͡ʒ jh|tʃ ch|dʒ jh|ʧ ch|ʤ jh|t͡s t s|d͡z d z|ɪə ih r|eə eh r|ʊə uh r
aj ay|aw aw|ej ey|ow ow|ɔj oy|ɑɹ aa r|ɔɹ ao r|oɹ ao r|ɪɹ ih r|ɛɹ eh r|ʊɹ uh r|iɹ ih r|uɹ uh r|ɚɹ er|ɝɹ er|əɹ er|ɜɹ er
n̩ ax n|m̩ ax m|l̩ ax l|ŋ̍ ax ng|ɹ̩ er|æ̃ ae n|ɑ̃ aa n|ɔ̃ ao n|ɛ̃ ae n|œ̃ ah n
æ ae|a aa|ɑ aa|ɒ aa|ɔ ao|ʌ ah|ɐ ah|ə ax|ɘ ax|ɵ ax|ɚ er|ɝ er|ɜ er|ɞ er|ɛ eh|e ey|ɪ ih|ᵻ ih|ɨ ih|i iy|o ow|ɤ ah
ʊ uh|ᵿ uh|ʉ uw|u uw|ɯ uw
y uw|ʏ uh|ø er|œ er|ɶ ae
b b|β v|d d|ɖ d|ð dh|f f|ɸ f|ɡ g|g g|ɢ g|ɣ g|h hh|ɦ hh|ħ hh|x k|χ k|ç hh|k k|q k|l l|ɫ l|ɭ l|ʎ l y|ɬ l|m m|ɱ m
n n|ɳ n|ɲ n y|ŋ ng
p p|ɹ r|r r|ɾ t|ɽ r|ʀ r|ʁ r|ɻ r|s s|ʃ sh|ʂ sh|ɕ sh|t t|ʈ t|θ th|v v|ʋ v|w w|ʍ w|ɥ w|j y|ʝ y|z z|ʒ zh|ʐ zh|ʑ zh
c k y|ɟ g y|ʔ _|ʕ _
"""
_XSAMPA_TABLE = """
aI ay|aU aw|eI ey|oU ow|@U ow|OI oy|tS ch|dZ jh|ts t s|dz d z|I@ ih r|e@ eh r|U@ uh r|Ar aa r|Or ao r|or ao r
Ir ih r|Er eh r|Ur uh r
@r er|3r er|@` er|3` er|@`r er|3`r er|n= ax n|m= ax m|l= ax l|r= er|r\\= er|Ar\\ aa r|Or\\ ao r|Ir\\ ih r
Er\\ eh r|Ur\\ uh r|@r\\ er|3r\\ er
{ ae|a aa|A aa|Q aa|O ao|V ah|6 ah|@ ax|3 er|E eh|e ey|I ih|1 ih|i iy|o ow|U uh|} uw|u uw|M uw|7 ah|y uw|Y uh
2 er|9 er
b b|B v|d d|D dh|f f|g g|G g|h hh|x k|X k|C hh|k k|q k|l l|5 l|L l y|K l|m m|F m|n n|J n y|N ng|p p|r\\ r|r r
R r|4 t|s s|S sh|t t|T th|v v|P v
w w|W w|H w|j y|z z|Z zh|c k y|? _
"""
_RESPELLING_TABLE = """
eye ay|igh ay|ay ey|ey ey|ee iy|ea iy|oo uw|ew uw|ue uw|oh ow|oa ow|ow aw|ou aw|oy oy|oi oy|aw ao|au ao|or ao r
ar aa r|air eh r|eer ih r|ear ih r
er er|ur er|ir er|ah aa|eh eh|ih ih|uh ax|uu uh|y ay|tch ch|ch ch|sh sh|zh zh|th th|dh dh|ng ng|nk ng k|ck k
ph f|wh w|kh k|qu k w|x k s
a ae|e eh|i ih|o aa|u ah|b b|c k|d d|f f|g g|h hh|j jh|k k|l l|m m|n n|p p|q k|r r|s s|t t|v v|w w|z z
"""


def _table(text: str) -> list[tuple[str, tuple[str, ...]]]:
    pairs = [entry.rsplit("|")[0].split(" ", 1) for line in text.strip().splitlines() for entry in line.split("|")]
    rows = [(key, tuple(p for p in value.split() if p != "_")) for key, value in pairs]
    return sorted(rows, key=lambda row: -len(row[0]))


_tables: dict[str, tuple[re.Pattern[str], dict[str, tuple[str, ...]]]] = {}


def _matcher(name: str, text: str) -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    if name not in _tables:  # built on first use: most processes never read a written pronunciation
        rows = _table(text)
        _tables[name] = (re.compile("|".join(re.escape(key) for key, _ in rows)), dict(rows))
    return _tables[name]


def _stressed(phones: list[tuple[str, int]]) -> tuple[str, ...]:
    """Phones without digits and the stress of the vowel (0, 1, 2), to symbols."""
    if not any(stress for _, stress in phones):
        first = next((i for i, (p, _) in enumerate(phones) if p in _FULL or p == "ax"), None)
        if first is not None:
            phones[first] = (phones[first][0], PRIMARY)
    out = []
    for phone, stress in phones:
        if phone in ("ax", "ah"):
            out.append(f"ah{stress}" if stress else "ax")
        elif phone in _FULL:
            out.append(f"{phone}{stress}")
        else:
            out.append(phone)
    return tuple(out)


def from_arpabet(text: str) -> tuple[str, ...]:
    """"HH AH0 L OW1" or "hh ax l ow1": CMU phones, stress digits 0-2 after vowels, case is free."""
    phones: list[tuple[str, int]] = []
    marked = False
    for match in re.finditer(r"\S+", text):
        piece = match.group().lower()
        if piece in ("-", ".", "|"):
            continue
        base, digit = (piece[:-1], piece[-1]) if piece[-1] in "012" else (piece, "")
        known = base in _FULL or base == "ax" or (base in _PHONES and not digit)
        if base in ("axr", "dx", "nx", "ix", "ux", "el", "em", "en", "q"):  # the wider ARPAbet of TIMIT
            known = True
        if not known:
            raise PhonemeError(
                f'"{match.group()}" at position {match.start() + 1} is no ARPAbet phone; accepted: '
                "the CMU phones (AA AE AH ... ZH, AX), vowels with a stress digit 0, 1 or 2"
            )
        marked = marked or digit in ("1", "2")
        stress = int(digit or 0)
        spread = {
            "axr": ["er"], "dx": ["t"], "nx": ["n"], "ix": ["ih"], "ux": ["uw"],
            "el": ["ax", "l"], "em": ["ax", "m"], "en": ["ax", "n"], "q": [],
        }.get(base, [base])  # fmt: skip
        for phone in spread:
            phones.append((phone, stress if phone in _FULL or phone == "ax" else 0))
    if not phones:
        raise PhonemeError("no phones; accepted: for example HH AH0 L OW1")
    return _stressed(phones) if not re.search(r"\d", text) or marked else _as_written(phones)


def _as_written(phones: list[tuple[str, int]]) -> tuple[str, ...]:
    # Digits are there and all of them 0: the writer wants no stress.
    return tuple("ax" if p in ("ax", "ah") else p + "0" if p in _FULL else p for p, _ in phones)


def _scan(text: str, name: str, table: str, primary: str, secondary: str, skip: str, accepted: str) -> tuple[str, ...]:
    pattern, values = _matcher(name, table)
    phones: list[tuple[str, int]] = []
    pending = 0
    position = 0
    while position < len(text):
        char = text[position]
        if char in (primary, secondary):
            pending = PRIMARY if char == primary else SECONDARY
            position += 1
            continue
        if char in skip:
            position += 1
            continue
        match = pattern.match(text, position)
        if match is None:
            shown = unicodedata.name(char, "character") if not char.isprintable() else f'"{char}"'
            raise PhonemeError(f"{shown} at position {position + 1} is not understood; accepted: {accepted}")
        for phone in values[match.group()]:
            vowel = phone in _FULL or phone == "ax"
            phones.append((phone, pending if vowel else 0))
            pending = 0 if vowel else pending
        position = match.end()
    if not phones:
        raise PhonemeError(f"no phones; accepted: {accepted}")
    return _stressed(phones)


def from_ipa(text: str) -> tuple[str, ...]:
    """"həˈloʊ": IPA letters; ˈ marks primary, ˌ secondary stress; length, ties, dots, tone and brackets are passed over."""
    text = unicodedata.normalize("NFD", text.strip()).replace("c\u0327", "ç")
    text = re.sub("[\u0361\u035c\u02d0\u02d1\u02b0\u02b2\u02b7\u02e0\u02e4\u02de\u032f\u032a\u033a\u0325\u030a]", "", text)
    text = re.sub("(?<![æɑɔɛœ])\u0303", "", text)
    return _scan(text, "ipa", _IPA_TABLE, "ˈ", "ˌ", " .‿|‖/[]()-_'ʼ˥˦˧˨˩ʹ\u200d\u0301\u0300\u0304", "IPA letters, ˈ ˌ for stress")


def from_xsampa(text: str) -> tuple[str, ...]:
    """"h@"loU": X-SAMPA; " marks primary, % secondary stress."""
    text = re.sub(r"_[a-zA-Z^=~}]|:\\?|~", "", text.strip())
    return _scan(text, "x-sampa", _XSAMPA_TABLE, '"', "%", " .|/[]-'", 'X-SAMPA letters, " and % for stress')


def from_respelling(text: str) -> tuple[str, ...]:
    """"uh-BUN-too": English syllables parted by hyphens or spaces, the stressed one in capitals."""
    pattern, values = _matcher("respelling", _RESPELLING_TABLE)
    phones: list[tuple[str, int]] = []
    for match in re.finditer(r"[^\s\-·.]+", text.strip()):
        syllable = match.group()
        stress = PRIMARY if syllable.isupper() and len(syllable) > 1 else 0
        lower = re.sub(r"([b-df-hj-np-tv-z])\1", r"\1", syllable.lower())
        # "nye", "ice": a final e after vowel and consonant lengthens; the table has no context, so name it here.
        lower = re.sub(r"^([^aeiouy]*)([aiou])([^aeiouyhwr])e$", _long, lower)
        position = 0
        if lower.startswith("y") and len(lower) > 1 and lower[1] in "aeiou":
            phones.append(("y", 0))
            position = 1
        while position < len(lower):
            found = pattern.match(lower, position)
            if found is None:
                raise PhonemeError(
                    f'"{lower[position]}" at position {match.start() + position + 1} is not understood; accepted: '
                    "English syllables such as uh-BUN-too (stressed one in capitals)"
                )
            for phone in values[found.group()]:
                phones.append((phone, stress if phone in _FULL or phone == "ax" else 0))
            position = found.end()
    if not phones:
        raise PhonemeError("no syllables; accepted: English syllables such as uh-BUN-too")
    return _stressed(phones)


def _long(match: re.Match[str]) -> str:
    vowel = {"a": "ay", "i": "igh", "o": "oh", "u": "oo"}[match.group(2)]
    return match.group(1) + vowel + match.group(3)


ALPHABETS = {"ipa": from_ipa, "x-sampa": from_xsampa, "x-arpabet": from_arpabet}


def read(text: str, alphabet: str = "ipa") -> tuple[str, ...]:
    """SSML's <phoneme alphabet=... ph=...>: alphabet "ipa", "x-sampa" or "x-arpabet". Raises PhonemeError."""
    parser = ALPHABETS.get(alphabet.lower().strip())
    if parser is None:
        raise PhonemeError(f'alphabet "{alphabet}" is not known; accepted: {", ".join(ALPHABETS)}')
    return parser(text)


def guess(text: str) -> tuple[str, ...]:
    """A pronunciation in whichever notation it is: /IPA/ or IPA letters, ARPAbet phones, respelling."""
    text = text.strip()
    if text[:1] in "/[" and text[-1:] in "/]" and len(text) > 1:
        return from_ipa(text[1:-1])
    pieces = text.lower().split()
    if not text.isascii():
        return from_ipa(text)
    if pieces and all(p in _PHONES or p in _FULL or (p[-1] in "012" and p[:-1] in (*_FULL, "ax")) for p in pieces):
        return from_arpabet(text)
    if re.search(r"\d", text):
        return from_arpabet(text)  # only ARPAbet has digits: let it say what is wrong
    return from_respelling(text)
