"""How quick a voice is on this machine: processor time for a second of sound, measured when it has been loaded."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from speechd_neural.core.engine import Engine
from speechd_neural.voice.engine import NeuralEngine

TRIALS = 2  # of a decoder step and its frames, some 3 ms in all; the best of them counts
REPEATS, PAUSE = 6, 0.05  # where it seems slow: it may be the machine that is busy; s between two looks
SYMBOLS = 8


def real_time_factor(
    engine: Engine,
    most: float,
    clock: Callable[[], float] = time.thread_time,
    pause: Callable[[float], None] = time.sleep,
) -> float:
    """Of the CPU; 0 for a voice that a GPU speaks. Processor time: other programs' share of a wall clock will pass. What is
    above `most` is looked at more often before it is believed."""
    if not isinstance(engine, NeuralEngine):
        return 0.0
    factor = _measured(engine, clock)
    for _ in range(REPEATS):
        if factor <= most:
            break
        pause(PAUSE)
        factor = min(factor, _measured(engine, clock))
    return factor


def _measured(engine: NeuralEngine, clock: Callable[[], float]) -> float:
    runtime = engine.runtime
    per_step = engine.step_samples // engine.hop
    decoder = runtime.decode(runtime.encode(np.zeros(SYMBOLS, np.int64), lambda: None), 0)
    vocoder = runtime.speak(0)
    silence = runtime.restored(np.zeros((1, len(runtime.mean)), np.float32))
    vocoder.feed(np.repeat(silence, per_step * TRIALS, axis=0))
    vocoder.end()
    decoding, speaking = [], []
    for _ in range(TRIALS):
        begun = clock()
        decoder.run(1)
        decoded = clock()
        vocoder.run(per_step)
        decoding.append(decoded - begun)
        speaking.append(clock() - decoded)
    return (min(decoding) + min(speaking)) / (engine.step_samples / engine.info.sample_rate)
