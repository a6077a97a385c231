"""What eight bits cost a voice: its int8 weights and activations against the float32 weights of its training.

    python bench/quantization.py TACOTRON2.pt MULTIBAND.pt [--temperature 0.7] [--sentences 40] [--seed 1]

The checkpoints are those that `speechd-neural train` writes and `train export` reads; a voice alone has no float32
weights any more, and the repository holds no checkpoints. Eight bits are spoken by the CPU's runtime, float32 by torch's
on the CPU, from the same seeds, so with the same dropout and random numbers. Prints how far the mels are apart when both
decode freely; how far the vocoder's outputs are when both are told the same past; and, with the `verify` extra, the word
error rate of both in sentences made of the seed (bench/listening.py), with a paired bootstrap interval of 95 %.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from commandline import run
from listening import Listener, chunks, compared, mel_of, rate_of, segments, sentences, sixteen_bits, written

from speechd_neural.commands.bench import processor
from speechd_neural.core.phrases import seed_of
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.train.export import read_half
from speechd_neural.voice import families, packing
from speechd_neural.voice.bundle import Bundle, Manifest, load, write_bundle
from speechd_neural.voice.engine import NeuralEngine
from speechd_neural.voice.gpu.runtime import TorchRuntime
from speechd_neural.voice.runtime import CpuRuntime

MEASURED = 10  # sentences in which mels and outputs are compared


class Unrounded(packing.Packer):
    """Every array as it was trained."""

    def small(self, name: str, value: Any) -> None:
        self.arrays[name] = np.asarray(value, np.float32)

    large = small


def both(tacotron2: Path, vocoder: Path, temperature: float, folder: Path) -> tuple[Bundle, Bundle]:
    """The voice as it is exported, and with the weights of its training."""
    acoustic = read_half(tacotron2, "tacotron2", {})
    sound = read_half(vocoder, "multiband", {"temperature": temperature})
    manifest = Manifest("measured", ("en-US",), "none", "training", acoustic.symbols, acoustic.half, sound.half)
    write_bundle(folder, acoustic.state, sound.state, manifest)
    rounded = load(folder)
    with patch.object(families.tacotron2, "Packer", Unrounded), patch.object(families.multiband, "Packer", Unrounded):
        parts = (
            families.ACOUSTICS[acoustic.half.family].pack(acoustic.state, acoustic.half.dims),
            families.VOCODERS[sound.half.family].pack(sound.state, sound.half.dims),
        )
    return rounded, replace(rounded, arrays=parts[0].arrays | parts[1].arrays)


def outputs(rounded: CpuRuntime, exact: TorchRuntime, features: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The vocoder's outputs at every step, both told what the exact one drew."""
    network: Any = exact.vocoder.network
    parameters: list[torch.Tensor] = []
    drawn: list[torch.Tensor] = []
    draw = network.draw

    def recorded(given: torch.Tensor, uniform: torch.Tensor, temperature: torch.Tensor) -> torch.Tensor:
        parameters.append(given[0].flatten().clone())
        drawn.append(draw(given, uniform, temperature)[0].clone())
        return drawn[-1][None]

    with patch.object(network, "draw", recorded):
        run = exact.vocoder.speak(seed, folded=False)
        run.feed(features)
        run.end()
        run.run(len(features))
    other = rounded.vocoder.speak(seed)
    other.force(torch.stack(drawn).numpy())
    other.feed(features)
    other.end()
    other.run(len(features))
    wanted = torch.stack(parameters).numpy()
    return other.outputs().reshape(wanted.shape), wanted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tacotron2", type=Path)
    parser.add_argument("vocoder", type=Path)
    parser.add_argument("--temperature", type=float, default=0.7)
    parser.add_argument("--sentences", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1, help="of the sentences")
    options = parser.parse_args()
    torch.set_num_threads(1)
    front, said = FrontEnd(English()), sentences(options.sentences, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        rounded, exact = both(options.tacotron2, options.vocoder, options.temperature, Path(folder))
    runtimes = CpuRuntime(rounded), TorchRuntime(exact, "cpu", folded=False)
    engines = NeuralEngine(rounded, runtimes[0]), NeuralEngine(exact, runtimes[1])
    print(f"{processor()}, path {runtimes[0].path}, 1 thread; {len(said)} sentences ({sum(map(len, said))} words) of seed "
          f"{options.seed}, such as {written(said[0])!r}")  # fmt: skip
    apart, spread, errors, outputs_spread = [], [], [], []
    for words in said[:MEASURED]:
        for segment in segments(front, words):
            ours, wanted = (mel_of(engine, segment)[:, : rounded.manifest.contract.n_mels] for engine in engines)
            n = min(len(ours), len(wanted))
            apart.append(np.abs(ours[:n] - wanted[:n]).mean())
            spread.append(wanted.std())
            found, true = outputs(*runtimes, mel_of(engines[1], segment), seed_of(segment))
            errors.append(np.sqrt(((found - true) ** 2).mean()))
            outputs_spread.append(true.std())
    print(f"mels, decoded freely ({len(apart)} sentences): {np.mean(apart):.3f} apart, spread {np.mean(spread):.2f}")
    print(f"vocoder, given the same past: outputs {np.mean(errors) / np.mean(outputs_spread):.1%} of their spread apart")
    rate = engines[0].info.sample_rate
    wrong = []
    for name, engine in zip(("eight bits", "float32"), engines, strict=True):
        sounds = [
            sixteen_bits(np.concatenate([c.samples for segment in segments(front, words) for c in chunks(engine, segment)]))
            for words in said
        ]
        wrong.append(Listener().errors(sounds, rate, said))
        print(f"{name}: {rate_of(wrong[-1], said):.1f} % of the words wrong", flush=True)
    better, worse = (int((a < b).sum()) for a, b in (wrong, wrong[::-1]))
    print(f"eight bits against float32: {compared(*wrong, said)}; {better} sentences better, {worse} worse, "
          f"{len(said) - better - worse} equal")  # fmt: skip


if __name__ == "__main__":
    run(main)
