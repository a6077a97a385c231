"""Any text at all: no exception, every mark kept, well-formed segments, bounded work."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from speechd_neural.text.english.cuts import EnglishCuts
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.text.segment import next_cut
from speechd_neural.text.ssml import MarkAt, Text, scan
from speechd_neural.types import Capitals, Kind, Punctuation, Settings
from tests.text.segments import check

CALM = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

anything = st.text(st.characters(exclude_categories=()), max_size=80)
words = st.sampled_from(
    ["Hello", "the", "a", "I", "Dr.", "e.g.", "3 .50", "$5", "1,000", "5:30", "x<y", "&", "don't", "C++", "a@b.c", "...",
     "https://x.org/a?b=c", "/usr/bin",
     "snake_case", "USA", "привет", "中文", "α", "👍🏽", "🇩🇪", "e\u0301", "\u200d", "\n", "\n\n",
     "-", "—", "(", ")", "\"", "'", ",", ";", ".", "!", "?", "0x1F", "½", "№", "1. ", "• ", "\ud800", "\ufffc", "5%"]
)  # fmt: skip
prose = st.lists(words | anything, max_size=12).map(" ".join)
NAMES = ("mark", "p", "s", "break", "prosody", "emphasis", "say-as", "sub", "phoneme", "voice", "lang", "speak", "x", "audio")
attributes = st.sampled_from(
    ["", ' name="m"', " rate='fast'", ' pitch="+2st"', ' volume="0"', ' interpret-as="characters"', ' interpret-as="date"',
     ' alias="other words"', ' ph="həˈloʊ"', ' ph="??" alphabet="x-sampa"', ' xml:lang="de"', ' xml:lang="??"', ' time="1s"',
     ' level="strong"', " a=b", ' broken="', " <"]
)  # fmt: skip
tags = st.builds(
    "{0}{1}{2}{3}".format, st.sampled_from(["<", "</"]), st.sampled_from(NAMES), attributes, st.sampled_from([">", "/>", ""])
)
specials = st.sampled_from(
    ["&amp;", "&lt;", "&#10;", "&#x1F600;", "&bad;", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE"]
)
markup = st.lists(prose | tags | specials, max_size=10).map("".join)
wanted = st.builds(
    Settings,
    punctuation=st.sampled_from(Punctuation),
    capitals=st.sampled_from(Capitals),
    spelling=st.booleans(),
    language=st.sampled_from([None, "en", "de", "nonsense", "c"]),
)


@CALM
@given(text=prose, kind=st.sampled_from([kind for kind in Kind if kind is not Kind.SSML]), asked=wanted)
def test_plain(front_end: FrontEnd, text: str, kind: Kind, asked: Settings) -> None:
    check(text, list(front_end.segments(text, kind, asked)))


@CALM
@given(text=markup, asked=wanted)
def test_markup(front_end: FrontEnd, text: str, asked: Settings) -> None:
    found = list(front_end.segments(text, Kind.SSML, asked))
    check(text, found)
    expected = [piece.name for piece in scan(text) if isinstance(piece, MarkAt)]
    assert [mark.name for segment in found for mark in segment.marks] == expected


@CALM
@given(text=st.lists(prose, max_size=5), asked=wanted)
@example(text=["\ua9b3 \n\n USA"], asked=Settings(capitals=Capitals.ICON))  # a mark without a letter, then a word
def test_marks_between_words(front_end: FrontEnd, text: list[str], asked: Settings) -> None:
    """Each mark is before the words that follow it and after those that precede it."""
    escaped = [part.replace("&", "&amp;").replace("<", "&lt;") for part in text]
    source = "".join(f'<mark name="{number}"/>{part} ' for number, part in enumerate(escaped))
    found = list(front_end.segments(source, Kind.SSML, asked))
    check(source, found)
    assert [mark.name for segment in found for mark in segment.marks] == [str(number) for number in range(len(text))]
    for segment in found:
        for mark in segment.marks:
            for word in segment.words:
                if word.source[1] <= mark.source:
                    assert word.symbols[0] <= mark.symbol


@CALM
@given(text=markup)
def test_scanning_keeps_the_order(text: str) -> None:
    sources = []
    for piece in scan(text):
        sources.append(piece.source[0] if isinstance(piece.source, tuple) else piece.source)
        if isinstance(piece, Text):
            assert piece.text
            assert 0 <= piece.source[0] < piece.source[1] <= len(text)
    assert sources == sorted(sources)


@CALM
@given(text=anything | prose, first=st.booleans())
def test_cutting_ends(text: str, first: bool) -> None:
    start = 0
    while start < len(text):
        cut = next_cut(text, start, EnglishCuts(), final=True, first=first)
        assert cut is not None
        assert start < cut.end <= len(text)
        start = cut.end


@CALM
@given(text=prose)
def test_the_same_text_gives_the_same_segments(front_end: FrontEnd, text: str) -> None:
    assert list(front_end.segments(text)) == list(front_end.segments(text))


def test_what_the_fuzzer_has_found(front_end: FrontEnd) -> None:
    """The corpus of bench/fuzz_text.py, which holds every input that once broke something."""
    corpus = sorted((Path(__file__).parents[2] / "bench" / "fuzz_corpus" / "text").iterdir())
    assert corpus
    for path in corpus:
        data = path.read_bytes()
        text = data[2:].decode("utf-8", "surrogateescape")
        for kind in Kind:
            check(text, list(front_end.segments(text, kind)))
