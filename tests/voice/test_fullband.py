"""The full-band vocoder of the runtime against the torch reference, with the weights that the bundle really holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from public_models import livened, save_fatchord, write_public_voice

from speechd_neural.errors import SynthesisError, VoiceError
from speechd_neural.types import Segment
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.families import fullband
from speechd_neural.voice.family import Half
from speechd_neural.voice.importers.fatchord import vocoder_half
from speechd_neural.voice.models.wavernn import WaveRNN, WaveRNNDims, expand_mu_law

DIMS = WaveRNNDims(n_mels=12, scales=(4, 5), gru=64, fc=48, residual_blocks=2, residual=16, auxiliary=32)
OUTPUTS = {
    "8 bits": DIMS,
    "9 bits": replace(DIMS, bits=9),
    "10 bits, linear": replace(DIMS, bits=10, mu_law=False),
    "mixture": replace(DIMS, output="mixture", mu_law=False),
}
FRAMES = 7


def made(dims: WaveRNNDims, normalizes: bool = False) -> tuple[WaveRNN, Half, dict[str, Any]]:
    torch.manual_seed(4)
    model = livened(WaveRNN(dims), 4)
    with torch.no_grad():
        for kernel in model.stretch.smooth:
            kernel.add_(0.02 * torch.randn_like(kernel))  # not symmetrical, as after training
        model.fc3.weight.mul_(4)
    contract = MelContract(hop_length=dims.hop_length, n_mels=dims.n_mels, pitch=False)
    half = vocoder_half(dims, contract, {"input_gain": 0.1, "input_shift": 0.8} if normalizes else {})
    packed = fullband.pack({k: v.numpy() for k, v in model.state_dict().items()}, half.dims)
    arrays = {name: a if a.dtype == np.int8 else a.astype(np.float32) for name, a in packed.arrays.items()}
    return model, half, arrays


@torch.no_grad()
def restore(model: WaveRNN, arrays: Mapping[str, Any]) -> None:
    def plain(name: str) -> torch.Tensor:
        return torch.from_numpy(arrays[name] * arrays[f"{name}.scale"][:, None])

    gru, fc = model.dims.gru, model.dims.fc
    # Only what is not folded: the input matrices are used in their own precision inside the folded ones.
    model.gru1.weight_hh_l0.copy_(plain("vocoder.state1"))
    model.gru2.weight_hh_l0.copy_(plain("vocoder.state2"))
    model.fc2.weight[:, :fc].copy_(plain("vocoder.hidden2"))
    model.fc3.weight.copy_(plain("vocoder.output"))
    assert arrays["vocoder.between"].shape == (3 * gru, gru)


@pytest.mark.parametrize("normalizes", [False, True])
@pytest.mark.parametrize("output", OUTPUTS)
def test_network(cpu: str, output: str, normalizes: bool) -> None:
    dims = OUTPUTS[output]
    model, half, arrays = made(dims, normalizes)
    restore(model, arrays)
    mel = torch.randn(1, dims.n_mels, FRAMES, generator=torch.Generator().manual_seed(1)) * (4 if normalizes else 1)
    samples = torch.rand(1, FRAMES * dims.hop_length, generator=torch.Generator().manual_seed(2)) * 2 - 1
    previous = torch.nn.functional.pad(samples, (1, 0))[:, :-1]
    with torch.no_grad():
        wanted = model(previous, (0.1 * mel + 0.8).clamp(0, 1) if normalizes else mel)[0].numpy()
    run = fullband.cpu(arrays, half, cpu, 1).speak(0)
    run.force(samples[0].numpy())
    run.feed(mel[0].T.contiguous().numpy())
    run.end()
    assert len(run.run(FRAMES)) == FRAMES * dims.hop_length and run.finished
    found = run.outputs().reshape(-1, dims.n_outputs)
    spread = float(wanted.std())
    assert np.abs(found - wanted).max() < 0.15 * spread
    assert np.sqrt(np.mean((found - wanted) ** 2)) < 0.03 * spread


@pytest.mark.parametrize("frames", [FRAMES, 90])
@pytest.mark.parametrize("output", OUTPUTS)
def test_threads_paths_and_pieces_change_nothing(cpu: str, output: str, frames: int) -> None:
    dims = OUTPUTS[output]
    _, half, arrays = made(dims)
    mel = np.random.default_rng(5).standard_normal((frames, dims.n_mels)).astype(np.float32)

    def spoken(path: str, threads: int, piece: int) -> Any:
        run = fullband.cpu(arrays, half, path, threads).speak(9)
        parts = []
        for first in range(0, frames, piece):
            run.feed(mel[first : first + piece])
            parts.append(run.run(piece))
        run.end()
        while not run.finished:
            parts.append(run.run(1, 0.0))
        assert len(run.seams) == (4 if frames > FRAMES else 0)
        return np.concatenate(parts)

    whole = spoken("generic", 1, frames)
    assert len(whole) == frames * dims.hop_length and np.abs(whole).max() <= 1 and whole.std() > 0
    for threads, piece in ((1, 2), (2, frames), (3, 1)):
        np.testing.assert_array_equal(spoken(cpu, threads, piece), whole)


def unfolded(run: Any) -> Any:
    run.force(np.zeros(0, np.float32))
    return run


def test_known_frames_can_be_had_at_once(cpu: str) -> None:
    _, half, arrays = made(DIMS)
    random = np.random.default_rng(6)
    run, had, fed = fullband.cpu(arrays, half, cpu, 2).speak(1), 0, 0
    for count in random.integers(1, 30, 12):
        run.feed(random.standard_normal((count, DIMS.n_mels)).astype(np.float32))
        fed += int(count)
        had += len(run.run(1000))
        assert had == run.known * DIMS.hop_length
        assert fed - 28 <= run.known <= fed - 2  # a fold's end is known when the frames near it are
    run.end()
    had += len(run.run(1000))
    assert run.known == fed and had == fed * DIMS.hop_length and run.finished


def test_folds_meet_where_it_is_quiet(cpu: str) -> None:
    _, half, arrays = made(DIMS)
    mel = np.random.default_rng(7).uniform(0, 1, (100, DIMS.n_mels)).astype(np.float32)
    quiet = [11, 38]
    mel[[frame - 1 for frame in quiet]] = -3  # the frame in which the next one is faded in
    vocoder, hop = fullband.cpu(arrays, half, cpu, 1), DIMS.hop_length
    run, single = vocoder.speak(2), unfolded(vocoder.speak(2))
    for each in (run, single):
        each.feed(mel)
        each.end()
    folded, plain = run.run(100), single.run(100)
    assert [seam // hop for seam in run.seams[:2]] == quiet and single.seams == []
    assert len(folded) == len(plain) == 100 * hop
    before = (quiet[0] - 1) * hop
    np.testing.assert_array_equal(folded[:before], plain[:before])
    for seam in run.seams:
        around = slice(seam - 2 * hop, seam + hop)
        assert 0.7 < folded[around].std() / plain[around].std() < 1.4


def test_classes_are_drawn_as_often_as_they_are_likely(cpu: str) -> None:
    _, half, arrays = made(DIMS)
    arrays = {**arrays, "vocoder.output": arrays["vocoder.output"] * 0}
    odds = np.zeros(256, np.float32)
    odds[100], odds[101] = 8 + np.log(3), 8
    arrays["vocoder.output.bias"] = odds
    run = fullband.cpu(arrays, half, cpu, 1).speak(3)
    run.feed(np.zeros((100, DIMS.n_mels), np.float32))
    run.end()
    found = run.run(100)
    expected = expand_mu_law(2 * torch.tensor([100.0, 101.0]) / 255 - 1, 8).numpy()
    shares = [float(np.isclose(found, value, rtol=1e-4).mean()) for value in expected]
    total = 3 + 1 + 254 * np.exp(-8)
    assert abs(shares[0] - 3 / total) < 0.03 and abs(shares[1] - 1 / total) < 0.03


def test_damaged_weights_are_named() -> None:
    _, half, arrays = made(DIMS)
    for name in ("vocoder.stretch", "vocoder.between", "vocoder.block1.second.bias"):
        with pytest.raises(ValueError, match=name):
            fullband.cpu({k: v for k, v in arrays.items() if k != name}, half, "", 1)
    with pytest.raises(ValueError, match="without pitch"):
        fullband.cpu(arrays, Half("fullband", MelContract(), half.dims), "", 1)


def test_imported_voice_speaks_through_the_engine(tmp_path: Path) -> None:
    vocoder = save_fatchord(tmp_path / "wavernn.pyt", WaveRNNDims(gru=32, fc=32, residual_blocks=1, residual=16, auxiliary=16))
    engine = load_engine(write_public_voice(tmp_path, tmp_path / "voice", vocoder), threads=2)
    assert engine.info.sample_rate == 22050
    # Random weights do not find their way through a text; that they say so is all that can be asked of them.
    with pytest.raises(SynthesisError, match="decoding failed"):
        list(engine.synthesize(Segment(text="hello world."), seed=1, cancelled=lambda: False))
    sound = engine.runtime.speak(1)
    sound.feed(np.full((8, 80), -4, np.float32))
    sound.end()
    assert len(sound.run(8)) == 8 * 275


def test_other_contract_is_refused(tmp_path: Path) -> None:
    vocoder = save_fatchord(tmp_path / "wavernn.pyt", WaveRNNDims(scales=(4, 8, 8), bits=9, gru=32, fc=32, residual_blocks=1))
    (tmp_path / "hparams.py").write_text("hop_length = 256\nfmin = 0\n")
    with pytest.raises(VoiceError, match=r"(?s)different mels.*hop_length +275 +256.*f_min"):
        write_public_voice(tmp_path, tmp_path / "voice", vocoder)
    assert not (tmp_path / "voice").exists()
