"""Sound of any sample rate as a stream of one rate: a client is told a voice's rate once, the fallback has its own."""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

from speechd_neural.types import Audio

CROSSINGS = 16  # zero crossings of the interpolation kernel on each side


@functools.lru_cache(maxsize=8)
def _kernels(source: int, target: int) -> npt.NDArray[np.float32]:
    """[target, taps]: the interpolation kernel for each of `target` places between two samples. Hann-windowed sinc.

    `source` and `target` have no common factor.
    """
    cutoff = min(1.0, target / source)
    half = math.ceil(CROSSINGS / cutoff)
    place = np.arange(-half + 1, half + 1)[None, :] - (np.arange(target) / target)[:, None]
    window = np.cos(np.pi / 2 * np.clip(place / half, -1, 1)) ** 2
    kernels = np.sinc(place * cutoff) * window
    return (kernels / kernels.sum(axis=1, keepdims=True)).astype(np.float32)


class _Resampler:
    """Mono int16 in at `source` Hz, out at `target` Hz; the output is as long as the input."""

    def __init__(self, source: int, target: int) -> None:
        common = math.gcd(source, target)
        self._source, self._target = source // common, target // common
        self._kernels = _kernels(self._source, self._target)
        self._half = self._kernels.shape[1] // 2
        self._kept = np.zeros(self._half - 1, np.float32)  # from input sample `_start` on
        self._start = 1 - self._half
        self._taken = 0
        self._made = 0

    def push(self, samples: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        self._taken += len(samples)
        return self._run(samples.astype(np.float32), self._taken - self._half)

    def flush(self) -> npt.NDArray[np.int16]:
        return self._run(np.zeros(self._half, np.float32), self._taken)

    def _run(self, samples: npt.NDArray[np.float32], end: int) -> npt.NDArray[np.int16]:
        """The output that lies before input sample `end`."""
        kept = np.concatenate((self._kept, samples))
        until = max(self._made, -(-end * self._target // self._source))
        places = np.arange(self._made, until) * self._source
        whole, part = places // self._target, places % self._target
        out = np.zeros(0, np.float32)
        if len(places):
            views = np.lib.stride_tricks.sliding_window_view(kept, 2 * self._half)
            out = np.einsum("ij,ij->i", views[whole - self._half + 1 - self._start], self._kernels[part])
        self._made = until
        drop = max(0, until * self._source // self._target - self._half + 1 - self._start)
        self._kept, self._start = kept[drop:], self._start + drop
        return np.clip(np.rint(out), -32768, 32767).astype(np.int16)


class FixedRate:
    """PCM at `rate` Hz of audio events that may have another."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._source = rate
        self._resampler: _Resampler | None = None

    def convert(self, audio: Audio) -> bytes:
        before = b""
        if audio.sample_rate != self._source:
            before = self.end()
            self._source = audio.sample_rate
            self._resampler = None if self._source == self._rate else _Resampler(self._source, self._rate)
        if self._resampler is None:
            return before + audio.pcm
        return before + self._resampler.push(np.frombuffer(audio.pcm, "<i2")).astype("<i2").tobytes()

    def end(self) -> bytes:
        """What is left when the sound ends."""
        resampler, self._resampler, self._source = self._resampler, None, self._rate
        return b"" if resampler is None else resampler.flush().astype("<i2").tobytes()
