"""Brings the front end and the voices into memory, in threads, and sees when voices come, go and break.

What was there before speaks meanwhile. A voice in memory does not need its files any more: the active one speaks on
when they are removed or damaged.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from speechd_neural.config import Config
from speechd_neural.core import fallback
from speechd_neural.core.engine import Engine, VoiceInfo
from speechd_neural.core.means import Means
from speechd_neural.errors import SpeechError, VoiceError, where
from speechd_neural.parts import Parts
from speechd_neural.tidying import give_memory_back

PATIENCE = 3.0  # s after the start of the daemon in which its first listeners wait for the voice
# s until it is tried again where no voice could be loaded, though there are some; doubled each time
AGAIN, AGAIN_MOST = 10.0, 600.0
SLOW = 0.3  # processor seconds for a second of speech: at three times a voice's own speed, more would leave holes
# s until a voice that was too slow is measured again, doubled each time: the machine may have been busy.
SLOW_AGAIN, SLOW_AGAIN_MOST = 60.0, 3600.0
_LOG = logging.getLogger(__name__)
Result = TypeVar("Result")


class Loading:
    """Brings the voices into the means that utterances speak with. `on_loaded` and `on_change` are called in threads: when
    the active voice has been loaded or could not be, and when there may be other voices than before.
    """

    def __init__(
        self, parts: Parts, means: Means, on_loaded: Callable[[Config], None], on_change: Callable[[], None]
    ) -> None:
        self._parts = parts
        self._shelf = parts.shelf()
        self._means = means
        self._voices = means.voices
        self._on_loaded = on_loaded
        self._on_change = on_change
        self._voices.load_with(self._load_other)
        means.set_loading(True, patience=PATIENCE)
        self._error = ""
        self._reading = False  # something reads text for this configuration
        self._loaded_as: VoiceInfo | None = None  # what the active voice was on disk
        self._told: frozenset[str] = frozenset()
        self._slow: set[str] = set()  # voices that were rejected because this machine is too slow for them
        self._quickest: tuple[float, Engine] | None = None  # of those, while it is not known whether another is quicker
        self._slow_again, self._slow_wait = math.inf, SLOW_AGAIN
        self._lock = threading.Lock()
        self._offering = threading.Lock()  # an older list of voices must not be offered behind a newer one
        self._loading: threading.Thread | None = None
        self._others = 0  # voices in memory at the last look
        self._again, self._wait = 0.0, AGAIN  # when to try again to load one, and how long to wait after that

    def look(self, config: Config) -> None:
        """Find out which voices there are for this configuration, by their manifests. Call it in a thread."""
        self._config = config
        self._wait = AGAIN
        self._shelf.choose(config.voice.name)
        self._slow.clear()
        self._slow_again, self._slow_wait = math.inf, SLOW_AGAIN
        self._shelf.look(weights=False)
        self._offer()

    def load(self) -> None:
        """Load what the configuration wants that was looked at last."""
        self._loading = threading.Thread(target=self._load, args=(self._config,), name="loading", daemon=True)
        self._loading.start()

    def close(self) -> None:
        """Wait for the thread, though not for ever, and let go of the voices."""
        if self._loading is not None:
            self._loading.join(2.0)
        self._voices.clear()

    def problem(self) -> str:
        """What is wrong with the voice that was chosen or speaks."""
        active = self._voices.active
        if self._error or active is None:
            return self._error
        name = active.info.name
        listed = self._shelf.voices.get(name)
        if listed is None:
            reason = self._shelf.problems.get(name, f"voice {name} is no longer on disk")
            return f"{reason}; it speaks on from memory"
        if listed.info != self._loaded_as:
            return f"voice {name} has changed on disk; 'speechd-neural reload' takes the new one"
        return ""

    def problems(self) -> dict[str, str]:
        """Name → why that voice cannot be used."""
        return dict(self._shelf.problems)

    def look_again(self) -> None:
        """Whether the voices' directories have changed: a few calls of stat. Called now and then, in one thread."""
        if self._shelf.look():
            self._offer()
        self._voices.tidy()
        before, self._others = self._others, len(self._voices.in_memory())
        if self._others < before:
            give_memory_back()
        if time.monotonic() > self._slow_again:
            self._slow_again, self._slow_wait = math.inf, min(2 * self._slow_wait, SLOW_AGAIN_MOST)
            self._shelf.forgive(self._slow)
            self._slow.clear()
            self._load(self._config)
        missing = self._voices.active is None and not self._means.loading
        if missing and time.monotonic() > self._again:
            self._again, self._wait = time.monotonic() + self._wait, min(2 * self._wait, AGAIN_MOST)
            # Half an installation may be whole by now; what was rejected perhaps only lacked a file of its language.
            self._shelf.forgive(self._shelf.problems.keys())
            if self._shelf.voices:
                self._load(self._config)

    def _offer(self, told: Collection[str] = ()) -> None:
        """What is wrong with voices is logged once, but for those of which somebody else tells it."""
        with self._offering:
            self._voices.offer([listed.info for listed in self._shelf.voices.values()])
            problems = self._shelf.problems
            for name in problems.keys() - self._told - set(told):
                _LOG.warning("%s", problems[name])
            self._told = frozenset(problems)
        self._on_change()

    def _load(self, config: Config) -> None:
        with self._lock:
            if config is not self._config:
                return  # a newer configuration is about to be loaded
            began, before = time.monotonic(), self._error
            try:
                self._error = self._load_active()
            except Exception as error:
                self._error = f"the voices cannot be loaded: {where(error)}"
            active = self._voices.active
            speaker = f"voice {active.info.name} speaks" if active is not None else "the fallback speaks"
            if self._error:
                if self._error != before:
                    _LOG.error("%s; %s", self._error, speaker)
                self._offer(told=self._shelf.problems.keys())
            else:
                _LOG.info("%s, loaded in %.0f ms", speaker, 1000 * (time.monotonic() - began))
            self._means.set_loading(False)
        self._on_loaded(config)
        self._voices.tell_fallback(fallback.languages())

    def _load_active(self) -> str:
        """What is wrong with the voice chosen. The one that speaks is kept then; if there is none, another one does.

        The language of the first that can be read is read from then on, also where no voice can be loaded.
        """
        problem = ""
        self._reading = False
        # Each once: what failed and then succeeded would speak and be called broken.
        for name in dict.fromkeys((*self._shelf.preferred, *self._shelf.voices)):
            try:
                found = self._shelf.voices.get(name)
                self._voices.active = self._bring(name, active=True)
                self._loaded_as = found.info if found is not None else None
                break
            except VoiceError as error:
                problem = problem or str(error)
            if self._voices.active is not None:
                break
        if self._voices.active is None and self._quickest is not None:  # better with holes than another's voice
            self._voices.active = self._quickest[1]
        self._quickest = None
        return problem

    def _load_other(self, info: VoiceInfo) -> Engine:
        try:
            return self._bring(info.name)
        except VoiceError:
            self._offer(told=[info.name])  # who asked for it logs why
            raise

    def _bring(self, name: str, active: bool = False) -> Engine:
        """Raises VoiceError; the voice then counts as broken until its files change, or until its speed is measured again."""
        path = self._shelf.path(name)
        try:
            loaded = _beside(lambda: self._engine(path))  # mostly in the kernels, while the language is imported here
            front_ends = self._parts.front_ends(self._config, path)
            if active and not self._reading:
                self._means.read_with(next(iter(front_ends.values())))
                self._reading = True
            engine, factor = loaded()
            self._voices.read_with(engine.info.name, front_ends)
            if factor <= SLOW:
                return engine
            reason = self._too_slow(name, factor)
            if active and (self._quickest is None or factor < self._quickest[0]):
                self._quickest = factor, engine
        except (ImportError, MemoryError) as error:  # no fault of the voice: it may be loaded the next time
            raise VoiceError(f"voice {name} cannot be loaded now: {where(error)}") from error
        except SpeechError as error:
            reason = str(error)
        except Exception as error:
            reason = f"voice {name} cannot be loaded: {where(error)}"
        self._shelf.reject(name, reason)
        raise VoiceError(reason)

    def _engine(self, path: Path) -> tuple[Engine, float]:
        engine = self._parts.engine(self._config, path)
        return engine, self._parts.real_time_factor(engine, SLOW)

    def _too_slow(self, name: str, factor: float) -> str:
        self._slow.add(name)
        self._slow_again = min(self._slow_again, time.monotonic() + self._slow_wait)
        return (
            f"voice {name} is too slow for this machine, which takes {factor:.1f} s for a second of speech, where {SLOW:g} s "
            "leave no holes; it is measured again from time to time"
        )


def _beside(work: Callable[[], Result]) -> Callable[[], Result]:
    """Do it in a thread of its own. What is returned waits for its result, and raises what it raised."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    try:
        threading.Thread(target=run, name="loading-voice", daemon=True).start()
    except RuntimeError:  # as many processes as this user may have
        run()
    return future.result
