"""What the runtime asks of an acoustic model, whichever family it is of and wherever it computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Floats

Check = Callable[[], None]
WINDOW = {"back": 1, "ahead": 6}  # symbols either side of the last position that attention is kept to


class Decoder(Protocol):
    """The step by step part of the acoustic model, at some step."""

    def run(
        self, steps: int, milliseconds: float = ..., until: int = ...
    ) -> tuple[Floats, npt.NDArray[np.int32], Floats, Floats]:
        """At most `steps` steps, fewer where the time is up or attention has reached symbol `until`.

        → standardized frames [n · frames_per_step, F], positions [n], gate logits [n], attention [n, symbols].
        """
        ...

    def copy(self) -> Decoder: ...

    def retry(self, seed: int) -> None:
        """Go on in another way: with other random numbers, and with attention kept to a window of symbols around the last
        position, also in a model that was trained without one; there, the position moves by a symbol in two frames at most.
        """
        ...


class Features(Protocol):
    """Decoder frames [n, F] → features in the contract's numbers, as far as the frames behind them are known."""

    def feed(self, frames: Floats) -> Floats: ...

    def finish(self) -> Floats: ...


class Acoustic(Protocol):
    """An acoustic model with its weights; any number of texts may be under way."""

    def encode(self, ids: npt.NDArray[np.int64], check: Check) -> Floats:
        """Symbols [n] → memory [n, encoder]; `check` is called every few milliseconds."""
        ...

    def decode(self, memory: Floats, seed: int) -> Decoder:
        """A decoder at its first step."""
        ...

    def postnet(self) -> Features: ...
