"""What every utterance speaks with: the text front end, the voices, the cache, and what the configuration decides."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from speechd_neural.audio.cache import PhraseCache
from speechd_neural.core.discretion import Discretion
from speechd_neural.core.engine import Engine, FrontEnd
from speechd_neural.core.voices import Voices
from speechd_neural.types import DEADLINE, Segment, Settings

_LOG = logging.getLogger(__name__)
DEFAULT_RATE = 16000  # Hz, while there is no voice
SMALL = 80  # symbols; a segment up to this length is finished into the cache when its listener has gone


@dataclass(frozen=True, slots=True)
class Options:
    """What the configuration decides. deadline: s to the first sound before the fallback speaks, 0: wait for ever."""

    deadline: float = DEADLINE
    private: Callable[[str], bool] | None = None  # asked with the words that are spoken; None: nothing is private
    icon: Callable[[str], str | None] = lambda name: None  # the file of a sound icon
    adjust: Callable[[Settings], Settings] = lambda settings: settings


@dataclass(slots=True)
class BadSound:
    """What a voice made that was no sound, so that the fallback spoke in its place (core/soundcheck.py)."""

    segments: int = 0
    reason: str = ""  # of the last one


class Means:
    """Each of these may come, go and change at any time between two segments."""

    def __init__(
        self,
        front_end: FrontEnd | None,
        cache: PhraseCache | None = None,
        voices: Voices | None = None,
        options: Options = Options(),
    ) -> None:
        self.front_end = front_end  # reads where a voice has none of its own, and where there is no voice
        self.cache = cache
        self.voices = voices or Voices()
        self.options = options
        self.loaded = threading.Event()  # clear while the active voice is being loaded
        self.loaded.set()
        self.patient_until = 0.0  # monotonic; until then utterances wait for the voice, whatever the deadline
        self.discretion = Discretion()
        self.fallbacks = 0
        self.unsound: dict[str, BadSound] = {}  # by the voice's name
        self.left: deque[tuple[str, Segment]] = deque(maxlen=16)  # to be finished: the voice's identifier, and what

    def found_unsound(self, engine: Engine, reason: str) -> None:
        """Count it, and say so once: a voice that is broken is broken in every segment."""
        name = engine.info.name
        found = self.unsound.setdefault(name, BadSound())
        found.segments += 1
        if reason != found.reason:
            _LOG.error("voice %s: %s; the fallback speaks in its place", name, reason)
        found.reason = reason

    def leave(self, engine: Engine, segment: Segment) -> None:
        """A segment whose listener has gone; small ones are worth finishing: they will be asked for again."""
        left = engine.info.identifier, segment
        if self.cache is not None and len(segment.symbols) <= SMALL and left not in self.left:
            self.left.append(left)
