"""Two checkpoints become a voice: averaged weights, int8 rows, a manifest; and how much the rounding costs is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from speechd_neural.errors import VoiceError
from speechd_neural.text.symbols import SYMBOLS
from speechd_neural.train.checkpoint import load_checkpoint
from speechd_neural.voice.bundle import DIMS, WINDOW, Half, Manifest, write_bundle
from speechd_neural.voice.contract import MelContract


def read_half(path: Path, family: str, options: dict[str, float]) -> tuple[Half, dict[str, Any]]:
    """A checkpoint's description and its averaged weights as numpy arrays."""
    state = load_checkpoint(path)
    missing = {"average", "dims", "contract"} - set(state)
    if missing:
        raise VoiceError(f"{path}: not a checkpoint of this trainer; it lacks {', '.join(sorted(missing))}")
    sizes = dict(state["dims"]) | (WINDOW if family == "tacotron2" else {})
    unknown = [name for name in DIMS[family] if name not in sizes]
    if unknown:
        raise VoiceError(f"{path}: not a {family} checkpoint; its sizes lack {', '.join(unknown)}")
    half = Half(family, MelContract(**state["contract"]), {name: int(sizes[name]) for name in DIMS[family]}, options)
    return half, {name: value.float().numpy() for name, value in state["average"].items()}


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
) -> Iterator[str]:
    """Write the bundle; yields lines that report what it cost. Raises VoiceError where the halves do not fit."""
    acoustic, acoustic_state = read_half(tacotron2, "tacotron2", {})
    sound, sound_state = read_half(vocoder, "multiband", {"temperature": temperature})
    manifest = Manifest(name, tuple(languages), licence, provenance, SYMBOLS, acoustic, sound)
    errors = write_bundle(out, acoustic_state, sound_state, manifest)
    for matrix, error in errors.items():
        yield f"{matrix}: relative quantization error {100 * error:.2f} %"
    size = sum(file.stat().st_size for file in out.iterdir())
    yield f"{out}: {size / 1e6:.1f} MB, sizes {asdict(acoustic)['dims']} and {asdict(sound)['dims']}"
