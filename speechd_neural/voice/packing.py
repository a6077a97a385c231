"""From the training models' weights (torch's names, as numpy) to the arrays of a bundle, named as the runtime reads them.

What every family of networks packs with; `voice/families/` says what each has. Batch normalization is folded into the
convolution before it. Large matrices are int8 with a scale per row (NAME and NAME.scale), small ones float16, biases
float32.
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
