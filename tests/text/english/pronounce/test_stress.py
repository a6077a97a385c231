import pytest

from speechd_neural.text.english.pronounce.pronouncer import Pronouncer
from speechd_neural.text.english.pronounce.stress import with_secondary
from speechd_neural.text.english.symbols import BASIC, SECONDARY, SYMBOLS, demoted
from speechd_neural.text.token import one_stress


def test_symbols_are_only_appended():
    assert SYMBOLS[:8] == ("_", " ", ",", ".", "?", "!", "aa0", "aa1") and SYMBOLS[60] == "zh"
    assert SYMBOLS[:61] == BASIC and SYMBOLS[61:] == SECONDARY


@pytest.mark.parametrize(
    ("word", "phones", "expected"),
    [
        ("aplication", "ae1 p l ax k ey1 sh ax n", "ae2 p l ax k ey1 sh ax n"),
        ("babysitter", "b ey1 b iy0 s ih1 t er0", "b ey1 b iy0 s ih2 t er0"),
        ("keybord", "k iy1 b ao1 r d", "k iy1 b ao2 r d"),
        ("cigarette", "s ih1 g er0 eh1 t", "s ih2 g er0 eh1 t"),
        ("hello", "hh ax l ow1", "hh ax l ow1"),
        ("duterte", "d uw0 t er0 t iy0", "d uw1 t er0 t iy0"),  # no stress at all
        ("attal", "ax t ax l", "ah1 t ax l"),
    ],
)
def test_one_of_several_stresses_is_the_primary_one(word, phones, expected):
    assert with_secondary(word, tuple(phones.split())) == tuple(expected.split())


def test_stress_is_folded_and_weakened():
    assert one_stress(("ih1", "n", "s", "ah2", "l", "t", " ", ".")) == ("ih1", "n", "s", "ah1", "l", "t", " ", ".")
    assert demoted(("ax", "b", "aw1", "t")) == ("ax", "b", "aw2", "t")


@pytest.mark.parametrize(("before", "phones"), [("an", "ah1 p s eh2 t"), ("to", "ax p s eh1 t")])
def test_noun_and_verb_differ_in_which_stress_is_primary(before, phones):
    assert " ".join(Pronouncer().phones("upset", before)[0]) == phones
