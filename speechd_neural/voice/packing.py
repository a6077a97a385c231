"""From the training models' weights (torch's names, as numpy) to the arrays of a bundle, named as the runtime reads them.

Batch normalization is folded into the convolution before it; what the decoder's LSTMs read is split by source, so
that every part has its own scale; the location layers of the attention become one matrix. Large matrices are int8
with a scale per row (NAME and NAME.scale), small ones float16, biases float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import VoiceError
from speechd_neural.voice.quantize import quantize_rows, relative_error

Array = npt.NDArray[Any]
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
        gain = self.get(f"{source}.1.weight") / np.sqrt(self.get(f"{source}.1.running_var") + NORM_EPSILON)
        bias = (self.get(f"{source}.0.bias") - self.get(f"{source}.1.running_mean")) * gain + self.get(f"{source}.1.bias")
        self.convolution(name, self.get(f"{source}.0.weight") * gain[:, None, None], bias, large=True)


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
