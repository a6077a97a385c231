"""The voices: the active one, which speaks unless a request means another, and others, in memory while they are wanted.

A voice brings its language: with it come the front ends that read what it speaks. A request means the voice that it
names, whatever language it asks for; else, where the active voice does not read that language, one that does. The
active voice also speaks where the voice named is not there, or not in memory yet. A voice in use is one that an
utterance holds: it stays in memory until that lets it go. Everything may be called from any thread.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace

from speechd_neural.core.engine import Engine, FrontEnd, VoiceInfo
from speechd_neural.errors import VoiceError
from speechd_neural.text.languages import primary, tag
from speechd_neural.types import Settings

OTHERS = 2  # voices in memory besides the active one
IDLE = 600.0  # s without a request before one of them leaves memory
_UNKNOWN = 100  # names that are remembered as not being there, so that each is logged once
_LOG = logging.getLogger(__name__)


def _none_to_load(info: VoiceInfo) -> Engine:
    raise VoiceError(f"voice {info.name} cannot be loaded here")


class Voices:
    """`load(info)` brings an offered voice into memory, in a thread of its own; it raises VoiceError where it cannot."""

    def __init__(self, active: Engine | None = None, load: Callable[[VoiceInfo], Engine] = _none_to_load) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._active = active
        self._offered: tuple[VoiceInfo, ...] = ()
        # The others, by what they were offered as: those in memory, be it that only an utterance holds them, and those that
        # are kept there, with the time when they were last asked for, the longest ago first.
        self._present: weakref.WeakValueDictionary[VoiceInfo, Engine] = weakref.WeakValueDictionary()
        self._kept: OrderedDict[VoiceInfo, tuple[Engine, float]] = OrderedDict()
        self._loading: dict[str, Future[None]] = {}
        self._unknown: set[str] = set()
        self._front_ends: dict[str, Mapping[str, FrontEnd]] = {}  # by the voice's name, then by primary tag
        # What the fallback speaks, as tags in small letters; empty: nobody has asked it, so it is believed to speak all.
        self.fallback_speaks: Collection[str] = ()

    @property
    def active(self) -> Engine | None:
        return self._active

    @active.setter
    def active(self, engine: Engine | None) -> None:
        with self._lock:
            self._active = engine
            for info in [info for info in self._kept if engine is not None and info.name == engine.info.name]:
                del self._kept[info]

    def load_with(self, load: Callable[[VoiceInfo], Engine]) -> None:
        """What brings an offered voice into memory from now on; see the class."""
        self._load = load

    def tell_fallback(self, languages: Collection[str]) -> None:
        """What the fallback speaks."""
        self.fallback_speaks = languages

    def offer(self, voices: Sequence[VoiceInfo]) -> None:
        """These are there now, the one to be active first. What has gone or changed leaves memory."""
        with self._lock:
            self._offered = tuple(voices)
            for info in [info for info in self._kept if info not in voices]:
                del self._kept[info]
            names = {info.name for info in voices} | ({self._active.info.name} if self._active is not None else set())
            self._front_ends = {name: found for name, found in self._front_ends.items() if name in names}
            self._unknown.clear()

    def read_with(self, name: str, front_ends: Mapping[str, FrontEnd]) -> None:
        """The voice of that name reads its languages with these: by primary tag, its own language first."""
        with self._lock:
            self._front_ends = {**self._front_ends, name: front_ends}

    def front_end(self, engine: Engine | None, language: str | None) -> FrontEnd | None:
        """What reads text for this voice in a language, or in its own where it does not read that; None: nothing."""
        found = self._front_ends.get(engine.info.name, {}) if engine is not None else {}
        wanted = found.get(primary(language)) if language is not None else None
        return wanted or next(iter(found.values()), None)

    def settled(self, settings: Settings) -> Settings:
        """With the voice and the language that these settings mean. language: None, or what the text is in.

        A voice that is named and there wins over the language: it reads the text in that only where it can.
        """
        language = tag(settings.language)
        if settings.language and language is None:
            self._tell("%.60r is no language; the voice speaks its own", settings.language)
        listing = self.listing()
        info = _named(settings.voice, listing)
        if info is not None:
            own = language if language is not None and _reads(info, language) else info.languages[0]
            return replace(settings, language=own)
        if language is None or not listing or _reads(listing[0], language):
            return replace(settings, language=language)
        info = next((info for info in listing if _reads(info, language)), None)
        if info is not None:
            return replace(settings, voice=info.name, language=language)
        if self.fallback_speaks and not any(primary(spoken) == primary(language) for spoken in self.fallback_speaks):
            self._tell("nobody here speaks %.60r; the voice reads it as its own language", language)
            return replace(settings, language=None)
        return replace(settings, language=language)

    def listing(self) -> list[VoiceInfo]:
        """All that can be spoken with, the active one first: that stays even when it is no longer offered."""
        active, offered = self._active, self._offered
        if active is None:
            return list(offered)
        return [active.info, *(info for info in offered if info.name != active.info.name)]

    def info(self, wanted: str | None) -> VoiceInfo | None:
        """The voice that a request means by a name or an identifier, else the active one; None while there is none."""
        listing = self.listing()
        return _named(wanted, listing) or (listing[0] if listing else None)

    def engine(self, wanted: str | None) -> Engine | None:
        """The voice that a request means if it is in memory, else the active one."""
        listing = self.listing()
        info = _named(wanted, listing)
        with self._lock:
            if info is None or info.name == listing[0].name or (engine := self._present.get(info)) is None:
                return self._active
            self._keep(info, engine)
            return engine

    def by_identifier(self, identifier: str) -> Engine | None:
        """The voice in memory whose sound this identifier stands for."""
        with self._lock:
            present = [self._active, *self._present.values()]
        return next((engine for engine in present if engine is not None and engine.info.identifier == identifier), None)

    def prepare(self, wanted: str | None) -> Future[None] | None:
        """Have the voice that a request means brought into memory; None: there is nothing to wait for."""
        if wanted is None:
            return None
        listing = self.listing()
        info = _named(wanted, listing)
        if info is None:
            self._tell("there is no voice %.60r; the active one speaks", wanted)
        if info is None or info.name == listing[0].name:  # that is the active one, or is being made it
            return None
        with self._lock:
            if info in self._present:
                return None
            if info.name in self._loading:
                return self._loading[info.name]
            if not self._make_room():
                _LOG.debug("voice %s is not loaded: %d others are speaking", info.name, OTHERS)
                return None
            loading = self._loading[info.name] = Future()
            loading.set_running_or_notify_cancel()
        try:
            threading.Thread(target=self._bring, args=(info, loading), name="loading", daemon=True).start()
        except RuntimeError:  # as many processes as this user may have
            with self._lock:
                del self._loading[info.name]
            loading.set_result(None)
        return loading

    def tidy(self) -> None:
        """Let go of what nobody has asked for in a long time."""
        with self._lock:
            while self._kept and next(iter(self._kept.values()))[1] < time.monotonic() - IDLE:
                info, _ = self._kept.popitem(last=False)
                _LOG.info("voice %s is not kept in memory any longer", info.name)

    def clear(self) -> None:
        """Let go of all, the active one too."""
        with self._lock:
            self._active = None
            self._offered = ()
            self._kept.clear()

    def in_memory(self) -> list[str]:
        """Names of those in memory besides the active one, in use or kept."""
        with self._lock:
            return sorted(info.name for info in self._present)

    def _keep(self, info: VoiceInfo, engine: Engine) -> None:
        self._kept[info] = engine, time.monotonic()
        self._kept.move_to_end(info)

    def _make_room(self) -> bool:
        """Let go of the ones not asked for longest, until one more may be in memory. False: all are in use."""
        while self._kept and len(self._present) + len(self._loading) >= OTHERS:
            self._kept.popitem(last=False)
        return len(self._present) + len(self._loading) < OTHERS

    def _bring(self, info: VoiceInfo, loading: Future[None]) -> None:
        began = time.monotonic()
        try:
            engine = self._load(info)
        except Exception as error:
            reason = str(error) if isinstance(error, VoiceError) else f"voice {info.name}: {type(error).__name__}"
            _LOG.error("%s; the active voice speaks for it", reason)
        else:
            with self._lock:
                if info in self._offered:  # it may have gone meanwhile
                    self._present[info] = engine
                    self._keep(info, engine)
            del engine  # whoever waits for it may at once want it to go again
            _LOG.info("voice %s loaded in %.0f ms", info.name, 1000 * (time.monotonic() - began))
        finally:
            with self._lock:
                del self._loading[info.name]
            loading.set_result(None)

    def _tell(self, line: str, unknown: str) -> None:
        """Log it once for each that is unknown."""
        with self._lock:
            if unknown in self._unknown or len(self._unknown) >= _UNKNOWN:
                return
            self._unknown.add(unknown)
        _LOG.warning(line, unknown)


def _reads(info: VoiceInfo, language: str) -> bool:
    return any(primary(own) == primary(language) for own in info.languages)


def _named(wanted: str | None, voices: Sequence[VoiceInfo]) -> VoiceInfo | None:
    by_name = (info for info in voices if info.name == wanted)
    return next(by_name, None) or next((info for info in voices if info.identifier == wanted), None)
