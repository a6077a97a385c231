"""New files of this package while it runs: the daemon says what it has begun, and starts anew with them.

What has been imported stays as it was; what is imported later would come from the new files and may not fit. Nobody
else restarts a daemon that was started by the output module, or by D-Bus without systemd.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent
# Every installation writes all files anew; these two change in no other way, so that an edited source restarts nothing.
SIGNS = ("__init__.py", "__main__.py")
TRIAL = "import speechd_neural.daemon, speechd_neural.parts, speechd_neural.frontends.spiel, speechd_neural.voice.store"
PATIENCE = 30.0  # s for the new files to be imported
Stamp = tuple[tuple[int, int, int], ...]


def stamp(directory: Path = PACKAGE) -> Stamp | None:
    """What the package is on disk; None while it is not whole."""
    try:
        found = [(directory / name).stat() for name in SIGNS]
    except OSError:
        return None
    return tuple((status.st_ino, status.st_mtime_ns, status.st_size) for status in found)


class Upgrade:
    """Ask `ready` now and then."""

    def __init__(self, directory: Path = PACKAGE) -> None:
        self._directory = directory
        self._own = stamp(directory)
        self._seen: Stamp | None = self._own
        self._refused: Stamp | None = None

    def ready(self) -> bool:
        """Whether other files are there than at the start, and were there at the last look: they have all come."""
        now = stamp(self._directory)
        before, self._seen = self._seen, now
        return now is not None and now == before and now not in (self._own, self._refused)

    def works(self) -> bool:
        """Whether the new files can be imported. Takes a second; those that cannot are not asked for again."""
        path = [str(self._directory.parent), *sys.path]  # as here, whatever the environment says there
        command = [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {path!r}; {TRIAL}"]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, cwd="/", check=False)
        except (OSError, subprocess.SubprocessError):
            done = None
        if done is None or done.returncode != 0:
            self._refused = self._seen
            return False
        return True


def start_anew() -> None:
    """Become a new process of the same command, with the same number: systemd and the session keep it in sight."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
