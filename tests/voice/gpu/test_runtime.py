"""A voice whose networks compute in torch keeps the contract of engines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_voice import CancelledAfter

from speechd_neural.errors import SynthesisError, VoiceError
from speechd_neural.types import Segment
from speechd_neural.voice.bundle import load
from speechd_neural.voice.engine import NeuralEngine
from speechd_neural.voice.gpu.runtime import TorchRuntime
from tests.voice.gpu.device import DEVICE
from tests.voice.test_engine import HELLO, HOP, long_segment, never, sound, speak


@pytest.fixture(scope="session")
def torch_engine(toy_path: Path) -> NeuralEngine:
    bundle = load(toy_path)
    return NeuralEngine(bundle, TorchRuntime(bundle, DEVICE.type))


def test_engine_keeps_the_contract_of_chunks(torch_engine: NeuralEngine, engine: NeuralEngine) -> None:
    segment = long_segment(6)
    chunks, wanted = speak(torch_engine, segment), speak(engine, segment)
    assert [s for c in chunks for s in c.spans] == [s for c in wanted for s in c.spans]
    assert len(sound(chunks)) == len(sound(wanted))
    handed = 0
    for chunk in chunks:
        handed += len(chunk.samples)
        assert len(chunk.samples) % HOP == 0 and np.isfinite(chunk.samples).all() and np.abs(chunk.samples).max() <= 1
        assert chunk.f0 is not None and len(chunk.f0) == len(chunk.samples) // HOP
        assert all(span.end <= handed for span in chunk.spans)
    assert sound(speak(torch_engine, segment)).tobytes() == sound(chunks).tobytes()
    assert torch_engine.info.identifier == f"{engine.info.identifier}-{DEVICE.type}"
    assert replace(torch_engine.info, identifier="") == replace(engine.info, identifier="")
    assert speak(torch_engine, Segment()) == []
    with pytest.raises(SynthesisError, match="no symbol"):
        speak(torch_engine, Segment(symbols=("zz",), text="z"))


@pytest.mark.parametrize("after", [0, 1, 3, 10, 30, 100])
def test_cancelled_at_any_moment(torch_engine: NeuralEngine, after: int) -> None:
    cancelled = CancelledAfter(after)
    whole = sound(speak(torch_engine, HELLO))
    part = list(torch_engine.synthesize(HELLO, seed=1, cancelled=cancelled))
    said = sound(part) if part else np.zeros(0, np.float32)
    np.testing.assert_array_equal(said, whole[: len(said)])
    assert cancelled.asked <= after + 1 and (len(said) < len(whole) or cancelled.asked <= after)


def test_two_segments_at_once(torch_engine: NeuralEngine) -> None:
    """Fixed tensors are shared by all runs; their state is not."""
    alone = [sound(speak(torch_engine, HELLO, seed)) for seed in (1, 2)]
    both = [torch_engine.synthesize(HELLO, seed=seed, cancelled=never) for seed in (1, 2)]
    parts: list[list[Any]] = [[], []]
    running = [0, 1]
    while running:
        for i in list(running):
            chunk = next(both[i], None)
            running.remove(i) if chunk is None else parts[i].append(chunk)
    for part, wanted in zip(parts, alone, strict=True):
        np.testing.assert_array_equal(sound(part), wanted)


def test_a_rehearsal_changes_nothing(torch_engine: NeuralEngine) -> None:
    before = sound(speak(torch_engine, HELLO))
    runtime = torch_engine.runtime
    assert isinstance(runtime, TorchRuntime)
    runtime.rehearse()
    np.testing.assert_array_equal(sound(speak(torch_engine, HELLO)), before)


def test_missing_weights_are_named(toy_path: Path) -> None:
    bundle = load(toy_path)
    for name in ("decoder.query", "vocoder.output"):
        damaged = replace(bundle, arrays={k: v for k, v in bundle.arrays.items() if k != name})
        with pytest.raises(VoiceError, match=f"{name}: missing"):
            TorchRuntime(damaged, DEVICE.type)
