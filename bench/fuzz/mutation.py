"""Inputs made from good ones: bytes flipped, cut, doubled, moved, and words put in that mean something to the reader."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

NUMBERS = (
    b"0 -1 1 2 255 256 65535 65536 2147483647 2147483648 4294967295 4294967296 9223372036854775808 1e308 1e999 -1e999 "
    b".inf -.inf .nan NaN Infinity 1e-320 0.0 -0.0 007 0x10 1_000 \xc2\xb2 \xd9\xa3 99999999999999999999999999999999999999"
).split()
NUMBER = re.compile(rb"[0-9][0-9.+e-]*")
ODD = [b"\0", b"\n", b"\r\n", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\x8b", b"\xcc\x81" * 5, b" " * 40, b"a" * 300]
LONGEST = 8000


class Mutator:
    """Endless; the same seed gives the same inputs."""

    def __init__(self, seed: int, good: Sequence[bytes], words: Sequence[bytes]) -> None:
        self._random = random.Random(seed)
        self._good = list(good)
        self._words = [*words, *NUMBERS, *ODD]

    def one(self) -> bytes:
        chance = self._random
        data = bytearray(chance.choice(self._good))
        for _ in range(chance.choice((1, 1, 2, 3, 5, 12))):
            self._change(data)
        return bytes(data[:LONGEST])

    def _change(self, data: bytearray) -> None:
        chance = self._random
        at = chance.randint(0, len(data))
        end = min(len(data), at + chance.choice((1, 1, 2, 4, 8, 30, 200)))
        match chance.randrange(9):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(data):
                data[at] = chance.randrange(256)
            case 2:
                del data[at:end]
            case 3:
                data[at:at] = data[at:end] * chance.choice((1, 1, 2, 5, 40))
            case 4:
                other = chance.choice(self._good)
                begin = chance.randint(0, len(other))
                data[at:at] = other[begin : begin + chance.choice((1, 5, 40, 400))]
            case 5:
                moved = data[at:end]
                del data[at:end]
                place = chance.randint(0, len(data))
                data[place:place] = moved
            case 6:
                data[at:at] = chance.choice(self._words)
            case 7:
                data[at:end] = chance.choice(self._words)
            case _:
                self._number(data)

    def _number(self, data: bytearray) -> None:
        """Another number where one stands."""
        found = NUMBER.search(data, self._random.randint(0, len(data))) or NUMBER.search(data)
        if found:
            data[found.start() : found.end()] = self._random.choice(NUMBERS)
