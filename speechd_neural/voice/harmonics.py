"""The harmonics of a voiced sound, put back into mels that have lost them.

A recorded mel shows ripples where its bands are narrower than the harmonics are apart. Where a voice's pitch may be a little
higher or lower, the harmonics above the first few may lie anywhere, and a network that learned the mean of all that may be
predicts none of them: a vocoder takes that for a hoarse voice. But the pitch is a feature of its own. The ripple of a band
is, nearly, a cosine of how many harmonics lie below it; how deep it has to be is measured (train/ripple.py).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from speechd_neural.arrays import Floats
from speechd_neural.errors import VoiceError
from speechd_neural.voice.bundle import Bundle
from speechd_neural.voice.contract import MelContract, hz_to_mel, mel_to_hz

DEPTH = "acoustic.harmonics"  # the array of a bundle: [n_mels], in the contract's numbers; may be missing
UNVOICED, VOICED = 0.3, 0.6  # degrees of voicing from which there are harmonics, and all of them


def turns(contract: MelContract) -> Floats:
    """Of each band [n_mels], at a pitch of 100 Hz: 2π times the harmonics below its middle."""
    low, high = hz_to_mel(np.array([contract.f_min, contract.f_max]), contract.scale)
    middles = mel_to_hz(np.linspace(low, high, contract.n_mels + 2)[1:-1], contract.scale)
    return (2 * np.pi * middles / 100).astype(np.float32)


def voiced(features: Floats) -> Floats:
    """Features [n, F], whose last column is the degree of voicing → [n]: 0 without harmonics, 1 with all of them."""
    return np.clip((features[:, -1] - UNVOICED) / (VOICED - UNVOICED), 0, 1).astype(np.float32)


def ripple(features: Floats, turns_of_bands: Floats) -> Floats:
    """Features [n, F], whose last two columns are log(F0 / 100 Hz) and the degree of voicing → [n, n_mels], -1 to 1."""
    return voiced(features)[:, None] * np.cos(np.exp(-features[:, -2])[:, None] * turns_of_bands)


class Harmonics:
    """depth [n_mels]: of the ripple that is to be added to each band."""

    def __init__(self, contract: MelContract, depth: Floats) -> None:
        self._turns, self._depth = turns(contract), depth.astype(np.float32)

    def __call__(self, features: Floats) -> Floats:
        """Features [n, F] in the contract's numbers → the same with harmonics; each frame by itself."""
        if len(features) == 0:
            return features
        whole = features.copy()
        whole[:, : len(self._depth)] += self._depth * ripple(features, self._turns)
        return whole


def harmonics_of(bundle: Bundle) -> Callable[[Floats], Floats]:
    """What a voice does to its features; nothing where it has no such array. Raises VoiceError where that does not fit."""
    depth, contract = bundle.arrays.get(DEPTH), bundle.manifest.contract
    if depth is None:
        return lambda features: features
    if depth.shape != (contract.n_mels,) or depth.dtype.kind != "f" or not contract.pitch:
        raise VoiceError(f"{bundle.path}: {DEPTH}: {depth.dtype} {list(depth.shape)}; expected {contract.n_mels} numbers, "
                         "and a contract with pitch")  # fmt: skip
    return Harmonics(contract, depth)
