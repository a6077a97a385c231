"""The networks of a bundle in torch, on a GPU or wherever torch computes: the counterpart of voice/runtime.py."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from speechd_neural.errors import VoiceError
from speechd_neural.voice.bundle import Bundle
from speechd_neural.voice.gpu.folds import ROWS, FoldedRun, TorchVocoder
from speechd_neural.voice.gpu.networks import build
from speechd_neural.voice.gpu.tacotron2 import TorchDecoder, TorchTacotron2
from speechd_neural.voice.runtime import Check

Floats = npt.NDArray[np.float32]


class TorchRuntime:
    """See runtime.Runtime. half: large matrices in bfloat16; folded: long stretches are spoken in parallel.

    Raises VoiceError for weights that do not fit, RuntimeError (torch's) where the device does not do its part.
    """

    gather = 1.0

    def __init__(
        self, bundle: Bundle, device: str = "cuda", *, half: bool = False, folded: bool = True, warm: bool = True
    ) -> None:
        manifest, arrays = bundle.manifest, bundle.arrays
        self.device = torch.device(device)
        self.sound = f"{self.device.type}{'-half' if half else ''}{'' if folded else '-single'}"
        self.folded = folded
        self.mean, self.deviation = (np.asarray(arrays[f"feature_{name}"], np.float32) for name in ("mean", "deviation"))
        try:
            self.acoustic = self._acoustic(bundle, arrays, half)
            self.vocoder = TorchVocoder(build(arrays, manifest.vocoder, self.device, half))
        except ValueError as error:
            raise VoiceError(f"{bundle.path}: {error}") from None
        if warm and self.device.type == "cuda":  # graphs are captured now, not while somebody waits
            for rows in ROWS:
                self.vocoder.steps(rows)
            if isinstance(self.acoustic, TorchTacotron2):
                for count in (1, 8):
                    self.acoustic.steps(1, count)

    def _acoustic(self, bundle: Bundle, arrays: Mapping[str, Any], half: bool) -> TorchTacotron2:
        return TorchTacotron2(arrays, bundle.manifest.acoustic.dims, self.device, half)

    def encode(self, ids: npt.NDArray[np.int64], check: Check) -> Floats:
        """Symbols [n] → memory [n, encoder]."""
        return self.acoustic.encode(ids, check)

    def decode(self, memory: Floats, seed: int) -> TorchDecoder:
        return self.acoustic.decode(memory, seed % 2**64)

    def restored(self, frames: Floats) -> Floats:
        return frames * self.deviation + self.mean

    def postnet(self) -> TorchPostnet:
        return TorchPostnet(self.acoustic, self.mean, self.deviation)

    def speak(self, seed: int) -> FoldedRun:
        return self.vocoder.speak(seed % 2**64, folded=self.folded)


class TorchPostnet:
    """See runtime.Postnet. What the frames to come could change is computed again when they are there."""

    def __init__(self, acoustic: TorchTacotron2, mean: Floats, deviation: Floats) -> None:
        self._acoustic, self._mean, self._deviation = acoustic, mean, deviation
        self._frames: Floats = np.zeros((0, len(mean)), np.float32)
        self._done = 0  # of these frames, those handed over

    def feed(self, frames: Floats) -> Floats:
        self._frames = np.concatenate([self._frames, frames])
        return self._until(len(self._frames) - self._acoustic.reach)

    def finish(self) -> Floats:
        return self._until(len(self._frames))

    def _until(self, end: int) -> Floats:
        if end <= self._done:
            return self._frames[:0]
        change = self._acoustic.refine(torch.from_numpy(self._frames).to(self._acoustic.device)).cpu().numpy()
        fine = (self._frames + change)[self._done : end] * self._deviation + self._mean
        forget = max(0, end - self._acoustic.reach)
        self._frames, self._done = self._frames[forget:], end - forget
        return fine


def cuda_problem() -> str:
    """Why torch has no CUDA device here; nothing where it has one."""
    if torch.cuda.is_available():
        return ""
    return "no CUDA device is there" if torch.backends.cuda.is_built() else "this PyTorch was built without CUDA"


def release() -> None:
    """Give memory of what is not used any more back to the device."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
