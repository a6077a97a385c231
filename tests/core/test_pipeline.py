import itertools
import time
from dataclasses import replace

import numpy as np
import pytest

from speechd_neural.audio import said_days
from speechd_neural.audio.cache import PhraseCache
from speechd_neural.audio.prosody import pause_samples
from speechd_neural.audio.resample import resample
from speechd_neural.core import fallback
from speechd_neural.core.means import DEFAULT_RATE, Options
from speechd_neural.core.phrases import chunks_of, phrase_of, seed_of
from speechd_neural.core.voices import Voices
from speechd_neural.core.warming import Phrase
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import (
    Audio,
    Begin,
    End,
    Failed,
    Icon,
    Kind,
    MarkReached,
    Request,
    Segment,
    Settings,
    Stopped,
    WordReached,
)
from tests.toy_engine import RATE, SYMBOL, ToyEngine, ToyFrontEnd, frequency

ANYTHING_ELSE = (Begin, End)


def never() -> bool:
    return False


def spoken(pipeline, text, **more):
    kind = more.pop("kind", Kind.TEXT)
    settings = more.pop("settings", Settings())
    private = more.pop("private", False)
    return list(pipeline.speak(Request(1, text, kind, settings, private=private), never, **more))


def sound(events):
    return np.concatenate([np.frombuffer(e.pcm, "<i2") for e in events if isinstance(e, Audio)] or [np.zeros(0, "<i2")])


def timed(events):
    """(seconds, event) of everything that is not sound."""
    at, found = 0.0, []
    for event in events:
        if isinstance(event, Audio):
            at += len(event.pcm) / 2 / event.sample_rate
        else:
            found.append((at, event))
    return found


def letters(samples):
    """The symbols that are heard, by the pitch of their tones."""
    heard = []
    for part in samples[: len(samples) // SYMBOL * SYMBOL].reshape(-1, SYMBOL):
        if np.abs(part).max() < 1000:
            continue
        peak = np.abs(np.fft.rfft(part * np.hanning(SYMBOL))).argmax() * RATE / SYMBOL
        heard.append(min("abcdefghijklmnopqrstuvwxyz", key=lambda letter: abs(frequency(letter) - peak)))
    return "".join(heard)


def test_begins_speaks_and_ends_once(pipeline):
    events = spoken(pipeline, "abc")
    assert events[0] == Begin() and events[-1] == End()
    assert sum(isinstance(event, ANYTHING_ELSE) for event in events) == 2
    assert letters(sound(events)) == "abc"


def test_the_first_piece_is_short_and_the_others_are_not_long(pipeline):
    sizes = [len(e.pcm) / 2 / e.sample_rate for e in spoken(pipeline, "abcdefgh") if isinstance(e, Audio)]
    assert 0.01 <= sizes[0] <= 0.02
    assert max(sizes) <= 0.04


def test_marks_and_words_come_exactly_where_their_sound_begins(pipeline):
    events = spoken(pipeline, "[one]ab [two][three]cd ef. gh [end]")
    names = [event.name for event in events if isinstance(event, MarkReached)]
    assert names == ["one", "two", "three", "end"]
    at = {event.name: t for t, event in timed(events) if isinstance(event, MarkReached)}
    assert at["one"] == 0
    assert at["two"] == at["three"] == pytest.approx(3 * SYMBOL / RATE, abs=0.012)  # trimmed silence may shift it
    words = [(event.start, event.end) for event in events if isinstance(event, WordReached) and not event.sentence]
    assert words == [(0, 7), (8, 22), (23, 25), (27, 29)]
    sentences = [event for event in events if isinstance(event, WordReached) and event.sentence]
    assert len(sentences) == 2
    for mark, letter in [("two", "c")]:
        after = itertools.dropwhile(lambda event, mark=mark: event != MarkReached(mark), events)
        assert letters(sound(after))[0] == letter


@pytest.mark.parametrize("rate", [-100, -30, 40, 100])
def test_marks_follow_the_speed(pipeline, rate):
    events = spoken(pipeline, "abcdabcd [m]efgh", settings=Settings(rate=rate))
    total = len(sound(events)) - pause_samples(0.1, RATE, Settings(rate=rate))
    (at,) = [t for t, event in timed(events) if isinstance(event, MarkReached)]
    assert at * RATE / total == pytest.approx(9 / 13.5, abs=0.15)


def test_the_same_text_is_the_same_sound_from_voice_and_cache(pipeline, engine):
    first, second = spoken(pipeline, "hello there"), spoken(pipeline, "hello there")
    assert len(engine.spoken) == 1
    assert np.array_equal(sound(first), sound(second))
    assert seed_of(Segment(("a", "."))) == seed_of(Segment(("a", "."))) != seed_of(Segment(("b", ".")))


def test_what_two_devices_made_together_is_not_kept(pipeline, engine):
    """An engine that loses its device in the middle goes on under another name, on another one."""

    def lose(segment):
        engine.info = replace(engine.info, identifier="toy-1")

    engine.refuse = lose
    segment = next(ToyFrontEnd().segments("hello", Kind.TEXT, Settings()))
    for make in (lambda: spoken(pipeline, "hello"), lambda: pipeline.background.prepare(segment, never)):
        engine.info = replace(engine.info, identifier="toy-1-gpu")
        make()
        assert pipeline.means.cache.stats()["stored"] == 0
    spoken(pipeline, "hello")
    assert pipeline.means.cache.stats()["stored"] == 1 and len(engine.spoken) == 3


def test_a_phrase_survives_the_cache_in_any_pieces(engine):
    segment = next(ToyFrontEnd().segments("abcdefghijkl mn", Kind.TEXT, Settings()))
    phrase = phrase_of(list(engine.synthesize(segment, seed=1, cancelled=never)))
    again = phrase_of(list(chunks_of(phrase, engine.info.hop_length)))
    assert np.array_equal(again.samples, phrase.samples) and again.spans == phrase.spans
    assert np.array_equal(again.f0, phrase.f0)


@pytest.mark.parametrize("private_by", ["request", "pattern"])
def test_private_text_is_never_kept(pipeline, engine, private_by):
    pipeline.means.change_options(Options(deadline=0, private=lambda text: private_by == "pattern" and "secret" in text))
    for _ in range(2):
        spoken(pipeline, "secret", private=private_by == "request")
    assert len(engine.spoken) == 2
    assert pipeline.means.cache.stats()["stored"] == 0


def test_a_stop_ends_it_between_two_pieces(pipeline):
    flag = []
    events = []
    for event in pipeline.speak(Request(1, "abcdefgh. ijkl"), lambda: bool(flag)):
        events.append(event)
        if isinstance(event, Audio):
            flag.append(True)
    assert sum(isinstance(event, Audio) for event in events) == 1
    assert events[-1] == Stopped()


def test_what_was_stopped_is_finished_into_the_cache(pipeline, engine):
    flag = []
    stream = pipeline.speak(Request(1, "abcdefgh"), lambda: bool(flag))
    next(stream), next(stream)
    flag.append(True)
    stream.close()
    assert not pipeline.background.step(never)
    spoken(pipeline, "abcdefgh")
    assert len(engine.spoken) == 2


@pytest.fixture
def other(pipeline, engine):
    """Another voice, in memory."""
    other = ToyEngine()
    other.info = replace(engine.info, name="other", identifier="other-1")
    pipeline.means.voices = Voices(engine, lambda info: other)
    pipeline.means.voices.offer([engine.info, other.info])
    pipeline.means.voices.prepare("other").result(60)
    return other


def test_each_voice_speaks_what_it_is_asked_for_and_keeps_its_own_sound(pipeline, engine, other):
    for _ in range(2):
        spoken(pipeline, "abc", settings=Settings(voice="other"))
        assert (len(engine.spoken), len(other.spoken)) == (0, 1)
    spoken(pipeline, "abc")
    assert (len(engine.spoken), len(other.spoken)) == (1, 1)


def test_an_utterance_keeps_its_voice_when_that_goes(pipeline, engine, other):
    stream = pipeline.speak(Request(1, "abc. def. ghi", settings=Settings(voice="other")), never)
    next(event for event in stream if isinstance(event, Audio))
    pipeline.means.voices.offer([engine.info])
    assert isinstance(list(stream)[-1], End)
    assert (len(engine.spoken), len(other.spoken)) == (0, 3)


def test_what_was_stopped_is_finished_by_its_own_voice(pipeline, engine, other):
    flag = []
    stream = pipeline.speak(Request(1, "abcdefgh", settings=Settings(voice="other")), lambda: bool(flag))
    next(stream), next(stream)
    flag.append(True)
    stream.close()
    pipeline.background.step(never)
    assert (len(engine.spoken), len(other.spoken)) == (0, 2)
    spoken(pipeline, "abcdefgh", settings=Settings(voice="other"))
    assert len(other.spoken) == 2


def test_a_warming_that_begins_while_the_one_before_ends_is_done_too(pipeline, engine, monkeypatch):
    real, begun = pipeline.means.front_end.segments, []

    def segments(text, kind, settings):
        if text == "a" and not begun:  # as by another thread, at that moment
            begun.append(pipeline.background.warm([Phrase("cd", Kind.TEXT)]))
        return real(text, kind, settings)

    monkeypatch.setattr(pipeline.means.front_end, "segments", segments)
    pipeline.background.prepare(next(iter(real("a", Kind.TEXT, Settings()))), never)
    pipeline.background.warm([Phrase("a", Kind.TEXT)])
    for _ in range(20):
        if not pipeline.background.step(never):
            break
    assert begun[0].finished and begun[0].made == 1 and pipeline.background.warming is None


def test_background_work_gives_way(pipeline, engine):
    warming = pipeline.background.warm([Phrase("ab", Kind.TEXT), Phrase("cd", Kind.TEXT)])
    pipeline.background.step(never)
    assert pipeline.background.step(lambda: True)  # interrupted: begun again later
    for _ in range(10):
        pipeline.background.step(never)
    assert warming.finished and pipeline.background.warming is None
    begun = len(engine.spoken)
    spoken(pipeline, "ab. cd")
    assert len(engine.spoken) == begun


def test_resumes_behind_a_mark(pipeline):
    events = spoken(pipeline, "ab. cd [m]ef. gh", after="m")
    assert letters(sound(events))[:2] == "ef"
    assert letters(sound(events)).rstrip("h").endswith("g")
    assert events[1] == MarkReached("m")


def test_resuming_behind_an_unknown_mark_speaks_all(pipeline):
    assert letters(sound(spoken(pipeline, "ab. cd", after="nothing"))).startswith("ab")


@pytest.mark.parametrize("heard", [0, 4])
def test_the_fallback_speaks_on_where_the_voice_gives_up(pipeline, engine, heard):
    engine.refuse = lambda segment: heard
    events = spoken(pipeline, "[a]abc [b]hello [c]there")
    assert [event.name for event in events if isinstance(event, MarkReached)] == ["a", "b", "c"]
    assert events[-1] == End()
    assert pipeline.tally.fallbacks == 1
    assert len(sound(events)) > RATE * 0.4
    if heard:
        assert letters(sound(events)).startswith("abc")


def test_other_languages_are_spoken_by_the_fallback(pipeline, engine):
    events = spoken(pipeline, "{de}guten tag")
    assert engine.spoken == [] and events[-1] == End()
    assert {event.sample_rate for event in events if isinstance(event, Audio)} == {RATE}
    assert np.abs(sound(events)).max() > 3000


def test_without_a_voice_the_fallback_speaks(pipeline):
    pipeline.means.voices.active = None
    events = spoken(pipeline, "hello")
    assert {event.sample_rate for event in events if isinstance(event, Audio)} == {DEFAULT_RATE}
    assert np.abs(sound(events)).max() > 3000


def test_a_voice_that_is_late_is_replaced_and_its_phrase_finished_later(pipeline, engine):
    engine.slow = 300.0
    pipeline.means.change_options(Options(deadline=0.05))
    begun = time.monotonic()
    events = spoken(pipeline, "hello")
    assert time.monotonic() - begun < 200  # it did not wait for the voice
    assert np.abs(sound(events)).max() > 3000 and events[-1] == End()
    engine.slow = 0
    pipeline.background.step(never)
    spoken(pipeline, "hello")
    assert len(engine.spoken) == 2  # the second is the finished one; the third came from the cache


def test_a_front_end_that_fails_is_not_silence(pipeline, caplog):
    class Broken(ToyFrontEnd):
        def segments(self, text, kind, settings):
            yield from ToyFrontEnd().segments("[m]ab", kind, settings)
            raise ValueError("secret")

    pipeline.means.read_with(Broken())
    events = spoken(pipeline, '<speak>ab <mark name="m"/> hello</speak>', kind=Kind.SSML)
    assert [event.name for event in events if isinstance(event, MarkReached)] == ["m"]
    assert np.abs(sound(events)[SYMBOL * 5 :]).max() > 3000 and events[-1] == End()
    assert "secret" not in caplog.text and "ValueError" in caplog.text


def test_nothing_at_all_works_is_a_failure_event(pipeline, monkeypatch):
    pipeline.means.voices.active = None

    def broken(*_, **__):
        raise OSError("no processes left")

    monkeypatch.setattr(fallback, "speak", broken)
    monkeypatch.setattr(fallback, "speak_request", broken)
    events = spoken(pipeline, "hello")
    assert isinstance(events[-1], Failed) and "hello" not in events[-1].reason


def test_icons_are_files_or_words(pipeline):
    pipeline.means.change_options(Options(deadline=0, icon={"bell": "/bell.wav"}.get))
    assert Icon("/bell.wav") in spoken(pipeline, "bell", kind=Kind.SOUND_ICON)
    assert letters(sound(spoken(pipeline, "bell", kind=Kind.SOUND_ICON, icons=False))) == "bell"
    assert letters(sound(spoken(pipeline, "gong", kind=Kind.SOUND_ICON))) == "gong"


def test_another_sample_rate_is_kept(pipeline):
    events = spoken(pipeline, "abcdef", sample_rate=22050)
    assert {event.sample_rate for event in events if isinstance(event, Audio)} == {22050}
    at_own_rate = len(sound(spoken(pipeline, "abcdef"))) / RATE
    assert len(sound(events)) / 22050 == pytest.approx(at_own_rate, abs=0.04)


@pytest.mark.parametrize(("rate", "wanted"), [(22050, 16000), (16000, 22050), (24000, 16000), (16000, 16000)])
def test_resampling_keeps_pitch_level_and_length(rate, wanted):
    def tone(at):
        return 10000 * np.sin(2 * np.pi * 440 * np.arange(int(2.5 * at)) / at)

    result = resample(tone(rate).astype(np.int16), rate, wanted)
    expected = tone(wanted)
    assert len(result) == len(expected)
    assert np.abs(result[500:-500] - expected[500:-500]).max() < 10  # -60 dB


def test_an_empty_text_begins_and_ends(pipeline):
    assert [event for event in spoken(pipeline, "") if not isinstance(event, Audio)] == [Begin(), End()]


def test_sentences_are_held_apart_by_silence_but_none_is_added_at_the_end(pipeline):
    def silences(text):
        samples = np.abs(sound(spoken(pipeline, text))) > 100
        edges = np.flatnonzero(samples)
        return np.diff(edges).max() / RATE, (len(samples) - edges[-1]) / RATE

    between, after = silences("ab. cd")
    assert between == pytest.approx(0.28, abs=0.06)
    assert after < 0.16  # the toy front end asks for 0.1 itself
    assert silences("ab. {de}cd. ef")[0] > 0.2


CARD = "<speak>" + "".join(f'<mark name="{n}"/>{part} ' for n, part in enumerate(["abcd", "efgh", "ijkl"])) + "</speak>"


@pytest.mark.parametrize("text", [CARD, "abcd e&#102;gh ijkl", "abcd e<b>fgh</b> ij\u00adkl"])
def test_private_patterns_are_tried_on_the_words_that_are_spoken(pipeline, engine, text):
    asked = []
    pipeline.means.read_with(FrontEnd(English()))
    pipeline.means.change_options(Options(deadline=0, private=lambda words: bool(asked.append(words.strip()) or "efgh" in words)))
    for _ in range(2):
        spoken(pipeline, text, kind=Kind.SSML)
    assert asked == ["abcd efgh ijkl"] * 2
    assert len(engine.spoken) == 2 and pipeline.means.cache.stats()["memory_entries"] == 0


def test_a_text_that_takes_long_to_look_through_is_private_unseen(pipeline, engine):
    asked = []
    pipeline.means.change_options(Options(deadline=0, private=lambda words: bool(asked.append(words))))
    events = pipeline.speak(Request(1, "ab. " * 20_000, Kind.TEXT), never)
    while not engine.spoken:
        next(events)
    for _ in range(5):
        next(events)
    events.close()
    assert asked == [] and pipeline.means.cache.stats()["memory_entries"] == 0


def test_only_short_phrases_that_were_said_are_counted(pipeline, tmp_path):
    pipeline.means.read_with(FrontEnd(English()))
    pipeline.means.change_cache(PhraseCache(tmp_path))
    for text, kind in [("File", Kind.TEXT), ("a", Kind.CHAR), ("horse", Kind.TEXT), ("Tab", Kind.KEY), ("12", Kind.TEXT)]:
        spoken(pipeline, text, kind=kind)
    spoken(pipeline, "Edit", private=True)
    pipeline.means.cache.close()
    assert len(said_days.read(tmp_path / "days")) == 1  # "horse" follows a letter


def test_the_packs_are_on_disk_also_when_they_were_said_before(pipeline, tmp_path):
    pipeline.means.change_cache(PhraseCache(tmp_path))
    spoken(pipeline, "ab")
    warming = pipeline.background.warm([Phrase("ab", Kind.TEXT), Phrase("cd", Kind.TEXT)])
    for _ in range(10):
        pipeline.background.step(never)
    assert warming.finished and warming.made == 1
    pipeline.means.cache.close()
    assert len(list(tmp_path.glob("packs/*/*"))) == 2
