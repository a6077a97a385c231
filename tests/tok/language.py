"""How Toki Pona is read: every letter is a phone, numbers are sums of one, two and five."""

from __future__ import annotations

import re
from pathlib import Path

from speechd_neural.text.language import Language
from speechd_neural.text.punctuation import Names
from speechd_neural.text.token import Phones, Token

HERE = Path(__file__).parent
WORDS = frozenset("mi sina toki pona jan suli lili moku tomo li e ni ala wan tu luka mute nimi sitelen kon".split())
ALPHABET = "aeijklmnopstuw"
DIGITS = ("ala", "wan", "tu", "tu wan", "tu tu", "luka", "luka wan", "luka tu", "luka tu wan", "luka tu tu")
KEYS = {"return": "pini", "space": "weka", "control": "lawa"}
_TOKEN = re.compile(r"(?P<digits>[0-9]+)|(?P<word>[^\W\d_]+)|(?P<mark>[.,!?])")


class TokiPona(Language):
    tags = ("tok",)
    symbols = HERE / "symbols.tsv"
    capital = "suli"
    written_in = re.compile(f"[{ALPHABET}]+", re.IGNORECASE)
    letters = {letter: (letter,) if letter in "aeiou" else (letter, "a") for letter in ALPHABET}  # noqa: RUF012
    one_letter_words = frozenset("e")
    phrase_packs = HERE / "phrase-packs"
    sample = "toki jan pona."

    def normalize(self, text: str, *, digits: bool = False, say_as: str | None = None) -> list[Token]:
        found: list[Token] = []
        for match in _TOKEN.finditer(text):
            if match["digits"]:
                found.append(Token(" ".join(DIGITS[int(digit)] for digit in match[0]), match.span(), "number"))
            elif match["word"]:
                found.append(Token(match[0], match.span()))
            elif found:
                found[-1] = found[-1]._replace(punctuation=match[0])
        return found

    def phones(self, word: str, previous: str | None, following: str | None) -> tuple[Phones, str]:
        word = word.lower()
        return (tuple(word), "as it is written") if set(word) <= set(ALPHABET) else ((), "not a word of Toki Pona")

    def character(self, cluster: str, names: Names) -> str:
        return DIGITS[int(cluster)] if cluster in "0123456789" else super().character(cluster, names)

    def key(self, key: str, names: Names) -> str:
        parts = [part for part in re.split("[_ -]", key.lower()) if part]
        return " ".join(KEYS.get(part) or " ".join(self.character(one, names) for one in part) for part in parts)


def open_language(own_words: Path | None = None, strict: bool = False) -> TokiPona:
    return TokiPona()
