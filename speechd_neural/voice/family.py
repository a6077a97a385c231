"""What a family of networks is: its sizes, packing, CPU, GPU, training and export, in one record.

The records stand in `families/`, a file each; the registry, two lines, is `families/__init__.py`. A new family is such a
record and what the record names: kernels, a reference model in `models/`, a trainer in `train/`. A record loads none of
those before they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from speechd_neural.arrays import Arrays
from speechd_neural.records import dataclass
from speechd_neural.voice.acoustics import Acoustic
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.packing import Packer, State
from speechd_neural.voice.vocoders import Vocoder

Device = Any  # torch.device


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two networks of a voice. options: what is not a size (the vocoder's temperature)."""

    family: str
    contract: MelContract
    dims: Mapping[str, int]
    options: Mapping[str, float] = field(default_factory=dict)

    @property
    def temperature(self) -> float:
        """Of a vocoder: how freely it draws its samples; 1 as it was trained."""
        return self.options.get("temperature", 1.0)


@dataclass(frozen=True, slots=True)
class Family:
    """dims: the sizes that a manifest must give; may_be_0: those of them that need not be 1 at least; defaults: those that a
    reference model's own sizes do not give.

    pack: a reference model's weights → a bundle's arrays. model: () → (sizes, network), the classes of the reference
    model of a family that is trained here (needs torch). trainer: the file of `train/` whose `train` makes its
    checkpoints. options: what a checkpoint is exported with (see Half); ranges: what the options of this family alone may be.
    """

    name: str
    dims: tuple[str, ...]
    pack: Callable[[State, Mapping[str, int]], Packer]
    may_be_0: tuple[str, ...] = ()
    defaults: Mapping[str, int] = field(default_factory=dict)
    model: Callable[[], tuple[Any, Any]] | None = None
    trainer: str = ""
    options: Mapping[str, float] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def sizes(self, given: Mapping[str, int]) -> dict[str, int]:
        """`given`, which may hold more than a manifest wants, as a manifest has it."""
        found = {**self.defaults, **given}
        return {name: int(found[name]) for name in self.dims if name in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class AcousticFamily(Family):
    """cpu: (arrays, half, processor path) → the model on the CPU; gpu: (arrays, half, device, bfloat16) → on a device of
    torch's, None where the CPU decodes also for a vocoder on a GPU. Both raise ValueError that names what does not fit."""

    cpu: Callable[[Arrays, Half, str], Acoustic]
    gpu: Callable[[Arrays, Half, Device, bool], Acoustic] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VocoderFamily(Family):
    """cpu: (arrays, half, processor path, threads: 0 for as many as suit) → the vocoder on the CPU; gpu: (arrays, half,
    device, bfloat16) → its network (gpu.networks.Network) on a device of torch's. Errors as above.

    gather: frames to decode for each frame handed over before more is spoken, where the CPU speaks. shortest: frames of a
    chunk at least. heavy: a CPU is slow at it, so a GPU is worth a trial.
    """

    cpu: Callable[[Arrays, Half, str, int], Vocoder]
    gpu: Callable[[Arrays, Half, Device, bool], Any]
    gather: float = 0.0
    shortest: int = 1
    heavy: bool = False
