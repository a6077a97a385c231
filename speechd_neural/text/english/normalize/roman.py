"""Roman numerals: Chapter IV, Henry VIII, World War II, XIX century, page xii, volumes II and III."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import cardinal, ordinal, roman, year
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, read, spelled_letter, words_of
from speechd_neural.text.token import Token

_NUMERAL = re.compile(r"([IVXLCM]{1,8})(\.?['’]s)?(?![\w'’]|\.[A-Za-z])")
_CENTURY = re.compile(r"([IVX]{1,5})(?:th|st|nd|rd)?(?=\s(?:century|centuries)\b)")
_ORDINAL = re.compile(r"([IVX]{2,7}|[VX])(st|nd|rd|th)(?![\w'’])")
_YEAR = re.compile(r"M[MDCLXVI]{3,14}(?![\w'’])")
_LETTERS = re.compile(r"[IVXLCMivxlc]{1,8}")
_LOWER = re.compile(r"([ivxlc]{1,8})(?![\w'’]|[.@_][A-Za-z]|-(?![ivxlc]{1,8}(?!\w))\w)")
# After these a Roman numeral counts, even a single letter.
_COUNTING = words_of(
    "chapter part volume book act scene section article appendix phase type war title canto level class grade stage"
    " division episode season round lesson unit table figure plate vol ch tier category mark annex schedule exhibit"
    " bowl olympiad wrestlemania windows quake paragraph clause footnote note step item verse psalm sonnet symphony"
    " movement sonata concerto opus no number rule amendment theorem lemma proposition case problem factor group page"
)
_PLURALS = words_of(
    "chapters parts volumes books acts scenes sections articles appendices phases types wars titles cantos levels"
    " classes grades stages divisions episodes seasons rounds lessons units tables figures plates vols tiers"
    " categories annexes schedules exhibits paragraphs clauses footnotes notes steps items verses psalms sonnets"
    " symphonies movements pages amendments factors groups theorems numbers rules lines"
)
# These count in small letters too.
_PRINTED = words_of(
    "page pages p pp chapter chapters section sections part parts volume volumes book books act scene item items"
    " clause clauses paragraph paragraphs appendix article articles footnote footnotes note notes step steps stanza"
    " canto line lines verse psalm figure table plate vol ch case type number preface foreword question problem"
    " exercise lemma numeral numerals"
)
_SERIES = re.compile(
    rf"\b({'|'.join(sorted(_PLURALS))})\.?\s{{1,2}}"
    r"(?:[IVXLCMivxlc]{1,8}(?:\s?,\s?(?:and |or )?|\s?[-–/]\s?|\s(?:and|or|to|through|&)\s)){1,8}\Z",
    re.IGNORECASE,
)
_JOINER = re.compile(r"[ivxlcIVXLC](?:\s?,\s?(?:and |or )?|\s?[-–]\s?|\s(?:and|or|to|through|&)\s)\Z")
_GOES_ON = re.compile(r"\s?(?:,|/|and\b|or\b|to\b|through\b|&)\s?")
_RANGE = re.compile(r"\s?[-–]\s?(?=[IVXLCMivxlc]{1,8}(?![\w'’]))")
_STAGED = re.compile(r"(I{1,3}|IV)([A-C])([1-3])?(?![\w'’])")
_STAGES = words_of("stage class type phase grade category")
WORDS = frozenset(f"{numeral}{part}" for numeral in ("i", "ii", "iii", "iv") for part in "abc")
# The chords of a song: I–IV–V–I.
_DEGREES = re.compile(r"[IV]{1,3}(?:\s?[-–]\s?[IViv]{1,3}){2,7}(?![\w'’-])")
_DEGREE = re.compile(r"[IViv]{1,3}")
_SUBSECTION = re.compile(r"([IVX]{1,7})((?:\.(?:[A-Za-z]|[0-9]{1,3})){1,4})(?![\w]|\.\w)")
_SECTION_BEFORE = re.compile(
    r"\b(?:[Ss]ections|[Pp]arts|[Aa]ppendices|[Cc]hapters|[Aa]rticles)\s[IVX]{1,7}(?:\.\w{1,3}){1,3}"
    r"(?:,?\s(?:and|or|to|&)|,)\s\Z"
)
# Phase I and II, Tables I–III: further on behind a single thing.
_SINGLE_SERIES = re.compile(
    rf"\b({'|'.join(sorted(_COUNTING))})\s{{1,2}}"
    r"(?:[IVXLCM]{1,8}(?:\s?,\s?(?:and |or )?|\s?/\s?|\s(?:and|or|to|through|&)\s)){1,8}\Z",
    re.IGNORECASE,
)
# What has a class, a type or a phase one, so that the I before it is no person.
_OF_FIRST = re.compile(
    r"\s(?:diabetes|errors?|railroads?|listed|misdemeanou?rs?|felony|drugs?|recall|certification|collagen|devices?|trials?"
    r"|supernova[es]*|schools?|offense|substances?|hospital|surveys?|clinical|stud(?:y|ies)|cancer|tumou?r|civilization|landfill|wells?"
    r"|hypersensitivity|reactions?|area|building|athletes?|football|basketball|university|universities|tankers?|destroyer)\b"
)
_REGNAL = words_of(
    "henry edward george william richard charles james elizabeth mary john paul pius louis philip francis frederick"
    " napoleon alexander nicholas peter catherine ivan benedict gregory innocent clement leo urban boniface ferdinand"
    " carlos felipe alfonso juan gustav christian haakon olav leopold albert baudouin wilhelm friedrich ptolemy ramses"
    " rameses xerxes darius cyrus artaxerxes murad mehmed selim suleiman harald vittorio umberto constantine"
    " theodosius justinian otto rudolf maximilian joseph franz stephen adrian sixtus"
)
# A king's number, where no sentence can begin with it: Catherine I of Russia, Alexander II and III.
_FIRST_OF = re.compile(r"\s{0,2}(?:[),;:]|\Z|of\s[A-Z])")
_KINGS = re.compile(
    rf"\b({'|'.join(sorted(_REGNAL))})\s{{1,2}}(?:[IVX]{{1,6}}(?:\s?,\s?(?:and )?|\s(?:and|or|&)\s)){{1,4}}\Z", re.IGNORECASE
)
# John D. Rockefeller III, William Henry Gates III: who is called after his father.
_FULL_NAME = re.compile(
    r"\b(?:(?:[A-Z]\w{1,12}\s)?[A-Z]\.\s|(?:John|William|James|Robert|Thomas|George|Henry|Charles|David|Michael|Edward|Joseph|Richard|Daniel"
    r"|Samuel|Frank|Walter|Harry|Albert|Arthur|Paul|Mark|Thurston|Howard|Franklin|Theodore|Benjamin|Andrew|Matthew|Peter|Philip"
    r"|Stephen|Steven|Kenneth|Donald|Ronald|Gerald|Lawrence|Raymond|Eugene|Ralph|Roy|Carl|Fred|Louis|Martin|Alexander)\s)"
    r"[A-Z][\w'’-]{2,20}\s\Z|\b(?:O['’]|Mc)[A-Z][a-z]{2,14}\s\Z"
)
_NO_VERB = re.compile(r"\s{0,3}(?:[^\w\s]|\Z|(?:of|and|or|to|begins|began|ends|ended|by)\b)")
_CROWNED = re.compile(r"\b(?:King|Queen|Pope|Emperor|Tsar|Czar|Kaiser|Sultan|Prince)\s{1,2}[A-Z]\w{1,20}\s{1,2}\Z")
# The V of Charles V. Moore is an initial; before these words its dot ends a sentence.
_INITIAL = re.compile(
    r"\.\s{1,2}(?!(?:He|She|It|They|We|You|The|This|That|These|Those|There|Then|In|On|At|As|But|And|After|Before|When|His|Her|A"
    r"|An|For|From|With|By|To|If|So|No|Not|All|One|Some|Its|Their|Who|What|Why|How|Once|During|While|I)\b)[A-Z]\w"
)
_NOT_NAMES = words_of(
    "the this that these those use using press type with from and for into via per our your his her its an a my is"
)
# Numerals alone in brackets, or at the start of an item: (iii), iv), ii.
_BRACKETED = re.compile(r"(?<=[(\[])([ivx]{1,6})(?=[)\]])")
_NEIGHBOURS = {"i": "(ii)", "v": "(iv)", "x": "(ix)"}
_ITEM = re.compile(r"([ivx]{2,6})(?=[.)]\s)")
_INNER_ITEM = re.compile(r"([ivx]{1,6})(?=\)\s)")
_BEFORE_ITEM = re.compile(r"(?:[:;,.]|\b(?:and|or))\s{1,2}\Z")
_NEXT_ITEMS = {"i": " ii) ", "v": " iv) ", "x": " ix) "}
# The same in capitals, where (IV) and (VI) may be short for something: with another of them near.
_CAPITAL_BRACKETED = re.compile(r"(?<=[(\[])([IVX]{2,6})(?=[)\]])")
_OTHER_BRACKETED = re.compile(r"[(\[](?:I{1,3}|I?V|VI{1,3}|I?X|XI{1,3})[)\]]")
_CAPITAL_ITEM = re.compile(r"([IVX]{2,6})(?=\)\s)")
_SECOND_NEXT = re.compile(r"\s?(?:,|and\b|or\b|&)\s(?:and\s)?III?(?!\w)")
_FIRST = re.compile(r"\b[A-Z][a-z]{2,20}\sI(?:,?\s(?:and|or|&)|,)\s\Z")
_FOURTH = re.compile(r"\b[A-Z][a-z]{2,20}\s(?:I{1,3},\s){0,3}(?:I{2,3}|I[VX]|VI{1,3})(?:,?\s(?:and|or|&)|,)\s\Z")
_LINE_START = re.compile(r"(?:.*\n)?[ \t]*", re.DOTALL)
_WORDS_TOO = words_of("mix dim mil mid mild civil vivid livid")


def _value(text: str) -> int:
    return roman(text.upper())


def roman_numeral(place: Place) -> Reading:
    """A numeral, by what stands before it; capitals and small letters."""
    text, start, before = place
    first = text[start]
    if first in "ivxlc":
        return _small(place)
    if first not in "IVXLCM":
        return None
    long = _YEAR.match(text, start)
    if long and 1400 <= roman(long[0]) < 2100:
        return read(year(roman(long[0])), place, long.end(), "date")
    found = _CENTURY.match(text, start)
    if found and roman(found[1]):
        return read(ordinal(roman(found[1])), place, found.end(), "ordinal")
    found = _ORDINAL.match(text, start)
    if found and 0 < roman(found[1]) < 40 and not _joined(text, start):  # the IVth, Elizabeth IInd
        the = "the " if before.lower() in _REGNAL and before[0].isupper() else ""
        return read(the + ordinal(roman(found[1])), place, found.end(), "ordinal")
    staged = _STAGED.match(text, start)
    if staged and before.lower() in _STAGES and roman(staged[1]):  # Stage IIIB
        of_it = f" {cardinal(int(staged[3]))}" if staged[3] else ""
        return read(f"{cardinal(roman(staged[1]))} {letters(staged[2])}{of_it}", place, staged.end(), "identifier")
    degrees = _DEGREES.match(text, start)
    if degrees and not _joined(text, start):  # I–IV–V–I
        parts = _DEGREE.finditer(text, start, degrees.end())
        tokens = [Token(cardinal(_value(part[0])), part.span(), "number", ",") for part in parts]
        return [*tokens[:-1], tokens[-1]._replace(punctuation="")]
    found = _SUBSECTION.match(text, start)
    if found and roman(found[1]) and _of_sections(place):
        rest = [spelled_letter(part).upper() if part.isalpha() else cardinal(int(part)) for part in found[2][1:].split(".")]
        return read(" ".join([cardinal(roman(found[1])), *rest]), place, found.end(), "identifier")
    found = _NUMERAL.match(text, start)
    if found and _stands_alone(text, start, found) and len(found[1]) > 1 and roman(found[1]):
        return _counted(place, roman(found[1]), found.end(), "")  # XV., and nothing else
    if found and len(found[1]) > 1 and _itemized(place):
        return read(cardinal(roman(found[1])), place, found.end(1), "number")
    if found and not before and not _beside_another(place, found):
        return _alone(place, found)
    if not found:
        return None
    numeral, owner = found[1], "'s" if found[2] else ""
    value = roman(numeral)
    lower = before.lower()
    if not value:
        return None
    if _in_series(place, lower, found.end()) or _beside_another(place, found):
        return _counted(place, value, found.end(), owner)
    if lower in _COUNTING and (len(numeral) > 1 or numeral in "IVX"):
        alone = before[0].isupper() and _NO_VERB.match(text, found.end())
        if lower == "war" or numeral != "I" or alone or _OF_FIRST.match(text, found.end()):
            return _counted(place, value, found.end(), owner)
        return None
    if lower in _REGNAL and before[0].isupper() and value < 40:
        crowned = _CROWNED.search(text[max(0, start - 48) : start]) or (numeral == "I" and _FIRST_OF.match(text, found.end()))
        if len(numeral) > 1 or numeral in "VX" or crowned:
            if len(numeral) == 1 and not crowned and _INITIAL.match(text, found.end()):
                return None
            return read(f"the {ordinal(value)}{owner}", place, found.end(), "ordinal")
    if len(numeral) > 1 and value < 40 and _goes_before(text, start) and _KINGS.search(text, max(0, start - 48), start):
        return read(f"the {ordinal(value)}{owner}", place, found.end(), "ordinal")
    plain = len(numeral) > 1 and not set(numeral) - set("IVX") and value < 30 and numeral != "XX"
    if plain and value < 6 and len(before) > 2 and _FULL_NAME.search(text, max(0, start - 48), start):
        return read(f"the {ordinal(value)}{owner}", place, found.end(), "ordinal")
    if plain and before[0].isupper() and len(before) > 1 and lower not in _NOT_NAMES:
        return read(cardinal(value) + owner, place, found.end(), "number")
    return _alone(place, found)


def _of_sections(place: Place) -> bool:
    """Whether what stands before II.A is a section, or another one of several."""
    before = place.before.lower()
    series = _SECTION_BEFORE.search(place.text, max(0, place.start - 48), place.start)
    return before in _COUNTING or before in _PLURALS or series is not None


def _stands_alone(text: str, start: int, found: re.Match[str]) -> bool:
    """Whether there is nothing but the numeral and a full stop."""
    return not found[2] and not text[:start].strip() and text[found.end() :].strip() == "."


def _itemized(place: Place) -> bool:
    """Whether capitals stand in brackets beside others that do, or begin a line as the number of an item: II)."""
    text, start, _ = place
    if _CAPITAL_BRACKETED.match(text, start):
        others = _OTHER_BRACKETED.finditer(text, max(0, start - 200), start + 200)
        return any(other.start() + 1 != start for other in others)
    item = _CAPITAL_ITEM.match(text, start)
    return bool(item and roman(item[1]) and _LINE_START.fullmatch(text, max(0, start - 8), start))


def _in_series(place: Place, before: str, end: int) -> bool:
    """Types I and II, volumes I–III: after a plural, or further on in its series."""
    text, start, _ = place
    if before in _PLURALS:
        return bool(_GOES_ON.match(text, end) or _RANGE.match(text, end))
    if not _goes_before(text, start):
        return False
    if end - start > 1 and _SINGLE_SERIES.search(text, max(0, start - 48), start):
        return True
    return bool(_SERIES.search(text, max(0, start - 64), start))


def _beside_another(place: Place, found: re.Match[str]) -> bool:
    """Rocky IV and V, Terminator I and II: one sign beside a numeral that can be nothing else, behind a name."""
    text, start, before = place
    if found[1] == "I":
        named = (before[:1].isupper() and len(before) > 2) or (not before and text[start + 1 : start + 2] == ",")  # I, II, III
        return named and _SECOND_NEXT.match(text, found.end()) is not None
    if len(found[1]) > 1:
        return _goes_before(text, start) and _FIRST.search(text, max(0, start - 40), start) is not None
    return found[1] in ("V", "X") and _goes_before(text, start) and _FOURTH.search(text, max(0, start - 48), start) is not None


def _alone(place: Place, found: re.Match[str]) -> Reading:
    """II, III, XIV, XVIII: letters of which nobody makes a word or a short name."""
    numeral = found[1]
    many = len(set(numeral)) > 1 or numeral == "III"
    known = (numeral == "II" or (len(numeral) > 2 and many)) and set(numeral) <= set("XVI") and roman(numeral)
    if not known or _joined(place.text, place.start):
        return None
    return _counted(place, roman(numeral), found.end(), "'s" if found[2] else "")


def _goes_before(text: str, start: int) -> bool:
    """Whether a comma, a dash or a word such as "and" stands before a numeral: the first, and cheap, half of the question."""
    return text[max(0, start - 2) : start].rstrip()[-1:] in tuple(",-–&/drohDROH")


def _joined(text: str, start: int) -> bool:
    """Whether the numeral is joined to something before it, as the part of a name is."""
    return start > 0 and (text[start - 1].isalnum() or text[start - 1] in "._@/-'’")


def _counted(place: Place, value: int, end: int, owner: str) -> Reading:
    to = _RANGE.match(place.text, end)
    if to:
        last = _LETTERS.match(place.text, to.end())
        other = _value(last[0]) if last else 0
        if last and other > value:
            return read(f"{cardinal(value)} to {cardinal(other)}", place, last.end(), "number")
    return read(cardinal(value) + owner, place, end, "number")


def _small(place: Place) -> Reading:
    """page xii, (iii), pp. ix–xi."""
    text, start, before = place
    found = _BRACKETED.match(text, start)
    if found and _value(found[1]):
        value = _value(found[1])
        # (i), (v) and (x) may be letters of a list; they are said as letters unless their neighbour is there.
        counted = len(found[1]) > 1 or _NEIGHBOURS[found[1]] in text[max(0, start - 300) : start + 300]
        return read(cardinal(value), place, found.end(), "number") if counted else None
    item = _ITEM.match(text, start)
    if item and _value(item[1]) and _LINE_START.fullmatch(text, max(0, start - 8), start):
        return read(cardinal(_value(item[1])), place, item.end(), "number")
    inner = _INNER_ITEM.match(text, start)
    if inner and _value(inner[1]) and _BEFORE_ITEM.search(text, max(0, start - 5), start):
        numbered = len(inner[1]) > 1 or _NEXT_ITEMS[inner[1]] in text[max(0, start - 300) : start + 300]
        return read(cardinal(_value(inner[1])), place, inner.end(), "number") if numbered else None  # i) rent; ii) noise
    found = _LOWER.match(text, start)
    if not found:
        return None
    numeral, value = found[1], _value(found[1])
    lower = before.lower()
    if not value or numeral in _WORDS_TOO or (len(numeral) < 2 and numeral in "lc"):
        return None
    if len(numeral) > 2 and not set(numeral) & set("lc") and numeral != "xxx" and not _joined(text, start):
        return _counted(place, value, found.end(), "")
    if lower in _PLURALS or lower in _PRINTED or (lower in _COUNTING and len(numeral) > 1):
        one = numeral == "i" or (numeral == "x" and lower in ("page", "p", "chapter"))
        if len(numeral) > 1 or numeral == "v" or (one and _NO_VERB.match(text, found.end())):
            return _counted(place, value, found.end(), "")
        return None
    if _JOINER.search(text, max(0, start - 12), start) and _SERIES.search(text, max(0, start - 64), start):
        return _counted(place, value, found.end(), "")
    return None
