"""Two checkpoints become a voice: averaged weights, int8 rows, a manifest; and how much the rounding costs is said."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from speechd_neural.core.engine import Engine
from speechd_neural.core.means import Means, Options
from speechd_neural.core.pipeline import Pipeline
from speechd_neural.core.voices import Voices
from speechd_neural.errors import SynthesisError, VoiceError
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.train.checkpoint import load_checkpoint
from speechd_neural.train.ripple import lost_depth
from speechd_neural.types import Audio, Kind, Request, Settings
from speechd_neural.voice.bundle import Manifest, write_bundle
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.families import ACOUSTICS, VOCODERS, trained_here
from speechd_neural.voice.harmonics import DEPTH
from speechd_neural.voice.importers import own
from speechd_neural.voice.importers.reading import Imported
from speechd_neural.voice.limits import OPTIONS, number


def read_half(path: Path, family: str, options: Mapping[str, float]) -> Imported:
    """A checkpoint's description and its averaged weights. Raises VoiceError where it is not one of this family."""
    found = own.read(path, load_checkpoint(path))
    if found.half.family != family:
        raise VoiceError(f"{path}: a {found.half.family} checkpoint; expected one of {family}")
    return replace(found, half=replace(found.half, options=options))


# Ordinary prose of 99 words: what "words per minute" is counted with.
PASSAGE = (
    "The old house stood at the end of a narrow road, a little apart from the others. In summer its windows were open from"
    " morning until night, and anyone who walked by could hear a piano, or two people talking, or a kettle on the stove."
    " Nobody knew how long the family had lived there. They kept a garden with beans and roses, and a dog that never barked."
    " When the first frost came, the windows closed, smoke rose from the chimney, and the road became quiet again until the"
    " ice on the river broke and the birds returned."
)


def pace(engine: Engine) -> tuple[float, float]:
    """How fast, in words per minute, pauses included, and how high, in Hz, a voice speaks by itself."""
    own = Settings(speed=1)
    pipeline = Pipeline(Means(FrontEnd(English()), voices=Voices(engine), options=Options(deadline=0)))
    events = pipeline.speak(Request(1, PASSAGE, settings=own), lambda: False)
    samples = sum(len(event.pcm) // 2 for event in events if isinstance(event, Audio))
    pitch = [
        chunk.f0
        for segment in FrontEnd(English()).segments(PASSAGE, Kind.TEXT, own)
        for chunk in engine.synthesize(segment, seed=0, cancelled=lambda: False)
        if chunk.f0 is not None
    ]
    f0 = np.concatenate(pitch)
    return 60 * len(PASSAGE.split()) * engine.info.sample_rate / samples, float(np.median(f0[f0 > 0]))


def export_voice(
    tacotron2: Path,
    vocoder: Path,
    out: Path,
    *,
    name: str,
    languages: Sequence[str],
    licence: str,
    provenance: str,
    temperature: float,
    gender: str = "",
    temperature_top: float | None = None,
    temperature_unvoiced: float | None = None,
    comb: float = 0.0,
    features: Path | None = None,
    words_per_minute: float | None = None,
) -> Iterator[str]:
    """Write the bundle; yields lines that report what it cost. temperature_top, temperature_unvoiced: of voiced sound in the
    highest band and of unvoiced sound, None for as the first (voice/families/multiband.py); comb: strength of the filter along
    the pitch, 0 to 1; features: shards by which the harmonics that the acoustic model lost are measured, None to leave them lost;
    words_per_minute: the pace that the voice is to have (voice/stretch.py), None for its networks' own.

    Raises VoiceError where the halves do not fit, SynthesisError where the voice cannot speak. Nothing is written then.
    """
    given = {"temperature": temperature, "temperature_top": temperature_top, "temperature_unvoiced": temperature_unvoiced,
             "comb": comb or None}  # fmt: skip
    options = {option: value for option, value in given.items() if value is not None}
    reader = read_half(tacotron2, trained_here(ACOUSTICS).name, {})
    speaker = read_half(vocoder, trained_here(VOCODERS).name, options)
    acoustic, sound = reader.half, speaker.half
    more = {DEPTH: lost_depth(features, tacotron2)} if features else {}
    manifest = Manifest(name, tuple(languages), licence, provenance, reader.symbols, acoustic, sound, gender=gender)
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / "voice"
        write_bundle(trial, reader.state, speaker.state, manifest, more)
        try:
            speed, f0 = pace(load_engine(trial))
        except SynthesisError as reason:
            raise SynthesisError(f"{name} cannot speak yet: {reason}; {out} is not written") from None
    measured = {"words_per_minute": round(words_per_minute or speed, 1), "f0": round(f0, 1)}
    if words_per_minute:
        yield f"its networks speak {speed:.0f} words a minute"
        measured["stretch"] = number(round(speed / words_per_minute, 3), *OPTIONS["stretch"], "the stretch to that pace")
    acoustic = replace(acoustic, options=measured)
    errors = write_bundle(out, reader.state, speaker.state, replace(manifest, acoustic=acoustic), more)
    yield f"speaks {measured['words_per_minute']:.0f} words a minute at {f0:.0f} Hz"
    for matrix, error in errors.items():
        yield f"{matrix}: relative quantization error {100 * error:.2f} %"
    size = sum(file.stat().st_size for file in out.iterdir())
    yield f"{out}: {size / 1e6:.1f} MB, sizes {asdict(acoustic)['dims']} and {asdict(sound)['dims']}"
