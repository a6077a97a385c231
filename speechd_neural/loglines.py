"""The daemon's log: lines on stderr, which systemd or a file takes. It holds nobody up, never floods, and tells no text.

A journal that hangs, or a terminal that was stopped with Ctrl-S, takes nothing any more: who then waits for a line to be
written is the event loop. A broken voice has something to say at each of a day's ten thousand utterances. And the message
of an exception may quote what was to be spoken, wherever it comes from: only its kind and its place are told.
"""

from __future__ import annotations

import logging
import os
import select
import sys
import threading
import time
from typing import Any

from speechd_neural.errors import where

MOST, PERIOD = 20, 600.0  # lines of one kind within so many seconds; with level debug, all
LONGEST = 2000  # bytes; a pipe that has any room has room for twice that
OURS = "speechd_neural"


class Lines(logging.Handler):
    def __init__(self, descriptor: int = 2) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._kinds: dict[tuple[str, int | str], tuple[float, int]] = {}  # since when, and how many lines
        self._lost = 0  # lines that nobody took

    def emit(self, record: logging.LogRecord) -> None:
        try:
            more = self._more(record)
            if more is not None:
                self._write(f"{record.levelname} {record.name}: {_text(record)}{more}")
        except Exception:
            self._lost += 1

    def _more(self, record: logging.LogRecord) -> str | None:
        """What is to be said of lines like this one that were left out; None: this is one of them."""
        if logging.getLogger(OURS).isEnabledFor(logging.DEBUG):
            return ""
        kind, now = (record.pathname, record.lineno), time.monotonic()
        since, count = self._kinds.get(kind, (now, 0))
        over = now - since > PERIOD
        self._kinds[kind] = (now, 1) if over else (since, count + 1)
        if over:
            return f" ({count - MOST} more like this were left out)" if count > MOST else ""
        if count == MOST - 1:
            return f" (more like this are left out for {PERIOD / 60:.0f} minutes)"
        return "" if count < MOST else None

    def _write(self, line: str) -> None:
        if self._lost:
            line = f"({self._lost} lines were lost) {line}"
        if not _takes(self._descriptor):
            self._lost += 1
            return
        os.write(self._descriptor, line.encode("utf-8", "backslashreplace")[:LONGEST] + b"\n")
        self._lost = 0


def _takes(descriptor: int) -> bool:
    """Whether a line can be written at once."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(0))


def _text(record: logging.LogRecord) -> str:
    text = record.getMessage()
    if not record.name.startswith(OURS):  # asyncio's second line shows the values at hand
        text = text.partition("\n")[0]
    if record.exc_info and record.exc_info[1] is not None:
        text += f": {where(record.exc_info[1])}"
    return " ".join(text.splitlines())


def open_standard() -> None:
    """Where one of the first three descriptors is closed, the next file or socket would be taken for it, and get our lines."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free


def begin() -> None:
    """Have all that is logged, and every error that nobody has caught, told in such lines."""
    open_standard()
    logging.basicConfig(handlers=[Lines()], level=logging.WARNING)
    log = logging.getLogger(f"{OURS}.daemon")

    def uncaught(error: BaseException | None, place: str) -> None:
        if error is not None and not isinstance(error, SystemExit | KeyboardInterrupt):
            log.error("an error in %s: %s", place, where(error))

    def in_thread(found: threading.ExceptHookArgs) -> None:
        uncaught(found.exc_value, f"the thread {found.thread.name if found.thread is not None else 'unknown'}")

    def unraisable(found: Any) -> None:
        uncaught(found.exc_value, "what was cleared away")

    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
