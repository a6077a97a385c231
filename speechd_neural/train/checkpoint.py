"""Checkpoints: everything a training run needs to go on where it was cut off, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from speechd_neural.errors import VoiceError


def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    temporary = path.with_suffix(".partial")
    torch.save(dict(state), temporary)
    os.replace(temporary, path)


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


def clip_and_step(model: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor, rate: float, limit: float) -> float:
    """One update; returns the gradient's norm. An update whose gradient is not finite is left out."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    norm = float(nn.utils.clip_grad_norm_(model.parameters(), limit))
    if norm == norm and norm != float("inf"):
        optimizer.step()
    return norm
