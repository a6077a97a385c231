"""What a listener's settings do to a phrase on its way out: rate, pitch, pitch range, volume, trimmed silence.

The voice always speaks a phrase at its own rate and pitch, and that is what the cache
keeps; `ProsodyStream` applies the settings to the chunks as they pass, so that one
cache entry serves every setting. Its output depends on the sound and the settings
alone, bit for bit, not on the pieces in which the sound arrives.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speechd_neural.audio.loudness import Limiter, volume_gain
from speechd_neural.audio.pace import timing_for
from speechd_neural.audio.pitch import PitchShift
from speechd_neural.audio.timescale import TimeScale, Timing
from speechd_neural.audio.trim import Trim
from speechd_neural.types import SCALE, Prosody, Settings

RATES = (SCALE[0], 2 * SCALE[1])  # beyond the scale where rates count double
SLOWEST, NORMAL, FASTEST, BOOST = 80.0, 170.0, 449.0, 900.0  # words per minute at a rate of -100, 0, 100, 200
SPEEDS = 0.1, 10.0  # factors that may be asked for in so many words (D-Bus); beyond 5 nobody understands anything
PITCH_OCTAVES = 1.0  # what a pitch of 100 adds and -100 takes
PLAIN = Prosody()
_LOG = logging.getLogger(__name__)


class Span(Protocol):
    @property
    def symbol(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Chunk(Protocol):
    """What is needed of a piece of synthesized speech (core.engine.SpeechChunk is one)."""

    @property
    def samples(self) -> npt.NDArray[np.float32]: ...
    @property
    def spans(self) -> Sequence[Span]: ...
    @property
    def f0(self) -> npt.NDArray[np.float32] | None: ...


_told: set[str] = set()


def _within(name: str, value: float, low: float = SCALE[0], high: float = SCALE[1]) -> float:
    """Clamp as Speech Dispatcher does, and say so once; what is not a number is refused."""
    if math.isnan(value):
        raise ValueError(f"{name} is not a number; {low:g} to {high:g} is accepted")
    if low <= value <= high:
        return value
    if name not in _told:
        _told.add(name)
        _LOG.warning("%s %g is out of range, taken as the nearest of %g to %g", name, value, low, high)
    return min(high, max(low, value))


def words_per_minute(rate: float) -> float:
    """Speed for a rate: 80 at -100, 170 at 0, 449 at 100, 900 at 200, even ratios in between."""
    rate = _within("rate", rate, *RATES)
    low, high, part = (SLOWEST, NORMAL, rate / 100 + 1) if rate < 0 else (NORMAL, FASTEST, rate / 100)
    if rate > 100:
        low, high, part = FASTEST, BOOST, rate / 100 - 1
    return float(low * (high / low) ** part)


def speed_factor(settings: Settings, prosody: Prosody, natural_wpm: float = NORMAL) -> float:
    """How many times faster than the voice's own speed; 1 where the difference would be less than 2 %."""
    if settings.speed is not None:
        speed, (low, high) = _within("speed", settings.speed, *SPEEDS), SPEEDS
    else:
        speed, low, high = words_per_minute(settings.rate) / natural_wpm, 0.25, BOOST / natural_wpm
    speed = min(high, max(low, speed * _within("relative speed", prosody.speed, 0.1, 10)))
    return 1.0 if abs(speed - 1) < 0.02 else speed


def pitch_factor(settings: Settings, prosody: Prosody) -> float:
    """Factor on the fundamental frequency: half an octave per 50 steps, down to 1/2 and up to 2."""
    if settings.pitch_factor is not None:
        pitch = _within("pitch factor", settings.pitch_factor, 0.25, 4)
    else:
        pitch = 2 ** (_within("pitch", settings.pitch) / 100 * PITCH_OCTAVES)
    pitch = min(4.0, max(0.25, pitch * _within("relative pitch", prosody.pitch, 0.1, 10)))
    return 1.0 if abs(pitch - 1) < 0.005 else pitch


def pause_samples(seconds: float, sample_rate: int, settings: Settings, prosody: Prosody = PLAIN) -> int:
    """Length of a wanted silence: where speech is fast, shortened more than speech is; at most 1.5 times as long."""
    speed = speed_factor(settings, prosody)
    return round(max(0.0, seconds) * sample_rate / max(speed**1.3, 2 / 3))


def join_pause(symbols: Sequence[str]) -> float:
    """Seconds of silence that belong between a segment and one that follows it at once, at the voice's own speed.

    The silence at the ends of a segment is trimmed: without this, sentences would run into each other.
    """
    last = symbols[-1] if symbols else ""
    return 0.28 if last in (".", "?", "!") else 0.14 if last == "," else 0.0


class ProsodyStream:
    """One segment on its way out. Feed it the segment's chunks in order, then flush it.

    symbols: the segment's symbols, for the spans in the chunks to point at; none where there are no spans.
    natural_wpm, natural_f0: how fast (words per minute) and how high (Hz) the voice speaks by itself.
    """

    def __init__(
        self,
        sample_rate: int,
        settings: Settings,
        prosody: Prosody = PLAIN,
        symbols: Sequence[str] = (),
        *,
        natural_wpm: float = NORMAL,
        natural_f0: float | None = None,
    ) -> None:
        speed = speed_factor(settings, prosody, natural_wpm)
        gain = volume_gain(_within("volume", settings.volume), prosody.volume_db)
        pitch = pitch_factor(settings, prosody)
        excursion = 1 + _within("pitch range", settings.pitch_range) / 100
        self._trim = Trim(sample_rate)
        shift = PitchShift(sample_rate, pitch, excursion, natural_f0) if pitch != 1 or excursion != 1 else None
        self._scale: TimeScale | None = None
        self._timing: Timing | None = None
        self._ends: list[int] = []  # of symbols, not yet told to the timing
        if speed != 1:
            self._timing = timing_for(sample_rate, speed, symbols, natural_wpm)
            self._scale = TimeScale(sample_rate, self._timing)
        # The pitch last where there is less to do then.
        stages = [self._scale, shift] if speed > 1 else [shift, self._scale]
        self._stages = [stage for stage in stages if stage is not None]
        self._limiter = Limiter(sample_rate, gain)
        self.written = 0

    def feed(self, chunk: Chunk) -> npt.NDArray[np.int16]:
        """The samples that are now ready; may be none."""
        # Through 16 bits, as the cache keeps it: the first time and every later time sound the same.
        samples = np.rint(np.clip(chunk.samples, -1, 1) * np.float32(32767)) / np.float32(32767)
        passed = self._trim.push(samples.astype(np.float32))
        if self._timing is not None:
            self._ends += (span.end for span in chunk.spans)
            if self._trim.offset is not None:
                self._timing.ended(end - self._trim.offset for end in self._ends)
                self._ends = []
        for stage in self._stages:
            passed = stage.push(passed)
        return self._out(self._limiter.push(passed))

    def flush(self) -> npt.NDArray[np.int16]:
        """The rest of the segment."""
        last = self._trim.flush()
        for stage in self._stages:
            last = np.concatenate([stage.push(last), stage.flush()])
        return self._out(np.concatenate([self._limiter.push(last), self._limiter.flush()]))

    def _out(self, samples: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        self.written += len(samples)
        return samples

    def position(self, input_sample: int) -> int:
        """The output sample at which an input sample of the segment sounds (or will, by what is known so far)."""
        sample = max(0, input_sample - (self._trim.offset or 0))
        return sample if self._scale is None else self._scale.position(sample)
