"""The runtime against the torch reference with the same (quantized) weights, on every processor path.

What remains between them is the rounding of activations to eight bits, which the tolerances bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from toy_voice import CONTRACT, MULTIBAND, TACOTRON, manifest, models, walk

from speechd_neural.voice.acoustics import WINDOW
from speechd_neural.voice.bundle import Bundle, load, write_bundle
from speechd_neural.voice.models.multiband import MultiBandDims, MultiBandWaveRNN, generate, pitch_lag, sample_mixture
from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims
from speechd_neural.voice.randomness import SAMPLE_STREAM, dropout_masks, uniforms
from speechd_neural.voice.runtime import CpuRuntime
from speechd_neural.voice.subbands import BandPrediction, FilterBank

IDS = torch.tensor([7, 12, 40, 8, 1, 33, 21, 9, 15, 4])
PER_FRAME, STEP_RATE = 40, 4000.0


def plain(arrays: Mapping[str, Any], name: str) -> torch.Tensor:
    """An array of the bundle as torch reads it, its scale multiplied in."""
    value = np.asarray(arrays[name], np.float32)
    if f"{name}.scale" in arrays:
        value = value * arrays[f"{name}.scale"][:, None]
    return torch.from_numpy(value.copy())


@torch.no_grad()
def restore(acoustic: Tacotron2, vocoder: MultiBandWaveRNN, arrays: Mapping[str, Any]) -> None:
    """Give the reference models the weights that the bundle really holds."""

    def copy(parameter: torch.Tensor, name: str) -> None:
        parameter.copy_(plain(arrays, name).view_as(parameter))

    def folded(block: Any, name: str) -> None:
        convolution, norm = block
        outputs, inputs, kernel = convolution.weight.shape
        convolution.weight.copy_(plain(arrays, f"{name}.weight").view(outputs, kernel, inputs).transpose(1, 2))
        copy(convolution.bias, f"{name}.bias")
        norm.running_mean.zero_(), norm.running_var.fill_(1), norm.weight.fill_(1), norm.bias.zero_()
        norm.eps = 0.0

    copy(acoustic.encoder.embedding.weight, "encoder.embedding")
    for i, block in enumerate(acoustic.encoder.convolutions):
        folded(block, f"encoder.convolution{i}")
    for direction in ("forward", "backward"):
        lstm = getattr(acoustic.encoder, f"{direction}_lstm")
        copy(lstm.weight_ih, f"encoder.{direction}.input")
        copy(lstm.weight_hh, f"encoder.{direction}.state")
    for i, layer in enumerate(acoustic.prenet):
        copy(layer.weight, f"decoder.prenet{i + 1}")
    for name, first in (("attention_rnn", "prenet"), ("decoder_rnn", "query")):
        lstm = getattr(acoustic, name)
        lstm.weight_ih.copy_(torch.cat([plain(arrays, f"decoder.{name}.{part}") for part in (first, "context")], 1))
        copy(lstm.weight_hh, f"decoder.{name}.state")
    copy(acoustic.attention.query.weight, "decoder.query")
    copy(acoustic.attention.key.weight, "decoder.key")
    frames = plain(arrays, "decoder.frames")
    acoustic.frames.weight.copy_(frames[:-1])
    acoustic.gate.weight.copy_(frames[-1:])
    for i, block in enumerate(acoustic.postnet):
        folded(block, f"postnet.convolution{i}")
    copy(vocoder.gru.weight_hh, "vocoder.state")
    copy(vocoder.hidden_of_state.weight, "vocoder.hidden")


def make(
    tmp_path: Any, acoustic_dims: Tacotron2Dims = TACOTRON, vocoder_dims: MultiBandDims = MULTIBAND, walking: bool = True
) -> tuple[Tacotron2, MultiBandWaveRNN, Bundle]:
    acoustic, vocoder = models(1, acoustic_dims, vocoder_dims)
    if walking:
        walk(acoustic)
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in (acoustic, vocoder)]
    write_bundle(tmp_path, states[0], states[1], manifest(acoustic_dims, vocoder_dims))
    bundle = load(tmp_path)
    restore(acoustic, vocoder, bundle.arrays)
    return acoustic, vocoder, bundle


def features_like_speech(frames: int, seed: int = 0) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    mel = -5 + 2 * np.cumsum(rng.standard_normal((frames, CONTRACT.n_mels)), axis=1) / 9
    pitch = 0.1 + 0.2 * rng.standard_normal((frames, 1))
    return torch.from_numpy(np.concatenate([mel, pitch, rng.random((frames, 1))], 1).astype(np.float32))


def test_window_is_the_one_that_was_trained() -> None:
    from speechd_neural.voice.models import tacotron2

    assert WINDOW == {"back": tacotron2.BACK, "ahead": tacotron2.AHEAD}


SHAPES = {
    "toy": TACOTRON,
    "one frame a step": replace(TACOTRON, frames_per_step=1),
    "attention everywhere": replace(TACOTRON, window=False),
    "wide": replace(TACOTRON, encoder=128, attention_rnn=256, decoder_rnn=256, prenet=64, attention=128, location_kernel=31),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_acoustic_model(tmp_path: Any, cpu: str, shape: str) -> None:
    dims = SHAPES[shape]
    acoustic, _, bundle = make(tmp_path, dims)
    runtime = CpuRuntime(bundle, cpu)
    steps = 24
    with torch.no_grad():
        memory = acoustic.encoder(IDS[None], torch.ones(1, len(IDS)))[0].numpy()
    masks = torch.from_numpy(dropout_masks(5, steps, dims.prenet))
    torch.nn.init.constant_(acoustic.gate.bias, -1)  # not before the limit
    wanted, weights, gates = (t.numpy() for t in acoustic.infer(IDS, masks, steps))

    encoded = runtime.encode(IDS.numpy(), lambda: None)
    assert np.abs(encoded - memory).max() < 0.02
    frames, positions, found_gates, attention = runtime.decode(encoded, 5).run(steps)
    np.testing.assert_array_equal(positions, np.maximum.accumulate(weights.argmax(1)))
    assert np.abs(attention - weights).mean() < 0.005
    assert np.abs(found_gates - 2 - gates).max() < 0.05  # the bundle's gate opens by 1, the reference's closes by 1
    postnet = runtime.postnet()
    found = np.concatenate([postnet.feed(frames), postnet.finish()])
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).mean() < 0.02 * wanted.std()
    assert np.abs(found - wanted).max() < 0.2 * wanted.std()


def test_attention_of_a_random_model(tmp_path: Any, cpu: str) -> None:
    """Weights that nobody arranged: the attention is spread out, which every position has a share in."""
    acoustic, _, bundle = make(tmp_path, replace(TACOTRON, window=False), walking=False)
    runtime = CpuRuntime(bundle, cpu)
    torch.nn.init.constant_(acoustic.gate.bias, -100)
    masks = torch.from_numpy(dropout_masks(5, 10, TACOTRON.prenet))
    _, weights, _ = acoustic.infer(IDS, masks, 10)
    attention = runtime.decode(runtime.encode(IDS.numpy(), lambda: None), 5).run(10)[3]
    assert np.abs(attention - weights.numpy()).max() < 0.003
    np.testing.assert_allclose(attention.sum(axis=1), 1, atol=1e-5)


def reference_outputs(model: MultiBandWaveRNN, features: torch.Tensor, residuals: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """`generate` with given residuals: (network outputs [steps, n_outputs], sub-bands [steps, bands])."""
    from speechd_neural.voice.models import multiband as module

    outputs: list[torch.Tensor] = []
    drawn = iter(residuals)

    def record(parameters: torch.Tensor, uniform: torch.Tensor, temperature: float = 1.0) -> torch.Tensor:
        outputs.append(parameters.flatten())
        return next(drawn)

    predictors, residual, band = (torch.from_numpy(a) for a in prediction()(features[:, : CONTRACT.n_mels].numpy()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "sample_mixture", record)
        bands = generate(model, features, predictors, residual, band, PER_FRAME, STEP_RATE, torch.Generator())
    return torch.stack(outputs).numpy(), bands.numpy()


def prediction() -> BandPrediction:
    return BandPrediction.create(CONTRACT, FilterBank.create(), MULTIBAND.order)


@pytest.mark.parametrize("dims", [MULTIBAND, replace(MULTIBAND, gru=128, hidden=64, conditioning=64, mixtures=3, order=4)])
def test_vocoder_parameters_and_samples(tmp_path: Any, cpu: str, dims: MultiBandDims) -> None:
    _, vocoder, bundle = make(tmp_path, vocoder_dims=dims)
    features = features_like_speech(6)
    residuals = torch.from_numpy(np.random.default_rng(2).logistic(0, 0.55, (6 * PER_FRAME, 4)).astype(np.float32))
    with pytest.MonkeyPatch.context() as patch:
        wanted = BandPrediction.create(CONTRACT, FilterBank.create(), dims.order)
        patch.setitem(globals(), "prediction", lambda: wanted)
        outputs, bands = reference_outputs(vocoder, features, residuals)

    run = CpuRuntime(bundle, cpu).speak(1)
    run.force(residuals.numpy())
    run.feed(features.numpy())
    run.end()
    samples = run.run(100)
    assert run.finished
    found = run.outputs().reshape(outputs.shape)
    assert np.abs(found - outputs).mean() < 0.02 * outputs.std()
    assert np.abs(found - outputs).max() < 0.15 * outputs.std()
    # Given the residuals, everything that follows is linear and in floating point.
    sound = np.clip(FilterBank.create().synthesis(bands), -1, 1)
    assert samples.shape == sound.shape
    assert np.abs(samples - sound).max() < 1e-4


def test_vocoder_draws_the_distribution_it_was_told(tmp_path: Any, cpu: str) -> None:
    """With an output layer that ignores its input, every draw is known."""
    acoustic, vocoder = models(1)
    torch.nn.init.zeros_(vocoder.output.weight)
    torch.nn.init.normal_(vocoder.output.bias)
    states = [{k: v.detach().numpy() for k, v in m.state_dict().items()} for m in (acoustic, vocoder)]
    write_bundle(tmp_path, states[0], states[1], manifest(temperature=0.8))
    run = CpuRuntime(load(tmp_path), cpu).speak(9)
    run.force(np.zeros(0, np.float32))
    run.feed(features_like_speech(50).numpy())
    run.end()
    run.run(100)
    found = run.residuals().reshape(-1, 4)
    parameters = vocoder.output.bias.detach().view(1, 4, 3, MULTIBAND.mixtures).expand(len(found), -1, -1, -1)
    uniform = torch.from_numpy(uniforms(9, SAMPLE_STREAM, 0, found.size * 2).reshape(-1, 4, 2))
    np.testing.assert_allclose(found, sample_mixture(parameters, uniform, 0.8).numpy(), atol=2e-5)
    other = sample_mixture(parameters, torch.rand(uniform.shape, generator=torch.Generator().manual_seed(1)), 0.8)
    for drawn, wanted in zip(found.T, other.numpy().T, strict=True):  # Kolmogorov-Smirnov, p = 0.001 at 0.062
        points = np.sort(np.concatenate([drawn, wanted]))
        shares = (np.searchsorted(np.sort(values), points, "right") / len(values) for values in (drawn, wanted))
        assert np.abs(np.subtract(*shares)).max() < 0.062


def test_vocoder_draws_as_freely_as_band_and_voicing_say(tmp_path: Any, cpu: str) -> None:
    acoustic, vocoder = models(1)
    torch.nn.init.zeros_(vocoder.output.weight)
    torch.nn.init.normal_(vocoder.output.bias)
    states = [{k: v.detach().numpy() for k, v in m.state_dict().items()} for m in (acoustic, vocoder)]
    write_bundle(tmp_path, states[0], states[1], manifest(temperature=0.2, temperature_top=0.8, temperature_unvoiced=1.0))
    run = CpuRuntime(load(tmp_path), cpu).speak(9)
    run.force(np.zeros(0, np.float32))
    features = features_like_speech(3)
    features[:, -1] = torch.tensor([0.1, 0.45, 0.9])
    run.feed(features.numpy())
    run.end()
    run.run(100)
    found = run.residuals().reshape(-1, 4)
    parameters = vocoder.output.bias.detach().view(1, 4, 3, MULTIBAND.mixtures).expand(len(found), -1, -1, -1)
    uniform = torch.from_numpy(uniforms(9, SAMPLE_STREAM, 0, found.size * 2).reshape(-1, 4, 2))
    frames = torch.tensor([[1, 1, 1, 1], [0.6, 0.7, 0.8, 0.9], [0.2, 0.4, 0.6, 0.8]])
    wanted = sample_mixture(parameters, uniform, frames.repeat_interleave(PER_FRAME, 0)).numpy()
    np.testing.assert_allclose(found, wanted, atol=2e-5)


def test_vocoder_left_alone_sounds_alike(tmp_path: Any, cpu: str) -> None:
    """Free-running, both wander off from each other; the statistics of what they say do not."""
    _, vocoder, bundle = make(tmp_path)
    features = features_like_speech(40)
    predictors, residual, band = (torch.from_numpy(a) for a in prediction()(features[:, : CONTRACT.n_mels].numpy()))
    bands = generate(vocoder, features, predictors, residual, band, PER_FRAME, STEP_RATE, torch.Generator().manual_seed(3))
    run = CpuRuntime(bundle, cpu).speak(3)
    run.force(np.zeros(0, np.float32))
    run.feed(features.numpy())
    run.end()
    samples = run.run(100)
    wanted = FilterBank.create().synthesis(bands.numpy())
    ratio = np.log(np.square(samples).reshape(10, -1).mean(axis=1) / np.square(wanted).reshape(10, -1).mean(axis=1))
    assert abs(ratio.mean()) < 0.3


def test_pitch_periods_agree(tmp_path: Any) -> None:
    values = torch.linspace(-1.2, 1.6, 50)
    assert pitch_lag(values, STEP_RATE).min() >= 4
    assert pitch_lag(values, STEP_RATE).max() <= 120


def test_prediction_agrees_with_numpy(tmp_path: Any) -> None:
    """An untrained vocoder (outputs 0) whose residuals are forced to 0 but for one: the impulse response of the prediction."""
    _, _, bundle = make(tmp_path)
    features = features_like_speech(3)
    residuals = np.zeros((3 * PER_FRAME, 4), np.float32)
    residuals[5] = 1
    run = CpuRuntime(bundle).speak(1)
    run.force(residuals)
    run.feed(features.numpy())
    run.end()
    predictors, residual, _ = prediction()(features[:, : CONTRACT.n_mels].numpy())
    x = np.zeros((3 * PER_FRAME + 8, 4))
    for n in range(3 * PER_FRAME):
        past = x[n : n + 8][::-1]
        x[n + 8] = (predictors[n // PER_FRAME] * past.T).sum(axis=1) + residual[n // PER_FRAME] * residuals[n]
    wanted = FilterBank.create().synthesis(x[8:].astype(np.float32))
    np.testing.assert_allclose(run.run(10), np.clip(wanted, -1, 1), atol=1e-5)
