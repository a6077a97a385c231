"""Descriptors that clients do not get: without a few that are free, the fallback cannot be started and a word is a beep."""

from __future__ import annotations

import resource

RESERVE = 128  # of a limit of 512 and more, else a quarter of it


def scarce(descriptor: int) -> bool:
    """Whether one with this number, which is the lowest that was free, belongs to the last ones of this process."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most != resource.RLIM_INFINITY and descriptor >= most - min(RESERVE, most // 4)
