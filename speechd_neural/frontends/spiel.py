"""The D-Bus speech provider: org.freedesktop.Speech.Provider, as the clients of libspiel 1.0 use it.

A call is answered at once and never with an error for something that can be
absorbed (a voice that is gone, odd numbers, bad markup): an application may
abort on it. Each utterance then goes its own way through its own pipe.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from enum import IntFlag
from typing import TYPE_CHECKING, Protocol

from speechd_neural.errors import UsageError, where
from speechd_neural.frontends import messages, spiel_stream
from speechd_neural.frontends.bus import Bus
from speechd_neural.frontends.interface import Interface, Method, Property
from speechd_neural.frontends.reserve import scarce
from speechd_neural.types import Audio, Event, Failed, Kind, Request, Settings, WordReached

if TYPE_CHECKING:  # it brings numpy along, and a client that starts the daemon waits for the name
    from speechd_neural.core.session import VoiceInfo

# No hyphen: clients derive the object path from the name, and a path may not hold one.
BUS_NAME = "org.speechd_neural.Speech.Provider"
OBJECT_PATH = "/org/speechd_neural/Speech/Provider"
INTERFACE = "org.freedesktop.Speech.Provider"
NAME = "Neural speech"

SPEED = (0.1, 10.0)  # the range the interface names
PITCH = (0.5, 2.0)  # it names 0..2; below an octave down there is no voice left
RATES = ("8000", "11025", "16000", "22050", "24000", "32000", "44100", "48000")
MOST_WAITING = 16 << 20  # characters of one client that may wait, as on the socket
MOST_OF_ALL, LITTLE = 64 << 20, 64 << 10  # of all together; of one with no more than a little, also then
DEFAULT_RATE = 16000  # for an identifier that was never ours
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")

log = logging.getLogger(__name__)


class Feature(IntFlag):
    """What a voice sends and honours. Marks are left out on purpose: with that bit Orca wraps every text in
    markup, and the events of libspiel 1.0 for it do not arrive."""

    EVENTS_WORD = 1 << 0
    EVENTS_SENTENCE = 1 << 1
    SSML_SAY_AS_DATE = 1 << 4
    SSML_SAY_AS_TIME = 1 << 5
    SSML_SAY_AS_TELEPHONE = 1 << 6
    SSML_SAY_AS_CHARACTERS = 1 << 7
    SSML_SAY_AS_CARDINAL = 1 << 9
    SSML_SAY_AS_ORDINAL = 1 << 10
    SSML_SAY_AS_CURRENCY = 1 << 11
    SSML_BREAK = 1 << 12
    SSML_SUB = 1 << 13
    SSML_PHONEME = 1 << 14
    SSML_EMPHASIS = 1 << 15
    SSML_PROSODY = 1 << 16
    SSML_SENTENCE_PARAGRAPH = 1 << 17


FEATURES = sum(Feature)


class SpeechStream(Protocol):
    def __aiter__(self) -> AsyncIterator[Event]: ...

    def cancel(self) -> None: ...


class Speech(Protocol):
    """What the provider asks of the core."""

    def stream(self, request: Request, *, sample_rate: int) -> SpeechStream:
        """All its sound has `sample_rate`, in Hz."""
        ...

    def voices(self) -> Sequence[VoiceInfo]: ...

    def on_change(self, callback: Callable[[], None]) -> None: ...


class _Turn:
    """An utterance's place among those that one client has queued.

    Clients queue all they have to say at once, and play it in that order. So each
    utterance is begun once those before it have filled their pipes or have ended: the
    first is not slowed down by the last, and none can hold up another for long.
    """

    def __init__(self, queue: deque[_Turn]) -> None:
        self._queue = queue
        self._come = asyncio.Event()
        queue.append(self)
        queue[0]._come.set()

    async def comes(self) -> None:
        await self._come.wait()

    def over(self) -> None:
        if self in self._queue:
            self._queue.remove(self)
            if self._queue:
                self._queue[0]._come.set()


class Provider:
    """Offers `speech` on `bus`; the caller owns BUS_NAME afterwards."""

    def __init__(self, bus: Bus, speech: Speech) -> None:
        self._bus = bus
        self._speech = speech
        self._ids = itertools.count(1)
        self._running: set[asyncio.Task[None]] = set()  # the event loop alone would let them be collected
        self._queues: dict[str, deque[_Turn]] = {}  # by the client's name on the bus; only those with a queue
        self._sizes: Counter[str] = Counter()  # characters of what has not ended, by the same
        self._announced: list[list[object]] = self._voices()
        takes = {"pipe_fd": "h", "text": "s", "voice_id": "s", "pitch": "d", "rate": "d"}
        takes |= {"is_ssml": "b", "language": "s"}
        self.interface = Interface(
            INTERFACE,
            OBJECT_PATH,
            methods={"Synthesize": Method(self._synthesize, takes)},
            properties={
                "Name": Property("s", lambda: NAME),
                "Voices": Property("a(ssstas)", self._voices),
            },
        )
        bus.offer(self.interface)
        speech.on_change(self._changed)

    def _changed(self) -> None:
        """A voice may have appeared, gone or changed; clients hear of it if so."""
        voices = self._voices()
        if voices != self._announced:
            self._announced = voices
            self._bus.announce(self.interface, "Voices")

    async def close(self) -> None:
        """End every utterance; each pipe is closed as the clients expect it."""
        for utterance in list(self._running):
            utterance.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _voices(self) -> list[list[object]]:
        voices: list[list[object]] = []
        for info in self._speech.voices():
            identifier = voice_identifier(info)
            audio = f"{spiel_stream.MEDIA_TYPE},format=S16LE,channels=1,rate={info.sample_rate}"
            voices.append([info.name, identifier, audio, int(FEATURES), language_tags(info.languages)])
        return voices

    def _synthesize(
        self,
        sender: str,
        descriptor: int,
        text: str,
        voice_id: str,
        pitch: float,
        rate: float,
        is_ssml: bool,
        language: str,
    ) -> None:
        messages.check_length(text)
        if self._sizes[sender] > MOST_WAITING:
            raise UsageError(f"more than {MOST_WAITING} characters are waiting already")
        if self._sizes[sender] > LITTLE and self._sizes.total() > MOST_OF_ALL:
            raise UsageError(f"more than {MOST_OF_ALL} characters of all clients are waiting already")
        if scarce():
            raise UsageError(f"{len(self._running)} utterances are waiting already, and no more pipes can be opened")
        pipe = spiel_stream.Pipe(descriptor)
        settings = Settings(
            voice=self._name(voice_id),
            language=language if LANGUAGE_TAG.fullmatch(language) else None,
            speed=clamp(rate, *SPEED),
            pitch_factor=clamp(pitch, *PITCH),
        )
        request = Request(next(self._ids), text, Kind.SSML if is_ssml else Kind.TEXT, settings)
        turn = _Turn(self._queues.setdefault(sender, deque()))
        utterance = asyncio.create_task(self._speak(pipe, request, played_at(voice_id), turn))
        self._running.add(utterance)
        self._sizes[sender] += len(text)
        pipe.watch(utterance.cancel)

        def ended(_: object) -> None:  # also when it was cancelled before it began
            pipe.close()
            turn.over()
            if not self._queues.get(sender, True):
                del self._queues[sender]
            self._sizes[sender] -= len(text)
            if self._sizes[sender] <= 0:
                del self._sizes[sender]
            self._running.discard(utterance)

        utterance.add_done_callback(ended)

    async def _speak(self, pipe: spiel_stream.Pipe, request: Request, sample_rate: int, turn: _Turn) -> None:
        framing = spiel_stream.Framing(sample_rate)
        stream: SpeechStream | None = None
        try:
            await turn.comes()
            pipe.on_full = turn.over
            stream = self._speech.stream(request, sample_rate=sample_rate)
            async for event in stream:
                if isinstance(event, Audio):
                    for block in framing.audio(event.pcm):
                        await pipe.write(block)
                elif isinstance(event, WordReached):
                    kind = spiel_stream.SENTENCE if event.sentence else spiel_stream.WORD
                    framing.event(kind, event.start, event.end)
                elif isinstance(event, Failed):
                    log.warning("utterance %d of the speech provider failed: %s", request.id, event.reason)
            for block in framing.end():
                await pipe.write(block)
        except BrokenPipeError:
            pass  # the client does not want the rest
        except Exception as error:
            log.error("utterance %d of the speech provider failed: %s", request.id, where(error))
        finally:
            if stream is not None:
                stream.cancel()
            if not framing.begun:
                # Without a header the client would wait for ever. Nothing was written yet, so there is room.
                pipe.write_at_once(spiel_stream.HEADER)

    def _name(self, voice_id: str) -> str | None:
        """The name of the voice to speak with; of one that is gone its identifier, for which the active one speaks."""
        names = (info.name for info in self._speech.voices() if voice_identifier(info) == voice_id)
        return next(names, voice_id or None)


def voice_identifier(info: VoiceInfo) -> str:
    """Stable for users' settings; holds the rate, since clients do not notice a changed format otherwise."""
    return f"{info.name}-{info.sample_rate}"


def played_at(voice_id: str) -> int:
    """The rate at which the client plays: that of the voice it knows, be it gone by now. Its identifier tells."""
    rate = voice_id.rpartition("-")[2]
    return int(rate) if rate in RATES else DEFAULT_RATE


def language_tags(languages: Sequence[str]) -> list[str]:
    """BCP 47 tags, most specific first, each with its shortened forms: clients compare whole tags."""
    tags: list[str] = []
    for language in languages:
        parts = language.replace("_", "-").split("-")
        parts = [parts[0].lower(), *(part.upper() if len(part) == 2 else part for part in parts[1:])]
        tags += ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return sorted(dict.fromkeys(tags), key=lambda tag: -tag.count("-"))


def clamp(value: float, low: float, high: float) -> float:
    """1 for what is not a number: clients send such."""
    return 1.0 if math.isnan(value) else min(max(value, low), high)
