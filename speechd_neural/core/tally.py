"""What did not go as it should, counted: where the fallback spoke, and which voices made what is no sound."""

from __future__ import annotations

import logging

from speechd_neural.records import dataclass

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class BadSound:
    """What a voice made that was no sound, so that the fallback spoke in its place (core/soundcheck.py)."""

    segments: int = 0
    reason: str = ""  # of the last one


class Tally:
    """Written by the synthesis thread; its numbers may be read from any other."""

    def __init__(self) -> None:
        self.fallbacks = 0
        self.unsound: dict[str, BadSound] = {}  # by the voice's name

    def fell_back(self) -> None:
        self.fallbacks += 1

    def found_unsound(self, voice: str, reason: str) -> None:
        """Count it, and say so once: a voice that is broken is broken in every segment."""
        found = self.unsound.setdefault(voice, BadSound())
        found.segments += 1
        if reason != found.reason:
            _LOG.error("voice %s: %s; the fallback speaks in its place", voice, reason)
        found.reason = reason
