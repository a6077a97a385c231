"""Where texts are cut, and where not."""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural.text.english.cuts import EnglishCuts
from speechd_neural.text.segment import FIRST, LONGEST, UNPUNCTUATED, next_cut

CUTS = EnglishCuts()


def pieces(text: str, first: bool = False) -> list[str]:
    found, start = [], 0
    while start < len(text):
        cut = next_cut(text, start, CUTS, final=True, first=first and start == 0)
        assert cut is not None
        assert cut.end > start
        found.append(text[start : cut.end])
        start = cut.end
    return found


@pytest.mark.parametrize(
    "sentences",
    [
        ["One. ", "Two! ", "Three? ", "Four"],
        ["Dr. Smith met J. K. Rowling in St. Louis. ", "He left."],
        ["It is 5 p.m. in Washington now. ", "Come."],
        ["We met at 5 p.m. ", "He said so."],
        ["See Fig. 3 and p. 5, e.g. this one, vol. 2. ", "Next."],
        ["No. 5 is ready. ", "I said no. ", "Really."],
        ["Apples, pears, etc. are fruit. ", "So are plums, etc. ", "Good."],
        ["It costs $3.50 or 1,000.75. ", "Fine."],
        ["Version 1.2.3 is out. ", "Get it at example.com today. ", "Now."],
        ["1. First thing. ", "2. Second thing."],
        ["Wait... what? ", "Oh."],
        ['He said "Stop." ', "She did."],
        ["one\ntwo\nthree\n\n", "four"],
        ["Buy:\n", "- milk\n", "- eggs"],
        ["你好。", "再见！", "好"],
        ["The U.S. army came. ", "It left."],
        ['"Stop!" she said. ', "He did."],
        ['"Stop!" ', "She did."],
        ["At 5 p.m. EST it ends. ", "At 6 p.m. UTC too."],
    ],
)
def test_sentences(sentences: list[str]) -> None:
    assert pieces("".join(sentences)) == sentences


def test_sentences_of_the_list() -> None:
    wrong = []
    for line in (Path(__file__).parent / "sentences.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            continue
        sentences = line.split("|")
        found, whole, start = [], "".join(sentences), 0
        while start < len(whole):
            cut = next_cut(whole, start, CUTS, final=True, first=False)
            assert cut is not None
            assert cut.sentence
            found.append(whole[start : cut.end])
            start = cut.end
        if found != sentences:
            wrong.append(f"{found}, not {sentences}")
    assert not wrong, "\n".join(wrong)


def test_first_piece_is_short_when_it_can_be() -> None:
    text = (
        "When the old man finally reached the top of the hill, he saw, to his great surprise, that the whole town "
        "had gone, and nobody was left."
    )
    first, *rest = pieces(text, first=True)
    assert first == "When the old man finally reached the top of the hill, "
    assert len(rest) == 1


def test_short_sentences_stay_whole() -> None:
    text = "Save, or do not save, as you like."
    assert pieces(text, first=True) == [text]


@pytest.mark.parametrize(
    "kept",
    ["1,000,000", "May 5, 2020", "Smith, Jr.", "3 .50", "New York City"],
)
def test_no_cut_inside(kept: str) -> None:
    for lead in range(40, 90):
        text = "x" * (lead // 2) + " " + "y" * (lead // 2) + f" {kept} and then some more words, which follow it to the end."
        assert any(kept in piece for piece in pieces(text, first=True))


def test_long_sentences_are_cut_at_clauses_then_blanks() -> None:
    text = "some words that go on, " * 40
    assert all(piece.endswith(", ") for piece in pieces(text)[:-1])
    text = "word " * 400
    assert all(len(piece) <= LONGEST and piece.endswith(" ") for piece in pieces(text))
    assert all(len(piece) <= LONGEST for piece in pieces("x" * 5000))


def test_first_limit() -> None:
    text = "word, and " * 100
    assert len(pieces(text, first=True)[0]) <= FIRST
    text = "word but " * 100
    assert len(pieces(text, first=True)[0]) <= UNPUNCTUATED
    assert len(pieces("word but " * 12, first=True)) == 1


def test_characters_stay_whole() -> None:
    text = "e\u0301" * 1000
    assert all(len(piece) % 2 == 0 for piece in pieces(text))


def test_more_text_is_asked_for() -> None:
    assert next_cut("No end in sight", 0, CUTS, final=False, first=False) is None
    assert next_cut("An end. ", 0, CUTS, final=False, first=False) is None  # "Dr. " could go on, and so could a mark
    cut = next_cut("An end. And", 0, CUTS, final=False, first=False)
    assert cut is not None
    assert cut.end == len("An end. ")
