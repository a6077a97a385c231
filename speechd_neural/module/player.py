"""Module-side audio, for the moments without a daemon: the fallback's sound goes to a program that plays it.

With a daemon the daemon plays (through its own sound device); this process never opens one.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading

_PROGRAMS = (
    ("pacat", "--playback", "--raw", "--format=s16le", "--channels=1", "--latency-msec=40", "--rate={rate}"),
    ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", "{rate}"),
)


def command(sample_rate: int) -> list[str] | None:
    """A program that plays mono 16-bit PCM from its standard input; None where there is none."""
    for name, *arguments in _PROGRAMS:
        if program := shutil.which(name):
            return [program, *(argument.format(rate=sample_rate) for argument in arguments)]
    return None


class Player:
    """Plays one utterance. `stop` may be called from another thread and is heard at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def sound(self, pcm: bytes, sample_rate: int) -> bool:
        """Play; waits while the program has enough. False after `stop`, or where nothing can play."""
        with self._lock:
            if self._stopped:
                return False
            if self._process is None:
                arguments = command(sample_rate)
                if arguments is None:
                    return False
                self._process = subprocess.Popen(
                    arguments,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pipesize=4096,
                )
        assert self._process.stdin
        try:
            self._process.stdin.write(pcm)
            self._process.stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def finish(self) -> None:
        """Wait until everything has been heard."""
        process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                process.stdin.close()
            process.wait()

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._process is not None and self._process.poll() is None:
                self._process.kill()
