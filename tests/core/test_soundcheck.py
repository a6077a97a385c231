"""What a broken voice makes is found out before it is heard, and the fallback speaks in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from speechd_neural.audio.cache import PhraseCache
from speechd_neural.core.engine import SpeechChunk
from speechd_neural.core.means import Means, Options
from speechd_neural.core.phrases import key_of, phrase_of
from speechd_neural.core.pipeline import Pipeline
from speechd_neural.core.soundcheck import Unsound, checked, is_sound
from speechd_neural.core.voices import Voices
from speechd_neural.core.warming import Phrase
from speechd_neural.types import Audio, End, Kind, MarkReached, Request, Segment
from tests.toy_engine import RATE, SYMBOL, ToyEngine, ToyFrontEnd

TEXT = "[a]hello [b]there"


class Spoiled(ToyEngine):
    """The toy voice, whose chunks something has happened to."""

    def __init__(self, spoil: Callable[[int, SpeechChunk], SpeechChunk]) -> None:
        super().__init__()
        self.spoil = spoil

    def synthesize(self, segment: Segment, *, seed: int, cancelled: Callable[[], bool]) -> Iterator[SpeechChunk]:
        for number, chunk in enumerate(super().synthesize(segment, seed=seed, cancelled=cancelled)):
            yield self.spoil(number, chunk)


def silent(number: int, chunk: SpeechChunk) -> SpeechChunk:
    return SpeechChunk(chunk.samples * 0, chunk.spans, chunk.f0)


def faint(number: int, chunk: SpeechChunk) -> SpeechChunk:
    return SpeechChunk(chunk.samples * np.float32(1e-3), chunk.spans, chunk.f0)


def not_finite(number: int, chunk: SpeechChunk) -> SpeechChunk:
    return SpeechChunk(chunk.samples * np.float32(np.nan), chunk.spans, chunk.f0)


def a_pitch_without_end(number: int, chunk: SpeechChunk) -> SpeechChunk:
    return SpeechChunk(chunk.samples, chunk.spans, np.full(4, np.inf, np.float32))


def endless(number: int, chunk: SpeechChunk) -> SpeechChunk:
    return SpeechChunk(np.tile(chunk.samples, 200), chunk.spans, None)


def hardly_begun(number: int, chunk: SpeechChunk) -> SpeechChunk:
    return SpeechChunk(chunk.samples[:80], chunk.spans, None)


def falls_silent(number: int, chunk: SpeechChunk) -> SpeechChunk:
    return chunk if number < 3 else SpeechChunk(np.zeros(3 * SYMBOL, np.float32), chunk.spans, None)


SPOILS = {
    silent: "silent where phones are",
    faint: "silent where phones are",
    not_finite: "no sound",
    a_pitch_without_end: "no sound",
    endless: "too long",
    hardly_begun: "too short",
    falls_silent: "silent where phones are",
}


def never() -> bool:
    return False


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__)
def test_what_is_no_sound_is_spoken_by_the_fallback_and_counted(spoil: Callable[..., SpeechChunk], caplog) -> None:
    engine = Spoiled(spoil)
    pipeline = Pipeline(Means(ToyFrontEnd(), PhraseCache(), Voices(engine), Options(deadline=0)))
    for _ in range(2):
        events = list(pipeline.speak(Request(1, TEXT), never))
        sound = np.concatenate([np.frombuffer(event.pcm, "<i2") for event in events if isinstance(event, Audio)])
        assert events[-1] == End()
        assert [event.name for event in events if isinstance(event, MarkReached)] == ["a", "b"]
        assert np.abs(sound).max() > 3000
        assert len(sound) > RATE * 0.4  # both words, spoken by espeak-ng
    assert pipeline.tally.fallbacks == 2
    assert pipeline.tally.unsound["toy"].segments == 2
    assert SPOILS[spoil] in pipeline.tally.unsound["toy"].reason
    segment = next(ToyFrontEnd().segments(TEXT, Kind.TEXT, Request(1, "").settings))
    assert key_of(engine, segment) not in pipeline.means.cache
    assert sum("the fallback speaks in its place" in record.message for record in caplog.records) <= 2
    assert "hello" not in caplog.text


def test_a_voice_that_falls_silent_is_replaced_from_there_on() -> None:
    with pytest.raises(Unsound) as caught:
        segment = next(ToyFrontEnd().segments("abcdefghij", Kind.TEXT, Request(1, "").settings))
        chunks = Spoiled(falls_silent).synthesize(segment, seed=1, cancelled=never)
        list(checked(chunks, RATE, segment.symbols, never))
    assert caught.value.symbol == 3  # a, b and c were heard


def test_what_is_warmed_is_checked_too() -> None:
    pipeline = Pipeline(Means(ToyFrontEnd(), PhraseCache(), Voices(Spoiled(not_finite)), Options(deadline=0)))
    warming = pipeline.background.warm([Phrase("hello", Kind.TEXT)])
    while pipeline.background.step(never):
        pass
    assert (warming.made, warming.failed) == (0, 1)
    assert pipeline.tally.unsound["toy"].segments == 1
    assert not pipeline.background.present(next(ToyFrontEnd().segments("hello", Kind.TEXT, Request(1, "").settings)))


def test_a_phrase_in_the_cache_that_is_no_sound_is_made_again() -> None:
    engine = ToyEngine()
    pipeline = Pipeline(Means(ToyFrontEnd(), PhraseCache(), Voices(engine), Options(deadline=0)))
    segment = next(ToyFrontEnd().segments("hello", Kind.TEXT, Request(1, "").settings))
    chunks = list(engine.synthesize(segment, seed=1, cancelled=never))
    pipeline.means.cache.put(key_of(engine, segment), phrase_of([silent(0, chunk) for chunk in chunks]))
    list(pipeline.speak(Request(1, "hello"), never))
    assert len(engine.spoken) == 2
    list(pipeline.speak(Request(2, "hello"), never))
    assert len(engine.spoken) == 2
    assert pipeline.tally.fallbacks == 0


def test_pauses_and_lone_phones_are_sound() -> None:
    engine = ToyEngine()
    for symbols in ((",",), (".",), ("t", "."), (",", ",", ",", "a", ".")):
        segment = Segment(symbols, "x")
        made = list(checked(engine.synthesize(segment, seed=1, cancelled=never), RATE, symbols, never))
        assert len(made) == len(symbols)
        assert is_sound(phrase_of(made).samples, RATE, symbols)
