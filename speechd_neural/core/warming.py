"""Phrase packs: what a desktop says every day, put into the cache before it is asked for.

A pack is a text file, one phrase a line. A line [char], [key] or [text] says how the
lines after it are to be read; `#` begins a comment line; `\\u` and four hexadecimal digits
stand for a character that cannot be on a line by itself. Packs are warmed in the order of their names.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from speechd_neural.errors import SynthesisError, TextError
from speechd_neural.records import dataclass
from speechd_neural.types import Kind, Segment

_KINDS = {"[char]": Kind.CHAR, "[key]": Kind.KEY, "[text]": Kind.TEXT}
_CODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    kind: Kind


def read_pack(path: Path) -> list[Phrase]:
    """The phrases of one pack. Raises TextError that names the file and the line."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except OSError as error:
        raise TextError(f"phrase pack {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise TextError(f"phrase pack {path}: byte {error.start} is not UTF-8") from None
    kind, phrases = Kind.TEXT, []
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if line in _KINDS:
            kind = _KINDS[line]
        elif line.startswith("[") and line.endswith("]") and len(line) > 2:
            raise TextError(f"phrase pack {path}, line {number}: {line} is not one of {', '.join(_KINDS)}")
        elif line and not (line.startswith("#") and len(line) > 1):
            phrases.append(Phrase(_CODE.sub(lambda match: chr(int(match[1], 16)), line), kind))
    return phrases


def phrases(directories: Iterable[Path]) -> list[Phrase]:
    """All phrases of the packs (*.txt) in these directories, each once; a pack that cannot be read is logged."""
    found: dict[Phrase, None] = {}
    for directory in directories:
        for path in sorted(directory.glob("*.txt")):
            try:
                found.update(dict.fromkeys(read_pack(path)))
            except TextError as error:
                _LOG.warning("%s", error)
    return list(found)


class Warming:
    """Background work for the synthesis thread: one segment at a time, and only what is not in the cache yet.

    segments: the front end, as phrases go through it; present: whether a segment is in the cache;
    prepare: synthesizes a segment into the cache, gives up when `interrupted()` turns true, and
    returns whether it came to the end. `step` is what `Synthesis` calls when nobody speaks.
    """

    def __init__(
        self,
        wanted: Iterable[Phrase],
        segments: Callable[[Phrase], Iterable[Segment]],
        present: Callable[[Segment], bool],
        prepare: Callable[[Segment, Callable[[], bool]], bool],
    ) -> None:
        self._wanted = list(wanted)
        self._segments = segments
        self._present = present
        self._prepare = prepare
        self._left = self._missing()
        self._next: Segment | None = None
        self.total = len(self._wanted)
        self.done = 0  # phrases
        self.made = 0  # segments that had to be synthesized
        self.failed = 0

    @property
    def finished(self) -> bool:
        return self.done == self.total and self._next is None

    def step(self, interrupted: Callable[[], bool]) -> bool:
        """Look at one phrase, or make one segment; returns whether there is more to do.

        What is interrupted is begun again with the next call.
        """
        if self._next is None:
            self._next = next(self._left, None)
            return not self.finished
        try:
            if not self._prepare(self._next, interrupted):
                return True
            self.made += 1
        except SynthesisError:
            self.failed += 1  # this one will be spoken by the fallback; no reason to stop here
        self._next = None
        return True

    def _missing(self) -> Iterator[Segment | None]:
        """Segments to be made, and None after each phrase, so that no call looks at more than one."""
        for phrase in self._wanted:
            try:
                for segment in self._segments(phrase):
                    if (segment.symbols or segment.text) and segment.language is None and not self._present(segment):
                        yield segment
            except TextError:
                self.failed += 1
            self.done += 1
            yield None
