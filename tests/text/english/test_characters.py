"""Names of characters and keys, and what counts as one character."""

from __future__ import annotations

import string
import unicodedata

import pytest

from speechd_neural.text.clusters import clusters
from speechd_neural.text.english.characters import LETTER_PHONES, character_name, key_name
from speechd_neural.text.english.language import english_names
from speechd_neural.text.english.symbols import PHONES

NAMES = english_names()


@pytest.mark.parametrize(
    "text",
    [
        "a", "e\u0301", "👍🏽", "👨‍👩‍👧", "🇩🇪", "1️⃣", "\r\n", "한", "\u1112\u1161\u11ab", "क्", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    ],
)  # fmt: skip
def test_one_character(text: str) -> None:
    assert clusters(text) == [(0, len(text))]


@pytest.mark.parametrize(("text", "count"), [("ab", 2), ("🇩🇪🇫🇷", 2), ("👍👍🏽", 2), ("12", 2), ("e\u0301a", 2), ("", 0)])
def test_several_characters(text: str, count: int) -> None:
    assert len(clusters(text)) == count


def test_clusters_cover_the_text() -> None:
    text = "".join(chr(code) for code in range(0, 0x3000, 7)) + "👩🏾‍💻x\u200d\u200d"
    found = clusters(text)
    assert [start for start, _ in found[1:]] == [end for _, end in found[:-1]]
    assert (found[0][0], found[-1][1]) == (0, len(text))


def test_letters() -> None:
    assert set(LETTER_PHONES) == set(string.ascii_lowercase)
    assert all(set(phones) <= set(PHONES) for phones in LETTER_PHONES.values())


def test_every_printable_ascii_character_has_a_name_of_its_own() -> None:
    printable = string.printable.replace(string.ascii_uppercase, "")
    names = [character_name(character, NAMES) for character in printable]
    assert all(names)
    assert len(set(names)) == len(names)


def test_every_character_has_a_name() -> None:
    for code in (*range(0x3000), *range(0x1F300, 0x1FB00), 0xD800, 0xE000, 0xFFFE, 0xFFFF, 0x10FFFF, 0xE0041):
        name = character_name(chr(code), NAMES)
        assert name.strip(), hex(code)
        assert name.isprintable()


def test_unknown_characters_are_named_by_unicode() -> None:
    assert character_name("⚶", NAMES) == unicodedata.name("⚶").lower()
    assert character_name("\ue123", NAMES) == "character e 1 2 3"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("a", "a"),
        ("_", "underscore"),
        ("..", "dot"),
        ("control_c", "control c"),
        ("Control_L", "left control"),
        ("shift__", "shift underscore"),
        ("kp-enter", "keypad enter"),
        ("alt_F4", "alt f 4"),
        ("double-quote", "quote"),
        ("page_up", "page up"),
        ("---", "dash"),
        ("+", "plus"),
        ("control_+", "control plus"),
        ("ctrl_é", "control e acute"),
    ],
)
def test_keys(key: str, name: str) -> None:
    assert key_name(key, NAMES) == name
