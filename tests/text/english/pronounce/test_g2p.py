import math

import pytest

from speechd_neural.errors import SpeechError
from speechd_neural.text.english.pronounce import g2p
from speechd_neural.text.english.pronounce.dictionary import Dictionary
from speechd_neural.text.english.symbols import PHONES


@pytest.fixture(scope="module")
def model():
    return g2p.LetterToSound()


@pytest.mark.parametrize("word", ["cat", "ship", "night", "table", "running", "phone"])
def test_regular_words_come_out_as_the_dictionary_has_them(model, word):
    expected = Dictionary().get(word)
    assert [p.rstrip("01") for p in model.phones(word)] == [p.rstrip("01") for p in expected]


def test_candidates_are_ordered_and_in_the_voice_table(model):
    found = model.candidates("blorptastic")
    scores = [score for score, _ in found]
    assert scores == sorted(scores, reverse=True)
    assert len({phones for _, phones in found}) == len(found) > 1
    assert all(set(phones) <= set(PHONES) for _, phones in found)


def test_doubt_is_small_for_what_the_letters_say_and_endless_for_what_they_cannot(model):
    said = model.phones("blorptastic")
    assert 0 <= model.doubt("blorptastic", said) < 5
    restressed = tuple(phone.replace("1", "0") for phone in said)
    assert model.doubt("blorptastic", restressed) == model.doubt("blorptastic", said)
    assert model.doubt("blorptastic", (*said, "m")) == math.inf
    assert model.doubt("foreach", ("f", "ao1", "r", "iy1", "ch")) < model.doubt("foreach", ("f", "ow0", "r", "ey0", "ch"))


def test_the_same_word_always_sounds_the_same(model):
    words = ["blorptastic", "zyxwort", "kubectlish", "a" * 30]
    expected = [model.phones(word) for word in words]
    fresh = g2p.LetterToSound()
    assert [fresh.phones(word) for word in reversed(words)] == expected[::-1]


@pytest.mark.parametrize("word", ["", "1", "é"])
def test_words_without_letters_have_no_phones(model, word):
    assert model.phones(word) == ()


@pytest.mark.parametrize("word", ["q", "zzzz", "aeiouaeiou", "xkcdxkcd", "w" * 40])
def test_any_letters_give_some_phones(model, word):
    assert model.phones(word)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("", "", 0), ("k ae1 t", "k ae1 t", 0), ("k ae1 t", "k ae0 t", 0.1), ("ax", "ah1", 0.1), ("k ae1 t", "k ae1", 1),
     ("", "k t", 2), ("b iy1", "d ey1", 2)],
)  # fmt: skip
def test_distance(one, other, expected):
    assert g2p.distance(tuple(one.split()), tuple(other.split())) == pytest.approx(expected)
    assert g2p.distance(tuple(other.split()), tuple(one.split())) == pytest.approx(expected)


def test_damaged_files_are_refused(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(b"something else entirely")
    with pytest.raises(SpeechError, match="reinstall"):
        g2p.LetterToSound(path)
    whole = g2p.DEFAULT.read_bytes()
    for damaged in (whole + b"\0\0\0\0", whole[: len(whole) // 2], whole[:-8], whole[:10]):
        path.write_bytes(damaged)
        with pytest.raises(SpeechError, match="reinstall"):
            g2p.LetterToSound(path)
