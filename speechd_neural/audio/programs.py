"""The loudspeaker by another program, where sounddevice is not installed: pw-play, paplay or aplay reads our sound.

The program is started by the first sound and ends by itself after the last: what it has in hand it plays out only when
its input ends.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import AudioError

_QUIET = 0.2  # s after the last sound until the program's input ends
_TRIAL = 5.0  # s that a program may take for a moment of silence
_PIECE = 0.02  # s written at once: what has been written cannot be taken back but by ending the program


def pw_play(rate: int, device: str | None, latency: float) -> list[str]:
    target = ["--target", device] if device else []
    sound = ["--raw", "--format=s16", f"--rate={rate}", "--channels=1"]
    return ["pw-cat", "--playback", *sound, f"--latency={round(latency * 1000)}ms", *target, "-"]


def paplay(rate: int, device: str | None, latency: float) -> list[str]:
    target = [f"--device={device}"] if device else []
    sound = ["--raw", "--format=s16le", f"--rate={rate}", "--channels=1"]
    return ["paplay", *sound, f"--latency-msec={round(latency * 1000)}", *target]


def aplay(rate: int, device: str | None, latency: float) -> list[str]:
    sound = ["-q", "-t", "raw", "-f", "S16_LE", "-r", str(rate), "-c", "1", f"--buffer-time={round(latency * 1e6)}"]
    return ["aplay", *sound, *(["-D", device] if device else []), "-"]


PROGRAMS: Sequence[Callable[[int, str | None, float], list[str]]] = (pw_play, paplay, aplay)


def choose(rate: int, device: str | None, latency: float) -> list[str]:
    """The first program that plays a moment of silence. Raises AudioError where none does."""
    reasons = []
    for program in PROGRAMS:
        command = program(rate, device, latency)
        if shutil.which(command[0]) is None:
            reasons.append(f"{command[0]} is not installed")
            continue
        silence = bytes(2 * round(rate * _PIECE))
        try:
            done = subprocess.run(command, input=silence, capture_output=True, timeout=_TRIAL, check=False)
        except (OSError, subprocess.SubprocessError):
            reasons.append(f"{command[0]} does not answer")
            continue
        if done.returncode == 0:
            return command
        said = done.stderr.decode(errors="replace").strip().splitlines()
        reasons.append(said[-1] if command[0] in (said or [""])[-1] else f"{command[0]}: {said[-1] if said else 'failed'}")
    raise AudioError(
        f"nothing plays sound here ({'; '.join(reasons)}); "
        "packages with such a program: pipewire-bin, pulseaudio-utils, alsa-utils; or python3-sounddevice"
    )


class ProgramSink:
    """Plays mono 16-bit sound through a program. All methods may be called from any thread; `play` may block.

    latency: seconds that the program may hold: what comes later than that is heard with a gap, or lost.
    """

    def __init__(self, sample_rate: int, device: str | None = None, latency: float = 0.1) -> None:
        self.sample_rate = sample_rate
        self._device, self._latency = device, latency
        self._command: list[str] | None = None
        self._program: subprocess.Popen[bytes] | None = None
        self._state = threading.Lock()
        self._until = 0.0  # when the last sample handed over will have been heard
        self._writing = False
        self._watch: threading.Thread | None = None

    @property
    def queued(self) -> float:
        """Seconds of sound handed over and not heard yet."""
        return max(0.0, self._until - time.monotonic())

    def play(self, pcm: npt.NDArray[np.int16]) -> None:
        """Hand sound over. Raises AudioError where no program plays it."""
        data = np.ascontiguousarray(pcm, np.int16).tobytes()
        step = 2 * max(1, round(self.sample_rate * _PIECE))
        for start in range(0, len(data), step):
            piece = data[start : start + step]
            with self._state:
                program, self._writing = self._open(), True
                self._until = max(self._until, time.monotonic()) + len(piece) / 2 / self.sample_rate
            assert program.stdin is not None
            try:
                program.stdin.write(piece)
                program.stdin.flush()
            except (OSError, ValueError):
                # Ended by `stop`, the rest is not wanted; ended by itself, it has lost its device.
                if self._program is not program:
                    return
                self.stop()
                raise AudioError("the program that plays the sound has ended") from None
            finally:
                self._writing = False

    def stop(self) -> None:
        """Silence at once."""
        with self._state:
            program, self._program, self._until = self._program, None, 0.0
        if program is not None:
            program.kill()
            self._end(program)

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until everything has been heard; False when the time is over or the program failed."""
        with self._state:
            program, self._program = self._program, None
        if program is None:
            return True
        try:
            self._hang_up(program)
            return program.wait(timeout) == 0
        except subprocess.TimeoutExpired:
            program.kill()
            return False
        finally:
            self._end(program)

    def close(self) -> None:
        """Stop; the next `play` starts another program."""
        self.stop()
        watch, self._watch = self._watch, None
        if watch is not None and watch is not threading.current_thread():
            watch.join()

    def _open(self) -> subprocess.Popen[bytes]:
        if self._program is not None:
            return self._program
        if self._command is None:
            self._command = choose(self.sample_rate, self._device, self._latency)
        try:
            self._program = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise AudioError(f"{self._command[0]} cannot be started: {error.strerror}") from None
        self._watch = threading.Thread(target=self._end_when_quiet, args=[self._program], name="sink-quiet", daemon=True)
        self._watch.start()
        return self._program

    def _end_when_quiet(self, program: subprocess.Popen[bytes]) -> None:
        """Let the program play out what it has when nothing more has come for a while."""
        while True:
            with self._state:
                if self._program is not program:
                    return
                left = _QUIET if self._writing else self._until + _QUIET - time.monotonic()
                if left <= 0:
                    self._program = None
                    break
            time.sleep(left)
        self._hang_up(program)
        program.wait()
        self._end(program)

    @staticmethod
    def _hang_up(program: subprocess.Popen[bytes]) -> None:
        assert program.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            program.stdin.close()

    def _end(self, program: subprocess.Popen[bytes]) -> None:
        self._hang_up(program)
        program.wait()
