"""The ends of a recording in training: a voice that learns silence there lets its listeners wait.

A teacher's last phone may hold the silence behind it (Kokoro's holds a quarter of a second). Where it is that of the final
mark, and short, the gate learns to open as soon as the text is said.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Floats
from speechd_neural.text.token import SPACE

ENDS = (".", "?", "!")
SILENCE = 1e-3  # rms of a frame: 40 dB below speech. Soft beginnings lie above it, and so does the noise of a living room
FRAME = 0.005  # s
LEAD, RELEASE, TAIL = 0.015, 0.01, 0.06  # s kept: before the first sound, of the last phone behind it, of the mark


def with_short_ends(
    symbols: Sequence[str], samples: Floats, spans: npt.NDArray[np.int64], sample_rate: int
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Samples [n] and spans [symbols, 2], without the silence at the ends that belongs to no sound.

    As they are where all is silence, or no mark ends the text.
    """
    frame = round(FRAME * sample_rate)
    whole = samples[: len(samples) // frame * frame].reshape(-1, frame)
    loud = np.flatnonzero(np.sqrt((whole**2).mean(axis=1)) > SILENCE)
    if not len(loud) or symbols[-1] not in ENDS:
        return samples, spans
    end = int(loud[-1] + 1) * frame + round(RELEASE * sample_rate)
    last = int(spans[-1, 0])  # where the mark begins; never later, for behind it nothing is said
    mark = min(last, max(end, int(spans[:-1, 0].max(initial=0)))) if end < last else last
    until = min(len(samples), max(end, mark) + round(TAIL * sample_rate))
    begin = max(0, min(int(loud[0]) * frame, int(spans[0, 1])) - round(LEAD * sample_rate))
    cut = np.minimum(spans, mark)
    cut[-1] = mark, until
    return samples[begin:until], np.maximum(0, cut - begin)


def without_first_symbol(
    symbols: Sequence[str], samples: Floats, spans: npt.NDArray[np.int64]
) -> tuple[Sequence[str], Floats, npt.NDArray[np.int64]]:
    """A sound whose first symbol lacks its beginning: nothing is to be learned from what is left of it."""
    begin = int(spans[0, 1])
    first = 2 if symbols[1] == SPACE else 1
    return symbols[first:], samples[begin:], np.maximum(0, spans[first:] - begin)
