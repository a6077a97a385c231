"""The vocoders in torch say what the reference models and the CPU's kernels say, within the tolerances below."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speechd_neural.voice.bundle import load
from speechd_neural.voice.families.multiband import temperatures
from speechd_neural.voice.gpu.folds import TorchVocoder
from speechd_neural.voice.gpu.networks import FullBandNetwork, MultiBandNetwork, most_steps
from speechd_neural.voice.gpu.runtime import TorchRuntime
from speechd_neural.voice.runtime import CpuRuntime
from tests.voice.gpu.device import DEVICE
from tests.voice.test_engine import HOP
from tests.voice.test_fullband import DIMS, FRAMES, OUTPUTS, made, restore
from tests.voice.test_parity import features_like_speech, make


def forced(network: Any, samples: np.ndarray, logits: list[torch.Tensor]) -> None:
    """The network hears these samples instead of its own; what it would have drawn from is recorded."""
    following = iter(torch.from_numpy(samples))

    def draw(outputs: torch.Tensor, u: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits.append(outputs[0].clone())
        heard = next(following).view(1, 1).expand(len(outputs), 1)
        return heard, heard

    network.draw = draw


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("normalizes", [False, True])
@pytest.mark.parametrize("output", OUTPUTS)
def test_full_band_logits_are_the_reference_models(output: str, normalizes: bool, half: bool) -> None:
    """Teacher-forced: within 0.2 % of the logits' spread in float32 (folding rounds), 3 % in bfloat16."""
    dims = OUTPUTS[output]
    model, described, arrays = made(dims, normalizes)
    restore(model, arrays)
    generator = torch.Generator().manual_seed(1)
    mel = torch.randn(1, dims.n_mels, FRAMES, generator=generator) * (4 if normalizes else 1)
    samples = torch.rand(1, FRAMES * dims.hop_length, generator=generator) * 2 - 1
    with torch.no_grad():
        read = (0.1 * mel + 0.8).clamp(0, 1) if normalizes else mel
        # What is folded into the reference's input matrices, with the bundle's precision, is not restored: see below.
        wanted = model(torch.nn.functional.pad(samples, (1, 0))[:, :-1], read)[0].numpy()
    network = FullBandNetwork(arrays, described, torch.device("cpu"), half, 1.0)  # a graph would not ask for samples
    logits: list[torch.Tensor] = []
    forced(network, samples[0].numpy(), logits)
    run = TorchVocoder(network).speak(0, folded=False)
    run.feed(mel[0].T.contiguous().numpy())
    run.end()
    assert len(run.run(FRAMES)) == FRAMES * dims.hop_length and run.finished
    found = torch.stack(logits).numpy()
    spread = float(wanted.std())
    assert np.sqrt(np.mean((found - wanted) ** 2)) < (0.03 if half else 0.01) * spread
    assert np.abs(found - wanted).max() < (0.15 if half else 0.05) * spread


@pytest.mark.parametrize("output", OUTPUTS)
def test_full_band_draws_as_the_cpu_does(output: str) -> None:
    """The same logits and the same random numbers give the same class, or the same sample of a mixture."""
    from speechd_neural.voice.families import fullband

    _, described, arrays = made(OUTPUTS[output])
    arrays = {**arrays, "vocoder.output": arrays["vocoder.output"] * 0}  # so that nothing else matters
    mel = np.zeros((20, DIMS.n_mels), np.float32)
    runs: list[Any] = [fullband.cpu(arrays, described, "", 1).speak(9)]
    runs.append(TorchVocoder(FullBandNetwork(arrays, described, DEVICE, False, 1.0)).speak(9, folded=False))
    spoken = []
    for run in runs:
        run.feed(mel)
        run.end()
        spoken.append(run.run(20))
    # A number within a rounding error of the border between two classes may fall on either side.
    assert (np.abs(spoken[0] - spoken[1]) < 1e-4).mean() > 0.99


def test_multi_band_is_the_cpus(tmp_path: Path) -> None:
    """Free-running with the same seed, both say the same for a while: the random numbers are the same."""
    _, _, bundle = make(tmp_path)
    features = features_like_speech(40).numpy()
    theirs = CpuRuntime(bundle).speak(3)
    ours = TorchRuntime(bundle, DEVICE.type, folded=False).speak(3)
    spoken = []
    for run in (theirs, ours):
        run.feed(features)
        run.end()
        spoken.append(run.run(100))
    assert len(spoken[0]) == len(spoken[1]) == 40 * HOP
    assert np.corrcoef(spoken[0][:800], spoken[1][:800])[0, 1] > 0.99
    ratio = np.log(np.square(spoken[0]).reshape(10, -1).mean(axis=1) / np.square(spoken[1]).reshape(10, -1).mean(axis=1))
    assert abs(ratio.mean()) < 0.3


def test_a_pitch_that_is_no_number_is_no_index(toy_path: Path) -> None:
    bundle = load(toy_path)
    vocoder = bundle.manifest.vocoder
    network = MultiBandNetwork(bundle.arrays, vocoder, torch.device("cpu"), False, temperatures(vocoder))
    window = features_like_speech(8).numpy()
    window[3:6, -2] = np.nan, np.inf, -np.inf
    with np.errstate(over="ignore", divide="ignore"):
        lag = network.condition(window)["lag"]
    assert ((lag >= 4) & (lag <= 120)).all()


def test_noise_follows_voicing_and_bands(toy_path: Path) -> None:
    bundle = load(toy_path)
    network = MultiBandNetwork(bundle.arrays, bundle.manifest.vocoder, torch.device("cpu"), False,
                               np.array([[1, 1, 1, 1], [0.2, 0.4, 0.6, 0.8]], np.float32))  # fmt: skip
    window = features_like_speech(3 + 2 * network.reach).numpy()
    window[network.reach : -network.reach, -1] = 0.1, 0.45, 0.9
    found = network.condition(window)["temperature"].numpy()
    np.testing.assert_allclose(found, [[1, 1, 1, 1], [0.6, 0.7, 0.8, 0.9], [0.2, 0.4, 0.6, 0.8]], atol=1e-6)


def test_steps_of_a_graph_divide_a_frame() -> None:
    assert [most_steps(n) for n in (275, 256, 300, 40, 64, 65, 257)] == [55, 64, 60, 40, 64, 13, 1]
