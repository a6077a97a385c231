"""Both networks learn on a tiny corpus, go on from a checkpoint, and the written-out gradients are right."""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speechd_neural.commands import train as command
from speechd_neural.errors import OutputError, TextError, UsageError, VoiceError
from speechd_neural.text.english.symbols import SYMBOLS
from speechd_neural.train import corpus, features, multiband, tacotron2
from speechd_neural.train.checkpoint import load_checkpoint
from speechd_neural.train.teachers import Item
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.models.multiband import MultiBandDims, MultiBandWaveRNN, mixture_loss, sample_mixture
from speechd_neural.voice.models.recurrent import FastGru, FastLstm
from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims
from speechd_neural.voice.subbands import BandPrediction, FilterBank, levinson

CONTRACT = MelContract()
LAYOUT = features.Layout(CONTRACT, 4, SYMBOLS)
SMALL_TACOTRON = Tacotron2Dims(
    n_symbols=len(SYMBOLS),
    embedding=32,
    encoder=32,
    prenet=16,
    attention_rnn=32,
    attention=16,
    decoder_rnn=32,
    postnet=16,
)
SMALL_VOCODER = MultiBandDims(conditioning=24, gru=32, hidden=16)
QUICK: dict[str, Any] = {
    "contract": CONTRACT, "dims": SMALL_VOCODER, "batch": 8, "minutes": 60, "progress": False, "half": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("shards")
    items = [
        Item(f"w{i}", t) for i, t in enumerate(["good morning", "nine", "B", "open the window", "seven of them", "ay"])
    ]
    corpus.generate(items, directory / "corpus", "rms", 1)
    features.pack_corpus(corpus.read_corpus(directory / "corpus"), LAYOUT, directory / "features", 1)
    return directory / "features"


def test_gru_gradients_match_autograd() -> None:
    torch.manual_seed(0)
    reference, fast = torch.nn.GRU(5, 8), FastGru(8)
    fast.weight_hh.data = reference.weight_hh_l0.data.clone()
    fast.bias_hh.data = reference.bias_hh_l0.data.clone()
    x = torch.randn(7, 3, 5)
    gates = (x @ reference.weight_ih_l0.t() + reference.bias_ih_l0).detach().requires_grad_()
    states = fast(gates, torch.zeros(3, 8))
    expected, _ = reference(x)
    assert torch.allclose(states, expected, atol=1e-6)
    weight = torch.randn_like(states)
    (states * weight).sum().backward()
    (expected * weight).sum().backward()
    assert torch.allclose(fast.weight_hh.grad, reference.weight_hh_l0.grad, atol=1e-5)
    assert torch.allclose(fast.bias_hh.grad, reference.bias_hh_l0.grad, atol=1e-5)
    assert torch.allclose(gates.grad.flatten(0, 1).sum(0), reference.bias_ih_l0.grad, atol=1e-5)


def test_lstm_gradients_match_autograd() -> None:
    torch.manual_seed(0)
    reference, fast = torch.nn.LSTM(5, 8), FastLstm(5, 8)
    fast.weight_ih.data, fast.weight_hh.data = reference.weight_ih_l0.data.clone(), reference.weight_hh_l0.data.clone()
    fast.bias.data = (reference.bias_ih_l0 + reference.bias_hh_l0).data.clone()
    x = torch.randn(7, 3, 5)
    states, (expected, _) = fast(x), reference(x)
    assert torch.allclose(states, expected, atol=1e-6)
    weight = torch.randn_like(states)
    (states * weight).sum().backward()
    (expected * weight).sum().backward()
    assert torch.allclose(fast.weight_hh.grad, reference.weight_hh_l0.grad, atol=1e-5)
    assert torch.allclose(fast.weight_ih.grad, reference.weight_ih_l0.grad, atol=1e-5)
    assert torch.allclose(fast.bias.grad, reference.bias_ih_l0.grad, atol=1e-5)


def test_mixture_is_a_density_and_samples_follow_it() -> None:
    parameters = torch.tensor([[0.3, -0.2], [-1.0, 1.5], [0.2, -0.4]])
    grid = torch.linspace(-40, 40, 160001)
    density = torch.exp(-mixture_loss(parameters.expand(len(grid), 3, 2), grid))
    assert abs(float(torch.trapezoid(density, grid)) - 1) < 1e-3
    uniform = torch.rand(200_000, 2, generator=torch.Generator().manual_seed(0))
    samples = sample_mixture(parameters.expand(len(uniform), 3, 2), uniform)
    mean = float(torch.trapezoid(density * grid, grid))
    assert abs(float(samples.mean()) - mean) < 0.02


def test_untrained_vocoder_knows_the_envelope() -> None:
    """The residual of the mel's own linear prediction has unit deviation, within the mel's resolution."""
    rng = np.random.default_rng(1)
    noise = np.convolve(rng.standard_normal(32000), [1, 1.2, 0.5, -0.3], mode="same").astype(np.float32) * 0.05
    mel = features.acoustic_features(noise, CONTRACT)[:, : CONTRACT.n_mels]
    bank = FilterBank.create()
    predictors, deviation, _ = BandPrediction.create(CONTRACT, bank)(mel)
    bands = bank.analysis(noise)
    frame = np.arange(len(bands)) // 40
    predicted = np.zeros_like(bands)
    for k in range(8):
        predicted[8:] += predictors[frame[8:], :, k] * bands[7 - k : len(bands) - 1 - k]
    residual = ((bands - predicted) / deviation[frame])[200:-200]
    assert np.all(np.abs(residual.std(0) - 1) < 0.2)


def test_filter_bank_reconstructs() -> None:
    x = np.random.default_rng(0).standard_normal(4000).astype(np.float32)
    bank = FilterBank.create()
    error = bank.synthesis(bank.analysis(x))[100:-100] - x[100:-100]
    assert 10 * np.log10((x**2).mean() / (error**2).mean()) > 45


def test_levinson_solves_the_normal_equations() -> None:
    r = np.array([2.0, 1.1, 0.4, -0.2])
    predictors, error = levinson(r)
    toeplitz = np.array([[r[abs(i - j)] for j in range(3)] for i in range(3)])
    assert np.allclose(toeplitz @ predictors, r[1:]) and np.isclose(error, r[0] - predictors @ r[1:])


def test_vocoder_learns_and_resumes(shards: Path, tmp_path: Path) -> None:
    path = multiband.train(shards, tmp_path, updates=20, rate=3e-3, **QUICK)
    first = load_checkpoint(path)
    multiband.train(shards, tmp_path, updates=60, rate=3e-3, **QUICK)
    second = load_checkpoint(path)
    assert (first["step"], second["step"]) == (20, 60)
    data = features.load_shards(shards)
    streams = multiband.Streams(data, CONTRACT, SMALL_VOCODER, 8, seed=5)
    inputs, mel, residual, _ = streams.next()
    before, after = MultiBandWaveRNN(SMALL_VOCODER), MultiBandWaveRNN(SMALL_VOCODER)
    after.load_state_dict(second["average"])
    with torch.no_grad():
        loss = [
            float(mixture_loss(m(inputs, mel, torch.zeros(8, 32), 40)[0], residual).mean()) for m in (before, after)
        ]
    assert loss[1] < loss[0] - 0.02


def test_a_run_that_is_over_stays_over(shards: Path, tmp_path: Path) -> None:
    """Fewer updates in all than a checkpoint has had already: none is made, however many minutes are left."""
    multiband.train(shards, tmp_path, updates=3, **QUICK)
    path = multiband.train(shards, tmp_path, updates=2, **QUICK)
    assert load_checkpoint(path)["step"] == 3


def test_a_checkpoint_of_other_sizes_is_named(shards: Path, tmp_path: Path) -> None:
    multiband.train(shards, tmp_path, updates=1, **QUICK)
    with pytest.raises(VoiceError, match=r"multiband\.pt: not a checkpoint that .*'gru': 48") as caught:
        multiband.train(shards, tmp_path, updates=1, **(QUICK | {"dims": replace(SMALL_VOCODER, gru=48)}))
    assert "\n" not in str(caught.value)


def test_a_state_that_is_no_number_is_forgotten(shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One batch with a wild number in it must not be the end of learning."""
    streams, calls = multiband.Streams.next, []

    def wild(self: multiband.Streams) -> tuple[torch.Tensor, ...]:
        inputs, *rest = streams(self)
        calls.append(1)
        return (inputs * float("nan") if len(calls) == 2 else inputs, *rest)

    monkeypatch.setattr(multiband.Streams, "next", wild)
    weights = [
        load_checkpoint(multiband.train(shards, tmp_path, updates=updates, **QUICK))["model"]["output.bias"]
        for updates in (4, 6)
    ]
    assert all(torch.isfinite(w).all() for w in weights) and not torch.equal(*weights)


def test_utterances_too_short_to_learn_from(shards: Path, tmp_path: Path) -> None:
    data = features.load_shards(shards)
    data["alignment"][:] = -1
    with pytest.raises(VoiceError, match="no utterance"):
        tacotron2.Utterances(data, 2, 300, 1)


def test_tacotron_learns_the_alignment(shards: Path, tmp_path: Path) -> None:
    path = tacotron2.train(
        shards, tmp_path, contract=CONTRACT, dims=SMALL_TACOTRON, minutes=60, updates=150, budget=300, rate=4e-3,
        half=False, progress=False,
    )  # fmt: skip
    state = load_checkpoint(path)
    data = features.load_shards(shards)
    batch = tacotron2.Utterances(data, 2, 2000, 1).collate(np.arange(6))
    before, after = Tacotron2(SMALL_TACOTRON), Tacotron2(SMALL_TACOTRON)
    after.load_state_dict(state["average"])
    for model in (before, after):
        model.eval()
        model.feature_mean.copy_(state["model"]["feature_mean"])
        model.feature_deviation.copy_(state["model"]["feature_deviation"])
    with torch.no_grad():
        untrained, trained = (tacotron2.losses(m, batch, False)[0] for m in (before, after))
    assert trained["attention"] < 0.7 * untrained["attention"]
    assert trained["fine"] < 0.9 * untrained["fine"]


def test_aligned_pass_equals_free_running_given_the_same_past() -> None:
    """The parallel pass and the step-by-step reference are the same network: fed its own output and attention, it agrees."""
    torch.manual_seed(3)
    model = Tacotron2(SMALL_TACOTRON).eval()
    ids = torch.randint(1, len(SYMBOLS), (9,))
    steps = 6
    masks = torch.full((steps, 2, SMALL_TACOTRON.prenet), 1.0)
    given, attention, gates = model.infer(ids, masks, steps, threshold=1.1)
    position = torch.cummax(attention.argmax(1), 0).values
    anchors = torch.cat([torch.zeros(1, dtype=torch.long), position[:-1]])[None]
    coarse_given: list[torch.Tensor] = []
    original = model.run_prenet
    model.run_prenet = lambda frame, masks=None: original(
        frame, torch.ones(2, *frame.shape[:-1], SMALL_TACOTRON.prenet)
    )  # type: ignore[method-assign]
    frames = torch.zeros(1, steps * 2, SMALL_TACOTRON.n_features)
    with torch.no_grad():
        for _ in range(steps):  # each round makes one more step's input right
            coarse, fine, gate, _ = model.aligned(ids[None], torch.ones(1, 9), frames, attention[None], anchors)
            frames = coarse
            coarse_given.append(coarse)
    assert torch.allclose(fine[0], given, atol=2e-4)
    assert torch.allclose(gate[0], gates, atol=2e-4)


def test_logs_are_rows_of_numbers(shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from speechd_neural.train.plot import plot_training

    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps({"minutes": m, "loss": 1 / (1 + m)}) + "\n" for m in range(5)))
    plot_training(log, tmp_path / "loss.png", None, None)
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_of_something_else_is_refused(shards: Path, tmp_path: Path) -> None:
    from speechd_neural.train.plot import plot_training

    (tmp_path / "log.jsonl").write_text('{"minutes": 1, "loss": 2}\n')
    torch.save({"dims": {"gru": 3}, "average": {}}, tmp_path / "x.pt")
    with pytest.raises(VoiceError, match=r"x\.pt: not a checkpoint of a Tacotron 2"):
        plot_training(tmp_path / "log.jsonl", tmp_path / "x.png", tmp_path / "x.pt", shards)
    (tmp_path / "log.jsonl").write_text("[1]\n")
    with pytest.raises(TextError, match="not a training log"):
        plot_training(tmp_path / "log.jsonl", tmp_path / "x.png", None, None)


def test_options_that_this_machine_does_not_have(shards: Path, tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    for options, reason in (
        (["--device", "abacus"], "--device abacus: .*cpu is always there"), (["--threads", "0"], "--threads 0: expected 1"),
        (["--set", "gru=many"], r"--set gru=many: expected NAME=NUMBER .*gru"),
    ):  # fmt: skip
        given = ["vocoder", "--features", str(shards), "--out", str(tmp_path), "--minutes", "1", *options]
        with pytest.raises(UsageError, match=reason):
            command.run(parser.parse_args(given))
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(VoiceError, match=r"x\.pt"):
        load_checkpoint(tmp_path / "x.pt")


def test_a_full_disk_leaves_the_checkpoint_before_and_the_run_goes_on(shards: Path, tmp_path: Path) -> None:
    multiband.train(shards, tmp_path, updates=2, **QUICK)
    whole, partial = (tmp_path / "multiband.pt").read_bytes(), tmp_path / "multiband.partial"
    partial.symlink_to("/dev/full")
    with pytest.raises(OutputError, match=r"multiband\.pt: No space left on device; the run goes on") as caught:
        multiband.train(shards, tmp_path, updates=3, **QUICK)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "multiband.pt").read_bytes() == whole and not partial.is_symlink()
    assert load_checkpoint(multiband.train(shards, tmp_path, updates=3, **QUICK))["step"] == 3


def test_a_full_disk_is_one_line_also_where_no_file_is_named(
    shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "multiband.log.jsonl").symlink_to("/dev/full")
    monkeypatch.setattr("speechd_neural.train.checkpoint.REPORT_EVERY", 0.0)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    given = ["vocoder", "--features", str(shards), "--out", str(tmp_path), "--minutes", "1", "--set", "gru=32"]
    with pytest.raises(OutputError, match=rf"{tmp_path}: No space left on device; what was made is kept"):
        command.run(parser.parse_args(given))
