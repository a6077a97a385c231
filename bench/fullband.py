"""A public voice's sizes on this machine: full-band WaveRNN (two GRUs of 512, 8 bits, hop 275) and a full-size Tacotron 2,
with random weights (the time does not depend on them), against the same network in eager PyTorch in the same run.

    python bench/fullband.py [--seconds 2] [--repeat 5]
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # as the daemon does: idle BLAS threads would keep a core busy
    os.environ.setdefault(name, "1")

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from speechd_neural.voice import _native
from speechd_neural.voice.bundle import Manifest, load, write_bundle
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.runtime import CpuRuntime

CONTRACT = MelContract(sample_rate=22050, n_fft=2048, hop_length=275, win_length=1100, f_min=40.0, f_max=11025.0,
                       normalized=True, centered=True, pitch=False)  # fmt: skip
TEXT = "symbols 1 to 30, which stand for a short sentence"


def write_voice(path: Path) -> None:
    """Needs torch, which the measured process must not load; hence in a process of its own."""
    import torch

    from speechd_neural.voice.importers.fatchord import vocoder_half
    from speechd_neural.voice.importers.nvidia import half_of
    from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims
    from speechd_neural.voice.models.wavernn import WaveRNN, WaveRNNDims

    torch.manual_seed(0)
    sizes = Tacotron2Dims(
        n_symbols=38, n_features=80, frames_per_step=1, embedding=512, encoder=512, prenet=256, attention_rnn=1024,
        attention=128, location_filters=32, location_kernel=31, decoder_rnn=1024, postnet=512, window=False,
    )  # fmt: skip
    acoustic = half_of(sizes, CONTRACT)
    dims = WaveRNNDims()
    vocoder = vocoder_half(dims, CONTRACT, {"input_gain": 0.0868589, "input_shift": 1.0})
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in (Tacotron2(sizes).eval(), WaveRNN(dims).eval())]
    symbols = tuple("_-!'(),.:;? abcdefghijklmnopqrstuvwxyz")
    write_bundle(path, states[0], states[1], Manifest("bench", ("en",), "none", "random", symbols, acoustic, vocoder))


def eager(samples: int) -> float:
    """Microseconds a sample of the reference network, one sample at a time as the public implementations do it."""
    import torch

    from speechd_neural.voice.models.wavernn import WaveRNN, WaveRNNDims

    model, mel = WaveRNN(replace(WaveRNNDims())).eval(), torch.rand(80, -(-samples // 275))
    generator = torch.Generator().manual_seed(0)
    model.generate(mel[:, :1], generator)
    begun = time.perf_counter()
    made = len(model.generate(mel, generator))
    return (time.perf_counter() - begun) / made * 1e6


def memory() -> float:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024


def median(values: list[float]) -> float:
    return round(statistics.median(values), 3)


def measure(path: Path, seconds: float, repeat: int) -> dict[str, object]:
    out: dict[str, object] = {}
    ids, check = np.arange(8, 38, dtype=np.int64), lambda: None
    mel = np.random.default_rng(0).uniform(-8, 0, (int(seconds * 80), 80)).astype(np.float32)
    for threads in (1, 2):
        runtime = CpuRuntime(load(path), "", threads)
        times, firsts = [], []
        for number in range(repeat):
            run = runtime.speak(number)
            run.feed(mel)
            run.end()
            begun = time.perf_counter()
            made = len(run.run(len(mel)))
            times.append((time.perf_counter() - begun) / made * 1e6)
            begun = time.perf_counter()
            memory_of_text = runtime.encode(ids, check)
            decoder, postnet = runtime.decode(memory_of_text, number), runtime.postnet()
            frames = postnet.feed(decoder.run(16)[0])  # the postnet sees 10 frames, the vocoder 3 ahead
            run = runtime.speak(number)
            run.feed(frames)
            run.run(2)
            firsts.append((time.perf_counter() - begun) * 1000)
        whole = []
        for number in range(repeat):
            begun = time.perf_counter()
            decoder, postnet = runtime.decode(runtime.encode(ids, check), number), runtime.postnet()
            run = runtime.speak(number)
            run.feed(np.concatenate([postnet.feed(decoder.run(len(mel))[0]), postnet.finish()]))
            run.end()
            made = len(run.run(len(mel)))
            whole.append((time.perf_counter() - begun) / made * CONTRACT.sample_rate)
        name = f"{threads} thread{'s' * (threads > 1)}"
        out[f"vocoder, {name}: µs a sample"] = median(times)
        out[f"vocoder, {name}: share of real time"] = round(statistics.median(times) * 22050 / 1e6, 3)
        out[f"text to sound, {name}: share of real time"] = median(whole)
        out[f"first sample, {name}, 30 symbols: ms"] = median(firsts)
    decoder = runtime.decode(runtime.encode(ids, check), 0)
    steps = []
    for _ in range(repeat * 20):
        begun = time.perf_counter()
        decoder.run(1)
        steps.append((time.perf_counter() - begun) * 1000)
    out["decoder: ms a frame (12.5 ms of sound)"] = median(steps)
    out["memory: MB"] = round(memory())
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="of sound (default 2)")
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voice"
        child = os.fork()  # torch stays out of the process whose memory is measured
        if child == 0:
            write_voice(path)
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            sys.exit("the voice could not be made")
        found = measure(path, arguments.seconds, arguments.repeat)
    step = eager(550)
    found["eager PyTorch, 1 thread: µs a sample"] = round(step, 1)
    for name in ("1 thread", "2 threads"):
        found[f"times faster than eager PyTorch, {name}"] = round(step / float(str(found[f"vocoder, {name}: µs a sample"])), 1)
    print(json.dumps({"processor": platform.machine(), "path": _native.chosen(""), "cores": os.cpu_count(),
                      "load": os.getloadavg()[0], "text": TEXT, **found}, ensure_ascii=False, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
