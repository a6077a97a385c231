"""How slow a voice is, by a clock that is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from speechd_neural.paths import packaged_voices
from speechd_neural.voice.engine import NeuralEngine, load_engine
from speechd_neural.voice.speed import REPEATS, TRIALS, real_time_factor
from speechd_neural.voice.store import DEFAULT

STEP = 0.02  # seconds of sound that a decoder step makes in the voices in the box


@pytest.fixture(scope="module")
def engine() -> NeuralEngine:
    return load_engine(Path(packaged_voices() / DEFAULT))


def clock(*factors: float) -> Any:
    """Between two readings, half of what a step takes where the factor is the next of these; the last one stays."""

    def times() -> Iterator[float]:
        now = 0.0
        for look in range(1000):
            for _ in range(TRIALS):
                half = factors[min(look, len(factors) - 1)] * STEP / 2
                yield now
                yield now + half
                yield now + 2 * half
                now += 1.0

    return times().__next__


def test_half_of_real_time(engine: NeuralEngine) -> None:
    pauses: list[float] = []
    assert real_time_factor(engine, 0.3, clock(0.5), pauses.append) == pytest.approx(0.5)
    assert len(pauses) == REPEATS


def test_a_quick_voice_is_looked_at_once(engine: NeuralEngine) -> None:
    pauses: list[float] = []
    assert real_time_factor(engine, 0.3, clock(0.05), pauses.append) == pytest.approx(0.05)
    assert not pauses


def test_a_machine_that_was_busy_for_a_moment_is_forgiven(engine: NeuralEngine) -> None:
    pauses: list[float] = []
    assert real_time_factor(engine, 0.3, clock(2.0, 1.0, 0.1, 2.0), pauses.append) == pytest.approx(0.1)
    assert len(pauses) == 2


def test_the_measurement_does_not_change_what_is_said(engine: NeuralEngine) -> None:
    ids = np.arange(5, 12)
    before = engine.runtime.encode(ids, lambda: None)
    real_time_factor(engine, 0.3)
    assert np.array_equal(before, engine.runtime.encode(ids, lambda: None))


def test_a_voice_on_a_gpu_is_not_measured() -> None:
    assert real_time_factor(object(), 0.3) == 0.0  # type: ignore[arg-type]
