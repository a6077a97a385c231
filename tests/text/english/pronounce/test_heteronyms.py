"""Words with two pronunciations, in sentences: heteronyms.tsv has the sentence, and the reading of each such word in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural.text.english.language import English
from speechd_neural.text.english.pronounce import morphology
from speechd_neural.text.english.pronounce.heteronyms import Heteronyms
from speechd_neural.text.frontend import FrontEnd

SENTENCES = [line.split("\t") for line in Path(__file__).with_name("heteronyms.tsv").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def front_end() -> FrontEnd:
    return FrontEnd(English(), dictionaries=())


@pytest.fixture(scope="module")
def heteronyms() -> Heteronyms:
    return Heteronyms()


def said(front_end: FrontEnd, sentence: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each word, in small letters, and the phones of what it stands in."""
    stories = [one for _, story in front_end.explain(sentence) for one in story]
    return [(word, one.phones) for one in stories for word in one.words.lower().split()]


def phones(heteronyms: Heteronyms, word: str, reading: str) -> tuple[str, ...]:
    if word in heteronyms:
        return heteronyms.readings(word)[reading]
    stem, suffix = next(form for form in morphology.inflections(word) if form[0] in heteronyms)
    return morphology.inflect(heteronyms.readings(stem)[reading], suffix)


@pytest.mark.parametrize(("sentence", "readings"), SENTENCES, ids=[sentence for sentence, _ in SENTENCES])
def test_the_sentence_decides(front_end: FrontEnd, heteronyms: Heteronyms, sentence: str, readings: str) -> None:
    heard = said(front_end, sentence)
    for wanted in readings.split():
        word, _, reading = wanted.partition("=")
        expected = phones(heteronyms, word, reading)
        assert any(word == other and found[: len(expected)] == expected for other, found in heard), heard


def test_both_readings_of_common_words_are_there() -> None:
    found: dict[str, set[str]] = {}
    for _, readings in SENTENCES:
        for wanted in readings.split():
            word, _, reading = wanted.partition("=")
            found.setdefault(word, set()).add(reading)
    common = "read live wind tear close use record object present project content minute bow sow desert refuse"
    for word in common.split():
        assert len(found[word]) > 1, word
