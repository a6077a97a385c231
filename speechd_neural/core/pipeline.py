"""From a request to its events, whatever happens on the way: `core/utterance` speaks it, the fallback what is left.

Runs on the synthesis thread, pulled one event at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

from speechd_neural.core.background import Background
from speechd_neural.core.means import DEFAULT_RATE, Means
from speechd_neural.core.tally import Tally
from speechd_neural.core.utterance import Unspoken, Utterance
from speechd_neural.errors import where
from speechd_neural.types import PLAIN, Begin, End, Event, Failed, Request, Settings, Stopped

_LOG = logging.getLogger(__name__)


class Pipeline:
    """The sample rate is settled per utterance. While there is no front end yet, or no voice, the fallback speaks."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self.tally = Tally()
        self.background = Background(means, self.tally)

    def rate_of(self, settings: Settings = PLAIN) -> int:
        """Of utterances that begin now with these settings."""
        voices = self.means.voices
        info = voices.info(voices.settled(settings).voice)
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
        request = replace(request, settings=self.means.voices.settled(self.means.options.adjust(request.settings)))
        rate = sample_rate or self.rate_of(request.settings)
        voice = Utterance(self.means, self.tally, self.background.leave, request, cancelled, rate, icons)
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
