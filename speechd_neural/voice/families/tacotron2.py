"""Tacotron 2 (Shen et al. 2018), its attention kept to a window where it was trained so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from speechd_neural.arrays import Arrays
from speechd_neural.voice.acoustics import WINDOW, Acoustic
from speechd_neural.voice.family import AcousticFamily, Device, Half
from speechd_neural.voice.packing import Packer, State

DIMS = (
    "n_symbols", "n_features", "frames_per_step", "embedding", "encoder", "encoder_kernel", "encoder_layers", "prenet",
    "attention_rnn", "attention", "location_kernel", "decoder_rnn", "postnet", "postnet_kernel", "postnet_layers",
    "window", "back", "ahead",
)  # fmt: skip


def pack(state: State, dims: Mapping[str, int]) -> Packer:
    """The state of models.tacotron2.Tacotron2. What the decoder's LSTMs read is split by source, so that every part has its
    own scale; the location layers of the attention become one matrix."""
    packer = Packer(state, "acoustic model")
    get = packer.get
    packer.small("encoder.embedding", get("encoder.embedding.weight"))
    for i in range(dims["encoder_layers"]):
        packer.normalized_convolution(f"encoder.convolution{i}", f"encoder.convolutions.{i}")
    for direction in ("forward", "backward"):
        source = f"encoder.{direction}_lstm"
        packer.large(f"encoder.{direction}.input", get(f"{source}.weight_ih"))
        packer.large(f"encoder.{direction}.state", get(f"{source}.weight_hh"))
        packer.small(f"encoder.{direction}.bias", get(f"{source}.bias"))
    for i in range(2):
        packer.small(f"decoder.prenet{i + 1}", get(f"prenet.{i}.weight"))
    for rnn, first, width in (("attention_rnn", "prenet", dims["prenet"]), ("decoder_rnn", "query", dims["attention_rnn"])):
        weight = get(f"{rnn}.weight_ih")
        packer.large(f"decoder.{rnn}.{first}", weight[:, :width])
        packer.large(f"decoder.{rnn}.context", weight[:, width:])
        packer.large(f"decoder.{rnn}.state", get(f"{rnn}.weight_hh"))
        packer.small(f"decoder.{rnn}.bias", get(f"{rnn}.bias"))
    packer.small("decoder.query", get("attention.query.weight"))
    packer.small("decoder.key", get("attention.key.weight"))
    filters = get("attention.location_conv.weight")
    packer.small("decoder.location", get("attention.location.weight") @ filters.reshape(len(filters), -1))
    packer.small("decoder.score", get("attention.score.weight")[0])
    packer.small("decoder.frames", np.concatenate([get("frames.weight"), get("gate.weight")]))
    packer.small("decoder.frames.bias", np.concatenate([get("frames.bias"), get("gate.bias")]))
    for i in range(dims["postnet_layers"]):
        packer.normalized_convolution(f"postnet.convolution{i}", f"postnet.{i}")
    packer.small("feature_mean", get("feature_mean"))
    packer.small("feature_deviation", get("feature_deviation"))
    return packer


def model() -> tuple[Any, Any]:
    from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims

    return Tacotron2Dims, Tacotron2


def cpu(arrays: Arrays, half: Half, path: str) -> Acoustic:
    from speechd_neural.voice.tacotron2 import Tacotron2

    return Tacotron2(arrays, half, path)


def gpu(arrays: Arrays, half: Half, device: Device, bfloat16: bool) -> Acoustic:
    from speechd_neural.voice.gpu.tacotron2 import TorchTacotron2

    return TorchTacotron2(arrays, half.dims, device, bfloat16)


FAMILY = AcousticFamily(
    "tacotron2", DIMS, pack, may_be_0=("window", *WINDOW), defaults=WINDOW, model=model, trainer="tacotron2", cpu=cpu, gpu=gpu
)
