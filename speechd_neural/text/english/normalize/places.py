"""Names of places and saints that tell what an abbreviation beside them stands for."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.rules import Place, Reading, read, words_of

# States, as newspapers have them behind the name of a town; the first need no comma before them.
STATES = {
    "calif": "California", "ariz": "Arizona", "conn": "Connecticut", "tenn": "Tennessee", "minn": "Minnesota",
    "okla": "Oklahoma", "fla": "Florida", "mich": "Michigan", "colo": "Colorado", "wis": "Wisconsin", "neb": "Nebraska",
}  # fmt: skip
BEHIND_TOWNS = STATES | {
    "mass": "Massachusetts", "ala": "Alabama", "ark": "Arkansas", "ga": "Georgia", "ill": "Illinois",
    "ind": "Indiana", "kan": "Kansas",
    "ky": "Kentucky", "la": "Louisiana", "md": "Maryland", "miss": "Mississippi", "mo": "Missouri", "mont": "Montana",
    "nev": "Nevada", "ore": "Oregon", "pa": "Pennsylvania", "tex": "Texas", "va": "Virginia", "vt": "Vermont",
    "wash": "Washington",
    "wyo": "Wyoming", "del": "Delaware", "ont": "Ontario", "que": "Quebec",
}  # fmt: skip
OF_THE_STATE = {name: BEHIND_TOWNS[name] for name in ("va", "pa", "ga", "ky", "md", "ala", "ark", "nev", "mont")}
# In Co. Kerry.
IRISH = re.compile(
    r"\s(?:Antrim|Armagh|Carlow|Cavan|Clare|Cork|Donegal|Down|Dublin|Durham|Fermanagh|Galway|Kerry|Kildare|Kilkenny|Laois|Leitrim"
    r"|Limerick|Londonderry|Longford|Louth|Mayo|Meath|Monaghan|Offaly|Roscommon|Sligo|Tipperary|Tyrone|Waterford|Westmeath"
    r"|Wexford|Wicklow)\b"
)
# What is called after a street, and after no saint: Main St. Bridge.
OF_A_STREET = re.compile(
    r"\s(?:Bridge|Station|Subway|Tunnel|Pier|Market|Garage|Parking|Bakery|Deli|Grill|Diner|Cafe|Caf\u00e9|Theat(?:er|re)|Exit|Entrance"
    r"|Stop|Line|Bus|Overpass|Underpass|Corridor|Block|Playground|Armory|Journal|Project|Closure|Apartments|Lofts|Gym|NW|NE|SW|SE)\b"
)
# Whose names stand behind St, with or without an s: St Andrews, St Paul's.
_SAINTS = words_of(
    "aidan alban aloysiu andrew ann anne anselm anthony asaph augustine austell barnaba bartholomew bede benedict bernard"
    " boniface brendan bride brigid catherine catharine cecilia charle christopher clair clement cloud columba croix"
    " cuthbert cyril david deni dominic dunstan edmund edward elizabeth elmo enoch fagan francis gabriel gall gallen george"
    " germain gile gregory helen helena helier hilda hubert ignatiu ive jame jean jerome joan john joseph jude julian"
    " katherine kevin kilda kitt lambert laurence lawrence lazare leo leonard loui lucia lucie luke malo margaret marie mark"
    " martha martin mary matthew michael mirren monica moritz nazaire neot nichola nicholas nick olaf olave oswald pancra"
    " patrick paul peter petersburg philip pierre pölten raphael regi rita roch sebastian simon stephen swithin swithun"
    " teresa theresa thoma thomas trinian tropez ursula valentine veit victor vincent vitu wilfrid wolfgang xavier"
)
_LONGITUDE = re.compile(r"(?i:long|lon|lng)\.?(?=:?\s{0,2}=?\s{0,2}[-−+]?[0-9]{1,3}(?:[.°]|\s?[NESW]\b))")
_LATITUDE_BEFORE = re.compile(r"\b(?:lat|latitude)\b", re.IGNORECASE)
_SAINT = re.compile(r"St(?=\s{1,2}([A-Z][a-zà-öø-ÿ]{1,20}))")


def saint(place: Place) -> Reading:
    """St without its stop before a name: St Andrews, but not Bond St Station."""
    found = _SAINT.match(place.text, place.start)
    if not found or OF_A_STREET.match(place.text, found.end()):
        return None
    known = found[1].lower().removesuffix("s") in _SAINTS or found[1].lower() in _SAINTS
    if not known and (place.before[:1].isupper() or place.after_digit()):
        return None  # High St Kensington
    return read("saint", place, found.end(), "abbreviation")


def longitude(place: Place) -> Reading:
    """long, lon or lng before a number that follows a latitude: lat 52.52, long 13.40."""
    found = _LONGITUDE.match(place.text, place.start)
    if not found or not _LATITUDE_BEFORE.search(place.text, max(0, place.start - 40), place.start):
        return None
    return read("longitude", place, found.end(), "abbreviation")


WORDS = frozenset(("long", "lon", "lng"))
