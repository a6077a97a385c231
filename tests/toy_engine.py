"""A small real voice for tests: each symbol is a tone of its own, so that a test can hear which symbol sounds when.

Deterministic and fast. `slow` seconds of waiting before each chunk imitate a slow machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from speechd_neural.core.engine import SpeechChunk, SymbolSpan, VoiceInfo
from speechd_neural.errors import SynthesisError, VoiceError
from speechd_neural.text.english.language import English
from speechd_neural.types import Kind, Mark, Segment, Settings, Word

RATE, HOP = 16000, 160
SYMBOL = 4 * HOP  # samples of each symbol: 40 ms


def frequency(symbol: str) -> float:
    """Hz; 300 to 2,300 in steps that differ for every symbol of one letter."""
    return 300 + 40 * (sum(map(ord, symbol)) % 50)


class ToyEngine:
    """`refuse(segment)`: how many symbols are spoken before a SynthesisError, or None: all."""

    def __init__(self, slow: float = 0.0, refuse: Callable[[Segment], int | None] = lambda segment: None) -> None:
        self.info = VoiceInfo("toy", "toy-1", RATE, ("en-US",), HOP)
        self.slow = slow
        self.refuse = refuse
        self.spoken: list[tuple[str, ...]] = []  # the symbols of each segment that was begun
        self.seeds: list[int] = []

    def synthesize(self, segment: Segment, *, seed: int, cancelled: Callable[[], bool]) -> Iterator[SpeechChunk]:
        self.spoken.append(segment.symbols)
        self.seeds.append(seed)
        limit = self.refuse(segment)
        times = np.arange(SYMBOL) / RATE
        for index, symbol in enumerate(segment.symbols):
            end = time.monotonic() + self.slow
            while time.monotonic() < end and not cancelled():
                time.sleep(0.002)
            if cancelled():
                return
            if index == limit:
                raise SynthesisError("decoding did not cover the text")
            level = 0.0 if symbol in " ,.?!" else 0.3
            samples = (level * np.sin(2 * np.pi * frequency(symbol) * times)).astype(np.float32)
            span = SymbolSpan(index, index * SYMBOL, (index + 1) * SYMBOL)
            yield SpeechChunk(samples, (span,), np.full(SYMBOL // HOP, 100, np.float32))


class ToyFrontEnd:
    """Each sentence is a segment, each letter a symbol; "[m]" is an index mark, "{de}..." a sentence in German."""

    reading = "en"
    phrase_packs = English.phrase_packs

    def segments(self, request_text: str, kind: Kind, settings: Settings) -> Iterator[Segment]:
        if kind is Kind.SOUND_ICON:
            symbols = (*request_text, ".")
            yield Segment(symbols, request_text, icon=request_text)
            return
        position = 0
        for sentence in request_text.split(". "):
            letters: list[str] = []
            words: list[Word] = []
            marks: list[Mark] = []
            language = None
            at = position
            for word in sentence.split(" "):
                source = at
                at += len(word) + 1
                while word.startswith(("[", "{")):
                    name, _, word = word[1:].partition("]" if word[0] == "[" else "}")
                    if request_text[source] == "{":
                        language = name
                    else:
                        marks.append(Mark(name, len(letters) + bool(letters and word), source))
                word = word.strip(".")
                if word:
                    letters += [" "] * bool(letters)
                    span = (len(letters), len(letters) + len(word))
                    letters += word
                    words.append(Word(word, (source, at - 1), span))
            if letters:
                letters.append(".")
            yield Segment(
                symbols=tuple(letters),
                text=" ".join(word.text for word in words),
                words=tuple(words),
                marks=tuple(marks),
                source=(position, position + len(sentence)),
                language=language,
                pause=0.1,
            )
            position += len(sentence) + 2


class Listed(NamedTuple):
    path: Path
    info: VoiceInfo


class ToyShelf:
    """Voices that are on no disk (voice/store.py's Shelf reads real ones)."""

    def __init__(self, *voices: VoiceInfo) -> None:
        self._all = voices
        self.preferred = (voices[0].name,)
        self.voices = {info.name: Listed(Path(info.name), info) for info in voices}
        self.problems: dict[str, str] = {}

    def choose(self, chosen: str | None) -> None:
        pass

    def look(self, weights: bool = True) -> bool:
        return False

    def path(self, name: str) -> Path:
        if name not in self.voices:
            raise VoiceError(self.problems[name])
        return self.voices[name].path

    def reject(self, name: str, reason: str) -> None:
        self.problems[name] = reason
        self.voices.pop(name, None)

    def forgive(self, names: Collection[str]) -> None:
        for name in set(names):
            self.problems.pop(name, None)
        self.voices = {info.name: Listed(Path(info.name), info) for info in self._all}


class ToyParts:
    """The daemon's parts, with the toy voice; `broken` is what is wrong with it."""

    def __init__(self) -> None:
        self.toy = ToyEngine()
        self.broken = ""

    def front_ends(self, wanted: object, path: Path) -> dict[str, ToyFrontEnd]:
        return {"en": ToyFrontEnd()}

    def shelf(self) -> ToyShelf:
        return ToyShelf(self.toy.info)

    def engine(self, wanted: object, path: Path) -> ToyEngine:
        if self.broken:
            raise VoiceError(self.broken)
        return self.toy

    def real_time_factor(self, engine: object, most: float) -> float:
        return 0.0
