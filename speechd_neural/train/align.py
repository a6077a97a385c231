"""Phone timings for recordings that have none: a voice whose timings are known speaks the same symbols, and dynamic time
warping (Sakoe and Chiba 1978) carries its timings over to the recording. Also the measure behind `evaluate`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Floats
from speechd_neural.core.engine import Engine
from speechd_neural.errors import SynthesisError, TextError
from speechd_neural.train.corpus import SPACE, CorpusEntry, read_corpus, read_wav
from speechd_neural.types import Kind, Segment, Settings
from speechd_neural.voice.contract import MelContract, mel_spectrogram

# Mean distance per frame (see `likeness`) above which a recording does not match its text: at most COARSE, and at most
# so many times the median of its corpus. Of the teacher's own voice a match has 0.3, of another voice 0.56 to 0.64, the
# worst of 28 sentences 1.2 times as much; another text has 0.63 to 0.95 with any voice.
COARSE, UNLIKE = 0.9, 1.25


def warp(distance: npt.NDArray[np.floating]) -> tuple[npt.NDArray[np.int64], float]:
    """Distances [n, m] between two sequences → for each of the n frames its partner [n], and the mean distance on the path."""
    n, m = distance.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    came = np.zeros((n, m), np.int8)  # 0: from both before, 1: from the row before, 2: from the column before
    for i in range(n):
        both, above = total[i, :-1], total[i, 1:]
        best = np.minimum(both, above)
        came[i] = above < both
        row = best + distance[i]
        # A run along the row: cost so far plus what the row adds, as a running minimum of prefix sums.
        prefix = np.cumsum(distance[i])
        running = np.minimum.accumulate(row - prefix)
        along = running + prefix
        came[i][along < row - 1e-9] = 2
        total[i + 1, 1:] = along
    partner = np.zeros(n, np.int64)
    i, j, steps = n - 1, m - 1, 0
    while i >= 0:
        partner[i] = j
        steps += 1
        move = came[i, j]
        if move == 2:
            j -= 1
        elif move == 1:
            i -= 1
        else:
            i, j = i - 1, j - 1
        if j < 0:
            break
    return partner, float(total[n, m] / max(1, steps))


def likeness(mel: Floats) -> Floats:
    """Log-mel → what is compared: each band standardized over the utterance, so that neither level nor microphone count."""
    return np.asarray((mel - mel.mean(0)) / (mel.std(0) + 0.1), np.float32)


def distances(a: Floats, b: Floats) -> npt.NDArray[np.floating]:
    """Mel frames [n, bands], [m, bands] → root mean square distances [n, m]."""
    square = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
    return np.sqrt(np.maximum(square, 0) / a.shape[1])


def speak(engine: Engine, symbols: tuple[str, ...], seed: int = 0) -> tuple[Floats, list[tuple[int, int]]]:
    """→ samples [n] and each symbol's first sample and the one behind its last."""
    chunks = list(engine.synthesize(Segment(symbols=symbols), seed=seed, cancelled=lambda: False))
    spans = [(0, 0)] * len(symbols)
    for chunk in chunks:
        for span in chunk.spans:
            spans[span.symbol] = (span.start, span.end)
    for index in range(1, len(spans)):
        if spans[index] == (0, 0):
            spans[index] = (spans[index - 1][1], spans[index - 1][1])
    return np.concatenate([chunk.samples for chunk in chunks]), spans


def align_corpus(directory: Path, voice: Path) -> tuple[int, int]:
    """Write align/ID.txt for every recording and the symbols into metadata.csv; → (aligned, left out).

    Recordings must be at the sample rate of the voice. The old metadata.csv stays beside the new one, as
    metadata.unaligned.csv, the first of them where this is done again.
    """
    from speechd_neural.text.english.language import English
    from speechd_neural.text.frontend import FrontEnd
    from speechd_neural.voice.engine import load_engine

    engine = load_engine(voice)
    front_end = FrontEnd(English())
    contract = MelContract(sample_rate=engine.info.sample_rate, hop_length=engine.info.hop_length)
    (directory / "align").mkdir(exist_ok=True)
    found: list[tuple[CorpusEntry, tuple[str, ...], list[tuple[int, int]], float]] = []
    entries = read_corpus(directory)
    for entry in entries:
        segments = front_end.segments(entry.text, Kind.TEXT, Settings())
        symbols = tuple(symbol for segment in segments for symbol in segment.symbols)
        samples, sample_rate = read_wav(entry.wav)
        if sample_rate != contract.sample_rate:
            raise TextError(f"{entry.wav}: {sample_rate} Hz; convert the recordings to {contract.sample_rate} Hz first")
        if not symbols or len(samples) < contract.hop_length:  # nothing to say, or nothing said
            continue
        try:
            model, spans = speak(engine, symbols)
        except SynthesisError:
            continue
        ours, theirs = (likeness(mel_spectrogram(x, contract)) for x in (model, samples))
        partner, cost = warp(distances(ours, theirs))
        edges = np.append(partner, len(theirs))
        hop = contract.hop_length
        moved = [
            (int(edges[min(a // hop, len(partner))]) * hop, int(edges[min(b // hop, len(partner))]) * hop)
            for a, b in spans
        ]
        moved[-1] = (moved[-1][0], len(samples))
        found.append((entry, symbols, moved, cost))
    limit = min(COARSE, UNLIKE * float(np.median([cost for *_, cost in found]))) if found else COARSE
    rows = []
    for entry, symbols, moved, cost in found:
        if cost <= limit:
            (directory / "align" / f"{entry.id}.txt").write_text("".join(f"{a} {b}\n" for a, b in moved))
            rows.append(f"{entry.id}|{entry.text}|{' '.join(SPACE if s == ' ' else s for s in symbols)}\n")
    metadata, original = directory / "metadata.csv", directory / "metadata.unaligned.csv"
    partial = directory / ".metadata.csv.partial"
    partial.write_text("".join(rows), encoding="utf-8")
    if not original.exists():
        shutil.copy2(metadata, original)
    partial.replace(metadata)
    return len(rows), len(entries) - len(rows)
