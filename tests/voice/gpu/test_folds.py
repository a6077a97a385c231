"""Folds of a segment join without being heard, and the state goes on behind them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from speechd_neural.voice.gpu import folds
from speechd_neural.voice.gpu.folds import FOLD, LEAD, TorchVocoder, cross_fade, cut
from speechd_neural.voice.gpu.networks import FullBandNetwork
from speechd_neural.voice.gpu.runtime import TorchRuntime
from tests.voice.gpu.device import DEVICE
from tests.voice.test_engine import HOP
from tests.voice.test_fullband import DIMS, made
from tests.voice.test_parity import features_like_speech, make


def test_pieces_change_nothing_single_file(tmp_path: Path) -> None:
    _, _, bundle = make(tmp_path)
    features = features_like_speech(12).numpy()
    runtime = TorchRuntime(bundle, DEVICE.type, folded=False)

    def spoken(piece: int, milliseconds: float) -> Any:
        run = runtime.speak(5)
        parts = []
        for first in range(0, 12, piece):
            run.feed(features[first : first + piece])
            parts.append(run.run(piece, milliseconds))
        run.end()
        while not run.finished:
            parts.append(run.run(1, 0.0))
        return np.concatenate(parts)

    whole = spoken(12, 1e9)
    assert len(whole) == 12 * HOP and whole.std() > 0
    for piece in (1, 5):
        np.testing.assert_allclose(spoken(piece, 0.0), whole, atol=1e-5)


def test_cuts_are_in_order_and_quiet() -> None:
    features = np.zeros((80, 22), np.float32)
    features[41, :20] = -5
    cuts = cut(features, FOLD)
    assert cuts[0] == 0 and 41 in cuts and len(cuts) == 10
    assert all(b - a >= LEAD for a, b in pairwise([*cuts, 80]))
    assert cut(features[:9], FOLD) == [0]


def test_cross_fade_keeps_the_power() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 4000, 2)).astype(np.float32)
    np.testing.assert_allclose(cross_fade(a, a), a, rtol=1e-5, atol=1e-6)
    for other in (b, 0.5 * a + 0.9 * b, 0.9 * b - 0.3 * a):
        mixed = cross_fade(a, (other / other.std(axis=0)).astype(np.float32))
        power = np.square(mixed).reshape(4, 1000, 2).mean(axis=1)
        assert np.abs(10 * np.log10(power)).max() < 0.6
    assert np.isfinite(cross_fade(a, np.zeros_like(a))).all()


@pytest.mark.parametrize("kind", ["full-band", "multi-band"])
def test_seams_are_not_heard(tmp_path: Path, kind: str) -> None:
    """Level and spectrum around the seams, against the same places of a single-file run: as far from it as another seed is."""
    frames = 15 * FOLD
    if kind == "multi-band":
        runtime = TorchRuntime(make(tmp_path)[2], DEVICE.type)
        vocoder, features, hop = runtime.vocoder, features_like_speech(frames).numpy(), HOP
    else:
        _, described, arrays = made(DIMS)
        vocoder = TorchVocoder(FullBandNetwork(arrays, described, DEVICE, False, 1.0))
        rng = np.random.default_rng(1)
        walk = np.cumsum(rng.standard_normal((frames, DIMS.n_mels)), axis=0) / 4
        features, hop = walk.astype(np.float32), DIMS.hop_length

    def spoken(seed: int, folded: bool) -> tuple[np.ndarray, list[int]]:
        run = vocoder.speak(seed, folded=folded)
        run.feed(features)
        run.end()
        parts = [run.run(2)]
        while not run.finished:
            parts.append(run.run(1000))
        return np.concatenate(parts), run.seams

    def levels(samples: np.ndarray, centres: list[int]) -> np.ndarray:
        return np.array([10 * np.log10(np.square(samples[c - 2 * hop : c + 2 * hop]).mean() + 1e-9) for c in centres])

    def spectra(samples: np.ndarray, centres: list[int]) -> np.ndarray:
        pieces = np.array([samples[c - 2 * hop : c + 2 * hop] for c in centres]) * np.hanning(4 * hop)
        return np.asarray(10 * np.log10(np.square(np.abs(np.fft.rfft(pieces))).mean(axis=0) + 1e-6))

    (folded, seams), (single, none), (other, _) = spoken(1, True), spoken(1, False), spoken(2, False)
    assert len(folded) == len(single) == frames * hop and none == [] and len(seams) >= 10
    change, usual = levels(folded, seams) - levels(single, seams), levels(other, seams) - levels(single, seams)
    assert abs(change.mean()) < 0.5 and change.std() < 1.3 * usual.std() + 0.3
    difference, usual_difference = (spectra(x, seams) - spectra(single, seams) for x in (folded, other))
    assert difference.std() < 1.3 * usual_difference.std() + 0.3
    again, _ = spoken(1, True)
    np.testing.assert_array_equal(again, folded)


def test_the_state_goes_on_behind_folds(tmp_path: Path) -> None:
    """The first stretch and what follows the last fold are spoken single-file, from the state that was left."""
    _, _, bundle = make(tmp_path)
    features = features_like_speech(4 * FOLD).numpy()
    run = TorchRuntime(bundle, DEVICE.type).speak(1)
    run.feed(features)
    run.end()
    first = run.run(2)
    single = TorchRuntime(bundle, DEVICE.type, folded=False).speak(1)
    single.feed(features)
    single.end()
    np.testing.assert_allclose(first, single.run(2)[: len(first)], atol=1e-5)
    rest = run.run(1000)
    assert run.finished and len(first) + len(rest) == 4 * FOLD * HOP
    with pytest.raises(ValueError, match="after the end"):
        run.feed(features)


def test_folds_know_their_bounds() -> None:
    assert folds.FADE < LEAD < folds.SHORT_FOLD - folds.SHORT_FOLD // 4 and list(folds.ROWS) == sorted(folds.ROWS)
