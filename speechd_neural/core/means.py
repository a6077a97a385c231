"""What utterances speak with: the text front end, the voices, the cache, and what the configuration decides."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from speechd_neural.audio.cache import PhraseCache
from speechd_neural.core.discretion import Discretion
from speechd_neural.core.engine import Engine, FrontEnd
from speechd_neural.core.voices import Voices
from speechd_neural.records import dataclass
from speechd_neural.types import DEADLINE, Settings

DEFAULT_RATE = 16000  # Hz, while there is no voice


@dataclass(frozen=True, slots=True)
class Options:
    """What the configuration decides. deadline: s to the first sound before the fallback speaks, 0: wait for ever."""

    deadline: float = DEADLINE
    private: Callable[[str], bool] | None = None  # asked with the words that are spoken; None: nothing is private
    icon: Callable[[str], str | None] = lambda name: None  # the file of a sound icon
    adjust: Callable[[Settings], Settings] = lambda settings: settings


_USUAL = Options()


class Means:
    """Each of these may come, go and change at any time between two segments, by the methods here, in any thread."""

    def __init__(
        self,
        front_end: FrontEnd | None = None,
        cache: PhraseCache | None = None,
        voices: Voices | None = None,
        options: Options = _USUAL,
    ) -> None:
        self.front_end = front_end  # reads where a voice has none of its own, and where there is no voice
        self.cache = cache
        self.voices = voices or Voices()
        self.options = options
        self.discretion = Discretion()
        self._loaded = threading.Event()
        self._loaded.set()
        self._patient_until = 0.0

    def read_with(self, front_end: FrontEnd) -> None:
        self.front_end = front_end

    def change_options(self, options: Options) -> None:
        self.options = options

    def change_cache(self, cache: PhraseCache | None) -> PhraseCache | None:
        """Put what is spoken from now on there; returns the one before, which is still open."""
        before, self.cache = self.cache, cache
        return before

    def set_loading(self, loading: bool, patience: float = 0.0) -> None:
        """Whether the active voice is being loaded: utterances wait a little for it, for the next `patience` s whatever
        their deadline."""
        if loading:
            self._patient_until = time.monotonic() + patience
            self._loaded.clear()
        else:
            self._loaded.set()

    @property
    def loading(self) -> bool:
        return not self._loaded.is_set()

    def wait_until_loaded(self, end: float) -> None:
        """Wait until then, in monotonic time, or for as long as patience lasts."""
        self._loaded.wait(max(0.0, max(self._patient_until, end) - time.monotonic()))

    def reader(self, engine: Engine | None, language: str | None = None) -> FrontEnd | None:
        """What reads text for this voice in a language, or in its own; None while nothing is there that reads."""
        return self.voices.front_end(engine, language) or self.front_end
