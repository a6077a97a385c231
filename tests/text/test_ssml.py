"""Marked-up text as pieces: positions, marks, styles, and what broken markup becomes."""

from __future__ import annotations

import math

import pytest

from speechd_neural.text.ssml import Alias, Boundary, Break, MarkAt, Step, Text, entity, scan
from speechd_neural.types import Prosody


def texts(source: str) -> str:
    return "".join(piece.text for piece in scan(source) if isinstance(piece, Text))


def test_text_keeps_its_place() -> None:
    source = '<speak>a &amp; <mark name="x"/>b</speak>'
    for piece in scan(source):
        if isinstance(piece, Text):
            written = source[slice(*piece.source)]
            assert written in (piece.text, "&amp;")


def test_marks_in_order_with_names_of_any_kind() -> None:
    source = """<mark name="0:5"/>a<mark name='it"s'/><mark name=""/><mark name="a&lt;b"/><mark/><MARK NAME = 'z' ></MARK>"""
    assert [piece.name for piece in scan(source) if isinstance(piece, MarkAt)] == ["0:5", 'it"s', "", "a<b", "", "z"]


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ("", 0.3),
        ('time="500ms"', 0.5),
        ('time="1.5s"', 1.5),
        ('time="250"', 0.25),
        ('time="1e9s"', 0.3),
        ('time="9999s"', 10.0),
        ('time="-1s"', 0.0),
        ('strength="none"', 0.0),
        ('strength="x-strong"', 1.0),
        ('strength="?"', 0.3),
        ('time="0s" strength="strong"', 0.0),
    ],
)
def test_breaks(attributes: str, seconds: float) -> None:
    (piece,) = scan(f"<break {attributes}/>")
    assert isinstance(piece, Break)
    assert piece.seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("attributes", "prosody"),
    [
        ('rate="fast"', Prosody(speed=1.4)),
        ('rate="150%"', Prosody(speed=1.5)),
        ('rate="+50%"', Prosody(speed=1.5)),
        ('rate="-20%"', Prosody(speed=0.8)),
        ('rate="2"', Prosody(speed=2.0)),
        ('rate="1000000"', Prosody(speed=4.0)),
        ('rate="-100%"', Prosody(speed=0.3)),
        ('pitch="high"', Prosody(pitch=1.15)),
        ('pitch="+12st"', Prosody(pitch=2.0)),
        ('pitch="-12st"', Prosody(pitch=0.5)),
        ('pitch="+10%"', Prosody(pitch=1.1)),
        ('pitch="+11Hz"', Prosody(pitch=1.1)),
        ('pitch="110Hz"', Prosody(pitch=1.0)),
        ('volume="-6dB"', Prosody(volume_db=-6.0)),
        ('volume="50"', Prosody(volume_db=20 * math.log10(0.5))),
        ('volume="0"', Prosody(volume_db=-60.0)),
        ('volume="silent"', Prosody(volume_db=-60.0)),
        ('volume="loud"', Prosody(volume_db=4.0)),
        ('rate="nan" pitch="inf" volume="?"', Prosody()),
    ],
)
def test_prosody(attributes: str, prosody: Prosody) -> None:
    (piece,) = scan(f"<prosody {attributes}>x</prosody>")
    assert isinstance(piece, Text)
    assert piece.style.prosody.speed == pytest.approx(prosody.speed)
    assert piece.style.prosody.pitch == pytest.approx(prosody.pitch)
    assert piece.style.prosody.volume_db == pytest.approx(prosody.volume_db)


def test_nested_prosody_multiplies_and_ends() -> None:
    inner, outer, after = (
        piece.style.prosody
        for piece in scan('<prosody rate="2"><prosody rate="50%" volume="-6dB">a</prosody>b</prosody>c')
        if isinstance(piece, Text)
    )
    assert (inner.speed, inner.volume_db) == (1.0, -6.0)
    assert outer == Prosody(speed=2.0)
    assert after == Prosody()


def test_crossed_tags_end_where_the_outer_one_ends() -> None:
    source = '<prosody rate="2">a<emphasis>b</prosody>c</emphasis>d'
    speeds = [piece.style.prosody.speed for piece in scan(source) if isinstance(piece, Text)]
    assert speeds[0] == 2.0
    assert speeds[1] != 2.0
    assert speeds[2:] == [1.0, 1.0]


def test_language_of_elements() -> None:
    source = (
        '<speak xml:lang="de">a<lang xml:lang="fr">b</lang><voice languages="it:en">c</voice>'
        '<p xml:lang="es">d</p>e</speak>f'
    )
    found = [piece.style.language for piece in scan(source) if isinstance(piece, Text)]
    assert found == ["de", "fr", "it", "es", "de", None]


def test_readings() -> None:
    pieces = [piece for piece in scan('<sub alias="x y">a<b>b</b></sub><sub alias="z">c</sub>') if isinstance(piece, Text)]
    readings = [piece.style.reading for piece in pieces]
    assert [reading.value for reading in readings if reading] == ["x y", "x y", "z"]
    assert readings[0] == readings[1]


def test_reading_without_content() -> None:
    for source in ('<sub alias="x"/>', '<sub alias="x"></sub>', '<sub alias="x">'):
        first = next(iter(scan(source)))
        assert isinstance(first, Alias)
        assert first.style.reading is not None
        assert first.style.reading.value == "x"


def test_boundaries() -> None:
    assert [piece.kind for piece in scan("<p><s>a</s></p>") if isinstance(piece, Boundary)] == ["p", "s", "s", "p"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a < b", "a < b"),
        ("a <3 b", "a <3 b"),
        ("AT&T &nosuch; &", "AT&T &nosuch; &"),
        ("a<b and c>d", "a<b and c>d"),
        ("<unclosed", "<unclosed"),
        ('<mark name="x', '<mark name="x'),
        ("<!-- never closed", " never closed"),
        ("<![CDATA[<x>&amp;]]>", "<x>&amp;"),
        ("<![CDATA[rest", "rest"),
        ("<?xml version='1.0'?>a", "a"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>&b;", "&b;"),
        ("</nothing>a", "a"),
        ("&#65;&#x42;&eacute;", "ABé"),
        ("&#0;&#xD800;&#x110000;&#" + "9" * 6000 + ";a", "a"),
    ],
)
def test_tolerance(source: str, text: str) -> None:
    assert texts(source) == text


def test_entities() -> None:
    assert entity("amp") == "&"
    assert entity("nosuch") is None
    assert entity("#x1F600") == "😀"
    assert entity("#xDFFF") == ""


def test_ten_thousand_deep() -> None:
    source = "<prosody rate='fast'><p>" * 10_000 + "x" + "</p></prosody>" * 10_000
    assert texts(source) == "x"


def test_nothing_is_declared_or_fetched() -> None:
    entities = "".join(f'<!ENTITY l{n + 1} "&l{n};&l{n};&l{n};&l{n};&l{n};&l{n};&l{n};&l{n};">' for n in range(30))
    assert texts(f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><speak>&l30;</speak>') == "&l30;"
    assert texts('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;') == "&e;"


# Each of these once took the square of its length, or seconds without a look at cancellation.
HOSTILE = {
    "elements": "<a>" * 300_000,
    "elements of many names": "".join(f"<a{number}>" for number in range(100_000)),
    "elements with a reading, of many names": "".join(f"<a{number}:sub alias='b'>" for number in range(40_000)),
    "a long attribute without a value": "<a =" + "a" * 1_000_000 + ">",
    "marks": '<mark name="a"/>' * 60_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_markup_is_read_in_the_time_of_its_length_and_in_steps(text: str) -> None:
    pieces = list(scan(text))
    steps = [piece.source for piece in pieces if isinstance(piece, Step)]
    assert steps == sorted(steps)
    assert len(steps) == text.count("<") // 512


def test_a_reading_that_nobody_needs_is_cut_off() -> None:
    alias = next(piece for piece in scan("<sub alias='" + "word " * 2_000 + "'/>") if isinstance(piece, Alias))
    assert alias.style.reading is not None and len(alias.style.reading.value) == 1000
