"""Teachers: programs that speak a corpus for a voice to learn from, behind one interface.

A teacher is asked for a few items at a time, since one that learned from sentences says a lone word best among
others; it gives each item's sound with the times of its symbols. Nothing of a teacher is there when a voice speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from speechd_neural.arrays import Floats
from speechd_neural.errors import UsageError
from speechd_neural.types import Kind


@dataclass(frozen=True, slots=True)
class Item:
    """What is to be said. kind: how the text is read; short: not a sentence, and best said among others."""

    id: str
    text: str
    kind: Kind = Kind.TEXT
    short: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """An item as it was said. samples [n] in -1..1; spans: first sample of each symbol and the one behind its last."""

    item: Item
    text: str
    symbols: tuple[str, ...]
    samples: Floats
    spans: tuple[tuple[int, int], ...]


class Teacher(Protocol):
    sample_rate: int
    licence: str  # what NOTICE has to say of a voice that learned from it, in a line

    def speak(self, items: Sequence[Item]) -> list[Spoken]:
        """The items, in order, without those that this teacher cannot say.

        Raises VoiceError where it says nothing at all, or what it says is no sound.
        """
        ...


TEACHERS = {"flite": "rms", "kokoro": "am_fenrir"}  # by name, with the voice that speaks where none is asked for


def open_teacher(name: str, voice: str, folder: Path | None, seed: int) -> Teacher:
    """folder: where the teacher's files are (kokoro). Raises VoiceError for a teacher that is not there or damaged."""
    if name == "flite":
        from speechd_neural.train.teachers.flite import Flite

        return Flite(voice)
    if name == "kokoro":
        from speechd_neural.train.teachers.kokoro import Kokoro

        if folder is None:
            raise UsageError("--teacher kokoro needs --teacher-files DIR, which 'speechd-neural train fetch-kokoro DIR' fills")
        return Kokoro(folder, voice, seed)
    raise UsageError(f"--teacher {name}: expected one of {', '.join(TEACHERS)}")
