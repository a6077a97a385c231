"""From a request to its events: text, then for each segment the cache, the voice or the fallback, then prosody.

Runs on the synthesis thread, pulled one event at a time.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from speechd_neural.audio.cache import PhraseCache
from speechd_neural.core.engine import Engine
from speechd_neural.core.phrases import key_of, phrase_of, seed_of
from speechd_neural.core.synthesis import where
from speechd_neural.core.utterance import Unspoken, Utterance
from speechd_neural.core.warming import Phrase, Warming
from speechd_neural.errors import SynthesisError
from speechd_neural.types import (
    Begin,
    End,
    Event,
    Failed,
    Kind,
    Request,
    Segment,
    Settings,
    Stopped,
)

DEFAULT_RATE = 16000  # Hz, while no voice is loaded
SMALL = 80  # symbols; a segment up to this length is finished into the cache when its listener has gone
_LOG = logging.getLogger(__name__)


class FrontEnd(Protocol):
    def segments(self, request_text: str, kind: Kind, settings: Settings) -> Iterator[Segment]: ...


@dataclass(frozen=True, slots=True)
class Options:
    """What the configuration decides. deadline: s to the first sound before the fallback speaks, 0: wait for ever."""

    deadline: float = 0.15
    private: Callable[[str], bool] = lambda text: False
    icon: Callable[[str], str | None] = lambda name: None  # the file of a sound icon
    adjust: Callable[[Settings], Settings] = lambda settings: settings


class Pipeline:
    """`engine` may come, go and change at any time between two segments; the sample rate is settled per utterance.

    While there is no front end yet, or no engine, the fallback speaks.
    """

    def __init__(
        self,
        front_end: FrontEnd | None,
        cache: PhraseCache | None = None,
        engine: Engine | None = None,
        options: Options = Options(),
    ) -> None:
        self.front_end = front_end
        self.cache = cache
        self.engine = engine
        self.options = options
        self.loaded = threading.Event()  # clear while a voice is being loaded
        self.loaded.set()
        self.fallbacks = 0
        self._left: deque[Segment] = deque(maxlen=16)
        self.warming: Warming | None = None

    @property
    def sample_rate(self) -> int:
        """Of utterances that begin now."""
        return self.engine.info.sample_rate if self.engine is not None else DEFAULT_RATE

    def speak(
        self,
        request: Request,
        cancelled: Callable[[], bool],
        *,
        after: str | None = None,
        icons: bool = True,
        sample_rate: int | None = None,
    ) -> Iterator[Event]:
        """Begin, then the events in the order of the sound, then End, Stopped or Failed.

        after: begin behind the first index mark of that name (from the start where there is none).
        icons: the listener plays the files of `Icon` events; otherwise the icon's name is spoken.
        sample_rate: Hz of all Audio; None: the voice's own.
        """
        request = replace(request, settings=self.options.adjust(request.settings))
        voice = Utterance(self, request, cancelled, sample_rate or self.sample_rate, icons)
        yield Begin()
        try:
            if after is not None:
                resumed = voice.events(after)
                first = next(resumed, None)
                if first is not None:
                    yield first
                    yield from resumed
                elif not cancelled():  # no such mark: all of it
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

    def leave(self, segment: Segment) -> None:
        """A segment whose listener has gone; small ones are worth finishing: they will be asked for again."""
        if self.cache is not None and len(segment.symbols) <= SMALL and segment not in self._left:
            self._left.append(segment)

    def finish(self, interrupted: Callable[[], bool]) -> bool:
        """Do one piece of background work; whether there is more."""
        if self.engine is None or self.cache is None:
            return False
        if self._left:
            segment = self._left.pop()
            try:
                if not self.present(segment) and not self.prepare(segment, interrupted):
                    self._left.append(segment)
            except SynthesisError:
                pass  # the fallback will speak it when it is asked for again
        elif self.warming is not None and not self.warming.step(interrupted):
            self.warming = None
        return bool(self._left) or self.warming is not None

    def warm(self, phrases: Iterable[Phrase]) -> Warming:
        """Have these in the cache some time; replaces what is still to be warmed."""
        front_end = self.front_end

        def segments(phrase: Phrase) -> Iterable[Segment]:
            return front_end.segments(phrase.text, phrase.kind, Settings()) if front_end is not None else ()

        self.warming = Warming(
            phrases,
            segments,
            self.present,
            self.prepare,
        )
        return self.warming

    def present(self, segment: Segment) -> bool:
        """Whether the cache has it, for the voice that speaks now."""
        engine, cache = self.engine, self.cache
        return engine is not None and cache is not None and key_of(engine, segment) in cache

    def prepare(self, segment: Segment, interrupted: Callable[[], bool]) -> bool:
        """Synthesize a segment into the cache; False when interrupted. Raises SynthesisError."""
        engine = self.engine
        if engine is None or self.cache is None or not segment.symbols:
            return True
        chunks = list(engine.synthesize(segment, seed=seed_of(segment), cancelled=interrupted))
        if interrupted():
            return False
        if chunks:
            self.cache.put(key_of(engine, segment), phrase_of(chunks))
        return True
