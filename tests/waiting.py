"""Waiting for what must come: with a generous limit, since a busy machine may be slow."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def wait_for(what: str, condition: Callable[[], T], limit: float) -> T:
    """What `condition` says once that is true; an AssertionError after `limit` seconds."""
    end = time.monotonic() + limit
    while not (result := condition()):
        assert time.monotonic() < end, f"waited {limit} s for {what}"
        time.sleep(0.02)
    return result


def listening(path: Path) -> bool:
    """Whether a unix socket is there and takes connections."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0
