"""The vocoders of the CPU runtime, by family. A new family is a function here and its name in bundle.FAMILIES."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Protocol

import numpy as np

from speechd_neural.arrays import Arrays, Floats
from speechd_neural.voice import _native
from speechd_neural.voice.bundle import Half
from speechd_neural.voice.subbands import BandPrediction, FilterBank

CORES_THAT_HELP = 2  # threads of a full-band vocoder meet five times a sample; more of them wait more than they gain


class VocoderRun(Protocol):
    """A vocoder in the middle of a segment. Every family of vocoders looks like this."""

    @property
    def known(self) -> int:
        """Frames from the beginning that can be had with the features fed so far."""
        ...

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


def multiband(arrays: Arrays, half: Half, cpu: str, threads: int) -> Vocoder:
    """The multi-band vocoder's kernels, on one thread. Raises ValueError that names the array or size that does not fit."""
    dims, contract = half.dims, half.contract
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


def fullband(arrays: Arrays, half: Half, cpu: str, threads: int) -> Vocoder:
    """The full-band vocoder's kernels; threads: 0 for as many as suit. Raises ValueError as multiband does."""
    options, available = half.options, len(os.sched_getaffinity(0))
    if half.contract.pitch:
        raise ValueError("vocoder: the full-band family needs a contract without pitch")
    sizes = {**half.dims, "hop_length": half.contract.hop_length}
    return _native.FullBand(
        arrays, sizes, options.get("mu_law", 0.0) != 0, "input_gain" in options, options.get("input_gain", 1.0),
        options.get("input_shift", 0.0), min(threads or CORES_THAT_HELP, available), cpu,
    )  # fmt: skip


# Frames to decode for each frame handed over before more is spoken. The full-band vocoder speaks two places side by side,
# so it wants to know what comes; at the beginning nothing, since somebody waits.
GATHER = {"multiband": 0.0, "fullband": 2.0}
# Frames of the shortest chunk. Where speaking takes most of real time, it must sound until the next one is there.
SHORTEST = {"multiband": 1, "fullband": 3}

VOCODERS: dict[str, Callable[[Arrays, Half, str, int], Vocoder]] = {"multiband": multiband, "fullband": fullband}
