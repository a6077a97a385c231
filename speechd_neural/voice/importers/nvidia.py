"""Tacotron 2 as NVIDIA's code writes it (github.com/NVIDIA/tacotron2), and as torchaudio does, whose modules descend from it.

The two differ in wrappers around layers (`.conv`, `.linear_layer`) only; the equations are the reference model's with
one frame per step and attention over all symbols. Gates are torch's (input, forget, cell, output); an LSTM's two
biases are added to one.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from speechd_neural.errors import VoiceError
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.families.tacotron2 import FAMILY
from speechd_neural.voice.family import Half
from speechd_neural.voice.importers.reading import Imported, State, counted, fitted, renamed, shape
from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims

# hparams.py of the repository; layers.py (TacotronSTFT): librosa's filters, natural logarithm of at least 1e-5.
CONTRACT = MelContract(
    sample_rate=22050, n_fft=1024, hop_length=256, win_length=1024, n_mels=80, f_min=0.0, f_max=8000.0, scale="slaney",
    normalized=True, power=1.0, log_base="e", floor=1e-5, centered=True, pitch=False,
)  # fmt: skip

VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"
PHONES = tuple(
    name
    for phone in "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()
    for name in ([phone, *(phone + digit for digit in "012")] if phone in VOWELS.split() else [phone])
)  # in the order of the symbol tables: a vowel without stress, then with 0, 1, 2
LETTERS = "abcdefghijklmnopqrstuvwxyz"
CHARACTERS = tuple("_-!'(),.:;? ")
SYMBOLS = (*CHARACTERS, *LETTERS.upper(), *LETTERS, *("@" + phone for phone in PHONES))

RULES = [
    (r"\.(conv|linear_layer)\.(weight|bias)$", r".\2"),
    (r"^embedding\.", "encoder.embedding."),
    (r"^decoder\.prenet\.layers\.", "prenet."),
    (r"^decoder\.attention_layer\.query_layer\.", "attention.query."),
    (r"^decoder\.attention_layer\.memory_layer\.", "attention.key."),
    (r"^decoder\.attention_layer\.v\.", "attention.score."),
    (r"^decoder\.attention_layer\.location_layer\.location_conv\.", "attention.location_conv."),
    (r"^decoder\.attention_layer\.location_layer\.location_dense\.", "attention.location."),
    (r"^decoder\.linear_projection\.", "frames."),
    (r"^decoder\.gate_layer\.", "gate."),
    (r"^decoder\.(attention_rnn|decoder_rnn)\.", r"\1."),
    (r"^encoder\.lstm\.(\w+)_l0_reverse$", r"encoder.backward_lstm.\1"),
    (r"^encoder\.lstm\.(\w+)_l0$", r"encoder.forward_lstm.\1"),
    (r"^postnet\.convolutions\.", "postnet."),
]


def recognises(state: State) -> bool:
    return "decoder.gate_layer.linear_layer.weight" in state and "embedding.weight" in state


def tacotron2(path: Path, public: State) -> tuple[Tacotron2Dims, State]:
    """Weights of either public implementation under the reference model's names. Raises VoiceError that names the array."""
    state = renamed(public, RULES)
    for lstm in ("encoder.forward_lstm", "encoder.backward_lstm", "attention_rnn", "decoder_rnn"):
        parts = [state.pop(f"{lstm}.bias_{kind}", None) for kind in ("ih", "hh")]
        if parts[0] is None or parts[1] is None or parts[0].shape != parts[1].shape:
            raise VoiceError(f"{path}: {lstm}: expected two biases of one length, bias_ih and bias_hh")
        state[f"{lstm}.bias"] = parts[0] + parts[1]
    symbols, embedding = shape(path, state, "encoder.embedding.weight", 2)
    encoder, _, encoder_kernel = shape(path, state, "encoder.convolutions.0.0.weight", 3)
    prenet, features = shape(path, state, "prenet.0.weight", 2)
    attention, attention_rnn = shape(path, state, "attention.query.weight", 2)
    filters, _, location_kernel = shape(path, state, "attention.location_conv.weight", 3)
    postnet, _, postnet_kernel = shape(path, state, "postnet.0.0.weight", 3)
    dims = Tacotron2Dims(
        n_symbols=symbols, n_features=features, frames_per_step=1, embedding=embedding, encoder=encoder,
        encoder_kernel=encoder_kernel, encoder_layers=counted(state, "encoder.convolutions.{}.0.weight"), prenet=prenet,
        attention_rnn=attention_rnn, attention=attention, location_filters=filters, location_kernel=location_kernel,
        decoder_rnn=shape(path, state, "decoder_rnn.weight_hh", 2)[1], postnet=postnet, postnet_kernel=postnet_kernel,
        postnet_layers=counted(state, "postnet.{}.0.weight"), window=False,
    )  # fmt: skip
    # What the public models do not have: features are not standardized inside them.
    state["feature_mean"], state["feature_deviation"] = np.zeros(features, np.float32), np.ones(features, np.float32)
    return dims, fitted(path, state, lambda: Tacotron2(dims))


def half_of(dims: Tacotron2Dims, contract: MelContract) -> Half:
    return Half(FAMILY.name, contract, FAMILY.sizes(asdict(dims)))


def read(path: Path, public: State) -> Imported:
    dims, state = tacotron2(path, public)
    if dims.n_symbols != len(SYMBOLS) or dims.n_features != CONTRACT.n_mels:
        raise VoiceError(f"{path}: {dims.n_symbols} symbols and {dims.n_features} mel bands; this repository's models have "
                         f"{len(SYMBOLS)} and {CONTRACT.n_mels}")  # fmt: skip
    return Imported(path, half_of(dims, CONTRACT), state, SYMBOLS)
