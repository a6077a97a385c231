from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from speechd_neural.core.warming import Phrase, Warming, phrases, read_pack
from speechd_neural.errors import SynthesisError, TextError
from speechd_neural.text.english.language import English
from speechd_neural.types import Kind, Segment

PACKS = English.phrase_packs


def segments(phrase: Phrase) -> Iterable[Segment]:
    return [Segment((*word, "."), word) for word in phrase.text.split("|")]


def never() -> bool:
    return False


def run(warming: Warming, interrupted: Callable[[], bool] = never, limit: int = 1000) -> int:
    for count in range(1, limit):
        if not warming.step(interrupted):
            return count
    raise AssertionError("never finished")


def test_the_packs_are_there_and_hold_what_typing_and_navigating_needs() -> None:
    found = phrases([PACKS])
    assert {Phrase(letter, Kind.CHAR) for letter in "abcxyz0189AZ"} <= set(found)
    assert {Phrase(character, Kind.CHAR) for character in (" ", "\t", "#", "[", "]", "\\", ".", "€")} <= set(found)
    assert Phrase("Return", Kind.KEY) in found and Phrase("check box", Kind.TEXT) in found
    assert len(found) == len(set(found)) > 700
    assert found.index(Phrase("a", Kind.CHAR)) < found.index(Phrase("Preferences", Kind.TEXT))
    assert sorted(path.name for path in PACKS.glob("*.txt")) == sorted(path.name for path in PACKS.iterdir())


def test_only_what_is_missing_is_made_and_once() -> None:
    cache = {"two"}

    def prepare(segment: Segment, interrupted: Callable[[], bool]) -> bool:
        assert segment.text not in cache
        cache.add(segment.text)
        return True

    wanted = [Phrase(text, Kind.TEXT) for text in ("one", "two", "one|three")]
    warming = Warming(wanted, segments, lambda segment: segment.text in cache, prepare)
    run(warming)
    assert cache == {"one", "two", "three"}
    assert (warming.done, warming.total, warming.made, warming.failed, warming.finished) == (3, 3, 2, 0, True)
    assert not warming.step(never)


def test_an_interrupted_segment_is_made_again() -> None:
    made: list[str] = []
    answers = iter([False, False, True, True])

    def prepare(segment: Segment, interrupted: Callable[[], bool]) -> bool:
        made.append(segment.text)
        return next(answers)

    warming = Warming([Phrase("one|two", Kind.TEXT)], segments, lambda _: False, prepare)
    run(warming)
    assert made == ["one", "one", "one", "two"] and warming.made == 2


def test_what_the_voice_cannot_speak_does_not_end_the_warming() -> None:
    def prepare(segment: Segment, interrupted: Callable[[], bool]) -> bool:
        if segment.text == "bad":
            raise SynthesisError("not covered")
        return True

    warming = Warming([Phrase("bad", Kind.TEXT), Phrase("good", Kind.TEXT)], segments, lambda _: False, prepare)
    run(warming)
    assert (warming.made, warming.failed, warming.done) == (1, 1, 2)


def test_foreign_and_empty_segments_are_left_out() -> None:
    def odd(phrase: Phrase) -> Iterable[Segment]:
        return [Segment(), Segment(("a", "."), "a", language="de")]

    def prepare(segment: Segment, interrupted: Callable[[], bool]) -> bool:
        raise AssertionError("nothing to make")

    warming = Warming([Phrase("x", Kind.TEXT)], odd, lambda _: False, prepare)
    run(warming)
    assert warming.finished and warming.made == 0


def test_nothing_wanted() -> None:
    assert not Warming([], segments, lambda _: False, lambda *_: True).step(never)


def test_a_bad_pack_names_file_and_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bad = tmp_path / "a.txt"
    bad.write_text("[char]\nx\n[chars]\ny\n")
    with pytest.raises(TextError, match=r"a\.txt, line 3: \[chars\] is not one of \[char\], \[key\], \[text\]"):
        read_pack(bad)
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe")
    (tmp_path / "c.txt").write_text("# a comment\n\nhello there\n[char]\n#\n\\u0020\n[\n")
    with caplog.at_level(logging.WARNING):
        found = phrases([tmp_path])
    assert found == [
        Phrase("hello there", Kind.TEXT),
        Phrase("#", Kind.CHAR),
        Phrase(" ", Kind.CHAR),
        Phrase("[", Kind.CHAR),
    ]
    assert len(caplog.records) == 2
