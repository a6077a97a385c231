"""A float32 array that grows at its end, for signals that arrive in pieces."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float32]


class Growing:
    """All samples received so far; `view` is a window on the buffer, valid until the next `append`."""

    def __init__(self, capacity: int = 1 << 14) -> None:
        self._data = np.zeros(capacity, np.float32)
        self.size = 0

    def append(self, samples: Signal) -> None:
        end = self.size + len(samples)
        if end > len(self._data):
            data = np.zeros(max(end, 2 * len(self._data)), np.float32)
            data[: self.size] = self._data[: self.size]
            self._data = data
        self._data[self.size : end] = samples
        self.size = end

    def view(self, start: int = 0, end: int | None = None) -> Signal:
        return self._data[start : self.size if end is None else end]
