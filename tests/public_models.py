"""Public implementations and their weights, made of seeded random numbers: what importers and the full-band vocoder are
tested with. torchaudio's two model files are plain Python and are loaded from its wheel without its native parts."""

from __future__ import annotations

import importlib.util
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from speechd_neural.voice.models.wavernn import WaveRNN, WaveRNNDims

SMALL = {
    "symbol_embedding_dim": 32, "encoder_embedding_dim": 32, "decoder_rnn_dim": 32, "attention_rnn_dim": 32,
    "attention_hidden_dim": 16, "prenet_dim": 16, "postnet_embedding_dim": 32,
}  # fmt: skip
FATCHORD_NAMES = [
    ("frame_network.enter_norm.", "upsample.resnet.batch_norm."), ("frame_network.enter.", "upsample.resnet.conv_in."),
    ("frame_network.leave.", "upsample.resnet.conv_out."), ("frame_network.blocks.", "upsample.resnet.layers."),
    (".first_norm.", ".batch_norm1."), (".second_norm.", ".batch_norm2."), (".first.", ".conv1."), (".second.", ".conv2."),
    ("gru1.", "rnn1."), ("gru2.", "rnn2."),
]  # fmt: skip


def model_file(name: str) -> Path | None:
    """torchaudio/models/NAME.py of the installed distribution, or None where torchaudio is not installed."""
    try:
        return Path(str(distribution("torchaudio").locate_file(f"torchaudio/models/{name}.py")))
    except PackageNotFoundError:
        return None


def public_module(name: str) -> ModuleType:
    file = model_file(name)
    assert file is not None, "pip install --no-deps torchaudio==2.11.0"
    spec = importlib.util.spec_from_file_location(f"public_{name}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@torch.no_grad()
def livened(model: Any, seed: int = 0) -> Any:
    """The model with statistics and biases that are not the trivial ones."""
    torch.manual_seed(seed)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
            module.weight.uniform_(0.5, 1.5)
            module.bias.normal_(0, 0.1)
    return model.eval()


def save_fatchord(path: Path, dims: WaveRNNDims, **changed: Any) -> Path:
    state = {}
    for name, value in livened(WaveRNN(dims)).state_dict().items():
        if name.startswith("stretch.smooth."):
            name, value = f"upsample.up_layers.{2 * int(name[-1]) + 1}.weight", value[None]
        if name.startswith("enter."):
            name = "I." + name.removeprefix("enter.")
        for ours, theirs in FATCHORD_NAMES:
            name = name.replace(ours, theirs)
        state[name] = value
    torch.save({**state, "step": torch.tensor([7]), **changed}, path)
    return path


def write_public_voice(folder: Path, out: Path, vocoder: Path) -> Path:
    """A voice imported from a small Tacotron2 with torchaudio's names and from `vocoder`, a saved checkpoint."""
    from speechd_neural.voice.importers.voice import import_voice

    torch.manual_seed(3)
    acoustic = public_module("tacotron2").Tacotron2(n_symbol=38, **SMALL)
    torch.save(livened(acoustic).state_dict(), folder / "tacotron2.pth")
    import_voice([folder / "tacotron2.pth", vocoder], out, name="public", languages=["en-US"], licence="x", provenance="y")
    return out
