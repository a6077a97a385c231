"""What a language is to the rest of the house: all that the front end asks of it, and what it may leave unsaid.

A language is a package, its wing (`english/` is one); docs/developers/languages.md tells how to write one, `wings` finds it. What
a wing leaves out has an answer here that is true of any language: a symbol without a name is passed over, a key is
called what is written on it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from speechd_neural import expressions as re
from speechd_neural.text.punctuation import Names
from speechd_neural.text.segment import Cuts
from speechd_neural.text.token import Edit, Part, Phones, Token
from speechd_neural.types import Punctuation

NOTHING: Mapping[str, Any] = MappingProxyType({})
REMEMBERED = 1024  # names
_KEY_PARTS = re.compile(r"[_\-+ ]+")


class Language(ABC):
    """One object serves any number of threads. Opening it is quick: what is large is read when it is first needed."""

    # Primary BCP 47 tags of the text that it reads ("en"), in lower case.
    tags: tuple[str, ...]
    # Tells its symbols from those of another reading of the same language; "": there is none.
    reading = ""
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
    # Whether it names characters and keys; else the fallback does.
    names_characters = True
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

    def steady(self, word: str) -> tuple[Phones, str] | None:
        """The same of a word of which no word beside it changes anything; None: ask `phones`, with those beside it."""
        return None

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

    def legible(self, text: str) -> bool:
        """Whether it can read this piece of text; else the fallback speaks it, in this language."""
        return True

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

    def face(self, drawn: str) -> str:
        """What a face that is drawn with characters is called; "": it is read character by character."""
        return ""

    def counted(self, count: int, name: str) -> str:
        """So many of one symbol in a row."""
        number = " ".join(token.words for token in self.normalize(str(count)) if token.words)
        return f"{number} {name}"

    def plain_apostrophes(self, text: str) -> str:
        """The text with ' for whatever people type for it in words, character for character."""
        return text.replace("’", "'")

    def phoneme(self, written: str, alphabet: str) -> Phones:
        """Phones written in an alphabet (ipa, x-sampa, x-arpabet); none where the language cannot say them."""
        return ()


class Naming:
    """What characters, keys and symbols are called, as words that are spoken: digits in a name are words.

    names: the language's own and those of Speech Dispatcher's dictionaries.
    """

    def __init__(self, language: Language, names: Names) -> None:
        self.language = language
        self.names = names
        self.words = lru_cache(REMEMBERED)(self._words)
        self.blank = names.name(" ")

    def _words(self, name: str) -> str:
        if not any(character.isdigit() for character in name):
            return name
        return " ".join(token.words for token in self.language.normalize(name) if token.words) or name

    def character(self, cluster: str) -> str:
        return self.words(self.language.character(cluster, self.names))

    def key(self, key: str) -> str:
        return self.words(self.language.key(key, self.names))

    def emoji(self, sequence: str) -> str:
        return self.words(self.language.emoji(sequence, self.names))

    def symbol(self, text: str, at: int, level: Punctuation) -> str | None:
        """The name of the symbol text[at] if it is to be spoken at this level; that of a blank never is."""
        name = self.names.spoken(text, at, level)
        return None if name is None or name == self.blank else self.words(name)
