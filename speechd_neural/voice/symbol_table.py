"""A segment as the numbers a voice was trained on."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import SynthesisError
from speechd_neural.records import dataclass
from speechd_neural.text import wings
from speechd_neural.text.language import Language
from speechd_neural.text.token import one_stress
from speechd_neural.types import Segment
from speechd_neural.voice.bundle import Manifest

SPACE = " "
PAUSES = frozenset(",.?!;:")
# What a voice learned from whole sentences passes over: letters that are not said ("though"), a phone that the reader
# left out. One that was trained on aligned phones, and so has a window, passes over none.
MUTE_LETTERS, MUTE_PHONES = 3, 1


# Letters that are none with an accent.
PLAIN = {"’": "'", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the acoustic model reads, position by position.

    ids [n]: rows of the embedding; owners [n]: index in `Segment.symbols`, -1 where the position is no symbol of
    the segment's own; silent [n]: a word space, which lasts no time; sounding [n]: a phone or letter, which must be
    heard; word_starts: positions where a word begins; mute: that many sounding symbols in a row need not be heard.
    """

    ids: npt.NDArray[np.int64]
    owners: npt.NDArray[np.int64]
    silent: npt.NDArray[np.bool_]
    sounding: npt.NDArray[np.bool_]
    word_starts: tuple[int, ...]
    mute: int = 0

    def __len__(self) -> int:
        return len(self.ids)


class SymbolTable:
    """The symbols of a voice; reads phones or characters as its manifest says."""

    def __init__(self, manifest: Manifest) -> None:
        self.reads = manifest.reads
        learned = MUTE_LETTERS if self.reads == "characters" else MUTE_PHONES
        self.mute = 0 if manifest.acoustic.dims.get("window", 0) else learned
        self.index = {symbol: i for i, symbol in enumerate(manifest.symbols)}
        self.language = _language(manifest) if self.reads == "characters" else None

    def own(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """The symbols as this voice has them: "aa2" is "aa1" for one that knows only one stress."""
        return tuple([s if s in self.index else plain for s, plain in zip(symbols, one_stress(symbols), strict=True)])

    def read(self, segment: Segment) -> Reading:
        """Empty where nothing is to be spoken. Raises SynthesisError for a symbol the voice does not have."""
        symbols, owners = self._phones(segment) if self.reads == "phones" else self._characters(segment)
        if symbols and symbols[-1] not in PAUSES and "." in self.index:  # a voice knows from the stop where to end
            symbols, owners = [*symbols, "."], [*owners, -1]
        unknown = next((s for s in symbols if s not in self.index), None)
        if unknown is not None:
            raise SynthesisError(f"the voice has no symbol {unknown!r} (position {symbols.index(unknown)})")
        pauses = np.array([s in PAUSES for s in symbols], bool)
        silent = np.array([s == SPACE for s in symbols], bool)
        breaks = pauses | silent
        # Of a text's characters an apostrophe, a dash or a bracket makes no sound of its own.
        sounding = ~breaks & np.array([self.reads == "phones" or not self.mute or s.isalnum() for s in symbols], bool)
        starts, inside = [], False
        for i in range(len(symbols)):
            if sounding[i] and not inside:
                starts.append(i)
            inside = not breaks[i] and (inside or bool(sounding[i]))
        ids = np.array([self.index[s] for s in symbols], np.int64)
        return Reading(ids, np.array(owners, np.int64), silent, sounding, tuple(starts), self.mute)

    def _phones(self, segment: Segment) -> tuple[list[str], list[int]]:
        return list(self.own(segment.symbols)), list(range(len(segment.symbols)))

    def _characters(self, segment: Segment) -> tuple[list[str], list[int]]:
        """Letters of the normalized words; the letters of a word share its symbols evenly."""
        text = segment.text.lower()
        written: list[tuple[str, int]] = []
        position = 0
        for word in segment.words:
            found = text.find(word.text.lower(), position)
            if found < 0 or not word.text:
                continue
            written += [(character, -1) for character in text[position:found]]
            first, last = word.symbols
            said = spelled(word.text.lower(), segment.symbols[first:last], self.language)
            written += [(character, first + i * max(0, last - first) // len(said)) for i, character in enumerate(said)]
            position = found + len(word.text)
        written += [(character, -1) for character in text[position:]]
        pairs = [(plain, owner) for character, owner in written for plain in self._plain(character)]
        return [character for character, _ in pairs], [owner for _, owner in pairs]

    def _plain(self, character: str) -> str:
        """The character as the voice has it, if need be without its accent; nothing for a mark that it does not know."""
        if character in self.index:
            return character
        plain = PLAIN.get(character) or unicodedata.normalize("NFKD", character)
        return "".join(c for c in plain if c in self.index) or (character if character.isalnum() else "")


def _language(manifest: Manifest) -> Language | None:
    """The language whose letters the voice is to spell; None: one that nobody has a wing for."""
    found = wings.first_read(manifest.languages)
    return wings.open_language(found) if found is not None else None


def spelled(text: str, phones: Sequence[str], language: Language | None) -> str:
    """A word in small letters as it has to be written for a voice that reads letters: "usb", where that is said letter
    by letter, as "you ess bee". phones: what it is said as.
    """
    if language is None:
        return text
    parts, said = text.split(SPACE), [list(group) for word, group in groupby(phones, SPACE.__ne__) if word]
    if len(parts) != len(said):
        return text
    return SPACE.join(
        part if not _by_letters(part, group, language) else SPACE.join(language.spelled[letter] for letter in part)
        for part, group in zip(parts, said, strict=True)
    )


def _by_letters(part: str, phones: list[str], language: Language) -> bool:
    if part in language.cuts.letter_words or not all(letter in language.spelled for letter in part):
        return False
    names = [phone for letter in part for phone in language.letters.get(letter, ("?",)) if phone != SPACE]
    return [name.rstrip("012") for name in names] == [phone.rstrip("012") for phone in phones]
