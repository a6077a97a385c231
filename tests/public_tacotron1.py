"""Tacotron (1) as fatchord/WaveRNN has it: plain layers under the names of its checkpoints, small and with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from public_models import livened
from torch import nn

from speechd_neural.voice.models.tacotron1 import Tacotron1Dims
from speechd_neural.voice.models.wavernn import WaveRNNDims

DIMS = Tacotron1Dims(embedding=24, encoder_prenet=20, encoder=16, encoder_bank=5, prenet_first=24, prenet=16, attention=32,
                     decoder_rnn=48, postnet=16, postnet_bank=4, postnet_project=24, highways=2)  # fmt: skip
VOCODER = WaveRNNDims(gru=32, fc=32, residual_blocks=1, residual=16, auxiliary=16, bits=9)
MOST_FRAMES = 20  # per step, that the public output layer has rows for


def normed(inputs: int, outputs: int, kernel: int) -> nn.Module:
    return nn.ModuleDict(
        {"conv": nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2, bias=False), "bnorm": nn.BatchNorm1d(outputs)}
    )


def prenet(inputs: int, first: int, second: int) -> nn.Module:
    return nn.ModuleDict({"fc1": nn.Linear(inputs, first), "fc2": nn.Linear(first, second)})


def cbhg(inputs: int, channels: int, bank: int, project: int, highways: int) -> nn.Module:
    parts: dict[str, nn.Module] = {
        "conv1d_bank": nn.ModuleList(normed(inputs, channels, k) for k in range(1, bank + 1)),
        "conv_project1": normed(bank * channels, project, 3), "conv_project2": normed(project, inputs, 3),
        "highways": nn.ModuleList(
            nn.ModuleDict({name: nn.Linear(channels, channels) for name in ("W1", "W2")}) for _ in range(highways)
        ),
        "rnn": nn.GRU(channels, channels, batch_first=True, bidirectional=True),
    }  # fmt: skip
    if inputs != channels:
        parts["pre_highway"] = nn.Linear(inputs, channels, bias=False)
    return nn.ModuleDict(parts)


def public_model(d: Tacotron1Dims, seed: int = 0) -> Any:
    """Layers with the public checkpoint's names."""
    torch.manual_seed(seed)
    context = 2 * d.encoder
    attention = {
        "conv": nn.Conv1d(2, d.location_filters, d.location_kernel, padding=d.location_kernel // 2, bias=False),
        "L": nn.Linear(d.location_filters, d.attention), "W": nn.Linear(d.attention, d.attention),
        "v": nn.Linear(d.attention, 1, bias=False),
    }  # fmt: skip
    decoder = {
        "prenet": prenet(d.n_features, d.prenet_first, d.prenet), "attn_net": nn.ModuleDict(attention),
        "attn_rnn": nn.GRUCell(context + d.prenet, d.attention), "rnn_input": nn.Linear(context + d.attention, d.decoder_rnn),
        "res_rnn1": nn.LSTMCell(d.decoder_rnn, d.decoder_rnn), "res_rnn2": nn.LSTMCell(d.decoder_rnn, d.decoder_rnn),
        "mel_proj": nn.Linear(d.decoder_rnn, d.n_features * MOST_FRAMES, bias=False),
    }  # fmt: skip
    model = nn.ModuleDict({
        "encoder": nn.ModuleDict({
            "embedding": nn.Embedding(d.n_symbols, d.embedding), "pre_net": prenet(d.embedding, d.encoder_prenet, d.encoder),
            "cbhg": cbhg(d.encoder, d.encoder, d.encoder_bank, d.encoder, d.highways),
        }),
        "encoder_proj": nn.Linear(context, d.attention, bias=False), "decoder": nn.ModuleDict(decoder),
        "postnet": cbhg(d.n_features, d.postnet, d.postnet_bank, d.postnet_project, d.highways),
        "post_proj": nn.Linear(2 * d.postnet, d.n_features, bias=False),
    })  # fmt: skip
    return livened(model, seed)


def saved(path: Path, model: Any, d: Tacotron1Dims, later: bool = True, **changed: Any) -> Path:
    state = dict(model.state_dict())
    if later:
        state |= {"decoder.r": torch.tensor(d.frames_per_step, dtype=torch.int), "stop_threshold": torch.tensor(-3.4)}
    else:
        state |= {"r": torch.tensor(d.frames_per_step)}
    state = {k: v for k, v in {**state, "step": torch.tensor([7]), **changed}.items() if v is not None}
    torch.save(state, path)
    return path
