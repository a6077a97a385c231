"""The sound of sound icons, the short files that `paths.sound_icon` finds."""

from __future__ import annotations

import wave

import numpy as np
import numpy.typing as npt

_LONGEST = 10  # s; an icon is short, whatever a file says


def read_wave(path: str) -> tuple[npt.NDArray[np.int16], int] | None:
    """(mono 16-bit samples, sample rate) of a WAV file of 8 or 16 bits; None for any other file."""
    try:
        with wave.open(path, "rb") as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            data = file.readframes(min(file.getnframes(), _LONGEST * rate))
    except (OSError, EOFError, wave.Error):
        return None
    if width == 2:
        samples = np.frombuffer(data, "<i2").astype(np.float64)
    elif width == 1:
        samples = (np.frombuffer(data, np.uint8).astype(np.float64) - 128) * 256
    else:
        return None
    whole = len(samples) // channels * channels
    return np.rint(samples[:whole].reshape(-1, channels).mean(axis=1)).astype(np.int16), rate
