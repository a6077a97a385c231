"""What stands on bills and labels: 53.37p/day, £12.99 x 3, inc. VAT, Invoice No: 5, kWh, 250 mg/5 mL."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import amount
from speechd_neural.text.english.normalize.rules import Place, Reading, read, words_of

_PER = {
    "day": "day", "kWh": "kilowatt hour", "min": "minute", "minute": "minute", "unit": "unit", "mile": "mile", "litre": "liter",
    "l": "liter", "text": "text", "week": "week", "month": "month", "mth": "month", "km": "kilometer", "therm": "therm",
}  # fmt: skip
_UNITS = "|".join(sorted(_PER, key=len, reverse=True))
_PENCE = re.compile(rf"([0-9]{{1,4}}(?:\.[0-9]{{1,3}})?)p\s?(?:/|per\s)\s?({_UNITS})(?!\w)")
_DOSE = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)\s?(mg|mcg|g)\s?/\s?([0-9]{1,4}(?:\.[0-9])?)\s?(m[lL]|[lL])(?![\w/])")
_DOSES = {"mg": "milligrams", "mcg": "micrograms", "g": "grams", "ml": "milliliters", "l": "liters"}
_WORD = re.compile(
    r"([Ee]st(?=\.)|x(?=\s[0-9])|[Nn]o(?=\.?:?\s)|inc(?=\.?\s)|(?:a/c|[bc]/f)(?=:?\s)|[kMG]Wh(?![\w'’])|mths?(?![\w'’])\.?|[Ww]/[CcEe](?=:?\s[0-9MTWFS]))"
)
_MONEY_BEFORE = re.compile(r"(?:[£$€]\s?[0-9][0-9,]{0,12}(?:\.[0-9]{2})?|[0-9]p)\s\Z")
_COUNT_BEFORE = re.compile(r"(?<![0-9.,/])[1-9][0-9]?\s\Z")
_FRACTION_NEXT = re.compile(r"\s[0-9]{1,2}/[0-9]{1,2}\s[a-z]")  # 2 x 3/4 cup
_NUMBERED = words_of(
    "invoice ref reference account phone vat policy serial order po passport licence license reg registration membership customer"
    " claim batch lot model part contact mobile tel telephone fax roll job ticket cheque check receipt booking flight case room"
    " flat house company charity meter supplier patient nhs insurance tax page item sort id card telephone document tracking"
)
_SHOWN = re.compile(r":?\s{1,2}(?:[A-Z]{0,5}[-#]?\s?[0-9]|[A-Z]{2,5}-)")
_INCLUDED = re.compile(r"\.?\s(?:VAT|GST|[Tt]ax|[Pp]&[Pp]|[Pp]ostage|[Dd]elivery|[Ss]hipping|[Bb]reakfast|[a-z]|[0-9£$€])")
_ESTIMATED = re.compile(
    r"\s(?!in\b|by\b|as\b|since\b|circa\b|c\.|at\b)[a-z$€£~]|\s(?:[0-9]{1,3}\s?(?:min|h|hours?|days?|weeks?)\b)"
)
_VALUE_BEFORE = re.compile(r"[0-9%]\s?\(?\Z")  # $1.98 est.
_WATT_HOURS = {"k": "kilowatt", "M": "megawatt", "G": "gigawatt"}
_ACCOUNTS = {"a/c": "account", "b/f": "brought forward", "c/f": "carried forward", "w/c": "week commencing", "w/e": "week ending"}
WORDS = frozenset(("x", "no", "est", "inc", "kwh", "mwh", "gwh", "mth", "mths", "a", "b", "c", "w"))


def pence(place: Place) -> Reading:
    """53.37p/day, 28p per kWh."""
    found = _PENCE.match(place.text, place.start)
    return read(f"{amount(found[1])} pence per {_PER[found[2]]}", place, found.end(), "money") if found else None


def dose(place: Place) -> Reading:
    """250 mg/5 mL."""
    found = _DOSE.match(place.text, place.start)
    if not found:
        return None
    much, per = (
        f"{amount(value)} {_DOSES[unit.lower()].removesuffix('s' if value == '1' else '')}"
        for value, unit in (found.groups()[:2], found.groups()[2:])
    )
    return read(f"{much} per {per}", place, found.end(), "measure")


def word(place: Place) -> Reading:
    """The x behind a price, No behind what is numbered, inc. VAT, a/c, kWh, mths."""
    text, start, before = place
    found = _WORD.match(text, start)
    if not found:
        return None
    written, end = found[0], found.end()
    words = ""
    if written == "x":
        portions = _FRACTION_NEXT.match(text, end) and _COUNT_BEFORE.search(text, max(0, start - 4), start)
        words = "times" if portions or _MONEY_BEFORE.search(text, max(0, start - 24), start) else ""
    elif written in ("No", "no"):
        goes_on = text[max(0, start - 3) : start].rstrip()[-1:] not in tuple(".!?")
        end += text[end : end + 1] == "."
        words = "number" if goes_on and before.lower() in _NUMBERED and _SHOWN.match(text, end) else ""
    elif written in ("Est", "est"):
        end += 1
        words = "estimated" if _ESTIMATED.match(text, end) or _VALUE_BEFORE.search(text, max(0, start - 8), start) else ""
    elif written == "inc":
        words = "including" if _INCLUDED.match(text, end) else ""
        end += text[end] == "."
    elif written.lower() in _ACCOUNTS:
        words = _ACCOUNTS[written.lower()]
    elif written.startswith("mth"):
        words = "month" if written[:4] == "mth." or written == "mth" else "months"
    else:
        words = _WATT_HOURS[written[0]] + (" hour" if before in ("per", "a", "each") else " hours")
    return read(words, place, end, "abbreviation") if words else None
