"""The harmonics of a voiced sound: put back into the mel, and freed from noise in the sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toy_voice import CONTRACT, manifest, models, walk

from speechd_neural.errors import VoiceError
from speechd_neural.types import Segment
from speechd_neural.voice._native import HarmonicComb
from speechd_neural.voice.bundle import write_bundle
from speechd_neural.voice.contract import mel_spectrogram
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.harmonics import DEPTH, Harmonics, ripple, turns

RATE, HOP, F0 = 16000, 160, 125.0
HELLO = Segment(symbols=("hh", "ax", "l", "ow1", "."), text="hello")


def buzz(seconds: float = 1.0) -> np.ndarray:
    """Harmonics of F0 up to 3 kHz."""
    t = np.arange(int(seconds * RATE)) / RATE
    return (0.02 * sum(np.cos(2 * np.pi * F0 * h * t + h * h) for h in range(1, 24))).astype(np.float32)


def noise(size: int) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.02, size).astype(np.float32)


def comb(samples: np.ndarray, f0: float, strength: float = 1.0) -> np.ndarray:
    return HarmonicComb(RATE, HOP, strength).feed(samples, np.full(len(samples) // HOP, f0, np.float32))


def test_the_comb_takes_noise_off_and_leaves_the_harmonics() -> None:
    clean, delay = buzz(), HarmonicComb(RATE, HOP, 1.0).delay
    noisy = clean + noise(len(clean))
    settled = slice(4 * HOP, -delay)

    def error(samples: np.ndarray) -> float:
        low = np.fft.rfft(samples[delay:][settled] - clean[:-delay][settled])[: len(clean) * 3000 // RATE]
        return float((np.abs(low) ** 2).sum())

    late = np.concatenate([np.zeros(delay, np.float32), noisy])[: len(noisy)]
    assert error(comb(noisy, F0)) < 0.7 * error(late)
    assert np.abs(comb(clean, F0)[delay:] - clean[:-delay])[settled].max() < 0.01
    assert error(comb(noisy, 1.03 * F0)) < 0.7 * error(late), "the period is looked for around the pitch that was told"


def test_without_a_pitch_the_sound_is_as_it_was() -> None:
    sound, delay = noise(20 * HOP), HarmonicComb(RATE, HOP, 1.0).delay
    for f0 in (0.0, float("nan"), 20.0):
        assert (comb(sound, f0)[delay:] == sound[:-delay]).all()


def test_the_comb_does_not_depend_on_how_the_sound_is_cut() -> None:
    sound, f0 = buzz() + noise(RATE), np.full(RATE // HOP, F0, np.float32)
    f0[30:40] = 0
    whole, pieces = HarmonicComb(RATE, HOP, 0.7), HarmonicComb(RATE, HOP, 0.7)
    parts = [pieces.feed(sound[a * HOP : (a + 7) * HOP], f0[a : a + 7]) for a in range(0, len(f0), 7)]
    assert (whole.feed(sound, f0) == np.concatenate(parts)).all()


@pytest.mark.parametrize(("rate", "hop", "strength"), [(0, HOP, 0.5), (RATE, 0, 0.5), (RATE, HOP, 1.5), (RATE, HOP, -1.0)])
def test_what_is_no_comb_is_refused(rate: float, hop: int, strength: float) -> None:
    with pytest.raises(ValueError, match="comb: "):
        HarmonicComb(rate, hop, strength)


def test_the_pitch_of_each_hop_is_asked_for() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        HarmonicComb(RATE, HOP, 0.5).feed(np.zeros(HOP, np.float32), np.zeros(2, np.float32))


def test_the_ripple_is_where_the_harmonics_are() -> None:
    mel = mel_spectrogram(buzz(), CONTRACT)[20:-20]
    pitch = np.tile(np.array([np.log(F0 / 100), 1.0], np.float32), (len(mel), 1))
    features = np.concatenate([mel, pitch], 1)
    middles = turns(CONTRACT) * 100 / (2 * np.pi)
    bands = (middles > 300) & (middles < 1500)
    wave, seen = ripple(features, turns(CONTRACT))[:, bands], mel[:, bands]
    assert np.corrcoef(wave.ravel(), (seen - seen.mean(1, keepdims=True)).ravel())[0, 1] > 0.6

    depth = np.where(bands, 0.5, 0).astype(np.float32)
    whole = Harmonics(CONTRACT, depth)
    assert np.allclose((whole(features) - features)[:, : CONTRACT.n_mels], depth * ripple(features, turns(CONTRACT)), atol=1e-5)
    assert (whole(features)[:, CONTRACT.n_mels :] == pitch).all()
    unvoiced = features.copy()
    unvoiced[:, -1] = 0.2
    assert (whole(unvoiced) == unvoiced).all()
    assert len(whole(features[:0])) == 0


def voice(path: Path, depth: np.ndarray | None, **options: float) -> Path:
    from dataclasses import replace

    acoustic, vocoder = models()
    walk(acoustic)
    states = [{name: value.numpy() for name, value in model.state_dict().items()} for model in (acoustic, vocoder)]
    whole = manifest()
    whole = replace(whole, vocoder=replace(whole.vocoder, options={"temperature": 1.0, **options}))
    write_bundle(path, states[0], states[1], whole, {} if depth is None else {DEPTH: depth})
    return path


def sound(path: Path) -> np.ndarray:
    chunks = load_engine(path).synthesize(HELLO, seed=1, cancelled=lambda: False)
    return np.concatenate([chunk.samples for chunk in chunks])


def test_a_voice_may_have_both(tmp_path: Path) -> None:
    depth = np.full(CONTRACT.n_mels, 0.4, np.float32)
    plain = sound(voice(tmp_path / "plain", None))
    for name, path in {
        "comb": voice(tmp_path / "comb", None, comb=0.7), "ripple": voice(tmp_path / "ripple", depth),
    }.items():  # fmt: skip
        other = sound(path)
        assert len(other) == len(plain) and not np.array_equal(other, plain), name
        assert np.isfinite(other).all() and np.abs(other).max() <= 1
        assert np.array_equal(other, sound(path)), name


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    path = voice(tmp_path / "x", np.zeros(3, np.float32))
    with pytest.raises(VoiceError, match=r"acoustic\.harmonics: float32 \[3\]; expected 80 numbers"):
        load_engine(path)
    with pytest.raises(VoiceError, match=r"vocoder\.comb: 1\.5; accepted: 0 to 1"):
        load_engine(voice(tmp_path / "y", None, comb=1.5))
