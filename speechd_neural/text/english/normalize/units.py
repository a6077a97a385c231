"""Quantities: percentages, units of measure, temperatures, angles, feet and inches."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.abbreviations import COMPASS, points_the_way
from speechd_neural.text.english.normalize.numbers import amount, cardinal
from speechd_neural.text.english.normalize.rules import SIGNS, Place, Reading, pattern, read, words_of
from speechd_neural.text.english.normalize.unit_names import UNITS

_NAMES = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_PER = (
    r"(?:\s?/\s?(100\s?(?:km|kg|g|ml|mL|m|mi)|km|m|cm|mm|kg|g|mg|lb|l|L|ml|mL|h|hr|hour|min|s|sec|second|d|day|week|month|year"
    r"|yr|wk|mo|night|gal|ft|in|°C|dl|dL|mol|µL|uL|kWh|mi|oz)(2|²|\^2|3|³)?(?:/(d|day|h|hr|min|dose|week|s)(?!\w))?)"
)
# The Greek letter mu stands for the micro sign after NFKC.
_EACH_OF = r"(?!or(?!\w)|and(?!\w)|feet)[a-z]{3,14}(?<!s)(?![\w/.-])"  # 30 kW/rack
_UNIT = re.compile(
    rf"(\s{{0,3}})({_NAMES.replace('µ', '[µμ]')})(2|3|²|³|\^2|\^3)?(?![A-Za-z0-9_'’])"
    rf"{_PER}?(?!\w|(?<!°[CF])/(?![0-9]|{_EACH_OF}))"
)
_QUANTITY = pattern(r"([-−+]|[±~≈<>≤≥]\s?|)(<decimal>)(?:\s?(?:-|–|—|to)\s?([-−]?<decimal>))?")
_EACH_BEHIND = re.compile(rf"/({_EACH_OF})")
_LONG_VALUE = re.compile(r"[1-9][0-9]{6,8}")  # a code has no unit
_TO = re.compile(r"[-–](?=[0-9.])|\s[-–]\s(?=[0-9.])")
_EQUALS = re.compile(r"\s?=(?!=)")
_BY = re.compile(r"\s?[x×]\s?(?=[0-9.])")
_SCALE = re.compile(r" (hundred|thousand|million|billion|trillion)(?= )(?! (?:us|pt|ha|in|[A-Za-z])(?!\w))")
_DENSITY = pattern(r"(<decimal>)\s?/\s?(?=(?:km|m|mi|cm|ha|ml|dL|L|kg|s|h|min|sec|hr)(?![A-Za-z]))")
_PER_NAMES = {
    "hour": "hour", "second": "second", "d": "day", "day": "day", "week": "week", "month": "month", "year": "year",
    "dL": "deciliter", "dose": "dose", "night": "night",
}  # fmt: skip
_OF_RIVERS = ("d", "day", "week", "month", "yr", "year", "kWh")
_BARE_RATE = re.compile(
    r"(km|m|mi|ft|cm|kg|g|mg|µg|MB|GB|KB|kB|Mb|Gb|kb|Mbit|Gbit|kWh|ml|mL)/(h|hr|s|sec|min|gal|l|L|kg|day|week|km|ml|mL|dL)(2|²)?(?![\w/.-])"
)
_EACH = re.compile(r"/\s?([µμ]L|m?L|dL|s|sec|min|h|hr|hour|day|week|month|year|serving|mi|km)(?![\w/.-])")
# 3 door mats/hour, 50 miles/gallon: so many things, and the word for what they are counted by.
_EACH_WORD = re.compile(
    r"/\s?(second|minute|hour|day|night|week|month|quarter|year|person|user|student|patient|household|team|game|gallon|liter|litre|mile"
    r"|acre|hectare|page|dozen|visit|trip|customer|client|node|core|thread|session|dose|square (?:foot|feet|meter|metre|mile))"
    r"(?![\w/-]|\.\w)"
)
_SO_MANY = re.compile(
    r"(?<![\w/:-])[0-9][0-9,.]{0,11}[kKM]?\s(?:[a-z]{2,14}[ -]){0,2}(?:[a-z]{2,14}s|[kMG]?[Bb][Tt][Uu]s?|people|kids)\s?\Z"
)
_COUNTED_THINGS = re.compile(
    r"\b(?:req|requests?|beats|cells|calls|queries|frames|packets|messages|words|pages|hits|events|rows|errors|users|visits|breaths|steps|ops"
    r"|tokens|orders|jobs|rounds|revs|reads|writes|samples|bytes|bits|hours|posts|items|k?cal|calories|[0-9]:[0-9]{2})\s?\Z"
)
_AMPS = re.compile(
    r"([0-9]{1,3}(?:\.[0-9]{1,2})?)[- ]?A"
    r"(?=\s(?:fuses?|plugs?|breakers?|supply|outlets?|sockets?|circuits?|chargers?|adapters?|current|output|input|max|rms|mains"
    r"|switch|relay)\b)"
    r"|([0-9]{1,2}\.[0-9]{1,2})\s?A(?![\w-])"
)
_SIZE_TOLD = re.compile(r"\s{0,3}(?:\Z|\(\s?[0-9.]+\s?[cm]m)")
JEWEL_AFTER = re.compile(r"\s(?:gold|white|yellow|rose|solid|diamonds?|ring|necklace|chain|bracelet|earrings?)\b")
_SOMEBODY_IS = re.compile(r"(?:[’']m|[’']s|\b(?:am|is|are|was|be|turned))\s[0-9]{1,3}\s?\Z")
JEWEL_BEFORE = re.compile(r"\b(?:diamond|gold|ring)\b")
_DECIMAL_BEFORE = re.compile(r"\.[0-9]{1,3}\Z")
_BY_POINTS = re.compile(r"(?:\b(?:by|up|down|higher|lower|rose|fell|added|lost)\s|[-+−±]\s?)[0-9.]{1,6}\Z")
_POINTS_MOVED = re.compile(
    r"\s(?:increase|decrease|cut|cuts|hike|hikes|rise|drop|move|reduction|widening|higher|lower|tighter|wider|spread|fee|wide|rate)\b"
)
_OF_GENES = re.compile(
    r"\s(?:long|fragments?|inserts?|amplicons?|sequences?|reads?|DNA|genes?|promoters?|products?|bands?|upstream|downstream)\b"
)
_SIZE_ENDS = re.compile(r"\s{0,3}(?:[,;)|]|\Z)")
_SURE_INCHES = re.compile(
    r"\s(?:tall|wide|long|high|deep|thick|diameter|square|pipes?|screens?|screws?|nails?|bolts?|pizzas?|monitors?|displays?|tvs?|laptops?"
    r"|boards?|blades?|skillets?|pans?|holes?|tablets?|wheels?|rims?|drives?|hose|heels?|gun|barrel|binder|ribbon|x\s[0-9])\b",
    re.IGNORECASE,
)
_JOINED = ("pc", "Ki", "Mi", "Gi", "Ti")  # written next to the number, or other words
_PICTURED = re.compile(
    r"\s(?:(?:front|rear|main|wide|ultra[ -]?wide|selfie|telephoto|macro|depth|back|primary|dual|triple)[ -]?(?:facing )?){0,2}"
    r"(?:cameras?|sensors?|lens|lenses|webcams?|photos?|pictures?|images?|stills?|cam|selfie|shooter|resolution|main"
    r"|ultra[ -]?wide|telephoto|macro)\b|\s?[+,]\s?[0-9]{1,3}\s?MP\b",
    re.IGNORECASE,
)
_PICTURED_BEFORE = re.compile(r"\b(?:camera|sensor|resolution|webcam|selfie|photos?|lens)\b[^.\n]{0,16}\Z", re.IGNORECASE)
_DEGREES_COMPASS = re.compile(r"\s?([NSEW])(?![\w])")


# After these a letter behind a number is a letter: Room 4 B.
_LABELS = words_of(
    "room apartment apt flat unit section gate block floor suite building grade class chapter seat row plan terminal"
    " platform column level version model part exhibit appendix question step group team zone bay aisle berth cabin"
    " car coach door entrance exit form item lot pier plot stage track type ward wing number no option paragraph"
    " article clause figure table size"
)
_DETERMINERS = words_of("a an the this that my your our his her its their another one each every no any some per")
# What follows a measure that is no noun of which it says the size.
_NO_NOUN = words_of(
    "of in at on per and or to is are was were from with for by more less away long wide tall high deep above below"
    " off each a an the than as not but if when while then before after later ago early late old apart ahead behind up"
    " down over under it has have had will can would could should may might must that this which who whom whose you we"
    " they he she i into out since until till against about around between through during without within so because"
    " only just also still total remaining left free available used every short heavy thick square cubic faster slower"
    " larger smaller bigger longer shorter higher lower wider deeper closer further farther instead vs versus plus"
    " minus times worth does did do be been being now today gets got went weighs costs equals came came makes make"
    " made came comes need needs needed required recommended maximum minimum"
)
_SIZED = words_of(
    "disk disks drive drives ssd hdd file files card cards stick sticks bottle bottles box boxes bag bags cable"
    " cables screen monitor battery batteries adapter charger lens race run walk hike radius limit zone timeout delay"
    " interval window download upload attachment image memory module pack packet packs tank jar can cup glass steak"
    " pipe tube rod rope wire fuse bulb motor supply bulbs motors lenses chargers races runs tablet tablets capsule capsules"
    " pill pills dose doses injection font fonts text angle angles turn bolt bolts screw screws nail nails hole holes gap board"
    " boards plank beam pole weight weights dumbbell dumbbells relay dash hurdles freestyle butterfly backstroke"
    " breaststroke final swim trail ride drive flight break video clip nap wait meal laptop phone phones jars tanks cans boxes"
    " pots sheet sheets paper ribbon tape hose ladder fence wall track course screens monitors televisions tv tvs amp amps"
    " speaker speakers engine engines rounds barrel gun pistol rifle camera cameras band bands channel network link links"
    " connection connections line lines processor processors cpu cpus chip chips resistor resistors capacitor capacitors"
    " lamp lamps lantern heater heaters kettle kettles inverter inverters generator generators laser lasers panel"
    " panels fridge fridges freezer freezers tub tubs tin tins keg kegs bucket buckets sack sacks parcel parcels crate crates"
    " kettlebell kettlebells pan pans plug plugs socket sockets fuses filter filters"
    " roll rolls kit kits stream streams modules limits zones"
)
_NOUN = re.compile(r"[\s-]{1,2}([A-Za-z]{2,20})(?![\w])")
_ONE_LETTER = frozenset("BWVAJLgmhsl")


_HYPHENED_ON = re.compile(r"-[a-z]{3}")
_LONG = re.compile(r"\s{1,2}(?:long|wide|tall|high|deep|thick|heavy|old|square)\s{1,2}[a-z]{3}")


# Behind "can" where that is no tin.
_VERB_NEXT = re.compile(r"\s(?:be|not|have|do|make|take|get|also|only|hold|cause|lead|kill|go|run|help)\b")


def sized(text: str, end: int, before: str) -> bool:
    """Whether a measure that ends at `end` says how big the thing behind it is: a 5 MB file."""
    noun = _NOUN.match(text, end)
    if noun and noun[1] == "can" and before.lower() in ("a", "an", "the", "each", "every", "per") and text[end - 1] != "s":
        return not _VERB_NEXT.match(text, noun.end())
    if before.lower() in ("a", "an", "the", "this", "that") and _LONG.match(text, end):
        return True
    if not noun or noun[1].lower() in _NO_NOUN:
        return False
    return before.lower() in _DETERMINERS or noun[1].lower() in _SIZED


def unit_after(text: str, position: int, one: bool) -> tuple[str, int] | None:
    """The words and the end of a unit that stands at `position`, singular where `one`."""
    found = _UNIT.match(text, position)
    if not found:
        return None
    blank, unit, power, per, per_power, each = found.groups()
    unit = unit.replace("μ", "µ")
    end = found.end()
    period = text[end : end + 1] == "."
    sentence_goes_on = period and text[end + 1 : end + 2] == " " and text[end + 2 : end + 3].islower()
    sure = _SURE_INCHES.match(text, end) or (
        _DECIMAL_BEFORE.search(text, max(0, position - 4), position) and _SIZE_TOLD.match(text, end)
    )
    if unit == "in" and blank and not period and not sure:  # "5 in" is more likely the preposition
        return None
    if unit == "B" and not (blank and (per or _SIZE_ENDS.match(text, end))):  # 4B, Plan 9 B
        return None
    if unit in _JOINED and blank:
        return None
    if unit == "MP" and blank:
        pictured = _PICTURED.match(text, end) or _PICTURED_BEFORE.search(text, max(0, position - 32), position)
        if not pictured:
            return None  # a member of a parliament
    if unit == "W" and blank and points_the_way(text, found.start(2)):
        return None
    if unit in ("us", "pt", "bar", "cal", "min", "h", "g", "mi", "s") and blank and len(blank) > 1:
        return None
    if power and unit not in ("m", "km", "cm", "mm", "dm", "ft", "in", "mi", "yd", "nm", "s", "µm"):
        return None
    if power in ("2", "3") and per is None and unit == "s":
        return None
    if unit == "yo" and blank:
        return None
    words = UNITS[unit][0 if one else 1]
    if unit in ("yo", "y/o", "y.o.") and not one and _SOMEBODY_IS.search(text, max(0, position - 12), position):
        words = "years old"
    if unit == "kt" and (JEWEL_AFTER.match(text, end) or JEWEL_BEFORE.search(text, max(0, position - 32), position)):
        words = "karat"
    if unit in ("bps", "bp") and (_BY_POINTS.search(text, max(0, position - 12), position) or _POINTS_MOVED.match(text, end)):
        words = "basis points"
    elif unit == "bp" and not _OF_GENES.match(text, end):
        return None
    elif unit == "ML" and per in _OF_RIVERS:  # else the label of a bottle
        words = "megaliter" if one else "megaliters"
    if power:
        words = ("square " if power[-1] in "2²" else "cubic ") + words
    if per:
        words += f" per {_per(per, per_power or '')}"
        words += f" per {_PER_NAMES.get(each) or UNITS[each][0]}" if each else ""
    whose = _EACH_BEHIND.match(text, end) if not per and unit not in ("s", "h", "B", "V") else None
    if whose:
        words, end = f"{words} per {whose[1]}", whose.end()
    if sentence_goes_on and unit in ("in", "ft", "lb", "lbs", "oz", "min", "sec", "hr", "hrs", "mi", "yd", "gal", "tsp"):
        end += 1
    if unit == "°":
        compass = _DEGREES_COMPASS.match(text, end)
        if compass:
            words, end = f"{words} {COMPASS[compass[1]]}", compass.end()
    return words, end


def _per(unit: str, power: str) -> str:
    """µg/m³: per cubic meter; m/s²: per second squared; L/100 km: per one hundred kilometers."""
    if unit.startswith("100"):
        return f"one hundred {UNITS[unit[3:].strip()][1]}"
    name = _PER_NAMES.get(unit) or UNITS[unit.replace("μ", "µ")][0]
    if power[-1:] in ("3", "³"):
        return f"cubic {name}"
    return (f"{name} squared" if name == "second" else f"square {name}") if power else name


def measure(place: Place) -> Reading:
    """5 kg, -3.5 °C, 5-10%, 5%-10%, 60 mph, 100 MB/s, 12 m², 3 million km."""
    first = _quantity(place)
    to = _TO.match(place.text, first[0].source[1]) if first else None
    last = _quantity(Place(place.text, to.end(), "")) if to else None
    by = _BY.match(place.text, first[0].source[1]) if first else None
    side = measure(Place(place.text, by.end(), "")) if by else None
    if first and side:  # 3 m x 4 m
        return read(f"{first[0].words} by {side[0].words}", place, side[0].source[1], "measure")
    if not first or not last or to is None:
        return first
    if first[0].words.rpartition(" ")[2] != last[0].words.rpartition(" ")[2] and " " in to[0]:
        return first  # 40Hz–20kHz is a range, 10 km - 5 min may be anything
    to_or = "minus" if _EQUALS.match(place.text, last[0].source[1]) else "to"
    return read(f"{first[0].words} {to_or} {last[0].words}", place, last[0].source[1], "measure")


def _quantity(place: Place) -> Reading:
    text, start, _ = place
    found = _QUANTITY.match(text, start)
    if not found or (found[1] and start and text[start - 1].isalnum()):
        return None
    last = found[3]
    unit = unit_after(text, found.end(), found[2] == "1" and not last)
    if unit and text[unit[1] - 1] in _ONE_LETTER and place.before.lower() in _LABELS and text[unit[1] - 2].isspace():
        return None
    if unit and text[unit[1] - 1] == "W" and place.before.lower() in ("route", "highway", "exit"):  # Route 9W
        return None
    if unit and (sized(text, unit[1], place.before) or _HYPHENED_ON.match(text, unit[1])):
        unit = unit_after(text, found.end(), True)
    if not unit and last:
        unit, last = unit_after(text, found.end(2), found[2] == "1"), None
    sign = found[1].strip()
    value = cardinal(int(found[2])) if _LONG_VALUE.fullmatch(found[2]) and unit else amount(found[2])
    words = f"{SIGNS[sign]} {value}" if sign else value
    if not unit:
        scale = _SCALE.match(text, found.end(2))
        unit = unit_after(text, scale.end(), False) if scale and not last else None
        if not scale or not unit:
            return None
        words += f" {scale[1]}"
    if last:
        words += f" to {amount(last)}"
    return read(f"{words} {unit[0]}", place, unit[1], "measure")


def density(place: Place) -> Reading:
    """1,200/km²: so many per unit."""
    found = _DENSITY.match(place.text, place.start)
    if not found:
        return None
    unit = unit_after(place.text, found.end(), True)
    return read(f"{amount(found[1])} per {unit[0]}", place, unit[1], "measure") if unit else None


def bare_rate(place: Place) -> Reading:
    """km/h, MB/s without a number."""
    found = _BARE_RATE.match(place.text, place.start)
    if not found or place.text[place.start - 1 : place.start] in ("/", ".", "-", "_"):
        return None
    unit = unit_after(place.text, place.start, False)
    return read(unit[0], place, unit[1], "measure") if unit else None


def amps(place: Place) -> Reading:
    """13 A plug, 2.4A: behind another number the letter may be a letter."""
    found = _AMPS.match(place.text, place.start)
    if not found:
        return None
    value = found[1] or found[2]
    one = value == "1" or bool(found[1])
    return read(f"{amount(value)} {'amp' if one else 'amps'}", place, found.end(), "measure")


def per_unit(place: Place) -> Reading:
    """The / of requests/s, cells/µL, calls/day, 3 door mats/hour."""
    word = _EACH_WORD.match(place.text, place.start)
    if word and _SO_MANY.search(place.text, max(0, place.start - 64), place.start):
        return read(f"per {word[1]}", place, word.end(), "measure")
    found = _EACH.match(place.text, place.start)
    if not found or not _COUNTED_THINGS.search(place.text, max(0, place.start - 24), place.start):
        return None
    unit = found[1].replace("μ", "µ")
    return read(f"per {_PER_NAMES.get(unit) or UNITS.get(unit, (unit,))[0]}", place, found.end(), "measure")
