"""Checkpoints of this program's own training: weights averaged over steps, with sizes and contract beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from speechd_neural.errors import VoiceError
from speechd_neural.text.english.symbols import SYMBOLS
from speechd_neural.voice.bundle import DIMS, LARGEST_DIM, WINDOW, Half, read_contract
from speechd_neural.voice.importers.reading import Imported, fitted, weights_of
from speechd_neural.voice.models.multiband import MultiBandDims, MultiBandWaveRNN
from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims

MODELS: dict[str, tuple[Any, Any]] = {
    "tacotron2": (Tacotron2Dims, Tacotron2),
    "multiband": (MultiBandDims, MultiBandWaveRNN),
}
OPTIONS: dict[str, dict[str, float]] = {"tacotron2": {}, "multiband": {"temperature": 0.7}}


def recognises(checkpoint: dict[str, Any]) -> bool:
    return {"average", "dims", "contract"} <= checkpoint.keys()


def read(path: Path, checkpoint: dict[str, Any]) -> Imported:
    """Raises VoiceError that names the file and what in it does not belong to a checkpoint of this program."""
    if missing := sorted({"average", "dims", "contract"} - checkpoint.keys()):
        raise VoiceError(f"{path}: not a checkpoint of this trainer; it lacks {', '.join(missing)}")
    for name in ("average", "dims", "contract"):
        if not isinstance(checkpoint[name], dict):
            raise VoiceError(f"{path}: {name}: {type(checkpoint[name]).__name__}; expected values by name")
    sizes = checkpoint["dims"]
    family = "tacotron2" if "n_symbols" in sizes else "multiband"
    dims_type, model = MODELS[family]
    for name, size in sizes.items():
        least = 0 if name in ("window", "back", "ahead") else 1
        if not isinstance(size, int) or not least <= size <= LARGEST_DIM:
            raise VoiceError(f"{path}: dims.{name}: {size!r}; expected {least} to {LARGEST_DIM}")
    contract = read_contract(checkpoint["contract"], f"{path}: contract")
    try:
        dims = dims_type(**sizes)
    except TypeError as error:
        raise VoiceError(f"{path}: not a {family} checkpoint of this version: {error}") from None
    given = sizes | (WINDOW if family == "tacotron2" else {})
    if lacking := [name for name in DIMS[family] if name not in given]:
        raise VoiceError(f"{path}: dims.{lacking[0]}: missing")
    state = fitted(path, weights_of(path, checkpoint["average"]), lambda: model(dims))
    half = Half(family, contract, {name: int(given[name]) for name in DIMS[family]}, OPTIONS[family])
    return Imported(path, half, state, SYMBOLS if family == "tacotron2" else (), "phones")
