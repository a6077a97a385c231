"""What people and programs write: markup, text, the fallback's pieces, settings and the dictionary."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from bench.fuzz.clients import needs
from bench.fuzz.running import Target
from speechd_neural import config, plainest, plainyaml
from speechd_neural.core import fallback
from speechd_neural.core.markup import clean, fragments
from speechd_neural.errors import ConfigError
from speechd_neural.text.english.language import English
from speechd_neural.text.english.pronounce import lexicon
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.text.passage import plain
from speechd_neural.text.ssml import Boundary, MarkAt, Text, scan
from speechd_neural.types import Capitals, Kind, Punctuation, Settings
from tests.text.segments import check

ROOT = Path(__file__).parents[2]
MARKUP = [text.encode() for text in (
    '<speak version="1.1" xml:lang="en"><p><s>Dr. Smith paid $3.50 on 3/4.</s></p><mark name="0:4"/>one <mark name=\'a&amp;\'/>2',
    '<prosody rate="+20%" pitch="high" volume="-6dB">fast</prosody> <emphasis level="strong">no</emphasis>',
    '<say-as interpret-as="date" format="dmy">1/2/2003</say-as> <sub alias="other words">x</sub> <break time="500ms"/>',
    '<phoneme ph="həˈloʊ">hi</phoneme> <say-as interpret-as="characters">abc</say-as>',
    "<!-- a --><![CDATA[b & c]]><?x y?><!DOCTYPE z [<!ENTITY a 'b'>]> &lt; &#65; &#x41; &bad; &amp a<b c>d",
    "naïve café — 50 % of №7, £3½, 👍🏽 🇩🇪 привет 中文 https://x.org/a?b=c me@x.org C++ 0x1F",
    "word " * 60,
    "Wait... what?! (No; never) - 'twas \"so\". 1. one\n2. two\n\n- three",
)]  # fmt: skip
TAGS = [word.encode() for word in (
    "< > </ /> <!-- --> <![CDATA[ ]]> <? ?> & ; &# \" ' <mark/> <mark␣name= <a> <p> </p> <s> <say-as␣interpret-as= <sub␣alias= "
    "<break/> [[ 👍 1/2 $ й 中 \u200d .␣ ,␣ \n\n A Mr.␣ 1,000.50"
).replace("\n\n", "␣␣").replace("␣", "\0").split()]  # fmt: skip
TAGS = [word.replace(b"\0\0", b"\n\n").replace(b"\0", b" ") for word in TAGS]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


@contextlib.contextmanager
def ssml(folder: Path) -> Iterator[Target]:
    def one(data: bytes) -> None:
        text, at = _text(data), 0
        for piece in scan(text):
            start = piece.source[0] if isinstance(piece.source, tuple) else piece.source
            needs(at <= start <= len(text), f"a piece at {start} after one at {at}")
            at = start
            needs(not isinstance(piece, Text) or bool(piece.text), "a piece without text")
        plain(text, Kind.SSML)

    def works() -> None:
        found = list(scan('<p>a<mark name="m"/>b</p>'))
        needs([type(piece) for piece in found] == [Boundary, Text, MarkAt, Text, Boundary], f"{found}")

    yield Target(MARKUP, TAGS, one, works, slowest=0.5)


@contextlib.contextmanager
def front_end(folder: Path) -> Iterator[Target]:
    made = FrontEnd(English(), dictionaries=())
    list(made.segments("Read the dictionaries, 1 zyxgrmpf."))  # before any clock runs
    kinds, levels, capitals = list(Kind), list(Punctuation), list(Capitals)

    def one(data: bytes) -> None:
        choice = sum(data[:50])
        text = _text(data[: 250 if choice % 8 else 2000])  # most are short: what goes wrong seldom needs a long one
        kind = Kind.SSML if choice % 2 else kinds[choice // 2 % len(kinds)]
        settings = Settings(
            punctuation=levels[choice % 4],
            capitals=capitals[choice % 3],
            spelling=choice % 7 == 0,
            language=(None, "en", "de", "c")[choice // 3 % 4],
        )
        segments = list(made.segments(text, kind, settings))
        check(text, segments)
        if kind is Kind.SSML:
            marks = [piece.name for piece in scan(text) if isinstance(piece, MarkAt)]
            needs([mark.name for segment in segments for mark in segment.marks] == marks, "marks are missing")

    def works() -> None:
        needs(any(segment.symbols for segment in made.segments("Good morning.")), "nothing is said")

    yield Target(MARKUP, TAGS, one, works, slowest=5.0)


@contextlib.contextmanager
def fallback_pieces(folder: Path) -> Iterator[Target]:
    """How the fallback cuts a text, without running espeak-ng."""

    def one(data: bytes) -> None:
        text = _text(data)
        kind = Kind.SSML if len(data) % 2 else Kind.TEXT
        found = fallback._pieces(text, kind, Settings(spelling=len(data) % 5 == 0), None)
        pieces = [piece for piece in found if piece is not None]
        words = "".join(fragment.text for fragment in fragments(text)) if kind is Kind.SSML else clean(text)
        spoken = sum(not character.isspace() for character in words)
        needs(sum(piece.letters for piece in pieces) == spoken, "letters are lost")
        for piece in pieces:
            needs(piece.letters <= 2 * fallback._PIECE, f"a piece of {piece.letters} letters")
            fallback._with_marks(piece, b"", 16000)

    def works() -> None:
        needs(len(list(fallback._pieces("One. Two.", Kind.TEXT, Settings(), None))) == 2, "sentences are not cut")

    yield Target(MARKUP, TAGS, one, works, slowest=0.5)


@contextlib.contextmanager
def configuration(folder: Path) -> Iterator[Target]:
    file = folder / "config.yaml"

    def one(data: bytes) -> None:
        file.write_bytes(data)
        try:
            config.load(file)
        except ConfigError as error:
            needs(str(file) in str(error) and "\n" not in str(error), f"not one line that names the file: {error}")

    def works() -> None:
        needs(config.parse("cache: {disk_mb: 5}", "x").cache.disk_mb == 5, "a setting is not read")

    good = (ROOT / "config" / "speechd-neural.yaml").read_bytes()
    lines = [line for line in good.split(b"\n") if line.strip() and not line.lstrip().startswith(b"#")]
    words = [word.encode().replace(b"_", b" ") for word in (
        "&a_ *a !!float_ !!int_'' !!timestamp_x !!python/object:x_ <<:_ ?_ :_ -_ [ ] { } | > ' \" # % --- ... true ~ ( (a+)+"
    ).split()]  # fmt: skip
    sections = b"\n".join(lines).replace(b"\n  ", b"\0").split(b"\n")  # one by one they are read ten times as fast
    sections = [section.replace(b"\0", b"\n  ") for section in sections]
    yield Target([*sections, *sections, good, b"cache: {private: ['a', \"b\"]}\n"], words, one, works)


@contextlib.contextmanager
def plainest_yaml(folder: Path) -> Iterator[Target]:
    """What is read without a YAML library: as YAML reads it, or not at all."""

    def one(data: bytes) -> None:
        found = plainest.read(data)
        if found is not None:
            needs(repr(found) == repr(plainyaml.by_library(data)), "YAML reads something else")

    def works() -> None:
        needs(plainest.read(b"a:\n  b: 1\n") == {"a": {"b": 1}}, "a number is not read")

    good = [b"a:\n  b: 1.5\n  c: true\nd:\n- x\n- ' '\n- .\n", b"# x\n\ntold: one two\n  three, four; five\nz: /a/b.c\n",
            b"a:\n  b:\n    c: -3\n    w uw1 .: 5\n  d:\n  - 1.0e-05\ne:\nf: it's\n"]  # fmt: skip
    odd = [word.encode().replace(b"_", b" ") for word in "_ __ : :_ -_ ' # _# , . yes null 0x1 1:30 [ { & * ! | > ~ ---".split()]
    yield Target(good, [*odd, b"\n", b"\n  ", b"\t"], one, works)


@contextlib.contextmanager
def dictionary(folder: Path) -> Iterator[Target]:
    """The user's dictionary: read, and asked for words."""
    file = folder / "lexicon.txt"

    def one(data: bytes) -> None:
        file.write_bytes(data)
        own = lexicon.UserLexicon(file, strict=False)
        if own.error is not None:
            needs(str(file) in own.error and "\n" not in own.error, f"not one line that names the file: {own.error}")
        for word in ("gnome", "orca", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "v1.2", "C++"):
            own.find(word)

    def works() -> None:
        needs(len(lexicon.parse("orca = AO1 R K AX\n", "x").words) == 1, "an entry is not read")

    good = [b"gnome = guh-NOHM\norca = AO1 R K AX\nIT! = say information technology\nnginx = EN-jin-EKS # so\n",
            b"/v(\\d+)/ = say version \\1\n/a+b/ = spell\nhello = /h\xc9\x99\xcb\x88lo\xca\x8a/\n"]  # fmt: skip
    words = [word.encode() for word in "= / \\1 \\9 \\x ( ) (a+)+ [ * (?P< (?i say spell # AO1 - !".split()]
    yield Target(good, words, one, works)
