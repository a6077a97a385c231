"""Languages are found by their tag; what is wrong with one is said in a line, and the others are not touched by it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from speechd_neural.errors import TextError
from speechd_neural.text import wings
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.text.language import Language
from speechd_neural.types import Kind, Segment, Settings
from speechd_neural.voice.by_rules import ByRules

TOO_LONG = "en-" + "a" * 10_000


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A wing of this name, with these files, added after English."""

    def add(name: str, **files: str) -> str:
        folder = tmp_path / name
        folder.mkdir()
        for file, content in files.items():
            (folder / f"{file}.py").write_text(content)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setattr(wings, "WINGS", [*wings.WINGS, name])
        return name

    return add


def test_english_by_any_of_its_tags() -> None:
    for tag in ("en", "en-GB", "EN_us.UTF-8", "eng"):
        assert wings.reads(tag) == "en" and isinstance(wings.open_language(tag), Language)
    assert wings.first_read(("xx", "fr", "en-US")) == "en" and wings.first_read(("xx",)) is None


@pytest.mark.parametrize("tag", ["xx", "fr", "xx_YY@z", "", "C", "nonsense!", TOO_LONG, "\0"])
def test_a_language_that_nobody_has(tag: str) -> None:
    assert wings.reads(tag) is None
    with pytest.raises(TextError) as caught:
        wings.open_language(tag)
    assert "there are: en" in str(caught.value) and len(str(caught.value)) < 120 and "\n" not in str(caught.value)


OPENS = "def open_language(own_words=None, strict=False):\n    "


@pytest.mark.parametrize(
    ("files", "lacks"),
    [
        ({}, "no module wing_a.language"),
        ({"language": ""}, "open_language"),
        ({"language": "import nosuchmodule\n"}, "no module nosuchmodule"),
        ({"language": OPENS + "return None\n"}, "lacks a language: open_language gave NoneType"),
        ({"language": OPENS + "return 1 / 0\n"}, "ZeroDivisionError"),
        (
            {
                "language": "from speechd_neural.text.language import Language\nclass Half(Language):\n    tags = ('xx',)\n"
                "    def normalize(self, text, digits=False, say_as=None):\n        return []\n" + OPENS + "return Half()\n"
            },
            "abstract method",
        ),
        (
            {
                "language": "from pathlib import Path\nfrom tests.tok.language import TokiPona\nclass Bare(TokiPona):\n"
                "    symbols = Path('/nowhere/symbols.tsv')\n" + OPENS + "return Bare()\n"
            },
            "lacks symbols.tsv, which its symbols names",
        ),
    ],
)
def test_a_folder_that_lacks_a_piece(added, files: dict[str, str], lacks: str) -> None:
    added("wing_a", __init__="TAGS = ('xx',)\n", **files)
    with pytest.raises(TextError) as caught:
        wings.open_language("xx")
    assert "wing_a" in str(caught.value) and lacks in str(caught.value) and "\n" not in str(caught.value)
    assert wings.reads("en") == "en"
    for module in ("wing_a", "wing_a.language"):
        __import__("sys").modules.pop(module, None)


@pytest.mark.parametrize("first", ["", "TAGS = 'xx'\n", "TAGS = ()\n", "TAGS = ('xx_YY@z',)\n", "TAGS = ('',)\n", "1 / 0\n"])
def test_a_folder_without_tags_is_passed_over(added, caplog: pytest.LogCaptureFixture, first: str) -> None:
    added("wing_b", __init__=first)
    wings._known.cache_clear()
    with caplog.at_level(logging.ERROR):
        assert wings.known().keys() == {"en"}
    (line,) = [record.getMessage() for record in caplog.records]
    assert "wing_b" in line and "\n" not in line
    __import__("sys").modules.pop("wing_b", None)


def test_a_folder_that_is_whole_the_next_time_is_a_language_then(added, tmp_path: Path) -> None:
    added("wing_d", __init__="1 / 0\n")
    assert wings.known().keys() == {"en"}
    (tmp_path / "wing_d" / "__init__.py").write_text("TAGS = ('xx',)  # longer than before\n")
    assert wings.known() == {"en": "speechd_neural.text.english", "xx": "wing_d"}
    assert wings._known.cache_info().currsize  # that is not looked at again
    __import__("sys").modules.pop("wing_d", None)


def test_of_two_that_claim_a_tag_the_first_reads_it(added, caplog: pytest.LogCaptureFixture) -> None:
    added("wing_c", __init__="TAGS = ('en', 'yy')\n")
    wings._known.cache_clear()
    assert wings.known() == {"en": "speechd_neural.text.english", "yy": "wing_c"}
    (line,) = [record.getMessage() for record in caplog.records]
    assert "both claim en" in line and "wing_c" in line


# A language without a wing

SPELLING = {"ch": ("tS",), "h": (), "a": ("a",), "o": ("o",), "l": ("l",), "n": ("n",)}


def segments(language: ByRules, text: str, kind: Kind = Kind.TEXT, **settings: object) -> list[Segment]:
    return list(FrontEnd(language, dictionaries=()).segments(text, kind, Settings(**settings)))  # type: ignore[arg-type]


def test_letters_are_phones_by_the_table_of_the_voice() -> None:
    (segment,) = segments(ByRules("zz", (), SPELLING), "Hola, Nacho!")
    assert segment.symbols == ("o", "l", "a", ",", "n", "a", "tS", "o", "!") and segment.text == "Hola, Nacho!"
    assert [segment.text[slice(word.symbols[0], word.symbols[0])] for word in segment.words] == ["", ""]


def test_letters_are_symbols_for_a_voice_that_reads_them() -> None:
    (segment,) = segments(ByRules("zz", "_ .,abcdeñ"), "Bé ñab.")
    assert segment.symbols == ("b", "e", " ", "ñ", "a", "b", ".") and segment.text == "Bé ñab."


@pytest.mark.parametrize("text", ["Hola 3", "xola", "привет", "3:30"])
def test_what_it_cannot_read_is_left_to_the_fallback_whole(text: str) -> None:
    (segment,) = segments(ByRules("zz", (), SPELLING), text)
    assert segment.symbols == () and segment.text == text and segment.language in ("zz", "ru")


@pytest.mark.parametrize(("text", "kind"), [("a", Kind.CHAR), ("#", Kind.CHAR), ("Return", Kind.KEY), ("a", Kind.TEXT)])
def test_characters_and_keys_are_named_by_the_fallback(text: str, kind: Kind) -> None:
    (segment,) = segments(ByRules("zz", (), SPELLING), text, kind)
    assert (segment.symbols, segment.text, segment.language) == ((), text, "zz")
