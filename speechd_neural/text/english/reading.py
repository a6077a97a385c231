"""From a phrase to what is spoken: normalization, with symbols, emoji, readings and spelling in their places."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from speechd_neural.text import emoji
from speechd_neural.text.english.characters import character_name, clusters, key_name
from speechd_neural.text.english.normalize.tokens import normalize
from speechd_neural.text.english.own_words import KIND as OWN
from speechd_neural.text.english.own_words import kept_whole
from speechd_neural.text.english.pronounce import phonemes
from speechd_neural.text.passage import OBJECT
from speechd_neural.text.punctuation import Names
from speechd_neural.text.ssml import SPELLED, Reading
from speechd_neural.text.token import Token
from speechd_neural.types import Capitals, Punctuation

MANY = 4  # so many of one symbol in a row are counted

# Other spellings of the values of interpret-as that normalization knows.
_SAY_AS = {
    "number": "cardinal", "tts:digits": "digits", "digit": "digits", "number:digits": "digits", "phone": "telephone",
    "number:ordinal": "ordinal", "number:cardinal": "cardinal", "tel": "telephone", "money": "currency",
}  # fmt: skip
_ALPHABETS = {"x-cmu": "x-arpabet", "cmu": "x-arpabet", "arpabet": "x-arpabet", "xsampa": "x-sampa", "": "ipa"}
_LATIN = re.compile(r"[A-Za-z0-9'’.\-\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]+")
# Raised and lowered letters, which are letters to Unicode and none to normalization: one for one, so that places stay.
_RAISED = str.maketrans("ⁱⁿₐₑₒₓₔₕₖₗₘₙₚₛₜↃↄ", "inaeoxehklmnpstCc")
_PHRASE_END = re.compile(r"""["'”’»)\]]*([,;:.!?…)—])(?=\W|\Z)""")


class Spoken(NamedTuple):
    """One thing that is spoken: its words, where it stands in the phrase, and how its words are to be said.

    letters: a single letter among the words is the letter's name. phones: said exactly so. capital: announce a
    capital before it. punctuation: the phrase end after it. whole: to be pronounced as this word, not as its words.
    """

    words: str
    source: tuple[int, int]
    kind: str = "word"
    letters: bool = False
    punctuation: str = ""
    phones: tuple[str, ...] = ()
    capital: bool = False
    whole: str = ""


@lru_cache(maxsize=1024)
def words_of(name: str) -> str:
    """The name of a symbol or key with its digits in words."""
    if not any(character.isdigit() for character in name):
        return name
    return " ".join(token.words for token in normalize(name) if token.words) or name


def _undrawn(token: Token, text: str) -> Token:
    """Frames, blocks and bullets are drawing: they are spoken where the punctuation level asks for them, not as words."""
    if token.kind == "symbol" and "\u2500" <= text[token.source[0]] <= "\u25ff":
        return token._replace(words="", kind="punctuation")
    return token


def _end_phrase(found: list[Spoken], text: str, at: int) -> None:
    """The phrase end that text[at:] begins with belongs to the last thing spoken; normalization sees it without that."""
    match = _PHRASE_END.match(text, at)
    if match and found and not found[-1].punctuation:
        mark = match[1]
        found[-1] = found[-1]._replace(punctuation=mark if mark in ".!?" else "." if mark == "…" else ",")


class Reader:
    """Turns phrases into what is spoken, for one request's settings. `own`: whether the user's dictionary has a word."""

    def __init__(
        self,
        names: Names,
        level: Punctuation = Punctuation.NONE,
        capitals: Capitals = Capitals.NONE,
        spelling: bool = False,
        digits: bool = False,
        own: Callable[[str], bool] = lambda word: False,
    ) -> None:
        self.names = names
        self.level = level
        self.capitals = capitals
        self.spelling = spelling
        self.digits = digits
        self.own = own

    def read(self, text: str, readings: Sequence[tuple[int, int, Reading]] = ()) -> list[Spoken]:
        """What is spoken for a phrase; positions in the result are those of `text`."""
        if self.spelling and not readings:
            return self.spell(text, 0)
        found: list[Spoken] = []
        position = 0
        for start, end, reading in readings:
            if start > position:
                found += self._plain(text[position:start], position)
            found += self._element(text[start:end], start, reading)
            _end_phrase(found, text, end)
            position = end
        if position < len(text):
            found += self._plain(text[position:], position)
        return found

    def _plain(self, text: str, offset: int) -> list[Spoken]:
        """Text without elements: emoji by name, the rest by normalization."""
        if self.spelling:
            return self.spell(text, offset)
        if text.isascii():
            return self._normalized(text, offset)
        found: list[Spoken] = []
        position = 0
        for match in emoji.PATTERN.finditer(text):
            if emoji.is_text(match[0]):
                continue
            name = emoji.name(match[0], self.names.emojis)
            if not name:
                continue
            if match.start() > position:
                found += self._normalized(text[position : match.start()], offset + position)
            place = (offset + match.start(), offset + match.end())
            found.append(Spoken(words_of(name), place, "emoji", letters=True))
            position = match.end()
            _end_phrase(found, text, position)
        if position < len(text):
            found += self._normalized(text[position:], offset + position)
        return found

    def _normalized(self, text: str, offset: int, say_as: str | None = None) -> list[Spoken]:
        if text.isascii():
            tokens = normalize(text, digits=self.digits, say_as=say_as)
        else:
            text = text.translate(_RAISED)
            tokens = [_undrawn(token, text) for token in normalize(text, digits=self.digits, say_as=say_as)]
        if say_as is None:
            tokens = kept_whole(text, tokens, self.own, self.digits)
        if self.level is not Punctuation.NONE and say_as is None:
            return self._with_symbols(text, offset, tokens)
        return [self._spoken(token, text, offset) for token in tokens if token.words or token.punctuation]

    def _spoken(self, token: Token, text: str, offset: int) -> Spoken:
        start, end = token.source
        words = token.words
        if words and not words.isascii():
            words = self._latin(words)
        capital = self.capitals is not Capitals.NONE and text[start : start + 1].isupper()
        letters = token.kind != "word"
        whole = text[start:end] if token.kind == OWN else ""
        return Spoken(words, (start + offset, end + offset), token.kind, letters, token.punctuation, (), capital, whole)

    def _latin(self, words: str) -> str:
        """Words that a Latin voice can read: characters of other scripts by name."""
        return " ".join(word if _LATIN.fullmatch(word) else self._named(word) for word in words.split())

    def _named(self, word: str) -> str:
        parts = []
        latin = ""
        for start, end in clusters(word):
            if _LATIN.fullmatch(word, start, end):
                latin += word[start:end]
                continue
            if latin:
                parts.append(latin)
                latin = ""
            parts.append(words_of(character_name(word[start:end], self.names)))
        return " ".join([*parts, latin]).strip()

    def _with_symbols(self, text: str, offset: int, tokens: list[Token]) -> list[Spoken]:
        """Tokens, with the symbols between them that normalization left unspoken and the level asks for."""
        found: list[Spoken] = []
        position = 0
        for token in tokens:
            start, end = token.source
            if not token.words:
                self._between(text, position, end, offset, found, token.punctuation)
            else:
                self._between(text, position, start, offset, found, "")
                if token.kind in ("word", "identifier"):
                    found += self._split(token, text, offset)
                else:
                    found.append(self._spoken(token, text, offset))
            position = max(position, end)
        self._between(text, position, len(text), offset, found, "")
        return found

    def _between(self, text: str, start: int, end: int, offset: int, found: list[Spoken], mark: str) -> None:
        """Speak the symbols of text[start:end]; the phrase end moves behind those that touch the word before."""
        touching = bool(found) and start > 0
        at = start
        while at < end:
            run = at + 1
            while run < end and text[run] == text[at]:
                run += 1
            if text[at].isspace():
                touching = False
            if text[at] == "." and run - at == 3:
                name, count = self.names.spoken("…", 0, self.level), 1
            else:
                # Whether a dot ends a sentence shows at the last of them.
                name, count = self.names.spoken(text, run - 1, self.level), run - at
            if name and name != "space":
                words = words_of(name)
                if count >= MANY:
                    words = f"{words_of(str(count))} {words}"
                elif count > 1:
                    words = " ".join([words] * count)
                punctuation = ""
                if touching and found[-1].punctuation:
                    punctuation = found[-1].punctuation
                    found[-1] = found[-1]._replace(punctuation="")
                found.append(Spoken(words, (at + offset, run + offset), "symbol", True, punctuation))
            at = run
        if mark:
            if found and not found[-1].punctuation:
                found[-1] = found[-1]._replace(punctuation=mark)
            elif not found:
                found.append(Spoken("", (start + offset, end + offset), "punctuation", punctuation=mark))

    def _split(self, token: Token, text: str, offset: int) -> list[Spoken]:
        """A word or identifier cut at the symbols in it that are to be spoken."""
        start, end = token.source
        if text[start:end].isalnum():
            return [self._spoken(token, text, offset)]
        text = text.replace("’", "'")  # between letters it is an apostrophe, not a quote
        spoken = [at for at in range(start, end) if not text[at].isalnum() and self.names.spoken(text, at, self.level)]
        if not spoken:
            return [self._spoken(token, text, offset)]
        found: list[Spoken] = []
        position = start
        for at in [*spoken, end]:
            if at > position:
                for part in normalize(text[position:at], digits=self.digits):
                    if part.words:
                        found.append(self._spoken(part._replace(punctuation=""), text[position:at], offset + position))
            if at < end:
                name = self.names.spoken(text, at, self.level) or ""
                found.append(Spoken(words_of(name), (at + offset, at + 1 + offset), "symbol", True))
            position = at + 1
        found[-1] = found[-1]._replace(punctuation=token.punctuation)
        return found

    def spell(self, text: str, offset: int) -> list[Spoken]:
        """Letter by letter; a blank between words is a short pause."""
        found: list[Spoken] = []
        for start, end in clusters(text):
            cluster = text[start:end]
            if cluster.isspace():
                if found and not found[-1].punctuation:
                    found[-1] = found[-1]._replace(punctuation=",")
                continue
            words = words_of(character_name(cluster, self.names))
            capital = cluster[:1].isupper()
            found.append(Spoken(words, (start + offset, end + offset), "spell", True, "", (), capital))
        return found

    def character(self, cluster: str, offset: int = 0) -> list[Spoken]:
        """One character by its name."""
        return self.spell(cluster, offset) or [
            Spoken(words_of(character_name(cluster, self.names)), (offset, offset + len(cluster)), "spell", True)
        ]

    def key(self, name: str) -> list[Spoken]:
        words = words_of(key_name(name, self.names))
        return [Spoken(words, (0, len(name)), "key", True, "", (), len(clusters(name)) == 1 and name[:1].isupper())]

    def _element(self, content: str, offset: int, reading: Reading) -> list[Spoken]:
        place = (offset, offset + len(content))
        if reading.element == "sub":
            inside = Reader(self.names, self.level, self.capitals, self.spelling, self.digits, self.own)
            return [spoken._replace(source=place) for spoken in inside.read(reading.value[:10_000])]
        if reading.element == "phoneme":
            try:
                phones = phonemes.read(reading.value, _ALPHABETS.get(reading.detail, reading.detail))
            except phonemes.PhonemeError:
                phones = ()
            if phones:
                words = content.strip() if content != OBJECT else reading.value
                return [Spoken(words, place, "phoneme", phones=phones)]
            return [] if content == OBJECT else self._plain(content, offset)
        mode = reading.value
        if mode == "number" and reading.detail:
            mode = reading.detail
        mode = _SAY_AS.get(mode, mode)
        if mode in SPELLED:
            if content == OBJECT:
                return [Spoken(self.names.name(" ") or "space", place, "spell", True)]
            return self.spell(content, offset)
        if mode in ("tts:key", "key"):
            return [spoken._replace(source=place) for spoken in self.key(content.strip() or "space")]
        if mode in ("date", "currency") and reading.detail:
            mode = f"{mode}:{reading.detail}"
        return self._normalized(content, offset, mode)
