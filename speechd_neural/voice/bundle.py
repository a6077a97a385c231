"""A voice as a directory: voice.yaml (what it is) and weights.safetensors (its numbers).

    format: 1
    name: rms                       languages: [en-US]
    licence: …                      provenance: …
    reads: phones                   symbols: ["_", " ", …]      (reads: characters — each symbol is one character)
    acoustic: {family: tacotron2, contract: {every field of MelContract}, dims: {…}}
    vocoder: {family: multiband, contract: {…}, dims: {…}, temperature: 1.0}
             (the families' own files, families/*.py, say which sizes and what else each has)
    files: {weights.safetensors: SHA-256}
    spelling: {ch: tS, a: a}        (optional) the phones of letters, for a language that nothing here reads otherwise
    takes: {"s iy1 .": 3}           (optional) seeds for phrases that are understood better so; verify-voice --takes finds them

Both halves carry the whole mel contract they were trained for; a bundle whose halves disagree is refused.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from speechd_neural import plainyaml
from speechd_neural.arrays import Array
from speechd_neural.core.engine import VoiceInfo
from speechd_neural.errors import VoiceError, mend
from speechd_neural.files import open_file
from speechd_neural.plainyaml import shown
from speechd_neural.records import dataclass
from speechd_neural.voice import limits, safetensors
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.families import ACOUSTICS, VOCODERS
from speechd_neural.voice.family import Family, Half
from speechd_neural.voice.packing import State

FORMAT = 1
SOUND = 3  # counts changes of the runtime that change what a voice sounds like
MANIFEST, WEIGHTS = "voice.yaml", "weights.safetensors"
READS = ("phones", "characters")
GENDERS = ("male", "female")
HALVES: dict[str, Mapping[str, Family]] = {"acoustic": ACOUSTICS, "vocoder": VOCODERS}

LARGEST_DIM = 1 << 16
LARGEST = 256 << 10  # bytes of a manifest: half a second to read; with a take for every phrase of the packs it has a sixth


@dataclass(frozen=True, slots=True)
class Manifest:
    name: str
    languages: tuple[str, ...]
    licence: str
    provenance: str
    symbols: tuple[str, ...]
    acoustic: Half
    vocoder: Half
    reads: str = "phones"
    takes: Mapping[str, int] = field(default_factory=dict)  # seeds by `take_key`
    gender: str = ""  # one of GENDERS; "": not told
    spelling: Mapping[str, str] = field(default_factory=dict)  # letters, small: phones with blanks between them

    @property
    def contract(self) -> MelContract:
        return self.acoustic.contract


@dataclass(frozen=True, slots=True)
class Description:
    """What a voice is, its weights left aside. `identifier` changes with every byte of the voice."""

    path: Path
    manifest: Manifest
    identifier: str
    weights_hash: str  # SHA-256 that the weights must have

    @property
    def info(self) -> VoiceInfo:
        """The facts that the core knows a voice by. Its name is its directory's: no two in one place share that."""
        manifest, measured = self.manifest, self.manifest.acoustic.options
        return VoiceInfo(
            self.path.name or self.path.resolve().name,
            self.identifier,
            manifest.contract.sample_rate,
            manifest.languages,
            manifest.contract.hop_length,
            words_per_minute=measured.get("words_per_minute", 170.0),
            f0=measured.get("f0"),
            gender=manifest.gender,
            secondary_stress=manifest.reads == "phones" and any(symbol[1:].endswith("2") for symbol in manifest.symbols),
        )


@dataclass(frozen=True, slots=True)
class Bundle:
    """A loaded voice: what it is, and its arrays, which are read-only."""

    description: Description
    arrays: Mapping[str, Array]

    @property
    def path(self) -> Path:
        return self.description.path

    @property
    def manifest(self) -> Manifest:
        return self.description.manifest

    @property
    def identifier(self) -> str:
        return self.description.identifier

    @property
    def info(self) -> VoiceInfo:
        return self.description.info


def take_key(symbols: Iterable[str]) -> str:
    """A phrase as `takes` writes it: its symbols, "·" for the word space."""
    return " ".join("·" if symbol == " " else symbol for symbol in symbols)


def describe(path: Path) -> Description:
    """Read and check the manifest of a voice directory. Raises VoiceError that names the file and the key at fault."""
    file = path / MANIFEST
    if not path.is_dir():
        raise VoiceError(f"{path}: no such voice directory; it holds {MANIFEST} and {WEIGHTS}")
    try:
        with open_file(file) as opened:
            text = opened.read(LARGEST + 1)
    except OSError as error:
        raise VoiceError(f"{file}: {error.strerror}") from None
    if len(text) > LARGEST:
        raise VoiceError(f"{file}: longer than {LARGEST} bytes")
    return _described(path, file, text)


@lru_cache(maxsize=8)  # the voice that is loaded is described three times before it speaks, and half of that is YAML
def _described(path: Path, file: Path, text: bytes) -> Description:
    try:
        document = plainyaml.read(text)
    except plainyaml.NotPlain as error:
        raise VoiceError(f"{file}:{error.line}: {error}") from None
    manifest, hashes = _manifest(document, file)
    digest = hashlib.sha256(text + bytes([SOUND])).hexdigest()[:16]
    return Description(path, manifest, f"{manifest.name}-{digest}", str(hashes.get(WEIGHTS)))


def load(path: Path) -> Bundle:
    """Read and check a voice directory. Raises VoiceError that names the file and the key or array at fault."""
    try:
        return _load(path)
    except VoiceError as error:
        if path.is_relative_to(Path(__file__).parents[1]):  # it comes with the program
            raise VoiceError(f"{error}; {mend()}") from None
        raise


def _load(path: Path) -> Bundle:
    description = describe(path)
    weights = path / WEIGHTS
    data = safetensors.content(weights)
    arrays = safetensors.parse(data, weights)  # says it better than a hash what a truncated file lacks
    _compare(description, hashlib.sha256(data).hexdigest())
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise VoiceError(f"{weights}: array {name!r} holds values that are not finite")
    return Bundle(description, arrays)


def check_weights(description: Description) -> None:
    """Read the weights without keeping them. Raises VoiceError where they are not those that the manifest names."""
    file = description.path / WEIGHTS
    try:
        with open_file(file) as opened:
            safetensors.check_size(file, os.fstat(opened.fileno()).st_size)
            _compare(description, hashlib.file_digest(opened, "sha256").hexdigest())
    except OSError as error:
        raise VoiceError(f"{file}: {error.strerror}") from None


def _compare(description: Description, actual: str) -> None:
    if actual != description.weights_hash:
        raise VoiceError(f"{description.path / WEIGHTS}: damaged, or not the file of this manifest: SHA-256 {actual[:16]}…, "
                         f"{MANIFEST} says {description.weights_hash[:16]}…")  # fmt: skip


def save(path: Path, manifest: Manifest, arrays: Mapping[str, Array]) -> None:
    """Write a voice directory; each file appears whole or not at all, the manifest last."""
    import yaml  # takes a twentieth of the daemon's start, which reads files alone

    data = safetensors.to_bytes(arrays)
    document: dict[str, Any] = {
        "format": FORMAT, "name": manifest.name, "languages": list(manifest.languages), "licence": manifest.licence,
        "provenance": manifest.provenance, "reads": manifest.reads, "symbols": list(manifest.symbols),
    }  # fmt: skip
    if manifest.gender:
        document["gender"] = manifest.gender
    for name in ("acoustic", "vocoder"):
        half: Half = getattr(manifest, name)
        dims = HALVES[name][half.family].sizes(half.dims)
        document[name] = {"family": half.family, **half.options, "dims": dims, "contract": asdict(half.contract)}
    if manifest.spelling:
        document["spelling"] = dict(manifest.spelling)
    if manifest.takes:
        document["takes"] = dict(manifest.takes)
    document["files"] = {WEIGHTS: hashlib.sha256(data).hexdigest()}
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    try:
        path.mkdir(parents=True, exist_ok=True)
        for name, content in ((WEIGHTS, data), (MANIFEST, text.encode())):
            partial = path / f".{name}.partial"
            partial.write_bytes(content)
            os.replace(partial, path / name)
    except OSError as error:
        raise VoiceError(f"{error.filename or path}: {error.strerror}") from None


def write_bundle(
    path: Path, acoustic_state: State, vocoder_state: State, manifest: Manifest, more: Mapping[str, Array] | None = None
) -> dict[str, float]:
    """Pack the weights of both models (torch's names, numpy arrays) into a voice directory; more: arrays as they are.

    Returns the relative quantization error of every int8 matrix. Dims may hold more
    than the runtime needs; what they do not give is as the family has it.
    """
    acoustic, vocoder = manifest.acoustic, manifest.vocoder
    packed = ACOUSTICS[acoustic.family].pack(acoustic_state, acoustic.dims)
    spoken = VOCODERS[vocoder.family].pack(vocoder_state, vocoder.dims)
    save(path, manifest, packed.arrays | spoken.arrays | dict(more or {}))
    load(path)
    return packed.errors | spoken.errors


def _manifest(document: Any, file: Path) -> tuple[Manifest, dict[str, str]]:
    def value(table: Any, key: str, kind: type | tuple[type, ...], where: str = "") -> Any:
        name = f"{where}.{key}" if where else key
        if not isinstance(table, dict) or key not in table:
            raise VoiceError(f"{file}: {name}: missing")
        found = table[key]
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            expected = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
            raise VoiceError(f"{file}: {name}: {type(found).__name__}; expected {expected}")
        return found

    def strings(key: str) -> tuple[str, ...]:
        found = value(document, key, list)
        if not found or not all(isinstance(s, str) and s for s in found) or len(set(found)) != len(found):
            raise VoiceError(f"{file}: {key}: expected a list of different strings")
        return tuple(found)

    version = value(document, "format", int)
    if version != FORMAT:
        newer = " (a newer version of this program made it)" if version > FORMAT else ""
        raise VoiceError(f"{file}: format: {shown(version)}{newer}; this version reads {FORMAT}")
    reads = value(document, "reads", str)
    if reads not in READS:
        raise VoiceError(f"{file}: reads: {shown(reads)}; accepted: {', '.join(READS)}")

    gender = value(document, "gender", str) if "gender" in document else ""
    if gender and gender not in GENDERS:
        raise VoiceError(f"{file}: gender: {shown(gender)}; accepted: {', '.join(GENDERS)}")

    def half(name: str) -> Half:
        table = value(document, name, dict)
        family = HALVES[name].get(value(table, "family", str, name))
        if family is None:
            raise VoiceError(f"{file}: {name}.family: {shown(table['family'])}; accepted: {', '.join(HALVES[name])}")
        contract = read_contract(value(table, "contract", dict, name), f"{file}: {name}.contract")
        dims = value(table, "dims", dict, name)
        for key in family.dims:
            size = int(dims[key]) if isinstance(dims.get(key), bool) else value(dims, key, int, f"{name}.dims")
            if not (0 if key in family.may_be_0 else 1) <= size <= LARGEST_DIM:
                raise VoiceError(f"{file}: {name}.dims.{key}: {shown(size)}; accepted: 1 to {LARGEST_DIM}")
        if dims["n_features"] != contract.n_features:
            raise VoiceError(f"{file}: {name}.dims.n_features: {dims['n_features']}; its contract has {contract.n_features}")
        options = limits.options(table, family.ranges, f"{file}: {name}")
        return Half(family.name, contract, {k: int(dims[k]) for k in family.dims}, options)

    manifest = Manifest(
        name=value(document, "name", str), languages=strings("languages"), licence=value(document, "licence", str),
        provenance=value(document, "provenance", str), symbols=strings("symbols"), acoustic=half("acoustic"),
        vocoder=half("vocoder"), reads=reads, takes=value(document, "takes", dict) if "takes" in document else {},
        spelling=value(document, "spelling", dict) if "spelling" in document else {}, gender=gender,
    )  # fmt: skip
    texts = {"licence": manifest.licence, "provenance": manifest.provenance}
    limits.check_texts(manifest.name, texts, manifest.languages, manifest.symbols, str(file))
    for phrase, seed in manifest.takes.items():
        if not isinstance(phrase, str) or type(seed) is not int or not 0 <= seed < 1 << 32:
            raise VoiceError(f"{file}: takes: {shown(phrase)}: {shown(seed)}; "
                             f"expected symbols and a number from 0 to {(1 << 32) - 1}")  # fmt: skip
    for letters, phones in manifest.spelling.items():
        if not isinstance(letters, str) or not isinstance(phones, str) or not letters or letters != letters.lower():
            raise VoiceError(f"{file}: spelling: {shown(letters)}: {shown(phones)}; expected small letters and their phones")
        if unknown := [phone for phone in phones.split() if phone not in manifest.symbols]:
            raise VoiceError(f"{file}: spelling: {shown(letters)}: {shown(unknown[0])} is none of the voice's symbols")
    if different := manifest.acoustic.contract.differences(manifest.vocoder.contract):
        table = "; ".join(f"{name}: acoustic {a}, vocoder {b}" for name, a, b in different)
        raise VoiceError(f"{file}: the halves were trained for different mels: {table}")
    if len(manifest.symbols) != manifest.acoustic.dims["n_symbols"]:
        raise VoiceError(f"{file}: symbols: {len(manifest.symbols)}; acoustic.dims.n_symbols says "
                         f"{manifest.acoustic.dims['n_symbols']}")  # fmt: skip
    return manifest, value(document, "files", dict)


def read_contract(table: Mapping[str, Any], where: str) -> MelContract:
    """The contract that a manifest or a checkpoint gives. Raises VoiceError that names WHERE.key and what is accepted."""
    names: dict[str, type] = {f.name: type(f.default) for f in fields(MelContract)}
    if missing := sorted(names.keys() - table.keys()):
        raise VoiceError(f"{where}.{missing[0]}: missing")
    if unknown := sorted(map(str, table.keys() - names.keys())):
        raise VoiceError(f"{where}.{shown(unknown[0])[1:-1]}: unknown; known: {', '.join(names)}")
    for name, kind in names.items():
        value: Any = table[name]
        if not (type(value) is kind or (kind is float and type(value) is int)):
            raise VoiceError(f"{where}.{name}: {shown(value)}; expected {kind.__name__}")
    for name, accepted in (("scale", ("slaney", "htk")), ("log_base", ("e", "10"))):
        if table[name] not in accepted:
            raise VoiceError(f"{where}.{name}: {shown(table[name])}; accepted: {', '.join(accepted)}")
    limits.check_contract(table, where)
    return MelContract(**table)
