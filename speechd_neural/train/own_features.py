"""The features of a corpus as an acoustic model makes them, along the true alignment.

A vocoder that was trained on recorded mels has never met the smoother ones that it will be given. Its last updates are
made on these (ground-truth-aligned features: Shen et al. 2018, section 2.2): the model reads the recorded frames before
each step, so that what it predicts stays in time with the recorded sound.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from speechd_neural.errors import VoiceError
from speechd_neural.train.checkpoint import load_checkpoint
from speechd_neural.train.features import load_shard, read_layout, shard_paths
from speechd_neural.train.tacotron2 import Utterances
from speechd_neural.voice.families.tacotron2 import FAMILY
from speechd_neural.voice.importers import own
from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims

BUDGET = 1500  # decoder steps of a batch


def read_acoustic(path: Path) -> Tacotron2:
    """The averaged weights of a checkpoint, ready to predict. Raises VoiceError where it is none of Tacotron 2."""
    state = load_checkpoint(path)
    found = own.read(path, state)
    if found.half.family != FAMILY.name:
        raise VoiceError(f"{path}: a {found.half.family} checkpoint; expected one of {FAMILY.name}")
    model = Tacotron2(Tacotron2Dims(**state["dims"]))
    model.load_state_dict(state["average"])
    return model.eval()


@torch.no_grad()
def predicted(model: Tacotron2, data: dict[str, Any]) -> np.ndarray:
    """A shard's features [F, n_features] with every aligned frame replaced by the model's; the rest stays as recorded."""
    features = data["features"].copy()
    utterances = Utterances(data, model.dims.frames_per_step, BUDGET, seed=1)
    for indices in utterances.epoch():
        batch = utterances.collate(indices)
        given = model.standardize(batch["frames"])
        _, fine, _, _ = model.aligned(batch["ids"], batch["mask"], given, batch["weights"], batch["position"])
        restored = model.restore(fine).numpy().astype(np.float16)
        for row, index in enumerate(indices):
            count = int(utterances.steps[index]) * model.dims.frames_per_step
            start = int(data["starts"][index])
            features[start : start + count] = restored[row, :count]
    return features


def rewrite(source: Path, checkpoint: Path, out: Path) -> Iterator[str]:
    """Write to `out` every shard of `source` with the model's features; yields a line for each.

    Shards that are there already are kept. Raises VoiceError where the model knows other features or symbols.
    """
    layout, model = read_layout(source), read_acoustic(checkpoint)
    if (model.dims.n_features, model.dims.n_symbols) != (layout.contract.n_features, len(layout.symbols)):
        raise VoiceError(f"{checkpoint}: {model.dims.n_features} features and {model.dims.n_symbols} symbols; {source} has "
                         f"{layout.contract.n_features} and {len(layout.symbols)}")  # fmt: skip
    layout.write(out)
    for path in shard_paths(source):
        if (out / path.name).exists():
            continue
        data = load_shard(path)
        features = predicted(model, data)
        partial = out / f".{path.name}"
        np.savez(partial, **(data | {"features": features}))
        os.replace(partial, out / path.name)
        error = float(np.abs(features.astype(np.float32) - data["features"])[data["alignment"] >= 0].mean())
        yield f"{path.name}: {len(features)} frames, {error:.3f} from the recorded ones on average"
