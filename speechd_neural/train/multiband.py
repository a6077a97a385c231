"""Training of the multi-band WaveRNN.

The corpus is read as `batch` streams that run through it side by side, a block of frames at a time; the GRU's state
travels from block to block (truncated back-propagation through time), so that training sees the states that
speaking will see. Noise on the past samples teaches the network to live with its own errors (LPCNet, section 3.5).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from speechd_neural.errors import UsageError
from speechd_neural.train.checkpoint import Run
from speechd_neural.train.features import BLOCK, load_shards
from speechd_neural.train.together import Together
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.models.multiband import MultiBandDims, MultiBandWaveRNN, mixture_loss, pitch_lag
from speechd_neural.voice.subbands import BandPrediction, FilterBank

PAST = 128  # steps of history a block looks back to: the longest pitch period and the prediction order
NOISE = 0.15  # standard deviation of the noise amplitude, relative to the residual's deviation


class Streams:
    """Blocks of the corpus for `batch` parallel readers."""

    def __init__(self, data: dict[str, Any], contract: MelContract, dims: MultiBandDims, batch: int, seed: int) -> None:
        self.steps_per_frame = contract.hop_length // dims.bands
        self.step_rate = contract.sample_rate / dims.bands
        self.dims = dims
        self.bands = torch.from_numpy(np.pad(data["bands"], ((PAST, 0), (0, 0))))
        self.features = np.pad(data["features"], ((2, 2), (0, 0)), mode="edge")
        self.prediction = BandPrediction.create(contract, FilterBank.create(dims.bands), dims.order)
        self.blocks = len(data["features"]) // BLOCK
        self.first = np.zeros(self.blocks, bool)
        self.first[data["starts"][:-1] // BLOCK] = True
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)
        self.position = self.rng.integers(self.blocks, size=batch)

    def next(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """inputs [steps, batch, n_inputs], features [batch, BLOCK + 4, n_features], residual [steps, batch, bands],
        keep [batch, 1]: 0 where an utterance begins and the state must be forgotten."""
        block = self.position
        keep = torch.from_numpy(~self.first[block]).float()[:, None]
        self.position = (block + 1) % self.blocks
        frames = block[:, None] * BLOCK + np.arange(BLOCK + 4)
        features = self.features[frames].astype(np.float32)
        n_mels = self.prediction.contract.n_mels
        predictors, deviation, band_deviation = (
            torch.from_numpy(a).reshape(len(block), BLOCK, *a.shape[1:])
            for a in self.prediction(features[:, 2:-2, :n_mels].reshape(-1, n_mels))
        )
        per = self.steps_per_frame
        steps = BLOCK * per
        # Residuals one period back need predictions of the past too; the block's first frame serves for them.
        index = torch.from_numpy(block * steps)[:, None] + torch.arange(PAST + steps)
        x = self.bands[index].float()  # [batch, PAST + steps, bands]
        amplitude = torch.randn(len(block), 1, 1, generator=self.generator).abs() * NOISE

        def spread(a: Tensor) -> Tensor:
            b = a.repeat_interleave(per, 1)
            return torch.cat([b[:, :1].expand(-1, PAST, *b.shape[2:]), b], 1)

        a, s, sx = spread(predictors), spread(deviation), spread(band_deviation)
        noisy = x + amplitude * s * torch.randn(x.shape, generator=self.generator)
        order = self.dims.order
        predicted = torch.zeros_like(x)
        for k in range(order):
            predicted[:, order:] += a[:, order:, :, k] * noisy[:, order - 1 - k : -1 - k]
        error = ((noisy - predicted) / s).clamp(-12, 12)
        target = ((x - predicted) / s)[:, PAST:].clamp(-12, 12)
        here = torch.arange(PAST, PAST + steps)
        lag = pitch_lag(torch.from_numpy(features[:, 2:-2, -2]), self.step_rate).repeat_interleave(per, 1)
        ago = here[None] - lag
        rows = torch.arange(len(block))[:, None]
        inputs = torch.cat(
            [
                noisy[:, here - 1] / sx[:, here],
                error[:, here - 1],
                predicted[:, here] / sx[:, here],
                error[rows, ago - 1],
                error[rows, ago],
                error[rows, ago + 1],
            ],
            -1,
        )
        return inputs.transpose(0, 1).contiguous(), torch.from_numpy(features), target.transpose(0, 1), keep


def train(
    shards: Path,
    out: Path,
    *,
    contract: MelContract,
    dims: MultiBandDims,
    minutes: float,
    updates: int | None = None,
    batch: int = 32,
    rate: float = 1e-3,
    half: bool = True,
    device: str = "cpu",
    seed: int = 1,
    progress: bool = True,
    start: Path | None = None,
    shards_of_batch: int = 1,
) -> Path:
    """Train for `minutes`, and at most `updates`, in all (a resumed out/multiband.pt counts); returns the checkpoint.

    start: a checkpoint to begin with, such as the same vocoder before it met an acoustic model's own features;
    batch: of all processes together; shards_of_batch: as in Together."""
    torch.manual_seed(seed)
    together = Together(device, shards_of_batch)
    device = together.device
    if batch < together.shards:
        raise UsageError(f"{together.shards} processes; accepted: {batch} at most, one for each stream of a batch")
    model = MultiBandWaveRNN(dims).to(device)
    run = Run(
        out / "multiband.pt", model, rate=rate, minutes=minutes, updates=updates, progress=progress,
        description={"dims": asdict(dims), "contract": asdict(contract)}, amount="network_steps_per_second",
        start=start, together=together,
    )  # fmt: skip
    streams = Streams(load_shards(shards), contract, dims, batch, seed + run.step)
    states = {shard: torch.zeros(1, dims.gru, device=device) for shard in together.mine}
    while not run.over:
        inputs, features, residual, keep = streams.next()
        for shard, state in states.items():
            rows = together.rows(batch, shard)
            heard, known, wanted, kept = (t.to(device) for t in (inputs[:, rows], features[rows], residual[:, rows], keep[rows]))
            with run.shard(seed, shard):
                parameters, last = model(heard.contiguous(), known, state * kept, streams.steps_per_frame, half)
                loss = mixture_loss(parameters, wanted).mean()
                run.learn(loss, {"loss": loss}, len(kept) / batch)
            # A state that is no number would stay none: no update would be made any more, and nobody would be told.
            states[shard] = last.detach().nan_to_num()
        run.update(len(inputs) * batch)
    return run.close()
