"""Eight-bit weights: each row of a matrix as whole numbers -127..127 and one scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Floats

CLIPPING = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)  # shares of a row's largest weight that are tried as the limit


def quantize_rows(matrix: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int8], Floats]:
    """[rows, columns] → int8 of the same shape and scale [rows]; the scale with the least squared error per row."""
    wide = np.asarray(matrix, np.float32)
    peak = np.maximum(np.abs(wide).max(axis=1), 1e-12)
    best = np.full(len(wide), np.inf)
    scale = np.zeros(len(wide), np.float32)
    for share in CLIPPING:
        candidate = (peak * share / 127).astype(np.float32)
        restored = np.clip(np.round(wide / candidate[:, None]), -127, 127) * candidate[:, None]
        error = ((wide - restored) ** 2).sum(axis=1)
        better = error < best
        best[better], scale[better] = error[better], candidate[better]
    return np.clip(np.round(wide / scale[:, None]), -127, 127).astype(np.int8), scale


def restore_rows(values: npt.NDArray[np.int8], scale: Floats) -> Floats:
    return np.asarray(values * scale[:, None], np.float32)


def relative_error(matrix: npt.NDArray[Any], values: npt.NDArray[np.int8], scale: Floats) -> float:
    """Root of the quantization error's energy relative to the matrix's."""
    wide = np.asarray(matrix, np.float64)
    energy = float((wide**2).sum())
    return float(np.sqrt(((wide - restore_rows(values, scale)) ** 2).sum() / energy)) if energy else 0.0
