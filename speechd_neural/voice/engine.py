"""A loaded voice as core/engine.py's Engine: segment in, chunks of sound out while the rest is still being made."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Floats
from speechd_neural.core.engine import SpeechChunk, SymbolSpan, VoiceInfo
from speechd_neural.errors import SynthesisError
from speechd_neural.types import Segment
from speechd_neural.voice import _native
from speechd_neural.voice.bundle import Bundle, load, take_key
from speechd_neural.voice.decoding import HEARD, decode
from speechd_neural.voice.harmonics import harmonics_of
from speechd_neural.voice.level import Level
from speechd_neural.voice.runtime import BUDGET, Check, CpuRuntime, Runtime
from speechd_neural.voice.silence import Silence
from speechd_neural.voice.stretch import Stretch
from speechd_neural.voice.symbol_table import Reading, SymbolTable
from speechd_neural.voice.vocoders import VocoderRun

# Frames of the first chunks; the last number goes on. While one sounds, the next is made, also where that takes two thirds
# of real time.
CHUNKS = (2, 2, 3, 4, 6, 8, 12, 16)
BEGINNING = 16  # frames that are handed over before more is decoded than they need: nobody is to wait for what comes later
MOST_RUNS = 2000  # of the vocoder for a chunk; a GPU may answer some with nothing, but who never answers would silence the voice
VOICED = 0.45  # degree of voicing from which the pitch is real
SLICE = 16  # frames that go through the networks at a time
MOST_GATHERED = 512  # frames that a runtime may want to have before it goes on
SHORT = 16  # symbols; the level of a text up to this length is known before it sounds


class Cancelled(Exception):
    """The work was called off; never leaves this module."""


class NeuralEngine:
    def __init__(self, bundle: Bundle, runtime: Runtime) -> None:
        manifest = bundle.manifest
        contract = manifest.contract
        own = f"{bundle.identifier}-{runtime.sound}" if runtime.sound else bundle.identifier
        self._info = replace(bundle.info, identifier=own)
        self.runtime = runtime
        self._level = Level(contract)
        self.symbols = SymbolTable(manifest)
        self.takes = manifest.takes
        self._harmonics = harmonics_of(bundle)
        self._stretch = manifest.acoustic.options.get("stretch", 1.0)
        frame_seconds = self._stretch * contract.hop_length / contract.sample_rate
        self._silence = Silence(runtime.restored, self._level.of_frames, frame_seconds)
        self._comb = manifest.vocoder.options.get("comb", 0.0)
        self.hop = contract.hop_length
        self.has_pitch = contract.pitch
        self.step_samples = manifest.acoustic.dims["frames_per_step"] * contract.hop_length

    @property
    def info(self) -> VoiceInfo:
        return self._info

    def synthesize(self, segment: Segment, *, seed: int, cancelled: Callable[[], bool]) -> Iterator[SpeechChunk]:
        """See core/engine.py. Chunks are whole hops; the first is 20 ms, later ones 160 ms at a hop of 10 ms.

        Where the voice knows a better take of the segment, its seed replaces the one given.
        """

        def check() -> None:
            if cancelled():
                raise Cancelled

        reading = self.symbols.read(segment)
        if len(reading) == 0:
            return
        try:
            check()
            yield from self._chunks(reading, self.takes.get(take_key(self.symbols.own(segment.symbols)), seed), check)
        except Cancelled:
            return

    def _chunks(self, reading: Reading, seed: int, check: Check) -> Iterator[SpeechChunk]:
        memory = self.runtime.encode(reading.ids, check)
        postnet = self.runtime.postnet()
        comb = _native.HarmonicComb(self._info.sample_rate, self.hop, self._comb) if self._comb and self.has_pitch else None
        vocoder, stretch = self.runtime.speak(seed), Stretch(self._stretch)
        sound = _Sound(vocoder, stretch, self.runtime.shortest, self.hop, self.has_pitch, check, comb)
        timeline = Timeline(reading, self.step_samples * self._stretch)
        step_seconds = self.step_samples / self._info.sample_rate
        short = len(reading) <= SHORT
        words = decode(
            self.runtime, reading, memory, seed, step_seconds, check, self._silence.over, HEARD if short else math.inf
        )
        if short:
            known = []
            for word in words:
                known.append(word)
                if word.last:
                    break
            sound.gain = self._level.gain(self.runtime.restored(np.concatenate([word.frames for word in known])))
            words = chain(known, words)
        fed = wanted = 0  # decoder frames, and how many of them the first chunk waits for
        for word in words:
            timeline.add(word.positions)
            if not wanted:
                of_first = int((word.positions == 0).sum()) * len(word.frames) // len(word.positions)
                sound.skip = self._silence.lead(word.frames, of_first)
                timeline.begin = int(sound.skip * self.hop * self._stretch)
                wanted = SLICE + sound.skip
            for frames in _slices(word.frames, wanted - fed):
                fed += len(frames)
                sound.feed(self._harmonics(postnet.feed(frames)))
                yield from self._ready(sound, timeline)
        sound.feed(self._harmonics(postnet.finish()))
        sound.end()
        timeline.end()
        yield from self._ready(sound, timeline)

    def _ready(self, sound: _Sound, timeline: Timeline) -> Iterator[SpeechChunk]:
        while not self._wants_more(sound) and (made := sound.chunk()) is not None:
            samples, f0 = made
            yield SpeechChunk(samples, tuple(timeline.until(sound.handed * self.hop, sound.done)), f0)

    def _wants_more(self, sound: _Sound) -> bool:
        ahead = self.runtime.gather * max(0, sound.handed - BEGINNING)
        return not sound.ended and sound.waiting < min(MOST_GATHERED, ahead)


class _Sound:
    """The vocoder's samples, cut into chunks of whole hops."""

    def __init__(
        self, vocoder: VocoderRun, stretch: Stretch, shortest: int, hop: int, has_pitch: bool, check: Check,
        comb: _native.HarmonicComb | None,
    ) -> None:
        self._vocoder, self._stretch, self._shortest, self._comb = vocoder, stretch, shortest, comb
        self._hop, self._has_pitch, self._check = hop, has_pitch, check
        self._samples: Floats = np.zeros(0, np.float32)
        self._f0: Floats = np.zeros(0, np.float32)
        self._fed = self._number = 0
        self.skip = 0  # features to leave out before the first
        self.ended = False
        self.handed = 0  # hops handed over
        self.gain = 1.0

    @property
    def done(self) -> bool:
        return self.ended and self.handed == self._fed

    @property
    def waiting(self) -> int:
        """Frames that were fed and did not sound yet."""
        return self._fed - self.handed

    def feed(self, features: Floats) -> None:
        features, self.skip = features[self.skip :], max(0, self.skip - len(features))
        self._speak(self._stretch.feed(features))

    def _speak(self, features: Floats) -> None:
        if len(features) == 0:
            return
        self._check()
        self._fed += len(features)
        self._vocoder.feed(features)
        if self._has_pitch:
            voiced = features[:, -1] > VOICED
            self._f0 = np.concatenate([self._f0, np.where(voiced, 100.0 * np.exp(features[:, -2]), 0).astype(np.float32)])

    def end(self) -> None:
        self._speak(self._stretch.finish())
        self.ended = True
        self._vocoder.end()

    def chunk(self) -> tuple[Floats, Floats | None] | None:
        """The next chunk, or None while too few frames are known for a whole one."""
        wanted = max(self._shortest, CHUNKS[min(self._number, len(CHUNKS) - 1)])
        if self.ended:
            wanted = min(wanted, self._fed - self.handed)
            if wanted == 0:
                return None
        elif self._vocoder.known < self.handed + wanted:
            return None
        parts, known = [self._samples], len(self._samples)
        while known < wanted * self._hop:
            missing = -(-(wanted * self._hop - known) // self._hop)
            parts.append(self._vocoder.run(missing, BUDGET))
            known += len(parts[-1])
            if len(parts) > MOST_RUNS:
                raise SynthesisError(f"the vocoder gave {known} of {wanted * self._hop} samples in {MOST_RUNS} runs")
            self._check()
        samples = np.concatenate(parts)
        chunk, self._samples = samples[: wanted * self._hop], samples[wanted * self._hop :]
        f0, self._f0 = self._f0[:wanted], self._f0[wanted:]
        self._number += 1
        self.handed += wanted
        if self._comb:
            chunk = self._comb.feed(chunk, f0)
        return chunk * np.float32(self.gain), f0 if self._has_pitch else None


class Timeline:
    """When each symbol sounds, from the alignment: spans in order without gaps; word spaces last no time."""

    def __init__(self, reading: Reading, step_samples: float) -> None:
        self._reading, self._step_samples = reading, step_samples
        self.begin = 0  # the sample with which the sound begins, counted in those of the alignment
        self._starts = [0]  # step at which each symbol begins, as far as attention has come
        self._steps = self._told = 0

    def add(self, positions: npt.NDArray[np.int32]) -> None:
        for position in positions:
            while len(self._starts) <= position:
                # What follows a space begins where the space does.
                silent = self._reading.silent[len(self._starts) - 1]
                self._starts.append(self._starts[-1] if silent else self._steps)
            self._steps += 1

    def end(self) -> None:
        """No more steps follow: whatever was not reached lasts no time."""
        while len(self._starts) <= len(self._reading):
            self._starts.append(self._steps)

    def until(self, sample: int, everything: bool) -> Iterator[SymbolSpan]:
        """The spans that end by `sample` and were not told yet."""
        while self._told + 1 < len(self._starts):
            start, end = (self._place(self._starts[self._told + i], sample, everything) for i in (0, 1))
            if end > sample and not everything:
                return
            owner = int(self._reading.owners[self._told])
            self._told += 1
            if owner >= 0:
                yield SymbolSpan(owner, start, end)

    def _place(self, steps: int, sample: int, everything: bool) -> int:
        """The sample after so many steps; a stretched text ends with a whole hop."""
        if everything and steps == self._steps:
            return sample
        return max(0, int(steps * self._step_samples) - self.begin)


def _slices(frames: Floats, wanted: int) -> Iterator[Floats]:
    """The first is as long as is still `wanted` for the first chunk, with what the networks see ahead of it."""
    if wanted > 0:
        yield frames[:wanted]
    for first in range(max(0, wanted), len(frames), SLICE):
        yield frames[first : first + SLICE]


def engine_of(bundle: Bundle, cpu: str | None = None, threads: int = 0) -> NeuralEngine:
    """The voice on the CPU; `cpu` and `threads` as in load_engine, and so are the errors."""
    return NeuralEngine(bundle, CpuRuntime(bundle, os.environ.get("SPEECHD_NEURAL_CPU", "") if cpu is None else cpu, threads))


def load_engine(path: Path, cpu: str | None = None, threads: int = 0) -> NeuralEngine:
    """Load a voice directory. `cpu` (else the environment's SPEECHD_NEURAL_CPU) forces a processor path; `threads` as in
    CpuRuntime.

    Raises VoiceError for a bundle that cannot be used, ConfigError for a processor path that is not there.
    """
    return engine_of(load(path), cpu, threads)
