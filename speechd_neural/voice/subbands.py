"""Sub-bands and their linear prediction: what the multi-band vocoder computes from the mel instead of learning it.

* A pseudo-QMF bank (Nguyen 1994; as used for speech in DurIAN, Yu et al. 2019, section 4.2) splits the signal
  into `bands` critically sampled sub-bands and joins them again.
* The linear prediction of each sub-band (FeatherWave, Tian et al. 2020, section 3.1) follows from the mel: the
  autocorrelation of a sub-band decimated by K is the full-band autocorrelation at every K-th lag of the spectrum
  seen through the band's filter, hence one matrix product from the squared mel energies.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Floats
from speechd_neural.records import dataclass
from speechd_neural.voice.contract import MelContract, mel_filters

Doubles = npt.NDArray[np.float64]


def prototype(bands: int, taps: int, cutoff: float, beta: float = 9.0) -> Doubles:
    """Kaiser-windowed low-pass [taps + 1]; cutoff relative to the Nyquist frequency."""
    n = np.arange(taps + 1) - taps / 2
    ideal = np.where(n == 0, cutoff, np.sin(np.pi * cutoff * n) / np.where(n == 0, 1, np.pi * n))
    return np.asarray(ideal * np.kaiser(taps + 1, beta))


# The cutoffs that make the bank's overall response flattest (measured over a grid, error of the power sum).
CUTOFFS = {(4, 62): 0.142, (6, 62): 0.10033}


@dataclass(frozen=True, slots=True)
class FilterBank:
    """Analysis and synthesis filters [bands, taps + 1]."""

    analysis_filters: Doubles
    synthesis_filters: Doubles

    @classmethod
    def create(cls, bands: int = 4, taps: int = 62) -> FilterBank:
        h = prototype(bands, taps, CUTOFFS.get((bands, taps), 0.568 / bands))
        n = np.arange(taps + 1) - taps / 2
        k = np.arange(bands)[:, None]
        angle = (2 * k + 1) * np.pi / (2 * bands) * n
        phase = (-1.0) ** k * np.pi / 4
        return cls(2 * h * np.cos(angle + phase), 2 * h * np.cos(angle - phase) * bands)

    @property
    def bands(self) -> int:
        return len(self.analysis_filters)

    def analysis(self, samples: Floats) -> Floats:
        """[n] → sub-bands [n // bands, bands]; step i is centred on sample i · bands."""
        half = (self.analysis_filters.shape[1] - 1) // 2
        padded = np.pad(samples.astype(np.float64), half)
        out = [np.convolve(padded, f, mode="valid")[:: self.bands] for f in self.analysis_filters]
        return np.stack(out, axis=1)[: len(samples) // self.bands].astype(np.float32)

    def synthesis(self, steps: Floats) -> Floats:
        """Sub-bands [n, bands] → [n · bands] samples, in phase with what `analysis` was given."""
        count = len(steps) * self.bands
        half = (self.synthesis_filters.shape[1] - 1) // 2
        out = np.zeros(count + 2 * half)
        for band, f in enumerate(self.synthesis_filters):
            stretched = np.zeros(count)
            stretched[:: self.bands] = steps[:, band]
            out += np.convolve(stretched, f)
        return out[half : half + count].astype(np.float32)


@lru_cache(maxsize=4)  # a voice asks for its own twice while it is loaded
def power_spectrum(contract: MelContract) -> Doubles:
    """[bins, n_mels]: times squared mel magnitudes, the signal's power at each frequency (summed over bins: its power).

    The spectrum is taken as the mel energies, interpolated with the mel triangles themselves.
    """
    filters = mel_filters(contract)  # [mels, bins]
    area, cover = filters.sum(axis=1), filters.sum(axis=0)
    weight = filters / np.maximum(cover, 1e-9)
    # Bins outside all triangles belong to the first or the last one.
    upper = np.arange(len(cover)) >= len(cover) // 2
    weight[0] += (cover < 1e-9) & ~upper
    weight[-1] += (cover < 1e-9) & upper
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(contract.win_length) / contract.win_length)
    scale = 2.0 / (contract.n_fft * (window**2).sum())
    spectrum = np.asarray((weight / np.maximum(area, 1e-9)[:, None] ** 2).T * scale)
    spectrum.setflags(write=False)
    return spectrum


def mel_energy(mel: Floats, contract: MelContract) -> Doubles:
    """Log-mel [frames, n_mels] → squared magnitudes, whatever the contract's logarithm and power."""
    logarithm = mel.astype(np.float64) * contract.deviation + contract.mean
    return np.asarray(np.exp(2 / contract.power * logarithm * (1.0 if contract.log_base == "e" else np.log(10.0))))


@dataclass(frozen=True, slots=True)
class BandPrediction:
    """From log-mel frames to per-band predictors. `matrix` [bands · (order + 1), n_mels] gives autocorrelations."""

    matrix: Doubles
    bands: int
    order: int
    contract: MelContract

    @classmethod
    def create(cls, contract: MelContract, bank: FilterBank, order: int = 8) -> BandPrediction:
        interpolation = power_spectrum(contract)
        omega = 2 * np.pi * np.arange(len(interpolation)) / contract.n_fft
        waves = np.exp(-1j * omega[:, None] * np.arange(bank.analysis_filters.shape[1]))
        lags = [np.cos(omega * lag * bank.bands) for lag in range(order + 1)]
        responses = [np.abs(waves @ f) ** 2 for f in bank.analysis_filters]
        rows = [(response * lag) @ interpolation for response in responses for lag in lags]
        return cls(np.array(rows), bank.bands, order, contract)

    def __call__(self, mel: Floats) -> tuple[Floats, Floats, Floats]:
        """log-mel [frames, n_mels] → predictors [frames, bands, order], residual deviation and band deviation [frames, bands].

        x[n] ≈ Σ_k predictors[k] · x[n - 1 - k].
        """
        c = self.contract
        r = (mel_energy(mel, c) @ self.matrix.T).reshape(len(mel), self.bands, self.order + 1)
        r[..., 0] = np.maximum(r[..., 0], 0) * 1.0005 + 1e-8  # white noise 33 dB below the band, and at -80 dB
        lags = np.arange(self.order + 1)
        r *= np.exp(-0.5 * (2 * np.pi * 30.0 / (c.sample_rate / self.bands) * lags) ** 2)  # 30 Hz lag window
        predictors, error = levinson(r)
        return predictors.astype(np.float32), np.sqrt(error).astype(np.float32), np.sqrt(r[..., 0]).astype(np.float32)


def levinson(r: Doubles) -> tuple[Doubles, Doubles]:
    """Levinson-Durbin on autocorrelations [..., order + 1] → predictors [..., order], error power [...]."""
    order = r.shape[-1] - 1
    a = np.zeros((*r.shape[:-1], order))
    error = r[..., 0].copy()
    for i in range(order):
        acc = r[..., i + 1] - np.sum(a[..., :i] * r[..., i:0:-1], axis=-1)
        k = np.clip(acc / error, -0.999, 0.999)
        previous = a[..., :i].copy()
        a[..., i] = k
        a[..., :i] = previous - k[..., None] * previous[..., ::-1]
        error = error * (1 - k**2)
    return a, error
