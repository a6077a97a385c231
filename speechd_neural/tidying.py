"""What holds everybody up for a moment is done when there is little to say.

Python's collector stops all threads while it looks: with half a million objects, which twenty thousand messages in a
queue are, for a tenth of a second and more. Little of ours goes in circles, so the oldest generation, which holds what
lasts, can wait until the queue is short.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import math
import time
from collections.abc import Callable

AFTER = 2.0  # s from loading until what can wait is done, once as long nobody has asked for anything …
PATIENCE = 30.0  # … or, where somebody speaks all the time, until it is done all the same
FEW = 50  # utterances whose objects are looked at in a few milliseconds
# Collections of the generation before, after which the oldest one has its turn: Python's own number; in mid-speech, more.
DUE, OVERDUE = 10, 100


class Tidying:
    """`asked`, `alive`: how many utterances have ever been asked for, and how many are not over. `later`: what else can wait.

    All three are called in the thread that looks.
    """

    def __init__(self, asked: Callable[[], int], alive: Callable[[], int], later: Callable[[], None]) -> None:
        self._asked = asked
        self._alive = alive
        self._later = later
        self._loaded = math.inf
        self._seen, self._quiet_since = 0, 0.0

    def loaded(self) -> None:
        """Voices have come; what was loaded with them is looked through soon. From any thread."""
        self._loaded = time.monotonic()

    def look(self) -> None:
        """Do what is due. Called now and then, in one thread."""
        now, asked, alive = time.monotonic(), self._asked(), self._alive()
        if alive or asked != self._seen:
            self._seen, self._quiet_since = asked, now
        if alive >= FEW:
            return
        quiet = now > self._quiet_since + AFTER
        if now > self._loaded + (AFTER if quiet else PATIENCE):
            self._loaded = math.inf
            self._later()
            _keep()
        elif gc.get_count()[2] > (DUE if quiet else OVERDUE):
            gc.collect()


def _keep() -> None:
    """What is loaded now stays: the collector need not look at it again and again. It is off while the daemon starts."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.enable()
    give_memory_back()


def give_memory_back() -> None:
    """Of a voice that has gone, tens of megabytes stay in glibc's heap unless it is told; other libraries have no such call."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
