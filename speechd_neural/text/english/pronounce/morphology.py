"""Words made of a known word and an affix, or of two known words: pronounced from their parts.

English allomorphs (Quirk et al., "A Comprehensive Grammar of the English Language", 3.5, 5.80): the plural,
the possessive and the third person are s, z or ax z; the past is t, d or ax d, by the last sound of the stem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from speechd_neural import expressions as re
from speechd_neural.text.english.symbols import demoted
from speechd_neural.types import Phones

Lookup = Callable[[str], Phones | None]

_SINGLE = re.compile(r"[^aeiou]*(?<!q)[aeiou][bcdfgklmnprstvz]")  # one syllable that ends in one consonant behind one vowel

SIBILANTS = frozenset(("s", "z", "sh", "zh", "ch", "jh"))
VOICELESS = frozenset(("p", "t", "k", "f", "th", "s", "sh", "ch", "hh"))

# suffix -> phones after the stem; the stem's own spelling changes are tried by `stems`.
_SUFFIXES: tuple[tuple[str, str], ...] = (
    ("ing", "ih0 ng"),
    ("ings", "ih0 ng z"),
    ("able", "ax b ax l"),
    ("ably", "ax b l iy0"),
    ("ability", "ax b ih1 l ax t iy0"),
    ("er", "er0"),
    ("ers", "er0 z"),
    ("ness", "n ax s"),
    ("less", "l ax s"),
    ("ful", "f ax l"),
    ("fully", "f ax l iy0"),
    ("ly", "l iy0"),
    ("ment", "m ax n t"),
    ("ments", "m ax n t s"),
    ("ish", "ih0 sh"),
    ("ism", "ih2 z ax m"),
    ("ist", "ax s t"),
    ("ists", "ax s t s"),
    ("ize", "ay2 z"),
    ("ized", "ay2 z d"),
    ("izing", "ay2 z ih0 ng"),
    ("izer", "ay2 z er0"),
    ("izable", "ay2 z ax b ax l"),
    ("ship", "sh ih2 p"),
    ("shire", "sh er0"),
    ("hood", "hh uh2 d"),
    ("wise", "w ay2 z"),
    ("ward", "w er0 d"),
    ("like", "l ay2 k"),
    ("proof", "p r uw2 f"),
    ("y", "iy0"),
)

_PREFIXES: tuple[tuple[str, str], ...] = (
    ("un", "ah2 n"),
    ("re", "r iy0"),
    ("non", "n aa2 n"),
    ("pre", "p r iy0"),
    ("de", "d iy0"),
    ("dis", "d ih0 s"),
    ("mis", "m ih0 s"),
    ("sub", "s ah2 b"),
    ("anti", "ae2 n t iy0"),
    ("auto", "ao2 t ow0"),
    ("bio", "b ay2 ow0"),
    ("co", "k ow2"),
    ("counter", "k aw2 n t er0"),
    ("crypto", "k r ih2 p t ow0"),
    ("cyber", "s ay2 b er0"),
    ("eco", "iy2 k ow0"),
    ("electro", "ih0 l eh2 k t r ow0"),
    ("ex", "eh2 k s"),
    ("extra", "eh2 k s t r ax"),
    ("geo", "jh iy2 ow0"),
    ("giga", "g ih2 g ax"),
    ("hyper", "hh ay2 p er0"),
    ("inter", "ih2 n t er0"),
    ("intra", "ih2 n t r ax"),
    ("kilo", "k ih2 l ax"),
    ("macro", "m ae2 k r ow0"),
    ("mega", "m eh2 g ax"),
    ("meta", "m eh2 t ax"),
    ("micro", "m ay2 k r ow0"),
    ("mid", "m ih2 d"),
    ("mini", "m ih2 n iy0"),
    ("mono", "m aa2 n ow0"),
    ("multi", "m ah2 l t iy0"),
    ("nano", "n ae2 n ow0"),
    ("neuro", "n uh2 r ow0"),
    ("out", "aw2 t"),
    ("over", "ow2 v er0"),
    ("photo", "f ow2 t ow0"),
    ("poly", "p aa2 l iy0"),
    ("post", "p ow2 s t"),
    ("proto", "p r ow2 t ow0"),
    ("pseudo", "s uw2 d ow0"),
    ("psycho", "s ay2 k ow0"),
    ("semi", "s eh2 m iy0"),
    ("super", "s uw2 p er0"),
    ("tele", "t eh2 l ax"),
    ("tera", "t eh2 r ax"),
    ("thermo", "th er2 m ow0"),
    ("trans", "t r ae2 n z"),
    ("ultra", "ah2 l t r ax"),
    ("under", "ah2 n d er0"),
    ("up", "ah2 p"),
)
_SHORT_VERBS = frozenset("arm bag cap do fit fix hit map mix pay pin rig run set tag tie use zip".split())  # unpin, retag
_STRESSED_ENDS = frozenset(("ability",))
# Before a word of one or two syllables these make a compound with the stress of one: microchip, teleport; not microeconomics.
_COMPOUND_TEXT = """
    auto bio counter crypto cyber eco geo giga kilo macro mega micro mid mini mono nano neuro out photo psycho super tele tera
    up
"""
_COMPOUND = frozenset(_COMPOUND_TEXT.split())
# Words that keep the stress behind those: psychometric, geophysics, hydrologic.
_OWN_STRESS = ("ic", "ics", "ical", "ically", "ial", "ional", "ity", "tion", "sion", "ive")
# More first parts of words in -ic.
_LEARNED = frozenset("aero astro cosmo cryo hetero hydro iso litho morpho radio socio spectro stereo".split())

# Words of two or three letters that compounds are made of; longer parts need no list.
SHORT_PARTS_TEXT = """
    add air all app arm art bar bed big bin bit bot box bug bus cam cap car cat cut day doc dog dot dry ear end eye fan far
    fax fix fly for fun gap gas gun hat hot hub ice job key kit lab lap law lib lid log low man map mic mix net new no
    off oil old one out pad pay pen pic pin pop pot pub put ram raw red row run sea set sim sky spy sub sun tab tag tap
    tax tie tip toe top toy two van war way web wet win zip
"""
SHORT_PARTS = frozenset(SHORT_PARTS_TEXT.split())
_PREFIX_WORDS = frozenset(("inter", "intra", "semi", "anti", "multi"))  # the verb "inter" is no part of anything
# Of words with two pronunciations, the one that compounds begin with: windscreen, teardrop, bassline, livestream.
_FIRST_PARTS = {
    "wind": ("w", "ih1", "n", "d"),
    "tear": ("t", "ih1", "r"),
    "bass": ("b", "ey1", "s"),
    "live": ("l", "ay1", "v"),
}
_WEAK_ENDS = frozenset(("man", "men", "land", "lands", "shire"))  # reduced in compounds: Scotland, chairman

# What ends in a, i or o and is no name: mediawiki; but not paso+lini, tie+polo.
_SECOND_TEXT = """
    alpha antenna arena auto banana beta camera cargo cello cola combo data delta demo disco drama echo emoji euro extra fiesta
    formula gamma gecko hero info intro karma kilo limo logo macro mafia mania media memo meta metro micro ninja opera panda patio
    photo piano pizza polka potato promo quota radio ratio retro saga schema sofa solo studio tango taxi tempo tomato turbo
    vanilla video volcano wifi wiki yoga zero zilla
"""
_SECOND_WORDS = frozenset(_SECOND_TEXT.split())


def plural(stem: Phones) -> Phones:
    """The stem with s, z or ax z; without a stem, the letter's name."""
    if not stem:
        return ("eh1", "s")
    if stem[-1] in SIBILANTS:
        return (*stem, "ax", "z")
    return (*stem, "s" if stem[-1] in VOICELESS else "z")


def past(stem: Phones) -> Phones:
    """The stem with t, d or ax d."""
    if stem[-1] in ("t", "d"):
        return (*stem, "ax", "d")
    return (*stem, "t" if stem[-1] in VOICELESS else "d")


def possessive(word: str) -> tuple[str, str] | None:
    """"dog's" -> ("dog", "'s"); "dogs'" -> ("dogs", "'")."""
    if word.endswith("'s") and len(word) > 2:
        return word[:-2], "'s"
    if word.endswith("'") and len(word) > 1:
        return word[:-1], "'"
    return None


CONTRACTIONS = frozenset(("s", "d", "ll", "re", "ve", "m", "ed", "ing"))


def contract(stem: Phones, ending: str) -> Phones:
    """The stem with what follows an apostrophe: 's, 'd, 'll, 're, 've, 'm, 'ing."""
    if ending == "s":
        return plural(stem)
    if ending in ("d", "ed"):
        return (*stem, "ax", "d") if stem[-1] in ("t", "d") else (*stem, "d")
    return stem + {"ll": ("ax", "l"), "re": ("er0",), "ve": ("ax", "v"), "m": ("m",), "ing": ("ih0", "ng")}[ending]


def stems(word: str, suffix: str) -> Iterator[str]:
    """The spellings that the stem of word = stem + suffix may have: walk, hope (hoping), run (running), try (tries)."""
    base = word[: -len(suffix)]
    if len(base) < 2:
        return
    vowel_suffix = suffix[0] in "aeiouy"
    if vowel_suffix and len(base) > 3 and base[-1] == base[-2] and base[-1] not in "aeiouls":
        yield base[:-1]
    silent = vowel_suffix and bool(_SINGLE.fullmatch(base))
    if silent:  # sloped is of slope: of slop it would be slopped
        yield base + "e"
    yield base
    if vowel_suffix:
        doubled = len(base) > 3 and base[-1] == base[-2] and base[-1] in "ls"
        if doubled and base[-1] == "l":  # devilled is of devil, not of Deville; but finessed of finesse
            yield base[:-1]
        if not silent:
            yield base + "e"
        if doubled and base[-1] == "s":
            yield base[:-1]
    if base[-1] == "i" and len(base) > 2:
        yield base[:-1] + "y"


def inflections(word: str) -> Iterator[tuple[str, str]]:
    """(stem, suffix) that -s, -es, -ed, -ing may come from; suffix is one of "s", "ed", "ing"."""
    if word.endswith("is") and len(word) > 5:  # tsunamis
        yield word[:-1], "s"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        if word.endswith("ies") and len(word) > 4:
            yield word[:-3] + "y", "s"
        if word.endswith(("ses", "zes", "xes", "ches", "shes", "oes")):
            yield word[:-2], "s"
        yield word[:-1], "s"
    if word.endswith("ed") and len(word) > 4:
        for stem in stems(word, "ed"):
            yield stem, "ed"
    if word.endswith("ing") and len(word) > 5:
        for stem in stems(word, "ing"):
            yield stem, "ing"


def inflect(stem: Phones, suffix: str) -> Phones:
    """The stem with -s, -ed, -ing or a possessive ("'s", "'")."""
    if suffix in ("s", "'s"):
        return plural(stem)
    if suffix == "'":
        return stem if stem[-1] in SIBILANTS else plural(stem)
    return past(stem) if suffix == "ed" else (*stem, "ih0", "ng")


def inflected(word: str, lookup: Lookup) -> tuple[Phones, str] | None:
    """Phones of a known word with -s, -ed or -ing, and the parts ("walk+ing"); None for other words."""
    for stem, suffix in inflections(word):
        phones = lookup(stem) if len(stem) > 2 else None
        if phones:
            return inflect(phones, suffix), f"{stem}+{suffix}"
    return None


def made_of(word: str, lookup: Lookup) -> Iterator[tuple[Phones, str]]:
    """Phones of an unknown word from an affix and a known word, or two known words, and the parts ("un+mute").

    Each is a guess: "hing+er" is not "hinger". The caller judges how well the phones fit the letters.
    """
    yield from _made_of(word, lookup)
    for stem, suffix in inflections(word):
        for phones, how in _made_of(stem, lookup):
            yield inflect(phones, suffix), f"{how}+{suffix}"


def _made_of(word: str, lookup: Lookup) -> Iterator[tuple[Phones, str]]:
    for rule in (_suffixed, _prefixed):
        found = rule(word, lookup)
        if found:
            yield found
    yield from _compounds(word, lookup)


def _suffixed(word: str, lookup: Lookup) -> tuple[Phones, str] | None:
    for suffix, ending in _SUFFIXES:
        if not word.endswith(suffix) or len(word) < len(suffix) + 3:
            continue
        for stem in stems(word, suffix):
            # A short stem is mostly a chance: "sh" + "er", "kef" + "ir".
            if len(stem) < (4 if len(suffix) < 3 else 3):
                continue
            phones = lookup(stem)
            if phones is None:
                continue
            tail = tuple(ending.split())
            if suffix == "ly" and phones[-1] == "l":
                tail = tail[1:]
            if suffix[0] == "i" and stem.endswith("ic") and phones[-1] == "k":  # asceticism
                phones = (*phones[:-1], "s")
            return (*(demoted(phones) if suffix in _STRESSED_ENDS else phones), *tail), f"{stem}+{suffix}"
    return None


def _prefixed(word: str, lookup: Lookup) -> tuple[Phones, str] | None:
    for prefix, start in _PREFIXES:
        rest = word[len(prefix) :]
        least = 4 if prefix in ("un", "re") else 5 if len(prefix) < 3 else 4
        if not word.startswith(prefix) or not (len(rest) >= least or (least == 4 and rest in _SHORT_VERBS)):
            continue
        phones = lookup(rest)
        ending = ""
        if phones is None:
            inner = inflected(rest, lookup) or _suffixed(rest, lookup)
            if inner is None:
                continue
            phones, ending = inner
        return _with_prefix(prefix, tuple(start.split()), phones, rest), f"{prefix}+{ending or rest}"
    return None


def _with_prefix(prefix: str, start: Phones, phones: Phones, rest: str) -> Phones:
    vowels = [phone for phone in phones if phone[-1].isdigit() or phone == "ax"]
    short = len(vowels) < 3 and vowels[:1] != ["ax"] and vowels[0][-1] != "0"
    if prefix in _COMPOUND and short and not rest.endswith(_OWN_STRESS):
        return (*(phone[:-1] + "1" if phone[-1] == "2" else phone for phone in start), *demoted(phones))
    return (*start, *phones)


def _is_romance(part: str) -> bool:
    return part[-1] in "aio" and part[-2] not in "eo" and part not in _SECOND_WORDS


def _compounds(word: str, lookup: Lookup) -> Iterator[tuple[Phones, str]]:
    for cut in range(3, len(word) - 2):
        left, right = word[:cut], word[cut:]
        if right in _WEAK_ENDS or any(len(part) == 3 and part not in SHORT_PARTS for part in (left, right)):
            continue
        if left in _PREFIX_WORDS or _is_romance(right):
            continue
        first = _FIRST_PARTS.get(left) or lookup(left)
        second = (_FIRST_PARTS["wind"] if right == "wind" else lookup(right)) if first else None  # tailwind
        if first and second:
            learned = left in _LEARNED and right.endswith(_OWN_STRESS)
            yield (*demoted(first), *second) if learned else (*first, *demoted(second)), f"{left}+{right}"
