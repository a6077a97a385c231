"""Codes of places, as bills and letters have them: 10115 Berlin, 75001 Paris, Mumbai 400001."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import digits
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, read

_EUROPEAN = re.compile(
    r"[0-9]{5}(?=\s[A-ZÄÖÜÉ][a-zß-ÿ]{2,20}(?:[-\s](?:am|an|der|im|sur|la|le|de|CEDEX|Cedex|cedex|[A-Z][a-zß-ÿ'’]{1,20})){0,4}(?:\s[0-9]{1,2})?\s{0,3}(?:[,;.\n(]|\Z))"
)
_ADDRESS_BEFORE = re.compile(r"(?:\A|\n|[\w.],|[–·|])[ \t]{0,3}\Z")
_INDIAN = re.compile(r"[1-8][0-9]{5}(?![\w]|[.,:/-][0-9])")
_TOWNS = re.compile(
    r"\b(?:Delhi|Mumbai|Bengaluru|Bangalore|Chennai|Kolkata|Hyderabad|Pune|Ahmedabad|Jaipur|Lucknow|Gurgaon|Gurugram|Noida|Karnataka|Maharashtra"
    r"|Kerala|Nadu|Gujarat|Punjab|Haryana|Rajasthan|Bihar|Goa|Telangana|Pradesh|Bengal|Kochi|Indore|Bhopal|Nagpur|Chandigarh|Odisha|Assam"
    r"|Surat|Thane|Mysore|Mysuru|Coimbatore|Patna|Ranchi|Uttarakhand|Jharkhand|PIN|Pin|Pincode|PINCODE|pincode)\s?[-–:,]?\s?(?:[Cc]ode:?\s)?\Z"
)
_STATE = re.compile(r"(ME|OR|IN|OH|HI|OK|AL|DE|ID|LA|MA|PA|MO|CO)\s[0-9]{5}(?:-[0-9]{4})?(?![\w])")
_STATE_BEFORE = re.compile(
    r"\b(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas"
    r"|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|Hampshire|Jersey|Mexico"
    r"|York|Carolina|Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Island|Tennessee|Texas|Utah|Vermont|Virginia|Washington|Wisconsin|Wyoming|D\.C\.),?\s\Z"
)
_ZIP = re.compile(r"[0-9]{5}(?=\s{0,3}(?:[,;.)\n]|\Z|USA|United))")
_AUSTRALIAN = re.compile(r"[0-8][0-9]{3}(?![\w]|[.,:/-][0-9])")
_AUSTRALIA = re.compile(r"\b(?:NSW|VIC|Vic|QLD|Qld|WA|SA|TAS|Tas|ACT|NT),?\s\Z")
_FIVE = re.compile(r"[1-9][0-9]{4}(?=\s{0,3}(?:[,;.)\n]|\Z|[A-Z]))")
_CITIES = re.compile(
    r"\b(?:Islamabad|Karachi|Lahore|Rawalpindi|Peshawar|Multan|Faisalabad|Quetta|Sialkot|Riyadh|Jeddah|Dammam|Bangkok|Phuket|Jakarta|Bandung"
    r"|Surabaya|Lumpur|Penang|Istanbul|Ankara|Izmir|Antalya|Cairo|Hanoi|Colombo|Kandy|Kathmandu|Nairobi|Casablanca|Zagreb|Belgrade|Kyiv)"
    r"\s?[-–,]?\s?\Z"
)
_DASHED = re.compile(r"[A-Z][a-z]{2,20}\s{0,2}[-–]\s{0,2}\Z")


def postal_code(place: Place) -> Reading:
    """Five digits before a town at the start of a line or behind a street, six behind a town of India."""
    text, start, _ = place
    found = _EUROPEAN.match(text, start)
    if found and _ADDRESS_BEFORE.search(text, max(0, start - 5), start):
        return read(digits(found[0]), place, found.end(), "digits")
    found = _ZIP.match(text, start)
    if found and _STATE_BEFORE.search(text, max(0, start - 18), start):
        return read(digits(found[0]), place, found.end(), "digits")
    found = _FIVE.match(text, start)
    if found and _CITIES.search(text, max(0, start - 14), start):  # Lahore – 54000
        return read(digits(found[0]), place, found.end(), "digits")
    found = _AUSTRALIAN.match(text, start)
    if found and _AUSTRALIA.search(text, max(0, start - 5), start):  # Sydney NSW 2001
        return read(digits(found[0]), place, found.end(), "digits")
    found = _INDIAN.match(text, start)
    if not found or found[0].endswith("0000"):
        return None
    before = text[max(0, start - 32) : start]
    if not (_TOWNS.search(before) or _DASHED.search(before)):
        return None
    return read(digits(found[0]), place, found.end(), "digits")


def state_code(place: Place) -> Reading:
    """The ME of Portland, ME 04101, which is no word."""
    found = _STATE.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1].isalnum()):
        return None
    return read(letters(found[1]), place, found.end(1), "identifier")
