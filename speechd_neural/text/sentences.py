"""How far each sentence reaches, told with its first segment: a long one is spoken in several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from speechd_neural.text.passage import Passage
from speechd_neural.text.segment import Cuts, next_cut
from speechd_neural.types import Segment


class Sentences:
    """Of one request."""

    def __init__(self, cuts: Cuts) -> None:
        self._cuts = cuts
        self._begins = True

    def told(self, segments: Iterable[Segment], passage: Passage, start: int) -> Iterator[Segment]:
        """The segments of the piece that begins at `start` in the passage; `sentence` is set where one begins.

        Of a sentence whose end has not been read yet it is as much as has.
        """
        for segment in segments:
            if self._begins and segment.words:
                end = start + len(passage.text[start : self._end(passage.text, start)].rstrip())
                segment = replace(segment, sentence=(segment.source[0], passage.source(start, end)[1]))
            self._begins = segment.sentence_end
            yield segment

    def _end(self, text: str, start: int) -> int:
        while start < len(text):
            cut = next_cut(text, start, self._cuts, final=True, first=False)
            if cut is None or cut.sentence:
                return cut.end if cut is not None else len(text)
            start = cut.end
        return len(text)
