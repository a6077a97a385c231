"""The plainest of YAML, which nearly all of our files are, without the time that a YAML library takes to come: a twentieth
of the daemon's start.

A line is `key: value`, `key:` alone or above what is indented more, or `- value`; a value is a number, true, false, a text in
which no character means anything in YAML, or one in single quotes. Whatever else there is, the whole file is left to YAML:
what this reads YAML reads alike (tests, and `python -m bench.fuzz plainest`).
"""

from __future__ import annotations

import re
from typing import Any

LONGEST, LONGEST_LINE = 1 << 16, 500  # bytes; characters
DEEPEST = 6  # levels
_WORDS = r"[A-Za-z](?:[\w.·/()+,;' -]*[\w.·/()+;'])?"
_LINE = re.compile(rf"( *)(?:(- )|({_WORDS}):(?: +(?=\S)|$))(.*)", re.ASCII)
_TEXT = re.compile(rf"{_WORDS}|[._]", re.ASCII)
_MORE = re.compile(rf" +({_WORDS})", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(\.[0-9]{1,20}(?:e[-+][0-9]{1,2})?)?", re.ASCII)
_QUOTED = re.compile(r"'([ -&(-~]*)'")
_HASH = re.compile(r"(?=[0-9]*[a-f])[1-9a-f][0-9a-f]{63}")
_NO_TEXT = {"yes", "no", "on", "off", "true", "false", "null"}  # whatever letters are capital ones


class _Odd(Exception):
    pass


def read(data: bytes) -> dict[str, Any] | None:
    """The document, a dict; None where it is not of the plainest, or not right."""
    try:
        text = data.decode()
        lines = text.split("\n")
        if len(data) > LONGEST or not text.replace("\n", "").isprintable():
            return None
        return _document(lines)
    except (UnicodeDecodeError, _Odd):
        return None


def _document(lines: list[str]) -> dict[str, Any] | None:
    root: dict[str, Any] = {}
    # Of each level that is open: its indentation, its values, and the key that waits for them or for more of a text.
    levels: list[tuple[int, Any]] = [(0, root)]
    key, waits, folds = "", False, False
    for line in lines:
        bare = line.lstrip(" ")
        if not bare or bare[0] == "#":
            folds = False
            continue
        found = _LINE.fullmatch(line)
        if len(line) > LONGEST_LINE:
            raise _Odd
        if found is None:
            more = _MORE.fullmatch(line)
            if not (folds and more and len(line) - len(bare) > levels[-1][0] and isinstance(levels[-1][1], dict)):
                raise _Odd
            levels[-1][1][key] += " " + more[1]
            continue
        indent, item, name, value = len(found[1]), found[2], found[3], found[4]
        if waits and (indent > levels[-1][0] or (item and indent == levels[-1][0])):
            if len(levels) == DEEPEST:
                raise _Odd
            within: Any = [] if item else {}
            levels[-1][1][key] = within
            levels.append((indent, within))
        while len(levels) > 1 and (indent < levels[-1][0] or (not item and isinstance(levels[-1][1], list))):
            levels.pop()
        if indent != levels[-1][0] or isinstance(levels[-1][1], list) != bool(item):
            raise _Odd
        waits = folds = False
        if item:
            levels[-1][1].append(_value(value))
            continue
        key = name
        if key.lower() in _NO_TEXT or key in levels[-1][1]:
            raise _Odd
        waits = not value
        levels[-1][1][key] = None if waits else _value(value)
        folds = isinstance(levels[-1][1][key], str) and value[0] != "'"
    return root or None


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if found := _NUMBER.fullmatch(text):
        return float(text) if found[1] else int(text)
    if found := _QUOTED.fullmatch(text):
        return found[1]
    if (_TEXT.fullmatch(text) or _HASH.fullmatch(text)) and text.lower() not in _NO_TEXT:
        return text
    raise _Odd
