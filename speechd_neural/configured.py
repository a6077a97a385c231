"""Parts of the core as the configuration wants them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from speechd_neural import paths
from speechd_neural.audio.cache import PhraseCache
from speechd_neural.audio.output import Output, Ways
from speechd_neural.audio.phrase_store import forget
from speechd_neural.config import Config
from speechd_neural.core.means import Options
from speechd_neural.patterns import Pattern, TooSlow
from speechd_neural.types import Settings

_LOG = logging.getLogger(__name__)
_told_slow: set[Pattern] = set()


def options_for(wanted: Config) -> Options:
    patterns = wanted.cache.private

    def boosted(settings: Settings) -> Settings:
        # 0..100 then reaches up to 900 words per minute (`audio.prosody`: rates of 100 to 200).
        return replace(settings, rate=2 * settings.rate) if 0 < settings.rate <= 100 else settings

    return Options(
        deadline=wanted.fallback.deadline_ms / 1000,
        private=(lambda words: _any_matches(patterns, words)) if patterns else None,
        icon=paths.sound_icon,
        adjust=boosted if wanted.speech.rate_boost else lambda settings: settings,
    )


def _any_matches(patterns: Sequence[Pattern], words: str) -> bool:
    """Whether one of the user's patterns is in these words. One that takes too long counts as found: nothing is kept."""
    for number, pattern in enumerate(patterns, 1):
        try:
            if pattern.search(words):
                return True
        except TooSlow:
            if pattern not in _told_slow:
                _told_slow.add(pattern)
                _LOG.error("cache.private: pattern %d takes too long; what it was tried on counts as private", number)
            return True
    return False


def open_cache(wanted: Config) -> PhraseCache | None:
    section = wanted.cache
    if not section.disk_mb:
        forget(section.folder(), paths.secret_file())
    if not section.memory_mb and not section.disk_mb:
        return None
    return PhraseCache(
        section.folder(),
        int(section.disk_mb * 2**20),
        int(section.memory_mb * 2**20),
        secret=paths.secret_file(),
        remember=section.remember,
    )


def output_for(wanted: Config) -> Callable[[int], Output]:
    section = wanted.audio
    ways = Ways()
    return lambda sample_rate: Output(sample_rate, section.device, section.keep_awake_s, ways)
