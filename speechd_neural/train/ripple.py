"""How deep the harmonics of recorded mels are, and how much of that an acoustic model has lost (voice/harmonics.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from speechd_neural.arrays import Floats
from speechd_neural.train.features import load_shard, read_layout, shard_paths
from speechd_neural.train.own_features import predicted, read_acoustic
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.harmonics import ripple, turns

UTTERANCES = 60  # that are looked at
AROUND = 3  # bands either side, over which the envelope is taken to be even
LOWEST, HIGHEST = 300.0, 4500.0  # Hz: below, what a model predicts is right; above, no band tells harmonics apart
VOICED = 0.6


def depth(features: Floats, contract: MelContract) -> Floats:
    """Of the ripple in each band [n_mels], over the voiced ones of the frames [n, F]; 0 where none is looked for."""
    turned, count = turns(contract), contract.n_mels
    frames = features[features[:, -1] > VOICED]
    if len(frames) == 0:
        return np.zeros(count, np.float32)
    wave = ripple(frames, turned)
    wave -= wave.mean(0)
    padded = np.pad(frames[:, :count], ((0, 0), (AROUND, AROUND)), mode="edge")
    even = np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1, axis=1).mean(-1)
    found = ((frames[:, :count] - even) * wave).sum(0) / (wave**2).sum(0)
    middles = turned * 100 / (2 * np.pi)
    return np.where((middles >= LOWEST) & (middles <= HIGHEST), found, 0).astype(np.float32)


def lost_depth(shards: Path, checkpoint: Path) -> Floats:
    """[n_mels], at least 0: by how much the model's ripple is less deep than that of the recordings, along their alignment.

    Best measured on features that the model did not learn from. Raises VoiceError as reading either does.
    """
    contract, data = read_layout(shards).contract, _some(load_shard(shard_paths(shards)[0]))
    spoken = data["alignment"] >= 0
    theirs, ours = (f[spoken].astype(np.float32) for f in (data["features"], predicted(read_acoustic(checkpoint), data)))
    return np.maximum(0, depth(theirs, contract) - depth(ours, contract))


def _some(data: dict[str, Any]) -> dict[str, Any]:
    """A shard's first utterances."""
    starts, symbols = data["starts"][: UTTERANCES + 1], data["symbol_starts"][: UTTERANCES + 1]
    frames, ids = starts[-1], symbols[-1]
    return {
        "features": data["features"][:frames], "alignment": data["alignment"][:frames], "symbols": data["symbols"][:ids],
        "starts": starts, "symbol_starts": symbols,
    }  # fmt: skip
