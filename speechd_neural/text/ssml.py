"""Marked-up text as a stream of pieces, read as it comes and never refused.

What a screen reader sends is seldom well-formed: bare "&" and "<", unbalanced or
unknown tags, a missing root. So this is a scanner with a stack, not an XML parser:
what is not markup is text. Entities are the named ones of HTML and numeric ones; a
document type is skipped, so nothing can be declared, fetched or blown up.

Elements: W3C Speech Synthesis Markup Language 1.1 (speak, p, s, mark, break, prosody,
emphasis, say-as, sub, phoneme, voice, lang; the content of others is read).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from html.entities import html5
from typing import NamedTuple

from speechd_neural import expressions as re
from speechd_neural.records import dataclass
from speechd_neural.text.ssml_values import break_seconds, combined, emphasis, prosody
from speechd_neural.types import Prosody

# The values of interpret-as that mean letter by letter.
SPELLED = frozenset(
    ("characters", "character", "spell-out", "spell", "letters", "verbatim", "glyphs", "tts:char", "tts:characters")
)


class Reading(NamedTuple):
    """How the content of one say-as, sub or phoneme element is to be read."""

    element: str
    value: str  # interpret-as, alias, ph
    detail: str  # format, "", alphabet
    number: int  # tells two adjoining elements apart

    @property
    def spelled(self) -> bool:
        return self.element == "say-as" and self.value in SPELLED


PLAIN = Prosody()


@dataclass(frozen=True, slots=True)
class Style:
    """What the elements around a stretch of text ask for."""

    language: str | None = None
    prosody: Prosody = PLAIN
    reading: Reading | None = None


class Text(NamedTuple):
    """A stretch of text that stands at source[0]:source[1]; of equal length unless it was an entity."""

    text: str
    source: tuple[int, int]
    style: Style

    def part(self, start: int, end: int) -> Text:
        """text[start:end], with its place."""
        first, last = self.source
        if last - first != len(self.text):
            return Text(self.text[start:end], self.source, self.style)
        return Text(self.text[start:end], (first + start, first + end), self.style)


class MarkAt(NamedTuple):
    name: str
    source: int


class Break(NamedTuple):
    """A pause in seconds; 0 forbids one."""

    seconds: float
    source: int


class Boundary(NamedTuple):
    """A paragraph ("p") or sentence ("s") begins or ends here."""

    kind: str
    source: int


class Alias(NamedTuple):
    """A sub or phoneme element without content: only its reading."""

    style: Style
    source: tuple[int, int]


class Step(NamedTuple):
    """Much markup has been read, and it was no piece: whoever waits may look whether this is still wanted."""

    source: int


Piece = Text | MarkAt | Break | Boundary | Alias | Step

_NAME_OF_ENTITY = r"&(\#[xX][0-9A-Fa-f]++|\#[0-9]++|[A-Za-z][A-Za-z0-9]*+);"
_ENTITY = re.compile(_NAME_OF_ENTITY)
# Possessive parts and a bounded number of quoted values in one tag keep hostile markup linear. Around a group it has to
# be (?>…): a possessive quantifier there gives wrong matches in Python before 3.11.5.
_TOKEN = re.compile(
    r"""<mark\s+name=(?:"([^"]*+)"|'([^']*+)')\s*+/>"""  # 1, 2: by far the most frequent
    r"""|<(/?)([A-Za-z_][\w:.\-]*+)((?>(?:[^<>"']*+(?:"[^"]*+"|'[^']*+')){0,32})[^<>"']*+)>"""  # 3, 4, 5
    rf"|{_NAME_OF_ENTITY}"  # 6
    r"""|(<!--|<!\[CDATA\[|<!DOCTYPE\b|<\?)""",  # 7
    re.IGNORECASE,
)
# The look behind keeps a long name without a value from being tried from each of its letters.
_ATTRIBUTE = re.compile(r"""(?<![\w:.\-])([A-Za-z_][\w:.\-]*+)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++))""")
_STEP = 512  # tokens
_REACH = 1 << 16  # code points in which the end of an element that is read as a whole is looked for
_LONGEST_TAG = 1 << 14  # code points of an element's attributes that are looked at …
_LONGEST_READING = 1000  # … and of what is said in place of its content, which is spoken in one go
_CLOSERS = {"<!--": "-->", "<![cdata[": "]]>", "<?": "?>"}



class _Closings:
    """Is there a `closer` further on? Remembers where there was none, so that many such questions stay linear."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known: dict[str, int] = {}

    def find(self, closer: str, start: int) -> int:
        """Position of `closer` at or after `start`, or -1."""
        at = self.known.get(closer, 0)
        if at == -1 or (at >= start and at > 0):
            return at
        at = self.text.find(closer, start)
        self.known[closer] = at
        return at

    def closes(self, name: str, start: int) -> bool:
        """Not too far away: there may be as many names as elements, and each is looked for anew."""
        return self.text.find("</" + name, start, start + _REACH) >= 0


def entity(name: str) -> str | None:
    """What "&name;" stands for; None where it is not an entity ("" for a character that cannot be text)."""
    if not name.startswith("#"):
        return html5.get(name + ";")
    digits = name[1:]
    try:
        code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    except ValueError:  # more digits than int() is willing to read
        return ""
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _attributes(source: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(source):
        value = match[2] if match[2] is not None else match[3] if match[3] is not None else match[4].rstrip("/")
        values.setdefault(match[1].lower().removeprefix("xml:"), unescape(value))
    return values


def _bare(rest: str) -> bool:
    return bool(rest) and "=" not in rest and bool(rest.strip(" \t\r\n/"))


def unescape(value: str) -> str:
    """The value of an attribute with its entities resolved; unknown ones stay as they are."""

    def replaced(match: re.Match[str]) -> str:
        character = entity(match[1])
        return match[0] if character is None else character

    return _ENTITY.sub(replaced, value) if "&" in value else value


def scan(source: str) -> Iterator[Piece]:
    """Read marked-up text lazily. Every mark comes exactly once, in order; all text comes once, in order.

    Source positions are code points of `source`. Linear in its length whatever it holds.
    """
    return _Scanner(source).pieces()


class _Scanner:
    def __init__(self, source: str) -> None:
        self.source = source
        self.closings = _Closings(source)
        self.style = Style()
        self.open: list[tuple[str, Style]] = []
        self.count: dict[str, int] = {}
        self.readings = 0

    def pieces(self) -> Iterator[Piece]:
        source, token = self.source, _TOKEN
        position = 0  # text up to here has been handed out
        start = 0  # where to look for the next markup
        tag = reference = -2  # the next "<" and "&"; -1: there is none. A search for the pattern holds up all threads for long
        for count in itertools.count(1):
            if count % _STEP == 0:
                yield Step(position)
            if -1 != tag < start:
                tag = source.find("<", start)
            if -1 != reference < start:
                reference = source.find("&", start)
            begin = tag if reference < 0 or 0 <= tag < reference else reference
            if begin < 0:
                break
            match = token.match(source, begin)
            if match is None:
                start = begin + 1
                continue
            end = match.end()
            name = match[1] if match[1] is not None else match[2]
            if name is not None:
                if begin > position:
                    yield Text(source[position:begin], (position, begin), self.style)
                yield MarkAt(name if "&" not in name else unescape(name), begin)
                position = start = end
                continue
            spoken: str | None = None
            if match[6] is not None:
                spoken = entity(match[6])
                if spoken is None:
                    start = end
                    continue
            if begin > position:
                yield Text(source[position:begin], (position, begin), self.style)
            if match[6] is not None:
                if spoken:
                    yield Text(spoken, (begin, end), self.style)
            elif match[7] is not None:
                text, end = self._special(match[7].lower(), begin, end)
                if text is not None:
                    yield text
            elif match[3]:
                yield from self._close(match[4].lower().rpartition(":")[2], begin)
            elif _bare(match[5]):
                # "a<b and c>d": words without a value are no attributes.
                position, start = begin, begin + 1
                continue
            else:
                yield from self._element(match[4], match[5], begin, end)
            position = start = end
        if position < len(source):
            yield Text(source[position:], (position, len(source)), self.style)

    def _special(self, opener: str, begin: int, end: int) -> tuple[Text | None, int]:
        """A comment, CDATA section, processing instruction or document type; what it says and where it ends."""
        source = self.source
        if opener == "<!doctype":
            close = self.closings.find(">", end)
            bracket = self.closings.find("[", end)
            if 0 <= bracket < close and (subset := self.closings.find("]>", bracket)) >= 0:
                return None, subset + 2
            return None, close + 1 if close >= 0 else end
        closer = _CLOSERS[opener]
        close = self.closings.find(closer, end)
        if opener == "<![cdata[":
            stop = close if close >= 0 else len(source)
            text = Text(source[end:stop], (end, stop), self.style) if stop > end else None
            return text, close + len(closer) if close >= 0 else stop
        if close >= 0:
            return None, close + len(closer)
        if opener == "<?" and (close := self.closings.find(">", end)) >= 0:
            return None, close + 1
        return None, end  # never closed: drop the opener alone and read what follows

    def _element(self, written: str, rest: str, begin: int, end: int) -> Iterator[Piece]:
        name = written.lower().rpartition(":")[2]
        attributes = _attributes(rest[:_LONGEST_TAG]) if "=" in rest else {}
        if name == "mark":
            yield MarkAt(attributes.get("name", ""), begin)
            return
        if name == "break":
            yield Break(break_seconds(attributes), begin)
            return
        if name in ("p", "s", "paragraph", "sentence"):
            yield Boundary(name[0], begin)
        style = self._styled(name, attributes)
        empty = rest.rstrip().endswith("/")
        if style.reading is not self.style.reading and (empty or not self._encloses(written, end)):
            # Without a closing tag there is no telling how far it reaches: its own words are said, the rest is text.
            if style.reading is not None and style.reading.element != "say-as":
                yield Alias(style, (begin, end))
            return
        if empty:
            return
        self.open.append((name, self.style))
        self.count[name] = self.count.get(name, 0) + 1
        self.style = style

    def _encloses(self, written: str, end: int) -> bool:
        """Whether an element that was opened before `end` has a content."""
        return not self.source.startswith("</" + written, end) and self.closings.closes(written, end)

    def _close(self, name: str, begin: int) -> Iterator[Piece]:
        if name in ("p", "s", "paragraph", "sentence"):
            yield Boundary(name[0], begin)
        if not self.count.get(name):
            return
        while True:
            opened, style = self.open.pop()
            self.count[opened] -= 1
            self.style = style
            if opened == name:
                return

    def _styled(self, name: str, attributes: dict[str, str]) -> Style:
        style = self.style
        if name in ("speak", "voice", "lang", "p", "s"):
            language = attributes.get("lang") or attributes.get("language") or attributes.get("languages", "")
            language = language.split(":")[0].strip().split(" ")[0]
            return replace(style, language=language) if language else style
        if name == "prosody":
            return replace(style, prosody=combined(style.prosody, prosody(attributes)))
        if name == "emphasis":
            return replace(style, prosody=combined(style.prosody, emphasis(attributes)))
        if name == "say-as" and "interpret-as" in attributes:
            value, detail = attributes["interpret-as"].strip().lower(), attributes.get("format", "").strip().lower()
        elif name == "sub" and attributes.get("alias", "").strip():
            value, detail = attributes["alias"][:_LONGEST_READING], ""
        elif name == "phoneme" and attributes.get("ph", "").strip():
            value, detail = attributes["ph"][:_LONGEST_READING], attributes.get("alphabet", "ipa").strip().lower()
        else:
            return style
        if style.reading is not None and style.reading.element != "say-as":
            return style  # inside a sub or phoneme everything has been said already
        self.readings += 1
        return replace(style, reading=Reading(name, value, detail, self.readings))
