"""Tacotron (1) at its public size with random weights, which the time does not depend on: processor time of its parts.

    python bench/tacotron1.py [--symbols 60] [--steps 200]

Needs torch, to make the weights.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from fullband import CONTRACT

from speechd_neural.commands.bench import processor
from speechd_neural.voice import _native
from speechd_neural.voice.families.tacotron1 import FAMILY
from speechd_neural.voice.family import Half
from speechd_neural.voice.models import tacotron1 as reference
from speechd_neural.voice.tacotron1 import Decoder, Tacotron1


def full_size() -> Tacotron1:
    torch.manual_seed(0)
    dims = reference.Tacotron1Dims()
    sizes = FAMILY.sizes(asdict(dims))
    state = {name: value.numpy() for name, value in reference.Tacotron1(dims).state_dict().items()}
    packed = FAMILY.pack(state, sizes).arrays
    arrays = {name: a if a.dtype == np.int8 else a.astype(np.float32) for name, a in packed.items()}
    return Tacotron1(arrays, Half(FAMILY.name, CONTRACT, sizes), "")


def spent(call: Callable[[], Any]) -> float:
    """Milliseconds of the thread's processor time."""
    begun = time.thread_time()
    call()
    return 1000 * (time.thread_time() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--symbols", type=int, default=60, help="of the text (default %(default)s)")
    parser.add_argument("--steps", type=int, default=200, help="of the decoder (default %(default)s)")
    options = parser.parse_args()
    network, per_step = full_size(), reference.Tacotron1Dims().frames_per_step
    ids = np.random.default_rng(0).integers(0, network.dims["n_symbols"], options.symbols)
    print(f"{processor()}, path {_native.chosen('')}, 1 thread, load {os.getloadavg()[0]:.1f}; text: {options.symbols} symbols "
          "at random; medians")  # fmt: skip
    encoding = statistics.median(spent(lambda: network.encode(ids, lambda: None)) for _ in range(5))
    print(f"encoder: {encoding:.1f} ms for the text")
    decoder: Decoder = network.decode(network.encode(ids, lambda: None), 0)
    decoder.run(10)
    steps = [spent(lambda: decoder.run(1)) for _ in range(options.steps)]
    print(f"decoder: {statistics.median(steps) / per_step:.3f} ms a frame, {per_step} frames a step")
    postnet, frames = network.postnet(), decoder.run(options.steps)[0]
    refining = spent(lambda: (postnet.feed(frames), postnet.finish()))
    print(f"behind the decoder: {refining / len(frames):.3f} ms a frame")
    seconds = CONTRACT.hop_length / CONTRACT.sample_rate
    whole = (statistics.median(steps) / per_step + refining / len(frames)) / 1000 / seconds
    print(f"together, the encoder left aside: {whole:.3f} of real time at {1 / seconds:.0f} frames a second")


if __name__ == "__main__":
    main()
