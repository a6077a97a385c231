"""torchaudio's Tacotron2 and WaveRNN for LJSpeech (torchaudio.pipelines.TACOTRON2_WAVERNN_*_LJSPEECH, torchaudio 2.x).

The contract is what the pipelines' documentation and code state. Between the halves the pipeline turns natural
logarithms into decibels over 100 dB, clamped to 0..1: for the vocoder x = clamp(gain · mel + shift, 0, 1).
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from speechd_neural.errors import VoiceError
from speechd_neural.text.english.symbols import BASIC
from speechd_neural.voice.importers import nvidia
from speechd_neural.voice.importers.fatchord import vocoder_half, wavernn
from speechd_neural.voice.importers.reading import Imported, State, renamed

CONTRACT = replace(nvidia.CONTRACT, n_fft=2048, hop_length=275, win_length=1100, f_min=40.0, f_max=11025.0)
MIN_LEVEL_DB = -100.0
INPUT = {"input_gain": 20.0 / math.log(10.0) / -MIN_LEVEL_DB, "input_shift": 1.0}

CHARACTERS = (*nvidia.CHARACTERS, *nvidia.LETTERS)
PHONES = (*nvidia.CHARACTERS, *nvidia.PHONES)

RULES = [
    (r"^upsample\.resnet\.melresnet_model\.0\.", "upsample.resnet.conv_in."),
    (r"^upsample\.resnet\.melresnet_model\.1\.", "upsample.resnet.batch_norm."),
    (r"\.resblock_model\.0\.", ".conv1."),
    (r"\.resblock_model\.1\.", ".batch_norm1."),
    (r"\.resblock_model\.3\.", ".conv2."),
    (r"\.resblock_model\.4\.", ".batch_norm2."),
    (r"^upsample\.upsample_layers\.", "upsample.up_layers."),
    (r"^fc\.", "I."),
]


def recognises_tacotron2(state: State) -> bool:
    return "decoder.gate_layer.weight" in state and "embedding.weight" in state


def recognises_wavernn(state: State) -> bool:
    return "upsample.resnet.melresnet_model.0.weight" in state


def read_tacotron2(path: Path, public: State) -> Imported:
    """Characters, or phones without stress (the pipeline's phonemizer gives none), by the size of the symbol table."""
    dims, state = nvidia.tacotron2(path, public)
    if dims.n_features != CONTRACT.n_mels:
        raise VoiceError(f"{path}: {dims.n_features} mel bands; torchaudio's models for LJSpeech have {CONTRACT.n_mels}")
    if dims.n_symbols == len(CHARACTERS):
        return Imported(path, nvidia.half_of(dims, CONTRACT), state, CHARACTERS)
    if dims.n_symbols != len(PHONES):
        raise VoiceError(f"{path}: {dims.n_symbols} symbols; torchaudio's models have {len(CHARACTERS)} (characters) or "
                         f"{len(PHONES)} (phones)")  # fmt: skip
    # Rows in the order of this program's phones: "aa0" and "aa1" are both the table's "AA".
    public_name = {"ax": "AH"}
    rows = [PHONES.index(s if s in PHONES else public_name.get(s, s.rstrip("01").upper())) for s in BASIC if s != "_"]
    symbols = tuple(s for s in BASIC if s != "_")
    state["encoder.embedding.weight"] = np.ascontiguousarray(state["encoder.embedding.weight"][rows])
    return Imported(path, nvidia.half_of(replace(dims, n_symbols=len(symbols)), CONTRACT), state, symbols, "phones")


def read_wavernn(path: Path, public: State) -> Imported:
    dims, state = wavernn(path, _numbered(public), bits=0, mu_law=True)
    if dims.hop_length != CONTRACT.hop_length or dims.n_mels != CONTRACT.n_mels:
        raise VoiceError(f"{path}: hop {dims.hop_length}, {dims.n_mels} mel bands; torchaudio's model for LJSpeech has "
                         f"{CONTRACT.hop_length} and {CONTRACT.n_mels}")  # fmt: skip
    return Imported(path, vocoder_half(dims, CONTRACT, INPUT), state)


def _numbered(public: State) -> State:
    """fatchord's names: his blocks have a list of their own, here they follow three layers, and one follows them."""
    prefix = "upsample.resnet.melresnet_model."
    state: State = {}
    for name, value in public.items():
        index = name.removeprefix(prefix).split(".")[0]
        if name.startswith(prefix) and index.isdigit() and int(index) >= 3:
            rest = name.removeprefix(prefix + index)
            name = f"upsample.resnet.layers.{int(index) - 3}{rest}" if "resblock" in rest else f"upsample.resnet.conv_out{rest}"
        state[name] = value
    return renamed(state, RULES)
