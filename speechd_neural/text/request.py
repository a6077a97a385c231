"""One request to the front end, on its way from text to segments: what has been gathered, what waits for the next one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from speechd_neural import expressions as re
from speechd_neural.text import languages
from speechd_neural.text.assembly import Assembler, Explained
from speechd_neural.text.clusters import clusters
from speechd_neural.text.passage import OBJECT, MarkIn, Passage, sliced
from speechd_neural.text.reading import Reader, before_capitals, portions
from speechd_neural.text.segment import REACH, Sentences, next_cut
from speechd_neural.text.ssml import Alias, Boundary, MarkAt, Piece, Step, Style, Text, scan
from speechd_neural.text.token import Spoken
from speechd_neural.types import NOTHING_YET, Capitals, Kind, Mark, Prosody, Punctuation, Segment, Settings, Word

CAPITAL_PITCH = 1.25  # of a single capital letter, against the same letter in small
CAPITAL_ICON = "capital"
RAISED = 50  # Settings.pitch from which the client has raised the pitch for the capital itself (Orca does)
PARAGRAPH_PAUSE = 0.2  # seconds
_SLICE = 2 * REACH  # of a long text at a time
_FOREIGN_WORD = re.compile(r"\S+")


class Run:
    """The work on one request. own: primary tags of the text that is read here. explained: the story of each word."""

    def __init__(
        self, assembler: Assembler, own: tuple[str, ...], settings: Settings, digits: bool, explaining: bool = False
    ) -> None:
        self.assembler = assembler
        self.own = own
        self.settings = settings
        self.tagged = languages.foreign(settings.language, own)
        self.language = assembler.language
        self.naming = assembler.naming
        self.reader = Reader(self.naming, settings.punctuation, settings.capitals, settings.spelling, digits)
        self.passage = Passage()
        self.carried: list[Mark] = []  # marks that wait for the next segment
        self.begun = False  # something has been spoken
        self.sentences = Sentences(self.language.cuts)
        self.explaining = explaining
        self.explained: list[Explained] = []

    def segments(self, text: str, kind: Kind) -> Iterator[Segment]:
        if kind is Kind.CHAR:
            yield from self._character(text)
        elif kind is Kind.KEY:
            yield from self._key(text)
        elif kind is Kind.SOUND_ICON:
            yield from self._icon(text)
        else:
            if not self.settings.spelling:
                self.passage.face = self.language.face
            if kind is Kind.SSML and self.settings.punctuation is Punctuation.NONE and not self.settings.spelling:
                self.passage.edits = self.language.edits  # it may come from a server that has named the symbols itself
            pieces = scan(text) if kind is Kind.SSML else iter([Text(text, (0, len(text)), Style())] if text else [])
            yield from self._speech(pieces)
        if self.carried:
            yield Segment(marks=tuple(self.carried), source=(len(text), len(text)))
            self.carried = []

    # One character, key or icon

    def _character(self, text: str) -> Iterator[Segment]:
        if text and len(clusters(text)) > 1:
            # Names such as "space" come this way too.
            yield from self._speech(iter([Text(text, (0, len(text)), Style())]))
        elif text:
            yield from self._lone(text, 0)

    def _key(self, name: str) -> Iterator[Segment]:
        if not name:
            return
        if self.language.names_characters:
            yield from self._single(self.reader.key(name), name)
        else:
            yield self._left(name.replace("_", " "), 0, self.own[0])

    def _left(self, text: str, source: int, language: str) -> Segment:
        """One thing that the fallback names."""
        place = (source, source + len(text))
        return Segment(text=text, words=(Word(text, place, (0, len(text))),), source=place, language=language)

    def _lone(self, cluster: str, source: int, prosody: Prosody | None = None) -> Iterator[Segment]:
        first = languages.spans(cluster, self.tagged, self.own)[0].language
        if first is not None and cluster[0].isalpha() and not (first == self.tagged and cluster.isascii()):
            yield self._left(cluster, source, first)
            return
        if not self.language.names_characters:
            yield self._left(cluster, source, self.own[0])
            return
        yield from self._single(self.reader.character(cluster), cluster, source, prosody or Prosody())

    def _single(
        self, spoken: list[Spoken], text: str, source: int = 0, prosody: Prosody | None = None
    ) -> Iterator[Segment]:
        """One thing by its name; a capital letter is announced or raised."""
        if not spoken:
            return
        prosody = prosody or Prosody()
        icon = None
        if spoken[0].capital:
            if self.settings.capitals is Capitals.SPELL and self.language.capital:
                spoken = [Spoken(self.language.capital, spoken[0].source), *spoken]
            elif self.settings.capitals is Capitals.ICON:
                icon = CAPITAL_ICON
            elif self.settings.pitch < RAISED:
                prosody = replace(prosody, pitch=prosody.pitch * CAPITAL_PITCH)
        passage = Passage()
        passage._append(text, (source, source + len(text)))
        yield self._made([one._replace(capital=False) for one in spoken], passage, 0, [], prosody, True, icon)

    def _icon(self, name: str) -> Iterator[Segment]:
        if not name:
            return
        spoken = [Spoken(self.naming.key(name), (0, len(name)), "icon", True)]
        for segment in self._single(spoken, name):
            yield replace(segment, icon=name)

    # Text and markup

    def _speech(self, pieces: Iterator[Piece]) -> Iterator[Segment]:
        passage = self.passage
        for piece in pieces:
            if isinstance(piece, Text):
                style = piece.style
                if style.language != passage.style.language or style.prosody != passage.style.prosody:
                    yield from self._flush(sentence=False)
                passage.style = style
                if len(piece.text) <= _SLICE:
                    passage.add(piece)
                    if len(passage.text) >= _SLICE:
                        yield from self._drain(final=False)
                else:
                    for part in sliced(piece, REACH, _SLICE):
                        passage.add(part)
                        silent = True
                        for segment in self._drain(final=False):
                            silent = False
                            yield segment
                        if silent:
                            yield NOTHING_YET
            elif isinstance(piece, Step):
                yield NOTHING_YET
            elif isinstance(piece, MarkAt):
                passage.mark(piece.name, piece.source)
            elif isinstance(piece, Alias):
                passage.style = replace(piece.style, reading=None)
                passage.add(Text(OBJECT, piece.source, piece.style))
            elif isinstance(piece, Boundary):
                yield from self._flush(sentence=True, pause=PARAGRAPH_PAUSE if piece.kind == "p" else 0.0)
            elif piece.seconds > 0:
                yield from self._flush(sentence=False, pause=piece.seconds, source=piece.source)
        yield from self._flush(sentence=True)

    def _flush(self, *, sentence: bool, pause: float = 0.0, source: int | None = None) -> Iterator[Segment]:
        """Speak all that has been gathered, then be silent for `pause` seconds (at `source`: even after nothing)."""
        passage = self.passage
        if pause and (passage.text.strip() or source is not None):
            last = None
            for segment in self._drain(final=True, sentence=sentence):
                if last is not None:
                    yield last
                last = segment
            if last is not None:
                yield replace(last, pause=last.pause + pause)
            elif source is not None:
                marks = tuple(replace(mark, symbol=0) for mark in self.carried)
                self.carried = []
                yield Segment(marks=marks, source=(source, source), pause=pause, sentence_end=sentence)
        else:
            yield from self._drain(final=True, sentence=sentence)

    def _drain(self, *, final: bool, sentence: bool = True) -> Iterator[Segment]:
        passage = self.passage
        if final and sentence and self._is_lone(passage):
            stripped = passage.text.strip()
            start = passage.text.index(stripped)
            marks = passage.take_marks(len(passage.text), last=True)
            source = passage.source(start, start + len(stripped))
            found = list(self._lone(stripped, source[0], passage.style.prosody))
            self._carry([mark for mark in marks if mark[0] <= start])
            after = [mark for mark in marks if mark[0] > start]
            for segment in found:
                yield self._with_marks(segment, after)
            self.begun = True
            passage.drop(len(passage.text))
            return
        start = 0
        while start < len(passage.text):
            cut = next_cut(passage.text, start, self.language.cuts, final=final, first=not self.begun)
            if cut is None:
                break
            end = self._whole_readings(start, cut.end)
            if end >= len(passage.text) and not final:
                break
            last = final and end >= len(passage.text)
            pieces = self._piece(start, end, cut.sentence and (sentence or not last), last)
            yield from self.sentences.told(pieces, passage, start, cut.end if cut.sentence else 0)
            start = end
        if final:
            self._carry(passage.take_marks(len(passage.text), last=True))
            start = len(passage.text)
        passage.drop(start)

    def _is_lone(self, passage: Passage) -> bool:
        """A single character is all there is: key echo."""
        if len(passage.text) > 64 or self.begun or self.settings.spelling:
            return False
        if not all(reading.spelled for _, _, reading in passage.readings) or OBJECT in passage.text:
            return False
        stripped = passage.text.strip()
        return bool(stripped) and not stripped.isdigit() and len(stripped) <= 16 and len(clusters(stripped)) == 1

    def _whole_readings(self, start: int, end: int) -> int:
        """Move a cut out of an element that is read as a whole."""
        for first, last, reading in self.passage.readings:
            if first < end < last and (reading.element != "say-as" or last - first < REACH):
                return first if first > start else last
        return end

    def _carry(self, marks: list[MarkIn]) -> None:
        self.carried += [Mark(name, 0, source) for _, name, source in marks]

    def _with_marks(self, segment: Segment, after: list[MarkIn]) -> Segment:
        if not self.carried and not after:
            return segment
        length = len(segment.symbols) or len(segment.text)
        marks = (*self.carried, *segment.marks, *(Mark(name, length, source) for _, name, source in after))
        self.carried = []
        return replace(segment, marks=marks)

    def _piece(self, start: int, end: int, sentence: bool, last: bool) -> Iterator[Segment]:
        """Speak text[start:end] of the passage, span by span of a language."""
        passage = self.passage
        text = passage.lettered(start, end)
        asked = passage.style.language
        tagged = languages.foreign(asked, self.own) if asked and languages.tag(asked) else self.tagged
        spans = languages.spans(text, tagged, self.own)
        for number, span in enumerate(spans):
            first, stop = start + span.start, start + span.end
            final = number + 1 == len(spans)
            marks = passage.take_marks(stop, last=last and final)
            if not text[span.start : span.end].strip():
                self._carry(marks)
                continue
            language = span.language
            if language is None and not self._legible(text[span.start : span.end]):
                language = self.own[0]
            if language is not None:
                segment = self._foreign(first, stop, marks, language, sentence and final)
                if segment is None:
                    self._carry(marks)
                    continue
                self.begun = True
                yield segment
                continue
            readings = [
                (max(a, first) - first, min(b, stop) - first, reading)
                for a, b, reading in passage.readings
                if a < stop and b > first
            ]
            told = {at - first: name for at, name in passage.told if first <= at < stop}
            spoken = self.reader.read(passage.text[first:stop], readings, told)
            yield from self._spoken(spoken, first, marks, sentence and final)

    def _legible(self, text: str) -> bool:
        spelled = self.settings.spelling and not self.language.names_characters
        return not spelled and self.language.legible(text)

    def _spoken(self, spoken: list[Spoken], offset: int, marks: list[MarkIn], sentence: bool) -> Iterator[Segment]:
        prosody = self.passage.style.prosody
        if not any(one.words for one in spoken):
            whole = self.passage.text[offset:] if sentence and not self.begun else ""
            alone = whole == self.passage.text and not any(character.isalnum() for character in whole)
            symbols = self.reader.only_symbols(whole) if alone else []  # else words follow, in a sentence of their own
            if not symbols:
                self._carry(marks)
                return
            spoken = symbols
        if self.settings.capitals is Capitals.SPELL:
            spoken = [new for one in spoken for new in self._announced(one)]
        groups = [spoken]
        if self.settings.capitals is Capitals.ICON:
            groups = before_capitals(spoken)
        groups = [portion for group in groups for portion in portions(group)]
        for number, group in enumerate(groups):
            following = groups[number + 1][0].source[0] + offset if number + 1 < len(groups) else None
            here = [mark for mark in marks if following is None or mark[0] < following]
            marks = marks[len(here) :]
            icon = CAPITAL_ICON if self.settings.capitals is Capitals.ICON and group[0].capital else None
            segment = self._made(group, self.passage, offset, here, prosody, sentence and following is None, icon)
            if segment.symbols:
                self.begun = True
                yield segment
            else:
                self.carried += [replace(mark, symbol=0) for mark in segment.marks]

    def _announced(self, one: Spoken) -> list[Spoken]:
        """With the word for a capital before it, where it begins with one."""
        if not one.capital or not one.words or not self.language.capital:
            return [one]
        return [Spoken(self.language.capital, (one.source[0], one.source[0])), one]

    def _foreign(
        self, start: int, end: int, marks: list[MarkIn], language: str, sentence: bool
    ) -> Segment | None:
        """A segment for another voice: clean text, words and marks by position in it."""
        passage = self.passage
        raw = passage.text[start:end]
        lead = len(raw) - len(raw.lstrip())
        text = raw.strip().replace(OBJECT, " ")
        if not any(character.isalnum() for character in text):
            return None
        text = re.sub(r"\s", " ", text)
        words = tuple(
            Word(match[0], passage.source(start + lead + match.start(), start + lead + match.end()), match.span())
            for match in _FOREIGN_WORD.finditer(text)
        )
        placed = [Mark(name, min(max(at - start - lead, 0), len(text)), source) for at, name, source in marks]
        carried, self.carried = self.carried, []
        return Segment(
            text=text,
            words=words,
            marks=(*carried, *placed),
            source=passage.source(start + lead, start + lead + len(text)),
            language=language,
            prosody=passage.style.prosody,
            sentence_end=sentence,
        )

    def _made(
        self,
        spoken: list[Spoken],
        passage: Passage,
        offset: int,
        marks: list[MarkIn],
        prosody: Prosody,
        sentence: bool,
        icon: str | None,
    ) -> Segment:
        """A segment of the voice's own, with the marks that waited for it."""
        explained = self.explained if self.explaining else None
        segment = self.assembler.segment(spoken, passage, offset, marks, prosody, sentence, icon, explained)
        return self._with_marks(segment, [])
