"""The loudspeaker by another program, where sounddevice is not installed: pw-play, paplay or aplay reads our sound.

The program is started by the first sound and ends by itself after the last: what it has in hand it plays out only when
its input ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import AudioError, Hung

_QUIET = 0.2  # s after the last sound until the program's input ends
_TRIAL = 5.0  # s that a program may take for a moment of silence: a device may hold two
_PATIENCE, _LOOK = 2.0, 0.1  # s without taking any sound until it counts as hung; looked at so often, see `core.device`
_ENDING = 5.0  # s that a program may take to end, beyond the sound that it has
_PIPE = 16 << 10  # bytes between here and the program; the default of 64 KiB would hide for two seconds that it hangs
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


@contextlib.contextmanager
def _trial(command: list[str], sound: bytes) -> Iterator[subprocess.Popen[bytes]]:
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0)
    assert program.stdin is not None
    try:
        with contextlib.suppress(OSError), program.stdin as pipe:
            pipe.write(sound)  # there is room
        program.stdin = None
        yield program
    finally:
        program.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # one that the kernel holds
            program.wait(_ENDING)
        if program.stderr is not None:
            program.stderr.close()


def _all_may(name: str) -> bool:
    return False


def choose(rate: int, device: str | None, latency: float, avoided: Callable[[str], bool] = _all_may) -> list[str]:
    """The first program that plays a moment of silence and is not `avoided`. Raises AudioError where none does."""
    reasons = []
    end = time.monotonic() + _TRIAL
    commands = [program(rate, device, latency) for program in PROGRAMS]
    silence = bytes(2 * round(rate * _PIECE))
    with contextlib.ExitStack() as trials:  # all at once: those that hang are waited for together
        running: dict[str, subprocess.Popen[bytes]] = {}
        for command in commands:
            if not avoided(command[0]):
                with contextlib.suppress(OSError):
                    running[command[0]] = trials.enter_context(_trial(command, silence))
        for command in commands:
            name = command[0]
            if name not in running:
                installed = shutil.which(name) is not None
                why = "has hung" if avoided(name) else "cannot be started" if installed else "is not installed"
                reasons.append(f"{name} {why}")
                continue
            program = running[name]
            try:
                said = program.communicate(timeout=max(0.0, end - time.monotonic()))[1].decode(errors="replace").split("\n")
            except subprocess.TimeoutExpired:
                reasons.append(f"{name} does not answer")
                continue
            if program.returncode == 0:
                return command
            last = next((line.strip() for line in reversed(said) if line.strip()), "failed")
            reasons.append(last if name in last else f"{name}: {last}")
    raise AudioError(
        f"nothing plays sound here ({'; '.join(reasons)}); "
        "packages with such a program: pipewire-bin, pulseaudio-utils, alsa-utils; or python3-sounddevice"
    )


class ProgramSink:
    """Plays mono 16-bit sound through a program. All methods may be called from any thread; `play` may block.

    latency: seconds that the program may hold: what comes later than that is heard with a gap, or lost.
    avoided: asked for each program's name whether another is to be taken.
    """

    def __init__(
        self,
        sample_rate: int,
        device: str | None = None,
        latency: float = 0.1,
        avoided: Callable[[str], bool] = _all_may,
    ) -> None:
        self.sample_rate = sample_rate
        self._device, self._latency, self._avoided = device, latency, avoided
        self._command: list[str] | None = None
        self._program: subprocess.Popen[bytes] | None = None
        self._state = threading.Lock()
        self._pipe = threading.Lock()  # held while something is written to a program, or its input is closed
        self._until = 0.0  # when the last sample handed over will have been heard
        self._writing = False
        self._watch: threading.Thread | None = None

    @property
    def name(self) -> str:
        """Of the program; empty before the first sound."""
        return self._command[0] if self._command is not None else ""

    @property
    def queued(self) -> float:
        """Seconds of sound handed over and not heard yet."""
        return max(0.0, self._until - time.monotonic())

    def play(self, pcm: npt.NDArray[np.int16]) -> None:
        """Hand sound over. Raises AudioError where no program plays it, Hung where it takes no more."""
        data = np.ascontiguousarray(pcm, np.int16).tobytes()
        step = 2 * max(1, round(self.sample_rate * _PIECE))
        for start in range(0, len(data), step):
            piece = data[start : start + step]
            with self._state:
                program, self._writing = self._open(), True
                self._until = max(self._until, time.monotonic()) + len(piece) / 2 / self.sample_rate
            try:
                with self._pipe:
                    self._write(program, piece)
            except (OSError, ValueError):
                # Ended by `stop`, the rest is not wanted; ended by itself, it has lost its device.
                if self._program is not program:
                    return
                self.stop()
                raise AudioError("the program that plays the sound has ended") from None
            except Hung:
                self.stop()
                raise
            finally:
                self._writing = False

    def _write(self, program: subprocess.Popen[bytes], data: bytes) -> None:
        assert program.stdin is not None
        descriptor, looks = program.stdin.fileno(), 0
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT)
        while data:
            try:
                data, looks = data[os.write(descriptor, data) :], 0
            except BlockingIOError:
                if looks * _LOOK > _PATIENCE:
                    raise Hung(f"{self.name} takes no more sound") from None
                looks += 1
                poll.poll(1000 * _LOOK)

    def stop(self) -> None:
        """Silence at once."""
        with self._state:
            program, self._program, self._until = self._program, None, 0.0
        if program is not None:
            program.kill()
            self._end(program)

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until everything has been heard; False when the time is over, or the program failed or hangs."""
        with self._state:
            program, self._program = self._program, None
        if program is None:
            return True
        try:
            self._hang_up(program)
            return program.wait(self.queued + _ENDING if timeout is None else timeout) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            program.kill()
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
            self._command = choose(self.sample_rate, self._device, self._latency, self._avoided)
        try:
            self._program = subprocess.Popen(
                self._command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            assert self._program.stdin is not None
            with contextlib.suppress(OSError):  # this user's pipes hold as much as they may: it is smaller already
                fcntl.fcntl(self._program.stdin, fcntl.F_SETPIPE_SZ, _PIPE)
            os.set_blocking(self._program.stdin.fileno(), False)
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
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(_ENDING)
        program.kill()
        self._end(program)

    def _hang_up(self, program: subprocess.Popen[bytes]) -> None:
        assert program.stdin is not None
        with self._pipe, contextlib.suppress(OSError, ValueError):
            program.stdin.close()

    def _end(self, program: subprocess.Popen[bytes]) -> None:
        """It has been killed; one that the kernel holds is not waited for."""
        self._hang_up(program)
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(_ENDING)
