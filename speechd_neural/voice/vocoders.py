"""The vocoders of the CPU runtime, by family. A new family is a function here and its name in bundle.FAMILIES."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from speechd_neural.voice import _native
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.subbands import BandPrediction, FilterBank

Floats = npt.NDArray[np.float32]
Arrays = Mapping[str, npt.NDArray[Any]]


class VocoderRun(Protocol):
    """A vocoder in the middle of a segment. Every family of vocoders looks like this."""

    @property
    def finished(self) -> bool: ...

    def feed(self, features: Floats) -> None:
        """Features in the contract's numbers, [n, F]."""
        ...

    def end(self) -> None:
        """No more features follow."""
        ...

    def run(self, frames: int, milliseconds: float = ...) -> Floats:
        """Samples of at most `frames` more frames, fewer where features are wanted or the time is up."""
        ...


class Vocoder(Protocol):
    """A vocoder with its weights; any number of runs may be under way."""

    def speak(self, seed: int, temperature: float = ...) -> VocoderRun: ...


def multiband(arrays: Arrays, dims: Mapping[str, int], contract: MelContract, cpu: str) -> Vocoder:
    """The multi-band vocoder's kernels. Raises ValueError that names the array or size that does not fit."""
    bands, order = dims["bands"], dims["order"]
    if not contract.pitch:
        raise ValueError("vocoder: the multi-band family needs a contract with pitch")
    if contract.hop_length % bands:
        raise ValueError(f"vocoder: hop_length {contract.hop_length} is not a multiple of {bands} bands")
    bank = FilterBank.create(bands)
    prediction = BandPrediction.create(contract, bank, order)
    step_rate = contract.sample_rate / bands
    # What BandPrediction.__call__ does to the numbers, as constants: energy = exp(gain · mel + shift), lag window.
    factor = 2 / contract.power * (1.0 if contract.log_base == "e" else math.log(10.0))
    window = np.exp(-0.5 * (2 * np.pi * 30.0 / step_rate * np.arange(order + 1)) ** 2)
    sizes = {**dims, "n_mels": contract.n_mels, "steps_per_frame": contract.hop_length // bands}
    return _native.MultiBand(
        arrays, sizes, step_rate, np.ascontiguousarray(prediction.matrix), window, factor * contract.deviation,
        factor * contract.mean, bank.synthesis_filters.astype(np.float32), cpu,
    )  # fmt: skip


VOCODERS: dict[str, Callable[[Arrays, Mapping[str, int], MelContract, str], Vocoder]] = {"multiband": multiband}
