"""The voices: the active one, which speaks unless a request names another, and others, in memory while they are wanted.

The active voice also speaks for whoever names a voice that is not there, or not in memory yet. A voice in use is one
that an utterance holds: it stays in memory until that lets it go. Everything may be called from any thread.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from speechd_neural.core.engine import Engine, VoiceInfo
from speechd_neural.errors import VoiceError

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

    @property
    def active(self) -> Engine | None:
        return self._active

    @active.setter
    def active(self, engine: Engine | None) -> None:
        with self._lock:
            self._active = engine
            for info in [info for info in self._kept if engine is not None and info.name == engine.info.name]:
                del self._kept[info]

    def offer(self, voices: Sequence[VoiceInfo]) -> None:
        """These are there now, the one to be active first. What has gone or changed leaves memory."""
        with self._lock:
            self._offered = tuple(voices)
            for info in [info for info in self._kept if info not in voices]:
                del self._kept[info]
            self._unknown.clear()

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
            self._tell_unknown(wanted)
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
        threading.Thread(target=self._bring, args=(info, loading), name="loading", daemon=True).start()
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

    def _tell_unknown(self, wanted: str) -> None:
        with self._lock:
            if wanted in self._unknown or len(self._unknown) >= _UNKNOWN:
                return
            self._unknown.add(wanted)
        _LOG.warning("there is no voice %.60r; the active one speaks", wanted)


def _named(wanted: str | None, voices: Sequence[VoiceInfo]) -> VoiceInfo | None:
    by_name = (info for info in voices if info.name == wanted)
    return next(by_name, None) or next((info for info in voices if info.identifier == wanted), None)
