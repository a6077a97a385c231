"""The multi-band WaveRNN: one step of one network makes a sample of each sub-band."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from speechd_neural.arrays import Arrays, Floats
from speechd_neural.voice.family import Device, Half, VocoderFamily
from speechd_neural.voice.packing import Packer, State
from speechd_neural.voice.vocoders import Vocoder

DIMS = ("n_features", "bands", "order", "conditioning", "gru", "hidden", "mixtures")


def pack(state: State, dims: Mapping[str, int]) -> Packer:
    """The state of models.multiband.MultiBandWaveRNN."""
    packer = Packer(state, "vocoder")
    get = packer.get
    for i, name in enumerate(("first", "second")):
        source = f"conditioning.{name}"
        packer.convolution(f"vocoder.conditioning{i + 1}", get(f"{source}.weight"), get(f"{source}.bias"), large=False)
    packer.small("vocoder.conditioning3.weight", get("conditioning.third.weight"))
    packer.small("vocoder.conditioning3.bias", get("conditioning.third.bias"))
    for name in ("gates_of_conditioning", "hidden_of_conditioning"):
        packer.small(f"vocoder.{name}.weight", get(f"{name}.weight"))
        packer.small(f"vocoder.{name}.bias", get(f"{name}.bias"))
    packer.small("vocoder.gates_of_input", get("gates_of_input.weight"))
    packer.large("vocoder.state", get("gru.weight_hh"))
    packer.small("vocoder.state.bias", get("gru.bias_hh"))
    packer.large("vocoder.hidden", get("hidden_of_state.weight"))
    packer.small("vocoder.output", get("output.weight"))
    packer.small("vocoder.output.bias", get("output.bias"))
    return packer


def model() -> tuple[Any, Any]:
    from speechd_neural.voice.models.multiband import MultiBandDims, MultiBandWaveRNN

    return MultiBandDims, MultiBandWaveRNN


def temperatures(half: Half) -> Floats:
    """How freely each band of unvoiced and of voiced sound is drawn: [2, bands].

    Noise is what an unvoiced sound consists of, and hoarseness in a voiced one, most of all in its lowest bands; so a voice may
    draw them apart. `temperature` is that of voiced sound, which goes in even steps to `temperature_top` in the highest
    band; `temperature_unvoiced` holds for all bands. Both are as `temperature` where a voice does not tell them.
    """
    lowest, bands = half.temperature, half.dims["bands"]
    voiced = np.linspace(lowest, half.options.get("temperature_top", lowest), bands)
    unvoiced = np.full(bands, half.options.get("temperature_unvoiced", lowest))
    return np.stack([unvoiced, voiced]).astype(np.float32)


def cpu(arrays: Arrays, half: Half, path: str, threads: int) -> Vocoder:
    """The kernels, on one thread. Raises ValueError that names the array or size that does not fit."""
    from speechd_neural.voice import _native
    from speechd_neural.voice.subbands import BandPrediction, FilterBank

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
        factor * contract.mean, bank.synthesis_filters.astype(np.float32), temperatures(half), path,
    )  # fmt: skip


def gpu(arrays: Arrays, half: Half, device: Device, bfloat16: bool) -> Any:
    from speechd_neural.voice.gpu.networks import MultiBandNetwork

    return MultiBandNetwork(arrays, half, device, bfloat16, temperatures(half))


FAMILY = VocoderFamily(
    "multiband", DIMS, pack, model=model, trainer="multiband", options={"temperature": 0.7},
    ranges={"comb": (0, 1), "temperature_top": (0, 2), "temperature_unvoiced": (0, 2)}, cpu=cpu, gpu=gpu,
)  # fmt: skip
