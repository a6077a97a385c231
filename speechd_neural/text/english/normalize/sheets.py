"""Cells of a sheet and what stands in them in place of a value: $A$1, #REF!."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import number
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, read

_CELL = re.compile(r"\$([A-Z]{1,3})(\$?)([0-9]{1,7})(?!\w)")
_CELLS = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})(?![\w:.-])")
_COLUMNS = re.compile(r"([A-Z]{1,3}):([A-Z]{1,3})(?=[,;)])")
_FORMULA = re.compile(r"[A-Z]{2,12}\((?:[^()\n]{0,12}[,;])?\s?\Z")
_ERROR = re.compile(r"#(REF!|N/A(?!\w)|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")
_ERRORS = {
    "REF!": "ref", "N/A": "n A", "VALUE!": "value", "NAME?": "name", "DIV/0!": "div zero", "NUM!": "num", "NULL!": "null",
    "SPILL!": "spill", "CALC!": "calc",
}  # fmt: skip


def cell(place: Place) -> Reading:
    """$A$1, $B2, $A$1:$C$50: a cell of a sheet, not an amount."""
    found = _CELL.match(place.text, place.start)
    if not found:
        return None
    words = f"dollar {letters(found[1])} {'dollar ' if found[2] else ''}{number(found[3])}"
    to = cell(Place(place.text, found.end() + 1, "")) if place.text[found.end() : found.end() + 2] == ":$" else None
    if to:  # $A$1:$C$50
        return read(f"{words} to {to[0].words}", place, to[0].source[1], "identifier")
    return read(words, place, found.end(), "identifier")


def columns(place: Place) -> Reading:
    """The A:A of COUNTIF(A:A, 5)."""
    found = _COLUMNS.match(place.text, place.start)
    if not found or not _FORMULA.search(place.text, max(0, place.start - 24), place.start):
        return None
    return read(f"{letters(found[1])} to {letters(found[2])}", place, found.end(), "range")


def cells(place: Place) -> Reading:
    """A1:B7, from one cell to another."""
    found = _CELLS.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1].isalnum()):
        return None
    words = f"{letters(found[1])} {number(found[2])} to {letters(found[3])} {number(found[4])}"
    return read(words, place, found.end(), "range")


def cell_error(place: Place) -> Reading:
    """#REF!, #N/A: what a sheet shows in place of a value."""
    found = _ERROR.match(place.text, place.start)
    return read(f"hash {_ERRORS[found[1]]}", place, found.end(), "code") if found else None
