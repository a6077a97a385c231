"""Where a voice computes: on the CPU, or on a GPU with the CPU behind it."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import time
from pathlib import Path

import numpy as np

from speechd_neural.core.engine import Engine
from speechd_neural.errors import needs
from speechd_neural.voice.bundle import Bundle, load
from speechd_neural.voice.device_switch import FAILURES, SwitchingEngine
from speechd_neural.voice.engine import NeuralEngine, engine_of
from speechd_neural.voice.families import VOCODERS
from speechd_neural.voice.runtime import Runtime

TRIAL = 40  # frames
DEVICE_FILES = ("/dev/nvidiactl", "/dev/dxg")  # of NVIDIA's driver, and of Windows's for Linux within it
_LOG = logging.getLogger(__name__)


def choose_engine(
    path: Path, compute: str = "auto", threads: int = 0, idle_unload_s: float = 0.0, half: bool = False
) -> Engine:
    """Load a voice directory. compute: "cpu"; "cuda": on the GPU, and where that cannot be, on the CPU with an error in
    the log; "auto": on the GPU if there is one, the voice is one that a CPU is slow at, and the GPU speaks a
    trial faster.

    threads as in CpuRuntime; idle_unload_s, half: of the GPU, see SwitchingEngine and TorchRuntime. Torch is imported
    only where a GPU is to be used. Raises VoiceError and ConfigError as load_engine does.
    """
    bundle = load(path)
    cpu = engine_of(bundle, threads=threads)
    if compute == "cpu" or (compute == "auto" and not VOCODERS[bundle.manifest.vocoder.family].heavy):
        return cpu
    reason = missing(cuda_only=compute == "cuda")
    if not reason:
        try:
            return _tried(bundle, cpu, compute, idle_unload_s, half) or cpu
        except Exception as error:
            reason = f"the GPU cannot be used ({type(error).__name__})"
            compute = "cuda"  # there is one, so its absence is worth a line
        _release()
    if compute == "cuda":
        _LOG.error("device.compute: %s; the CPU speaks", reason)
    return cpu


def _tried(bundle: Bundle, cpu: NeuralEngine, compute: str, idle_unload_s: float, half: bool) -> SwitchingEngine | None:
    """The voice on the GPU, or nothing where it speaks sooner on the CPU. Raises whatever the GPU's failures raise."""
    there = on_gpu(bundle, cpu, "cuda", idle_unload_s, half)
    if compute == "cuda" or _suits(there, cpu):
        return there
    there.close()
    return None


def _suits(there: SwitchingEngine, cpu: NeuralEngine) -> bool:
    """Apart from where the GPU is given up: its memory can only be given back when no name holds its engine any more."""
    trial = there.engine
    return isinstance(trial, NeuralEngine) and faster(trial.runtime, cpu.runtime)


def _release() -> None:
    """What a failed attempt has left on the device."""
    from speechd_neural.voice.gpu.runtime import release

    with contextlib.suppress(*FAILURES):
        release()


def missing(cuda_only: bool) -> str:
    """Why there is no GPU to compute on, or nothing. Without cuda_only torch is not imported where no device is there."""
    if importlib.util.find_spec("torch") is None:
        return needs("cuda", "PyTorch", "torch")
    if not cuda_only and not any(Path(file).exists() for file in DEVICE_FILES):
        return "there is no CUDA device"
    try:
        from speechd_neural.voice.gpu.runtime import cuda_problem

        return cuda_problem()
    except Exception as error:  # half an installation, or one of another Python or driver: no reason to fall silent
        return f"PyTorch cannot be used ({type(error).__name__})"


def faster(there: Runtime, here: Runtime) -> bool:
    """Whether the first of two runtimes of one voice speaks TRIAL frames sooner. Each has spoken them once before."""

    def spent(runtime: Runtime) -> float:
        features = np.repeat(runtime.restored(np.zeros((1, len(runtime.mean)), np.float32)), TRIAL, axis=0)
        for _ in range(2):
            begun = time.perf_counter()
            run = runtime.speak(0)
            run.feed(features)
            run.end()
            while not run.finished:
                run.run(TRIAL)
        return time.perf_counter() - begun

    ours, theirs = spent(there), spent(here)
    _LOG.info("%d frames take %.0f ms on the GPU, %.0f ms on the CPU", TRIAL, 1000 * ours, 1000 * theirs)
    return ours < theirs


def on_gpu(bundle: Bundle, cpu: Engine, device: str, idle_unload_s: float, half: bool) -> SwitchingEngine:
    """The voice on torch's `device`. Raises RuntimeError (torch's) where the device does not do its part."""
    from speechd_neural.voice.gpu.runtime import TorchRuntime, release

    path = bundle.path
    first: list[Bundle] = [bundle]

    def load_there() -> Engine:
        here = first.pop() if first else load(path)
        return NeuralEngine(here, TorchRuntime(here, device, half=half))

    return SwitchingEngine(cpu, load_there, release, idle_unload_s)
