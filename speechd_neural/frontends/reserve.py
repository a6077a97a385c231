"""Descriptors that clients do not get: without a few that are free, the fallback cannot be started and a word is a beep."""

from __future__ import annotations

import errno
import os
import resource

RESERVE = 128  # of a limit of 1,024, which is the usual one
ACCEPTED = 100  # connections that asyncio accepts before the first of them is looked at


def scarce() -> bool:
    """Whether clients have all that they get. Counted, since the numbers tell nothing: the lowest free one may be the last."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY:
        return False
    try:
        return len(os.listdir("/proc/self/fd")) > max(most // 4, most - RESERVE - ACCEPTED)
    except OSError as error:  # not even one for the list; or no /proc, which tells nothing
        return error.errno in (errno.EMFILE, errno.ENFILE)
