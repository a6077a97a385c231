"""What must hold for the segments of any text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from speechd_neural.text.english.symbols import PUNCTUATION, SPACE, SYMBOLS
from speechd_neural.types import Segment

KNOWN = frozenset(SYMBOLS)


def check(text: str, segments: Sequence[Segment]) -> None:
    """Symbols are well-formed, offsets lie in the text, words and marks are in order."""
    reached = 0
    for segment in segments:
        length = len(segment.symbols) or len(segment.text)
        well_formed(segment.symbols)
        assert bool(segment.symbols) == (segment.language is None and bool(segment.text))
        for word in segment.words:
            assert 0 <= word.source[0] <= word.source[1] <= len(text)
            assert 0 <= word.symbols[0] < word.symbols[1] <= length
        starts = [word.symbols[0] for word in segment.words]
        assert starts == sorted(starts)
        sources = [word.source[0] for word in segment.words]
        assert sources == sorted(sources)
        places = [mark.symbol for mark in segment.marks]
        assert places == sorted(places)
        assert all(0 <= place <= length for place in places)
        assert segment.source[0] <= segment.source[1] <= len(text)
        if segment.words:
            assert segment.source[0] >= reached
            reached = segment.source[0]
    marks = [mark.source for segment in segments for mark in segment.marks]
    assert marks == sorted(marks)


def well_formed(symbols: tuple[str, ...]) -> None:
    """Known symbols; blanks only between phones; a phrase end at the end, never at the beginning, never two."""
    if not symbols:
        return
    assert set(symbols) <= KNOWN
    assert symbols[-1] in PUNCTUATION
    quiet = (SPACE, *PUNCTUATION)
    assert symbols[0] not in quiet
    for before, after in pairwise(symbols):
        assert not (before in quiet and after in quiet), (before, after)
