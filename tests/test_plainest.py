"""What is read without a YAML library is what YAML reads, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.fuzz.targets import TARGETS
from speechd_neural import paths, plainest, plainyaml
from speechd_neural.config import Config, parse

PIECES = [
    *"a b n yes No 0 7 -3 007 1.5 1.0e-05 1e5 .5 . _ ~ null true True ' '' 'x' 'it''s' \"q\" # - : --- & * ! | > %".split(),
    *(" ", "  ", "\n", "\n  ", "\n    ", "\n- ", "\n  - ", "a: ", "b:", "\nc:", "c: d\n", " #x", "\t", "\r", "é", "1:30"),
]
ODD = ("a: b: c", "a: [1]", "- a", "a: &b c", "a: 'x", "a: b # c", "a:\tb", "a: 1\na: 2", "yes: 1", "a: 0o7", "")


@pytest.mark.parametrize("path", sorted(paths.packaged_voices().glob("*/voice.yaml")), ids=lambda path: path.parent.name)
def test_the_manifests_in_the_box_need_no_yaml_library(path):
    data = path.read_bytes()
    assert plainest.read(data) == plainyaml.by_library(data) is not None


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_a_document_is_what_yaml_reads_or_nothing(text):
    found = plainest.read(text.encode())
    if found is not None:
        assert repr(found) == repr(plainyaml.by_library(text.encode()))


@pytest.mark.parametrize("text", ODD)
def test_anything_else_is_left_to_yaml(text):
    assert plainest.read(text.encode()) is None


def test_a_short_configuration_needs_no_yaml_library_and_says_the_same():
    text = "# mine\nvoice:\n  name: fenrir\n\nspeech:\n  rate: 10\n  punctuation: some\ncache:\n"
    assert plainest.read(text.encode()) is not None
    found = parse(text, "x")
    assert (found.voice.name, found.speech.rate, found.cache) == ("fenrir", 10, Config().cache)
    assert TARGETS["plainest"]
