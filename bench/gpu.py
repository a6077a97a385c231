"""A voice in torch on a GPU: first sample, speed of one short utterance, throughput of long text; and the CPU beside it.

    python bench/gpu.py [--voice DIR] [--device cuda] [--half] [--runs 40] [--frames N] [--json out.json]

Without --voice a voice of public size with random weights is made (full-band WaveRNN of 512, hop 275, full-size
Tacotron 2). Its attention goes nowhere, so the decoder is measured in steps and the vocoder on given features; with a
trained voice the whole pipeline is. `--device cpu` runs the same code on torch's CPU device, which says nothing of a GPU.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from commandline import run

SENTENCE = "The quick brown fox jumps over the lazy dog near the river."
PARAGRAPH = (
    "The house stood on a hill above the town, and from its windows one could see the whole length of the valley. "
    "In the morning the mist lay on the fields, and the river was a line of silver between the willows. "
)
SHORT_FRAMES, STEPS = 120, 64


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    made = call()
    return time.perf_counter() - begun, made


def milliseconds(seconds: list[float]) -> dict[str, float]:
    return {f"p{q}": round(float(np.quantile(seconds, q / 100)) * 1e3, 2) for q in (50, 95)}


def measure_networks(runtime: Any, rate: int, hop: int, runs: int, long_frames: int) -> dict[str, Any]:
    """Encoder, decoder and vocoder by themselves, on numbers that mean nothing."""
    ids = np.arange(8, 38, dtype=np.int64)
    rng = np.random.default_rng(0)
    mel = np.cumsum(rng.standard_normal((long_frames, len(runtime.mean))), axis=0).astype(np.float32) / 8 - 4

    def first(seed: int) -> None:
        decoder = runtime.decode(runtime.encode(ids, lambda: None), seed)
        postnet, vocoder = runtime.postnet(), runtime.speak(seed)
        frames = 0
        while frames < 3:  # two of the first chunk and what the vocoder wants to know ahead
            features = postnet.feed(decoder.run(8)[0])
            vocoder.feed(features)
            frames += len(features)
        while not len(vocoder.run(2, 3.0)):
            pass

    def spoken(frames: int) -> int:
        vocoder = runtime.speak(1)
        vocoder.feed(mel[:frames])
        vocoder.end()
        samples = len(vocoder.run(2))
        while not vocoder.finished:
            samples += len(vocoder.run(frames, 3.0))
        return samples

    def decoded() -> None:
        decoder, steps = runtime.decode(runtime.encode(ids, lambda: None), 1), 0
        while steps < STEPS:
            steps += len(decoder.run(8)[1])

    first(0)
    few = min(SHORT_FRAMES, long_frames)
    spoken(few)
    short, samples = min((timed(lambda: spoken(few)) for _ in range(3)), key=lambda pair: pair[0])
    long, long_samples = timed(lambda: spoken(long_frames))
    return {
        "first sample, 30 symbols: ms": milliseconds([timed(lambda: first(i))[0] for i in range(runs)]),  # noqa: B023
        f"vocoder, {samples / rate:.1f} s: times real time": round(samples / rate / short, 2),
        f"vocoder, {long_samples / rate:.1f} s: times real time": round(long_samples / rate / long, 2),
        "decoder and encoder: ms a step": round(timed(decoded)[0] / STEPS * 1e3, 3),
        "hop": hop,
    }


def measure_voice(engine: Any, runs: int) -> dict[str, Any]:
    from speechd_neural.text.english.language import English
    from speechd_neural.text.frontend import FrontEnd

    front, rate = FrontEnd(English()), engine.info.sample_rate

    def spoken(text: str, seed: int = 1) -> float:
        chunks = (c for s in front.segments(text) for c in engine.synthesize(s, seed=seed, cancelled=lambda: False))
        return sum(len(chunk.samples) for chunk in chunks) / rate

    def first(seed: int) -> None:
        for segment in front.segments(SENTENCE):
            for _ in engine.synthesize(segment, seed=seed, cancelled=lambda: False):
                return

    spoken(SENTENCE)
    short, seconds = timed(lambda: spoken(SENTENCE))
    long, long_seconds = timed(lambda: spoken(PARAGRAPH * 4))
    return {
        "first sample, 12 words: ms": milliseconds([timed(lambda: first(i))[0] for i in range(runs)]),  # noqa: B023
        f"one utterance of {seconds:.1f} s: RTF": round(short / seconds, 4),
        f"long text, {long_seconds:.1f} s: times real time": round(long_seconds / long, 2),
    }


def random_voice(path: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    from fullband import write_voice

    write_voice(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", type=Path)
    parser.add_argument("--device", default="cuda", help="torch's name of it (default cuda)")
    parser.add_argument("--half", action="store_true", help="large matrices in bfloat16")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--frames", type=int, default=1600, help="of the long text (default 1600: 20 s)")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()

    import torch

    from speechd_neural.voice.bundle import load
    from speechd_neural.voice.engine import NeuralEngine
    from speechd_neural.voice.gpu.runtime import TorchRuntime, cuda_problem

    if arguments.device.startswith("cuda") and (problem := cuda_problem()):
        sys.exit(f"bench/gpu.py: {problem}; --device cpu measures torch's CPU device")
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.voice or Path(folder) / "voice"
        if arguments.voice is None:
            random_voice(path)
        bundle = load(path)
        loading, runtime = timed(lambda: TorchRuntime(bundle, arguments.device, half=arguments.half))
    on_gpu = arguments.device.startswith("cuda")
    name = torch.cuda.get_device_name(arguments.device) if on_gpu else "torch's CPU device, 1 thread"
    found: dict[str, Any] = {
        "device": name, "torch": torch.__version__, "load": os.getloadavg()[0], "bfloat16": arguments.half,
        "voice": str(arguments.voice) if arguments.voice else "random weights of public size",
        "text": SENTENCE if arguments.voice else "30 symbols; features of random numbers", "loading: s": round(loading, 2),
    }  # fmt: skip
    contract = bundle.manifest.contract
    found |= measure_networks(runtime, contract.sample_rate, contract.hop_length, arguments.runs, arguments.frames)
    if arguments.voice is not None:
        found |= measure_voice(NeuralEngine(bundle, runtime), arguments.runs)
    if on_gpu:
        found["GPU memory: MB"] = round(torch.cuda.max_memory_reserved() / 2**20)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n")


if __name__ == "__main__":
    run(main)
