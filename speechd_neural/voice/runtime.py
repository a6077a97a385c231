"""The networks of a bundle on the CPU: numpy arrays around the native kernels. Never imports torch.

Everything runs in pieces of a few milliseconds, and its result does not depend on how it is cut: convolutions keep
the frames they still need, recurrent layers their state, random numbers depend on their index alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import ConfigError, VoiceError
from speechd_neural.voice import _native
from speechd_neural.voice.bundle import Bundle
from speechd_neural.voice.vocoders import VOCODERS, VocoderRun

Floats = npt.NDArray[np.float32]
Check = Callable[[], None]


class Decoder(Protocol):
    """The step by step part of the acoustic model, at some step."""

    def run(
        self, steps: int, milliseconds: float = ..., until: int = ...
    ) -> tuple[Floats, npt.NDArray[np.int32], Floats, Floats]:
        """At most `steps` steps, fewer where the time is up or attention has reached symbol `until`.

        → standardized frames [n · frames_per_step, F], positions [n], gate logits [n], attention [n, symbols].
        """
        ...

    def copy(self) -> Decoder: ...

    def reseed(self, seed: int) -> None: ...


class Features(Protocol):
    """Decoder frames [n, F] → features in the contract's numbers, as far as the frames behind them are known."""

    def feed(self, frames: Floats) -> Floats: ...

    def finish(self) -> Floats: ...


class Runtime(Protocol):
    """The networks of a voice on some device. What is spoken depends on the voice, the seed and `sound` alone."""

    sound: str  # names what makes it sound other than the CPU's runtime; "" for that
    gather: float  # frames to decode before more is spoken, for each frame handed over: a GPU wants much at a time

    def encode(self, ids: npt.NDArray[np.int64], check: Check) -> Floats:
        """Symbols [n] → memory [n, encoder]; `check` is called every few milliseconds."""
        ...

    def decode(self, memory: Floats, seed: int) -> Decoder:
        """A decoder at its first step."""
        ...

    def restored(self, frames: Floats) -> Floats:
        """Decoder frames [n, F] in the contract's numbers, without the postnet's last touch."""
        ...

    def postnet(self) -> Features: ...

    def speak(self, seed: int) -> VocoderRun:
        """A vocoder at its first frame."""
        ...


BUDGET = 3.0  # milliseconds that a call into the kernels may take before cancellation is looked at
PRODUCTS_AT_ONCE = 50_000_000  # multiplications of the encoder within that budget


class CpuRuntime:
    """`cpu`: the processor path to use, "" for the fastest; raises ConfigError that lists what is accepted.

    `threads`: for a full-band vocoder, 0 for as many as suit; what is spoken does not depend on it.
    """

    sound, gather = "", 0.0

    def __init__(self, bundle: Bundle, cpu: str = "", threads: int = 0) -> None:
        try:
            self.path: str = _native.chosen(cpu)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        manifest = bundle.manifest
        arrays = {name: a if a.dtype == np.int8 else a.astype(np.float32) for name, a in bundle.arrays.items()}
        shape = (manifest.acoustic.dims["n_symbols"], manifest.acoustic.dims["embedding"])
        width = (manifest.contract.n_features,)
        for name, expected in (("encoder.embedding", shape), ("feature_mean", width), ("feature_deviation", width)):
            if name not in arrays or arrays[name].shape != expected or arrays[name].dtype != np.float32:
                found = f"{arrays[name].dtype} {list(arrays[name].shape)}" if name in arrays else "missing"
                raise VoiceError(f"{bundle.path}: {name}: {found}; expected float {list(expected)}")
        self.embedding = arrays["encoder.embedding"]
        self.mean, self.deviation = arrays["feature_mean"], arrays["feature_deviation"]
        dims = manifest.acoustic.dims
        per_symbol = dims["encoder"] ** 2 * dims["encoder_kernel"] * dims["encoder_layers"]
        self.symbols_at_once = max(1, PRODUCTS_AT_ONCE // per_symbol)
        self.temperature = manifest.vocoder.options.get("temperature", 1.0)
        try:
            self.acoustic = _native.Tacotron2(arrays, manifest.acoustic.dims, cpu)
            build = VOCODERS[manifest.vocoder.family]
            self.vocoder = build(arrays, manifest.vocoder, cpu, threads)
        except ValueError as error:
            raise VoiceError(f"{bundle.path}: {error}") from None

    def encode(self, ids: npt.NDArray[np.int64], check: Check) -> Floats:
        """Symbols [n] → memory [n, encoder]; `check` is called every few milliseconds."""
        embedded = self.embedding[ids]
        convolutions = self.acoustic.encoder_convolutions()
        pieces = []
        for piece in self._pieces(embedded):
            pieces.append(convolutions.feed(piece))
            check()
        x = np.concatenate([*pieces, convolutions.finish()])
        there, back = self.acoustic.encoder_lstm(backward=False), self.acoustic.encoder_lstm(backward=True)
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
        """A decoder at its first step."""
        return self.acoustic.decode(np.ascontiguousarray(memory), seed % 2**64)

    def restored(self, frames: Floats) -> Floats:
        """Decoder frames [n, F] in the contract's numbers, without the postnet's last touch."""
        return frames * self.deviation + self.mean

    def postnet(self) -> Postnet:
        return Postnet(self.acoustic.postnet(), self.mean, self.deviation)

    def speak(self, seed: int) -> VocoderRun:
        """A vocoder at its first frame."""
        return self.vocoder.speak(seed % 2**64, self.temperature)


class Postnet:
    """Decoder frames [n, F] → features in the contract's numbers, as far as the frames behind them are known."""

    def __init__(self, convolutions: _native.Convolutions, mean: Floats, deviation: Floats) -> None:
        self._convolutions, self._mean, self._deviation = convolutions, mean, deviation
        self._waiting: Floats = np.zeros((0, len(mean)), np.float32)

    def feed(self, frames: Floats) -> Floats:
        self._waiting = np.concatenate([self._waiting, frames])
        return self._restored(self._convolutions.feed(frames))

    def finish(self) -> Floats:
        return self._restored(self._convolutions.finish())

    def _restored(self, residual: Floats) -> Floats:
        coarse, self._waiting = self._waiting[: len(residual)], self._waiting[len(residual) :]
        return (coarse + residual) * self._deviation + self._mean
