"""The fallback speaks with the real espeak-ng."""

import shutil
import struct
import subprocess
from array import array

import pytest

from speechd_neural.audio.loudness import volume_gain
from speechd_neural.core import fallback
from speechd_neural.types import Audio, Capitals, Kind, MarkReached, Punctuation, Settings

PLAIN = Settings()


def heard(text, kind=Kind.TEXT, settings=PLAIN, **options):
    """(seconds of sound, PCM, [(mark, seconds before it)])"""
    pcm, marks, rate = b"", [], fallback.SAMPLE_RATE
    for event in fallback.speak_request(text, kind, settings, **options):
        if isinstance(event, Audio):
            rate = event.sample_rate
            pcm += event.pcm
        else:
            marks.append((event.name, len(pcm) / 2 / rate))
    return len(pcm) / 2 / rate, pcm, marks


def level(pcm):
    samples = array("h", pcm)
    return (sum(s * s for s in samples) / len(samples)) ** 0.5


def phonemes(monkeypatch, text, kind=Kind.TEXT, settings=PLAIN):
    """What espeak-ng would say, in its own letters: the same arguments, told to write phonemes."""
    spoken = []
    run = subprocess.run

    def watched(arguments, **options):
        arguments = [a for a in arguments if a != "--stdout"]
        result = run([*arguments[:1], "-q", "-x", *arguments[1:]], **options)
        spoken.append(result.stdout.decode().strip())
        return result

    with monkeypatch.context() as patch:
        patch.setattr(fallback.subprocess, "run", watched)
        list(fallback.speak_request(text, kind, settings))
    return " ".join(spoken)


def test_speaks_in_small_even_chunks_without_trailing_silence():
    chunks = list(fallback.speak("Hello, world.", PLAIN))
    assert all(isinstance(chunk, Audio) for chunk in chunks)
    assert all(len(chunk.pcm) % 2 == 0 and len(chunk.pcm) <= 2 * 0.04 * chunk.sample_rate for chunk in chunks)
    pcm = b"".join(chunk.pcm for chunk in chunks)
    assert 0.5 < len(pcm) / 2 / chunks[0].sample_rate < 1.5
    assert level(pcm[-2 * 600 :]) > 20


def test_rate_follows_the_ssip_scale():
    text = "The quick brown fox jumps over the lazy dog and runs away."
    slow, normal, fast = (heard(text, settings=Settings(rate=rate))[0] for rate in (-100, 0, 100))
    assert slow / normal == pytest.approx(170 / 80, rel=0.15)
    assert normal / fast == pytest.approx(449 / 170, rel=0.2)
    assert [fallback._speed(Settings(rate=r)) for r in (-100, -50, 0, 50, 100, 400)] == [80, 125, 170, 310, 449, 449]


def test_speed_and_pitch_factors_replace_rate_and_pitch():
    assert fallback._speed(Settings(rate=-100, speed=2.0)) == 340
    assert fallback._pitch(Settings(pitch=100, pitch_factor=1.0)) == 50
    assert [fallback._pitch(Settings(pitch=p)) for p in (-100, 0, 100)] == [0, 50, 99]


def test_volume_scales_and_pitch_is_heard():
    loud, less, soft = (level(heard("hello", settings=Settings(volume=v))[1]) for v in (100, 50, -50))
    assert less / loud == pytest.approx(volume_gain(50), rel=0.2)  # as the voice does
    assert less > 2 * soft > 0
    assert level(heard("hello", settings=Settings(volume=-100))[1] or b"\0\0") < loud / 100
    assert heard("hello", settings=Settings(pitch=80))[1] != heard("hello", settings=Settings(pitch=-80))[1]


@pytest.mark.parametrize(
    ("tag", "voice"),
    [
        (None, "en-us"),
        ("en-US", "en-us"),
        ("en_GB", "en-gb"),
        ("de-DE", "de"),
        ("fr", "fr-fr"),
        ("de-ch-x-nowhere", "de"),
        ("c", "en-us"),
        ("NULL", "en-us"),
        ("tlh-Qaak", "en-us"),
    ],
)
def test_language_is_matched_as_closely_as_espeak_can(tag, voice):
    assert fallback._voice(tag) == voice


def test_language_is_heard():
    assert heard("Schule", settings=Settings(language="de-DE"))[1] != heard("Schule")[1]
    assert heard("Schule", language="de")[1] == heard("Schule", settings=Settings(language="de-DE"))[1]
    assert "en-us" in fallback.languages() and "de" in fallback.languages()


def test_marks_come_in_order_and_near_their_words():
    ssml = (
        "<speak><mark name='0:5'/>Hello <mark name=\"6:11\"/>there.<mark name='__spd_0'/> "
        "<mark name='a&amp;b'/>Second sentence here.</speak>"
    )
    seconds, _, marks = heard(ssml, Kind.SSML)
    assert [name for name, _ in marks] == ["0:5", "6:11", "__spd_0", "a&b"]
    places = [place for _, place in marks]
    assert places == sorted(places) and places[0] == 0 and 0.1 < places[1] < 0.6 < places[2] < seconds - 0.5


def test_continues_behind_a_mark():
    ssml = "<speak>First one.<mark name='__spd_0'/> Second one.<mark name='__spd_1'/></speak>"
    whole = heard(ssml, Kind.SSML)
    rest = heard(ssml, Kind.SSML, after="__spd_0")
    assert [name for name, _ in rest[2]] == ["__spd_1"]
    assert 0.3 < rest[0] < whole[0] - 0.4
    assert rest[1] == heard("Second one.")[1]
    assert heard(ssml, Kind.SSML, after="unknown")[0] == whole[0]


def test_a_lone_letter_is_named(monkeypatch):
    article = phonemes(monkeypatch, "a table")
    for text, kind in [("a", Kind.CHAR), ("a", Kind.KEY), ("<speak><mark name='0:1'/>a </speak>", Kind.SSML)]:
        assert "eI" in phonemes(monkeypatch, text, kind)
    assert "eI" not in article.split()[0]
    assert heard("<speak><mark name='0:1'/>a </speak>", Kind.SSML)[2] == [("0:1", 0.0)]


def test_keys_and_symbols_have_names(monkeypatch):
    assert phonemes(monkeypatch, "control_a", Kind.KEY).startswith("k@ntr'oUl")
    for symbol in "_.#!<&[":
        assert heard(symbol, Kind.KEY)[0] > 0.15
        assert heard(symbol, Kind.CHAR)[0] > 0.15
    assert heard("space", Kind.CHAR)[0] > 0.2
    assert heard("trash-full", Kind.SOUND_ICON)[0] > 0.3


def test_markup_and_phoneme_brackets_in_plain_text_are_only_text(monkeypatch):
    assert "h@loU" not in phonemes(monkeypatch, "a [[h@loU]] b")
    assert heard("<voice name='de'>Schule</voice>", Kind.TEXT)[0] > heard("Schule")[0] + 0.5


def test_spelling_capitals_and_punctuation(monkeypatch):
    assert heard("cat", settings=Settings(spelling=True))[0] > heard("cat")[0] + 0.1
    assert "k,ap" in phonemes(monkeypatch, "Hello", settings=Settings(capitals=Capitals.SPELL))
    everything = phonemes(monkeypatch, "Hello, world", settings=Settings(punctuation=Punctuation.ALL))
    assert "k'0m@" in everything or "k'A:m@" in everything or "k'Am@" in everything


@pytest.mark.parametrize(
    "text",
    ["<speak>un<b>balanced & </i>tags <", "&#0;&#x110000;&bogus; hi", "nul\0 and \x1b bad \ud800 hi", "-v nothing hi"],
)
def test_broken_input_is_spoken(text):
    assert heard(text, Kind.SSML)[0] > 0.1
    assert heard(text, Kind.TEXT)[0] > 0.1


@pytest.mark.parametrize("text", ["", "<speak/>", "<speak> </speak>", "<speak><mark name='x'/></speak>"])
def test_nothing_to_say_is_silence(text):
    seconds, _, marks = heard(text, Kind.SSML)
    assert seconds == 0
    assert [name for name, _ in marks] == (["x"] if "mark" in text else [])


def test_long_texts_are_cut_into_pieces_and_nothing_is_lost():
    text = ("word " * 70 + ", and then another clause. ") * 5 + "x" * 900
    pieces = list(fallback._pieces(text, Kind.TEXT, PLAIN, None))
    assert max(piece.letters for piece in pieces) <= fallback._PIECE
    assert "".join(piece.markup for piece in pieces) == text
    assert len(pieces) > 5


def test_a_megabyte_begins_at_once_and_can_be_left(monkeypatch):
    runs = []
    run = subprocess.run
    monkeypatch.setattr(fallback.subprocess, "run", lambda *a, **k: runs.append(a) or run(*a, **k))
    speech = fallback.speak("A sentence of the usual length. " * 32768, PLAIN, "en-us")
    assert next(speech).pcm
    speech.close()
    assert len(runs) == 1


def test_a_tone_where_there_is_no_espeak(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert not fallback.available()
    seconds, pcm, marks = heard("Hello <mark name='m'/>there", Kind.SSML)
    assert 0.05 < seconds < 0.5 and level(pcm) > 1000
    assert [name for name, _ in marks] == ["m"]
    assert heard(" ")[0] == 0


def test_a_broken_or_hanging_espeak_gives_a_tone(monkeypatch, tmp_path):
    program = tmp_path / "espeak-ng"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(fallback, "_TIMEOUT", 0.3)
    for script in ("exit 1", "echo nonsense", "exec sleep 60"):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        assert 0.05 < heard("Hello there")[0] < 0.2


def test_the_wave_header_is_read_with_care():
    sound = subprocess.run([shutil.which("espeak-ng"), "--stdout", "hello"], capture_output=True, check=True).stdout
    pcm, rate = fallback._wave(sound)
    assert rate == 22050 and len(pcm) == len(sound) - 44
    extra = sound[:36] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + sound[36:]
    assert fallback._wave(extra) == (pcm, rate)
    assert fallback._wave(sound[:30]) is None
    assert fallback._wave(b"") is None
    assert fallback._wave(sound[:20] + struct.pack("<HH", 1, 2) + sound[24:]) is None


def test_marks_are_events_of_their_own():
    events = list(fallback.speak_request("<mark name='m'/>hi", Kind.SSML, PLAIN))
    assert events[0] == MarkReached("m")
    assert isinstance(events[1], Audio)


def test_an_espeak_that_did_not_tell_its_languages_is_asked_again(monkeypatch, tmp_path):
    real = shutil.which("espeak-ng")
    slow = tmp_path / "espeak-ng"
    slow.write_text(f'#!/bin/sh\n[ -e {tmp_path}/quick ] || exit 1\nexec {real} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert fallback.languages() == ()
    (tmp_path / "quick").touch()
    assert fallback.languages() == ()  # not in every sentence: where it hangs, each of these takes seconds
    monkeypatch.setattr(fallback, "_LANGUAGES_AGAIN", 0.0)
    fallback._Asked.again = 0.0
    assert "de" in fallback.languages()
