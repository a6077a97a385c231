"""A new voice speaks a sentence, the whole way that a message goes, before anybody depends on it."""

from __future__ import annotations

from pathlib import Path

from speechd_neural.errors import SpeechError, VoiceError

TRIAL_RATE = 30  # of the settings: speech that is a little faster goes through all of the prosody


def try_out(voice: Path) -> float:
    """Let it speak a sentence as the daemon would, without sound. Returns its seconds; raises SpeechError."""
    from speechd_neural.audio.prosody import ProsodyStream
    from speechd_neural.core.soundcheck import checked
    from speechd_neural.text.frontend import FrontEnd
    from speechd_neural.types import Kind, Settings
    from speechd_neural.voice.engine import load_engine
    from speechd_neural.voice.languages import language_of

    settings, seconds = Settings(rate=TRIAL_RATE), 0.0
    language = language_of(voice)
    try:
        engine = load_engine(voice)
        info = engine.info
        for segment in FrontEnd(language).segments(language.sample, Kind.TEXT, settings):
            prosody = ProsodyStream(
                info.sample_rate, settings, segment.prosody, segment.symbols,
                natural_wpm=info.words_per_minute, natural_f0=info.f0,
            )  # fmt: skip
            chunks = engine.synthesize(segment, seed=1, cancelled=lambda: False)
            heard = 0
            for chunk in checked(chunks, info.sample_rate, segment.symbols, lambda: False):
                seconds += len(chunk.samples) / info.sample_rate
                heard += len(prosody.feed(chunk))
            if heard + len(prosody.flush()) == 0:
                raise VoiceError("nothing is left of its sound when it speaks faster")
    except SpeechError:
        raise
    except Exception as error:  # what strangers made can fail in ways that nobody has thought of
        raise VoiceError(f"it fails with {type(error).__name__}") from error
    return seconds
