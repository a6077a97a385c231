"""One request under way: each segment from the cache, the voice or the fallback, with its marks at their place.

Never silent: what the voice cannot say is said by the fallback, in mid-segment from the first word that was not heard.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator

import numpy as np

from speechd_neural.arrays import Samples16
from speechd_neural.audio.prosody import ProsodyStream, join_pause, pause_samples
from speechd_neural.audio.resample import resample
from speechd_neural.core import fallback
from speechd_neural.core.discretion import is_private, ordinary
from speechd_neural.core.engine import Engine, FrontEnd, SpeechChunk, SymbolSpan
from speechd_neural.core.icons import read_wave
from speechd_neural.core.means import Means
from speechd_neural.core.phrases import chunks_of, key_of, phrase_of, seed_of
from speechd_neural.core.placing import Chunker, Place, places
from speechd_neural.core.soundcheck import Unsound, checked, is_sound
from speechd_neural.core.tally import Tally
from speechd_neural.errors import SpeechError
from speechd_neural.types import NOTHING_YET, Audio, Event, Icon, Kind, MarkReached, Request, Segment, Settings

_LOG = logging.getLogger(__name__)


class Unspoken(Exception):
    """The voice gave up; the message says why. `symbol`: what it said from there on is no speech (None: it all is)."""

    def __init__(self, reason: str, symbol: int | None = None) -> None:
        super().__init__(reason)
        self.symbol = symbol


class Utterance:
    """One request under way. `leave` is told which segment was not finished because its listener has gone."""

    def __init__(
        self,
        means: Means,
        tally: Tally,
        leave: Callable[[Engine, Segment], None],
        request: Request,
        cancelled: Callable[[], bool],
        sample_rate: int,
        icons: bool,
    ) -> None:
        self._means = means
        self._tally = tally
        self._leave = leave
        self._request = request
        self._cancelled = cancelled
        self._rate = sample_rate
        self._icons = icons
        private = means.options.private
        self._private = request.private or (private is not None and is_private(request, private))
        self._counts = means.discretion.may_count(request) and not self._private
        self._chunker = Chunker()
        self._deadline = time.monotonic() + (means.options.deadline or float("inf"))
        self._sentence_begins = True
        self._last_mark: str | None = None
        self._owed = 0  # samples of silence that belong before the next segment
        self._own: Engine | None = None  # the voice asked for, where that is not the active one
        self._front_end: FrontEnd | None = None  # what reads the text, from the first segment on

    def events(self, after: str | None) -> Iterator[Event | None]:
        """None stands for a step of long work: nothing to hear yet, but others may have their turn."""
        means, request = self._means, self._request
        if means.loading and (means.front_end is None or means.voices.active is None):
            # Who started the daemon by speaking wants to hear the voice, not how long it takes to load.
            means.wait_until_loaded(min(self._deadline, time.monotonic() + 1.0))
            if means.options.deadline:
                self._deadline = max(self._deadline, time.monotonic() + means.options.deadline)
        self._front_end = self._reads(means.voices.engine(request.settings.voice))
        if self._front_end is None:
            self._last_mark = after
            raise Unspoken("the voice is still being loaded" if means.loading else "the text cannot be read for the voice")
        for segment in self._front_end.segments(request.text, request.kind, request.settings):
            if self._cancelled():
                return
            if segment is NOTHING_YET:
                yield None
                continue
            skip = after if after is not None and any(mark.name == after for mark in segment.marks) else None
            if after is not None and skip is None:
                continue
            after = None
            yield from self._segment(segment, skip)

    def all_fallback(self) -> Iterator[Event | None]:
        """What was not heard of the whole request, spoken by espeak-ng, which reads markup by itself."""
        self._tally.fell_back()
        request = self._request
        yield from self._flush()
        for event in fallback.speak_request(request.text, request.kind, request.settings, after=self._last_mark):
            if self._cancelled():
                return
            if event is None:
                yield None
            elif isinstance(event, Audio):
                yield from self._audio(resample(np.frombuffer(event.pcm, "<i2"), event.sample_rate, self._rate))
            else:
                yield from self._flush()
                yield event
        yield from self._flush()

    def _engine(self) -> Engine | None:
        """The voice for the next segment. Once the one asked for is there it is held to the end, and so stays in memory.

        None where there is none, or where it would read the text otherwise than it has been read.
        """
        if self._own is None:
            active = self._means.voices.active  # as it is now: it may change at any time
            engine = self._means.voices.engine(self._request.settings.voice)
            if not self._takes(engine):
                engine = active if self._takes(active) else None
            if engine is active:
                return engine
            self._own = engine
        return self._own

    def _takes(self, engine: Engine | None) -> bool:
        """Whether the voice can speak what the front end of this utterance makes of the text."""
        found = self._reads(engine)
        return found is not None and self._front_end is not None and found.reading == self._front_end.reading

    def _reads(self, engine: Engine | None) -> FrontEnd | None:
        return self._means.reader(engine, self._request.settings.language)

    def _segment(self, segment: Segment, skip: str | None) -> Iterator[Event]:
        """One segment's events; with `skip`, only what follows that mark."""
        spoken = bool(segment.symbols or segment.text.strip())
        if self._owed and (spoken or segment.icon is not None):
            yield from self._silence(self._owed)
            self._owed = 0
        if segment.icon is not None and skip is None:
            played = yield from self._icon(segment.icon)
            if self._request.kind is Kind.SOUND_ICON and played:
                return  # its text is the name, for where there is no such file
        placed = places(segment, self._sentence_begins)
        self._sentence_begins = segment.sentence_end
        events = self._spoken(segment, placed) if spoken else iter([place.event for place in placed])
        if skip is not None:
            events = _after(events, skip)
        for event in events:
            if isinstance(event, MarkReached):
                self._last_mark = event.name
            yield event
        settings = self._request.settings
        # A <break> lasts what it says whatever the <prosody> around it; the user's own rate shortens it.
        pause = pause_samples(segment.pause, self._rate, settings)
        yield from self._silence(pause)
        if spoken:
            # Silence at the ends of a segment is trimmed; what belongs before the next one comes only if there is one.
            end = segment.symbols or (segment.text.strip()[-1:],)
            self._owed = pause_samples(join_pause(end), self._rate, settings, segment.prosody)
        self._owed = max(0, self._owed - pause)

    def _silence(self, samples: int) -> Iterator[Event]:
        if samples and not self._cancelled():
            yield from self._audio(np.zeros(samples, np.int16))
            yield from self._flush()

    def _spoken(self, segment: Segment, placed: list[Place]) -> Iterator[Event]:
        engine = self._engine()
        if engine is None or segment.language is not None or not segment.symbols:
            yield from self._fallback(segment, placed)
            return
        heard: list[SymbolSpan] = []
        waiting = deque(placed)
        try:
            yield from self._synthesized(engine, segment, waiting, heard)
        except Unspoken as error:
            if self._cancelled():
                return
            _LOG.warning("%s: the fallback speaks", error)
            yield from self._flush()
            first = heard[-1].symbol + 1 if heard else 0
            yield from self._fallback(segment, list(waiting), first if error.symbol is None else min(first, error.symbol))

    def _synthesized(
        self, engine: Engine, segment: Segment, waiting: deque[Place], heard: list[SymbolSpan]
    ) -> Iterator[Event]:
        """The voice's sound with its places; what has been placed is taken from `waiting`, what has sounded is `heard`.

        Raises Unspoken where the voice gives up.
        """
        info = engine.info
        prosody = ProsodyStream(
            info.sample_rate,
            self._request.settings,
            segment.prosody,
            symbols=segment.symbols,
            natural_wpm=info.words_per_minute,
            natural_f0=info.f0,
        )
        starts = {0: 0}  # symbol: the first sample of it, at the voice's own rate
        written = 0

        def ready(samples: Samples16, last: bool) -> Iterator[Event]:
            nonlocal written
            begin, written = written, written + len(samples)
            at = begin
            while waiting:
                start = starts.get(waiting[0].symbol)
                if start is None and not last:
                    break
                position = written if start is None else min(max(prosody.position(start), at), written)
                if start is not None and not last and prosody.position(start) >= written:
                    break
                yield from self._audio(self._fit(samples[at - begin : position - begin], info.sample_rate))
                yield from self._flush()
                at = position
                yield waiting.popleft().event
            yield from self._audio(self._fit(samples[at - begin :], info.sample_rate))

        try:
            for chunk in self._chunks(engine, segment):
                for span in chunk.spans:
                    heard.append(span)
                    starts.setdefault(span.symbol, span.start)
                    starts[span.symbol + 1] = span.end
                yield from ready(prosody.feed(chunk), last=False)
                if self._cancelled():
                    return
        except Unspoken:
            yield from ready(prosody.flush(), last=False)
            raise
        yield from ready(prosody.flush(), last=True)
        yield from self._flush()

    def _chunks(self, engine: Engine, segment: Segment) -> Iterator[SpeechChunk]:
        """From the cache, or from the voice and then into the cache."""
        cache = self._means.cache
        key = key_of(engine, segment)
        said = self._counts and ordinary(segment, self._request)
        phrase = cache.get(key, said=said) if cache is not None else None
        rate = engine.info.sample_rate
        if phrase is not None and is_sound(phrase.samples, rate, segment.symbols):
            yield from chunks_of(phrase, engine.info.hop_length)
            return
        made: list[SpeechChunk] = []
        late = False

        def give_up() -> bool:
            nonlocal late
            late = not made and not self._chunker.begun and time.monotonic() > self._deadline
            return late or self._cancelled()

        whole = False
        try:
            chunks = engine.synthesize(segment, seed=seed_of(segment), cancelled=give_up)
            for chunk in checked(chunks, rate, segment.symbols, lambda: late or self._cancelled()):
                made.append(chunk)
                yield chunk
            whole = bool(made) and not self._cancelled() and not late
        except Unsound as error:
            self._tally.found_unsound(engine.info.name, str(error))
            raise Unspoken(str(error), error.symbol) from error
        except SpeechError as error:
            raise Unspoken(str(error)) from error
        except Exception as error:
            raise Unspoken(f"the voice failed ({type(error).__name__})") from error
        finally:
            if not self._private and cache is not None:
                if whole:
                    if key_of(engine, segment) == key:  # else the device has changed on the way: nobody says this again
                        cache.put(key, phrase_of(made))
                elif late or self._cancelled():
                    self._leave(engine, segment)
        if not whole and not self._cancelled():
            raise Unspoken("the voice was late" if late else "the voice made no sound")

    def _fallback(self, segment: Segment, placed: list[Place], first_symbol: int = 0) -> Iterator[Event]:
        """The segment, or its words from `first_symbol` on, spoken by espeak-ng with the places in proportion."""
        self._tally.fell_back()
        text = segment.text
        if segment.words and (first_symbol or not text.strip()):
            text = " ".join(word.text for word in segment.words if word.symbols[0] >= first_symbol)
        if not text.strip():
            yield from (place.event for place in placed)
            return
        pcm, rate = b"", self._rate
        for audio in fallback.speak(text, self._request.settings, segment.language):
            if self._cancelled():
                return
            pcm, rate = pcm + audio.pcm, audio.sample_rate
        sound = resample(np.frombuffer(pcm, "<i2"), rate, self._rate)
        # Without symbols, places are positions in the text.
        span = max(1, (len(segment.symbols) or len(segment.text)) - first_symbol)
        at = 0
        for place in placed:
            position = max(at, min(len(sound), len(sound) * (place.symbol - first_symbol) // span))
            yield from self._audio(sound[at:position])
            yield from self._flush()
            at = position
            yield place.event
        yield from self._audio(sound[at:])
        yield from self._flush()

    def _icon(self, name: str) -> Generator[Event, None, bool]:
        """A sound icon; whether there was something to play. A letter's icon that is missing is spoken."""
        path = self._means.options.icon(name)
        if path is not None and self._icons:
            yield Icon(path)
            return True
        sound = read_wave(path) if path is not None else None
        if sound is not None:
            yield from self._audio(resample(*sound, self._rate))
            yield from self._flush()
            return True
        if self._request.kind is not Kind.SOUND_ICON:
            front_end = self._front_end
            for segment in front_end.segments(name, Kind.SOUND_ICON, Settings()) if front_end is not None else ():
                if not self._cancelled():
                    yield from self._spoken(segment, [])
        return False

    def _fit(self, samples: Samples16, rate: int) -> Samples16:
        return resample(samples, rate, self._rate)

    def _audio(self, samples: Samples16) -> Iterator[Audio]:
        for piece in self._chunker.push(samples, self._rate):
            if self._cancelled():
                return
            yield Audio(piece, self._rate)

    def _flush(self) -> Iterator[Audio]:
        rest = self._chunker.flush()
        if rest and not self._cancelled():
            yield Audio(rest, self._rate)


def _after(events: Iterator[Event], mark: str) -> Iterator[Event]:
    for event in events:
        if isinstance(event, MarkReached) and event.name == mark:
            yield event
            yield from events
            return
