"""Which voices there are: directories with a voice.yaml, in the places where voices are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from speechd_neural.errors import VoiceError
from speechd_neural.voice.bundle import MANIFEST

DEFAULT = "rms"  # the voice that this package carries


def installed(places: Sequence[Path]) -> dict[str, Path]:
    """Name → bundle directory; of two voices with one name, the one in the earlier place."""
    found: dict[str, Path] = {}
    for place in places:
        if place.is_dir():
            for path in sorted(place.iterdir()):
                if (path / MANIFEST).is_file():
                    found.setdefault(path.name, path)
    return found


def find(name: str | None, places: Sequence[Path]) -> Path:
    """The directory of a voice given by name or by path; None: the default voice.

    Raises VoiceError that lists the voices there are.
    """
    if name is not None and "/" in name:
        path = Path(name).expanduser()
        if (path / MANIFEST).is_file():
            return path
        raise VoiceError(f"{path}: no {MANIFEST} there; expected a voice's directory")
    voices = installed(places)
    wanted = DEFAULT if name is None else name
    if wanted not in voices:
        raise VoiceError(f"no voice {wanted!r}; there are: {', '.join(voices) or 'none'}")
    return voices[wanted]
