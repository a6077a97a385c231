"""Only plain YAML is read, and what is not plain is named with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechd_neural.plainyaml import NotPlain, read, shown


def test_plain_values_are_read_as_they_stand() -> None:
    text = b'a: [1, 2.5, true, ~, "5", x]\nb: {c: 2026-01-31}\n? d\n: e\n'
    assert read(text) == {"a": [1, 2.5, True, None, "5", "x"], "b": {"c": "2026-01-31"}, "d": "e"}
    assert read(b"") is None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (b"a: &x [1]\nb: *x\n", 1, "an alias"),
        (b"a: &x [*x]\n", 1, "an alias"),
        (b"a: 1\nb: !!timestamp x\n", 2, "the tag '!!timestamp'"),
        (b'a: !!int ""\n', 1, "the tag '!!int'"),
        (b"a: !!set {x}\n", 1, "the tag '!!set'"),
        (b"a: !own 5\n", 1, "the tag '!own'"),
        (b"a: !!str 5\n", 1, "the tag '!!str'"),
        (b"a: 0b_\n", 1, "'0b_' is not a number"),
        (b"a: " + b"9" * 5000, 1, "is not a number"),
        (b"a: 1\na: 2\n", 2, "'a' stands here for the second time"),
        (b"[a]: 1\n", 1, "a key that is not a plain value"),
        (b"[" * 40 + b"]" * 40, 1, "more than 16 levels"),
        (b"a:\n- {", 2, "not YAML"),
        (b"\xff\xfe\xff", 1, "not YAML"),
        (b"[" * 100_000, 1, "not YAML"),
    ],
)
def test_what_is_not_plain_is_named_with_its_line(text: bytes, line: int, words: str) -> None:
    with pytest.raises(NotPlain) as caught:
        read(text)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 200
    assert abs(caught.value.line - line) <= 1  # where a quote or a bracket stays open, the end of the file is named


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=5)))
def test_a_value_is_shown_on_one_short_line(value: object) -> None:
    line = shown(value)
    assert len(line) < 600
    assert "\n" not in line


def test_a_number_of_thousands_of_digits_can_be_shown() -> None:
    assert "digits" in shown(10**5000) or len(shown(10**5000)) < 100
