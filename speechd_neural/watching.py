"""What changes without telling anybody, looked at by one thread: an idle daemon wakes for nothing else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from speechd_neural.errors import where

INTERVAL = 1.0  # s between two looks
_LOG = logging.getLogger(__name__)


class Watching:
    """Each look is a few calls of stat. One that fails says so, once for each reason, and is tried again."""

    def __init__(self, **looks: Callable[[], None]) -> None:
        self._looks = looks
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Wait for the thread, though not for ever."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(2.0)

    def _run(self) -> None:
        told: set[tuple[str, str]] = set()
        while not self._ended.wait(INTERVAL):
            for name, look in self._looks.items():
                try:
                    look()
                except Exception as error:
                    reason = name, where(error)
                    if reason not in told:
                        told.add(reason)
                        _LOG.error("the %s cannot be looked at: %s", *reason)
