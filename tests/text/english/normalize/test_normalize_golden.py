"""The golden rows of numbers and identifiers, read by normalization alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural.text.english.normalize.tokens import normalize

GOLDEN = Path(__file__).parent.parent / "golden"
AT_LEAST = {"numbers": 400, "identifiers": 150}


def rows(name: str) -> list[tuple[str, str, str]]:
    lines = (GOLDEN / f"{name}.tsv").read_text(encoding="utf-8").split("\n")
    found = [line.split("\t") for line in lines if line and not (line.startswith("# ") and "\t" not in line)]
    return [(settings, text, words) for settings, text, words in found]


@pytest.mark.parametrize("name", sorted(AT_LEAST))
def test_every_row_is_read_exactly(name: str) -> None:
    wrong = []
    for settings, text, words in rows(name):
        heard = " ".join(t.words for t in normalize(text, digits="digits" in settings) if t.words)
        if heard != words:
            wrong.append(f"{text!r}: {heard!r}, not {words!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", sorted(AT_LEAST))
def test_rows_are_many_and_different(name: str) -> None:
    found = rows(name)
    assert len(found) >= AT_LEAST[name]
    assert len({(settings, text) for settings, text, _ in found}) == len(found)


@pytest.mark.parametrize("name", sorted(AT_LEAST))
def test_what_was_read_stays_as_it_is(name: str) -> None:
    for _, _, words in rows(name):
        assert " ".join(t.words for t in normalize(words) if t.words) == words
