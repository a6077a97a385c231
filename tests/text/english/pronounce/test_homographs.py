"""The model that tells the readings of a word apart: what it is, what it says, and that it is fast and small."""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural.errors import SpeechError
from speechd_neural.text.english.pronounce import homographs
from speechd_neural.text.english.pronounce.context import described, features
from speechd_neural.text.english.pronounce.heteronyms import Heteronyms
from speechd_neural.text.english.pronounce.homographs import Homographs, write
from speechd_neural.text.english.pronounce.pronouncer import Pronouncer
from speechd_neural.text.english.symbols import PHONES

WORDS = Path(__file__).parents[4] / "speechd_neural" / "train" / "homographs-labels.txt"


@pytest.fixture(scope="module")
def heteronyms() -> Heteronyms:
    return Heteronyms()


def test_every_word_of_the_public_set_has_all_its_readings(heteronyms: Heteronyms) -> None:
    labels = [line.split() for line in WORDS.read_text().splitlines()]
    assert len({label.split("_")[0] for label, _ in labels}) == 162
    for label, reading in labels:
        seen = heteronyms.look(label.split("_")[0], "", "")
        assert seen is not None, label
        groups = heteronyms.groups(seen.stem)
        assert len(groups) > 1 and any(reading in group for group in groups), label
        for phones in heteronyms.readings(seen.stem).values():
            assert set(phones) <= set(PHONES) and sum(phone[-1] == "1" for phone in phones) == 1, label


@pytest.mark.parametrize(
    ("before", "word", "after", "phones"),
    [
        ("piano works of", "Ravel", "", "r ax v eh1 l"),
        ("a glass of warm", "sake", "", "s aa1 k iy0"),
        ("for the", "sake", "of peace", "s ey1 k"),
        ("the train to", "Reading", "", "r eh1 d ih0 ng"),
        ("", "Reading", "list", "r iy1 d ih0 ng"),
        ("both", "axes", "are logarithmic", "ae1 k s iy2 z"),
        ("she tried to", "diffuse", "the tension", "d ih0 f y uw1 z"),
        ("a high", "impact", "sport", "ih1 m p ae2 k t"),
        ("unleaded and", "lead", "free", "l eh1 d"),
        ("a label that", "read", "fragile", "r eh1 d"),
        ("", "Update", "available", "ah1 p d ey0 t"),
        ("", "Update", "all", "ax p d ey1 t"),
        ("no", "uses", "left", "y uw1 s ax z"),
        ("it", "uses", "too much memory", "y uw1 z ax z"),
    ],
)
def test_the_words_around_decide(before: str, word: str, after: str, phones: str) -> None:
    assert " ".join(Pronouncer().phones(word, before, after)[0]) == phones


def test_explain_says_which_words_decided() -> None:
    said = Pronouncer().phones("close", "", "to tray")[1]
    assert said.startswith("heteronym: adj (") and '"to" behind it' in said
    assert described("kinds before=@preposition@toward many") == "preposition/toward, many before it"
    assert described("before=to") == '"to" before it'
    assert described("between=a of") == 'between "a" and "of"'
    assert described("capital=inside") == "a capital"


@pytest.mark.parametrize("before, after", [("b\udc80", "to"), ("the", "\ud800"), ("\udfff", "\udc80")])
def test_half_a_character_beside_a_word_is_read(before: str, after: str) -> None:
    """Clients send lone surrogates; whatever is around a word may hold one."""
    assert Pronouncer().phones("close", before, after)[0][0] == "k"


def test_features_are_the_same_each_time() -> None:
    seen = [list(features(["the", "2", "new"], ["are", ","], True, {"the": "@determiner"}, "noun")) for _ in range(2)]
    assert seen[0] == seen[1] and len(seen[0]) == len(set(seen[0]))
    assert "kinds before=# word" in seen[0] and "capital=inside" in seen[0]


def test_the_model_is_small_and_another_file_is_refused(tmp_path: Path) -> None:
    assert homographs.DEFAULT.stat().st_size < 2_000_000
    assert write(tmp_path / "m.bin", {5: 1.0, 9: 0.0, 7: -2.0}) == 2
    Homographs(tmp_path / "m.bin")
    (tmp_path / "m.bin").write_bytes((tmp_path / "m.bin").read_bytes()[:-1])
    with pytest.raises(SpeechError, match="reinstall"):
        Homographs(tmp_path / "m.bin")
