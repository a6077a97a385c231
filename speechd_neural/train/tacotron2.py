"""Training of Tacotron 2 where the corpus tells which symbol sounds when: the attention is shown its path (a cross-entropy
towards the known alignment), so that it does not have to be discovered, and all decoder steps run in one pass.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from speechd_neural.errors import VoiceError
from speechd_neural.train.adversary import MelCritic, critic_loss, cut_patches, deception_loss
from speechd_neural.train.checkpoint import Run
from speechd_neural.train.features import load_shards, read_layout
from speechd_neural.train.together import Together
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.models.tacotron2 import AHEAD, BACK, Tacotron2, Tacotron2Dims

PITCH_WEIGHT = 4.0  # the two pitch columns count more than one mel band: the ear hears them alone
SHORTEST = 4  # decoder steps of an utterance that is worth learning from
PATCHES = 24  # patches of mel that the critic sees in an update
CRITIC_RATE = 2e-4
LAG = 0.1  # how often the window is anchored one symbol early, as it may be when speaking


class Utterances:
    """Batches of utterances of like length, at most `budget` decoder steps each, padding included."""

    def __init__(self, data: dict[str, Any], frames_per_step: int, budget: int, seed: int) -> None:
        self.data, self.per_step, self.budget = data, frames_per_step, budget
        starts = data["starts"]
        real = np.add.reduceat(data["alignment"] >= 0, starts[:-1])
        self.steps = real // frames_per_step
        self.rng = np.random.default_rng(seed)
        if not (self.steps >= SHORTEST).any():
            raise VoiceError(f"no utterance has an alignment of {SHORTEST * frames_per_step} frames or more")

    def epoch(self) -> list[np.ndarray]:
        order = np.argsort(self.steps + self.rng.uniform(0, 10, len(self.steps)))
        order = order[self.steps[order] >= SHORTEST]
        batches, batch = [], [order[0]]
        for index in order[1:]:
            if (len(batch) + 1) * self.steps[index] > self.budget or len(batch) == 64:
                batches.append(np.array(batch))
                batch = []
            batch.append(index)
        batches.append(np.array(batch))
        self.rng.shuffle(batches)
        return batches

    def collate(self, batch: np.ndarray) -> dict[str, Tensor]:
        """ids, mask [B, S]; frames [B, T·R, F]; weights [B, T, S]; position [B, T]; valid [B, T]; last [B, T]."""
        data, r = self.data, self.per_step
        steps = int(self.steps[batch].max())
        spans = [(int(data["symbol_starts"][i]), int(data["symbol_starts"][i + 1])) for i in batch]
        size = max(b - a for a, b in spans)
        ids = torch.zeros(len(batch), size, dtype=torch.long)
        mask = torch.zeros(len(batch), size)
        frames = torch.zeros(len(batch), steps * r, data["features"].shape[1])
        weights = torch.zeros(len(batch), steps, size)
        position = torch.zeros(len(batch), steps, dtype=torch.long)
        valid = torch.zeros(len(batch), steps)
        last = torch.zeros(len(batch), steps)
        for row, (index, (a, b)) in enumerate(zip(batch, spans, strict=True)):
            n, start = int(self.steps[index]), int(data["starts"][index])
            ids[row, : b - a] = torch.from_numpy(data["symbols"][a:b].astype(np.int64))
            mask[row, : b - a] = 1
            frames[row, : n * r] = torch.from_numpy(data["features"][start : start + n * r].astype(np.float32))
            known = torch.from_numpy(data["alignment"][start : start + n * r].astype(np.int64)).view(n, r)
            weights[row, :n].scatter_add_(1, known, torch.full_like(known, 1 / r, dtype=torch.float32))
            position[row, 1:n] = known[:-1, -1]
            position[row, n:] = known[-1, -1]
            valid[row, :n] = 1
            last[row, n - 1 :] = 1
        early = torch.from_numpy(self.rng.random(position.shape) < LAG)
        position = (position - early.long()).clamp(min=0)
        return {
            "ids": ids,
            "mask": mask,
            "frames": frames,
            "weights": weights,
            "position": position,
            "valid": valid,
            "last": last,
        }


def losses(model: Tacotron2, batch: dict[str, Tensor], half: bool) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    """The parts of the loss, each a mean over valid steps; the standardized target; the frames before the postnet."""
    r = model.dims.frames_per_step
    target = model.standardize(batch["frames"])
    given = target + 0.1 * torch.randn_like(target)
    coarse, fine, gate, log_weights = model.aligned(
        batch["ids"], batch["mask"], given, batch["weights"], batch["position"], half
    )
    valid = batch["valid"]
    count = valid.sum()
    column = torch.ones(target.shape[-1], device=target.device)
    if model.dims.n_features % 2 == 0 and model.dims.n_features > 80:
        column[-2:] = PITCH_WEIGHT
    by_frame = batch["valid"].repeat_interleave(r, 1)[..., None] * column / (count * r * column.sum())

    def distance(frames: Tensor) -> Tensor:
        return (by_frame * ((frames - target).abs() + 0.5 * (frames - target) ** 2)).sum()

    window = batch["position"][..., None] + torch.arange(-BACK, AHEAD + 1, device=target.device)
    size = batch["weights"].shape[2]
    wanted = batch["weights"].gather(2, window.clamp(0, size - 1)) * ((window >= 0) & (window < size))
    attention = -(wanted * log_weights).sum(-1)
    stop = F.binary_cross_entropy_with_logits(
        gate, batch["last"], reduction="none", pos_weight=torch.tensor(8.0, device=gate.device)
    )
    parts = {
        "coarse": distance(coarse),
        "fine": distance(fine),
        "attention": (attention * valid).sum() / count,
        "gate": (stop * valid).sum() / count,
    }
    return parts, target, coarse


class Adversary:
    """The postnet's opponent: trained beside it over the later part of a run."""

    def __init__(self, contract: MelContract, weight: float, begin: float, device: str) -> None:
        self.weight, self.begin, self.n_mels = weight, begin, contract.n_mels
        self.critic = MelCritic().to(device)
        self.optimizer = torch.optim.Adam(self.critic.parameters(), lr=CRITIC_RATE, betas=(0.5, 0.9))

    def loss(
        self, model: Tacotron2, batch: dict[str, Tensor], target: Tensor, coarse: Tensor, share: float
    ) -> dict[str, Tensor]:
        """Teaches the critic, and returns what the postnet (and nothing before it) shall learn from it. share: of all that
        is learned before the next update."""
        fine = model.run_postnet(coarse.detach())
        heard = batch["valid"].repeat_interleave(model.dims.frames_per_step, 1)
        recorded, predicted = cut_patches(heard, target[..., : self.n_mels], fine[..., : self.n_mels], most=PATCHES)
        if len(recorded) == 0:
            return {}
        verdict = critic_loss(self.critic, recorded, predicted)
        (share * verdict).backward()
        self.critic.requires_grad_(False)  # it is not to learn how to be deceived
        deception = self.weight * deception_loss(self.critic, recorded, predicted)
        self.critic.requires_grad_(True)
        return {"critic": verdict.detach(), "deception": deception}

    def update(self, together: Together) -> None:
        together.add_gradients(self.critic.parameters())
        if any(parameter.grad is not None for parameter in self.critic.parameters()):
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)


def train(
    shards: Path,
    out: Path,
    *,
    contract: MelContract,
    dims: Tacotron2Dims,
    minutes: float,
    updates: int | None = None,
    budget: int = 3000,
    rate: float = 1e-3,
    half: bool = True,
    device: str = "cpu",
    seed: int = 1,
    progress: bool = True,
    start: Path | None = None,
    adversarial: float = 0.0,
    adversarial_from: float = 0.5,
    shards_of_batch: int = 1,
) -> Path:
    """Train for `minutes`, and at most `updates`, in all (a resumed out/tacotron2.pt counts); returns the checkpoint.

    start: a checkpoint to begin with; adversarial: weight of the mel critic, which is there from that share of the run on;
    shards_of_batch: as in Together.
    """
    torch.manual_seed(seed)
    together = Together(device, shards_of_batch)
    device = together.device
    data = load_shards(shards)
    model = Tacotron2(dims).to(device)
    sample = data["features"][:: max(1, len(data["features"]) // 200_000)].astype(np.float32)
    model.feature_mean.copy_(torch.from_numpy(sample.mean(0)))
    model.feature_deviation.copy_(torch.from_numpy(sample.std(0)))
    adversary = Adversary(contract, adversarial, adversarial_from, device)
    run = Run(
        out / "tacotron2.pt", model, rate=rate, minutes=minutes, updates=updates, progress=progress,
        description={"dims": asdict(dims), "contract": asdict(contract), "symbols": list(read_layout(shards).symbols)},
        amount="times_real_time", start=start, together=together,
        companions={"critic": adversary.critic, "critic_optimizer": adversary.optimizer} if adversarial else None,
    )  # fmt: skip
    utterances = Utterances(data, dims.frames_per_step, budget, seed + run.step)
    seconds_per_step = dims.frames_per_step * contract.hop_length / contract.sample_rate
    while True:
        for indices in utterances.epoch():
            if run.over:
                return run.close()
            batch = utterances.collate(indices)
            whole = float(batch["valid"].sum())
            critical = adversarial > 0 and run.share >= adversarial_from
            for shard in together.mine:
                rows = together.rows(len(indices), shard)
                part = {name: t[rows].to(device) for name, t in batch.items()}
                with run.shard(seed, shard):
                    if share := float(part["valid"].sum()) / whole:
                        run.learn(*_lesson(model, part, half, adversary if critical else None, share), share)
            if critical:
                adversary.update(together)
            run.update(whole * seconds_per_step)


def _lesson(
    model: Tacotron2, batch: dict[str, Tensor], half: bool, adversary: Adversary | None, share: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """What a shard teaches, and its parts."""
    parts, target, coarse = losses(model, batch, half)
    total = parts["coarse"] + parts["fine"] + 0.5 * parts["attention"] + 0.2 * parts["gate"]
    if adversary is not None:
        against = adversary.loss(model, batch, target, coarse, share)
        total = total + against.get("deception", 0.0)
        parts |= against
    return total, parts
