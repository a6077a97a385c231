"""English as a language of the house: its parts, put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from speechd_neural import expressions as re
from speechd_neural.text.english import emoji
from speechd_neural.text.english.characters import LETTER_NAMES, LETTER_PHONES, character_name, key_name
from speechd_neural.text.english.cuts import CUTS
from speechd_neural.text.english.joints import parts
from speechd_neural.text.english.normalize.apostrophes import plain_apostrophes
from speechd_neural.text.english.normalize.tokens import normalize
from speechd_neural.text.english.pronounce import phonemes
from speechd_neural.text.english.pronounce.lexicon import UserLexicon
from speechd_neural.text.english.pronounce.pronouncer import Pronouncer
from speechd_neural.text.english.server_words import edits
from speechd_neural.text.language import Language
from speechd_neural.text.punctuation import Names
from speechd_neural.text.token import Edit, Part, Phones, Token

DATA = Path(__file__).parent / "data"


class English(Language):
    """pronouncer: has the phones of words; None: one that knows no user's dictionary."""

    tags = ("en",)
    cuts = CUTS
    symbols = DATA / "symbols.tsv"
    respelled = MappingProxyType({"graav": "grave", "tilda": "tilde"})
    capital = "capital"
    written_in = re.compile(r"[A-Za-z0-9'’.\-\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]+")
    letters = LETTER_PHONES
    one_letter_words = frozenset("a")
    spelled = LETTER_NAMES
    phrase_packs = DATA / "phrase-packs"
    sample = "Hello, this is your new voice."

    def __init__(self, pronouncer: Pronouncer | None = None) -> None:
        self.pronouncer = pronouncer or Pronouncer()

    def normalize(self, text: str, *, digits: bool = False, say_as: str | None = None) -> list[Token]:
        return normalize(text, digits=digits, say_as=say_as)

    def phones(self, word: str, previous: str | None, following: str | None) -> tuple[Phones, str]:
        return self.pronouncer.phones(word, previous, following)

    def steady(self, word: str) -> tuple[Phones, str] | None:
        return self.pronouncer.steady(word)

    def edits(self, text: str) -> Sequence[Edit]:
        return edits(text)

    def parts(self, text: str, token: Token, names: Mapping[int, str], digits: bool) -> Iterator[Part]:
        return parts(text, token, names, digits)

    def has(self, word: str) -> bool:
        return self.pronouncer.has(word)

    def character(self, cluster: str, names: Names) -> str:
        return character_name(cluster, names)

    def key(self, key: str, names: Names) -> str:
        return key_name(key, names)

    def emoji(self, sequence: str, names: Names) -> str:
        return emoji.name(sequence, names.emojis)

    def plain_apostrophes(self, text: str) -> str:
        return plain_apostrophes(text).replace("’", "'")

    def face(self, drawn: str) -> str:
        return emoji.face(drawn)

    def phoneme(self, written: str, alphabet: str) -> Phones:
        try:
            return phonemes.read(written, alphabet)
        except phonemes.PhonemeError:
            return ()


def english_names(dictionaries: Sequence[Path] = ()) -> Names:
    """What symbols are called; dictionaries: Speech Dispatcher's, which go before the built-in names."""
    return Names(English.symbols, dictionaries, English.respelled)


def open_language(own_words: Path | None = None, strict: bool = False) -> English:
    """See text/wings.py."""
    if own_words is None:
        return English()
    user = UserLexicon(own_words, strict=strict)
    language = English(Pronouncer(user))
    language.problem = user.error or ""
    return language
