"""From the training models' weights (torch's names, as numpy) to the arrays of a bundle, named as the runtime reads them.

Batch normalization is folded into the convolution before it; what the decoder's LSTMs read is split by source, so
that every part has its own scale; the location layers of the attention become one matrix. Large matrices are int8
with a scale per row (NAME and NAME.scale), small ones float16, biases float32.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Array
from speechd_neural.errors import VoiceError
from speechd_neural.voice.quantize import quantize_rows, relative_error

State = Mapping[str, Array]

NORM_EPSILON = 1e-5  # torch.nn.BatchNorm1d's


class Packer:
    """Collects arrays; `errors` holds the relative quantization error of every int8 matrix."""

    def __init__(self, state: State, what: str) -> None:
        self.state, self.what = state, what
        self.arrays: dict[str, Array] = {}
        self.errors: dict[str, float] = {}

    def get(self, name: str) -> npt.NDArray[np.float32]:
        if name not in self.state:
            raise VoiceError(f"{self.what}: weights without {name!r}")
        value = np.asarray(self.state[name], np.float32)
        if not np.isfinite(value).all():
            raise VoiceError(f"{self.what}: {name!r} holds values that are not finite")
        return value

    def small(self, name: str, value: Array) -> None:
        self.arrays[name] = np.asarray(value, np.float16 if value.ndim > 1 else np.float32)

    def large(self, name: str, matrix: Array) -> None:
        values, scale = quantize_rows(matrix)
        self.arrays[name], self.arrays[f"{name}.scale"] = values, scale
        self.errors[name] = relative_error(matrix, values, scale)

    def convolution(self, name: str, weight: Array, bias: Array, large: bool) -> None:
        """weight [outputs, inputs, kernel] → [outputs, kernel · inputs], tap by tap."""
        flat = np.ascontiguousarray(weight.transpose(0, 2, 1)).reshape(len(weight), -1)
        (self.large if large else self.small)(f"{name}.weight", flat)
        self.small(f"{name}.bias", bias)

    def normalized_convolution(self, name: str, source: str) -> None:
        """Convolution SOURCE.0 and batch normalization SOURCE.1 as one convolution."""
        self.convolution(name, *self.folded(f"{source}.0", f"{source}.1"), large=True)

    def folded(self, convolution: str, norm: str) -> tuple[Array, Array]:
        """Weight and bias of a convolution (with or without a bias) with the batch normalization behind it."""
        gain = self.get(f"{norm}.weight") / np.sqrt(self.get(f"{norm}.running_var") + NORM_EPSILON)
        own = self.get(f"{convolution}.bias") if f"{convolution}.bias" in self.state else np.float32(0)
        bias = (own - self.get(f"{norm}.running_mean")) * gain + self.get(f"{norm}.bias")
        return self.get(f"{convolution}.weight") * gain[:, None, None], bias


def pack_tacotron2(state: State, dims: Mapping[str, int]) -> Packer:
    """The state of models.tacotron2.Tacotron2."""
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


def pack_tacotron1(state: State, dims: Mapping[str, int]) -> Packer:
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


def pack_multiband(state: State) -> Packer:
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


def pack_fullband(state: State, dims: Mapping[str, int]) -> Packer:
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
