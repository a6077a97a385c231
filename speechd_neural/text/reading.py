"""From a phrase to what is spoken: normalization, with symbols, emoji, readings and spelling in their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from speechd_neural import expressions as re
from speechd_neural.text.clusters import EMOJI, clusters, is_text
from speechd_neural.text.language import Naming
from speechd_neural.text.own_words import KIND as OWN
from speechd_neural.text.own_words import kept_whole
from speechd_neural.text.passage import OBJECT
from speechd_neural.text.ssml import SPELLED, Reading
from speechd_neural.text.token import Spoken, Token
from speechd_neural.types import Capitals, Punctuation

NONE_TOLD: Mapping[int, str] = MappingProxyType({})
AT_ONCE = 600  # letters of what is spoken in one segment; nobody else has a turn while a voice begins with it
MANY = 4  # so many of one symbol in a row are counted

# Other spellings of the values of interpret-as that normalization knows.
_SAY_AS = {
    "number": "cardinal", "tts:digits": "digits", "digit": "digits", "number:digits": "digits", "phone": "telephone",
    "number:ordinal": "ordinal", "number:cardinal": "cardinal", "tel": "telephone", "money": "currency",
}  # fmt: skip
_ALPHABETS = {"x-cmu": "x-arpabet", "cmu": "x-arpabet", "arpabet": "x-arpabet", "xsampa": "x-sampa", "": "ipa"}
# Raised and lowered letters, which are letters to Unicode and none to normalization: one for one, so that places stay.
_RAISED = str.maketrans("ⁱⁿₐₑₒₓₔₕₖₗₘₙₚₛₜↃↄ", "inaeoxehklmnpstCc")
# But for what is raised or lowered behind a number, a bracket or a single letter: 2ⁿ, xⁿ, aₙ.
_NO_POWER = re.compile(r"(?:(?<=[A-Za-z]{2})|(?<![\w)]))[ₐₑₒₓₔₕₖₗₘₙₚₛₜ]+|[ₔↃↄ]|(?<=[^\W\d_]{2})[ⁱⁿ]|(?<![\w)])[ⁱⁿ]")
_TELLING = frozenset("()[]{}<>?!")
_PHRASE_END = re.compile(r"""["'”’»)\]]*([,;:.!?…)—])(?=\W|\Z)""")


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


def before_capitals(spoken: list[Spoken]) -> list[list[Spoken]]:
    """What is spoken in groups, each from a capital to the next."""
    groups: list[list[Spoken]] = []
    for one in spoken:
        if not groups or (one.capital and one.words):
            groups.append([])
        groups[-1].append(one)
    return groups


def portions(spoken: list[Spoken]) -> Iterator[list[Spoken]]:
    """In groups that a voice makes in one go: signs of one character may be read as ten words each."""
    group: list[Spoken] = []
    length = 0
    for one in spoken:
        if group and length + len(one.words) > AT_ONCE:
            yield group
            group, length = [], 0
        group.append(one)
        length += len(one.words)
    if group:
        yield group


class Reader:
    """Turns phrases into what is spoken, for one request's settings."""

    def __init__(
        self,
        naming: Naming,
        level: Punctuation = Punctuation.NONE,
        capitals: Capitals = Capitals.NONE,
        spelling: bool = False,
        digits: bool = False,
    ) -> None:
        self.naming = naming
        self.language = naming.language
        self.written_in = naming.language.written_in
        self.level = level
        self.capitals = capitals
        self.spelling = spelling
        self.digits = digits
        self.told = NONE_TOLD  # symbols of the phrase that are named whatever the level

    def read(
        self, text: str, readings: Sequence[tuple[int, int, Reading]] = (), told: Mapping[int, str] = NONE_TOLD
    ) -> list[Spoken]:
        """What is spoken for a phrase; positions in the result, and in `told` (symbol -> its name), are those of `text`."""
        self.told = told
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
        for match in EMOJI.finditer(text):
            if is_text(match[0]):
                continue
            name = self.naming.emoji(match[0])
            if not name:
                continue
            if match.start() > position:
                found += self._normalized(text[position : match.start()], offset + position)
            place = (offset + match.start(), offset + match.end())
            found.append(Spoken(name, place, "emoji", letters=True))
            position = match.end()
            _end_phrase(found, text, position)
        if position < len(text):
            found += self._normalized(text[position:], offset + position)
        return found

    def _normalized(self, text: str, offset: int, say_as: str | None = None) -> list[Spoken]:
        normalize = self.language.normalize
        if text.isascii():
            tokens = normalize(text, digits=self.digits, say_as=say_as)
        else:
            text = _NO_POWER.sub(lambda match: match[0].translate(_RAISED), text)
            tokens = [_undrawn(token, text) for token in normalize(text, digits=self.digits, say_as=say_as)]
        if say_as is None:
            tokens = kept_whole(text, tokens, self.language, self.digits)
        if (self.told or self.level is not Punctuation.NONE) and say_as is None:
            return self._with_symbols(text, offset, tokens)
        return [self._spoken(token, text, offset) for token in tokens if token.words or token.punctuation]

    def _spoken(self, token: Token, text: str, offset: int) -> Spoken:
        start, end = token.source
        words = token.words
        if words and not words.isascii():
            words = self._legible(words)
        capital = self.capitals is not Capitals.NONE and text[start : start + 1].isupper()
        letters = token.kind != "word"
        whole = text[start:end] if token.kind == OWN else ""
        return Spoken(words, (start + offset, end + offset), token.kind, letters, token.punctuation, (), capital, whole)

    def _legible(self, words: str) -> str:
        """Words in the language's own script: characters of other scripts by name."""
        return " ".join(word if self.written_in.fullmatch(word) else self._named(word) for word in words.split())

    def _named(self, word: str) -> str:
        parts = []
        legible = ""
        for start, end in clusters(word):
            if self.written_in.fullmatch(word, start, end):
                legible += word[start:end]
                continue
            if legible:
                parts.append(legible)
                legible = ""
            parts.append(self.naming.character(word[start:end]))
        return " ".join([*parts, legible]).strip()

    def _symbol(self, text: str, at: int, offset: int) -> str | None:
        """The name of the symbol text[at] if it is to be spoken."""
        if (name := self.told.get(at + offset)) is not None:
            return self.naming.words(name)
        return None if self.level is Punctuation.NONE else self.naming.symbol(text, at, self.level)

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
                words, count = self.naming.symbol("…", 0, self.level), 1
            else:
                # Whether a dot ends a sentence shows at the last of them.
                words, count = self._symbol(text, run - 1, offset), run - at
            if words:
                if count >= MANY:
                    words = self.language.counted(count, words)
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
        if text[start:end].isalnum() or "\n" in text[start:end]:  # a hyphen at the end of a line is none of the word's
            return [self._spoken(token, text, offset)]
        text = self.language.plain_apostrophes(text)  # between letters it is an apostrophe, not a quote
        names = {
            at: name for at in range(start, end) if not text[at].isalnum() and (name := self._symbol(text, at, offset))
        }
        if not names:
            return [self._spoken(token, text, offset)]
        found: list[Spoken] = []
        for part in self.language.parts(text, token, names, self.digits):
            if part.kind == "symbol":
                found.append(Spoken(part.words, (part.start + offset, part.end + offset), "symbol", True))
            else:
                found.append(self._spoken(Token(part.words, (part.start, part.end), part.kind), text, offset))
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
            words = self.naming.character(cluster)
            capital = cluster[:1].isupper()
            found.append(Spoken(words, (start + offset, end + offset), "spell", True, "", (), capital))
        return found

    def only_symbols(self, text: str) -> list[Spoken]:
        """A text of a few symbols is all there is: say them by name, whatever the punctuation level.

        One to three; up to six where they are no drawn line but the brackets and marks of a program.
        """
        stripped = "".join(text.split())
        if not stripped:
            return []
        if len(stripped) > 3 and len(set(stripped)) == 1 and stripped[0] in "?!.…$€£¥@&%":  # ????, in a chat; $$$$, a price
            return [Spoken(self.language.counted(len(stripped), self.naming.character(stripped[0])), (0, len(text)), "symbol")]
        few = len(stripped) <= 3 or (len(stripped) <= 6 and (len(set(stripped)) > 2 or not _TELLING.isdisjoint(stripped)))
        return self.spell(text, 0) if few else []

    def character(self, cluster: str, offset: int = 0) -> list[Spoken]:
        """One character by its name."""
        return self.spell(cluster, offset) or [
            Spoken(self.naming.character(cluster), (offset, offset + len(cluster)), "spell", True)
        ]

    def key(self, name: str) -> list[Spoken]:
        words = self.naming.key(name)
        return [Spoken(words, (0, len(name)), "key", True, "", (), len(clusters(name)) == 1 and name[:1].isupper())]

    def _element(self, content: str, offset: int, reading: Reading) -> list[Spoken]:
        place = (offset, offset + len(content))
        if reading.element == "sub":
            inside = Reader(self.naming, self.level, self.capitals, self.spelling, self.digits)
            return [spoken._replace(source=place) for spoken in inside.read(reading.value[:10_000])]
        if reading.element == "phoneme":
            phones = self.language.phoneme(reading.value, _ALPHABETS.get(reading.detail, reading.detail))
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
                return [Spoken(self.naming.character(" "), place, "spell", True)]
            return self.spell(content, offset)
        if mode in ("tts:key", "key"):
            return [spoken._replace(source=place) for spoken in self.key(content.strip() or "space")]
        if mode in ("date", "currency") and reading.detail:
            mode = f"{mode}:{reading.detail}"
        return self._normalized(content, offset, mode)
