"""How near a voice comes to recordings of the same symbols: after time warping, so that timing and sound are told apart."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from speechd_neural.errors import SynthesisError, VoiceError
from speechd_neural.train.align import distances, likeness, speak, warp
from speechd_neural.train.corpus import read_corpus, read_wav
from speechd_neural.train.pitch import track_pitch
from speechd_neural.voice.contract import MelContract, mel_spectrogram
from speechd_neural.voice.engine import load_engine


def evaluate_voice(voice: Path, corpus: Path, count: int) -> Iterator[str]:
    """Speak `count` items of the corpus; yields a line per figure. Raises VoiceError for sounds at another rate."""
    engine = load_engine(voice)
    contract = MelContract(sample_rate=engine.info.sample_rate, hop_length=engine.info.hop_length)
    entries = [e for e in read_corpus(corpus) if e.symbols]
    random.Random(0).shuffle(entries)
    mel_errors, length_ratios, pitch_errors, voicing_errors, failures = [], [], [], [], 0
    spent = sounded = 0.0
    for entry in entries[:count]:
        reference, rate = read_wav(entry.wav)
        if rate != contract.sample_rate:
            raise VoiceError(f"{entry.wav}: {rate} Hz; the voice speaks at {contract.sample_rate} Hz")
        begun = time.perf_counter()
        try:
            samples, _ = speak(engine, entry.symbols)
        except SynthesisError:
            failures += 1
            continue
        spent += time.perf_counter() - begun
        sounded += len(samples) / contract.sample_rate
        ours, theirs = mel_spectrogram(samples, contract), mel_spectrogram(reference, contract)
        partner, _ = warp(distances(likeness(ours), likeness(theirs)))
        mel_errors.append(float(np.abs(ours - theirs[partner]).mean()))
        length_ratios.append(len(ours) / len(theirs))
        (f0, voiced), (f0_reference, voiced_reference) = (
            track_pitch(x, contract.sample_rate, contract.hop_length) for x in (samples, reference)
        )
        both = (voiced > 0.6) & (voiced_reference[partner] > 0.6)
        if both.any():
            pitch_errors.append(float(np.abs(f0 - f0_reference[partner])[both].mean() * 12 / np.log(2)))
        voicing_errors.append(float(((voiced > 0.6) != (voiced_reference[partner] > 0.6)).mean()))
    yield f"items {len(mel_errors)}, failed {failures}"
    if not mel_errors:
        return
    yield f"mel distance (natural log, after warping) {np.mean(mel_errors):.3f}"
    low, middle, high = np.quantile(length_ratios, (0.05, 0.5, 0.95))
    yield f"length, ours to the recording's: 5 % {low:.3f}, median {middle:.3f}, 95 % {high:.3f}"
    semitones = f"{np.mean(pitch_errors):.2f}" if pitch_errors else "unknown"
    yield f"pitch error {semitones} semitones, voicing error {100 * np.mean(voicing_errors):.1f} % of frames"
    yield f"real-time factor {spent / sounded:.3f}"
