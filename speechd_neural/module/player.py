"""Module-side audio, for the moments without a daemon: the fallback's sound goes to a program that plays it.

With a daemon the daemon plays (through its own sound device); this process never opens one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import subprocess
import threading

_PROGRAMS = (
    ("pacat", "--playback", "--raw", "--format=s16le", "--channels=1", "--latency-msec=40", "--rate={rate}"),
    ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", "{rate}"),
)


_PATIENCE, _LOOK = 2.0, 0.1  # s without taking any sound until a program counts as hung; looked at so often
_ENDING = 5.0  # s that a program may take to play what it has
_hung: set[str] = set()  # programs that are not asked any more by this process


def command(sample_rate: int) -> list[str] | None:
    """A program that plays mono 16-bit PCM from its standard input; None where there is none."""
    for name, *arguments in _PROGRAMS:
        if name not in _hung and (program := shutil.which(name)):
            return [program, *(argument.format(rate=sample_rate) for argument in arguments)]
    return None


class Player:
    """Plays one utterance. `stop` may be called from another thread and is heard at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._program = ""
        self._stopped = False

    def sound(self, pcm: bytes, sample_rate: int) -> bool:
        """Play; waits while the program has enough. False after `stop`, or where nothing can play."""
        while True:
            with self._lock:
                if self._stopped:
                    return False
                if self._process is None:
                    arguments = command(sample_rate)
                    if arguments is None:
                        return False
                    self._process = _start(arguments)
                    self._program = os.path.basename(arguments[0])
                process = self._process
            try:
                pcm = _write(process, pcm)
            except (OSError, ValueError):
                return False
            if not pcm:
                return True
            _hung.add(self._program)  # another plays the rest
            _end(process, 0.0)
            self._process = None

    def finish(self) -> None:
        """Wait until everything has been heard; for a program that hangs not for ever."""
        if self._process is not None:
            _end(self._process, _ENDING)

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._process is not None and self._process.poll() is None:
                self._process.kill()


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, bufsize=0
    )
    assert process.stdin
    with contextlib.suppress(OSError):  # this user's pipes hold as much as they may
        fcntl.fcntl(process.stdin, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(process.stdin.fileno(), False)
    return process


def _end(process: subprocess.Popen[bytes], patience: float) -> None:
    assert process.stdin
    with contextlib.suppress(OSError, ValueError):
        process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):  # one that the kernel holds
        process.wait(_ENDING)


def _write(process: subprocess.Popen[bytes], pcm: bytes) -> bytes:
    """What the program does not take. Where all stood still meanwhile, the program too, its patience is not over."""
    assert process.stdin
    descriptor, looks = process.stdin.fileno(), 0
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    while pcm and looks * _LOOK <= _PATIENCE:
        try:
            pcm, looks = pcm[os.write(descriptor, pcm) :], 0
        except BlockingIOError:
            looks += 1
            poll.poll(1000 * _LOOK)
    return pcm
