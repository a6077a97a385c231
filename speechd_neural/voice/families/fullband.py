"""WaveRNN (Kalchbrenner et al. 2018) as fatchord and torchaudio define it; public checkpoints are imported, none is
trained here.

Its manifest also has `mu_law`, 0 or 1, and `input_gain` and `input_shift` where it reads clamp(gain · mel + shift, 0, 1).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from speechd_neural.arrays import Array, Arrays
from speechd_neural.voice.family import Device, Half, VocoderFamily
from speechd_neural.voice.packing import Packer, State
from speechd_neural.voice.vocoders import Vocoder

DIMS = ("n_features", "pad", "residual", "residual_blocks", "auxiliary", "gru", "fc", "outputs")
CORES_THAT_HELP = 2  # its threads meet five times a sample; more of them wait more than they gain


def stretching(kernels: list[Array], pad: int) -> Array:
    """What the stretching layers of models.wavernn.Stretch do to a frame's neighbours: [hop, 2 · pad + 1] float32.

    The layers are linear and treat every frame alike, so a sample's mel is a weighted sum of the frames around it.
    """
    x = np.eye(2 * pad + 1)[:, pad]  # one frame sounds, and is followed through all layers
    for kernel in kernels:
        flat = np.asarray(kernel, np.float64).reshape(-1)
        x = np.convolve(np.repeat(x, len(flat) // 2), flat[::-1], mode="same")
    # Sample i of the frame `distance` ahead of the sounding one hears it from `distance` frames back.
    return np.ascontiguousarray(x.reshape(2 * pad + 1, -1)[::-1].T).astype(np.float32)


def pack(state: State, dims: Mapping[str, int]) -> Packer:
    """The state of models.wavernn.WaveRNN.

    What enters the network before its first GRU is linear, so it is folded into all that reads it: both GRUs' gates
    and the first hidden layer ("mel", "sample", "auxiliary1" have 3·gru + 3·gru + fc rows).
    """
    packer = Packer(state, "vocoder")
    get, gru = packer.get, dims["gru"]
    packer.convolution("vocoder.enter", *packer.folded("frame_network.enter", "frame_network.enter_norm"), large=False)
    for i in range(dims["residual_blocks"]):
        for part in ("first", "second"):
            source = f"frame_network.blocks.{i}.{part}"
            packer.convolution(f"vocoder.block{i}.{part}", *packer.folded(source, f"{source}_norm"), large=False)
    packer.convolution("vocoder.leave", get("frame_network.leave.weight"), get("frame_network.leave.bias"), large=False)
    kernels = [get(f"stretch.smooth.{i}") for i in range(sum(name.startswith("stretch.smooth.") for name in state))]
    packer.arrays["vocoder.stretch"] = stretching(kernels, dims["pad"])

    second, first_hidden = get("gru2.weight_ih_l0"), get("fc1.weight")
    readers = np.concatenate([get("gru1.weight_ih_l0"), second[:, :gru], first_hidden[:, :gru]]).astype(np.float64)
    enter, mels = get("enter.weight").astype(np.float64), dims["n_features"]
    packer.arrays["vocoder.sample"] = (readers @ enter[:, 0]).astype(np.float32)
    packer.small("vocoder.mel", readers @ enter[:, 1 : 1 + mels])
    packer.small("vocoder.auxiliary1", readers @ enter[:, 1 + mels :])
    packer.small("vocoder.auxiliary2", second[:, gru:])
    packer.small("vocoder.auxiliary3", first_hidden[:, gru:])
    packer.small("vocoder.auxiliary4", get("fc2.weight")[:, dims["fc"] :])
    own = np.concatenate([get("gru1.bias_ih_l0"), get("gru2.bias_ih_l0"), get("fc1.bias")])
    packer.small("vocoder.bias", (readers @ get("enter.bias") + own).astype(np.float32))
    packer.small("vocoder.hidden2.bias", get("fc2.bias"))
    packer.small("vocoder.output.bias", get("fc3.bias"))
    for i in (1, 2):
        packer.large(f"vocoder.state{i}", get(f"gru{i}.weight_hh_l0"))
        packer.small(f"vocoder.state{i}.bias", get(f"gru{i}.bias_hh_l0"))
    packer.large("vocoder.between", second[:, :gru])
    packer.large("vocoder.hidden1", first_hidden[:, :gru])
    packer.large("vocoder.hidden2", get("fc2.weight")[:, : dims["fc"]])
    packer.large("vocoder.output", get("fc3.weight"))
    return packer


def cpu(arrays: Arrays, half: Half, path: str, threads: int) -> Vocoder:
    """The kernels; threads: 0 for as many as suit. Raises ValueError that names the array or size that does not fit."""
    from speechd_neural.voice import _native

    options, available = half.options, len(os.sched_getaffinity(0))
    if half.contract.pitch:
        raise ValueError("vocoder: the full-band family needs a contract without pitch")
    sizes = {**half.dims, "hop_length": half.contract.hop_length}
    return _native.FullBand(
        arrays, sizes, options.get("mu_law", 0.0) != 0, "input_gain" in options, options.get("input_gain", 1.0),
        options.get("input_shift", 0.0), half.temperature, min(threads or CORES_THAT_HELP, available), path,
    )  # fmt: skip


def gpu(arrays: Arrays, half: Half, device: Device, bfloat16: bool) -> Any:
    from speechd_neural.voice.gpu.networks import FullBandNetwork

    return FullBandNetwork(arrays, half, device, bfloat16, half.temperature)


# It speaks two places side by side, so it wants to know what comes; at the beginning nothing, since somebody waits. Where
# speaking takes most of real time, a chunk must sound until the next one is there.
FAMILY = VocoderFamily(
    "fullband", DIMS, pack, ranges={"mu_law": (0, 1), "input_gain": (-1000, 1000), "input_shift": (-1000, 1000)},
    cpu=cpu, gpu=gpu, gather=2.0, shortest=3, heavy=True,
)  # fmt: skip
