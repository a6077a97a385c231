"""The networks of a bundle in torch, on a GPU or wherever torch computes: the counterpart of voice/runtime.py."""

from __future__ import annotations

import gc
import os
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from speechd_neural.arrays import Floats
from speechd_neural.errors import VoiceError
from speechd_neural.voice.acoustics import Acoustic, Check, Decoder, Features
from speechd_neural.voice.bundle import Bundle
from speechd_neural.voice.families import ACOUSTICS, VOCODERS
from speechd_neural.voice.gpu.folds import ROWS, FoldedRun, TorchVocoder
from speechd_neural.voice.gpu.replay import CAPTURING
from speechd_neural.voice.gpu.tacotron2 import AT_ONCE, SIZES, TorchTacotron2


class TorchRuntime:
    """See runtime.Runtime. half: large matrices in bfloat16; folded: long stretches are spoken in parallel.

    Raises VoiceError for weights that do not fit, RuntimeError (torch's) where the device does not do its part.
    """

    gather = 1.0
    shortest = 3

    def __init__(
        self, bundle: Bundle, device: str = "cuda", *, half: bool = False, folded: bool = True, warm: bool = True
    ) -> None:
        manifest, arrays = bundle.manifest, bundle.arrays
        # Convolutions and LSTMs, unlike products, would be rounded to ten bits on newer GPUs if nothing was said.
        torch.backends.cudnn.allow_tf32 = False
        # Else an LSTM's sums may come in another order the next time (PyTorch, "cuDNN RNN determinism").
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:2")
        self.device = torch.device(device)
        self.sound = f"{self.device.type}{'-half' if half else ''}{'' if folded else '-single'}"
        self.folded = folded
        self.mean, self.deviation = (np.asarray(arrays[f"feature_{name}"], np.float32) for name in ("mean", "deviation"))
        try:
            acoustic, vocoder = manifest.acoustic, manifest.vocoder
            reader = ACOUSTICS[acoustic.family]
            self.acoustic: Acoustic = (
                reader.cpu({name: plain(a) for name, a in arrays.items()}, acoustic, "")
                if reader.gpu is None
                else reader.gpu(arrays, acoustic, self.device, half)
            )
            self.vocoder = TorchVocoder(VOCODERS[vocoder.family].gpu(arrays, vocoder, self.device, half))
        except ValueError as error:
            raise VoiceError(f"{bundle.path}: {error}") from None
        if warm and self.device.type == "cuda":  # graphs are captured now, not while somebody waits
            for rows in ROWS:
                self.vocoder.steps(rows)
            if isinstance(self.acoustic, TorchTacotron2):
                for size in SIZES:
                    for count in AT_ONCE:
                        self.acoustic.steps(size, count)
            self.rehearse()

    def rehearse(self) -> None:
        """Speak a little of nothing: libraries are loaded when they are first used, which takes longer than anybody waits."""
        memory = self.encode(np.zeros(8, np.int64), lambda: None)
        frames = self.decode(memory, 0).run(AT_ONCE[-1])[0]
        postnet, vocoder = self.postnet(), self.speak(0)
        for features in (postnet.feed(frames), postnet.finish()):
            vocoder.feed(features)
        vocoder.end()
        while not vocoder.finished:
            vocoder.run(len(frames))

    def encode(self, ids: npt.NDArray[np.int64], check: Check) -> Floats:
        """Symbols [n] → memory [n, encoder]."""
        return self.acoustic.encode(ids, check)

    def decode(self, memory: Floats, seed: int) -> Decoder:
        return self.acoustic.decode(memory, seed % 2**64)

    def restored(self, frames: Floats) -> Floats:
        return frames * self.deviation + self.mean

    def postnet(self) -> Features:
        return self.acoustic.postnet()

    def speak(self, seed: int) -> FoldedRun:
        return self.vocoder.speak(seed % 2**64, folded=self.folded)


def plain(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """As the CPU's networks take it: float16 as float32."""
    return array if array.dtype == np.int8 else array.astype(np.float32)


def cuda_problem() -> str:
    """Why torch has no CUDA device here; nothing where it has one."""
    if torch.cuda.is_available():
        return ""
    return "no CUDA device is there" if torch.backends.cuda.is_built() else "this PyTorch was built without CUDA"


def release() -> None:
    """Give memory of what is not used any more back to the device."""
    # The daemon has the collector overlook what it has loaded; some of that is to go now.
    frozen = gc.get_freeze_count() > 0
    gc.unfreeze()
    gc.collect()
    if frozen:
        gc.freeze()
    # While another thread captures nobody waits for it here: the next capture gives back what is not used any more.
    if torch.cuda.is_available() and CAPTURING.acquire(blocking=False):
        try:
            torch.cuda.empty_cache()
        finally:
            CAPTURING.release()
