"""Normalization: what it must never do, the options, and the phrase ends."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechd_neural.text.english.normalize.numbers import cardinal, fraction, ordinal, roman, year
from speechd_neural.text.english.normalize.tokens import iter_normalize, normalize
from speechd_neural.text.token import Token


def words(text: str, **options: object) -> str:
    return " ".join(token.words for token in normalize(text, **options) if token.words)  # type: ignore[arg-type]


def split_at_blanks(text: str) -> list[str]:
    return text.split(" ")


def phrases(text: str) -> str:
    return " ".join(token.words + token.punctuation for token in normalize(text))


# Pieces that people and programs put side by side, so that hypothesis meets every rule at every neighbour.
PIECES = st.sampled_from(
    split_at_blanks(
        "the and of in page chapter version call Henry King World War May march Jan. Dr. St. No. etc. e.g. vs U.S. I a A x"
        " 0 1 5 42 007 1999 2024 1,234 12345678 3.14 .5 1/2 3-1 5:30 12:00:05 5pm 1st 90s v1.2.3 192.168.0.1 fe80::1 1e-5"
        " $5 $3.50 €5 5€ US$2m 5kg 20°C 50% 6'2\" 3GHz 1920x1080 555-123-4567 (555) +1 2012-01-05 1/5/2012 IV VIII II V X"
        " a@b.org https://a.b/c?d=e www.x.org /usr/bin ~/x C:\\x file.txt fooBar foo_bar foo-bar mp3 C++ #tag @me --help -v"
        " + - * / = < > & | % # @ ~ ^ _ . , ; : ! ? ... ( ) [ ] { } ' \" ` :-) <3 -> -- — – • π ½ x² é ñandú 你好 \u0301 \u200d"
        " Nf3 exd5 O-O 0x1F #ff0000 well-known don't rock'n'roll AT&T o'clock"
    )
)
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", " ", "  ", "\n"])), max_size=12).map(
    lambda pairs: "".join(piece + blank for piece, blank in pairs)
)
ANY = st.one_of(TEXTS, st.text(max_size=60))


def check_places(text: str, tokens: list[Token]) -> None:
    """Places lie in the text, follow each other, and leave no letter or digit out."""
    position = 0
    for token in tokens:
        start, end = token.source
        assert position <= start < end <= len(text)
        assert token.punctuation in ("", ",", ".", "?", "!")
        assert token.words or token.kind == "punctuation"
        assert token.words == " ".join(token.words.split())
        between = text[position:start]
        assert not any(unicodedata.category(c)[0] in "LN" for c in between), between
        position = end
    assert not any(unicodedata.category(c)[0] in "LN" for c in text[position:]), text[position:]


@given(ANY)
def test_nothing_is_lost_or_reordered(text: str) -> None:
    check_places(text, normalize(text))


@given(ANY)
def test_digits_one_by_one_lose_nothing(text: str) -> None:
    check_places(text, normalize(text, digits=True))


@given(st.text(alphabet="bcd0123456789 .,:-/$%'\n", max_size=40))
def test_digits_one_by_one_are_all_there(text: str) -> None:
    names = split_at_blanks("zero one two three four five six seven eight nine")
    heard = [word for word in words(text, digits=True).split() if word in names]
    assert heard == [names[int(c)] for c in text if c.isdecimal()]


@given(st.lists(PIECES, max_size=8).map(" ".join))
def test_reading_what_was_read_changes_nothing(text: str) -> None:
    once = phrases(text)
    assert words(once) == words(text)


@given(ANY, st.sampled_from(["characters", "digits", "cardinal", "ordinal", "date", "date:dmy", "time", "telephone", "currency"]))
def test_say_as_always_reads_something(text: str, mode: str) -> None:
    tokens = normalize(text, say_as=mode)
    starts = [token.source[0] for token in tokens]
    assert starts == sorted(starts)
    assert all(0 <= token.source[0] < token.source[1] <= len(text) for token in tokens)


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll"], max_codepoint=0x7F), min_size=1, max_size=20))
def test_lower_case_words_go_through(word: str) -> None:
    word = "q" + word.lower() + "q"
    assert normalize(word) == [Token(word, (0, len(word)))]


@given(st.integers(0, 10**15))
def test_cardinals_have_one_word_form(number: int) -> None:
    text = cardinal(number)
    assert re.fullmatch(r"[a-z]+( [a-z]+)*", text)
    assert " and " not in f" {text} "
    assert words(f"{number:,}") == text


def test_lazy() -> None:
    tokens = iter_normalize("first " * 1_000_000)
    assert next(tokens) == Token("first", (0, 5))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "1" * 1_000_000,
        "a1" * 100_000,
        "a." * 100_000,
        "/a" * 100_000,
        "." * 1_000_000,
        " " * 1_000_000,
        "\u0301" * 100_000,
        "e\u0301" * 100_000,
        "(" * 100_000 + ")" * 100_000,
        "\ud800\udfff\x00\x1b\u202e\u2066",
        "http://" + "x" * 100_000,
        "1:00-" * 20_000,
        "5pm-" * 20_000,
        "5%-" * 20_000,
        "9.30-" * 20_000 + "pm",
    ],
    ids=lambda text: repr(text[:6]),
)
def test_odd_texts_end(text: str) -> None:
    """Each of these would take minutes if any rule were quadratic."""
    position = 0
    for token in iter_normalize(text):
        assert token.source[0] >= position
        position = token.source[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, world! Really? Yes.", "Hello, world! Really? Yes."),
        ("one; two: three", "one, two, three"),
        ("wait... what", "wait. what"),
        ("a dog (a cat) ran", "a dog, a cat, ran"),
        ("this — that", "this, that"),
        ("this - that", "this, that"),
        ("it is 5.", "it is five."),
        ("it is 3.5, or 4?", "it is three point five, or four?"),
        ("He said \"no.\" Then left.", "He said no. Then left."),
        ("at 5 p.m. He left", "at five p m. He left"),
        ("at 5 p.m. today", "at five p m today"),
        ("Mr. Smith", "mister Smith"),
        ("cats, dogs, etc. Then", "cats, dogs, et cetera. Then"),
        ("call 555-123-4567 now", "call five five five, one two three, four five six seven now"),
        ("What?!", "What?"),
        ("e.g. this", "for example this"),
    ],
)
def test_phrase_ends(text: str, expected: str) -> None:
    assert phrases(text) == expected


def test_places_are_those_of_the_text() -> None:
    text = "Pay  $3.50 to Dr. Who."
    assert [(t.words, text[slice(*t.source)]) for t in normalize(text)] == [
        ("Pay", "Pay"),
        ("three dollars and fifty cents", "$3.50"),
        ("to", "to"),
        ("doctor", "Dr."),
        ("Who", "Who"),
    ]


@pytest.mark.parametrize(
    ("mode", "text", "expected"),
    [
        ("characters", "aB1-", "A b one dash"),
        ("spell-out", "cat", "c A t"),
        ("verbatim", "x.y", "x dot y"),
        ("digits", "1234", "one two three four"),
        ("cardinal", "1234", "one thousand two hundred thirty four"),
        ("cardinal", "12345678", "twelve million three hundred forty five thousand six hundred seventy eight"),
        ("cardinal", "-5", "minus five"),
        ("cardinal", "XIV", "fourteen"),
        ("ordinal", "3", "third"),
        ("ordinal", "21st", "twenty first"),
        ("date", "2012-01-05", "January fifth twenty twelve"),
        ("date", "20120105", "January fifth twenty twelve"),
        ("date:dmy", "05/01/2012", "the fifth of January twenty twelve"),
        ("date:mdy", "05/01/2012", "May first twenty twelve"),
        ("date:ymd", "2012.1.5", "January fifth twenty twelve"),
        ("date:my", "5/2012", "May twenty twelve"),
        ("date:md", "5/6", "May sixth"),
        ("date:y", "1999", "nineteen ninety nine"),
        ("time", "5:30pm", "five thirty p m"),
        ("time", "14:05", "fourteen oh five"),
        ("time", "1h30m", "one hour thirty minutes"),
        ("time", "9.30", "nine thirty"),
        ("time", "9.05 pm", "nine oh five p m"),
        ("time", "21.05.10", "twenty one hours five minutes and ten seconds"),
        ("telephone", "5551234", "five five five one two three four"),
        ("telephone", "+44 20 7946", "plus four four two zero seven nine four six"),
        ("currency", "$12.50", "twelve dollars and fifty cents"),
        ("currency:EUR", "12.50", "twelve euros and fifty cents"),
        ("date", "tomorrow", "tomorrow"),
        ("cardinal", "many", "many"),
        ("nonsense", "42", "forty two"),
    ],
)
def test_say_as(mode: str, text: str, expected: str) -> None:
    assert words(text, say_as=mode) == expected


def test_large_and_small_numbers() -> None:
    assert cardinal(0) == "zero"
    assert cardinal(10**6) == "one million"
    assert cardinal(-12) == "minus twelve"
    assert cardinal(10**66) == "one" + " zero" * 66
    assert ordinal(1_000_000) == "one millionth"
    assert ordinal(12) == "twelfth"
    assert ordinal(40) == "fortieth"
    assert year(1905) == "nineteen oh five"
    assert fraction(3, 4) == "three quarters"
    assert fraction(5, 250) == "five over two hundred fifty"
    assert [roman(text) for text in ("IV", "MCMXCIX", "IIII", "", "VX")] == [4, 1999, 0, 0, 0]
