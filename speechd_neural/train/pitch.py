"""Pitch of clean speech: normalized cross-correlation and a Viterbi search (Talkin 1995, RAPT, simplified)."""

from __future__ import annotations

import numpy as np

from speechd_neural.arrays import Floats


def track_pitch(
    samples: Floats, sample_rate: int, hop_length: int, f_min: float = 50.0, f_max: float = 400.0
) -> tuple[Floats, Floats]:
    """→ (log(F0 / 100 Hz) carried through unvoiced stretches, voicing 0..1), each [len(samples) // hop_length]."""
    factor = max(1, sample_rate // 4000)
    rate = sample_rate / factor
    kernel = np.hanning(4 * factor + 1)
    low = np.convolve(samples, kernel / kernel.sum(), mode="same")[::factor].astype(np.float64)
    count = len(samples) // hop_length
    shortest, longest = int(rate / f_max), int(rate / f_min) + 1
    window = int(0.03 * rate)
    size = window + longest
    centres = ((np.arange(count) + 0.5) * hop_length / factor).astype(int)
    padded = np.pad(low, (size, size)) + 0.0
    frames = padded[(centres - size // 2 + size)[:, None] + np.arange(size)]  # [count, size]
    frames = frames - frames.mean(axis=1, keepdims=True)
    lags = np.arange(shortest, longest + 1)
    # Both halves are moved symmetrically about the frame's centre, so that the lag does not shift the time.
    scores = np.empty((count, len(lags)))
    for i, lag in enumerate(lags):
        start = (size - window - lag) // 2
        a, b = frames[:, start : start + window], frames[:, start + lag : start + lag + window]
        energy = np.sqrt((a**2).sum(1) * (b**2).sum(1)) + 1e-5 * window
        scores[:, i] = (a * b).sum(1) / energy
    # Short lags are favoured a little: a multiple of the period correlates as well as the period.
    local = scores - 0.02 * np.log(lags / lags[0])
    transition = 2.0 * np.abs(np.log(lags[:, None] / lags[None, :]))
    best = local[0].copy()
    back = np.zeros((count, len(lags)), np.int32)
    for t in range(1, count):
        total = best[:, None] - transition
        back[t] = total.argmax(0)
        best = total[back[t], np.arange(len(lags))] + local[t]
    path = np.empty(count, np.int64)
    if count:
        path[-1] = best.argmax()
    for t in range(count - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    rows = np.arange(count)
    centre = scores[rows, path]
    left, right = scores[rows, np.maximum(path - 1, 0)], scores[rows, np.minimum(path + 1, len(lags) - 1)]
    curvature = left - 2 * centre + right
    shift = np.where(
        np.abs(curvature) > 1e-6, 0.5 * (left - right) / np.where(np.abs(curvature) > 1e-6, curvature, 1), 0
    )
    period = lags[path] + np.clip(shift, -0.5, 0.5)
    voicing = np.clip(centre, 0, 1)
    logarithm = np.log(rate / period / 100.0)
    sure = voicing > 0.5
    logarithm = np.interp(rows, rows[sure], logarithm[sure]) if sure.any() else np.zeros(count)
    return logarithm.astype(np.float32), voicing.astype(np.float32)
