"""What words alone do not show: the letter A and the article, and the phones of words in their surroundings.

sounds/letter_a.tsv: a text, and for each "a" that stands by itself "letter" or "article".
sounds/words.tsv: a text, a word as it is written in it, and its phones ("-" between words that are spoken for it).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural.text.frontend import FrontEnd

SOUNDS = Path(__file__).parent / "sounds"


def rows(name: str) -> list[list[str]]:
    lines = (SOUNDS / name).read_text(encoding="utf-8").split("\n")
    return [line.split("\t") for line in lines if line and not (line.startswith("# ") and "\t" not in line)]


def test_letters_and_articles(front_end: FrontEnd) -> None:
    wrong = []
    for text, wanted in rows("letter_a.tsv"):
        stories = [one for _, story in front_end.explain(text) for one in story if one.written in ("a", "A")]
        found = " ".join("letter" if one.phones in (("ey1",), ("ey2",)) else "article" for one in stories)
        if found != wanted:
            wrong.append(f"{text!r}: {found!r}, not {wanted!r}")
    assert not wrong, "\n".join(wrong)


def test_words_sound_as_they_should(front_end: FrontEnd) -> None:
    wrong = []
    for text, written, phones in rows("words.tsv"):
        stories = [one for _, story in front_end.explain(text) for one in story if one.written == written]
        found = {" ".join(one.phones).replace("2", "1") for one in stories}  # a second stress counts as stress here
        if found != {phones}:
            wrong.append(f"{text!r}: {written!r} is {found}, not {phones!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("name", "least"), [("letter_a.tsv", 250), ("words.tsv", 190)])
def test_rows_are_many_and_different(name: str, least: int) -> None:
    found = [tuple(row[:-1]) for row in rows(name)]
    assert len(found) >= least
    assert len(set(found)) == len(found)
