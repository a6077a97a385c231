"""The text front end: what a client sends, as segments that a voice speaks.

    request text -> ssml.scan -> Passage -> segment.next_cut -> languages.spans -> Reader -> phones -> Segment

Everything is lazy: the first segment of a long text is made without looking at the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from speechd_neural.text.assembly import Assembler, Explained
from speechd_neural.text.language import Language, Naming
from speechd_neural.text.punctuation import SPEECH_DISPATCHER, Names
from speechd_neural.text.request import Run
from speechd_neural.types import Kind, Segment, Settings


class FrontEnd:
    """Turns requests into segments, in one language. One object serves any number of threads.

    dictionaries: directories with Speech Dispatcher's symbol dictionaries; None: those that are installed for the
    language. own: primary tags of the text that is read here; None: the language's. digits: read all digits one by one.
    """

    def __init__(
        self,
        language: Language,
        *,
        dictionaries: Sequence[Path] | None = None,
        own: Sequence[str] | None = None,
        digits: bool = False,
    ) -> None:
        self.language = language
        self.own = tuple(language.tags if own is None else own)
        if dictionaries is None:
            dictionaries = [SPEECH_DISPATCHER / tag for tag in language.tags]
        self.naming = Naming(language, Names(language.symbols, dictionaries, language.respelled))
        self.assembler = Assembler(self.naming)
        self.digits = digits

    @property
    def reading(self) -> str:
        """The same for two front ends where a voice can speak the segments of either."""
        return self.language.reading or self.own[0]

    @property
    def phrase_packs(self) -> Path | None:
        """The directory of what a desktop says every day, in this language."""
        return self.language.phrase_packs

    def segments(self, text: str, kind: Kind = Kind.TEXT, settings: Settings | None = None) -> Iterator[Segment]:
        """The segments of a request, in order, each made when it is asked for. Never fails.

        Where much markup says nothing, NOTHING_YET comes in place of a segment.
        Every mark of the text is in exactly one segment, in order. Offsets are code points of `text`. A segment in
        another language has no symbols; the symbol positions of its marks and words are then positions in its `text`.
        A sound icon's segment has the icon's name as text, for where there is no such icon.
        """
        return self._run(settings).segments(text, kind)

    def explain(
        self, text: str, kind: Kind = Kind.TEXT, settings: Settings | None = None
    ) -> list[tuple[Segment, list[Explained]]]:
        """The segments with the story of each word."""
        run = self._run(settings, explaining=True)
        found = []
        for segment in run.segments(text, kind):
            found.append((segment, run.explained))
            run.explained = []
        return found

    def _run(self, settings: Settings | None, explaining: bool = False) -> Run:
        return Run(self.assembler, self.own, settings or Settings(), self.digits, explaining)
