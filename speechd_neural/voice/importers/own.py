"""Checkpoints of this program's own training: weights averaged over steps, with sizes and contract beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from speechd_neural.errors import VoiceError
from speechd_neural.text.symbols import SYMBOLS
from speechd_neural.voice.bundle import DIMS, WINDOW, Half
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.importers.reading import Imported, fitted, weights_of
from speechd_neural.voice.models.multiband import MultiBandDims, MultiBandWaveRNN
from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims

MODELS: dict[str, tuple[Any, Any]] = {
    "tacotron2": (Tacotron2Dims, Tacotron2),
    "multiband": (MultiBandDims, MultiBandWaveRNN),
}
OPTIONS = {"tacotron2": {}, "multiband": {"temperature": 0.7}}  # type: dict[str, dict[str, float]]


def recognises(checkpoint: dict[str, Any]) -> bool:
    return {"average", "dims", "contract"} <= checkpoint.keys()


def read(path: Path, checkpoint: dict[str, Any]) -> Imported:
    family = "tacotron2" if "n_symbols" in checkpoint["dims"] else "multiband"
    dims_type, model = MODELS[family]
    try:
        dims = dims_type(**checkpoint["dims"])
        contract = MelContract(**checkpoint["contract"])
    except TypeError as error:
        raise VoiceError(f"{path}: not a {family} checkpoint of this version: {error}") from None
    given = dict(checkpoint["dims"]) | (WINDOW if family == "tacotron2" else {})
    missing = [name for name in DIMS[family] if name not in given]
    if missing:
        raise VoiceError(f"{path}: dims.{missing[0]}: missing")
    state = fitted(path, weights_of(path, checkpoint["average"]), lambda: model(dims))
    half = Half(family, contract, {name: int(given[name]) for name in DIMS[family]}, OPTIONS[family])
    return Imported(path, half, state, SYMBOLS if family == "tacotron2" else (), "phones")
