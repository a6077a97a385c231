"""A voice on the GPU with the same voice on the CPU behind it, which goes on wherever the GPU stops, in mid-segment too."""

from __future__ import annotations

import contextlib
import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from speechd_neural.core.engine import Engine, SpeechChunk, SymbolSpan, VoiceInfo
from speechd_neural.types import Segment

FADE_IN = 0.005  # s, where the CPU takes over
# What torch raises when a device is lost or its memory is full; SynthesisError is none of them: the text is at fault then.
FAILURES = (RuntimeError, MemoryError, OSError)
_LOG = logging.getLogger(__name__)


class SwitchingEngine:
    """See core/engine.py. `load` makes the engine on the GPU, `release` gives its memory back.

    After `idle_s` seconds without a request (0: never) the GPU's memory is given back; the next requests are spoken
    on the CPU until it is loaded again. After a failure of the device everything is, until the voice is loaded anew.
    """

    def __init__(self, cpu: Engine, load: Callable[[], Engine], release: Callable[[], None], idle_s: float = 0.0) -> None:
        """Loads the GPU's engine; raises what `load` raises."""
        self._cpu, self._load, self._release, self._idle_s = cpu, load, release, idle_s
        self._lock = threading.Lock()
        self._users = 0
        self._lost = False
        self._loading: threading.Thread | None = None
        self._timer: threading.Timer | None = None
        self._gpu: Engine | None = load()
        self._rest()

    def __del__(self) -> None:
        """Voices are let go of by forgetting them; what torch holds for this one on the device goes with it."""
        if getattr(self, "_gpu", None) is not None:
            with contextlib.suppress(Exception):  # at the interpreter's end anything may be gone already
                self.close()

    @property
    def info(self) -> VoiceInfo:
        """Of the engine that a request would be spoken with now."""
        return self.engine.info

    @property
    def engine(self) -> Engine:
        """That one."""
        gpu = self._gpu
        return self._cpu if gpu is None else gpu

    @property
    def loaded(self) -> bool:
        return self._gpu is not None

    def synthesize(self, segment: Segment, *, seed: int, cancelled: Callable[[], bool]) -> Iterator[SpeechChunk]:
        gpu = self._borrow()
        if gpu is None:
            yield from self._cpu.synthesize(segment, seed=seed, cancelled=cancelled)
            return
        handed, last = 0, None
        try:
            for chunk in gpu.synthesize(segment, seed=seed, cancelled=cancelled):
                yield chunk
                handed += len(chunk.samples)
                last = chunk.spans[-1] if chunk.spans else last
            return
        except FAILURES as error:
            self._give_up(error)
        finally:
            gpu = None
            self._give_back()
        yield from rest_of(self._cpu.synthesize(segment, seed=seed, cancelled=cancelled), handed, last, self._cpu.info)

    def close(self) -> None:
        """Give the GPU's memory back now; what is under way is spoken to its end."""
        with self._lock:
            self._lost = True
            self._gpu = None
            if self._timer is not None:
                self._timer.cancel()
            unused = self._users == 0
        if unused:
            self._let_go()

    def _borrow(self) -> Engine | None:
        with self._lock:
            if self._lost:
                return None
            if self._gpu is None:
                if self._loading is None or not self._loading.is_alive():
                    self._loading = threading.Thread(target=self._load_again, name="loading for the GPU", daemon=True)
                    self._loading.start()
                return None
            self._users += 1
            if self._timer is not None:
                self._timer.cancel()
            return self._gpu

    def _give_back(self) -> None:
        with self._lock:
            self._users -= 1
            abandoned = self._users == 0 and self._gpu is None
        if abandoned:
            self._let_go()
        else:
            self._rest()

    def _rest(self) -> None:
        with self._lock:
            if self._users or self._gpu is None or self._idle_s <= 0:
                return
            if self._timer is not None:
                self._timer.cancel()
            # The timer must not keep a voice that was replaced.
            self._timer = threading.Timer(self._idle_s, _unload, (weakref.ref(self),))
            self._timer.daemon = True
            self._timer.start()

    def unload(self) -> None:
        """Give the GPU's memory back unless somebody is speaking."""
        with self._lock:
            if self._users or self._gpu is None:
                return
            self._gpu = None
        self._let_go()
        _LOG.info("the GPU's memory is given back after %.0f s without a request", self._idle_s)

    def _let_go(self) -> None:
        with contextlib.suppress(*FAILURES):  # a device that was lost cannot do even that
            self._release()

    def _load_again(self) -> None:
        gpu = None
        try:
            gpu = self._load()
        except Exception as error:
            self._give_up(error)
        with self._lock:
            if not self._lost:
                self._gpu = gpu
            useless, gpu = self._gpu is None, None
        if useless:  # it failed, or nobody wants it any more: what was loaded of it goes again
            self._let_go()
        self._rest()

    def _give_up(self, error: Exception) -> None:
        with self._lock:
            first, self._lost, self._gpu = not self._lost, True, None
        if first:
            _LOG.error("the GPU has failed (%s); the CPU speaks from now on", type(error).__name__)


def _unload(engine: weakref.ref[SwitchingEngine]) -> None:
    still_there = engine()
    if still_there is not None:
        still_there.unload()


def rest_of(
    chunks: Iterator[SpeechChunk], handed: int, last: SymbolSpan | None, info: VoiceInfo
) -> Iterator[SpeechChunk]:
    """What follows when `handed` samples of a segment have been heard, of which `last` was the last whole symbol.

    The other engine's timing may differ, so its sound goes on from as far behind the same symbol as the first one came.
    """
    here = handed if last is None else None  # in the time of `chunks`, where to go on
    told = 0 if last is None else last.end
    at, fading = 0, True
    for chunk in chunks:
        begin, at = at, at + len(chunk.samples)
        if here is None and last is not None:
            end = next((span.end for span in chunk.spans if span.symbol == last.symbol), None)
            if end is not None:
                here = max(begin, end + handed - last.end)
        if here is None or here >= at:
            continue
        skipped = max(0, here - begin)
        samples = chunk.samples[skipped:]
        if fading:
            count = min(len(samples), round(FADE_IN * info.sample_rate))
            samples = samples.copy()
            samples[:count] *= np.linspace(0, 1, count, dtype=np.float32)
            fading = False
        shift = handed - here
        spans = tuple(
            replace(span, start=max(told, span.start + shift), end=max(handed, span.end + shift))
            for span in chunk.spans
            if last is None or span.symbol > last.symbol
        )
        yield SpeechChunk(samples, spans, None if chunk.f0 is None else chunk.f0[skipped // info.hop_length :])
