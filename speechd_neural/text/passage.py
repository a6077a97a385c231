"""Text gathered from pieces of markup, each character with the place it came from.

Characters that have no sound are left out here, decorative ones are folded into ordinary ones,
and a letter with its combining marks becomes one character where Unicode has one.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from speechd_neural import expressions as re
from speechd_neural.text.drawn import ALIKE, RUN, alike, faces, folded, without_overlays
from speechd_neural.text.languages import FOREIGN
from speechd_neural.text.ssml import Boundary, Break, Piece, Reading, Style, Text, scan
from speechd_neural.text.token import Edit
from speechd_neural.types import Kind

OBJECT = "\ufffc"  # stands for an element that has a reading but no text
MarkIn = tuple[int, str, int]  # position in the passage, name, position in the request
MOST_MARKS = 3  # combining marks that are kept on one letter

_COMBINING = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
_ODD = re.compile(
    # Not text: control characters but white space, lone surrogates, direction and joining marks, tags without a flag.
    r"(?P<silent>[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc"
    "\ud800-\udfff\ufffe\uffff]"
    r"|\xad(?:[ \t]{0,8}\r?\n[ \t]{0,8})?"  # a soft hyphen; at the end of a line the word goes on in the next
    r"|(?<=[\x00-\u02ff])[\u200c\u200d]"
    # Marks no script piles up so high.
    rf"|(?<=[{_COMBINING}\u0591-\u05bd\u064b-\u065f\u0e31-\u0e4e]{{{MOST_MARKS}}})[{_COMBINING}\u0591-\u05bd\u064b-\u065f\u0e31-\u0e4e]++)"
    rf"|(?P<marked>\w[{_COMBINING}]{{1,{MOST_MARKS}}})"
    rf"|(?P<drawn>{RUN})"
    rf"|(?P<alike>{ALIKE})"
    r"|(?P<folded>(?<=[a-z] )[\u2160-\u217f](?!\w)"
    r"|[\uff01-\uff5e\ufb00-\ufb06\U0001d400-\U0001d7ff\u249c-\u24e9\u3380-\u33dfℂℊ-ℎℐ-ℒℕℙ-ℝℤℨℬℭℯ-ℱℳℴ])"
)


class Passage:
    """Text of one style, its marks and its readings; positions are those of `text`."""

    def __init__(self) -> None:
        self.text = ""
        # What of a text was written otherwise before somebody put its symbols into words; None: nobody has.
        self.edits: Callable[[str], Sequence[Edit]] | None = None
        self.face: Callable[[str], str] | None = None  # what a drawn face is called; None: faces are read as they stand
        self._faces = 0
        self.told: list[tuple[int, str]] = []  # positions of symbols that have been called by a name, and the names
        self.style = Style()
        self.marks: list[MarkIn] = []
        self.readings: list[tuple[int, int, Reading]] = []
        self._starts: list[int] = []  # of the pieces in `text`
        self._sources: list[tuple[int, int]] = []

    def add(self, piece: Text) -> None:
        start = len(self.text)
        asked = piece.style.reading
        if asked is not None and piece.text.isspace() and asked.spelled:
            self._append(OBJECT, piece.source)  # a blank that is to be heard
        elif asked is None or piece.text != OBJECT:
            for part in self._edited(piece) if self.edits and asked is None else (piece,):
                for rest in self._faced(part) if self.face and asked is None else (part,):
                    for text, source in cleaned(rest):
                        self._append(text, source)
        else:
            self._append(piece.text, piece.source)
        if asked is not None and len(self.text) > start:
            if self.readings and self.readings[-1][2].number == asked.number:
                start = self.readings.pop()[0]
            self.readings.append((start, len(self.text), asked))

    def _edited(self, piece: Text) -> Iterator[Text]:
        """The parts of a piece between its edits, which are put in on the way."""
        position = 0
        before = self.text[-8:]  # a client's marks part what the edits look at
        for first, last, written, name in self.edits(before + piece.text) if self.edits else ():
            start, end = first - len(before), last - len(before)
            if start < 0:
                if end <= 0:
                    continue
                start, written = 0, written.lstrip()
            if start > position:
                yield piece.part(position, start)
            if written:
                lead = len(written) - len(written.lstrip())
                if name:
                    self.told.append((len(self.text) + lead, name))
                self._append(written, piece.part(start, end).source)
            position = end
        if position < len(piece.text):
            yield piece.part(position, len(piece.text))

    def _faced(self, piece: Text) -> Iterator[Text]:
        """The parts of a piece between the faces in it, which are put in on the way, to be read by name."""
        position = 0
        for start, end in faces(piece.text):
            name = self.face(piece.text[start:end]) if self.face else ""
            if not name:
                continue
            if start > position:
                yield piece.part(position, start)
            self._faces -= 1  # elements count upwards
            self.readings.append((len(self.text), len(self.text) + 1, Reading("sub", name, "", self._faces)))
            self._append(OBJECT, piece.part(start, end).source)
            position = end
        if position < len(piece.text):
            yield piece.part(position, len(piece.text))

    def _append(self, text: str, source: tuple[int, int]) -> None:
        self._starts.append(len(self.text))
        self._sources.append(source)
        self.text += text

    def lettered(self, start: int, end: int) -> str:
        """text[start:end] as far as its letters tell a language: not what an alias stands for (sub)."""
        text = self.text[start:end]
        for first, last, reading in self.readings:
            if reading.element == "sub" and first < end and last > start and not FOREIGN.search(reading.value):
                first, last = max(first, start) - start, min(last, end) - start
                text = f"{text[:first]}{'x' * (last - first)}{text[last:]}"
        return text

    def mark(self, name: str, source: int) -> None:
        self.marks.append((len(self.text), name, source))

    def take_marks(self, end: int, *, last: bool) -> list[MarkIn]:
        """Remove and return the marks before `end`; also those at it when nothing follows."""
        count = 0
        while count < len(self.marks) and (self.marks[count][0] < end or last):
            count += 1
        taken, self.marks = self.marks[:count], self.marks[count:]
        return taken

    def drop(self, end: int) -> None:
        """Forget the text before `end`, which has been dealt with."""
        if not end:
            return
        keep = max(bisect_right(self._starts, end) - 1, 0)
        if end >= len(self.text):
            keep = len(self._starts)
        starts, sources = self._starts[keep:], self._sources[keep:]
        if starts and starts[0] < end:
            first, last = sources[0]
            length = (starts[1] if len(starts) > 1 else len(self.text)) - starts[0]
            if last - first == length:
                sources[0] = (first + end - starts[0], last)
            starts[0] = end
        self._starts, self._sources = [start - end for start in starts], sources
        self.text = self.text[end:]
        self.marks = [(max(at - end, 0), name, source) for at, name, source in self.marks]
        self.told = [(at - end, name) for at, name in self.told if at >= end]
        self.readings = [(max(a - end, 0), b - end, reading) for a, b, reading in self.readings if b > end]

    def _piece(self, at: int) -> tuple[int, int, tuple[int, int]]:
        index = bisect_right(self._starts, at) - 1
        following = self._starts[index + 1] if index + 1 < len(self._starts) else len(self.text)
        return self._starts[index], following, self._sources[index]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] stands in the request."""
        if not self._starts:
            return (0, 0)
        if len(self._starts) == 1:  # as it is with text that nobody has marked up
            shift = self._sources[0][0] - self._starts[0]
            if self._sources[0][1] == len(self.text) + shift:
                return start + shift, max(start, end) + shift
        first, following, origin = self._piece(min(start, max(len(self.text) - 1, 0)))
        exact = origin[1] - origin[0] == following - first
        begin = origin[0] + start - first if exact else origin[0]
        if end <= start:
            return (begin, begin)
        if end > following:
            first, following, origin = self._piece(end - 1)
            exact = origin[1] - origin[0] == following - first
        return begin, origin[0] + end - first if exact else origin[1]


def sliced(piece: Text, least: int, most: int) -> Iterator[Text]:
    """A long piece in parts of `least` to `most` characters, cut at blanks where there are any, so that marks on letters
    and emoji stay whole."""
    text, (source, _), style = piece
    start = 0
    while start < len(text):
        end = min(start + most, len(text))
        if end < len(text):
            blank = max(text.rfind(" ", start + least, end), text.rfind("\n", start + least, end))
            end = blank if blank > start else end
        yield Text(text[start:end], (source + start, source + end), style)
        start = end


def cleaned(piece: Text) -> Iterator[tuple[str, tuple[int, int]]]:
    text, (start, stop), _ = piece
    if _plain(text):
        yield text, (start, stop)
        return
    exact = stop - start == len(text)
    position = 0
    for match in _ODD.finditer(text):
        begin, end = match.span()
        if begin > position:
            yield text[position:begin], (start + position, start + begin) if exact else (start, stop)
        if match["silent"] is None:
            if match["drawn"]:
                kept = folded(match[0])
            elif match["alike"]:
                kept = alike(text, begin, end)
            else:
                kept = unicodedata.normalize("NFKC" if match["folded"] else "NFC", match[0])
                kept = kept if len(kept) == 1 else without_overlays(kept)
            yield kept, (start + begin, start + end) if exact else (start, stop)
        position = end
    if position < len(text):
        yield text[position:], (start + position, stop) if exact else (start, stop)


def _plain(text: str) -> bool:
    return (text.isascii() and text.isprintable()) or not _ODD.search(text)


def plain(text: str, kind: Kind) -> str:
    """The characters of a request that are spoken: without markup, with entities resolved, cleaned as the reader cleans them.

    What looks for words in a request looks here: a mark between two words, an entity or an invisible character within
    one must not hide it. Linear in the length of the text. What an element has other words for (sub) is there with those.
    """
    if kind is not Kind.SSML:
        return _joined(Text(text, (0, len(text)), Style()))
    parts: list[str] = []
    alias = None  # the number of the element whose words were said already
    for piece in scan(text):
        reading = None if isinstance(piece, Boundary | Break) else getattr(piece, "style", Style()).reading
        if reading is not None and reading.element == "sub":
            if reading.number != alias:
                parts.append(f" {reading.value} ")
                alias = reading.number
        elif isinstance(piece, Text):
            parts.append(_joined(piece))
        elif _separates(piece):
            parts.append(" ")
    return "".join(parts)


def _separates(piece: Piece) -> bool:
    return isinstance(piece, Boundary) or (isinstance(piece, Break) and piece.seconds > 0)


def _joined(piece: Text) -> str:
    return "".join(part for part, _ in cleaned(piece))
