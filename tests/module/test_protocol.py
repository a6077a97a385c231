"""The module's protocol as pure functions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechd_neural.module import protocol
from speechd_neural.module.protocol import Commands, assignments, settings, voice_list


def all_of(*pieces: bytes) -> list:
    commands = Commands()
    return [command for piece in pieces for command in commands.feed(piece)]


def test_commands_and_bodies():
    dialogue = b"INIT\nSPEAK\n<speak>one\n..two\n.three</speak>\n.\nDEBUG ON /x y \nLIST VOICES en  none\n"
    assert all_of(dialogue) == [
        ("INIT", "", None),
        ("SPEAK", "", None),
        ("SPEAK", "", "<speak>one\n.two\nthree</speak>"),
        ("DEBUG", "ON /x y", None),
        ("LIST", "VOICES en  none", None),
    ]


@given(st.lists(st.integers(0, 200)), st.text())
def test_pieces_make_no_difference(places, text):
    stuffed = "\n".join("." + line if line.startswith(".") else line for line in text.split("\n"))
    dialogue = b"SET\nrate=1\n.\nSPEAK\n" + stuffed.encode("utf-8", "replace") + b"\n.\nSTOP\n"
    cuts = sorted({place for place in places if place < len(dialogue)})
    pieces = [dialogue[a:b] for a, b in zip([0, *cuts], [*cuts, len(dialogue)], strict=True)]
    found = all_of(*pieces)
    assert found == all_of(dialogue)
    # A body line that is only a dot and a CR also ends a message: some clients end their lines so.
    assert found[3] == ("SPEAK", "", text.encode("utf-8", "replace").decode())


@given(st.binary(max_size=300).map(lambda data: data[: len(data) & ~1]))
def test_sound_is_escaped_so_that_it_comes_back(pcm):
    block = protocol.audio(pcm, 16000)
    head, _, rest = block.partition(b"\0")
    assert rest.endswith(b"\n705 AUDIO\n")
    escaped = rest.removesuffix(b"\n705 AUDIO\n")
    assert b"\n" not in escaped
    assert re.sub(rb"\x7d(.)", lambda m: bytes([m[1][0] ^ 0x20]), escaped, flags=re.DOTALL) == pcm
    assert b"705-num_samples=%d\n" % (len(pcm) // 2) in head


@given(st.dictionaries(st.text(), st.text()))
def test_any_settings_are_accepted(values):
    found = settings(values)
    assert set(found) <= {
        "rate", "pitch", "pitch_range", "volume", "punctuation", "capitals", "spelling", "language", "voice",
    }  # fmt: skip


def test_settings_are_read_and_clamped():
    block = (
        "pitch=-101\nrate=55\nvolume=x\npunctuation_mode=all\nspelling_mode=on\nlanguage=NULL\nsynthesis_voice=A = B\n"
    )
    assert settings(assignments(block)) == {
        "pitch": -100, "rate": 55, "punctuation": "all", "spelling": True, "language": None, "voice": "A = B",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [("", 2), ("en", 1), ("en-us", 1), ("EN-US NONE", 1), ("de", 1), ("none", 2), ("fr", 0), ("en-u", 0), ("d", 0)],
)
def test_voice_list(arguments, lines):
    voices = [("A\tvoice\n", "en-US", "none"), ("B", "de", "")]
    reply = voice_list(voices, arguments)
    assert reply.count(b"200-") == lines
    assert reply.endswith(b"200 OK VOICE LIST SENT\n" if lines else b"304 CANT LIST VOICES\n")
    assert all(len(line.split(b"\t")) == 3 for line in reply.split(b"\n") if line.startswith(b"200-"))


def test_events_are_whole_lines_whatever_the_name():
    assert protocol.mark("a b\n703 STOP\n") == b"700-a b 703 STOP\n700 INDEX MARK\n"
    assert protocol.icon("/a/b.wav") == b"706-/a/b.wav\n706 ICON\n"
