"""Names of symbols and the punctuation level at which each is spoken.

Each language has a built-in set (`english/data/symbols.tsv`). Where Speech Dispatcher's own dictionaries are
installed their names go before it, so that a symbol has the same name whichever of the two expands it.
Format of those files: Speech Dispatcher, locale/README; a line is the symbol, its name, level and
preservation, separated by tabs. Complex symbols (regular expressions) are left to normalization.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from speechd_neural.types import Punctuation

SPEECH_DISPATCHER = Path("/usr/share/speech-dispatcher/locale")  # a directory for each language
ORDER = {"none": 0, "some": 1, "most": 2, "all": 3, "char": 4}
LEVELS = {level: ORDER[level.value] for level in Punctuation}

_ESCAPES = {"\\0": "\0", "\\t": "\t", "\\n": "\n", "\\r": "\r", "\\f": "\f", "\\v": "\v", "\\#": "#", "\\\\": "\\"}
_SENTENCE_END = frozenset("\"'”’)»]")


class Names:
    """What symbols are called; reads its files when first asked.

    builtin: the language's own file. dictionaries: directories with symbols.dic and emojis.dic that go before it, the
    first one first. respelled: names in these that are misspelled, as they are written.
    """

    def __init__(
        self, builtin: Path | None, dictionaries: Sequence[Path], respelled: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.builtin = builtin
        self.dictionaries = tuple(dictionaries)
        self.respelled = respelled

    @cached_property
    def symbols(self) -> dict[str, tuple[str, int]]:
        """Character -> name, lowest level at which it is spoken (4: only by itself)."""
        found: dict[str, tuple[str, int]] = {}
        for folder in reversed(self.dictionaries):
            for symbol, name, level in _entries(folder / "symbols.dic"):
                if len(symbol) == 1 and symbol not in "\t\n\r\f\0":
                    found[symbol] = (self.respelled.get(name, name.lower().replace("- ", " ")), ORDER.get(level, 3))
        for symbol, name, level in _entries(self.builtin) if self.builtin is not None else ():
            found.setdefault(symbol, (name, ORDER.get(level, 3)))
        return found

    @cached_property
    def emojis(self) -> dict[str, str]:
        """Emoji sequence -> name, from the installed dictionaries alone."""
        found: dict[str, str] = {}
        for folder in reversed(self.dictionaries):
            found.update((symbol, name) for symbol, name, _ in _entries(folder / "emojis.dic"))
        return found

    def name(self, character: str) -> str | None:
        entry = self.symbols.get(character)
        return entry[0] if entry else None

    def spoken(self, text: str, at: int, level: Punctuation) -> str | None:
        """The name of the symbol text[at] if it is to be spoken at this level, else None.

        As Speech Dispatcher has it, a dot that ends a sentence is spoken at level "all" only, a decimal point never.
        """
        entry = self.symbols.get(text[at])
        if entry is None:
            return None
        lowest = entry[1]
        if text[at] == ".":
            following = text[at + 1 : at + 2]
            if not following or following.isspace() or following in _SENTENCE_END:
                lowest = 3
            elif following.isdecimal() and text[at - 1 : at].isdecimal():
                return None
        return entry[0] if lowest <= LEVELS[level] else None


def _entries(path: Path) -> Iterator[tuple[str, str, str]]:
    """symbol, name and level of each line; a file that is not there or cannot be read has none."""
    try:
        lines = path.read_bytes().decode("utf-8-sig", "replace").split("\n")
    except OSError:
        return
    own = path.suffix == ".tsv"
    started = own or "symbols:\n" not in "\n".join(lines[:400]) + "\n"
    for line in lines:
        line = line.rstrip("\r")
        if not started or line.endswith("ymbols:"):
            started = started or line == "symbols:"
            continue
        if line.startswith("#") or "\t" not in line:
            continue
        fields = line.split("\t")
        symbol = _ESCAPES.get(fields[0], fields[0])
        if symbol.startswith(("\\x", "\\u")):
            symbol = chr(int(symbol[2:], 16))
        if symbol and len(fields) > 1 and fields[1].strip():
            yield symbol, fields[1].strip(), fields[2].strip() if len(fields) > 2 and fields[2].strip() else "all"
