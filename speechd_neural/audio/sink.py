"""Our own way to the loudspeaker, for programs that do not play the sound themselves (`say`, direct D-Bus use).

The only module that imports sounddevice (PortAudio). The device is opened by the first
sound and stays open, playing silence, for `keep_awake` seconds after the last one: many
sinks fall asleep and then swallow the first syllable. After that it is closed, so that
an idle daemon holds no device. Every opening asks PortAudio anew for the devices, so
that a changed default is followed; under PulseAudio and PipeWire the server moves even
a stream that is playing.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import AudioError, Hung

_PORTAUDIO = threading.Lock()  # it is for one thread at a time: of one that hangs in it nobody else comes near
_PATIENCE = 2.0  # s until whoever has it, or a device, counts as hanging
_ERRORS: list[int] = []  # the standard error's descriptor, once more: sounddevice leads it to nowhere while PortAudio starts
PERIOD = 0.016  # seconds wanted per period; the nearest power of two of frames is taken


def period_frames(sample_rate: int, seconds: float = PERIOD) -> int:
    """The power of two of frames that is nearest to `seconds`."""
    return 1 << max(5, round(np.log2(seconds * sample_rate)))


def tell_again() -> None:
    """Where PortAudio hangs while it starts, what is said of that would not be heard."""
    for kept in _ERRORS:
        os.dup2(kept, 2)


@contextlib.contextmanager
def _portaudio() -> Iterator[None]:
    """Raises Hung where another thread hangs in it."""
    if not _PORTAUDIO.acquire(timeout=_PATIENCE):
        raise Hung("sounddevice does not answer")
    try:
        yield
    finally:
        _PORTAUDIO.release()


def _at_exit() -> None:
    """sounddevice would wait for whoever hangs in PortAudio, and so would who waits for this process to end."""
    if not _PORTAUDIO.acquire(timeout=_PATIENCE):
        import sounddevice

        atexit.unregister(sounddevice._exit_handler)


class Sink:
    """Plays mono 16-bit sound. All methods may be called from any thread.

    device: a PortAudio device (name, part of a name, or number); None is the default one.
    keep_awake: seconds of silence played on after the last sound before the device is closed; 0 closes it at once.
    """

    def __init__(
        self,
        sample_rate: int,
        device: str | int | None = None,
        keep_awake: float = 30.0,
        latency: float = 0.03,
    ) -> None:
        self.sample_rate = sample_rate
        self.period = period_frames(sample_rate)
        self.underflows = 0
        self._device = device
        self._keep_awake = max(0.0, keep_awake)
        self._latency = latency
        self._pieces: deque[npt.NDArray[np.int16]] = deque()
        self._queued = 0
        self._state = threading.Condition()
        self._stream: Any = None
        self._quiet_since = 0.0
        self._heard_until = 0.0  # when the last sample handed to the device will have left it
        self._watch: threading.Thread | None = None

    @property
    def is_open(self) -> bool:
        return self._stream is not None

    @property
    def _running(self) -> bool:
        """Whether a device takes our sound; one that was unplugged does not."""
        stream = self._stream
        return stream is not None and bool(stream.active)

    @property
    def queued(self) -> float:
        """Seconds of sound waiting to be handed to the device."""
        return self._queued / self.sample_rate

    def play(self, pcm: npt.NDArray[np.int16]) -> None:
        """Append sound; returns at once. Raises AudioError where there is no device to play it on."""
        if not len(pcm):
            return
        with self._state:
            self._pieces.append(np.ascontiguousarray(pcm, np.int16))
            self._queued += len(pcm)
        if not self._running:
            try:
                self._open()
            except AudioError:
                self._forget()
                raise

    def stop(self) -> None:
        """Silence at once: what waits here and in the device is dropped."""
        self._forget()
        if self._stream is None:
            return
        with contextlib.suppress(Hung), _portaudio():
            stream = self._stream
            if stream is None:
                return
            import sounddevice

            # abort() empties the device's own buffer too, which dropping our queue does not.
            with contextlib.suppress(sounddevice.PortAudioError):
                stream.abort()
                stream.start()

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until everything has been heard; False when the time is over, or the device went away or takes no more."""
        end = None if timeout is None else time.monotonic() + timeout
        before, taken = 0, time.monotonic()
        with self._state:
            while self._queued and self._running:
                if self._queued != before:
                    before, taken = self._queued, time.monotonic()
                elif time.monotonic() - taken > _PATIENCE:
                    return False
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    return False
                self._state.wait(0.1 if left is None else min(0.1, left))
            if self._queued:
                return False
            rest = self._heard_until - time.monotonic()
        if rest > 0:
            time.sleep(rest if end is None else max(0.0, min(rest, end - time.monotonic())))
        return True

    def close(self) -> None:
        """Stop and give the device back; the next `play` opens it again."""
        self._forget()
        self._shut()
        watch, self._watch = self._watch, None
        if watch is not None and watch is not threading.current_thread():
            watch.join(_PATIENCE)  # it may hang in the device

    def _forget(self) -> None:
        with self._state:
            self._pieces.clear()
            self._queued = 0
            self._heard_until = 0.0
            self._state.notify_all()

    def _open(self) -> None:
        if not _ERRORS:
            with contextlib.suppress(OSError):  # closed
                _ERRORS.append(os.dup(2))
        try:
            import sounddevice
        except (ImportError, OSError) as error:  # OSError: the PortAudio library is not installed
            if isinstance(error, ModuleNotFoundError):
                raise AudioError("sounddevice is not installed") from None
            raise AudioError(f"sounddevice cannot be loaded ({error})") from None
        with _portaudio():
            if self._running:
                return
            atexit.unregister(_at_exit)
            atexit.register(_at_exit)  # before that of sounddevice
            stream, self._stream = self._stream, None
            self._discard(stream)
            name = "the default sound device" if self._device is None else f"sound device {self._device!r}"
            try:
                # PortAudio lists the devices once, when it starts.
                with contextlib.suppress(sounddevice.PortAudioError):  # the last time it could not even start
                    sounddevice._terminate()
                sounddevice._initialize()
                stream = sounddevice.RawOutputStream(
                    samplerate=self.sample_rate,
                    channels=1,
                    dtype="int16",
                    device=self._device,
                    blocksize=self.period,
                    latency=self._latency,
                    callback=self._fill,
                )
                self._quiet_since = time.monotonic()
                stream.start()
            except (sounddevice.PortAudioError, ValueError) as error:
                reason = str(error).splitlines()[0]
                raise AudioError(f"cannot play on {name}: {reason}; {sys.executable} -m sounddevice lists them") from None
            self._stream = stream
            self._watch = threading.Thread(target=self._close_when_idle, name="sink-idle", daemon=True)
            self._watch.start()

    def _fill(self, out: Any, frames: int, times: Any, status: Any) -> None:
        """PortAudio asks for the next period; runs in its own thread."""
        target = np.frombuffer(out, np.int16)
        done = 0
        with self._state:
            while done < frames and self._pieces:
                piece = self._pieces[0]
                count = min(frames - done, len(piece))
                target[done : done + count] = piece[:count]
                done += count
                if count == len(piece):
                    self._pieces.popleft()
                else:
                    self._pieces[0] = piece[count:]
            self._queued -= done
            now = time.monotonic()
            if done:
                delay = max(0.0, times.outputBufferDacTime - times.currentTime)
                self._heard_until = now + delay + done / self.sample_rate
                self._quiet_since = now
                if status.output_underflow:
                    self.underflows += 1
            if not self._pieces:
                self._state.notify_all()
        target[done:] = 0

    def _close_when_idle(self) -> None:
        while self._stream is not None:
            with self._state:
                left = self._keep_awake - self._idle()
                if left > 0:
                    self._state.wait(max(0.02, min(left, 0.5)))
                    continue
            self._shut(only_idle=True)

    def _idle(self) -> float:
        """Seconds since the last sound was heard; negative while there is some."""
        return -1.0 if self._queued else time.monotonic() - max(self._quiet_since, self._heard_until)

    def _shut(self, only_idle: bool = False) -> None:
        with contextlib.suppress(Hung), _portaudio():
            with self._state:
                # Who plays meanwhile is either noticed here, or notices that there is no device any more.
                if only_idle and self._idle() < self._keep_awake:
                    return
                stream, self._stream = self._stream, None
                self._state.notify_all()
            self._discard(stream)

    @staticmethod
    def _discard(stream: Any) -> None:
        if stream is not None:
            import sounddevice

            with contextlib.suppress(sounddevice.PortAudioError):
                stream.abort()
            with contextlib.suppress(sounddevice.PortAudioError):
                stream.close()
