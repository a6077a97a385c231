"""Saying what whoever cannot see must hear, by what can speak: the speech this user has, or espeak-ng. Standard library only."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

from speechd_neural.core import fallback
from speechd_neural.desktop.server import modules
from speechd_neural.types import Settings

_LIMIT = 10.0  # s for a text, and for every fifty letters more
# What plays raw sound. espeak-ng's own output is not among them: it tells nobody where it found no device.
PLAYERS: Sequence[Sequence[str]] = (
    ("pacat", "--playback", "--raw", "--format=s16le", "--channels=1", "--rate={rate}"),
    ("pw-cat", "--playback", "--raw", "--format=s16", "--channels=1", "--rate={rate}", "-"),
    ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", "{rate}", "-"),
)


def say(text: str) -> bool:
    """Through the Speech Dispatcher in use, else past it; returns when it has been spoken. False: nothing here can speak.

    None is started: it would go on with the configuration that `setup` is about to change.
    """
    return (bool(modules()) and _run(["spd-say", "--wait", "--", text], text)) or espeak(text)


def espeak(text: str) -> bool:
    """By espeak-ng to the sound device, as where Speech Dispatcher is broken."""
    pieces = list(fallback.speak(text, Settings())) if fallback.available() else []
    sound = b"".join(piece.pcm for piece in pieces)
    return any(_run([part.format(rate=pieces[0].sample_rate) for part in player], text, sound) for player in PLAYERS if sound)


def _run(command: Sequence[str], text: str, given: bytes = b"") -> bool:
    if shutil.which(command[0]) is None:
        return False
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=_LIMIT * (1 + len(text) / 50), check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
