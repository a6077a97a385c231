"""Long frames are read in steps: the same values as `json` reads, and no step that others would have to wait for."""

import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from speechd_neural.frontends import long_json, wire

calm = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
texts = st.text(st.characters(codec=None), max_size=60) | st.text(st.sampled_from('a"\\/\n\0é😀\ud83d\ude00u'), max_size=60)
values = st.recursive(
    texts | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)


def read(payload: bytes):
    *steps, value = long_json.steps(payload)
    assert steps == [None] * len(steps)
    return value


@pytest.fixture
def small(monkeypatch):
    """Steps of a few bytes: every cut falls somewhere."""
    monkeypatch.setattr(long_json, "SLICE", 7)
    monkeypatch.setattr(long_json, "SHORT", 9)


@calm
@given(st.dictionaries(texts.filter(lambda key: len(json.dumps(key)) < 9), texts, max_size=5), st.booleans())
def test_an_object_of_texts_is_read_as_json_reads_it(small, body, ascii_only):
    payload = json.dumps(body, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert read(payload) == json.loads(payload.decode("utf-8", "surrogatepass"))


@calm
@given(values)
def test_any_value_without_long_strings_is_read_as_json_reads_it(value):
    payload = json.dumps(value).encode()
    assert read(payload) == json.loads(payload)


@calm
@given(st.binary(max_size=60) | st.text(st.sampled_from('{}[]":,\\ud83e 1"\'\n'), max_size=60).map(str.encode))
def test_what_json_refuses_is_refused(small, payload):
    try:
        wanted = json.loads(payload.decode("utf-8", "surrogatepass"))
    except ValueError:
        with pytest.raises(ValueError):
            read(payload)
    else:
        if isinstance(wanted, dict | int | float | None):
            read(payload)


@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_text_of_a_megabyte_arrives_whole(ascii_only):
    text = ('<mark name="0:4"/>naïve "😀"\\ \n' * 40_000)[: 1 << 20]
    payload = json.dumps({"do": "speak", "id": 1, "text": text, "settings": {"rate": 5}}, ensure_ascii=ascii_only).encode()
    steps = list(wire.Parser().steps((len(payload) + 1).to_bytes(4, "big") + b"J" + payload))
    assert steps[-1] == wire.Message({"do": "speak", "id": 1, "text": text, "settings": {"rate": 5}})
    assert len(steps) > len(payload) / long_json.SLICE


EIGHT = 8 << 20
ATTACKS = {
    "lists": b'{"do":[' + b"[]," * (EIGHT // 3 - 10) + b"1]}",
    "objects": b'{"do":[' + b"{}," * (EIGHT // 3 - 10) + b"1]}",
    "numbers": b'{"do":[' + b"1," * (EIGHT // 2 - 10) + b"1]}",
    "keys": b"{" + b",".join(b'"%x":1' % number for number in range(EIGHT // 12)) + b"}",
    "depth": b'{"do":' + b"[" * (EIGHT - 20),
    "blanks": b'{"do":' + b" " * (EIGHT - 20) + b"1}",
    "quotes": b'{"do":[' + b'"",' * (EIGHT // 3 - 10) + b"1]}",
    "backslashes": b'{"do":"' + b"\\" * (EIGHT - 21) + b'"}',
    "half escapes": b'{"do":"' + b"\\u" * (EIGHT // 2 - 11) + b'"}',
}


@pytest.mark.parametrize("name", ATTACKS)
def test_eight_megabytes_that_are_no_text_cost_a_few_short_steps(name, monkeypatch):
    longest = 0
    loads = json.loads

    def watched(text):
        nonlocal longest
        longest = max(longest, len(text))
        return loads(text)

    monkeypatch.setattr(json, "loads", watched)
    payload = ATTACKS[name]
    parser = wire.Parser()
    steps = list(parser.steps((len(payload) + 1).to_bytes(4, "big") + b"J" + payload))
    (found,) = [step for step in steps if step is not None]
    assert isinstance(found, wire.Malformed) or name == "backslashes"
    assert longest <= long_json.REST
    assert list(parser.feed(wire.encode({"do": "hello"}))) == [wire.Message({"do": "hello"})]


@pytest.mark.parametrize("letter", ["a", "\ud800", "\\", '"', "\u20ac", "\x01"])
def test_eight_megabytes_of_one_character_are_read_in_steps(letter):
    payload = wire.encode({"do": "speak", "text": letter * 400_000})
    steps = list(wire.Parser().steps(payload))
    assert steps[-1] == wire.Message({"do": "speak", "text": letter * 400_000})
    assert len(steps) > len(payload) // (long_json.SLICE + 4)
