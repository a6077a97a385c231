"""Numbers as other people write them: 25 000 €, 1'000'000, 12,5 %, 1.234,56 €.

Such a number is written as English has it, and read by the rules that know what may stand around it.
"""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize import counts, money, units
from speechd_neural.text.english.normalize.numbers import amount
from speechd_neural.text.english.normalize.rules import Place, Reading, words_of
from speechd_neural.text.english.normalize.telephone import CODED, NUMBERED
from speechd_neural.text.token import Token

_HARD = "\u00a0\u202f\u2009\u2007"  # blanks that do not break a line
_REACH = 48  # characters on each side that may matter
_SIGN = r"(?:[-−–+±~≈<>≤≥]\s?)?"
_CURRENCY = rf"(?:(?:{money.SYMBOL}|(?:{money.ISO_CODES})(?=\s?[0-9])|Rp\.?(?=\s?[0-9])|kr(?=\s[0-9])|Fr\.(?=\s[0-9]))\s?)?"
# Currencies that have no hundredths in use, and a point for thousands.
_WITHOUT_CENTS = ("€", "₫", "Rp", "IDR", "VND", "CLP", "ARS", "R$", "kr")
_ROUND = re.compile(
    rf"({_CURRENCY})([0-9]{{1,3}}(?:[ .'’{_HARD}][0-9]{{3}}){{1,4}}|[0-9]{{1,6}}),[-–—]{{1,2}}(?:\s?({money.SYMBOL}"
    rf"|(?:{money.ISO_CODES})|kr|zł|Kč))?(?!\w)"
)
_TO_PRICE = re.compile(rf"(\s{{0,2}}[-–—]\s{{0,2}}|\s(?:to|and)\s)(?={money.SYMBOL}\s?[0-9])")
_SCALED = re.compile(r" (hundred|thousand|million|billion|trillion|lakh|crore)\b")
# The groups, what parts them, the decimals.
_NUMBER = re.compile(
    rf"({_SIGN}{_CURRENCY}[-−]?)"
    rf"(?:([1-9][0-9]{{0,2}}(?:([ {_HARD}'’_.])[0-9]{{3}})(?:\3[0-9]{{3}}){{0,5}})"
    r"(?:,([0-9]{1,2}|[0-9]{4,8})|(\.[0-9]{1,9}))?"
    r"|(0|[1-9][0-9]{0,8}),([0-9]{1,2}|[0-9]{4,8}|(?<=[^0-9]0,)[0-9]{3}|(?<=\A0,)[0-9]{3}))"
    rf"(?![0-9\w'’]|[.,:/-][0-9]|[ {_HARD}][0-9]{{3,4}}(?![0-9]))"
)
_FORINTS = re.compile(r"\s?Ft(?!\w)")  # only here: 29,000 Ft are feet
_PRICE_OF_ONE = re.compile(r"\s?[€£$]\s?/")
# What makes blanks between groups the marks of thousands.
_COUNTED = re.compile(
    r"\s?(?:[%‰€£¥₹₽$°]|[a-zµ][A-Za-z²³]{0,3}(?![\w])|[kcdm]?m[23](?!\w)|(?:kr|zł|Kč|kg|km|MB|GB|TB|KB|kB|kWh|MW|W|V|mAh|Hz|MHz|GHz)(?!\w)"
    rf"|(?:{money.ISO_CODES})(?!\w)"
    r"|[a-zà-ÿ]{3,20}s(?!\w)|(?:people|children|men|women|sheep|fish|million|billion|francs?|crowns?|euros?|dollars?|pounds?)\b)"
)
# What has three decimals more often than thousands: measures, not prices or people.
_MEASURED = re.compile(
    r"\s?(?:[%‰°]|(?!(?:kr|zł|Kč)(?!\w))[a-zµμ][A-Za-z²³]{0,3}(?!\w)|(?:MB|GB|TB|KB|kWh|MW|GW|W|V|Hz|MHz|GHz|L|J|N|Pa|K)(?![\w'’])"
    r"|(?:seconds?|minutes?|hours?|days?|percent|degrees|meters?|metres?|kilometers?|kilometres?|miles|lit(?:er|re)s?|kilograms?"
    r"|grams?|pounds|inch(?:es)?|million|billion|points?|volts?|watts?|times)\b)"
)
_FUNCTION = re.compile(
    r"\s(?:to|of|in|on|at|and|or|for|by|per|the|a|an|if|so|we|he|it|do|no|than|then|with|from|but|not|are|were|will|can|is|was|has|as|this|his|its|us|does|yes|less|plus|minus|times|equals|vs|versus|across|perhaps|always|ms|s)\b"
)
_DECIMAL_NOUN = re.compile(
    r"\s{0,2}(?:[%‰€£¥₹₽$°]|(?:kr|zł|Kč)(?!\w)|(?:hours?|minutes?|seconds?|days?|weeks?|months?|years?|times|stars|percent|points?|degrees"
    r"|millions?|billions?|trillions?|Millionen|Milliarden|milliards?|mio|mrd|meters?|metres?|kilometers?|kilometres?|miles|liters?|litres?|kilos?|grams?|tons?|tonnes?"
    rf"|inch(?:es)?|inhabitants|out of|[Ee]uros?|Franken|FM|Liters?|Litres?|Kilo|Meter|Grad|Uhr|Prozent|Mio|Mrd)\b"
    rf"|(?:{money.ISO_CODES})(?!\w)|[x×](?!\w))"
)
_ALONE = re.compile(r"[\s.,;:!?)]{0,8}\Z")
_JOINED = re.compile(r"(?:\w|[0-9][.,:/])\Z")
_ROUGHLY = words_of("minus circa ca approximately about over total some")
_LABELS = words_of(
    "page pages line lines room rooms port ports number numbers no row rows column chapter section item issue verse"
    " step steps pid id figure figures question questions channel channels bus route flight match score lotto code pin"
    " call dial"
)


def _of_thousands(text: str, start: int, groups: str, mark: str, end: int, before: str) -> bool:
    """Whether groups of digits with this mark between them are one number."""
    if mark in _HARD or mark in "'’_":
        return True
    parts = groups.split(mark)
    known = bool(_COUNTED.match(text, end)) and not _FUNCTION.match(text, end)
    if mark == ".":
        if len(parts) == 2 and (_PRICE_OF_ONE.match(text, end) or (parts[1][1:] != "00" and _MEASURED.match(text, end))):
            return False  # 1.609 km, 8.875 %
        return known if len(parts) == 2 else known or (len(parts) > 2 and len(parts) != 4)
    if CODED.search(text, max(0, start - 24), start):  # Your code is 493 021
        return False
    if len(parts) > 2 and mark == " " and NUMBERED.search(text, max(0, start - 24), start):  # ABN 51 824 753 556
        return False
    if (before.lower() in _LABELS and parts[-1] != "000") or (start and text[max(0, start - 2) : start].strip()[-1:].isdecimal()):
        return False
    if before.lower() in _ROUGHLY or _FORINTS.match(text, end) or any(part[0] == "0" for part in parts[1:]):
        return True
    return known or (len(parts) > 2 and len(parts[0]) < 3) or (
        len(parts[0]) < 3 and not before and _ALONE.match(text, end) is not None
    )


def grouped(place: Place) -> Reading:
    """A number with other marks than a comma for thousands and a point for decimals."""
    text, start, before = place
    found = _NUMBER.match(text, start)
    if not found or _JOINED.search(text, max(0, start - 2), start):
        return None
    prefix, groups, mark, part, point, whole, fraction = found.groups()
    end = found.end()
    paid = bool(prefix) and prefix.rstrip()[-1:] not in "-−–+±~≈<>≤≥"
    if groups:
        if not part and not paid and not _of_thousands(text, start, groups, mark, end, before):
            return None
        if mark == "." and point:
            return None
        if mark == "." and not part and (paid and len(groups) < 8 and not prefix.strip().startswith(_WITHOUT_CENTS)):
            return None
        english = ",".join(groups.split(mark))
        forints = _FORINTS.match(text, end) if mark in " ." + _HARD and not prefix else None
        if forints:
            return [Token(money.spoken_amount(english, "Ft"), (start, forints.end()), "money")]
        english += point or ("." + part if part else "")
    else:
        unit = units.unit_after(text, end, False)
        long = len(whole) < 3 and len(fraction) > 3 and _ALONE.match(text, end)  # 3,14159
        sure = paid or whole == "0" or unit is not None or _DECIMAL_NOUN.match(text, end) or long
        if not sure or (len(whole) > 1 and whole[0] == "0") or before.lower() in _LABELS:
            return None
        english = f"{int(whole):,}.{fraction}"
    return _read(place, prefix, english, end)


def grouped_money(place: Place) -> Reading:
    """CHF 1'000, EUR 25 000, Rp 50.000: such a number behind the code of a currency."""
    if place.text[place.start : place.start + 3].rstrip(" .0123456789") not in money.CURRENCIES:
        return None
    return round_price(place) or grouped(place)


def round_price(place: Place) -> Reading:
    """5,- €; kr 1 250,-: no cents."""
    text, start, _ = place
    found = _ROUND.match(text, start)
    if not found or _JOINED.search(text, max(0, start - 2), start):
        return None
    prefix, whole, unit = found.groups()
    value = f"{int(re.sub('[^0-9]', '', whole)):,}"
    sign = prefix.strip() or unit or ""
    if not sign:
        return [Token(amount(value), (start, found.end()), "number")]
    return [Token(money.spoken_amount(value, sign.rstrip(".")), (start, found.end()), "money")]


def price_range(place: Place) -> Reading:
    """€5.000 – €10.000, $5.5K–$6K, $1 to $2 million."""
    first = grouped(place) or money.money(place)
    if not first or first[-1].kind != "money":
        return first
    to = _TO_PRICE.match(place.text, first[-1].source[1])
    if not to:
        return first
    after = Place(place.text, to.end(), "")
    last = grouped(after) or money.money(after)
    if not last or last[-1].kind != "money":
        return first
    one, other = first[-1].words, last[-1].words
    scale = _SCALED.search(other)
    last_words = [words.rpartition(" ")[2].removesuffix("s") for words in (one, other)]
    whole = one.rpartition(" ")[0] if last_words[0] == last_words[1] else one
    if "to" not in to[1] and "and" not in to[1]:
        return [Token(f"{one} to {other}", (place.start, last[-1].source[1]), "money")]
    if "to" in to[1] and scale and scale[1] in ("million", "billion", "trillion") and not _SCALED.search(one) and len(one) < 40:
        return [Token(f"{whole} to {other}", (place.start, last[-1].source[1]), "money")]
    return first


def _read(place: Place, prefix: str, english: str, end: int) -> Reading:
    """What is read where the text has the English number instead, with the places of the text as it is."""
    text, start, before = place
    head = text[max(0, start - _REACH) : start]
    written = Place(head + prefix + english + text[end : end + _REACH], len(head), before)
    for rule in (money.money, units.measure, counts.signed, counts.plain_number):
        found = rule(written)
        if found and found[-1].source[1] >= len(head) + len(prefix) + len(english):
            token = found[-1]
            last = end + token.source[1] - len(head) - len(prefix) - len(english)
            return [Token(token.words, (start, last), token.kind, token.punctuation)]
    return None
