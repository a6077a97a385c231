"""Which language a stretch of text is in: from tags, and from its script where that leaves no doubt."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from speechd_neural import expressions as re

# First code point of a range, last one, script. Latin and everything not listed is left to the voice.
_RANGES = (
    (0x0370, 0x0373, "greek"), (0x0376, 0x0377, "greek"), (0x037B, 0x037D, "greek"), (0x0386, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"), (0x0531, 0x0559, "armenian"), (0x055B, 0x058A, "armenian"), (0x0591, 0x05F4, "hebrew"),
    (0x0600, 0x06FF, "arabic"), (0x0700, 0x074F, "syriac"), (0x0750, 0x077F, "arabic"), (0x0780, 0x07BF, "thaana"),
    (0x08A0, 0x08FF, "arabic"), (0x0900, 0x097F, "devanagari"), (0x0980, 0x09F1, "bengali"), (0x09F4, 0x09FF, "bengali"),
    (0x0A00, 0x0A7F, "gurmukhi"), (0x0A80, 0x0AFF, "gujarati"), (0x0B00, 0x0B7F, "oriya"), (0x0B80, 0x0BFF, "tamil"),
    (0x0C00, 0x0C7F, "telugu"), (0x0C80, 0x0CFF, "kannada"), (0x0D00, 0x0D7F, "malayalam"),
    (0x0D80, 0x0DFF, "sinhala"), (0x0E00, 0x0E3E, "thai"), (0x0E40, 0x0E7F, "thai"), (0x0E80, 0x0EFF, "lao"),
    (0x0F00, 0x0FFF, "tibetan"),
    (0x1000, 0x109F, "myanmar"), (0x10A0, 0x10FF, "georgian"), (0x1100, 0x11FF, "hangul"),
    (0x1200, 0x139F, "ethiopic"), (0x13A0, 0x13FF, "cherokee"), (0x1780, 0x17DA, "khmer"), (0x17DC, 0x17FF, "khmer"),
    (0x1800, 0x18AF, "mongolian"), (0x1C80, 0x1C8F, "cyrillic"), (0x1C90, 0x1CBF, "georgian"),
    (0x1F00, 0x1FFF, "greek"), (0x2DE0, 0x2DFF, "cyrillic"), (0x2E80, 0x2FDF, "han"), (0x3005, 0x3007, "han"),
    (0x3041, 0x30FF, "kana"), (0x3105, 0x312F, "han"), (0x3131, 0x318E, "hangul"), (0x31F0, 0x31FF, "kana"),
    (0x3400, 0x4DBF, "han"), (0x4E00, 0x9FFF, "han"), (0xA640, 0xA69F, "cyrillic"), (0xA960, 0xA97F, "hangul"),
    (0xAC00, 0xD7FF, "hangul"), (0xF900, 0xFAFF, "han"), (0xFB13, 0xFB17, "armenian"), (0xFB1D, 0xFB4F, "hebrew"),
    (0xFB50, 0xFDFF, "arabic"), (0xFE70, 0xFEFC, "arabic"), (0xFF66, 0xFF9F, "kana"), (0xFFA0, 0xFFDC, "hangul"),
    (0x20000, 0x323AF, "han"),
)  # fmt: skip
_STARTS = [first for first, _, _ in _RANGES]

# The languages written in a script; the first is meant where nothing says otherwise.
LANGUAGES_OF = {
    "greek": ("el",), "armenian": ("hy",), "hebrew": ("he", "yi"), "syriac": ("syr",), "thaana": ("dv",),
    "cyrillic": ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tg", "mn", "tt", "ba", "cv", "uz", "az", "bs"),
    "arabic": ("ar", "fa", "ur", "ps", "ku", "ckb", "sd", "ug", "pa"), "devanagari": ("hi", "mr", "ne", "sa", "kok"),
    "bengali": ("bn", "as", "bpy"), "gurmukhi": ("pa",), "gujarati": ("gu",), "oriya": ("or",), "tamil": ("ta",),
    "telugu": ("te",), "kannada": ("kn",), "malayalam": ("ml",), "sinhala": ("si",), "thai": ("th",), "lao": ("lo",),
    "tibetan": ("bo", "dz"), "myanmar": ("my", "shn"), "georgian": ("ka",), "hangul": ("ko",),
    "ethiopic": ("am", "ti"), "cherokee": ("chr",), "khmer": ("km",), "mongolian": ("mn",),
    "han": ("cmn", "zh", "yue", "ja", "hak", "wuu", "nan"), "kana": ("ja",),
}  # fmt: skip

# Letters that only one language of the script uses.
_TELLTALES = (
    ("cyrillic", re.compile("[іїєґІЇЄҐ]"), "uk"),
    ("cyrillic", re.compile("[ўЎ]"), "be"),
    ("cyrillic", re.compile("[ѓќѕЃЌЅ]"), "mk"),
    ("cyrillic", re.compile("[ђћџЂЋЏљњјЉЊЈ]"), "sr"),
    ("cyrillic", re.compile("[қғңұһәҚҒҢҰҺӘ]"), "kk"),
    ("arabic", re.compile("[ٹڈڑںےۓ]"), "ur"),
    ("arabic", re.compile("[پچژگکی]"), "fa"),
)

_SCRIPTS = "".join(f"{chr(first)}-{chr(last)}" for first, last, _ in _RANGES)
FOREIGN = re.compile(f"[{_SCRIPTS}]")
# A run of foreign letters, with what stands between them and after them that belongs to no script. (?>…) and not a
# possessive quantifier: around a group that one gives wrong matches in Python before 3.11.5.
_RUN = re.compile(
    rf"[{_SCRIPTS}]++(?>(?:[^\w{_SCRIPTS}]{{0,20}}+(?:[0-9٠-٩]{{1,20}}+[^\w{_SCRIPTS}]{{0,20}}+)?[{_SCRIPTS}]++)*)"
    r"[^\w\s<(\[{«“]*+"
)
_GREEK_WORD = re.compile("[\u0370-\u03ff\u1f00-\u1fff]{2}")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
LONGEST = 64  # characters of a tag
_ISO_639_2 = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt",
    "rus": "ru", "ell": "el", "gre": "el", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "ara": "ar",
    "heb": "he", "tha": "th", "hin": "hi", "nld": "nl", "dut": "nl", "swe": "sv", "dan": "da", "nor": "no",
    "fin": "fi", "pol": "pl", "ces": "cs", "cze": "cs", "ukr": "uk", "tur": "tr",
}  # fmt: skip
_SHRUG = "\\_(ツ)_/"  # the face ¯\_(ツ)_/¯ is not Japanese


class Span(NamedTuple):
    """text[start:end] is in `language`; None: the voice's own."""

    start: int
    end: int
    language: str | None


def script(character: str) -> str | None:
    """The script of a letter where it tells something about the language, else None."""
    code = ord(character)
    at = bisect_right(_STARTS, code) - 1
    return _RANGES[at][2] if at >= 0 and code <= _RANGES[at][1] else None


def is_tag(language: str) -> bool:
    """Whether this is a BCP 47 tag as it may stand in a manifest."""
    return len(language) <= LONGEST and _TAG.fullmatch(language) is not None


def tag(language: str | None) -> str | None:
    """A BCP 47 tag in its usual spelling ("en-US"), also of a locale ("en_US.UTF-8"), or None for none, "C" and nonsense."""
    if not language or len(language) > LONGEST:
        return None
    language = language.split(".")[0].split("@")[0]
    if not _TAG.fullmatch(language) or language.lower() in ("null", "und", "zxx", "mul"):
        return None
    primary, *rest = re.split("[-_]", language)
    primary = _ISO_639_2.get(primary.lower(), primary.lower())
    return "-".join([primary, *(part.upper() if len(part) == 2 else part for part in rest)])


def primary(language: str) -> str:
    return language.split("-")[0].lower()


def foreign(language: str | None, own: tuple[str, ...]) -> str | None:
    """The tag of another language than the voice's own ones (primary tags), else None."""
    found = tag(language)
    return None if found is None or primary(found) in own else found


def spans(text: str, tagged: str | None, own: tuple[str, ...]) -> list[Span]:
    """Cut a text where its language changes; the spans cover it without a gap.

    tagged: the foreign language that the whole text is marked as, or None. own: primary tags of the voice's languages.
    A Greek letter by itself is a symbol, not a language: μ = 5, σ = 2.
    """
    if text.isascii() or not FOREIGN.search(text):
        return [Span(0, len(text), tagged)]
    found: list[Span] = []
    position = 0
    for match in _RUN.finditer(text):
        start, end = match.span()
        language = _language(match[0], tagged, own)
        if language is None or primary(language) in own or text[max(0, start - 3) : start + 4] == _SHRUG:
            continue
        if start > position:
            found.append(Span(position, start, tagged))
        if found and found[-1].language == language and found[-1].end == start:
            found[-1] = Span(found[-1].start, end, language)
        else:
            found.append(Span(start, end, language))
        position = end
    if position < len(text):
        found.append(Span(position, len(text), tagged))
    return found


def _language(run: str, tagged: str | None, own: tuple[str, ...]) -> str | None:
    counts: dict[str, int] = {}
    letters = 0
    for character in run:
        if name := script(character):
            counts[name] = counts.get(name, 0) + 1
            letters += 1
    name = "kana" if "kana" in counts else max(counts, key=lambda key: counts[key])
    if tagged is not None and primary(tagged) in LANGUAGES_OF[name]:
        return tagged
    if name == "greek" and (letters == 1 or not _GREEK_WORD.search(run)):
        return None
    for telltale, letters_of, language in _TELLTALES:
        if telltale == name and letters_of.search(run):
            return language
    return next((language for language in LANGUAGES_OF[name] if language in own), LANGUAGES_OF[name][0])
