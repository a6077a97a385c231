"""What a language is to the rest of the house: all that the front end asks of it, and what it may leave unsaid.

A language is a package, its wing (`english/` is one); docs/languages.md tells how to write one, `wings` finds it. What
a wing leaves out has an answer here that is true of any language: a symbol without a name is passed over, a key is
called what is written on it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from speechd_neural.text.punctuation import Names
from speechd_neural.text.segment import Cuts
from speechd_neural.text.token import Edit, Part, Phones, Token

NOTHING: Mapping[str, Any] = MappingProxyType({})
_KEY_PARTS = re.compile(r"[_\-+ ]+")


class Language(ABC):
    """One object serves any number of threads. Opening it is quick: what is large is read when it is first needed."""

    # Primary BCP 47 tags of the text that it reads ("en"), in lower case.
    tags: tuple[str, ...]
    # Where a sentence may be cut, beyond what its punctuation tells.
    cuts = Cuts()
    # A file of symbols, their names and the punctuation level at which each is spoken (see `punctuation`).
    symbols: Path | None = None
    # Names that Speech Dispatcher's dictionary of the language misspells for one synthesizer's ear, as they are written.
    respelled: Mapping[str, str] = NOTHING
    # Said before a capital letter where the listener wants them announced by a word; "": nothing.
    capital = ""
    # The characters that its words are written in; those of another script are spoken by their names.
    written_in = re.compile(r"[\w'’.\-]+")
    # The name of each letter, in small letters, as phones.
    letters: Mapping[str, Phones] = NOTHING
    # Letters that are words of their own, in small letters: among words they are not the letter's name.
    one_letter_words: frozenset[str] = frozenset()
    # The name of each letter in letters, for a voice that reads letters and is to spell ("b": "bee").
    spelled: Mapping[str, str] = NOTHING
    # A directory of phrase packs: what a desktop says every day (see `core/warming`).
    phrase_packs: Path | None = None
    # A sentence that a new voice is tried out with.
    sample = ""
    # What is wrong with the user's dictionary, in one line; what can be used of it is.
    problem = ""

    @abstractmethod
    def normalize(self, text: str, *, digits: bool = False, say_as: str | None = None) -> list[Token]:
        """The words of a phrase, in order, as they are spoken, numbers and dates among them.

        digits: read every digit by itself. say_as: a value of interpret-as, with an optional format after a colon
        ("date:dmy"); one that the language does not know is as good as none.
        """

    @abstractmethod
    def phones(self, word: str, previous: str | None, following: str | None) -> tuple[Phones, str]:
        """Phones of a word, and in a few words why these; no phones where there is nothing to pronounce.

        previous, following: words of its sentence (see `assembly`), with a comma where a phrase ends.
        """

    def edits(self, text: str) -> Sequence[Edit]:
        """What of a text was written otherwise before a server put its symbols into words, in order."""
        return ()

    def parts(self, text: str, token: Token, names: Mapping[int, str], digits: bool) -> Iterator[Part]:
        """The parts of a token in order, cut at the symbols that are named. names: position in the text -> name."""
        start, end = token.source
        position = start
        for at in [*sorted(names), end]:
            for one in self.normalize(text[position:at], digits=digits) if at > position else ():
                if one.words:
                    yield Part(position + one.source[0], position + one.source[1], one.words, one.kind)
            if at < end:
                yield Part(at, at + 1, names[at], "symbol")
            position = at + 1

    def has(self, word: str) -> bool:
        """Whether the user's dictionary says how this word is pronounced."""
        return False

    def character(self, cluster: str, names: Names) -> str:
        """The name of one character, in words; "" for one that has none."""
        return names.name(cluster) or (cluster.lower() if cluster.isalnum() else "")

    def key(self, key: str, names: Names) -> str:
        """The name of a key as SSIP names it ("control_a"), in words."""
        parts = [part for part in _KEY_PARTS.split(key) if part]
        return " ".join(self.character(part, names) if len(part) == 1 else part.lower() for part in parts)

    def emoji(self, sequence: str, names: Names) -> str:
        """The name of an emoji sequence, in words; "" for one that has none."""
        return names.emojis.get(sequence, "").lower()

    def counted(self, count: int, name: str) -> str:
        """So many of one symbol in a row."""
        number = " ".join(token.words for token in self.normalize(str(count)) if token.words)
        return f"{number} {name}"

    def phoneme(self, written: str, alphabet: str) -> Phones:
        """Phones written in an alphabet (ipa, x-sampa, x-arpabet); none where the language cannot say them."""
        return ()
