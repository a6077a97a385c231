"""From a corpus to what training reads: shards of features, sub-bands and alignments, computed once.

A shard is a .npz of float16 arrays, utterances one behind the other, each padded with near-silence to a whole
number of BLOCK frames, so that a stretch of BLOCK frames never spans two utterances:

    features [F, n_features]   bands [F · hop / bands, bands]   starts [N + 1] first frame of each utterance
    symbols [S] ids            symbol_starts [N + 1]            alignment [F] symbol within its utterance, -1 = padding

`layout.json` beside the shards says what they were computed with: the mel contract, the number of sub-bands and the
symbols that the ids stand for. Training reads it, so that both halves of a voice agree.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import TextError, VoiceError
from speechd_neural.train.corpus import CorpusEntry, read_wav
from speechd_neural.train.edges import with_short_ends, without_first_symbol
from speechd_neural.train.pitch import track_pitch
from speechd_neural.voice.contract import MelContract, mel_spectrogram
from speechd_neural.voice.subbands import FilterBank

BLOCK = 8
ARRAYS = ("features", "bands", "starts", "alignment", "symbols", "symbol_starts")
NOISE = 5e-5  # -86 dB: digital silence has no distribution to learn
LAYOUT = "layout.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """What shards were computed with. symbols: position is the id."""

    contract: MelContract
    bands: int
    symbols: tuple[str, ...]

    def write(self, directory: Path) -> None:
        """Raises VoiceError where the directory's shards were computed with another layout."""
        path = directory / LAYOUT
        if path.exists() and (found := read_layout(directory)) != self:
            raise VoiceError(f"{path}: these features were computed with {_difference(found, self)}; give another --out, "
                             "or remove the directory to compute them anew")  # fmt: skip
        directory.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"contract": asdict(self.contract), "bands": self.bands, "symbols": self.symbols}, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


def _difference(found: Layout, wanted: Layout) -> str:
    for name, theirs, ours in found.contract.differences(wanted.contract):
        return f"{name} {theirs}, not {ours}"
    return f"{found.bands} bands, not {wanted.bands}" if found.bands != wanted.bands else "other symbols"


def read_layout(directory: Path) -> Layout:
    """Raises VoiceError that names the file and what is wrong with it."""
    path = directory / LAYOUT
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Layout(MelContract(**values["contract"]), int(values["bands"]), tuple(values["symbols"]))
    except OSError as error:
        raise VoiceError(f"{path}: {error.strerror}; run 'speechd-neural train features' first") from None
    except (ValueError, KeyError, TypeError):
        raise VoiceError(f"{path}: damaged; remove {directory}, and 'speechd-neural train features' makes it anew") from None


def acoustic_features(samples: npt.NDArray[np.float32], contract: MelContract) -> npt.NDArray[np.float32]:
    """[n] → [n // hop, n_features]."""
    mel = mel_spectrogram(samples, contract)
    if not contract.pitch:
        return mel
    logarithm, voicing = track_pitch(samples, contract.sample_rate, contract.hop_length)
    return np.concatenate([mel, logarithm[: len(mel), None], voicing[: len(mel), None]], axis=1)


def frame_alignment(spans: npt.NDArray[np.int64], frames: int, hop: int) -> npt.NDArray[np.int16]:
    """Sample spans of the symbols [S, 2] → the symbol that sounds in the middle of each frame."""
    middle = (np.arange(frames) + 0.5) * hop
    sounding = np.flatnonzero(spans[:, 1] > spans[:, 0])
    index = np.searchsorted(spans[sounding, 1], middle, side="right")
    return sounding[np.minimum(index, len(sounding) - 1)].astype(np.int16)


def pack(entries: Sequence[CorpusEntry], layout: Layout, path: Path) -> int:
    """Write one shard; returns its number of frames. Raises VoiceError for a sound at another sample rate, TextError for an
    alignment or symbols that are none."""
    contract, bank = layout.contract, FilterBank.create(layout.bands)
    symbol_ids = {symbol: index for index, symbol in enumerate(layout.symbols)}
    hop = contract.hop_length
    features, bands, alignments, symbols = [], [], [], []
    for entry in entries:
        samples, sample_rate = read_wav(entry.wav)
        if sample_rate != contract.sample_rate:
            raise VoiceError(f"{entry.wav}: {sample_rate} Hz; the mel contract says {contract.sample_rate} Hz")
        names: Sequence[str] = entry.symbols
        spans = read_spans(entry.align, len(entry.symbols)) if entry.align else None
        if entry.clipped and spans is not None:
            names, samples, spans = without_first_symbol(names, samples, spans)
        if spans is not None:
            samples, spans = with_short_ends(names, samples, spans, sample_rate)
        real = len(samples) // hop
        padded = -(-len(samples) // (hop * BLOCK)) * hop * BLOCK
        rng = np.random.default_rng(len(samples))
        samples = np.pad(samples, (0, padded - len(samples))) + NOISE * rng.standard_normal(padded).astype(np.float32)
        features.append(acoustic_features(samples, contract).astype(np.float16))
        bands.append(bank.analysis(samples).astype(np.float16))
        alignment = np.full(padded // hop, -1, np.int16)
        if spans is not None:
            alignment[:real] = frame_alignment(spans, real, hop)
        alignments.append(alignment)
        if unknown := [s for s in names if s not in symbol_ids]:
            raise TextError(f"{entry.wav}: its symbols in metadata.csv hold {unknown[0]!r}; accepted: {' '.join(symbol_ids)}")
        symbols.append(np.array([symbol_ids[s] for s in names], np.int16))
    starts = np.cumsum([0, *map(len, features)])
    partial = path.with_name(f".{path.name}")  # a shard that is there is whole: the next run does not make it again
    np.savez(
        partial,
        features=np.concatenate(features),
        bands=np.concatenate(bands),
        starts=starts,
        alignment=np.concatenate(alignments),
        symbols=np.concatenate(symbols),
        symbol_starts=np.cumsum([0, *map(len, symbols)]),
    )
    os.replace(partial, path)
    return int(starts[-1])


def read_spans(path: Path, symbols: int) -> npt.NDArray[np.int64]:
    """An alignment file: [symbols, 2]. Raises TextError that names it and what is expected."""
    try:
        spans = np.loadtxt(path, dtype=np.int64, ndmin=2)
    except (OSError, ValueError) as error:
        raise TextError(f"{path}: {error}; expected two numbers a line") from None
    if spans.shape != (symbols, 2) or not (spans[:, 1] > spans[:, 0]).any():
        raise TextError(f"{path}: {' x '.join(map(str, spans.shape))} numbers; expected a line of two, first and end, for each "
                        f"of {symbols} symbols")  # fmt: skip
    return spans


def pack_corpus(
    entries: Sequence[CorpusEntry], layout: Layout, directory: Path, processes: int, size: int = 400
) -> int:
    """Write all shards that are missing (shard-NNN.npz, `size` utterances each); returns the frames written."""
    layout.write(directory)
    with ProcessPoolExecutor(processes) as pool:
        futures = []
        for number, first in enumerate(range(0, len(entries), size)):
            path = directory / f"shard-{number:03d}.npz"
            if not path.exists():
                futures.append(pool.submit(pack, entries[first : first + size], layout, path))
        return sum(future.result() for future in futures)


def shard_paths(directory: Path) -> list[Path]:
    """Raises VoiceError where there is none."""
    paths = sorted(directory.glob("shard-*.npz"))
    if not paths:
        raise VoiceError(f"{directory}: no shard-*.npz; run 'speechd-neural train features' first")
    return paths


def load_shard(path: Path) -> dict[str, Any]:
    """The arrays of a shard. Raises VoiceError where it is damaged."""
    try:
        with np.load(path) as shard:
            return {name: shard[name] for name in ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise VoiceError(f"{path}: damaged; remove it, and 'speechd-neural train features' makes it anew") from None


def load_shards(directory: Path) -> dict[str, Any]:
    """All shards as one: the arrays of a shard, joined."""
    parts = [load_shard(path) for path in shard_paths(directory)]
    joined = {name: np.concatenate([p[name] for p in parts]) for name in ("features", "bands", "alignment", "symbols")}
    for name, data in (("starts", "features"), ("symbol_starts", "symbols")):
        offsets = np.cumsum([0] + [len(p[data]) for p in parts])
        joined[name] = np.concatenate([p[name][:-1] + o for p, o in zip(parts, offsets, strict=False)] + [offsets[-1:]])
    return joined
