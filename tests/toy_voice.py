"""A voice with random weights, tiny: whatever needs a bundle and not its sound can be tested with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from speechd_neural.text.english.symbols import BASIC
from speechd_neural.voice.bundle import Manifest, write_bundle
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.family import Half
from speechd_neural.voice.models.multiband import MultiBandDims, MultiBandWaveRNN
from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims

CONTRACT = MelContract()
TACOTRON = Tacotron2Dims(
    n_symbols=len(BASIC), n_features=CONTRACT.n_features, embedding=32, encoder=32, prenet=16, attention_rnn=48,
    attention=16, location_filters=8, location_kernel=7, decoder_rnn=32, postnet=32,
)  # fmt: skip
MULTIBAND = MultiBandDims(n_features=CONTRACT.n_features, conditioning=16, gru=48, hidden=32)


def models(
    seed: int = 0, acoustic: Tacotron2Dims = TACOTRON, vocoder: MultiBandDims = MULTIBAND
) -> tuple[Tacotron2, MultiBandWaveRNN]:
    """Both models, untrained, with statistics and biases that are not the trivial ones."""
    torch.manual_seed(seed)
    pair = Tacotron2(acoustic).eval(), MultiBandWaveRNN(vocoder).eval()
    with torch.no_grad():
        pair[0].feature_mean.copy_(torch.cat([torch.full((CONTRACT.n_mels,), -6.0), torch.tensor([0.1, 0.5])]))
        pair[0].feature_deviation.copy_(torch.cat([torch.full((CONTRACT.n_mels,), 1.5), torch.tensor([0.2, 0.3])]))
        for module in pair[0].modules():
            if isinstance(module, torch.nn.BatchNorm1d):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 2)
                module.weight.uniform_(0.5, 1.5)
                module.bias.normal_(0, 0.1)
        pair[1].output.weight.normal_(0, 0.1)
        pair[1].output.bias.normal_(0, 0.1)
    return pair


def walk(model: Tacotron2, steps: float = 2.5) -> None:
    """Set the attention so that it rests `steps` rounded up on each symbol, one after the other, and the gate so that it
    opens at the end: what training would have to find.

    energy(s) is high where symbol s - 1 has had its steps and s has not; the first symbol is known from the forward
    LSTM's state, which counts.
    """
    attention, encoder = model.attention, model.encoder
    sharp, half = 8.0, model.dims.encoder // 2
    with torch.no_grad():
        for lstm, forget in ((encoder.forward_lstm, 20.0), (encoder.backward_lstm, -20.0)):
            lstm.weight_ih[0::half], lstm.weight_hh[0::half] = 0, 0  # unit 0 of every gate
            lstm.bias[0::half] = torch.tensor([20.0, forget, 20.0, 20.0])
        constant, counting = half, 0  # backward unit: tanh(1) everywhere; forward unit: tanh(s + 1)
        one = float(torch.tanh(torch.tensor(1.0)))
        for parameter in attention.parameters():
            parameter.zero_()
        centre = model.dims.location_kernel // 2
        attention.location_conv.weight[0, 1, centre - 1] = 1
        attention.location_conv.weight[1, 1, centre] = 1
        attention.location.weight[0, 0], attention.key.weight[0, constant] = sharp, -sharp * steps / one
        attention.location.weight[1, 1], attention.key.weight[1, constant] = -sharp, sharp * steps / one
        attention.key.weight[2, constant], attention.key.weight[2, counting] = 100 * 0.86 / one, -100
        attention.score.weight[0, :3] = 8
        model.gate.weight.zero_()
        model.gate.bias.fill_(1)


def manifest(
    acoustic: Tacotron2Dims = TACOTRON,
    vocoder: MultiBandDims = MULTIBAND,
    contract: MelContract = CONTRACT,
    **options: float,
) -> Manifest:
    dims = {k: int(v) for k, v in asdict(acoustic).items() if k != "location_filters"}
    return Manifest(
        name="toy", languages=("en-US",), licence="MIT", provenance="random numbers", symbols=BASIC,
        acoustic=Half("tacotron2", contract, dims),
        vocoder=Half("multiband", contract, asdict(vocoder), {"temperature": 1.0, **options}),
    )  # fmt: skip


def character_manifest() -> Manifest:
    base = manifest()
    symbols = tuple("_ .,?!abcdefghijklmnopqrstuvwxyz")
    dims = {**base.acoustic.dims, "n_symbols": len(symbols)}
    return replace(base, reads="characters", symbols=symbols, acoustic=replace(base.acoustic, dims=dims))


def write_toy_voice(
    path: Path,
    seed: int = 0,
    contract: MelContract = CONTRACT,
    level: float = -6.0,
    symbols: Sequence[str] = BASIC,
    **facts: Any,
) -> Path:
    """level: of its mels; at -6 its sound counts as silence, at 1 it is loud. facts: of the manifest, as languages."""
    dims = replace(TACOTRON, n_symbols=len(symbols))
    acoustic, vocoder = models(seed, dims)
    acoustic.feature_mean[: contract.n_mels] = level
    walk(acoustic)
    states = [{name: value.numpy() for name, value in model.state_dict().items()} for model in (acoustic, vocoder)]
    whole = replace(manifest(dims, contract=contract), symbols=tuple(symbols), **facts)
    write_bundle(path, states[0], states[1], whole)
    return path


class CancelledAfter:
    """An engine's `cancelled` that says yes from the question behind number `after` on, and counts them in `asked`."""

    def __init__(self, after: int) -> None:
        self.after, self.asked = after, 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked > self.after
