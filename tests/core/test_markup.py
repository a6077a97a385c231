"""Markup for the fallback is read to its end whatever it holds, in steps that can be called off."""

from __future__ import annotations

import pytest

from speechd_neural.core import fallback
from speechd_neural.core.markup import fragments
from speechd_neural.types import Kind, Settings


def words(ssml: str) -> str:
    return "".join(fragment.text for fragment in fragments(ssml))


@pytest.mark.parametrize(
    ("ssml", "said"),
    [
        ("a<!-- b > c -->d", "ad"),
        ("a<!-- b", "a<!-- b"),
        ("a<!-- b > c", "a c"),
        ("<!-- a --><!-- b -->c", "c"),
        ("a <b>c</b> < d", "a c < d"),
        ("a<mark name='b'/>c", "ac"),
        ("a&lt;b&#33;", "a<b!"),
    ],
)
def test_comments_and_tags_are_not_said(ssml: str, said: str) -> None:
    assert words(ssml) == said


# Each of these once took the square of its length, with the interpreter's lock held.
HOSTILE = {
    "comments that never end": "<!--" * 250_000,
    "tags that never end": "<a" * 500_000,
    "a tag full of names": "<mark " + "name=" * 200_000 + ">",
    "breaks without words": "<p>" * 300_000,
    "spaces": " \n" * 500_000,
    "ends of sentences": ".'" * 500_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_markup_is_read_in_the_time_of_its_length(text: str) -> None:
    steps = 0
    for piece in fallback._pieces(f"<speak>{text}</speak>", Kind.SSML, Settings(), None):
        steps += 1
        assert piece is None or len(piece.markup) <= 5 * fallback._PIECE + 64
    assert steps <= len(text)


def test_much_markup_without_words_is_read_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fallback, "_run", lambda *_: (b"\1\1" * 100, 16000))
    events = list(fallback.speak_request("<speak>" + "<a>" * 10_000 + "x</speak>", Kind.SSML, Settings()))
    assert events.count(None) > 100
    assert next(event for event in events if event is not None).pcm
