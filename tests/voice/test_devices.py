"""A voice on a GPU that fails, rests and comes back; and where a voice computes. The GPU is torch's CPU device here."""

from __future__ import annotations

import gc
import logging
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_voice import CancelledAfter

from speechd_neural.core.engine import SpeechChunk, SymbolSpan
from speechd_neural.errors import SynthesisError
from speechd_neural.types import Segment
from speechd_neural.voice import device_choice
from speechd_neural.voice.bundle import Bundle, load
from speechd_neural.voice.device_choice import choose_engine, on_gpu
from speechd_neural.voice.device_switch import FADE_IN, SwitchingEngine, rest_of
from speechd_neural.voice.engine import NeuralEngine, engine_of
from tests.voice.test_engine import HELLO, HOP, long_segment, never, sound, speak

FADED = round(FADE_IN * 16000)


class Failing:
    """The engine, until `chunks` chunks of a request have been spoken; then what a lost device raises."""

    def __init__(self, engine: NeuralEngine, chunks: int, error: Exception | None = None) -> None:
        self._engine, self._chunks = engine, chunks
        self._error = error or RuntimeError("CUDA error: device lost while speaking 'a secret'")
        self.info = replace(engine.info, identifier="toy-gpu")

    def synthesize(self, segment: Segment, *, seed: int, cancelled: Callable[[], bool]) -> Iterator[SpeechChunk]:
        for number, chunk in enumerate(self._engine.synthesize(segment, seed=seed, cancelled=cancelled)):
            if number == self._chunks:
                raise self._error
            yield chunk


def wait_for_loading() -> None:
    for thread in threading.enumerate():
        if thread.name == "loading for the GPU":
            thread.join(60)


def switching(engine: NeuralEngine, there: Failing) -> SwitchingEngine:
    return SwitchingEngine(engine, lambda: there, lambda: None)


@pytest.mark.parametrize("chunks", [0, 1, 2, 3, 5, 7])
def test_the_cpu_goes_on_where_the_gpu_stopped(engine: NeuralEngine, chunks: int, caplog: pytest.LogCaptureFixture) -> None:
    """Both sides make the same sound here, so what is heard is the whole of it, but for the short fade at the joint."""
    segment = long_segment(8)
    whole = speak(engine, segment)
    released: list[int] = []

    def release() -> None:
        released.append(1)
        raise RuntimeError("CUDA error: device lost")

    both = SwitchingEngine(engine, lambda: Failing(engine, chunks), release)
    assert both.info.identifier == "toy-gpu"
    with caplog.at_level(logging.INFO):
        found = list(both.synthesize(segment, seed=1, cancelled=never))
    heard, wanted = sound(found), sound(whole)
    joint = sum(len(chunk.samples) for chunk in whole[:chunks])
    assert len(heard) == len(wanted)
    np.testing.assert_array_equal(heard[:joint], wanted[:joint])
    np.testing.assert_array_equal(heard[joint + FADED :], wanted[joint + FADED :])
    assert [s for c in found for s in c.spans] == [s for c in whole for s in c.spans]
    pitch, wanted_pitch = (np.concatenate([c.f0 for c in made if c.f0 is not None]) for made in (found, whole))
    np.testing.assert_array_equal(pitch, wanted_pitch)
    # From now on the CPU speaks; it was said once, without the message, which could hold anything.
    assert sound(list(both.synthesize(segment, seed=1, cancelled=never))).tobytes() == wanted.tobytes()
    assert both.info.identifier == engine.info.identifier
    assert released and len(caplog.records) == 1 and "secret" not in caplog.text and "RuntimeError" in caplog.text


def test_other_timing_is_met_at_the_same_symbol(engine: NeuralEngine) -> None:
    """The CPU speaks twice as slowly: it goes on as far behind the symbol as the GPU had come."""
    info = replace(engine.info, hop_length=10)

    def chunk(symbol: int) -> SpeechChunk:
        samples = np.full(40, symbol + 1, np.float32)
        return SpeechChunk(samples, (SymbolSpan(symbol, 40 * symbol, 40 * symbol + 40),), np.full(4, symbol, np.float32))

    found = list(rest_of(iter([chunk(i) for i in range(4)]), 50, SymbolSpan(1, 20, 40), replace(info, sample_rate=200)))
    # Symbol 1 ended 10 samples before the break; here it ends at 80, so 90 is where to go on.
    assert [len(c.samples) for c in found] == [30, 40] and found[0].samples[1:].tolist() == [3.0] * 29
    assert [s for c in found for s in c.spans] == [SymbolSpan(2, 40, 80), SymbolSpan(3, 80, 120)]
    assert found[0].f0 is not None and len(found[0].f0) == 3
    assert list(rest_of(iter([chunk(0)]), 80, SymbolSpan(5, 0, 80), info)) == []


def test_a_text_at_fault_is_not_the_devices(engine: NeuralEngine, caplog: pytest.LogCaptureFixture) -> None:
    both = switching(engine, Failing(engine, 1, SynthesisError("decoding failed")))
    with pytest.raises(SynthesisError):
        list(both.synthesize(HELLO, seed=1, cancelled=never))
    assert both.loaded and not caplog.records


def test_cancelled_behind_the_joint(engine: NeuralEngine) -> None:
    both = switching(engine, Failing(engine, 2))
    part = sound(list(both.synthesize(long_segment(10), seed=1, cancelled=CancelledAfter(60))))
    assert 0 < len(part) < len(sound(speak(engine, long_segment(10))))


def test_memory_is_given_back_when_nobody_speaks(engine: NeuralEngine) -> None:
    released: list[int] = []
    loads: list[int] = []
    gone = threading.Event()

    def load_there() -> Failing:
        loads.append(1)
        return Failing(engine, 1000)

    def release() -> None:
        released.append(1)
        gone.set()

    both = SwitchingEngine(engine, load_there, release, idle_s=1000)
    under_way = both.synthesize(long_segment(6), seed=1, cancelled=never)
    first = next(under_way)
    both._idle_s = 0.05
    list(both.synthesize(HELLO, seed=1, cancelled=never))
    assert not gone.wait(0.2) and both.loaded  # somebody is speaking
    assert len(first.samples) + sum(len(c.samples) for c in under_way) == len(sound(speak(engine, long_segment(6))))
    assert gone.wait(60) and not both.loaded and len(loads) == 1
    assert both.info.identifier == engine.info.identifier
    # The next request does not wait for the device: the CPU speaks it, and the device is made ready meanwhile.
    assert sound(list(both.synthesize(HELLO, seed=1, cancelled=never))).tobytes() == sound(speak(engine)).tobytes()
    wait_for_loading()
    assert len(loads) == 2
    both.close()
    assert not both.loaded and len(released) >= 2


def test_a_voice_that_was_replaced_is_not_kept_by_its_clock(engine: NeuralEngine) -> None:
    there = Failing(engine, 1000)
    released: list[bool] = []
    still = weakref.ref(there)
    both = SwitchingEngine(engine, [there].pop, lambda: released.append(still() is None), idle_s=1000)
    gone = weakref.ref(both)
    del there
    assert still() is not None and not released
    del both
    assert gone() is None and released == [True]  # what torch held for it was given back when nothing held it any more
    for timer in threading.enumerate():
        if isinstance(timer, threading.Timer):
            timer.cancel()


def test_what_the_collector_was_told_to_overlook_goes_too() -> None:
    """The daemon freezes what it has loaded; tensors in a circle would stay on the device for ever."""
    from speechd_neural.voice.gpu.runtime import release

    class Circle:
        pass

    circle = Circle()
    circle.__dict__["itself"] = circle
    gone = weakref.ref(circle)
    gc.freeze()
    try:
        del circle
        gc.collect()
        assert gone() is not None
        release()
        assert gone() is None and gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_a_device_that_does_not_come_back(engine: NeuralEngine, caplog: pytest.LogCaptureFixture) -> None:
    there: list[Failing] = [Failing(engine, 1000)]

    def load_there() -> Failing:
        if not there:
            raise RuntimeError("CUDA out of memory")
        return there.pop()

    gone = threading.Event()
    both = SwitchingEngine(engine, load_there, gone.set, idle_s=0.02)
    assert gone.wait(60)
    gone.clear()
    for _ in range(3):
        assert len(sound(list(both.synthesize(HELLO, seed=1, cancelled=never))))
        wait_for_loading()
        assert not both.loaded
    assert gone.is_set()  # what was loaded of it before it failed is given back too
    assert [r.levelname for r in caplog.records if "failed" in r.message] == ["ERROR"]


def test_a_voice_on_torchs_device(toy_path: Path, engine: NeuralEngine) -> None:
    both = on_gpu(load(toy_path), engine, "cpu", 0.0, half=False)
    assert both.info.identifier == f"{engine.info.identifier}-cpu"
    chunks = list(both.synthesize(HELLO, seed=1, cancelled=never))
    spans = [span for chunk in chunks for span in chunk.spans]
    assert [span.symbol for span in spans] == list(range(len(HELLO.symbols)))
    assert all(a.end == b.start for a, b in pairwise(spans)) and len(sound(chunks)) % HOP == 0


def test_cuda_that_is_not_there_is_said_and_the_cpu_speaks(toy_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    chosen = choose_engine(toy_path, "cuda")
    assert isinstance(chosen, NeuralEngine)
    assert len(caplog.records) == 1 and caplog.records[0].getMessage().startswith("device.compute: ")
    assert "the CPU speaks" in caplog.text


def test_a_torch_that_cannot_be_imported(
    toy_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an upgrade of the system's Python or driver: the voice is not lost with it."""
    monkeypatch.setitem(sys.modules, "speechd_neural.voice.gpu.runtime", None)
    assert isinstance(choose_engine(toy_path, "cuda"), NeuralEngine)
    assert "device.compute: PyTorch cannot be used (ModuleNotFoundError); the CPU speaks" in caplog.text


def test_a_device_that_fails_at_once(
    toy_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A driver that is there and a device that does not answer; torch's own error, as this machine has no device."""
    monkeypatch.setattr(device_choice, "missing", lambda cuda_only: "")
    chosen = choose_engine(toy_path, "cuda")
    assert isinstance(chosen, NeuralEngine) and "the GPU cannot be used" in caplog.text


def as_if_full_band(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Bundle, NeuralEngine]:
    """The choice believes that there is a GPU, and that the voice is a full-band one. The voice, and its engine on the CPU."""
    bundle = load(path)
    fullband = replace(bundle.manifest, vocoder=replace(bundle.manifest.vocoder, family="fullband"))
    believed = replace(bundle, description=replace(bundle.description, manifest=fullband))
    cpu = engine_of(bundle)
    monkeypatch.setattr(device_choice, "missing", lambda cuda_only: "")
    monkeypatch.setattr(device_choice, "load", lambda path: believed)
    monkeypatch.setattr(device_choice, "engine_of", lambda bundle, threads: cpu)
    return bundle, cpu


@pytest.mark.parametrize("quicker", [True, False])
def test_auto_takes_the_gpu_where_it_is_faster(
    toy_path: Path, quicker: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Torch's CPU device stands for the GPU; it is slower, unless the clock is turned round."""
    real = on_gpu
    bundle, cpu = as_if_full_band(toy_path, monkeypatch)
    monkeypatch.setattr(device_choice, "on_gpu", lambda *_: real(bundle, cpu, "cpu", 0.0, False))
    if quicker:
        trial = device_choice.faster
        monkeypatch.setattr(device_choice, "faster", lambda there, here: trial(here, there))
    with caplog.at_level(logging.INFO):
        chosen = choose_engine(toy_path, "auto")
    assert isinstance(chosen, SwitchingEngine if quicker else NeuralEngine)
    assert "40 frames take" in caplog.text


def test_a_gpu_that_is_not_taken_keeps_no_memory(toy_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is given back to the device only after the last name for what lies there is gone: slower, or failed at the trial."""
    from speechd_neural.voice.gpu import runtime

    real = on_gpu
    bundle, cpu = as_if_full_band(toy_path, monkeypatch)
    tried: list[weakref.ref[Any]] = []
    left: list[int] = []

    def there(*_: Any) -> SwitchingEngine:
        made = real(bundle, cpu, "cpu", 0.0, False)
        tried.append(weakref.ref(made.engine))
        return made

    def fails(*_: Any) -> bool:
        raise RuntimeError("CUDA error")

    def release() -> None:
        gc.collect()
        left.append(sum(engine() is not None for engine in tried))

    monkeypatch.setattr(device_choice, "on_gpu", there)
    monkeypatch.setattr(runtime, "release", release)
    for trial in (lambda *_: False, fails):
        monkeypatch.setattr(device_choice, "faster", trial)
        assert choose_engine(toy_path, "auto") is cpu
    assert len(tried) == 2 and len(left) >= 2 and not any(left)


def test_torch_stays_out_unless_it_is_asked_for(toy_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from speechd_neural.voice.device_choice import choose_engine\n"
        "for compute in ('auto', 'cpu'): choose_engine(Path(sys.argv[1]), compute)\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(toy_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
