"""Silence that need not be made: before the first sound of a text, and after its last.

A teacher may begin and end its sentences with some silence; the voice learns it. It is known from the decoder's frames and
from where attention is, before the vocoder has any work with it. What is cut lies 35 dB below speech, and the window of a
mel frame reaches beyond it: the softest beginning ("f", "th", "h") is louder from its first frame on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Floats

QUIET_DB = -55.0  # the voices speak at -20 dB
BEFORE = 0.01  # seconds kept before the first frame that is louder
# Seconds of silence after which a text is over: where attention has come to its last symbol, and where it rests on the
# last phone, whose silence may also be the closure before a release (70 ms in the voices in the box).
AFTER, AFTER_PHONE = 0.06, 0.14

Restored = Callable[[Floats], Floats]  # decoder frames in the contract's numbers
Levels = Callable[[Floats], npt.NDArray[np.float64]]  # of such frames, in dB


class Silence:
    def __init__(self, restored: Restored, levels: Levels, frame_seconds: float) -> None:
        self._restored, self._levels = restored, levels
        self._before = max(1, round(BEFORE / frame_seconds))
        self._after, self._after_phone = (max(1, round(seconds / frame_seconds)) for seconds in (AFTER, AFTER_PHONE))

    def over(self, frames: Floats, last: bool) -> bool:
        """Whether nothing follows these frames: in all of them attention rested on the last phone, or on the `last` symbol."""
        asked = self._after if last else self._after_phone
        return len(frames) >= asked and not self._loud(frames[-asked:]).any()

    def lead(self, frames: Floats, of_first: int) -> int:
        """How many frames at the start of a text to leave out, at most the `of_first` that belong to its first symbol."""
        loud = np.flatnonzero(self._loud(frames))
        return max(0, min(int(loud[0]) - self._before, of_first)) if len(loud) else 0

    def _loud(self, frames: Floats) -> npt.NDArray[np.bool_]:
        return self._levels(self._restored(frames)) > QUIET_DB
