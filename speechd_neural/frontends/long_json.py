"""A long JSON object, read in steps, so that nobody else has to wait for it. Standard library only.

`json` holds the interpreter until it is through: 8 MB of "[],[],[]," take it seconds. What is long in an honest frame
is its text. So long strings are read a slice at a time, and all the rest together has a limit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

SLICE = 16 << 10  # bytes of a step: below 3 ms, whatever is in them
SHORT = 1 << 10  # characters of a string that counts as part of the rest
REST = 64 << 10  # characters of all that is not in long strings
_LONGEST_ESCAPE = 12  # characters: a pair of surrogates, \ud83d\ude00
# The inside of a string, up to the quote that ends it. A first surrogate is taken together with the second one.
_INSIDE = re.compile(
    r'[^"\\]*+(?:\\(?:u[dD][89abAB][0-9a-fA-F]{2}(?:\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?=[^\\]|\\[^u]|\\u.{4}))'
    r'|u(?![dD][89abAB])[0-9a-fA-F]{4}|[^u])[^"\\]*+)*+'
)


def steps(payload: bytes | memoryview) -> Iterator[Any]:
    """None after each step, and last of all the value; a long string is read only where it stands in an object that is
    the whole value. Raises ValueError and RecursionError.
    """
    reading = _Reading()
    start = 0
    while start < len(payload):
        end = _end_of_character(payload, start + SLICE)
        reading.take(str(payload[start:end], "utf-8", "surrogatepass"), last=end == len(payload))
        start = end
        yield None
    yield reading.value()


def _end_of_character(payload: bytes | memoryview, end: int) -> int:
    """The first end of a character from there on."""
    while end < len(payload) and payload[end] & 0xC0 == 0x80:
        end += 1
    return min(end, len(payload))


class _Reading:
    def __init__(self) -> None:
        self._rest: list[str] = []  # the value, with names in place of its long strings
        self._size = 0
        self._long: list[str] = []
        self._inside = False
        self._string: list[str] = []  # the parts of the one that has begun, as they are written …
        self._length = 0
        self._read: list[str] = []  # … and, once it is long, as they are meant
        self._left = ""  # of the slice before: an escape that was cut in two

    def take(self, text: str, last: bool) -> None:
        text, self._left, at = self._left + text, "", 0
        while at < len(text):
            if not self._inside:
                quote = text.find('"', at)
                end = quote if quote >= 0 else len(text)
                self._keep(text[at:end])
                self._inside = quote >= 0
                at = end + 1
                continue
            inside = _INSIDE.match(text, at)
            end = inside.end() if inside is not None else at
            self._add(text[at:end])
            if text[end : end + 1] == '"':
                self._end_string()
                at = end + 1
            elif last or len(text) - end > _LONGEST_ESCAPE:
                raise ValueError("an escape that is none")
            else:
                self._left, at = text[end:], len(text)

    def value(self) -> Any:
        if self._inside or self._left:
            raise ValueError("a string without end")
        found = json.loads("".join(self._rest))
        if isinstance(found, dict):
            for key, value in found.items():
                if isinstance(value, str) and value.startswith("\0") and value[1:].isdecimal() and value[1:].isascii():
                    found[key] = self._long[int(value[1:])]
        return found

    def _keep(self, text: str) -> None:
        self._rest.append(text)
        self._size += len(text)
        if self._size > REST:
            raise ValueError("more than any request has beside its text")

    def _add(self, part: str) -> None:
        self._string.append(part)
        self._length += len(part)
        if self._length > SHORT:
            self._read.append(json.loads(f'"{"".join(self._string)}"'))
            self._string = []

    def _end_string(self) -> None:
        if self._length > SHORT:
            self._keep(f'"\\u0000{len(self._long)}"')
            self._long.append("".join(self._read))
        else:
            self._keep(f'"{"".join(self._string)}"')
        self._inside, self._string, self._length, self._read = False, [], 0, []
