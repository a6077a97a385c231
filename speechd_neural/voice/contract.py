"""The mel contract: everything both halves of a voice must agree on about the features between them, and how they are computed.

Features are log-magnitude mel bands, float32 [frames, n_mels]; with `pitch`, two more columns follow:
log(F0 / 100 Hz), carried through unvoiced stretches, and the degree of voicing 0..1 (LPCNet, Valin and
Skoglund 2019, section 3: a vocoder that is told the pitch does not have to find it).
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Floats
from speechd_neural.records import dataclass


@dataclass(frozen=True, slots=True)
class MelContract:
    """n_fft, hop_length, win_length in samples; f_min, f_max in Hz; `floor`: smallest magnitude before the logarithm.

    centered: frame t is centred on sample t·hop (as librosa and torch do by default); else on the middle of
    its own hop, so that frame t describes exactly samples t·hop … (t+1)·hop.
    scale: "slaney" or "htk"; normalized: triangles of unit area (Slaney) instead of unit height.
    power: exponent of the magnitude spectrum; log_base: "e" or "10".
    mean, deviation: what the numbers are shifted and scaled by after the logarithm: (x - mean) / deviation.
    """

    sample_rate: int = 16000
    n_fft: int = 1024
    hop_length: int = 160
    win_length: int = 800
    n_mels: int = 80
    f_min: float = 0.0
    f_max: float = 8000.0
    scale: str = "slaney"
    normalized: bool = False
    power: float = 1.0
    log_base: str = "e"
    floor: float = 1e-5
    centered: bool = False
    mean: float = 0.0
    deviation: float = 1.0
    pitch: bool = True

    @property
    def n_features(self) -> int:
        return self.n_mels + 2 * self.pitch

    def differences(self, other: MelContract) -> list[tuple[str, Any, Any]]:
        """(name, ours, theirs) of every value that differs."""
        pairs = [(f.name, getattr(self, f.name), getattr(other, f.name)) for f in fields(self)]
        return [(name, a, b) for name, a, b in pairs if a != b]


def hz_to_mel(hz: npt.NDArray[np.float64], scale: str) -> npt.NDArray[np.float64]:
    if scale == "htk":
        return np.asarray(2595.0 * np.log10(1.0 + hz / 700.0))
    # Slaney's Auditory Toolbox: linear to 1 kHz, logarithmic above.
    return np.where(hz < 1000.0, hz * 3 / 200, 15.0 + np.log(np.maximum(hz, 1e-9) / 1000.0) / (np.log(6.4) / 27.0))


def mel_to_hz(mel: npt.NDArray[np.float64], scale: str) -> npt.NDArray[np.float64]:
    if scale == "htk":
        return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
    return np.where(mel < 15.0, mel * 200 / 3, 1000.0 * np.exp((mel - 15.0) * (np.log(6.4) / 27.0)))


def mel_filters(contract: MelContract) -> npt.NDArray[np.float64]:
    """Triangular filters [n_mels, n_fft // 2 + 1]."""
    bins = np.linspace(0, contract.sample_rate / 2, contract.n_fft // 2 + 1)
    low, high = hz_to_mel(np.array([contract.f_min, contract.f_max]), contract.scale)
    edges = mel_to_hz(np.linspace(low, high, contract.n_mels + 2), contract.scale)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None] if contract.normalized else triangles


def hann(length: int, size: int) -> npt.NDArray[np.float64]:
    """Periodic Hann window of `length`, centred in `size` samples."""
    window = np.zeros(size)
    start = (size - length) // 2
    window[start : start + length] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    return window


def mel_spectrogram(samples: Floats, contract: MelContract) -> Floats:
    """Log-mel features [frames, n_mels] of mono samples in -1..1; frames = len // hop (+1 if centred)."""
    hop, size = contract.hop_length, contract.n_fft
    pad = size // 2 if contract.centered else (size - hop) // 2
    count = len(samples) // hop + (1 if contract.centered else 0)
    padded = np.pad(
        samples.astype(np.float64), (pad, pad + size), mode="reflect" if len(samples) > pad + size else "constant"
    )
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[: count * hop : hop]
    magnitude = np.abs(np.fft.rfft(frames * hann(contract.win_length, size), axis=1)) ** contract.power
    mel = np.maximum(magnitude @ mel_filters(contract).T, contract.floor)
    logarithm = np.log(mel) if contract.log_base == "e" else np.log10(mel)
    return ((logarithm - contract.mean) / contract.deviation).astype(np.float32)
