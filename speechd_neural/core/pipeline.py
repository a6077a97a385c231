"""From a request to its events: text, then for each segment the cache, the voice or the fallback, then prosody.

Runs on the synthesis thread, pulled one event at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from speechd_neural.core.engine import Engine
from speechd_neural.core.means import DEFAULT_RATE, Means
from speechd_neural.core.phrases import key_of, phrase_of, seed_of
from speechd_neural.core.soundcheck import Unsound, checked
from speechd_neural.core.synthesis import where
from speechd_neural.core.utterance import Unspoken, Utterance
from speechd_neural.core.warming import Phrase, Warming
from speechd_neural.errors import SynthesisError
from speechd_neural.types import (
    Begin,
    End,
    Event,
    Failed,
    Request,
    Segment,
    Settings,
    Stopped,
)

_LOG = logging.getLogger(__name__)


class Pipeline(Means):
    """The sample rate is settled per utterance. While there is no front end yet, or no voice, the fallback speaks."""

    warming: Warming | None = None  # what is still to be put into the cache

    @property
    def sample_rate(self) -> int:
        """Of utterances that begin now and name no voice."""
        return self.rate_of(Settings())

    def rate_of(self, settings: Settings) -> int:
        """Of utterances that begin now with these settings."""
        info = self.voices.info(self.voices.settled(settings).voice)
        return info.sample_rate if info is not None else DEFAULT_RATE

    def speak(
        self,
        request: Request,
        cancelled: Callable[[], bool],
        *,
        after: str | None = None,
        icons: bool = True,
        sample_rate: int | None = None,
    ) -> Iterator[Event | None]:
        """Begin, then the events in the order of the sound, then End, Stopped or Failed.

        None comes where long work has been done that has no event yet: whoever pulls may serve others in between.

        after: begin behind the first index mark of that name (from the start where there is none).
        icons: the listener plays the files of `Icon` events; otherwise the icon's name is spoken.
        sample_rate: Hz of all Audio; None: that of the voice asked for.
        """
        request = replace(request, settings=self.voices.settled(self.options.adjust(request.settings)))
        voice = Utterance(self, request, cancelled, sample_rate or self.rate_of(request.settings), icons)
        yield Begin()
        try:
            if after is not None:
                found = False
                for event in voice.events(after):
                    found = found or event is not None
                    yield event
                if not found and not cancelled():  # no such mark: all of it
                    yield from voice.events(None)
            else:
                yield from voice.events(None)
        except Exception as error:
            reason = str(error) if isinstance(error, Unspoken) else where(error)
            _LOG.error("utterance %d: %s; the fallback speaks the rest", request.id, reason)
            try:
                yield from voice.all_fallback()
            except Exception as second:
                yield Failed(f"neither the voice nor the fallback could speak: {where(second)}")
                return
        yield Stopped() if cancelled() else End()

    # Background work, when nobody is waiting for sound.

    def finish(self, interrupted: Callable[[], bool]) -> bool:
        """Do one piece of background work; whether there is more."""
        if self.cache is None:
            return False
        warming = self.warming if self.voices.active is not None else None
        if self.left:
            identifier, segment = self.left.pop()
            engine = self.voices.by_identifier(identifier)
            try:
                if engine is not None and not self._cached(engine, segment) and not self._make(engine, segment, interrupted):
                    self.left.append((identifier, segment))
            except SynthesisError:
                pass  # the fallback will speak it when it is asked for again
        elif warming is not None and not warming.step(interrupted):
            self.warming = warming = None
        return bool(self.left) or warming is not None

    def warm(self, phrases: Iterable[Phrase]) -> Warming:
        """Have these in the cache some time; replaces what is still to be warmed."""
        front_end = self.voices.front_end(self.voices.active, None) or self.front_end

        def segments(phrase: Phrase) -> Iterable[Segment]:
            return front_end.segments(phrase.text, phrase.kind, Settings()) if front_end is not None else ()

        self.warming = Warming(phrases, segments, self.present, self.prepare)
        return self.warming

    def present(self, segment: Segment) -> bool:
        """Whether the cache has it among its packs, for the active voice."""
        engine, cache = self.voices.active, self.cache
        return engine is not None and cache is not None and cache.has_pack(key_of(engine, segment))

    def prepare(self, segment: Segment, interrupted: Callable[[], bool]) -> bool:
        """Have the active voice synthesize a segment of the packs; False when interrupted. Raises SynthesisError."""
        engine = self.voices.active
        return engine is None or self._make(engine, segment, interrupted, pack=True)

    def _cached(self, engine: Engine, segment: Segment) -> bool:
        cache = self.cache
        return cache is not None and key_of(engine, segment) in cache

    def _make(
        self, engine: Engine, segment: Segment, interrupted: Callable[[], bool], *, pack: bool = False
    ) -> bool:
        cache = self.cache
        if cache is None or not segment.symbols:
            return True
        key = key_of(engine, segment)
        made = engine.synthesize(segment, seed=seed_of(segment), cancelled=interrupted)
        try:
            chunks = list(checked(made, engine.info.sample_rate, segment.symbols, interrupted))
        except Unsound as error:
            self.found_unsound(engine, str(error))
            raise
        if interrupted():
            return False
        if chunks and key_of(engine, segment) == key:  # see Utterance
            cache.put(key, phrase_of(chunks), pack=pack)
        return True
