"""Tacotron 2 on the CPU: numpy arrays around the native kernels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Arrays, Floats
from speechd_neural.voice import _native
from speechd_neural.voice.acoustics import Check, Decoder
from speechd_neural.voice.family import Half

PRODUCTS_AT_ONCE = 50_000_000  # multiplications of the encoder between two looks at cancellation


class Tacotron2:
    """See acoustics.Acoustic. Raises ValueError that names the array or size that does not fit."""

    def __init__(self, arrays: Arrays, half: Half, cpu: str) -> None:
        dims = half.dims
        shape, width = (dims["n_symbols"], dims["embedding"]), (half.contract.n_features,)
        for name, expected in (("encoder.embedding", shape), ("feature_mean", width), ("feature_deviation", width)):
            if name not in arrays or arrays[name].shape != expected or arrays[name].dtype != np.float32:
                found = f"{arrays[name].dtype} {list(arrays[name].shape)}" if name in arrays else "missing"
                raise ValueError(f"{name}: {found}; expected float {list(expected)}")
        self.embedding = arrays["encoder.embedding"]
        self.mean, self.deviation = arrays["feature_mean"], arrays["feature_deviation"]
        per_symbol = dims["encoder"] ** 2 * dims["encoder_kernel"] * dims["encoder_layers"]
        self.symbols_at_once = max(1, PRODUCTS_AT_ONCE // per_symbol)
        self.network = _native.Tacotron2(arrays, dims, cpu)

    def encode(self, ids: npt.NDArray[np.int64], check: Check) -> Floats:
        embedded = self.embedding[ids]
        convolutions = self.network.encoder_convolutions()
        *pieces, last = self._pieces(embedded)
        convolved = []
        for piece in pieces:
            convolved.append(convolutions.feed(piece))
            check()
        x = np.concatenate([*convolved, convolutions.finish(last)])
        check()
        there, back = self.network.encoder_lstm(backward=False), self.network.encoder_lstm(backward=True)
        states: tuple[list[Floats], list[Floats]] = ([], [])
        for lstm, source, out in ((there, x, states[0]), (back, np.ascontiguousarray(x[::-1]), states[1])):
            for piece in self._pieces(source):
                out.append(lstm.feed(piece))
                check()
        return np.concatenate([np.concatenate(states[0]), np.concatenate(states[1])[::-1]], axis=1)

    def _pieces(self, frames: Floats) -> Iterator[Floats]:
        for first in range(0, len(frames), self.symbols_at_once):
            yield frames[first : first + self.symbols_at_once]

    def decode(self, memory: Floats, seed: int) -> Decoder:
        return self.network.decode(np.ascontiguousarray(memory), seed)

    def postnet(self) -> Postnet:
        return Postnet(self.network.postnet(), self.mean, self.deviation)


class Postnet:
    """See Features."""

    def __init__(self, convolutions: _native.Convolutions, mean: Floats, deviation: Floats) -> None:
        self._convolutions, self._mean, self._deviation = convolutions, mean, deviation
        self._waiting: Floats = np.zeros((0, len(mean)), np.float32)

    def feed(self, frames: Floats) -> Floats:
        self._waiting = np.concatenate([self._waiting, frames])
        return self._restored(self._convolutions.feed(frames))

    def finish(self) -> Floats:
        return self._restored(self._convolutions.finish(self._waiting[:0]))

    def _restored(self, residual: Floats) -> Floats:
        coarse, self._waiting = self._waiting[: len(residual)], self._waiting[len(residual) :]
        return (coarse + residual) * self._deviation + self._mean
