"""Several processes that train one model, as `torchrun` starts them: on several GPUs or several machines.

A global batch is cut into as many shards as there are processes. Each process learns from its own; their gradients are
added before each update, so that all processes keep the same weights, and the model is the one that a single process makes
of the same shards. The first process alone writes checkpoints and logs.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterable, Sequence
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from speechd_neural.errors import UsageError


class Together:
    """`shards`: of a batch, at least as many as there are processes; one process may learn from several of them."""

    def __init__(self, device: str = "cpu", shards: int = 1) -> None:
        self.device, self.rank, self.size = device, 0, 1
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            self._join()
        self.shards = max(shards, self.size)

    def _join(self) -> None:
        if self.device == "cuda":
            self.device = f"cuda:{os.environ['LOCAL_RANK']}"
            torch.cuda.set_device(self.device)
        try:
            if not dist.is_initialized():
                dist.init_process_group("nccl" if self.device.startswith("cuda") else "gloo")
                atexit.register(dist.destroy_process_group)
        except (ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise UsageError(f"the processes that torchrun started do not find each other: {reason}") from None
        self.rank, self.size = dist.get_rank(), dist.get_world_size()

    @property
    def leads(self) -> bool:
        return self.rank == 0

    @property
    def mine(self) -> range:
        """The shards that this process learns from."""
        return range(self.rank, self.shards, self.size)

    def rows(self, batch: int, shard: int) -> slice:
        """The rows of a batch that are a shard; none where the batch is smaller than that."""
        return slice(min(shard, batch), batch, self.shards)

    def draw(self, seed: int, step: int, shard: int) -> None:
        """Random numbers of this shard: the same whichever process draws them."""
        if self.shards > 1:
            torch.manual_seed(((seed * 1_000_003 + step) << 16) + shard)

    def same(self, value: Any) -> Any:
        """What the first process has, in all of them."""
        if self.size == 1:
            return value
        found = [value]
        dist.broadcast_object_list(found)
        return found[0]

    def leave(self) -> None:
        """The end of the run: nobody goes before all have come so far."""
        if self.size > 1:
            dist.barrier()

    def add(self, tensors: Iterable[Tensor]) -> None:
        """Each becomes the sum over all processes."""
        if self.size > 1 and (listed := list(tensors)):
            flat = torch.cat([t.detach().reshape(-1).float() for t in listed])
            dist.all_reduce(flat)
            for tensor, part in zip(listed, flat.split([t.numel() for t in listed]), strict=True):
                tensor.copy_(part.view_as(tensor))

    def add_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        listed = list(parameters)
        for parameter in listed if self.size > 1 else ():
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self.add(p.grad for p in listed if p.grad is not None)


class Statistics:
    """What batch norm has counted: each shard counts from where the update began, and the mean of all is kept."""

    def __init__(self, together: Together, model: nn.Module) -> None:
        self._together = together
        self._buffers: Sequence[Tensor] = list(model.buffers()) if together.shards > 1 else []
        self._begun = [b.clone() for b in self._buffers]
        self._sums = [torch.zeros_like(b) for b in self._buffers if b.dtype.is_floating_point]

    def _counted(self) -> list[Tensor]:
        return [b for b in self._buffers if b.dtype.is_floating_point]

    def before_shard(self) -> None:
        for buffer, begun in zip(self._buffers, self._begun, strict=True):
            buffer.copy_(begun)

    def after_shard(self) -> None:
        for buffer, total in zip(self._counted(), self._sums, strict=True):
            total += buffer / self._together.shards

    def settle(self) -> None:
        """The update is over. A shard without rows has counted nothing and stands for what was there before."""
        self._together.add(self._sums)
        for buffer, total in zip(self._counted(), self._sums, strict=True):
            buffer.copy_(total)
            total.zero_()
        for buffer, begun in zip(self._buffers, self._begun, strict=True):
            if not buffer.dtype.is_floating_point:  # the number of batches
                buffer.copy_(begun + 1)
            begun.copy_(buffer)
