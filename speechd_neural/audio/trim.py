"""Silence before the first sound and after the last one is cut away while the speech streams through."""

from __future__ import annotations

import numpy as np

from speechd_neural.audio.buffer import Growing, Signal

LEAD = 0.005  # seconds kept before the first sound
TAIL = 0.018  # seconds kept after the last one
FADE = 0.005
FRAME = 0.0025
SILENCE = 10 ** (-52 / 20)  # rms of a frame, full scale 1; the voices speak at -20 dB, their noise is below -60
# Before the first sound more is silence: what breathes in the closure of a first "p" would keep the listener waiting.
ONSET = 10 ** (-48 / 20)


class Trim:
    """Drops leading silence at once, holds silence back until sound follows it, drops what is held at the end.

    `offset` is the number of input samples dropped at the start, or None while no sound has come.
    Decides on a fixed grid of frames: the result does not depend on how the input is cut into pieces.
    """

    def __init__(self, sample_rate: int, tail: float = TAIL) -> None:
        self._frame = round(FRAME * sample_rate)
        self._lead = round(LEAD * sample_rate)
        self._tail = round(tail * sample_rate)
        self._fade = min(round(FADE * sample_rate), self._tail)
        self._buffer = Growing()
        self._seen = 0  # samples whose frames are judged
        self._sent = 0
        self._sound_end = 0  # end of the last frame with sound
        self.offset: int | None = None

    def push(self, samples: Signal) -> Signal:
        self._buffer.append(samples)
        frames = (self._buffer.size - self._seen) // self._frame
        if frames:
            self._judge(self._buffer.view(self._seen, self._seen + frames * self._frame).reshape(frames, -1))
            self._seen += frames * self._frame
        # What follows the last sound within the tail is wanted whatever comes; only the fade depends on the end.
        return self._send(min(self._sound_end + self._tail, self._seen) - self._fade)

    def flush(self) -> Signal:
        rest = self._buffer.view(self._seen)
        if len(rest):
            self._judge(rest[None])
            self._seen = self._buffer.size
        if self.offset is None:
            return np.zeros(0, np.float32)
        end = min(self._buffer.size, self._sound_end + self._tail)
        fade = min(self._fade, end - self._sent)
        last = self._buffer.view(self._sent, end).copy()
        if fade > 0:
            last[len(last) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
        self._sent = end
        return last

    def _judge(self, frames: Signal) -> None:
        level = np.sqrt(np.mean(frames * frames, axis=1))
        if self.offset is None:
            begun = np.flatnonzero(level > ONSET)
            if not len(begun):
                return
            first = self._seen + int(begun[0]) * self._frame
            self.offset = self._sent = max(0, first - self._lead)
            fade = max(first - self.offset, self._lead // 5)  # 1 ms where the sound begins at once
            if fade:
                self._buffer.view(self.offset, self.offset + fade)[:] *= np.linspace(0, 1, fade, dtype=np.float32)
        loud = np.flatnonzero(level > SILENCE)
        if len(loud):
            self._sound_end = self._seen + (int(loud[-1]) + 1) * self._frame

    def _send(self, end: int) -> Signal:
        if self.offset is None or end <= self._sent:
            return np.zeros(0, np.float32)
        piece = self._buffer.view(self._sent, end).copy()
        self._sent = end
        return piece
