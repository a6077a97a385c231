"""Checkpoints: everything a training run needs to go on where it was cut off, written whole or not at all."""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from speechd_neural.errors import OutputError, VoiceError
from speechd_neural.train.together import Statistics, Together


def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Raises OutputError where it cannot be written; the one before it is whole then."""
    temporary, whole = path.with_suffix(".partial"), io.BytesIO()
    torch.save(dict(state), whole)  # torch would not say why a file could not be written
    try:
        temporary.write_bytes(whole.getbuffer())
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise OutputError(f"{path}: {error.strerror}; the run goes on from the checkpoint before") from None


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Raises VoiceError when the file is missing or is not a checkpoint (nothing in it is executed)."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise VoiceError(f"{path}: not a readable checkpoint ({type(error).__name__})") from None
    if not isinstance(state, dict):
        raise VoiceError(f"{path}: not a checkpoint of this trainer")
    return state


class Average:
    """Exponential moving average of a model's weights; what is exported. Young averages forget faster."""

    def __init__(self, model: nn.Module, decay: float = 0.999) -> None:
        self.decay = decay
        self.weights = {name: value.detach().clone().float() for name, value in model.state_dict().items()}

    def update(self, model: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in model.state_dict().items():
            average = self.weights[name]
            if value.dtype.is_floating_point:
                average.lerp_(value.detach().float().to(average.device), 1 - decay)
            else:
                self.weights[name] = value.detach().clone()


class Schedule:
    """Learning rate over a run that is bounded by time: a short warm-up, constant, then to 5 % over the last third."""

    def __init__(self, peak: float, seconds: float, warm_up: int = 100) -> None:
        self.peak, self.seconds, self.warm_up = peak, seconds, warm_up

    def rate(self, step: int, elapsed: float) -> float:
        remaining = max(0.0, 1 - elapsed / self.seconds)
        return self.peak * min(1.0, (step + 1) / self.warm_up) * max(0.05, min(1.0, remaining * 3))


SAVE_EVERY, REPORT_EVERY = 180.0, 20.0  # seconds


class Run:
    """A training run bounded by minutes and updates, earlier runs included: it goes on from its checkpoint NAME.pt, averages
    the weights, writes a row of NAME.log.jsonl now and then, and saves itself.

    description: what the checkpoint says beside the weights (sizes, mel contract); amount: the unit of `speed` in the log;
    start: a checkpoint whose averaged weights a new run begins with; companions: whatever else has a state to be kept, such
    as an opponent and its optimizer; together: the processes that share the run.

    An update is `learn` for each shard of the batch, then `update`.
    """

    def __init__(
        self,
        path: Path,
        model: nn.Module,
        *,
        rate: float,
        minutes: float,
        updates: int | None,
        description: Mapping[str, Any],
        amount: str,
        progress: bool,
        start: Path | None = None,
        companions: Mapping[str, Any] | None = None,
        together: Together | None = None,
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.model, self.description = path, model, description
        self.together = together or Together()
        self.minutes, self.updates, self.amount = minutes, updates, amount
        self.optimizer = torch.optim.Adam(model.parameters(), lr=rate, betas=(0.9, 0.99), eps=1e-8)
        self.schedule = Schedule(rate, minutes * 60)
        self.companions = companions or {}
        there = self.together.same(path.exists())
        if start is not None and not there:
            self._begin_with(start)
        self.average = Average(model)
        self.step, self._before = 0, 0.0
        if there:  # the other machines need not see the first one's disk
            self._go_on_from(self.together.same(load_checkpoint(path) if self.together.leads else None))
        self._begun = self._saved = self._reported = time.monotonic()
        self._elapsed = self._before
        self._statistics = Statistics(self.together, model)
        self._sums: dict[str, float] = {}
        self._weight, self._done = 0.0, 0.0
        progress = progress and self.together.leads
        self._bar = tqdm(total=round(minutes * 60), initial=round(self._before), unit="s", disable=not progress)

    def _begin_with(self, start: Path) -> None:
        state = load_checkpoint(start)
        try:
            self.model.load_state_dict(state["average"])
        except (KeyError, ValueError, RuntimeError, TypeError, AttributeError):
            raise VoiceError(f"{start}: its weights do not fit a network of these sizes "
                             f"({self.description.get('dims')})") from None  # fmt: skip

    def _go_on_from(self, state: Mapping[str, Any]) -> None:
        try:
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            for name, companion in self.companions.items():
                if name in state:
                    companion.load_state_dict(state[name])
            self.average.weights, self.step, self._before = state["average"], state["step"], state["elapsed"]
        except (KeyError, ValueError, RuntimeError, TypeError, AttributeError):
            sizes = self.description.get("dims", dict(self.description))
            raise VoiceError(f"{self.path}: not a checkpoint that a network of these sizes can go on from ({sizes}); give "
                             "another directory, or remove it to begin anew") from None  # fmt: skip

    @property
    def elapsed(self) -> float:
        """Seconds of training up to the last update, earlier runs included: the same in all processes."""
        return self._elapsed

    @property
    def share(self) -> float:
        """How much of the run's time is over, 0 to 1."""
        return min(1.0, self.elapsed / (self.minutes * 60))

    @property
    def over(self) -> bool:
        return self.elapsed >= self.minutes * 60 or (self.updates is not None and self.step >= self.updates)

    @contextlib.contextmanager
    def shard(self, seed: int, shard: int) -> Iterator[None]:
        """Around whatever a shard's loss is computed with."""
        self.together.draw(seed, self.step, shard)
        self._statistics.before_shard()
        yield
        self._statistics.after_shard()

    def learn(self, loss: Tensor, parts: Mapping[str, Tensor], weight: float = 1.0) -> None:
        """The gradients of a shard, which is `weight` of the batch. parts: what the log tells."""
        (weight * loss).backward()
        for name, part in parts.items():
            self._sums[name] = self._sums.get(name, 0.0) + weight * float(part.detach())
        self._weight += weight

    def update(self, amount: float) -> None:
        """One update of the weights with what was learned. amount: how much the batch was, in the log's unit."""
        rate = self.schedule.rate(self.step, self.elapsed)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.together.add_gradients(self.model.parameters())
        self._statistics.settle()
        norm = float(nn.utils.clip_grad_norm_(self.model.parameters(), 1.0))
        if math.isfinite(norm):  # else the update is left out
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.average.update(self.model, self.step)
        self.step += 1
        self._done += amount
        now = time.monotonic()
        self._elapsed = self.together.same(self._before + now - self._begun)
        if not self.together.leads:
            return
        if now - self._reported > REPORT_EVERY:
            self._report(rate, now)
        if now - self._saved > SAVE_EVERY:
            self.save()

    def _report(self, rate: float, now: float) -> None:
        row = {"step": self.step, "minutes": round(self.elapsed / 60, 2)}
        row |= {name: round(value / self._weight, 4) for name, value in self._sums.items()}
        row |= {"rate": rate, self.amount: round(self._done / (now - self._reported), 1)}
        with self.path.with_suffix(".log.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")
        self._bar.update(round(self.elapsed) - self._bar.n)
        self._bar.set_postfix({name: value for name, value in row.items() if name not in ("minutes", "rate")})
        self._sums, self._weight, self._done, self._reported = {}, 0.0, 0.0, now

    def close(self) -> Path:
        """The end of the run: saves; returns the checkpoint."""
        self.save()
        self._bar.close()
        self.together.leave()
        return self.path

    def save(self) -> None:
        if not self.together.leads:
            return
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.weights,
        } | {name: companion.state_dict() for name, companion in self.companions.items()}
        save_checkpoint(self.path, {**self.description, **state, "step": self.step, "elapsed": self.elapsed})
        self._saved = time.monotonic()
