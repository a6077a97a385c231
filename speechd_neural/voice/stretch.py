"""A voice's own pace: features spread along time before the vocoder speaks them.

A teacher may speak faster than people want to be read to, and sound that is made slower afterwards has lost some of its
nature. The vocoder speaks any features: between two frames it is given what lies between, and nothing of it sounds made.
"""

from __future__ import annotations

import math

import numpy as np

from speechd_neural.arrays import Floats


class Stretch:
    """Of one text: n frames become round(n · times), however they are cut. times: more than 0; at 1 they pass unchanged."""

    def __init__(self, times: float) -> None:
        self._times = times
        self._known: Floats = np.zeros((0, 0), np.float32)  # from frame number `_first` on
        self._first = self._made = 0

    def feed(self, frames: Floats) -> Floats:
        """Features [n, F] → those that are now known."""
        if self._times == 1:
            self._known = frames[:0]
        if self._times == 1 or len(frames) == 0:
            return frames
        self._known = np.concatenate([self._known, frames]) if len(self._known) else frames
        last = self._first + len(self._known) - 1
        # The last whose place (see _between) is not behind the last frame.
        return self._between(math.floor((last + 0.5) * self._times - 0.5) + 1)

    def finish(self) -> Floats:
        return self._between(round((self._first + len(self._known)) * self._times))

    def _between(self, end: int) -> Floats:
        """Those up to number `end`: each lies as far into the text as it did, its middle where its middle was."""
        places = (np.arange(self._made, max(self._made, end)) + 0.5) / self._times - 0.5 - self._first
        places = np.clip(places, 0, max(0, len(self._known) - 1))
        self._made += len(places)
        if len(places) == 0:
            return self._known[:0]
        before = places.astype(int)
        behind = np.minimum(before + 1, len(self._known) - 1)
        share = (places - before).astype(np.float32)[:, None]
        spread: Floats = self._known[before] * (1 - share) + self._known[behind] * share
        done = int(before[-1])  # nothing that follows looks at what lies before it
        self._first, self._known = self._first + done, self._known[done:]
        return spread
