"""What every importer needs: weights out of a file in which nothing is executed, checked name by name."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from speechd_neural.errors import VoiceError
from speechd_neural.voice.family import Half

State = dict[str, npt.NDArray[Any]]

LARGEST = 1e15
WRAPPINGS = ("state_dict", "model_state_dict", "model_state", "model")  # under which a training loop saves the weights
LENGTH = re.compile(r"(?P<owner>.*\.|)parametrizations\.(?P<new>\w+)\.original0|(?P<old>.+)_g")


@dataclass(frozen=True, slots=True)
class Imported:
    """One half of a voice. state: named as the reference model in voice/models names its weights.

    symbols, reads: of an acoustic model (see bundle.Manifest); a vocoder has none.
    """

    path: Path
    half: Half
    state: State
    symbols: tuple[str, ...] = ()
    reads: str = "characters"


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The dictionary in a torch file. Raises VoiceError for anything that is not plain weights."""
    if not path.is_file():
        raise VoiceError(f"{path}: no such file; expected a torch checkpoint (.pt, .pth, .pyt)")
    try:
        with warnings.catch_warnings(action="ignore"):  # of odd versions of the format; what matters is whether it can be read
            found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        if (kind := re.search(r"GLOBAL ([\w.]+)", str(error))) or "class" in str(error):
            what = kind[1] if kind else "objects or code"
            raise VoiceError(f"{path}: holds {what} besides weights; it is not loaded; accepted: what "
                             "torch.save(model.state_dict(), …) writes") from None  # fmt: skip
        raise VoiceError(f"{path}: truncated, or not a torch checkpoint ({type(error).__name__})") from None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise VoiceError(f"{path}: not a checkpoint: expected weights by name, found {type(found).__name__}")
    return found


def weights_of(path: Path, checkpoint: Mapping[str, Any]) -> State:
    """The weights of a plain or wrapped state dict as float32, under the names that the model itself has for them.

    Raises VoiceError for what is not a tensor and for values that are not finite, or so large that their squares are not.
    """
    wrapped = next((checkpoint[name] for name in WRAPPINGS if name in checkpoint), checkpoint)
    if not isinstance(wrapped, dict) or not wrapped or not all(isinstance(name, str) for name in wrapped):
        raise VoiceError(f"{path}: no weights in it")
    state: State = {}
    for name, value in wrapped.items():
        if not isinstance(value, torch.Tensor):
            raise VoiceError(f"{path}: {name}: {type(value).__name__}; expected a tensor")
        if value.numel() == 0:
            raise VoiceError(f"{path}: {name}: shape {list(value.shape)}: no numbers in it")
        if value.layout != torch.strided or value.device.type != "cpu" or value.is_complex() or value.is_quantized:
            raise VoiceError(f"{path}: {name}: expected a plain tensor of real numbers")
        if value.untyped_storage().nbytes() < value.numel() * value.element_size():
            # Rows that are all the same row: a small file could ask for any amount of memory.
            raise VoiceError(f"{path}: {name}: shape {list(value.shape)}, but fewer numbers are in the file")
        state[name] = value.detach().float().numpy() if value.is_floating_point() else value.numpy()
    state = _normed(_unwrapped(state))
    for name, array in state.items():
        if array.dtype.kind == "f" and not (np.abs(array) < LARGEST).all():
            raise VoiceError(f"{path}: {name}: holds values that are not finite, or beyond {LARGEST:g}")
    return state


def _unwrapped(state: State) -> State:
    """Without what all names begin with: parallel training ("module."), a compiled model, a class around the model."""
    while len(owners := {name.partition(".")[0] for name in state}) == 1 and all("." in name for name in state):
        prefix = f"{owners.pop()}."
        state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def _normed(state: State) -> State:
    """With each weight that was trained as length and direction (weight norm, of either kind that torch has) as one array."""
    out = dict(state)
    for name in state:
        if (found := LENGTH.fullmatch(name)) is None:
            continue
        new = found["new"]
        whole, partner = (found["owner"] + new, f"{name[:-1]}1") if new else (found["old"], f"{found['old']}_v")
        if partner not in out or state[name].ndim != out[partner].ndim:
            continue
        length, direction = state[name], state[partner]
        around = tuple(axis for axis, size in enumerate(length.shape) if size == 1)
        if any(n not in (1, m) for n, m in zip(length.shape, direction.shape, strict=True)):
            continue
        del out[name], out[partner]
        with np.errstate(divide="ignore", invalid="ignore"):  # no direction: no number, and that is told
            out[whole] = length * direction / np.sqrt((direction**2).sum(axis=around, keepdims=True))
    return out


def renamed(state: State, rules: list[tuple[str, str]]) -> State:
    """Every name with all the rules' regular expressions replaced, in order."""
    out: State = {}
    for name, value in state.items():
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        out[name] = value
    return out


def shape(path: Path, state: State, name: str, dimensions: int) -> tuple[int, ...]:
    """The shape of an array the sizes of a model are derived from."""
    if name not in state:
        raise VoiceError(f"{path}: {name}: missing")
    if state[name].ndim != dimensions:
        raise VoiceError(f"{path}: {name}: shape {list(state[name].shape)}; expected {dimensions} dimensions")
    return tuple(state[name].shape)


def counted(state: State, pattern: str) -> int:
    """How many layers there are: PATTERN's {} is their number, from 0 on."""
    count = 0
    while pattern.format(count) in state:
        count += 1
    return count


def fitted(path: Path, state: State, build: Callable[[], torch.nn.Module]) -> State:
    """`state` if it has exactly the names and shapes of the model that `build` makes (no memory is taken for it)."""
    try:
        with torch.device("meta"):
            expected = {name: list(value.shape) for name, value in build().state_dict().items()}
    except (ValueError, TypeError, RuntimeError, ArithmeticError) as error:
        reason = str(error).partition("\n")[0]
        raise VoiceError(f"{path}: no model of this kind has such sizes ({reason})") from None
    kept: State = {}
    for name, wanted in expected.items():
        if name.endswith("num_batches_tracked"):
            continue
        if name not in state:
            raise VoiceError(f"{path}: {name}: missing; expected an array {wanted}")
        if list(state[name].shape) != wanted:
            raise VoiceError(f"{path}: {name}: shape {list(state[name].shape)}; expected {wanted}")
        kept[name] = state[name]
    extra = sorted(name for name in state if name not in expected and not name.endswith("num_batches_tracked"))
    if extra:
        raise VoiceError(f"{path}: {extra[0]}: no such weights in this kind of model ({len(extra)} unknown names)")
    return kept
