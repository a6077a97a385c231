"""Names of symbols, from the built-in set and from Speech Dispatcher's dictionaries."""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural.text.clusters import EMOJI
from speechd_neural.text.english import emoji
from speechd_neural.text.english.language import English, english_names
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.text.punctuation import SPEECH_DISPATCHER
from speechd_neural.types import Kind, Punctuation, Settings


def test_built_in_levels() -> None:
    names = english_names()
    assert names.spoken("(", 0, Punctuation.SOME) is None
    assert names.spoken("(", 0, Punctuation.MOST) == "left paren"
    assert names.spoken("a.b", 1, Punctuation.SOME) == "dot"
    assert names.spoken("a. b", 1, Punctuation.MOST) is None
    assert names.spoken("a. b", 1, Punctuation.ALL) == "dot"
    assert names.spoken(" ", 0, Punctuation.ALL) is None


def test_an_installed_dictionary_goes_first(tmp_path: Path) -> None:
    (tmp_path / "symbols.dic").write_text(
        "\ufeff# a comment\n\ncomplexSymbols:\n. sentence ending\tpattern\n\nsymbols:\n"
        ". sentence ending\tdot\tall\talways\n!\tbang\tall\n\\#\thash\tsome\n\\\\\tslosh\tmost\n@\tat sign\n"
        "broken line\n\t\t\n\\t\ttabulator\n",
        encoding="utf-8",
    )
    (tmp_path / "emojis.dic").write_text("symbols:\n👍\tthumb\tnone\n", encoding="utf-8")
    names = english_names((tmp_path,))
    assert names.symbols["!"] == ("bang", 3)
    assert names.symbols["#"] == ("hash", 1)
    assert names.symbols["\\"] == ("slosh", 2)
    assert names.symbols["@"] == ("at sign", 3)
    assert names.symbols["\t"] == ("tab", 4)
    assert names.symbols["("] == ("left paren", 2)
    assert names.emojis == {"👍": "thumb"}
    assert emoji.name("👍", names.emojis) == "thumb"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"symbols:\n\xff\t\xff\n", b"symbols:\n" + b"a" * 10_000])
def test_a_damaged_dictionary_does_no_harm(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "symbols.dic").write_bytes(content)
    (tmp_path / "emojis.dic").mkdir()
    names = english_names((tmp_path, tmp_path / "missing"))
    assert names.name("(") == "left paren"
    assert names.emojis == {}


def test_the_dictionaries_of_speech_dispatcher() -> None:
    """The package is a requirement of the tests; its names replace ours."""
    assert (SPEECH_DISPATCHER / "en" / "symbols.dic").is_file()
    names = english_names((SPEECH_DISPATCHER / "en",))
    assert names.name("!") == "bang"
    assert len(names.emojis) > 1000
    front_end = FrontEnd(English())
    (segment,) = front_end.segments("Hi!", Kind.TEXT, Settings(punctuation=Punctuation.ALL))
    assert segment.text == "Hi bang!"


def test_never_twice() -> None:
    """A symbol that normalization has made a word of is not named again."""
    front_end = FrontEnd(English(), dictionaries=())
    for text, word in (("5 + 3", "plus"), ("a & b", "and"), ("50%", "percent"), ("x < y", "less than"), ("$5", "dollars")):
        spoken = " ".join(
            segment.text for segment in front_end.segments(text, Kind.TEXT, Settings(punctuation=Punctuation.ALL))
        )
        assert spoken.count(word) == 1


@pytest.mark.parametrize(
    ("sequence", "name"),
    [
        ("👩🏾‍💻", "woman technologist medium dark skin tone"),
        ("🧑‍🚀", "astronaut"),
        ("🏃‍♀️", "woman running"),
        ("👨‍👩‍👧", "family man woman girl"),
        ("🇫🇷", "flag France"),
        ("🇽🇽", "flag X X"),
        ("3️⃣", "keycap 3"),
        ("🦖", "t rex"),
    ],
)
def test_emoji(sequence: str, name: str) -> None:
    match = EMOJI.fullmatch(sequence)
    assert match is not None
    assert emoji.name(sequence) == name


def test_there_is_a_flag_for_every_country() -> None:
    found = emoji.countries()
    assert len(found) > 250
    assert all(len(code) == 2 and code.isupper() and name for code, name in found.items())
