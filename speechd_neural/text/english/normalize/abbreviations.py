"""Abbreviations, titles, initials, Roman numerals."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.cuts import CUTS
from speechd_neural.text.english.normalize.places import BEHIND_TOWNS, IRISH, OF_A_STREET, OF_THE_STATE, STATES
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, read, words_of
from speechd_neural.text.english.normalize.short_forms import (
    BARE,
    BARE_NUMBERED,
    BARE_TITLES,
    DOTTED,
    DOTTED_TITLES,
    NUMBERED,
    TITLES,
)

_RULES = re.compile(r"\b(?:Civ|Crim|App|Evid|Bankr)\.\s?\Z")  # Fed. R. Civ. P. 12
_LETTERED_REVISION = re.compile(r"\s?[A-Z](?![\w.'’])")  # rev. B
_BRACKETED = words_of("eq eqs fig figs ref refs sec")  # Eq. (4)
_BRACKETED_NUMBER = re.compile(r"\s?[(\[][0-9]{1,3}[a-z]?[)\]]")
# Before a time of the day.
_TIMED = {"dep": "departs", "arr": "arrives"}
_DOSES = {"tab": "tablet", "tabs": "tablet", "cap": "capsule", "caps": "capsule"}  # behind a number: Take 1 tab. daily
_MIXED_BEFORE = re.compile(r"\d\s(?:\d{1,2}/\d{1,2})\s\Z|\d\s?[½¼¾⅓⅔]\s\Z")
_COUNT_BEFORE = re.compile(r"(?:(?<!\d)\d{1,2}|[½¼¾⅓⅔])\s\Z")
_TIME_NEXT = re.compile(r"\s{0,2}[0-9]{1,2}[:.h][0-9]{2}(?!\w)")
# By themselves, or at the end of a text, only with a capital and the period; the others may be words there.
ENDING = TITLES | {name: DOTTED_TITLES[name] for name in words_of(
    "gen lt capt sgt maj gov sen rev cpl pvt cmdr adm mt pres supt insp"
)} | {"vol": "volume", "fig": "figure"}  # fmt: skip
_LISTED = words_of("gen lt capt sgt maj gov sen rev cpl pvt cmdr adm col hon rep supt insp")
# After a capitalised name, as the last part of a street.
STREETS = {"st": "street", "dr": "drive", "ave": "avenue", "rd": "road", "blvd": "boulevard", "ln": "lane", "ct": "court",
           "pl": "place", "sq": "square", "pkwy": "parkway", "hwy": "highway", "expy": "expressway", "cir": "circle",
           "crt": "court", "ter": "terrace", "trl": "trail", "hts": "heights", "tpke": "turnpike",
           "cres": "crescent", "cl": "close", "gdns": "gardens"}  # fmt: skip
COMPASS = {"N": "north", "E": "east", "S": "south", "W": "west"}
_ROAD = re.compile(
    r"\b(?:I[ -]|US-|SR-|(?i:hwy|route|rte|highway|interstate)\.?\s)[0-9]{1,4}\s\Z"
)
_WAY = re.compile(r"([NSEW])(?=\s{0,2}(?:[^\w\s]|\Z|(?:exit|to|at|toward|near|and|is|ramp|closed|between)\b))")
# Winds from the NW, a breeze out of the SE, heading S.
_BEARING = re.compile(r"([NS][EW]|[NSEW])(?![\w.'’&-])")
_WIND = re.compile(
    r"\b(?:winds?|breezes?|gusts?|heading|headed|moving|blowing)(?:\s(?:is|are|blowing|coming|moving|out|of|from|to|toward|the|due)){0,4}\s\Z",
    re.IGNORECASE,
)
_NUMBERED_STREET = re.compile(
    r"([NS][EW]|[NSEW])\.?(?=\s{1,2}[0-9]{1,3}(?:st|nd|rd|th)\s{1,2}(?i:streets?|st|avenue|ave|place|pl|road|rd)(?![\w'’]))"
)
SENTENCE_ENDERS = words_of("etc inc ltd co corp jr sr al bros esq ave blvd rd st dr")
PHRASES = {
    "e.g.": "for example", "i.e.": "that is", "a.k.a.": "also known as", "ph.d.": "p h d",
    "n.b.": "nota bene", "e.g": "for example", "i.e": "that is", "w/o": "without", "w/": "with",
    "c/o": "care of", "b/c": "because", "p.a.": "per annum", "p.a": "per annum", "ph.d": "p h d",
    "yoy": "year over year", "qoq": "quarter over quarter", "mom": "month over month",
}  # fmt: skip
_PHRASE = re.compile(
    r"e\.\s?g\.?|i\.\s?e\.?|a\.k\.a\.|Ph\.\s?D\.?|N\.B\.|w/o(?!\w)|w/(?=\s)|c/o(?!\w)|b/c(?!\w)|(?<=% )p\.a\.?(?!\w)"
    r"|(?-i:YoY|QoQ|MoM)(?!\w)",
    re.IGNORECASE,
)
_DOTTED_WORD = re.compile(r"([A-Za-z]{1,6})\.(?!\w|\.)|([Nn]os?|[Vv]ols?|pp?|[Ff]igs?|[Cc]h|[Ee]q|[Ss]ec|[Ee]p)\.(?=[0-9])")
_INITIALS = re.compile(
    r"(?:[A-Z]\.){2,8}(?:[A-Z](?![\w.]))?|(?:[a-z]\.){2,8}(?!\w)|[ecmp]\.[sd]\.t(?![\w.])|[A-Z](?:\.[A-Z]){1,8}(?![\w.])|LL\.\s?[BMD]\."
)
_INITIAL = re.compile(r"([A-Z])\.(?=\s{1,2}[A-Z][\w.'’-]|\s[a-z]{3})")
_TITLE = re.compile(
    r"(Mr|Mrs|Dr|Prof|Messrs)(?=\s{1,2}[A-Z]|/(?:Mr|Mrs|Ms|Miss|Dr|Prof|Mx)(?!\w))|(?<=[a-z]/)(Mrs|Mr|Dr|Prof)(?![\w.])"
    r"|(MRS?|DR)(?=\s{1,2}(?!WHO|SITE|PLAN|TEST)[A-Z]{3})"
)
# A saint after whom a street is called: 12 St John St.
_SAINT_OF_STREET = re.compile(
    r"St(?=\s[A-Z][a-z]{2,14}(?:['’]?s)?\s(?i:st|street|rd|road|ave|avenue|ln|lane|sq|square|dr|drive|pl|place|ct|court|way|close|gardens)"
    r"(?![\w'’]))"
)
# In lines of capitals: ST LOUIS, but not MAIN ST CLOSED.
_LOUD_TITLE = re.compile(
    r"(ST|MT|FT)(?=\s[A-Z]{3})|(ST)(?=\s(?:Peter|Paul|John|Mary|Mark|Luke|James|George|Patrick|Louis|Anne?|Thomas|Joseph)\b)"
)
_BEFORE_PLACES = words_of("in of to at from near for and the via by")
_COMMAND = re.compile(r"(?:Cmd|CMD|cmd|Opt)(?=\s?[+-]\s?[\w⇧])")
_NAMED = r"(?:(?:[A-Z][\w'’]{1,20}|[0-9]{1,3}(?:st|nd|rd|th))\s{1,2}){1,3}"
_HOUSE = re.compile(rf"[0-9](?:st|nd|rd|th)?\s{{1,2}}(?:[NSEW]\.?\s{{1,2}})?{_NAMED}\Z")
_COURT = re.compile(r"Cir\.(?=\s?(?:[12][0-9]{3}|[)\]]|\Z|court|judge|panel|ruled|held))")
_BEHIND_NTH = {"ed": "edition", "cong": "congress", "sess": "session", "anniv": "anniversary"}
_NTH = re.compile(r"[0-9](?:st|nd|rd|th)\s{1,2}\Z")
_STREET = re.compile("(" + "|".join(STREETS) + r")(\.)?(?![\w'’])", re.IGNORECASE)
_DIRECTION = re.compile(
    rf"([NSEW])\.?(?=\s{{1,2}}{_NAMED}(?i:{'|'.join((*STREETS, *STREETS.values()))})(?![\w'’]))"
)
# The point of the compass behind a street: Pennsylvania Ave NW.
_SIDE = re.compile(
    r"\s{1,2}(N\.?[EW]\.?|S\.?[EW]\.?|[NESW])(?![\w'’])"
    r"(?=\.?\s{0,3}(?:[,;)]|\Z|\s(?:in|at|and|near|apt|#|unit|ste|suite|is|was|between|to|from|on|closed|will|or|by|where)))",
    re.IGNORECASE,
)
_DEGREE = re.compile(r"([BMD])\.\s?(Sc|Tech|Com|Ed|Phil|Pharm|Arch)(?![\w])\.?")
_PARTY = re.compile(r"([DRI])-([A-Z][a-z]{1,4})\.(?![A-Za-z0-9])")
_WHOLE_SIDE = re.compile(r"\s{1,2}(?:North|South|East|West)(?!\w)")
_WORD = re.compile(r"[A-Za-z]{1,20}(?![\w'’])")
_NAME_NEXT = re.compile(r"\s{1,2}[A-Z][a-zà-ÿ]")
_LETTER_NEXT = re.compile(r"\.?\s[A-Z](?![\w'’])")
_BARE_NUMBER = re.compile(r"\s{1,2}#?[0-9]")
_NUMBERED_ROMAN = re.compile(r"\s{0,2}(?:[IVXLC]{1,7}|[ivxlc]{1,7})(?![\w'’])")
_NOT_NAMES = words_of(
    "the this that these those use using press type with from and for into via per our your his her its an a my is"
)

# A capital behind these begins no sentence.
_BEFORE_CAPITALS = words_of("vs cf approx dept attn tel co univ assn intl natl assoc")


def _next_letter(text: str, position: int) -> str:
    """The first character after the blanks, "" at the end."""
    rest = text[position : position + 8].lstrip()
    return rest[:1]


def phrase(place: Place) -> Reading:
    """e.g., i.e., Ph.D., w/o."""
    found = _PHRASE.match(place.text, place.start)
    if not found or (found.end() < len(place.text) and place.text[found.end()].isalnum()):
        return None
    key = found[0].lower().replace(" ", "")
    end = found.end()
    if key.endswith(".") and key[:2] == "ph" and _ends_sentence(place.text, end):
        end -= 1
    return read(PHRASES[key], place, end, "abbreviation")


def _singer_next(place: Place, end: int) -> bool:
    """Whether a name follows "feat." or "ft.", and no number of feet stands before it."""
    return bool(_NAME_NEXT.match(place.text, end)) and not place.after_digit() and not _ends_sentence(place.text, end)


def _ends_sentence(text: str, end: int) -> bool:
    following = _next_letter(text, end)
    return not following or (text[end : end + 1].isspace() and CUTS.opens(text, end + 1) and following.isupper())


def points_the_way(text: str, position: int) -> bool:
    """Whether the letter at `position` is a point of the compass in the address of a house: 4410 W Oak Dr."""
    return bool(_DIRECTION.match(text, position))


def abbreviation(place: Place) -> Reading:
    """Dr., St., No. 5, etc., vs., Main St."""
    text, start, before = place
    direction = _direction(place)
    if direction:
        return direction
    court = _COURT.match(text, start)
    if court and _NTH.search(text, max(0, start - 6), start):  # 9th Cir. 2022
        return read("circuit", place, court.end(), "abbreviation")
    street = _STREET.match(text, start)
    if street and text[max(0, start - 3) : start].strip()[-1:] in tuple("\"“‘«,;:!?("):
        street = None  # said Renaud, “Dr. d’Avrigny
    if street:
        numbered = _HOUSE.search(text[max(0, start - 48) : start])
        known = before[:1].isupper() or before in ("junior", "senior")
        named = known and before.lower() not in _NOT_NAMES and before.lower() not in TITLES
        if not numbered and not (street[1].istitle() and (named or _NTH.search(text[max(0, start - 6) : start]))):
            street = None
    if street:
        following = text[street.end() : street.end() + 1]
        side = _SIDE.match(text, street.end())
        upper = _next_letter(text, street.end()).isupper() and following.isspace() and not side
        upper = upper and not (numbered and _WHOLE_SIDE.match(text, street.end()))
        if street[2] or not upper:
            name = street[1].lower()
            if not (name in ("st", "dr") and upper) or (street[2] and numbered):
                if side:
                    words = f"{STREETS[name]} {' '.join(COMPASS[point] for point in side[1] if point in COMPASS)}"
                    return read(words, place, side.end(), "abbreviation")
                end = street.end() - 1 if street[2] and _ends_sentence(text, street.end()) else street.end()
                return read(STREETS[name], place, end, "abbreviation")
    party = _PARTY.match(text, start)
    if party and party[2].lower() in BEHIND_TOWNS:  # Rep. Pelosi, D-Calif.
        return read(f"{letters(party[1])} {BEHIND_TOWNS[party[2].lower()]}", place, party.end(), "abbreviation")
    found = _TITLE.match(text, start)
    if found:
        return read(TITLES[found[0].lower()], place, found.end(), "abbreviation")
    saint = _SAINT_OF_STREET.match(text, start)
    if saint and place.after_digit():
        return read("saint", place, saint.end(), "abbreviation")
    loud = _LOUD_TITLE.match(text, start)
    if loud and not place.after_digit() and (not before or before.lower() in _BEFORE_PLACES):
        return read(DOTTED_TITLES[(loud[1] or loud[2]).lower()], place, loud.end(), "abbreviation")
    found = _COMMAND.match(text, start)
    if found:
        return read("option" if found[0] == "Opt" else "command", place, found.end(), "abbreviation")
    found = _DOTTED_WORD.match(text, start)
    if found:
        return _dotted(place, found)
    found = _WORD.match(text, start)
    name = found[0].lower() if found else ""
    if found and name in BARE:
        return read(BARE[name], place, found.end(), "abbreviation")
    if found and name == "bldg" and _LETTER_NEXT.match(text, found.end()):
        return read("building", place, found.end(), "abbreviation")
    if found and name in BARE_NUMBERED and found[0] != "RM" and _BARE_NUMBER.match(text, found.end()):
        return read(BARE_NUMBERED[name], place, found.end(), "abbreviation")
    if found and name in BARE_TITLES and found[0].istitle() and _NAME_NEXT.match(text, found.end()) and not place.after_digit():
        return read(DOTTED_TITLES[name], place, found.end(), "abbreviation")
    if found and found[0] == "Fl" and _NTH.search(text, max(0, start - 6), start):
        return read("floor", place, found.end(), "abbreviation")
    if found and found[0] in ("feat", "ft") and place.before[:1].isupper() and _singer_next(place, found.end()):
        return read("featuring", place, found.end(), "abbreviation")
    if found and found[0] == "FW" and text[found.end() : found.end() + 1] == ":":
        return read("forward", place, found.end(), "abbreviation")
    return None


def _direction(place: Place) -> Reading:
    """The point of the compass before or behind the name of a street: 4410 W Oak Dr, E 42nd St, I-95 N."""
    text, start, _ = place
    if text[start] not in COMPASS:
        return None
    found = _DIRECTION.match(text, start) if place.after_digit() else None
    found = found or _NUMBERED_STREET.match(text, start)
    if not found and _ROAD.search(text, max(0, start - 20), start):
        found = _WAY.match(text, start)
    bearing = None if found else _BEARING.match(text, start)
    if bearing and _WIND.search(text, max(0, start - 40), start):
        return read("".join(COMPASS[point] for point in bearing[1]), place, bearing.end(), "abbreviation")
    if not found:
        return None
    return read(" ".join(COMPASS[point] for point in found[1]), place, found.end(), "abbreviation")


def _state(place: Place, name: str, end: int) -> Reading:
    """Calif., or Ill. behind a comma: a state."""
    text, start, _ = place
    known = BEHIND_TOWNS if text[max(0, start - 2) : start].rstrip() == "," else STATES
    known = OF_THE_STATE if place.before in ("the", "The") and name in OF_THE_STATE else known  # the Va. Tech team
    if not text[start].isupper() or name not in known:
        return None
    return read(known[name], place, end - 1 if _ends_sentence(text, end) else end, "abbreviation")


_OF_PERSONS = frozenset(("a", "the", "my", "your", "his", "her", "our", "their", "this", "that", "another"))


def _dotted(place: Place, found: re.Match[str]) -> Reading:
    text = place.text
    written, end = found[1] or found[2], found.end()
    name = written.lower()
    following = _next_letter(text, end)
    if written == "C" and place.before:  # the answer is C. 12 people had it
        return None
    state = _state(place, name, end)
    if written == "Wash" and text[end : end + 6].lstrip(", ").startswith("D.C."):
        return read("Washington", place, end, "abbreviation")
    if state:
        return state
    legal = written == "P" and _RULES.search(text, max(0, place.start - 8), place.start)
    if name in _DOSES and place.after_digit() and (following.islower() or following.isdecimal()):
        one = place.before == "one"
        return read(_DOSES[name] if one else _DOSES[name] + "s", place, end, "abbreviation")
    counted = written == "c" and _COUNT_BEFORE.search(text, max(0, place.start - 4), place.start)
    if counted and (following.islower() or following == ")"):  # 2 c. flour
        one = place.before in ("one", "half", "third", "quarter", "quarters", "thirds")
        whole = _MIXED_BEFORE.search(text, max(0, place.start - 8), place.start)
        return read("cup" if one and not whole else "cups", place, end, "abbreviation")
    if name in _TIMED and _TIME_NEXT.match(text, end):
        return read(_TIMED[name], place, end, "abbreviation")
    numbered = following.isdecimal() or (name in _BRACKETED and _BRACKETED_NUMBER.match(text, end))
    if name in NUMBERED and not legal and (numbered or (name[0] != "n" and _NUMBERED_ROMAN.match(text, end))):
        return read(NUMBERED[name], place, end, "abbreviation")
    if written == "rev" and _LETTERED_REVISION.match(text, end):
        return read("revision", place, end, "abbreviation")
    if written == "St" and place.before[:1].isupper() and OF_A_STREET.match(text, end):
        return read("street", place, end, "abbreviation")
    if name in ("feat", "ft") and written.islower() and _singer_next(place, end):
        return read("featuring", place, end, "abbreviation")
    if written[0].isupper() and following.isupper() and text[end : end + 1].isspace():
        title = TITLES.get(name) or DOTTED_TITLES.get(name)
        if title:
            return read(title, place, end, "abbreviation")
    if name in TITLES and (written[0].isupper() or following.isalpha()) and following:
        return read(TITLES[name], place, end, "abbreviation")
    if name == "dr" and written.islower() and place.before.lower() in _OF_PERSONS:  # he's a dr., she is not
        return read("doctor", place, end - 1 if _ends_sentence(text, end) else end, "abbreviation")
    if name in _LISTED and written[0].isupper() and following in (",", ")", "/", ";"):  # Lt., Capt. and Col.
        return read(DOTTED_TITLES[name], place, end, "abbreviation")
    if name in ENDING and written[0].isupper() and not following:
        return read(ENDING[name], place, end - 1, "abbreviation")
    if name == "st" and not place.before and following.isalpha():
        return read("saint", place, end, "abbreviation")
    if name == "st":
        return read("street", place, end - 1 if _ends_sentence(text, end) else end, "abbreviation")
    in_county = place.before.islower() and following.isupper() and not _ends_sentence(text, end)
    company = text[max(0, place.start - 2) : place.start].strip() == "&"
    if written == "Co" and not company and (in_county or IRISH.match(text, end)):
        return read("county", place, end, "abbreviation")  # in Co. Kerry; a company's name stands before it
    if written == "Rd" and following.isdecimal() and not place.before[:1].isupper():  # in Rd. 3
        return read("round", place, end, "abbreviation")
    if name in _BEHIND_NTH and _NTH.search(text, max(0, place.start - 6), place.start):  # 2nd ed., 9th Cir.
        return read(_BEHIND_NTH[name], place, end - 1 if _ends_sentence(text, end) else end, "abbreviation")
    if name == "fl" and _NTH.search(text, max(0, place.start - 6), place.start):
        return read("floor", place, end, "abbreviation")
    if name in DOTTED and not (written == "Ed" and place.before == "of"):  # Board of Ed.
        if name in SENTENCE_ENDERS:
            ends = _ends_sentence(text, end)
        else:
            # "min." or "max." at the end of a sentence is as likely the word
            ends = _ends_sentence(text, end) or (
                following.isupper() and name not in _BEFORE_CAPITALS
            )
            if ends and name in ("ed", "co", "min", "max", "nat", "est", "temp", "ft", "trans", "adv", "adj", "ref", "inst"):
                return None
        return read(DOTTED[name], place, end - 1 if ends else end, "abbreviation")
    return None


def degree(place: Place) -> Reading:
    """B.Sc., M.Tech: what somebody has studied."""
    found = _DEGREE.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1].isalnum()):
        return None
    rest = found[2] if found[2] in ("Tech", "Com", "Phil") else letters(found[2])
    end = found.end() - (found[0][-1] == "." and _ends_sentence(place.text, found.end()))
    return read(f"{letters(found[1])} {rest}", place, end, "spell")


def initials(place: Place) -> Reading:
    """U.S., U.S.A., J. R. R. Tolkien."""
    text, start, before = place
    if start and text[start - 1].isalnum():
        return None
    found = _INITIALS.match(text, start)
    if found:
        end = found.end()
        if text[end - 1] == "." and _ends_sentence(text, end) and not (
            found[0].count(".") == 2 and _next_letter(text, end).isupper()
        ):
            end -= 1
        return read(letters(found[0]), place, end, "spell")
    found = _INITIAL.match(text, start)
    if found and (found[1] != "I" or (before[:1].isupper() and len(before) < 3)):
        return read(letters(found[1]), place, found.end(), "spell")
    return None


WORDS = frozenset({*TITLES, *DOTTED_TITLES, *DOTTED, *NUMBERED, *BARE, *BARE_NUMBERED, *STREETS, *BEHIND_TOWNS, *_TIMED, *_DOSES})
WORDS |= frozenset(("ph", "fw", "feat", "n", "s", "e", "w", "nw", "ne", "sw", "se", "d", "r", "i", "cmd", "opt"))
