"""A voice on one core: speed of its parts and of the whole, time to the first sample, start-up, memory; beside torch.

    python bench/voice.py [--voice DIR] [--runs 40] [--no-torch] [--json out.json]

Torch runs the same networks step by step (the reference models' infer and generate, one thread, eager) on part of
the same text, in the same process after everything else was measured. Times are wall clock, and the load average is
printed because other work on the machine is part of them; processor seconds of the thread stand beside where they
tell more.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from commandline import run

from speechd_neural.commands.bench import processor
from speechd_neural.paths import packaged_voices
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Segment
from speechd_neural.voice.engine import NeuralEngine, load_engine
from speechd_neural.voice.store import DEFAULT

WORD = ("Battery", "Settings", "Documents", "Network", "Close", "Favourites", "Cancel", "Print", "Volume", "Keyboard")
SENTENCE = "The quick brown fox jumps over the lazy dog near the river."
PARAGRAPH = (
    "The house stood on a hill above the town, and from its windows one could see the whole length of the valley. "
    "In the morning the mist lay on the fields, and the river was a line of silver between the willows. "
)
LONG = (PARAGRAPH * 20)[:2000].rsplit(" ", 1)[0] + "."

FIRST_SAMPLE = """
import os, sys, time
os.environ["OPENBLAS_NUM_THREADS"] = "1"
from pathlib import Path
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.voice.engine import load_engine
engine, front_end = load_engine(Path(sys.argv[1])), FrontEnd(English())
for segment in front_end.segments(sys.argv[2]):
    for chunk in engine.synthesize(segment, seed=1, cancelled=lambda: False):
        print(time.time(), flush=True)
        sys.exit()
"""
MEMORY = """
import os, sys, resource
os.environ["OPENBLAS_NUM_THREADS"] = "1"
from pathlib import Path
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.voice.engine import load_engine
engine, front_end = load_engine(Path(sys.argv[1])), FrontEnd(English())
for segment in front_end.segments(sys.argv[2]):
    for chunk in engine.synthesize(segment, seed=1, cancelled=lambda: False):
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def percentiles(seconds: list[float]) -> dict[str, float]:
    return {"p50": round(float(np.median(seconds)) * 1e3, 2), "p95": round(float(np.quantile(seconds, 0.95)) * 1e3, 2)}


def speak(engine: NeuralEngine, segments: Iterator[Segment], seed: int = 1) -> tuple[float, float, float]:
    """Seconds, processor seconds, seconds of sound; the text is analysed while the clocks run."""
    start, used, count = time.perf_counter(), time.thread_time(), 0
    for segment in segments:
        for chunk in engine.synthesize(segment, seed=seed, cancelled=lambda: False):
            count += len(chunk.samples)
    return time.perf_counter() - start, time.thread_time() - used, count / engine.info.sample_rate


def first_only(engine: NeuralEngine, segments: Iterator[Segment], seed: int) -> tuple[float, float]:
    """Seconds and processor seconds to the first samples."""
    start, used = time.perf_counter(), time.thread_time()
    for segment in segments:
        for _ in engine.synthesize(segment, seed=seed, cancelled=lambda: False):
            return time.perf_counter() - start, time.thread_time() - used
    return float("nan"), float("nan")


def best(call: Callable[[], Any], times: int = 5, clock: Callable[[], float] = time.thread_time) -> tuple[float, Any]:
    seconds, result = float("inf"), None
    for _ in range(times):
        start = clock()
        result = call()
        seconds = min(seconds, clock() - start)
    return seconds, result


def parts(engine: NeuralEngine, segment: Segment) -> tuple[dict[str, float], np.ndarray, np.ndarray]:
    """Processor seconds per second of sound of each network alone (best of five); ids and features for torch."""
    runtime = engine.runtime
    reading = engine.symbols.read(segment)
    encoding, memory = best(lambda: runtime.encode(reading.ids, lambda: None))
    steps = runtime.decode(memory, 1).run(100_000, until=len(reading) - 2)
    decoding, decoded = best(lambda: runtime.decode(memory, 1).run(len(steps[1])))

    def refine() -> np.ndarray:
        postnet = runtime.postnet()
        return np.concatenate([postnet.feed(decoded[0]), postnet.finish()])

    refining, features = best(refine)

    def sound() -> np.ndarray:
        vocoder = runtime.speak(1)
        vocoder.feed(features)
        vocoder.end()
        return vocoder.run(100_000)

    vocoding, samples = best(sound)
    seconds = len(samples) / engine.info.sample_rate
    shares = {"encoder": encoding, "decoder": decoding, "postnet": refining, "vocoder": vocoding}
    return {name: value / seconds for name, value in shares.items()}, reading.ids, features


def torch_step_by_step(engine: NeuralEngine, voice: Path, ids: np.ndarray, features: np.ndarray) -> dict[str, float]:
    """Processor seconds per second of sound of the reference models with random weights of the same sizes."""
    import torch

    from speechd_neural.voice.bundle import load
    from speechd_neural.voice.models.multiband import MultiBandDims, MultiBandWaveRNN, generate
    from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims
    from speechd_neural.voice.subbands import BandPrediction, FilterBank

    torch.set_num_threads(1)
    manifest = load(voice).manifest
    contract = manifest.contract
    sizes = {k: v for k, v in manifest.acoustic.dims.items() if k not in ("back", "ahead")}
    acoustic = Tacotron2(Tacotron2Dims(**{**sizes, "window": bool(sizes["window"])})).eval()
    vocoder = MultiBandWaveRNN(MultiBandDims(**manifest.vocoder.dims)).eval()
    torch.nn.init.constant_(acoustic.gate.bias, -100)
    steps = 50
    masks = torch.ones(steps, 2, manifest.acoustic.dims["prenet"])
    seconds = steps * engine.step_samples / contract.sample_rate
    acoustic_time, _ = best(lambda: acoustic.infer(torch.from_numpy(ids), masks, steps), 2)
    frames = torch.from_numpy(features[:30])
    bank = FilterBank.create(vocoder.dims.bands)
    prediction = BandPrediction.create(contract, bank, vocoder.dims.order)
    known = [torch.from_numpy(a) for a in prediction(features[:30, : contract.n_mels])]
    per_frame = contract.hop_length // vocoder.dims.bands
    rate = contract.sample_rate / vocoder.dims.bands
    vocoder_time, _ = best(lambda: generate(vocoder, frames, *known, per_frame, rate, torch.Generator()), 2)
    vocoder_rtf = vocoder_time / (len(frames) * contract.hop_length / contract.sample_rate)
    return {"vocoder": vocoder_rtf, "whole": vocoder_rtf + acoustic_time / seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", type=Path, default=packaged_voices() / DEFAULT)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--no-torch", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    voice = arguments.voice

    loading, engine = best(lambda: load_engine(voice), clock=time.perf_counter)
    front_end = FrontEnd(English())
    print(f"{processor()}, path {engine.runtime.path}, 1 thread, load average {os.getloadavg()[0]:.1f}")
    print(f"voice {engine.info.identifier}, texts: {', '.join(WORD)}; {SENTENCE!r}; {len(LONG)} characters of prose")
    results: dict[str, Any] = {"load ms": round(loading * 1e3, 1)}
    print(f"voice load                     {loading * 1e3:8.1f} ms")
    for name, texts in (("word", WORD), ("12 words", (SENTENCE,)), ("2000 characters", (LONG,))):
        speak(engine, front_end.segments(texts[0]))
        seconds = [first_only(engine, front_end.segments(texts[i % len(texts)]), i) for i in range(arguments.runs)]
        wall, used = (percentiles(list(column)) for column in zip(*seconds, strict=True))
        results[f"first sample, {name}"] = {"wall": wall, "processor": used}
        print(f"request to first sample, {name:<16} p50 {wall['p50']:7.2f} ms  p95 {wall['p95']:7.2f} ms  processor p50 "
              f"{used['p50']:.2f} ms  p95 {used['p95']:.2f} ms  (n={arguments.runs}, text analysis included)")  # fmt: skip
    for name, text in (("12 words", SENTENCE), ("2000 characters", LONG)):
        whole = [speak(engine, front_end.segments(text), i) for i in range(3)]
        rtf = min(total / sound for total, _, sound in whole)
        processor_rtf = min(used / sound for _, used, sound in whole)
        results[f"pipeline RTF, {name}"] = {"wall": round(rtf, 4), "processor": round(processor_rtf, 4)}
        print(f"pipeline RTF, {name:<16} {rtf:8.4f} wall, {processor_rtf:.4f} processor   "
              f"({whole[0][2]:.2f} s of sound, best of 3)")  # fmt: skip
    shares, ids, features = parts(engine, next(s for s in front_end.segments(SENTENCE) if s.symbols))
    results["parts"] = {name: round(value, 4) for name, value in shares.items()}
    print("processor RTF of the parts:    " + "  ".join(f"{name} {value:.4f}" for name, value in shares.items()))
    starts = []
    for _ in range(5):
        begun = time.time()
        command = [sys.executable, "-c", FIRST_SAMPLE, str(voice), SENTENCE]
        shown = subprocess.run(command, capture_output=True, text=True, check=True)
        starts.append(float(shown.stdout) - begun)
    results["process start to first sample ms"] = percentiles(starts)
    print(f"process start to first sample  {np.median(starts) * 1e3:8.1f} ms   (median of 5, 12 words)")
    memory = subprocess.run([sys.executable, "-c", MEMORY, str(voice), LONG], capture_output=True, text=True, check=True)
    results["resident MB"] = round(float(memory.stdout), 1)
    print(f"resident memory, speaking      {float(memory.stdout):8.1f} MB")
    if not arguments.no_torch:
        eager = torch_step_by_step(engine, voice, ids, features)
        ratios = {"vocoder": eager["vocoder"] / shares["vocoder"], "whole": eager["whole"] / sum(shares.values())}
        results["eager torch RTF"] = {k: round(v, 3) for k, v in eager.items()}
        results["times faster"] = {k: round(v, 1) for k, v in ratios.items()}
        for name, ratio in ratios.items():
            print(f"eager torch, {name:<8} processor RTF {eager[name]:8.3f}: this runtime is {ratio:.1f} x faster")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    run(main)
