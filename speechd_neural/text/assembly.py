"""What is spoken, put together: phones, blanks and phrase ends in order, with the places of words and marks."""

from __future__ import annotations

from typing import NamedTuple

from speechd_neural.records import dataclass
from speechd_neural.text.clusters import clusters
from speechd_neural.text.language import Naming
from speechd_neural.text.passage import MarkIn, Passage
from speechd_neural.text.token import PUNCTUATION, SPACE, Spoken
from speechd_neural.types import Mark, Prosody, Segment, Word

_STRENGTH = {"": 0, ",": 1, ".": 2, "!": 3, "?": 4}
_NAMES = frozenset(("spell", "letter", "key", "symbol", "emoji", "icon"))  # kinds whose words are names: "a" is a letter
REACH = 9  # words on each side that may decide how one is pronounced, and commas
COMMA = ","  # stands among the words of a sentence where a phrase ends
_SENTENCE_ENDS = (".", "?", "!")
_PHRASE_ENDS = frozenset(PUNCTUATION)


@dataclass(frozen=True, slots=True)
class Explained:
    """How one word came to be spoken so: for `explain`."""

    written: str
    kind: str
    words: str
    phones: tuple[str, ...]
    why: str


class _Part(NamedTuple):
    symbols: tuple[str, ...]
    why: str


class Assembler:
    """Makes segments of what is spoken. One object serves any number of threads."""

    def __init__(self, naming: Naming) -> None:
        self.naming = naming
        self.language = naming.language

    def segment(
        self,
        spoken: list[Spoken],
        passage: Passage,
        offset: int,
        marks: list[MarkIn],
        prosody: Prosody,
        sentence: bool,
        icon: str | None = None,
        explained: list[Explained] | None = None,
    ) -> Segment:
        """Phones for what is spoken, with words and marks in their places; the story of each word goes to `explained`.

        Positions of what is spoken count from `offset` in the passage, those of marks from its beginning.
        """
        symbols: list[str] = []
        texts: list[str] = []
        words: list[Word] = []
        places: list[tuple[int, int, int, int]] = []  # start and end in the passage, start and end in the symbols
        names: dict[str, tuple[list[_Part], str]] = {}  # of symbols, which are many where they are named at all
        for one, (around, at) in zip(spoken, _sentences(spoken), strict=True):
            if one.words:
                known = names.get(one.words) if one.kind == "symbol" else None
                parts, text = known or self.pronounce(one, around, at)
                if one.kind == "symbol":
                    names[one.words] = parts, text
                start = _append(symbols, parts)
                source = passage.source(one.source[0] + offset, one.source[1] + offset)
                if start < len(symbols):
                    words.append(Word(text, source, (start, len(symbols))))
                    places.append((one.source[0] + offset, one.source[1] + offset, start, len(symbols)))
                    texts.append(text)
                if explained is not None:
                    phones = tuple(symbol for part in parts for symbol in part.symbols)
                    written = passage.text[one.source[0] + offset : one.source[1] + offset]
                    why = "; ".join(dict.fromkeys(part.why for part in parts))
                    explained.append(Explained(written, one.kind, one.words, phones, why))
            if one.punctuation:
                _end_phrase(symbols, texts, one.punctuation)
        if symbols and symbols[-1] not in _PHRASE_ENDS:
            _end_phrase(symbols, texts, "." if sentence else ",")
        placed = _placed(marks, places, len(symbols))
        whole = (min(word.source[0] for word in words), max(word.source[1] for word in words)) if words else (0, 0)
        return Segment(
            symbols=tuple(symbols),
            text=" ".join(texts),
            words=tuple(words),
            marks=tuple(placed),
            source=whole,
            prosody=prosody,
            icon=icon,
            sentence_end=sentence or bool(symbols and symbols[-1] in _SENTENCE_ENDS),
        )

    def pronounce(self, spoken: Spoken, around: list[str], at: int) -> tuple[list[_Part], str]:
        """The phones of each word of one spoken thing, whose words begin at around[at]."""
        if spoken.phones:
            return [_Part(spoken.phones, "phoneme element")], spoken.words
        if spoken.whole:
            return [_Part(*self.language.phones(spoken.whole, None, None))], spoken.words
        parts: list[_Part] = []
        words = spoken.words.split()
        if spoken.kind == "symbol":  # a name, whatever stands around it
            for word in words:
                steady = self.language.steady(word)
                parts += self._word(word, "", "", True) if steady is None else [_Part(*steady)]
            return parts, spoken.words
        alone = len(words) == 1 and not around[max(at - 1, 0) : at] and not around[at + 1 : at + 2]
        named = spoken.kind in _NAMES or alone
        words_too = self.language.one_letter_words
        for index, word in enumerate(words, at):
            if (steady := self.language.steady(word)) is not None:
                parts.append(_Part(*steady))
                continue
            before = " ".join(around[max(index - REACH, 0) : index])
            after = " ".join(around[index + 1 : index + 1 + REACH])
            parts += self._word(word, before, after, named or (spoken.letters and word not in words_too))
        if spoken.words in words_too and (alone or spoken.kind == "letter"):
            return parts, spoken.words.upper()  # so that the fallback does not read the word either
        return parts, spoken.words

    def _word(self, word: str, previous: str, following: str, letters: bool) -> list[_Part]:
        if len(word) == 1:
            letter = self.language.letters.get(word.lower())
            # English among words: "a" is the article; every other letter can only be a letter ("I" sounds like one).
            if letter and (letters or word.lower() not in self.language.one_letter_words):
                return [_Part(letter, "letter")]
        phones, why = self.language.phones(word, previous, following)
        if phones:
            return [_Part(phones, why)]
        parts: list[_Part] = []
        for start, end in clusters(word):
            for name in self.naming.character(word[start:end]).split():
                if letter := self.language.letters.get(name.lower()):
                    parts.append(_Part(letter, "letter"))
                elif named := self.language.phones(name, None, None)[0]:
                    parts.append(_Part(named, "name of a character"))
        return parts


def _append(symbols: list[str], parts: list[_Part]) -> int:
    start = None
    for part in parts:
        if symbols and symbols[-1] not in _PHRASE_ENDS:
            symbols.append(SPACE)
        start = len(symbols) if start is None else start
        symbols.extend(part.symbols)
    return len(symbols) if start is None else start


def _sentences(spoken: list[Spoken]) -> list[tuple[list[str], int]]:
    """For each thing that is spoken, the words of its sentence with commas, and where its own begin among them."""
    found: list[tuple[list[str], int]] = []
    sentence: list[str] = []
    for one in spoken:
        found.append((sentence, len(sentence)))
        sentence += one.words.split()
        if one.punctuation in _SENTENCE_ENDS:
            sentence = []
        elif one.punctuation and sentence[-1:] not in ([], [COMMA]):
            sentence.append(COMMA)
    return found


def _end_phrase(symbols: list[str], texts: list[str], mark: str) -> None:
    if not symbols:
        return
    if symbols[-1] not in _PHRASE_ENDS:
        symbols.append(mark)
        texts[-1] += mark
    elif _STRENGTH[mark] > _STRENGTH[symbols[-1]]:
        texts[-1] = texts[-1][:-1] + mark
        symbols[-1] = mark


def _placed(marks: list[MarkIn], places: list[tuple[int, int, int, int]], length: int) -> list[Mark]:
    """Marks at the symbol where the word behind them begins; in the middle of a word, in proportion."""
    found: list[Mark] = []
    index = 0
    for at, name, source in marks:
        while index < len(places) and places[index][1] <= at:
            index += 1
        symbol = length
        if index < len(places):
            start, end, first, last = places[index]
            symbol = first if at <= start else first + (last - first) * (at - start) // (end - start)
        found.append(Mark(name, max(symbol, found[-1].symbol if found else 0), source))
    return found
