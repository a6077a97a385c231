"""What the runtime asks of a vocoder, whichever family it is of and wherever it computes."""

from __future__ import annotations

from typing import Protocol

from speechd_neural.arrays import Floats


class VocoderRun(Protocol):
    """A vocoder in the middle of a segment. Every family of vocoders looks like this."""

    @property
    def known(self) -> int:
        """Frames from the beginning that can be had with the features fed so far."""
        ...

    @property
    def finished(self) -> bool: ...

    def feed(self, features: Floats) -> None:
        """Features in the contract's numbers, [n, F]."""
        ...

    def end(self) -> None:
        """No more features follow."""
        ...

    def run(self, frames: int, milliseconds: float = ...) -> Floats:
        """Samples of at most `frames` more frames, fewer where features are wanted or the time is up."""
        ...


class Vocoder(Protocol):
    """A vocoder with its weights; any number of runs may be under way."""

    def speak(self, seed: int) -> VocoderRun: ...
