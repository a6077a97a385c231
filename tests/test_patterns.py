"""A pattern that would never end is given up in its time, and nobody else is kept waiting."""

from __future__ import annotations

import threading

import pytest

from speechd_neural.config import parse
from speechd_neural.configured import options_for
from speechd_neural.errors import ConfigError
from speechd_neural.patterns import Pattern, PatternError, TooSlow

ENDLESS = "(a|aa)+b"  # exponential in re; other libraries see through the plainest of these
LONG = "a" * 5000


def test_ordinary_patterns_match_as_they_always_did() -> None:
    assert Pattern(r"\b\d{4}(?: \d{4}){3}\b").search("my card is 4111 1111 1111 1111.")
    assert not Pattern("x").search("abc")
    match = Pattern(r"v(\d)beta", ignore_case=True).fullmatch("V2Beta")
    assert match and match.expand(r"v \1 beta") == "v 2 beta"
    assert Pattern("a") == Pattern("a") != Pattern("a", ignore_case=True)


@pytest.mark.parametrize("text", ["(", "*", "[a", "a{9999999999999999999999}", "(?P<n>a)(?P=m)"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(PatternError):
        Pattern(text)


def test_a_pattern_without_end_is_given_up_and_others_run_meanwhile() -> None:
    counted, ended = [], threading.Event()

    def count() -> None:
        while not ended.is_set():
            counted.append(None)

    other = threading.Thread(target=count)
    other.start()
    try:
        with pytest.raises(TooSlow):
            Pattern(ENDLESS).search(LONG)
    finally:
        ended.set()
        other.join()
    assert len(counted) > 1


def test_a_pattern_that_only_waited_for_a_processor_is_tried_once_more() -> None:
    tries: list[str] = []

    def waits(text: str, **_: object) -> str:
        tries.append(text)
        if len(tries) < 2:
            raise TimeoutError  # without a moment of work: the machine was busy with something else
        return "found"

    assert Pattern("x")._run(waits, "x") == "found"
    assert tries == ["x", "x"]

    def never(text: str, **_: object) -> str:
        tries.append(text)
        raise TimeoutError

    with pytest.raises(TooSlow):
        Pattern("x")._run(never, "x")
    assert len(tries) == 5


def test_what_a_slow_pattern_was_tried_on_counts_as_private(caplog: pytest.LogCaptureFixture) -> None:
    private = options_for(parse(f'cache: {{private: ["{ENDLESS}", "secret"]}}', "x")).private
    assert private is not None
    for _ in range(2):
        assert private(LONG)
    assert private("a secret") and not private("hello")
    assert caplog.text.count("cache.private: pattern 1 takes too long") == 1
    assert "aaaa" not in caplog.text


def test_the_configuration_names_a_wrong_pattern() -> None:
    with pytest.raises(ConfigError, match=r"x, line 1: cache.private must be a list of regular expressions \('\(': "):
        parse('cache: {private: ["("]}', "x")
