"""Two numbers with a mark between them that are no fraction and no time: [12/40], PATCH 2/7, John 3:16."""

from __future__ import annotations

from math import gcd

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import amount, cardinal
from speechd_neural.text.english.normalize.rules import Place, Reading, pattern, read, words_of
from speechd_neural.text.english.normalize.units import unit_after
from speechd_neural.text.token import Token

_PART = re.compile(r"([0-9]{1,7})/([0-9]{1,7})(?:(?=[KMGT]i?B(?!\w))|(?![\w/%]|[.,:-][0-9]|-\w))")
_PATCH = re.compile(r"\b(?:PATCH|RFC|PULL)(?:\s{1,2}(?:[A-Za-z][\w-]{0,20}|v[0-9]+)){0,2}\s{1,2}\Z")
# Of these there are so many of so many, before the two numbers ...
_BEFORE = words_of(
    "wave quest floor cd unread online read pods replicas shards nodes workers votes points seats lap laps round rounds"
    " level levels"
    " batch epoch iteration stage phase volume disc disk game set match day week"
    " attempt try retry player pic photo image message sms email mail tweet thread chunk segment block frame lesson unit"
    " section sheet copy task test case job package packages installing downloading downloaded uploading uploaded"
    " loading loaded copying copied processing processed progress compiling building checking unpacking ready done"
    " completed passed failed health hp lives mana ammo steps tests files parts tasks items pages slides tracks"
    " questions episodes season part step hole inning period leg heat verse layer pass volumes chapters scanning"
    " syncing synced indexing converting rendering encoding exporting importing fetching cloning receiving sending"
    " writing reading verifying updating removing deleting moving sets reps"
)
# ... or behind them.
_BEHIND = re.compile(
    r"\s{1,2}(?:[a-z]{3,12}\s)?(?:sections|tests|files|items|steps|tasks|pages|chapters|lessons|packages|chunks|parts|players|people"
    r"|users|members|votes|points|questions|answers|episodes|seats|slots|checks|jobs|builds|photos|images|messages|nodes|pods"
    r"|replicas|ready|done|complete|completed|passed|passing|failed|online|connected|available|used|remaining|loaded|installed"
    r"|downloaded|uploaded|selected|correct|finished|active|running|stars|rounds|levels|games|songs|tracks|videos|slides|units"
    r"|credits|courses|modules|objects|deltas|layers|blocks|shards|workers|devices|servers|commits|patches|translated|reviewed"
    r"|followers|participants|lines|rows|cells|entries|records|fields|words|threads|volumes|lights|rooms|beds|tickets|spots)\b",
    re.IGNORECASE,
)
_SHARE_DONE = re.compile(r"\s(?:done|complete|completed|finished|full|empty)\b")
_SHARES_BEFORE = words_of("is was about almost nearly over only just now already are were least than") | {""}
# What is counted in hundreds too, and never divided.
_COUNT_OF = re.compile(
    r"\s?(?=[KMGT]i?B)(?:KB|MB|GB|TB|KiB|MiB|GiB)(?!\w)|\s{1,2}(?:characters|chars|bytes|KB|MB|GB|TB|KiB|MiB|GiB|kB|unread|new|left|free|total|processed|likes"
    r"|credits)(?!\w)"
)
# 1.5/3 GB, 1,500/20,000, 0/280: how much of how much.
_AMOUNTS = pattern(r"(<decimal>)/(<decimal>)(?![\w/%]|[.,:-][0-9]|-\w)")

_OUT_OF = re.compile(r"([0-9][.,][0-9])/(5|10)(?![\w/%.]|,[0-9])")  # what somebody thinks of a film
_SIGNATURE = re.compile(r"([2-9]|1[0-9])/(2|4|8|16)(?=\s(?:time|meter|metre|beat|signature)\b|,?\s(?:♩|♪|𝅗𝅥))")
_END_OF_OPINION = re.compile(r"\s?(?:[.,;!?)]|\Z|(?:for|from|imo|tbh|but|and)\b)")
_GRADED = words_of("score scored rating rated grade mark got scores")
_DWELLING = re.compile(r"\b(?:Unit|Apt|Flat|Villa|Shop|Suite|Lot|Apartment|Townhouse)\.?\s\Z")
_HOUSE_BEHIND = re.compile(r"\s[A-Z][a-z]{2}")
_STREET_BEHIND = re.compile(
    r"(?:\s[A-Z][\w.'’-]{1,15}){1,3}\s(?:St|Street|Rd|Road|Ave|Avenue|Lane|Ln|Nagar|Marg|Gali|Drive|Dr|Parade|Pde|Terrace|Tce|Crescent|Cres"
    r"|Place|Pl|Court|Ct|Way|Hwy|Highway|Close|Layout|Colony|Cross|Main)(?!\w)"
)
_MILES = ((1, 2), (1, 4), (3, 4))  # of a mile to a road
_OPUS = re.compile(r"\b(?:Op|op|Opus|opus)\.?\s?\Z")
_BAR = re.compile(r"\s{0,3}[\[(|]?\s?(?:[█▓▒░▉▊▋▌▍▎▏■□▪▫━─=#>.-]{3}|[0-9]{1,3}(?:\.[0-9]{1,2})?\s?%)")
_MEASURED = re.compile(
    r'\s?(?:of\b|["″”]|(?:an? )?(?:cups?|inch(?:es)?|in|teaspoons?|tablespoons?|tsp|tbsp|miles?|pounds?|lbs?|ounces?|oz|hours?'
    r"|acres?|feet"
    r"|ft|yards?|pints?|quarts?|gallons?|liters?|litres?|kg|g|mm|cm|m|km|ml|l|majority|drill|plywood|pipe|bolt|screw|wrench|socket)\b)"
)

_BOOKS = {
    "gen": "Genesis", "exod": "Exodus", "lev": "Leviticus", "num": "Numbers", "deut": "Deuteronomy", "josh": "Joshua",
    "judg": "Judges", "sam": "Samuel", "kgs": "Kings", "chr": "Chronicles", "chron": "Chronicles", "neh": "Nehemiah",
    "ps": "Psalm",
    "psa": "Psalm", "prov": "Proverbs", "eccl": "Ecclesiastes", "isa": "Isaiah", "jer": "Jeremiah", "lam": "Lamentations",
    "ezek": "Ezekiel", "dan": "Daniel", "hos": "Hosea", "mic": "Micah", "hab": "Habakkuk", "zech": "Zechariah", "mal": "Malachi",
    "matt": "Matthew", "mt": "Matthew", "mk": "Mark", "lk": "Luke", "jn": "John", "rom": "Romans", "cor": "Corinthians",
    "gal": "Galatians", "eph": "Ephesians", "phil": "Philippians", "col": "Colossians", "thess": "Thessalonians",
    "tim": "Timothy",
    "heb": "Hebrews", "jas": "James", "pet": "Peter", "rev": "Revelation", "ex": "Exodus", "tit": "Titus", "philem": "Philemon",
}  # fmt: skip
_WHOLE_BOOKS = words_of(
    "genesis exodus leviticus numbers deuteronomy joshua judges ruth samuel kings chronicles ezra nehemiah esther job"
    " psalm psalms proverbs ecclesiastes isaiah jeremiah lamentations ezekiel daniel hosea joel amos obadiah jonah"
    " micah nahum habakkuk zephaniah haggai zechariah malachi matthew mark luke john acts romans corinthians galatians"
    " ephesians philippians colossians thessalonians timothy titus philemon hebrews james peter jude revelation"
    " revelations sura surah quran qur'an koran verse verses bukhari muslim gita sirach tobit judith maccabees baruch"
    " wisdom songs ayah ayat"
)
_VERSE = re.compile(r"([0-9]{1,3}):([0-9]{1,3})(?:\s?([-–])\s?([0-9]{1,3})(?::([0-9]{1,3}))?)?(?![\w:]|[.,-][0-9])")
_FURTHER = re.compile(
    rf"\b(?:{'|'.join(sorted(_WHOLE_BOOKS))})\.?\s[0-9]{{1,3}}:[0-9]{{1,3}}(?:[-–][0-9]{{1,3}})?[;,]\s(?:[0-9]{{1,3}}:[0-9]{{1,3}}(?:[-–][0-9]{{1,3}})?[;,]\s){{0,2}}\Z",
    re.IGNORECASE,
)
_SURA = re.compile(r"\b[Ss]urah?\s[A-Z][\w'’-]{2,20}\s\(?\Z|(?<!\w)A[lnrstdz]h?(?:-| dash )[A-Z][\w'’-]{2,20}\s\(?\Z")
_NUMBERED_BOOK = re.compile(
    r"(I{1,3})(?=\s(?:Samuel|Kings|Chronicles|Corinthians|Thessalonians|Timothy|Peter|John|Maccabees|Esdras)\s[0-9])"
)
_BOOK = re.compile(rf"({'|'.join(sorted(_BOOKS))})(\.)?(?=\s{{1,2}}[0-9]{{1,3}}:[0-9])|(Ps)\.(?=\s{{1,2}}[0-9])", re.IGNORECASE)
_VERSE_SIGN = re.compile(r"(vv?)\.?(?=\s?[0-9]{1,3}(?!\w))")
_CHAPTER_BEFORE = re.compile(rf"\b(?:ch|chap|chapter|{'|'.join(sorted(_WHOLE_BOOKS))})\.?\s[0-9]{{1,3}},?\s\(?\Z", re.IGNORECASE)
_NOT_VERSES = re.compile(r"\s?(?:[AaPp]\.?[Mm]\b|UTC|GMT|[CE]E?[SD]?T\b)")


def part_count(place: Place) -> Reading:
    """[12/40], (3/8), PATCH 2/7, 5/10 and a bar, 3/10 sections: so many of so many."""
    text, start, before = place
    signature = _SIGNATURE.match(text, start)
    if signature:
        return read(f"{cardinal(int(signature[1]))} {cardinal(int(signature[2]))}", place, signature.end(), "number")
    opus = _OPUS.search(text, max(0, start - 8), start) and _PART.match(text, start)
    if opus:  # Op. 27/2
        words = f"{cardinal(int(opus[1]))} number {cardinal(int(opus[2]))}"
        return read(words, place, opus.end(), "number")
    judged = _OUT_OF.match(text, start)
    if judged and float(judged[1].replace(",", ".")) <= int(judged[2]) and not unit_after(text, judged.end(), False):
        return read(f"{amount(judged[1].replace(',', '.'))} out of {cardinal(int(judged[2]))}", place, judged.end(), "number")
    found = _PART.match(text, start)
    if not found or found[1] == "0":
        return _amounts(place)
    if found[2] == "10" and before.lower() in ("a", "an", "solid", "strong") and _END_OF_OPINION.match(text, found.end()):
        return read(f"{cardinal(int(found[1]))} out of ten", place, found.end(), "number")
    if before.lower() in _GRADED or (start and text[start - 1] in "/."):
        return None
    top, bottom = int(found[1]), int(found[2])
    if top >= bottom and _DWELLING.search(text, max(0, start - 12), start):  # Flat 2/1
        return read(f"{cardinal(top)} slash {cardinal(bottom)}", place, found.end(), "number")
    if (top, bottom) not in _MILES and _STREET_BEHIND.match(text, found.end()):  # 14/3 Nehru Rd
        return read(f"{cardinal(top)} slash {cardinal(bottom)}", place, found.end(), "number")
    if top > bottom or bottom < 2 or (len(found[2]) > 1 and found[2][0] == "0"):
        return None
    patch = _PATCH.search(text, max(0, start - 48), start) is not None
    if found[1][0] == "0" and text[start - 1 : start] not in ("[", "(") and not patch:
        return None  # Reading 01/12
    end = found.end()
    left, right = text[start - 1 : start], text[end : end + 1]
    bracketed = (left == "[" and right == "]") or (
        left == "(" and right == ")" and not text[end + 1 : end + 2].isalnum() and not _MEASURED.match(text, end + 1)
    )
    dwelling = _DWELLING.search(text, max(0, start - 12), start) and _HOUSE_BEHIND.match(text, end)
    if dwelling:  # Unit 7/45 Bourke St
        return [Token(cardinal(top), (start, found.end(1)), "number", ","), Token(cardinal(bottom), found.span(2), "number")]
    counted = (
        bracketed
        or _COUNT_OF.match(text, end) is not None
        or before.lower().rstrip(":") in _BEFORE
        or patch
        or _BAR.match(text, end) is not None
        or (_BEHIND.match(text, end) is not None and not _MEASURED.match(text, end))
    )
    if not counted:
        # No one writes a fraction of this form: 3/12, 5/10.
        unusual = found[1][0] != "0" and gcd(top, bottom) > 1 and top != bottom and 4 < bottom <= 40 and bottom not in (16, 32)
        if not unusual or _MEASURED.match(text, end) or (bottom == 8 and top % 3 == 0):
            return None
        if text[start - 2 : start - 1].isdecimal() and left in (" ", "-"):
            return None
    share = found[0] in ("1/2", "1/3", "2/3", "1/4", "3/4") and not bracketed and before.lower() in _SHARES_BEFORE
    if share and _SHARE_DONE.match(text, end):  # it is 2/3 done
        return None
    words = f"{cardinal(top)} of {cardinal(bottom)}"
    unit = unit_after(text, end, False) if _COUNT_OF.match(text, end) else None
    return read(f"{words} {unit[0]}", place, unit[1], "measure") if unit else read(words, place, end, "number")


def _amounts(place: Place) -> Reading:
    """1.5/3 GB, 1,500/20,000, 0/280."""
    text, start, _ = place
    found = _AMOUNTS.match(text, start)
    if not found or (start and text[start - 1] in "/."):
        return None
    first, last = (float("".join(part.replace(",", "").split())) for part in found.groups())
    plain = "." not in found[0] and "," not in found[0]
    if first > last or last < 2 or (plain and first) or (plain and len(found[2]) > 1 and found[2][0] == "0"):
        return None
    if not plain and not ("," in found[1] and "," in found[2]) and not _COUNT_OF.match(text, found.end()):
        return None
    words = f"{amount(found[1])} of {amount(found[2])}"
    unit = unit_after(text, found.end(), False)
    return read(f"{words} {unit[0]}", place, unit[1], "measure") if unit else read(words, place, found.end(), "number")


def verse(place: Place) -> Reading:
    """John 3:16, Psalm 23:1-4, Genesis 1:1–2:3: chapter and verse."""
    text, start, _ = place
    found = _VERSE.match(text, start)
    if not found or _NOT_VERSES.match(text, found.end()):
        return None
    before = place.before.lower()
    near = text[max(0, start - 2) : start].strip()[-1:]
    if before not in _WHOLE_BOOKS or near not in tuple("abcdefghijklmnopqrstuvwxyz."):
        further = text[max(0, start - 48) : start]
        if not (_SURA.search(further) or (near in (";", ",") and _FURTHER.search(further))):
            return None
    chapter, words = int(found[1]), cardinal(int(found[2]))
    if found[4]:
        words += f" to {cardinal(int(found[4]))}" + (f" {cardinal(int(found[5]))}" if found[5] else "")
    if chapter % 10 == 0 and chapter > 10 and int(found[2]) < 10:  # a pause: Exodus 20:3 is not Exodus 23
        head = Token(cardinal(chapter), (start, found.end(1)), "number", ",")
        return [head, Token(words, (found.start(2), found.end()), "number")]
    return read(f"{cardinal(chapter)} {words}", place, found.end(), "number")


def book(place: Place) -> Reading:
    """Gen, Matt., 1 Cor: a book of the Bible before chapter and verse; the v. of ch. 4, v. 12."""
    sign = _VERSE_SIGN.match(place.text, place.start)
    if sign and _CHAPTER_BEFORE.search(place.text, max(0, place.start - 24), place.start):
        return read("verses" if sign[1] == "vv" else "verse", place, sign.end(), "abbreviation")
    numbered = _NUMBERED_BOOK.match(place.text, place.start)
    if numbered:
        return read(cardinal(len(numbered[1])), place, numbered.end(), "number")
    found = _BOOK.match(place.text, place.start)
    name = (found[1] or found[3]) if found else ""
    return read(_BOOKS[name.lower()], place, found.end(), "abbreviation") if found and name[0].isupper() else None


WORDS = frozenset(_BOOKS) | {"i", "ii", "iii", "v", "vv"}
