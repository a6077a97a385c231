"""Names of places that tell what an abbreviation beside them stands for."""

from __future__ import annotations

from speechd_neural import expressions as re

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
