"""What is done when nobody waits for sound: phrases of interrupted utterances, and the phrase packs, into the cache."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable

from speechd_neural.core.engine import Engine
from speechd_neural.core.means import Means
from speechd_neural.core.phrases import key_of, phrase_of, seed_of
from speechd_neural.core.soundcheck import Unsound, checked
from speechd_neural.core.tally import Tally
from speechd_neural.core.warming import Phrase, Warming
from speechd_neural.errors import SynthesisError
from speechd_neural.types import Segment, Settings

SMALL = 80  # symbols; a segment up to this length is finished into the cache when its listener has gone
MOST = 16  # segments that are kept to be finished; of more the oldest is let go


class Background:
    """`step` belongs to the synthesis thread."""

    def __init__(self, means: Means, tally: Tally) -> None:
        self._means = means
        self._tally = tally
        self._left: deque[tuple[str, Segment]] = deque(maxlen=MOST)  # the voice's identifier, and what
        self.warming: Warming | None = None  # what is still to be put into the cache
        self._changing = threading.Lock()  # one that has just begun must not end with the one before it

    def leave(self, engine: Engine, segment: Segment) -> None:
        """A segment whose listener has gone; small ones are worth finishing: they will be asked for again."""
        left = engine.info.identifier, segment
        if self._means.cache is not None and len(segment.symbols) <= SMALL and left not in self._left:
            self._left.append(left)

    def step(self, interrupted: Callable[[], bool]) -> bool:
        """Do one piece of background work; whether there is more."""
        voices = self._means.voices
        if self._means.cache is None:
            return False
        warming = self.warming if voices.active is not None else None
        if self._left:
            identifier, segment = self._left.pop()
            engine = voices.by_identifier(identifier)
            try:
                if engine is not None and not self._cached(engine, segment) and not self._make(engine, segment, interrupted):
                    self._left.append((identifier, segment))
            except SynthesisError:
                pass  # the fallback will speak it when it is asked for again
        elif warming is not None and not warming.step(interrupted):
            with self._changing:
                if self.warming is warming:
                    self.warming = None
                warming = self.warming
        return bool(self._left) or warming is not None

    def warm(self, phrases: Iterable[Phrase]) -> Warming:
        """Have these in the cache some time; replaces what is still to be warmed."""
        front_end = self._means.reader(self._means.voices.active)

        def segments(phrase: Phrase) -> Iterable[Segment]:
            return front_end.segments(phrase.text, phrase.kind, Settings()) if front_end is not None else ()

        warming = Warming(phrases, segments, self.present, self.prepare)
        with self._changing:
            self.warming = warming
        return warming

    def present(self, segment: Segment) -> bool:
        """Whether the cache has it among its packs, for the active voice."""
        engine, cache = self._means.voices.active, self._means.cache
        return engine is not None and cache is not None and cache.has_pack(key_of(engine, segment))

    def prepare(self, segment: Segment, interrupted: Callable[[], bool]) -> bool:
        """Have the active voice synthesize a segment of the packs; False when interrupted. Raises SynthesisError."""
        engine = self._means.voices.active
        return engine is None or self._make(engine, segment, interrupted, pack=True)

    def _cached(self, engine: Engine, segment: Segment) -> bool:
        cache = self._means.cache
        return cache is not None and key_of(engine, segment) in cache

    def _make(self, engine: Engine, segment: Segment, interrupted: Callable[[], bool], *, pack: bool = False) -> bool:
        cache = self._means.cache
        if cache is None or not segment.symbols:
            return True
        key = key_of(engine, segment)
        made = engine.synthesize(segment, seed=seed_of(segment), cancelled=interrupted)
        try:
            chunks = list(checked(made, engine.info.sample_rate, segment.symbols, interrupted))
        except Unsound as error:
            self._tally.found_unsound(engine.info.name, str(error))
            raise
        if interrupted():
            return False
        if chunks and key_of(engine, segment) == key:  # see Utterance
            cache.put(key, phrase_of(chunks), pack=pack)
        return True
