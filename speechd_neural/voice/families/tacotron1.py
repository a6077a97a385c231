"""Tacotron (Wang et al. 2017), as fatchord's repository has it; public checkpoints are imported, none is trained here.

Its manifest also has `stop`, the level below which it ends, and `dropout`, 0 or 1: whether it speaks with it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from speechd_neural.arrays import Arrays
from speechd_neural.voice.acoustics import Acoustic
from speechd_neural.voice.family import AcousticFamily, Half
from speechd_neural.voice.packing import NORM_EPSILON, Packer, State

DIMS = (
    "n_symbols", "n_features", "frames_per_step", "embedding", "encoder_prenet", "encoder", "encoder_bank",
    "prenet_first", "prenet", "attention", "location_kernel", "decoder_rnn", "postnet", "postnet_bank",
    "postnet_project", "highways",
)  # fmt: skip


def pack(state: State, dims: Mapping[str, int]) -> Packer:
    """The state of models.tacotron1.Tacotron1. What the decoder reads at every step is int8, the rest float16."""
    packer = Packer(state, "acoustic model")
    get, context = packer.get, 2 * dims["encoder"]
    packer.small("encoder.embedding", get("encoder.embedding.weight"))
    for name in ("encoder.prenet", "prenet"):
        for part in ("first", "second"):
            packer.small(f"{name}.{part}", get(f"{name}.{part}.weight"))
            packer.small(f"{name}.{part}.bias", get(f"{name}.{part}.bias"))
    _pack_cbhg(packer, "encoder.cbhg", dims["encoder_bank"], dims["highways"])
    weight = get("attention_rnn.weight_ih")
    packer.large("decoder.attention_rnn.context", weight[:, :context])
    packer.large("decoder.attention_rnn.prenet", weight[:, context:])
    packer.large("decoder.attention_rnn.state", get("attention_rnn.weight_hh"))
    for kind in ("ih", "hh"):
        packer.small(f"decoder.attention_rnn.bias_{kind}", get(f"attention_rnn.bias_{kind}"))
    packer.small("decoder.key", get("key.weight"))
    packer.small("decoder.query", get("attention.query.weight"))
    filters, location = get("attention.location_conv.weight"), get("attention.location.weight")
    packer.small("decoder.location", location @ filters.reshape(len(filters), -1))
    packer.small("decoder.energy.bias", get("attention.query.bias") + get("attention.location.bias"))
    packer.small("decoder.score", get("attention.score.weight")[0])
    packer.large("decoder.enter.context", get("enter.weight")[:, :context])
    packer.large("decoder.enter.query", get("enter.weight")[:, context:])
    packer.small("decoder.enter.bias", get("enter.bias"))
    for i in range(2):
        packer.large(f"decoder.lstm{i}.input", get(f"lstm.{i}.weight_ih"))
        packer.large(f"decoder.lstm{i}.state", get(f"lstm.{i}.weight_hh"))
        packer.small(f"decoder.lstm{i}.bias", get(f"lstm.{i}.bias_ih") + get(f"lstm.{i}.bias_hh"))
    packer.small("decoder.frames", get("frames.weight"))
    _pack_cbhg(packer, "postnet", dims["postnet_bank"], dims["highways"])
    packer.small("postnet.leave", get("leave.weight"))
    packer.small("feature_mean", get("feature_mean"))
    packer.small("feature_deviation", get("feature_deviation"))
    return packer


def _pack_cbhg(packer: Packer, name: str, bank: int, highways: int) -> None:
    """models.tacotron1.Cbhg. Behind a ReLU the normalization stays what it is: a gain and a shift."""
    get = packer.get
    layers = [*(f"bank.{i}" for i in range(bank)), "project.0"]
    for layer in layers:
        weight, norm = get(f"{name}.{layer}.conv.weight"), f"{name}.{layer}.norm"
        gain = get(f"{norm}.weight") / np.sqrt(get(f"{norm}.running_var") + NORM_EPSILON)
        packer.small(f"{name}.{layer}", np.ascontiguousarray(weight.transpose(0, 2, 1)).reshape(len(weight), -1))
        packer.small(f"{name}.{layer}.gain", gain)
        packer.small(f"{name}.{layer}.shift", get(f"{norm}.bias") - get(f"{norm}.running_mean") * gain)
    weight, bias = packer.folded(f"{name}.project.1.conv", f"{name}.project.1.norm")
    packer.convolution(f"{name}.project.1", weight, bias, large=False)
    if f"{name}.match.weight" in packer.state:
        packer.small(f"{name}.match", get(f"{name}.match.weight"))
    for i in range(highways):
        for part in ("change", "gate"):
            packer.small(f"{name}.highways.{i}.{part}", get(f"{name}.highways.{i}.{part}.weight"))
            packer.small(f"{name}.highways.{i}.{part}.bias", get(f"{name}.highways.{i}.{part}.bias"))
    for direction, suffix in (("forward", ""), ("backward", "_reverse")):
        for kind in ("ih", "hh"):
            packer.small(f"{name}.{direction}.weight_{kind}", get(f"{name}.rnn.weight_{kind}_l0{suffix}"))
            packer.small(f"{name}.{direction}.bias_{kind}", get(f"{name}.rnn.bias_{kind}_l0{suffix}"))


def cpu(arrays: Arrays, half: Half, path: str) -> Acoustic:
    from speechd_neural.voice.tacotron1 import Tacotron1

    return Tacotron1(arrays, half, path)


# It decodes on the CPU always: its frames are read one after the other, with little to be done for each.
FAMILY = AcousticFamily("tacotron1", DIMS, pack, ranges={"stop": (-1000, 1000), "dropout": (0, 1)}, cpu=cpu)
