"""The networks of a bundle on the CPU: numpy arrays around the native kernels. Never imports torch.

Everything runs in pieces of a few milliseconds, and its result does not depend on how it is cut: convolutions keep
the frames they still need, recurrent layers their state, random numbers depend on their index alone.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Floats
from speechd_neural.errors import ConfigError, VoiceError
from speechd_neural.voice import _native
from speechd_neural.voice.acoustics import Acoustic, Check, Decoder, Features
from speechd_neural.voice.bundle import Bundle
from speechd_neural.voice.families import ACOUSTICS, VOCODERS
from speechd_neural.voice.vocoders import VocoderRun

BUDGET = 3.0  # milliseconds that a call into the kernels may take before cancellation is looked at


class Runtime(Protocol):
    """The networks of a voice on some device. What is spoken depends on the voice, the seed and `sound` alone."""

    sound: str  # names what makes it sound other than the CPU's runtime; "" for that
    mean: Floats  # of the features, in the contract's numbers
    gather: float  # frames to be ahead with decoding for each frame handed over: who speaks many at a time wants them
    shortest: int  # frames of a chunk at least

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


class CpuRuntime:
    """`cpu`: the processor path to use, "" for the fastest; raises ConfigError that lists what is accepted.

    `threads`: for a full-band vocoder, 0 for as many as suit; what is spoken does not depend on it.
    """

    sound = ""

    def __init__(self, bundle: Bundle, cpu: str = "", threads: int = 0) -> None:
        try:
            self.path: str = _native.chosen(cpu)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        manifest = bundle.manifest
        arrays = {name: a if a.dtype == np.int8 else a.astype(np.float32) for name, a in bundle.arrays.items()}
        family = VOCODERS[manifest.vocoder.family]
        self.gather, self.shortest = family.gather, family.shortest
        try:
            self.acoustic: Acoustic = ACOUSTICS[manifest.acoustic.family].cpu(arrays, manifest.acoustic, cpu)
            self.vocoder = family.cpu(arrays, manifest.vocoder, cpu, threads)
        except ValueError as error:
            raise VoiceError(f"{bundle.path}: {error}") from None
        self.mean, self.deviation = arrays["feature_mean"], arrays["feature_deviation"]

    def encode(self, ids: npt.NDArray[np.int64], check: Check) -> Floats:
        return self.acoustic.encode(ids, check)

    def decode(self, memory: Floats, seed: int) -> Decoder:
        return self.acoustic.decode(memory, seed % 2**64)

    def restored(self, frames: Floats) -> Floats:
        return frames * self.deviation + self.mean

    def postnet(self) -> Features:
        return self.acoustic.postnet()

    def speak(self, seed: int) -> VocoderRun:
        return self.vocoder.speak(seed % 2**64)
