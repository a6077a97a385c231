"""Even loudness: short texts are brought to the level of running speech before they are heard.

A letter is one vowel, and vowels differ by several decibels; a sentence averages over many. The level of a text that
is decoded whole is known from its mel before the vocoder begins, so the gain is the same for every sample of it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.subbands import mel_energy, power_spectrum

TARGET_DB = -22.2  # then a letter has the loudness (LUFS) of a sentence, of a voice trained on items at -20 dB
MOST_DB = 6.0
ACTIVE_DB = 30.0  # a frame sounds when it is within this of the loudest


class Level:
    def __init__(self, contract: MelContract) -> None:
        self._contract = contract
        self._power = power_spectrum(contract).sum(0)

    def of_frames(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Features [frames, n_features] in the contract's numbers → dB of full scale [frames]."""
        return 10 * np.log10(self._powers(features) + 1e-12)

    def _powers(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        return mel_energy(features[:, : self._contract.n_mels], self._contract) @ self._power

    def decibels(self, features: npt.NDArray[np.float32]) -> float:
        """Features [frames, n_features] in the contract's numbers → level of what sounds, dB of full scale."""
        power = self._powers(features)
        return float(10 * np.log10(power[power >= np.max(power) * 10 ** (-ACTIVE_DB / 10)].mean() + 1e-12))

    def gain(self, features: npt.NDArray[np.float32]) -> float:
        """The factor that brings these frames to TARGET_DB, at most MOST_DB either way."""
        return float(10 ** (np.clip(TARGET_DB - self.decibels(features), -MOST_DB, MOST_DB) / 20))
