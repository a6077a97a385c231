"""The same weights through torchaudio's models and through the reference models: the same mels, the same logits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from public_models import livened, public_module
from torch.nn import functional

from speechd_neural.voice.importers import nvidia
from speechd_neural.voice.importers.voice import read_half
from speechd_neural.voice.models.tacotron2 import Tacotron2
from speechd_neural.voice.models.wavernn import WaveRNN, WaveRNNDims, expand_mu_law

IDS = torch.tensor([19, 16, 23, 23, 26, 11, 34, 26, 29, 23, 15, 7])


def saved(path: Path, model: Any) -> Path:
    torch.save(model.state_dict(), path)
    return path


def test_tacotron2_at_full_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    public = livened(public_module("tacotron2").Tacotron2(n_symbol=38, decoder_max_step=40, decoder_early_stopping=False))
    imported = read_half(saved(tmp_path / "tacotron2.pth", public))
    dims, state = nvidia.tacotron2(tmp_path, {k: v.numpy() for k, v in public.state_dict().items()})
    assert (dims.decoder_rnn, dims.attention_rnn, dims.embedding, dims.prenet) == (1024, 1024, 512, 256)
    ours = Tacotron2(dims).eval()
    ours.load_state_dict({k: torch.from_numpy(v) for k, v in imported.state.items()}, strict=False)
    assert state.keys() == imported.state.keys()
    # The prenet's dropout is the only chance in it: both get the same masks.
    masks = (torch.rand(40, 2, dims.prenet, generator=torch.Generator().manual_seed(1)) < 0.5).float() * 2
    drawn = iter(masks.reshape(80, 1, -1))

    def dropout(x: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
        return x * next(drawn) if training else x

    with monkeypatch.context() as patched, torch.no_grad(), pytest.warns(UserWarning, match="max decoder steps"):
        patched.setattr(functional, "dropout", dropout)
        mel, _, attention = public.infer(IDS[None])
    features, weights, _ = ours.infer(IDS, masks, 40, threshold=2.0)
    torch.testing.assert_close(features, mel[0].T, atol=2e-4, rtol=1e-3)
    torch.testing.assert_close(weights, attention[0], atol=1e-5, rtol=1e-3)


def test_wavernn_at_full_size(tmp_path: Path) -> None:
    torch.manual_seed(1)
    # The pipeline's model reads 80 bands; its default of 128 is for another input.
    public = livened(public_module("wavernn").WaveRNN([5, 5, 11], 256, 275, n_freq=80))
    imported = read_half(saved(tmp_path / "wavernn.pth", public))
    ours = WaveRNN(WaveRNNDims()).eval()
    ours.load_state_dict({k: torch.from_numpy(v) for k, v in imported.state.items()}, strict=False)
    mel, frames = torch.rand(1, 80, 6), 6
    samples = torch.rand(1, frames * 275) * 2 - 1
    padded = functional.pad(mel, (2, 2))
    with torch.no_grad():
        theirs = public(samples[:, None], padded[:, None])[0, 0]
        found = ours(samples, mel)[0]
    torch.testing.assert_close(found, theirs, atol=1e-4, rtol=1e-3)


def test_expansion_is_torchaudios() -> None:
    labels = torch.arange(256)
    x = labels / 255 * 2 - 1  # torchaudio.functional.mu_law_decoding, in its words
    theirs = x.sign() * (torch.exp(x.abs() * torch.log1p(torch.tensor(255.0))) - 1.0) / 255
    torch.testing.assert_close(expand_mu_law(2 * labels / 255 - 1, 8), theirs)
