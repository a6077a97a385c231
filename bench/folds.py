"""What cutting a segment into folds costs: the packaged voice spoken in one piece, with another seed, and in folds.

    python bench/folds.py [--sentences 100] [--seed 1]

Full-band voices are spoken in folds (voice/native/fullband.cpp), and no trained one comes with the package. So its
multi-band vocoder is made to begin anew wherever that one would, a little early and from silence, and to be faded in.
Prints, with the `verify` extra, the word error rate of all three in sentences made of the seed (bench/listening.py) with
paired bootstrap intervals of 95 %, and how much louder or quieter 20 ms around a seam are than in one piece.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse

import numpy as np
from commandline import run
from listening import Listener, compared, mel_of, rate_of, segments, sentences, sixteen_bits, written

from speechd_neural import paths
from speechd_neural.arrays import Floats
from speechd_neural.commands.bench import processor
from speechd_neural.core.phrases import seed_of
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.voice.bundle import load
from speechd_neural.voice.engine import NeuralEngine
from speechd_neural.voice.gpu.folds import cross_fade
from speechd_neural.voice.runtime import CpuRuntime
from speechd_neural.voice.store import DEFAULT

FIRST, FOLD, LAST, LEAD, FADE = 12, 24, 8, 2, 1  # frames, as in voice/native/fullband.cpp


def cuts(level: Floats) -> list[int]:
    """Frames at which folds begin: the quietest ones near every so many."""
    found = [0]
    while True:
        length = FOLD if found[-1] else FIRST
        first, last = (found[-1] + length + sign * (length // 3) for sign in (-1, 1))
        if len(level) < last + LAST:
            return found
        found.append(first + int(level[first - 1 : last].argmin()))


def whole(runtime: CpuRuntime, features: Floats, seed: int) -> Floats:
    run = runtime.speak(seed)
    run.feed(features)
    run.end()
    return run.run(len(features))


def folded(runtime: CpuRuntime, features: Floats, seed: int, starts: list[int], hop: int) -> Floats:
    """Each fold begins LEAD frames early, and in the last FADE of them it is faded in with the power kept."""
    out = np.zeros(len(features) * hop, np.float32)
    for number, (start, stop) in enumerate(zip(starts, [*starts[1:], len(features)], strict=True)):
        begin = max(0, start - LEAD)
        sound = whole(runtime, np.ascontiguousarray(features[begin:stop]), seed + number)
        if start:
            fade = slice((start - FADE) * hop, start * hop)
            coming = sound[(LEAD - FADE) * hop : LEAD * hop]
            out[fade] = cross_fade(out[fade][:, None], coming[:, None])[:, 0]
        out[start * hop : stop * hop] = sound[(start - begin) * hop :]
    return out


def loudness(sound: Floats, at: int, rate: int) -> float:
    """dB of 20 ms around a sample."""
    piece = sound[max(0, at - rate // 100) : at + rate // 100].astype(np.float64)
    return float(10 * np.log10((piece**2).mean() + 1e-8))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="of the sentences")
    options = parser.parse_args()
    bundle = load(paths.packaged_voices() / DEFAULT)
    runtime, contract = CpuRuntime(bundle, threads=1), bundle.manifest.contract
    engine, hop, rate = NeuralEngine(bundle, runtime), contract.hop_length, contract.sample_rate
    front, said = FrontEnd(English()), sentences(options.sentences, options.seed)
    print(f"{processor()}, path {runtime.path}, 1 thread; {len(said)} sentences ({sum(map(len, said))} words) of seed "
          f"{options.seed}, such as {written(said[0])!r}")  # fmt: skip
    ways: dict[str, list[Floats]] = {"one piece": [], "another seed": [], "folds": []}
    apart: dict[str, list[float]] = {"another seed": [], "folds": []}
    for words in said:
        parts: dict[str, list[Floats]] = {way: [] for way in ways}
        for segment in segments(front, words):
            features, seed = mel_of(engine, segment), seed_of(segment)
            starts = cuts(features[:, : contract.n_mels].sum(axis=1))
            made = {
                "one piece": whole(runtime, features, seed),
                "another seed": whole(runtime, features, seed + 1000),
                "folds": folded(runtime, features, seed + 2000, starts, hop),
            }
            for way, sound in made.items():
                parts[way].append(sound)
                if way in apart:
                    seams = [start * hop for start in starts[1:]]
                    apart[way] += [loudness(sound, at, rate) - loudness(made["one piece"], at, rate) for at in seams]
        for way in ways:
            ways[way].append(np.concatenate(parts[way]))
    for way, values in apart.items():
        print(f"{way}: level at {len(values)} seams against one piece {np.mean(values):+.2f} dB, rms {np.std(values):.2f} dB")
    errors = {way: Listener().errors([sixteen_bits(sound) for sound in sounds], rate, said) for way, sounds in ways.items()}
    for way in ways:
        print(f"{way}: {rate_of(errors[way], said):.1f} % of the words wrong")
    print(f"folds against one piece: {compared(errors['folds'], errors['one piece'], said)}; "
          f"against another seed: {compared(errors['folds'], errors['another seed'], said)}")  # fmt: skip


if __name__ == "__main__":
    run(main)
