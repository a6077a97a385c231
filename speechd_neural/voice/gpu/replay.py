"""Work on fixed tensors, done again and again: on a GPU it is captured once as a CUDA graph, whose kernels then start
without Python in between; elsewhere it is simply done."""

from __future__ import annotations

import contextlib
import functools
import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

WARM_UP = 3  # times that libraries may allocate and choose algorithms before the capture
# One capture at a time: voices are loaded in threads of their own, and long texts get their graphs while others speak.
# Nor is memory given back meanwhile, for which the whole device would have to stand still.
CAPTURING = threading.Lock()


@functools.cache
def _aside(device: torch.device) -> Any:
    """The stream of all captures. cuBLAS keeps megabytes of working memory for each stream that it has ever computed in."""
    return torch.cuda.Stream(device)


class Replay:
    """`work` takes nothing and returns nothing: it reads and writes tensors that keep their place."""

    def __init__(self, work: Callable[[], None], device: torch.device) -> None:
        self._device = device
        self._graph: Any = None
        self._work: Callable[[], None] | None = work
        if device.type == "cuda":
            with CAPTURING, _uncollected():
                self._graph = _captured(work, device)
            # The graph does without it, and the owner of the tensors, whose method it is, goes as soon as nobody needs it.
            self._work = None

    def __call__(self) -> None:
        if self._work is not None:
            self._work()
        else:
            self._graph.replay()
            # Else the caller, who looks at the clock and at cancellation, would run far ahead of the device.
            torch.cuda.current_stream(self._device).synchronize()


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's collector: what it finds may give memory or graphs back to the device, which ends a capture."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _captured(work: Callable[[], None], device: torch.device) -> Any:
    aside, before = _aside(device), torch.cuda.current_stream(device)
    aside.wait_stream(before)
    with torch.cuda.stream(aside):
        for _ in range(WARM_UP):
            work()
    before.wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    # Other threads may go on using the device meanwhile.
    with torch.cuda.graph(graph, stream=aside, capture_error_mode="thread_local"):
        work()
    return graph


class Weights:
    """The arrays of a bundle as float32 tensors on a device; int8 rows have their scale multiplied in."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], device: torch.device) -> None:
        self._arrays, self._device = arrays, device

    def __call__(self, name: str) -> Tensor:
        """Raises ValueError that names the array where it is missing."""
        if name not in self._arrays:
            raise ValueError(f"{name}: missing")
        value = np.asarray(self._arrays[name], np.float32)
        if f"{name}.scale" in self._arrays:
            value = value * self._arrays[f"{name}.scale"][:, None]
        return torch.tensor(value, device=self._device)

    def convolution(self, name: str, kernel: int) -> tuple[Tensor, Tensor]:
        """Weight [outputs, inputs, kernel] and bias; the bundle has it tap by tap."""
        flat = self(f"{name}.weight")
        return flat.view(len(flat), kernel, -1).transpose(1, 2).contiguous(), self(f"{name}.bias")
