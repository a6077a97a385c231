"""Checkpoints of this program's own training: weights averaged over steps, with sizes and contract beside them."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from speechd_neural.errors import VoiceError
from speechd_neural.text.english.symbols import SYMBOLS
from speechd_neural.voice.bundle import LARGEST_DIM, read_contract
from speechd_neural.voice.families import ACOUSTICS, VOCODERS
from speechd_neural.voice.family import Family, Half
from speechd_neural.voice.importers.reading import Imported, fitted, weights_of


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
    family, dims_type, model = _family(path, sizes)
    for name, size in sizes.items():
        least = 0 if name in family.may_be_0 else 1
        if not isinstance(size, int) or not least <= size <= LARGEST_DIM:
            raise VoiceError(f"{path}: dims.{name}: {size!r}; expected {least} to {LARGEST_DIM}")
    contract = read_contract(checkpoint["contract"], f"{path}: contract")
    try:
        dims = dims_type(**sizes)
    except TypeError as error:
        raise VoiceError(f"{path}: not a {family.name} checkpoint of this version: {error}") from None
    described = family.sizes(sizes)
    if lacking := [name for name in family.dims if name not in described]:
        raise VoiceError(f"{path}: dims.{lacking[0]}: missing")
    state = fitted(path, weights_of(path, checkpoint["average"]), lambda: model(dims))
    half = Half(family.name, contract, described, family.options)
    symbols = symbols_of(path, checkpoint, described["n_symbols"]) if family.name in ACOUSTICS else ()
    return Imported(path, half, state, symbols, "phones")


def _family(path: Path, sizes: dict[str, Any]) -> tuple[Family, Any, Any]:
    """The family that has all these sizes, with its reference model's classes."""
    trained = []
    for family in (*ACOUSTICS.values(), *VOCODERS.values()):
        if family.model is None:
            continue
        trained.append(family.name)
        dims_type, model = family.model()
        if sizes.keys() <= {size.name for size in fields(dims_type)}:
            return family, dims_type, model
    raise VoiceError(f"{path}: dims: {', '.join(map(str, sizes))}: no family that is trained here has such sizes; "
                     f"accepted: those of {', '.join(trained)}")  # fmt: skip


def symbols_of(path: Path, checkpoint: dict[str, Any], count: int) -> tuple[str, ...]:
    """What the checkpoint was trained to read; one that does not say so has the first of this program's symbols."""
    symbols = checkpoint.get("symbols", list(SYMBOLS[:count]))
    if not isinstance(symbols, list) or len(symbols) != count or not all(isinstance(s, str) for s in symbols):
        raise VoiceError(f"{path}: symbols: expected a list of {count} texts")
    return tuple(symbols)
