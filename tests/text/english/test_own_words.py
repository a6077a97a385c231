"""Entries of the user's dictionary for words of letters and digits, which normalization alone would take apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechd_neural.text.english.language import English
from speechd_neural.text.english.pronounce.lexicon import UserLexicon
from speechd_neural.text.english.pronounce.pronouncer import Pronouncer
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Kind, Punctuation, Settings
from tests.text.segments import check

K8S = "k uw1 b er0 n eh1 t iy0 z"
LEXICON = "k8s = KOO-ber-NET-eez\na11y = spell\n/v(\\d)beta/ = say version \\1 beta\nm² = say square metres\n"


@pytest.fixture(scope="module")
def pronouncer(tmp_path_factory: pytest.TempPathFactory) -> Pronouncer:
    path = tmp_path_factory.mktemp("own") / "lexicon.txt"
    path.write_text(LEXICON, encoding="utf-8")
    return Pronouncer(UserLexicon(path))


def story(pronouncer: Pronouncer, text: str, digits: bool = False, **settings: Punctuation) -> list[tuple[str, str, str]]:
    """What is written, the words, and the phones where the user's dictionary says them."""
    front_end = FrontEnd(English(pronouncer), dictionaries=(), digits=digits)
    return [
        (one.written, one.words, " ".join(one.phones) if one.why.startswith("user lexicon") else "")
        for _, found in front_end.explain(text, Kind.TEXT, Settings(**settings))  # type: ignore[arg-type]
        for one in found
    ]


@pytest.mark.parametrize("digits", [False, True])
@pytest.mark.parametrize(
    ("text", "written", "phones"),
    [
        ("Install k8s, then go on.", "k8s", K8S),
        ("K8S!", "K8S", K8S),
        ("(k8s)", "k8s", K8S),
        ("v2beta", "v2beta", "v er1 zh ax n t uw1 b ey1 t ax"),
        ("It is about a11y.", "a11y", "ey2 w ah2 n w ah2 n w ay1"),
        ("how many m² it has", "m²", "s k w eh1 r m iy1 t er0 z"),
    ],
)
def test_an_entry_with_digits_is_reached(
    pronouncer: Pronouncer, text: str, written: str, phones: str, digits: bool
) -> None:
    found = {one: said for one, _, said in story(pronouncer, text, digits)}
    assert found[written] == phones


def test_words_joined_to_it_are_said_as_ever(pronouncer: Pronouncer) -> None:
    assert story(pronouncer, "the k8s-node-1, k8s_pod") == [
        ("the", "the", ""), ("k8s", "k eight s", K8S), ("node-1", "node one", ""), ("k8s", "k eight s", K8S), ("pod", "pod", ""),
    ]  # fmt: skip
    assert story(pronouncer, "k8s-pod.", punctuation=Punctuation.ALL) == [
        ("k8s", "k eight s", K8S), ("-", "dash", ""), ("pod", "pod", ""), (".", "dot", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["https://k8s.io", "5 m²", "k8sx", "2k8s", "k8", "8"])
def test_what_it_is_only_a_part_of_stays_as_it_is(pronouncer: Pronouncer, text: str) -> None:
    with_entries, plain = story(pronouncer, text), story(Pronouncer(), text)
    assert with_entries == plain and not any(said for *_, said in with_entries)


def test_phrase_ends_stay(pronouncer: Pronouncer) -> None:
    front_end = FrontEnd(English(pronouncer), dictionaries=())
    assert [segment.text for segment in front_end.segments("With k8s, is it k8s-pod? Yes: k8s.")] == [
        "With k eight s, is it k eight s pod?", "Yes, k eight s.",
    ]  # fmt: skip


@given(st.lists(st.sampled_from(["k8s", "K8s", "m²", "v2beta", "-", "_", " ", ".", "'s", "a", "3", "(", "…", "é"]), max_size=12))
def test_segments_stay_well_formed(pronouncer: Pronouncer, parts: list[str]) -> None:
    text = "".join(parts)
    for level in (Punctuation.NONE, Punctuation.ALL):
        front_end = FrontEnd(English(pronouncer), dictionaries=())
        check(text, list(front_end.segments(text, Kind.TEXT, Settings(punctuation=level))))
