"""Plain numbers, ordinals, sizes and fractions."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.feet import in_quotes
from speechd_neural.text.english.normalize.fractions import FRACTION
from speechd_neural.text.english.normalize.identifiers import spoken
from speechd_neural.text.english.normalize.numbered import SERIAL, plan_or_plane
from speechd_neural.text.english.normalize.numbers import (
    amount,
    cardinal,
    decimal,
    digits,
    fraction,
    number,
    ordinal,
    pair,
    plural,
    year,
)
from speechd_neural.text.english.normalize.ranges import UNMEASURED
from speechd_neural.text.english.normalize.rules import SIGNS, Place, Reading, letters, pattern, read, words_of
from speechd_neural.text.english.normalize.science import FACTOR
from speechd_neural.text.english.normalize.units import sized, unit_after

# After these words a number is a code or a label: digit by digit.
CODE_WORDS = words_of(
    "code pin otp passcode password serial account acct zip extension ext token tracking confirmation isbn"
    " postcode imei iban ssn chmod"
)
_PREPRINT = re.compile(r"[0-9]{4}\.[0-9]{4,5}")
_EMERGENCY = ("911", "411", "999", "112")
_OTHER_EMERGENCY = re.compile(r"\b(?:911|112|999|000|111)\sor\s\Z")
_CODE_BEFORE = re.compile(
    r"\b(?:" + "|".join(sorted(CODE_WORDS)) + r")\.?\s{0,3}(?:number|no\.?|is|was|of|to)?\s{0,3}[:=#]?\s{0,3}\Z"
    r"|\b(?:card|account|acct|a/c|number|visa|mastercard|amex|debit|credit|checking|savings)\.?\s{1,2}(?:that\s{1,2})?end(?:s|ing|ed)\s{1,2}(?:(?:in|with)\s{1,2})?\Z"
    r"|\b4 star\s{1,2}\Z",  # a card whose first digits are hidden
    re.IGNORECASE,
)
_STATES = words_of(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA"
    " RI SC SD TN TX UT VT VA WA WV WI WY DC"
)
_STANDARDS = words_of("rfc iso ieee din cve pep")
# After these words four digits are no year.
LABEL_WORDS = words_of(
    "page pages port line lines room error number no row rows column chapter section item issue bug ticket pid size"
    " id over under about approximately exactly only least most than all total counted totaling"
)
# Before these words four digits are a year, so that even an early one is read as one.
YEAR_WORDS = words_of("in since year by of until till from before after circa around ca summer winter spring")
# A number before these is counted, not a year.
_YEAR_ENDS = re.compile(r"\s?(?:[,;)]|\.?\s?\Z)|\s(?:and|when|by|to|in|with|until|as)\b")  # about 1692, and
_COUNTED = re.compile(
    r"\s(?:people|items?|files?|messages?|pixels?|bytes?|words?|times|points|users|lines|pages|characters|results?"
    r"|million|billion|trillion|thousand|hundred|miles|meters|feet|dollars|euros|pounds|calories|tokens|rows|steps"
    r"|hours|minutes|seconds|days|weeks|months|years|copies|votes|rpm|unread|new)\b"
)

_ORDINAL = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,8}|[0-9]{1,20})(st|nd|rd|th)(?![\w])", re.IGNORECASE)
_OTHER_ORDINAL = re.compile(r"([1-9][0-9]{0,2})\.?ª(?!\w)")
_TO_ORDINAL = re.compile(r"(?:\s?–\s?|-)([0-9]{1,4})(?:st|nd|rd|th)(?!\w)|-([0-9]{1,3})(?=\s[a-z])")
_BEHIND_NUMBER = re.compile(r"\s[x×](?:86|64|32)(?![0-9])")
_TO_FRACTION = re.compile(r"\s?[–—]\s?(?=[0-9]{1,2}(?:\s[0-9]{1,2})?/[0-9]{1,2}(?![\w/])|[½¼¾])")
_FOLDED = words_of("1/2 1/3 2/3 1/4 3/4 1/5 2/5 3/5 4/5 1/6 5/6 1/7 1/8 3/8 5/8 7/8 1/9 1/10")
_SPECIAL_FRACTIONS = {
    "24/7/365": "twenty four seven three sixty five", "24/7": "twenty four seven",
    "9/11": "nine eleven", "50/50": "fifty fifty", "20/20": "twenty twenty",
}  # fmt: skip
_LINKS = dict.fromkeys(
    ("page", "step", "part", "chapter", "item", "slide", "track", "question", "result", "match", "file", "episode", "tab"),
    "of",
) | dict.fromkeys(("score", "scored", "rating", "rated", "grade", "mark", "got"), "out of")
_CRICKET = re.compile(r"\b(?:overs?|ov|wickets?|wkts?|innings|declared|dec|runs|stumps|batting|bowl\w*|lunch|tea|Test)\b")
_DECLARED = re.compile(r"([1-9][0-9]{1,2})/([0-9])\s?(?:d|dec)(?:\.|(?!\w))")
_SHARED = re.compile(r"\s(?:split|mix|blend|ratio|rule|beef|chuck|chance|partnership|hybrid|poly|cotton)\b|\s?\)")
_JUDGED_AS = re.compile(r"\b(?:rating|score|grade|mark) of \Z")
_JUDGED_BY = re.compile(r"\s(?:ratings?|scores?|rated|on IMDb|would (?:recommend|buy|visit|do|go|eat|use|stay))\b")
GLYPHS = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
    "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8), "⅐": (1, 7),
    "⅑": (1, 9), "⅒": (1, 10),
}  # fmt: skip
_GLYPH = re.compile(r"([0-9]{1,6}) ?([½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅐⅑⅒])|([½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅐⅑⅒])")
_SIDE = r"([0-9]{1,5}(?:\.[0-9]{1,3})?)"
_TIMES = re.compile(rf"{_SIDE}\s?[x×]\s?{_SIDE}(?:\s?[x×]\s?{_SIDE})?(?:\s?[x×]\s?{_SIDE})?(?!\.?[0-9]|/[0-9]{{1,2}}(?!\w))")
_PRICE_TAIL = re.compile(r",[0-9]{2}\s?[€£$]|,[0-9]{1,2}\s?[cm]?m\b")  # 12 × 9,99 €, 3 x 1,5 mm
_MARKED_SIDES = re.compile(
    r"([0-9]{1,4}(?:\.[0-9]{1,3})?)(['’′\"”″]?)(\s?[x×]\s?|\sby\s)([0-9]{1,4}(?:\.[0-9]{1,3})?)(['’′\"”″])(?!\w)"
)
_TIMBER = re.compile(r"([1246])[x×]([46])s(?!\w)")
# So many of so much: 2 × 500 mg is no area.
_PORTIONED = ("milligram", "microgram", "gram", "kilogram", "milliliter", "liter", "ounce", "pound", "fluid", "table", "tea")
_IN = re.compile(r" in(?!\w)")
_EQUALS = re.compile(r"\s{0,3}=")
_SIZE_SUFFIX = re.compile(r"([0-9]{3,4})([pi])([0-9]{2,3})?(?![\w])")
_PLAIN = pattern(r"(<decimal>)(?![\w]|-[A-Za-z]|,[0-9]{3}-[A-Za-z]|\.[0-9]{1,9}[A-Za-z]{1,3}(?!\w))")
_RAISED_POINT = re.compile(r"([0-9]{1,4})·([0-9]{1,4})(?![\w·^⁰¹²³⁴⁵⁶⁷⁸⁹⁻]|[.,][0-9]|\s?[=+*/×^−-]\s?[\w(])")
_FORMULA_BEFORE = re.compile(r"[\w)]?\s?[=+*/×·−^(.-]\s?\Z")
_SIGNED = pattern(r"([-−–+]|(?:[±~≈<>≤≥]|>=|<=)\s?)(<decimal>)(?:(?:\s?[–—]\s?|-(?=[-−]))([-−+]?<decimal>))?(?![\w]|[/:][0-9])")
_SCIENTIFIC = re.compile(r"([0-9]{1,20}(?:\.[0-9]{1,20})?)[eE]([+-]?)([0-9]{1,3})(?![\w.])")
_UNIT_HYPHENED = re.compile(
    r"([0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,5}(?:\.[0-9]{1,3})?)-"
    r"(?=(?:[A-Za-zµ°Ω]{1,4}|sq\.?-ft\.?)(?!\w|-(?!(?:tall|long|wide|high|deep|thick|old|square)(?!\w))))"
)
_NO_UNITS = words_of("us pt bar cal mi b")
_HYPHENED = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,4})((?:-[A-Za-z]{2,30}){1,4})(?![\w])")
_LETTERED = pattern(r"(<decimal>)([A-Za-z]{1,3})(?!\w|-\w)")
_GLUED = {"bn": "billion", "tn": "trillion", "mn": "million", "mln": "million", "bln": "billion", "trn": "trillion"}


def ordinal_number(place: Place) -> Reading:
    """21st, 1,000th, 2ª."""
    other = _OTHER_ORDINAL.match(place.text, place.start)
    if other:
        return read(ordinal(int(other[1])), place, other.end(), "ordinal")
    found = _ORDINAL.match(place.text, place.start)
    if not found or (found[1][0] == "0" and len(found[1]) > 1):
        return None
    words = ordinal(int(found[1].replace(",", "")))
    wanted = {"first": "st", "second": "nd", "third": "rd"}.get(words.rpartition(" ")[2], "th")
    if found[2].lower() != wanted:  # as it is written, so that whoever has written it hears it
        return None
    to = _TO_ORDINAL.match(place.text, found.end())
    last = int(to[1] or to[2]) if to else 0
    if to and last > int(found[1].replace(",", "")):
        return read(f"{words} to {ordinal(last)}", place, to.end(), "ordinal")
    return read(words, place, found.end(), "ordinal")


def written_fraction(place: Place) -> Reading:
    """1/2, 2 3/4, and the glyphs such as ½; 1/4–3/8."""
    first = _one_fraction(place)
    to = _TO_FRACTION.match(place.text, first[0].source[1]) if first else None
    last = _one_fraction(Place(place.text, to.end(), "")) if to else None
    if not first or not last:
        return first
    return read(f"{first[0].words} to {last[0].words}", place, last[0].source[1], last[0].kind)


def _one_fraction(place: Place) -> Reading:
    glyph = _GLYPH.match(place.text, place.start)
    if glyph:
        words = fraction(*GLYPHS[glyph[2] or glyph[3]])
        if glyph[1]:
            words = f"{number(glyph[1])} and {'a half' if glyph[2] == '½' else words}"
        return _of_unit(words, place, glyph.end(), not glyph[1])
    if place.text.startswith("24/7/365", place.start):
        return read(_SPECIAL_FRACTIONS["24/7/365"], place, place.start + 8, "fraction")
    declared = _DECLARED.match(place.text, place.start)
    if declared:
        return read(f"{cardinal(int(declared[1]))} for {cardinal(int(declared[2]))} declared", place, declared.end(), "number")
    found = FRACTION.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1] == "/"):
        return None
    whole, top, slash, bottom = found.groups()
    if not whole and f"{top}/{bottom}" in _SPECIAL_FRACTIONS:
        return read(_SPECIAL_FRACTIONS[f"{top}/{bottom}"], place, found.end(), "fraction")
    if bottom[0] == "0" or top[0] == "0":
        return None
    if slash == "⁄" and not whole and len(top) > 1:
        # NFKC folds 3½ to 31⁄2: the numerator of a fraction that has a glyph ends in its last digit.
        for size in (2, 1):
            if len(top) > size and int(top) > int(bottom) and f"{top[-size:]}/{bottom}" in _FOLDED:
                whole, top = top[:-size], top[-size:]
                break
    if not whole and len(top) == 4 and len(bottom) > 4:  # WO 2006/118205
        return read(f"{year(int(top))} slash {digits(bottom)}", place, found.end(), "number")
    if whole and int(top) >= int(bottom):
        return None
    cricket = _CRICKET.search(place.text, max(0, place.start - 40), found.end() + 24)
    if not whole and int(top) >= (20 if cricket else 100) and len(bottom) == 1:  # 287/4: nobody writes such fractions
        return read(f"{cardinal(int(top))} {'for' if cricket else 'slash'} {cardinal(int(bottom))}", place, found.end(), "number")
    if not whole and int(top) + int(bottom) == 100 and _SHARED.match(place.text, found.end()):  # a 70/30 split
        return read(f"{cardinal(int(top))} {cardinal(int(bottom))}", place, found.end(), "number")
    if not whole and int(top) == int(bottom):
        words = f"{cardinal(int(top))} out of {cardinal(int(bottom))}"
    elif int(top) > int(bottom) >= 10:  # a blood pressure
        words = f"{cardinal(int(top))} over {cardinal(int(bottom))}"
    else:
        words = fraction(int(top), int(bottom))
    link = _LINKS.get(place.before.lower().rstrip(":"))
    if _JUDGED_BY.match(place.text, found.end()) or _JUDGED_AS.search(place.text, max(0, place.start - 12), place.start):
        link = "out of"
    if link and not whole and slash == "/":
        words = f"{cardinal(int(top))} {link} {cardinal(int(bottom))}"
    if whole:
        words = f"{number(whole)} and {'a half' if (top, bottom) == ('1', '2') else words}"
    return _of_unit(words, place, found.end(), not whole and int(top) <= int(bottom))


def _of_unit(words: str, place: Place, end: int, one: bool) -> Reading:
    joined = end + (place.text[end : end + 1] == "-")
    unit = unit_after(place.text, joined, one or joined > end)
    if not unit and place.text[end : end + 1] in ('"', "″") and not in_quotes(place.text, place.start):
        unit = ("inch" if one else "inches", end + 1)
    return read(f"{words} {unit[0]}", place, unit[1], "measure") if unit else read(words, place, end, "fraction")


def dimensions(place: Place) -> Reading:
    """3x4, 1920x1080, 2 × 3 × 4."""
    marked = _MARKED_SIDES.match(place.text, place.start)
    if marked and marked[2] in ("", marked[5]) and (marked[2] or not (marked[5] in "'’′" or in_quotes(place.text, place.start))):
        before_noun = sized(place.text, marked.end(), place.before)
        unit_name = ("foot" if before_noun else "feet") if marked[5] in "'’′" else "inch" if before_noun else "inches"
        return read(f"{amount(marked[1])} by {amount(marked[4])} {unit_name}", place, marked.end(), "measure")
    timber = _TIMBER.match(place.text, place.start)
    if timber:
        return read(f"{cardinal(int(timber[1]))} by {plural(cardinal(int(timber[2])))}", place, timber.end(), "number")
    found = _TIMES.match(place.text, place.start)
    if not found or found[1] == "0" or _BEHIND_NUMBER.match(place.text, found.end(1)):
        return None
    if _PRICE_TAIL.match(place.text, found.end()):
        return None
    power = found[2] == "10" and place.text[found.end() : found.end() + 1] in tuple("^⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    by = " times " if power or _EQUALS.match(place.text, found.end()) else " by "
    end = found.end()
    unit = unit_after(place.text, end, False)
    if unit and unit[0].startswith(_PORTIONED):
        by = " times "
    words = by.join(size(part) for part in found.groups() if part)
    unit = unit or (("inches", end + 3) if _IN.match(place.text, end) else None)
    if unit and sized(place.text, unit[1], place.before):
        unit = unit_after(place.text, end, True) or unit
    if unit:
        return read(f"{words} {unit[0]}", place, unit[1], "measure")
    if place.text[end : end + 1].isalnum():
        return None
    return read(words, place, end, "number")


def size(text: str) -> str:
    """A side of a picture or a screen: 1920 nineteen twenty, 600 six hundred."""
    if "." in text:
        return amount(text)
    value = int(text)
    return pair(value) if 1010 <= value <= 9999 and value % 100 and text[0] != "0" else number(text)


def scan_lines(place: Place) -> Reading:
    """1080p, 720p, 480i."""
    found = _SIZE_SUFFIX.match(place.text, place.start)
    if not found:
        return None
    value = int(found[1])
    words = f"{cardinal(value // 100)} {cardinal(value % 100)}" if value % 100 >= 10 else cardinal(value)
    words += f" {found[2]}" + (f" {cardinal(int(found[3]))}" if found[3] else "")
    return read(words, place, found.end(), "identifier")


def scientific(place: Place) -> Reading:
    """1.5e-3."""
    found = _SCIENTIFIC.match(place.text, place.start)
    if not found or not ("." in found[1] or found[2]):
        return None
    sign = "minus " if found[2] == "-" else ""
    words = f"{amount(found[1])} times ten to the power of {sign}{cardinal(int(found[3]))}"
    return read(words, place, found.end(), "number")


def _is_unit(text: str, start: int, end: int) -> bool:
    name = text[start:end].lower()
    return name not in _NO_UNITS and (name not in ("in", "in.") or text[end : end + 1] in (" ", "."))


def hyphened(place: Place) -> Reading:
    """5-year-old, 64-bit."""
    joined = _UNIT_HYPHENED.match(place.text, place.start)
    unit = unit_after(place.text, joined.end(), True) if joined else None
    if joined and unit and _is_unit(place.text, joined.end(), unit[1]) and place.before.lower() not in UNMEASURED:
        return read(f"{amount(joined[1])} {unit[0]}", place, unit[1], "measure")
    found = _HYPHENED.match(place.text, place.start)
    if not found:
        return None
    words = " ".join(spoken(part) for part in found[2][1:].split("-"))
    value = found[1]
    head = year(int(value)) if len(value) == 4 and 1100 <= int(value) < 2100 else number(value)
    return read(f"{head} {words}", place, found.end(), "number")


def raised_point(place: Place) -> Reading:
    """66·5: the decimal point of British print, where nothing is multiplied."""
    found = _RAISED_POINT.match(place.text, place.start)
    if not found or _FORMULA_BEFORE.search(place.text, max(0, place.start - 4), place.start):
        return None
    words = decimal(found[1], found[2])
    unit = unit_after(place.text, found.end(), False)
    return read(f"{words} {unit[0]}", place, unit[1], "measure") if unit else read(words, place, found.end(), "number")


def lettered(place: Place) -> Reading:
    """A number with letters that are no unit: 352M, 962.93it."""
    found = _LETTERED.match(place.text, place.start)
    if not found or (found[1][0] == "0" and found[1].isdecimal()):
        return None
    if found[2] in _GLUED:
        return read(f"{amount(found[1])} {_GLUED[found[2]]}", place, found.end(), "number")
    product = found[2].islower() and len(found[2]) == 2 and FACTOR.match(place.text, found.end())  # a² + 2ab
    words = letters(found[2]) if product else spoken(found[2])
    return read(f"{amount(found[1])} {words}", place, found.end(), "identifier")


def signed(place: Place) -> Reading:
    """-5, +5, ±5, <5."""
    found = _SIGNED.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1].isalnum()):
        return None
    sign = SIGNS[found[1].strip()]
    mixed = written_fraction(place._replace(start=found.start(2)))
    if mixed and mixed[0].source[1] > found.end():  # -4 3/5
        return read(f"{sign} {mixed[0].words}", place, mixed[0].source[1], "number")
    return read(f"{sign} {amount(found[2])}{f' to {amount(found[3])}' if found[3] else ''}", place, found.end(), "number")


def plain_number(place: Place) -> Reading:
    """A number by itself: a year, a code, a count."""
    found = _PLAIN.match(place.text, place.start)
    if not found:
        return None
    text, before = found[1], place.before.lower()
    end = found.end()
    if text.isdecimal() and len(text) > 2 and _CODE_BEFORE.search(place.text[max(0, place.start - 32) : place.start]):
        return read(digits(text), place, end, "digits")
    if text.isdecimal() and (before in _STANDARDS or (len(text) == 5 and place.before in _STATES)):
        return read(digits(text), place, end, "digits")
    if place.before == "archive" and _PREPRINT.fullmatch(text):
        return read(" dot ".join(digits(part) for part in text.split(".")), place, end, "digits")
    told = plan_or_plane(place, text, before, end)
    if told:
        return told
    if text in _EMERGENCY and (
        before in ("call", "dial", "dialed", "called", "phone", "ring")
        or (before == "or" and _OTHER_EMERGENCY.search(place.text, max(0, place.start - 8), place.start))
    ):
        return read(digits(text), place, end, "telephone")
    if len(text) > 6 and text.isdecimal() and before in SERIAL:
        return read(digits(text), place, end, "digits")
    if 6 < len(text) < 10 and text.isdecimal() and text[0] != "0" and _COUNTED.match(place.text, end):
        return read(cardinal(int(text)), place, end, "number")
    if len(text) == 4 and text.isdecimal() and text[0] != "0":
        value = int(text)
        coded = place.text[end : end + 1] in ("-", "/") and place.text[end + 1 : end + 2].isdecimal()  # No. 2024-0317
        if before == "year" and value > 1009:
            return read(year(value), place, end, "date")
        dated = before in ("about", "around") and value < 2100 and value % 100 and _YEAR_ENDS.match(place.text, end)
        counted = (before in LABEL_WORDS and not coded and not dated) or _COUNTED.match(place.text, end)
        if not counted and (1100 <= value < 2100 or (1010 <= value < 1100 and before in YEAR_WORDS)):
            return read(year(value), place, end, "date")
    return read(amount(text), place, end, "number")
