"""Sound icons: the short sounds that Speech Dispatcher and freedesktop sound themes install."""

from __future__ import annotations

import re
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

DIRECTORIES = (
    Path("/usr/share/sounds/sound-icons"),  # Speech Dispatcher's
    Path("/usr/share/sounds/freedesktop/stereo"),
)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_LONGEST = 10  # s; an icon is short, whatever a file says


def find_icon(name: str, directories: Sequence[Path] = DIRECTORIES) -> str | None:
    """The absolute path of an icon's sound file, or None."""
    if not _PLAIN.fullmatch(name):
        return None
    for directory in directories:
        for ending in ("", ".wav", ".oga", ".ogg"):
            path = directory / (name + ending)
            if path.is_file():
                return str(path)
    return None


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
