"""Tacotron (1) as github.com/fatchord/WaveRNN pairs it with its WaveRNN (latest_weights.pyt): characters, mels of -4 … 4.

What mels, is in the repository's hparams.py beside the file, as for its WaveRNN. What the model hears and says is
8 · x - 4 of the decibels x that its WaveRNN reads as 0 … 1; the contract is in natural logarithms, as that of the
vocoder. Later versions of the repository store a stop threshold with the weights and speak without dropout in the
decoder's prenet; earlier ones do neither.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import numpy as np

from speechd_neural.errors import VoiceError
from speechd_neural.voice.families.tacotron1 import FAMILY
from speechd_neural.voice.family import Half
from speechd_neural.voice.importers import fatchord, nvidia
from speechd_neural.voice.importers.reading import Imported, State, counted, fitted, renamed, shape
from speechd_neural.voice.models.tacotron1 import Tacotron1, Tacotron1Dims

SYMBOLS = nvidia.SYMBOLS  # both have them from keithito/tacotron
LARGEST_R = 20  # frames per step that the output layer is made for; the first `r` are used
STOP = -3.8  # what the code compared with before there was a threshold
RANGE = 8.0  # -4 … 4

CBHG = [
    (r"\.conv1d_bank\.(\d+)\.conv\.", r".bank.\1.conv."),
    (r"\.conv1d_bank\.(\d+)\.bnorm\.", r".bank.\1.norm."),
    (r"\.conv_project1\.conv\.", ".project.0.conv."),
    (r"\.conv_project1\.bnorm\.", ".project.0.norm."),
    (r"\.conv_project2\.conv\.", ".project.1.conv."),
    (r"\.conv_project2\.bnorm\.", ".project.1.norm."),
    (r"\.pre_highway\.", ".match."),
    (r"\.highways\.(\d+)\.W1\.", r".highways.\1.change."),
    (r"\.highways\.(\d+)\.W2\.", r".highways.\1.gate."),
]
RULES = [
    *CBHG,
    (r"\.pre_net\.", ".prenet."),
    (r"^decoder\.prenet\.", "prenet."),
    (r"prenet\.fc1\.", "prenet.first."),
    (r"prenet\.fc2\.", "prenet.second."),
    (r"^encoder_proj\.", "key."),
    (r"^decoder\.attn_net\.conv\.", "attention.location_conv."),
    (r"^decoder\.attn_net\.L\.", "attention.location."),
    (r"^decoder\.attn_net\.W\.", "attention.query."),
    (r"^decoder\.attn_net\.v\.", "attention.score."),
    (r"^decoder\.attn_rnn\.", "attention_rnn."),
    (r"^decoder\.rnn_input\.", "enter."),
    (r"^decoder\.res_rnn1\.", "lstm.0."),
    (r"^decoder\.res_rnn2\.", "lstm.1."),
    (r"^decoder\.mel_proj\.", "frames."),
    (r"^post_proj\.", "leave."),
]


def recognises(state: State) -> bool:
    return "decoder.attn_net.L.weight" in state and "encoder.cbhg.conv1d_bank.0.conv.weight" in state


def tacotron1(path: Path, public: State) -> tuple[Tacotron1Dims, State]:
    """The weights under the reference model's names. Raises VoiceError that names the array."""
    public = dict(public)
    public.pop("step", None)
    public.pop("stop_threshold", None)
    counts = [public.pop(name) for name in ("decoder.r", "r") if name in public]
    per_step = int(counts[0].reshape(-1)[0]) if counts and counts[0].size else 0
    if not 1 <= per_step <= LARGEST_R:
        raise VoiceError(f"{path}: decoder.r: {per_step if counts else 'missing'}; expected 1 to {LARGEST_R} frames per step")
    state = renamed(public, RULES)
    rows, decoder_rnn = shape(path, state, "frames.weight", 2)
    n_mels = rows // LARGEST_R
    if rows != n_mels * LARGEST_R:
        raise VoiceError(f"{path}: decoder.mel_proj.weight: {rows} rows; expected {LARGEST_R} for each mel band")
    leave = shape(path, state, "leave.weight", 2)
    if leave[0] != n_mels:
        raise VoiceError(f"{path}: post_proj.weight: {leave[0]} rows; a model that ends in {n_mels} mel bands is expected, "
                         "not one that ends in a linear spectrum")  # fmt: skip
    # Rows are mel by mel, for each of them one for every frame of the step.
    frames = state["frames.weight"].reshape(n_mels, LARGEST_R, decoder_rnn)[:, :per_step]
    state["frames.weight"] = np.ascontiguousarray(frames.transpose(1, 0, 2)).reshape(per_step * n_mels, decoder_rnn)
    symbols, embedding = shape(path, state, "encoder.embedding.weight", 2)
    filters, _, kernel = shape(path, state, "attention.location_conv.weight", 3)
    channels = shape(path, state, "encoder.cbhg.bank.0.conv.weight", 3)[0]
    prenet, prenet_first = shape(path, state, "prenet.second.weight", 2)
    dims = Tacotron1Dims(
        n_symbols=symbols, n_features=n_mels, frames_per_step=per_step, embedding=embedding,
        encoder_prenet=shape(path, state, "encoder.prenet.first.weight", 2)[0], encoder=channels,
        encoder_bank=counted(state, "encoder.cbhg.bank.{}.conv.weight"), prenet_first=prenet_first, prenet=prenet,
        attention=shape(path, state, "attention.query.weight", 2)[0], location_filters=filters, location_kernel=kernel,
        decoder_rnn=decoder_rnn, postnet=leave[1] // 2, postnet_bank=counted(state, "postnet.bank.{}.conv.weight"),
        postnet_project=shape(path, state, "postnet.project.0.conv.weight", 3)[0],
        highways=counted(state, "postnet.highways.{}.gate.weight"),
    )  # fmt: skip
    state["feature_mean"], state["feature_deviation"] = np.zeros(n_mels, np.float32), np.ones(n_mels, np.float32)
    return dims, fitted(path, state, lambda: Tacotron1(dims))


def read(path: Path, public: State) -> Imported:
    found = fatchord.settings(path)
    fatchord.check_settings(path, found)
    dims, state = tacotron1(path, public)
    contract = fatchord.contract_of(found)
    if dims.n_features != contract.n_mels:
        raise VoiceError(f"{path}: {dims.n_features} mel bands in the weights, {contract.n_mels} in the settings; put the "
                         "repository's hparams.py beside the file")  # fmt: skip
    if dims.n_symbols != len(SYMBOLS):
        raise VoiceError(f"{path}: {dims.n_symbols} symbols; this repository's models have {len(SYMBOLS)}")
    # x = gain · mel + 1 and y = 8 · x - 4, hence mel = (y - 4) / (8 · gain).
    gain = 20.0 / math.log(10.0) / -found["min_level_db"]
    state["feature_mean"] = np.full(dims.n_features, -RANGE / 2 / (RANGE * gain), np.float32)
    state["feature_deviation"] = np.full(dims.n_features, 1 / (RANGE * gain), np.float32)
    later = "stop_threshold" in public
    if later and public["stop_threshold"].size != 1:
        raise VoiceError(f"{path}: stop_threshold: shape {list(public['stop_threshold'].shape)}; expected one number")
    stop = float(public["stop_threshold"].reshape(())) if later else STOP
    half = Half(FAMILY.name, contract, FAMILY.sizes(asdict(dims)), {"stop": stop, "dropout": float(not later)})
    return Imported(path, half, state, SYMBOLS)
