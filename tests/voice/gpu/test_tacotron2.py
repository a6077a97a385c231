"""Tacotron 2 in torch says what the CPU's kernels say, in whatever pieces it is asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from toy_voice import TACOTRON

from speechd_neural.voice.bundle import load
from speechd_neural.voice.gpu.runtime import TorchRuntime
from speechd_neural.voice.gpu.tacotron2 import TorchTacotron2
from speechd_neural.voice.runtime import CpuRuntime
from tests.voice.gpu.device import DEVICE
from tests.voice.test_parity import IDS, SHAPES, make


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_acoustic_model_agrees_with_the_cpus(tmp_path: Path, shape: str, half: bool) -> None:
    """Differences are the CPU's rounding of activations to eight bits, and bfloat16's where that is asked for."""
    _, _, bundle = make(tmp_path, SHAPES[shape])
    theirs, ours = CpuRuntime(bundle), TorchRuntime(bundle, DEVICE.type, half=half)
    wanted = theirs.encode(IDS.numpy(), lambda: None)
    found = ours.encode(IDS.numpy(), lambda: None)
    assert np.abs(found - wanted).max() < 0.02
    steps = 24
    frames, positions, gates, attention = theirs.decode(wanted, 5).run(steps)
    run, parts = ours.decode(found, 5), []
    while sum(len(part[1]) for part in parts) < steps:
        parts.append(run.run(steps - sum(len(part[1]) for part in parts)))
    our_frames, our_positions, our_gates, our_attention = (np.concatenate(column) for column in zip(*parts, strict=True))
    np.testing.assert_array_equal(our_positions, positions)
    assert np.abs(our_attention - attention).mean() < 0.005
    assert np.abs(our_gates - gates).max() < 0.05
    refined = [postnet.feed(x) for postnet, x in ((theirs.postnet(), frames), (ours.postnet(), frames))]
    assert len(refined[0]) == len(refined[1]) and np.abs(refined[0] - refined[1]).max() < 0.02
    assert np.abs(our_frames - frames).mean() < 0.02 * frames.std()


def test_steps_stop_where_they_should(tmp_path: Path) -> None:
    """A graph makes eight steps; those behind the wanted position change nothing, and a copy goes on alike."""
    _, _, bundle = make(tmp_path)
    runtime = TorchRuntime(bundle, DEVICE.type)
    memory = runtime.encode(IDS.numpy(), lambda: None)
    one, many = runtime.decode(memory, 5), runtime.decode(memory, 5)
    single = [one.run(1) for _ in range(12)]
    first = many.run(8, until=1)
    reached = int(np.argmax(first[1] >= 1))
    assert len(first[1]) == reached + 1 < 8
    other = many.copy()
    for run in (many, other):
        parts = [first]
        while sum(len(p[1]) for p in parts) < 12:
            parts.append(run.run(12 - sum(len(p[1]) for p in parts)))
        for column, wanted in zip(zip(*parts, strict=True), zip(*single, strict=True), strict=True):
            np.testing.assert_allclose(np.concatenate(column), np.concatenate(wanted), atol=1e-5)
    other, third = runtime.decode(memory, 5), runtime.decode(memory, 6)
    third.retry(5)
    np.testing.assert_array_equal(other.run(4)[0], third.run(4)[0])


def test_another_try_keeps_to_a_window(tmp_path: Path) -> None:
    """As on the CPU: see test_engine."""
    _, _, bundle = make(tmp_path, SHAPES["attention everywhere"], walking=False)
    ours, theirs = TorchRuntime(bundle, DEVICE.type), CpuRuntime(bundle)
    found = []
    for runtime in (ours, theirs):
        run = runtime.decode(theirs.encode(IDS.numpy(), lambda: None), 5)
        again = run.copy()
        again.retry(6)
        assert (run.run(1)[3] > 0).all()
        found.append(again.run(1)[3])
    assert (found[0] > 0).tolist() == (found[1] > 0).tolist() and (found[0] == 0).any()


@pytest.mark.parametrize("pieces", [1, 3, 40])
def test_postnet_in_pieces(tmp_path: Path, pieces: int) -> None:
    _, _, bundle = make(tmp_path)
    runtime = TorchRuntime(bundle, DEVICE.type)
    frames = np.random.default_rng(0).standard_normal((40, TACOTRON.n_features)).astype(np.float32)
    postnet = runtime.postnet()
    found = [postnet.feed(frames[i : i + pieces]) for i in range(0, 40, pieces)]
    change = runtime.acoustic.refine(torch.from_numpy(frames).to(DEVICE)).cpu().numpy()
    wanted = (frames + change) * runtime.deviation + runtime.mean
    np.testing.assert_allclose(np.concatenate([*found, postnet.finish()]), wanted, atol=1e-4)


def test_long_texts_share_their_tensors(toy_path: Path) -> None:
    bundle = load(toy_path)
    acoustic = TorchTacotron2(bundle.arrays, bundle.manifest.acoustic.dims, torch.device("cpu"), False)
    assert [acoustic.steps(n, 1).size for n in (1, 64, 65, 512, 513, 1000, 1025)] == [64, 64, 192, 512, 1024, 1024, 1536]
    assert acoustic.steps(600, 1) is acoustic.steps(1000, 1)
