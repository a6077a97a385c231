"""Numbers that name something: #5, No. 5, 401(k), Boeing 747."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import cardinal, digits, number, ordinal, pair
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, read, words_of

# After these a long number is read digit by digit, even if it is round.
SERIAL = words_of("order id ticket ref reference invoice case booking customer member student employee user bug number")
_PLANS = ("401", "403", "501", "408")
_PLAN = re.compile(r"\(([a-z])\)(?:\(([0-9]{1,2})\))?")
_AIRLINER = re.compile(r"7[0-8]7|911")
_NUMBER_SIGN = re.compile(r"(?:#|№|[Nn][°º]\s?|[Nn]o\.\s{0,3}|№\s|(No)\s)([0-9]{1,6})(?![\w])")
_NUMBER_OF_PARTS = re.compile(r"#([0-9]{3,8}(?:-[0-9]{3,8}){1,4})(?![\w-])")
_SIGN_OF_CODE = re.compile(r"#(?=[A-Z]{1,5}(?:-|( ))[0-9]{2})")
_SIGN_OF_LOT = re.compile(r"#(?=[A-Z]{1,4}[0-9]{2})")
_WHATS = {
    "H": "house", "S": "serial", "Sr": "serial", "Sl": "serial", "D": "door", "P": "plot", "Ph": "phone", "Mob": "mobile",
    "Reg": "registration", "Regd": "registered",
}  # fmt: skip
_NUMBER_OF_WHAT = re.compile(rf"({'|'.join(_WHATS)})\.\s?(?:No|NO)(?!\w)\.?")
_SIGN_OF_DOOR = re.compile(r"#(?=[0-9]{1,4}-?[A-Z](?!\w))")
_DOORS = ("apartment", "unit", "suite", "flat", "office", "street", "avenue", "road", "drive", "lane", "boulevard")
# The order number is 58213: whoever writes it down hears its digits.
_CALLED_BY = re.compile(
    r"\b(?:order|account|invoice|confirmation|reference|tracking|case|ticket|member|membership|customer|policy|claim|booking|reservation"
    r"|serial|employee|student|patient|badge|registration|licen[sc]e|passport|file|record|request|part|model|routing|roll)\s"
    r"(?:number|no\.?|id|ID)\s{0,2}(?:(?:is|was)\s)?[:=#]?\s{0,2}\Z"
    r"|\b(?-i:CPT|HCPCS|NDC|NPI|DRG|SKU|UPC|EAN|MRN|PNR|NSN|TIN|EIN)(?:\scodes?)?:?\s(?:[0-9]{5,12}(?:,|\s(?:and|or))\s){0,3}\Z",
    re.IGNORECASE,
)
_OLD_ORDINAL = re.compile(
    r"([0-9]{0,2}[2-9]?(?<!1)[23])d(?=\s[A-Z][a-z]|\s(?:of|day|instant|regiment|inst|ult|ed|edition)\b|[,.;]|\Z)"
)
_MONTH_BEFORE = re.compile(r"(?:Jan|Feb|March|April|May|June|July|Aug|Sept|Oct|Nov|Dec)\.?\s\Z")
_THE = words_of("the this his our that")
_LOTS = words_of("lot batch part item unit model serial order gate locker room apt suite policy claim invoice acct account")
# Room 204, rooms 101, 102 and 110, Flight 305: what is called by its number, and the things that follow where they are counted.
_DOOR_BEFORE = re.compile(
    r"\b(?:rooms?|rm|suites?|ste|apartments?|apts?|flights?|flt|cabins?|units?|routes?|rte|highways?|hwy|interstate|bus(?:es)?)\.?\s{1,2}"
    r"(?:#?[0-9]{1,4}[A-Z]?(?:,\s(?:and\s|or\s)?|\s(?:and|or|&)\s)){0,4}#?\Z",
    re.IGNORECASE,
)
_THINGS = re.compile(
    r"\s(?!(?:leaves|departs|arrives|runs|stops|goes|needs|opens|closes|takes|does|connects|was|has)\b)[a-z]{2,20}s(?!\w)"
    r"|\s(?:people|men|women|children)\b"
)
_NUMBER_OF = re.compile(r"[Nn]o\.(?=:\s?[A-Z0-9]|\s?of\s(?!course\b)[a-z])")  # No. of items
_NUMBER_OF_CODE = re.compile(r"No\.(?=\s(?:[A-Z0-9]{0,3}\s?[0-9]|[A-Z]{1,5}-?[0-9]))")
# "No 5" without its dot: at the end, or before a name; "No 5 people" is not.
_NUMBERED_NAME = re.compile(
    r"\s{0,3}(?:[^\w\s]|\Z)|\s{1,2}[A-Z]|\s(?:in|on|of|is|was|at|from|for|to|and|or|by|with|has|the)\b"
    r"|\s(?:bus|tram|train|route|line|pencil|seed|pick|iron|jersey|shirt|song|album|player|envelope|gate|ranked"
    r"|ranking|said|leaves?|runs?|stops?)\b"
)


def _of_what(place: Place) -> Reading:
    """H.No. 4, S.No.: what forms in India number."""
    found = _NUMBER_OF_WHAT.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1].isalnum()):
        return None
    return read(f"{_WHATS[found[1]]} number", place, found.end(), "abbreviation")


def old_ordinal(place: Place) -> Reading:
    """The 23d Dragoons, July 2d: as old books write 23rd and 2nd."""
    found = _OLD_ORDINAL.match(place.text, place.start)
    if not found:
        return None
    if place.before.lower() not in _THE and not _MONTH_BEFORE.search(place.text, max(0, place.start - 6), place.start):
        return None
    return read(ordinal(int(found[1])), place, found.end(), "ordinal")


def number_sign(place: Place) -> Reading:
    """#5, No. 5, No. C01X00T47."""
    what = _of_what(place)
    if what:
        return what
    count = _NUMBER_OF.match(place.text, place.start)
    if count:
        return read("number", place, count.end(), "abbreviation")
    code = _NUMBER_OF_CODE.match(place.text, place.start)
    if code:
        return read("number", place, code.end(), "number")
    sign = _SIGN_OF_CODE.match(place.text, place.start)
    if sign and (not sign[1] or place.before.lower() in SERIAL):  # Ticket #A-1042, also where the dash was dropped
        return read("number", place, place.start + 1, "number")
    if _SIGN_OF_DOOR.match(place.text, place.start) and (place.before.lower().rstrip(".") in _LOTS or place.before in _DOORS):
        return read("number", place, place.start + 1, "number")  # Apt. #12C
    if _SIGN_OF_LOT.match(place.text, place.start) and place.before.lower() in _LOTS:  # Lot #A123
        return read("number", place, place.start + 1, "number")
    parts = _NUMBER_OF_PARTS.match(place.text, place.start)
    if parts:  # Order #1234-5678
        return read(f"number {' '.join(digits(part) for part in parts[1].split('-'))}", place, parts.end(), "number")
    found = _NUMBER_SIGN.match(place.text, place.start)
    if found and found[1] and place.text[found.end() : found.end() + 2].strip()[:1] == "%":
        return None  # Yes 62% / No 38%
    if not found or (found[1] and not (place.before[:1].isupper() or _NUMBERED_NAME.match(place.text, found.end()))):
        return None
    words = door(int(found[2])) if _is_door(place, found[2], found.end()) else number(found[2])
    return read(f"number {words}", place, found.end(), "number")


def _is_door(place: Place, text: str, end: int) -> bool:
    """Whether `text`, which ends at `end`, is the number of a room, a flight or a road, and long enough to be parted."""
    if not 2 < len(text) < 5 or not text.isdecimal() or text[0] == "0" or _THINGS.match(place.text, end):
        return False
    return _DOOR_BEFORE.search(place.text, max(0, place.start - 32), place.start) is not None


def door(value: int) -> str:
    """The number of a room, a flight or a road: 204 "two oh four", 110 "one ten", 300 "three hundred", 1140 "eleven forty"."""
    head, rest = divmod(value, 100)
    if value > 999 or not rest:
        return pair(value) if value > 999 else cardinal(value)
    return f"{cardinal(head)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def plan_or_plane(place: Place, text: str, before: str, end: int) -> Reading:
    """401(k), 501(c)(3); Boeing 747; account number 58213: `text`, which ends at `end`, with its zeros and in pairs."""
    if len(text) > 4 and text.isdecimal() and _CALLED_BY.search(place.text, max(0, place.start - 40), place.start):
        return read(digits(text), place, end, "digits")
    if _is_door(place, text, end):
        return read(door(int(text)), place, end, "number")
    plan = _PLAN.match(place.text, end) if text in _PLANS else None
    if plan:
        words = f"{cardinal(int(text[0]))} oh {cardinal(int(text[2]))} {letters(plan[1])}"
        words += f" {cardinal(int(plan[2]))}" if plan[2] else ""
        return read(words, place, plan.end(), "identifier")
    if before in ("boeing", "porsche") and _AIRLINER.fullmatch(text):
        return read(f"{cardinal(int(text[0]))} {cardinal(int(text[1:]))}", place, end, "number")
    return None
