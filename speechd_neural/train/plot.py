"""Pictures of a training run: its losses over time and, for Tacotron 2, where the attention looks when it speaks freely."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import TextError, VoiceError


def plot_training(log: Path, out: Path, checkpoint: Path | None, features: Path | None) -> None:
    """Write a PNG. Raises TextError when the log is not one of this trainer's."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    try:
        rows = [json.loads(line) for line in log.read_text().splitlines()]
        minutes = [row["minutes"] for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TextError(f"{log}: not a training log ({error})") from None
    figure, axes = plt.subplots(1, 2 if checkpoint else 1, figsize=(12 if checkpoint else 7, 4.5), squeeze=False)
    for name in ("loss", "coarse", "fine", "attention", "gate"):
        if rows and name in rows[-1]:
            axes[0, 0].plot(minutes, [row.get(name) for row in rows], label=name)
    axes[0, 0].set_xlabel("minutes")
    axes[0, 0].legend()
    if checkpoint and features:
        axes[0, 1].imshow(_alignment(checkpoint, features).T, origin="lower", aspect="auto", interpolation="nearest")
        axes[0, 1].set_xlabel("decoder step")
        axes[0, 1].set_ylabel("symbol")
    figure.tight_layout()
    figure.savefig(out)
    plt.close(figure)


def _alignment(checkpoint: Path, features: Path) -> npt.NDArray[np.float32]:
    """Attention [steps, symbols] of the first utterance. Raises VoiceError where it is no checkpoint of a Tacotron 2."""
    import torch

    from speechd_neural.train.checkpoint import load_checkpoint
    from speechd_neural.train.features import load_shards
    from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims

    state = load_checkpoint(checkpoint)
    try:
        model = Tacotron2(Tacotron2Dims(**state["dims"]))
        model.load_state_dict(state["average"])
    except (KeyError, TypeError, RuntimeError):
        raise VoiceError(f"{checkpoint}: not a checkpoint of a Tacotron 2 of this program") from None
    model.eval()
    data = load_shards(features)
    ids = torch.from_numpy(data["symbols"][: data["symbol_starts"][1]].astype("int64"))
    limit = 12 * len(ids)
    masks = 2.0 * torch.bernoulli(
        torch.full((limit, 2, model.dims.prenet), 0.5), generator=torch.Generator().manual_seed(1)
    )
    return np.asarray(model.infer(ids, masks, limit)[1].numpy())
