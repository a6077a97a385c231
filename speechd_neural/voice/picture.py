"""A picture of what the voice did: waveform, mel and where each symbol sounds. Needs matplotlib (an optional extra)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from speechd_neural.core.engine import Engine
from speechd_neural.types import Segment
from speechd_neural.voice.contract import MelContract, mel_spectrogram


def draw(engine: Engine, segments: Iterable[Segment], path: Path) -> None:
    """Write a PNG of the segments' sound, one behind the other. Raises OSError when `path` cannot be written."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    rate = engine.info.sample_rate
    samples, symbols, offset = [np.zeros(0, np.float32)], [], 0
    for segment in segments:
        if not segment.symbols:
            continue
        for chunk in engine.synthesize(segment, seed=0, cancelled=lambda: False):
            samples.append(chunk.samples)
            symbols += [(segment.symbols[s.symbol], offset + s.start, offset + s.end) for s in chunk.spans]
        offset = sum(map(len, samples))
    sound = np.concatenate(samples)
    mel = mel_spectrogram(sound, MelContract(sample_rate=rate, hop_length=engine.info.hop_length))
    figure, (wave, spectrum, alignment) = plt.subplots(3, 1, figsize=(12, 8), sharex=True, layout="constrained")
    seconds = len(sound) / rate
    wave.plot(np.arange(len(sound)) / rate, sound, linewidth=0.4)
    wave.set_ylabel("waveform")
    spectrum.imshow(mel.T, origin="lower", aspect="auto", extent=(0, seconds, 0, mel.shape[1]))
    spectrum.set_ylabel("mel band")
    for row, (symbol, start, end) in enumerate(symbols):
        alignment.plot([start / rate, end / rate], [row, row], color="black")
        alignment.text(end / rate, row, symbol, fontsize=6, verticalalignment="center")
    alignment.set_ylabel("symbol")
    alignment.set_xlabel("seconds")
    figure.savefig(path)
    plt.close(figure)
