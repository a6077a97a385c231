"""Products of int8 matrices with a vector, on every processor path this machine has: microseconds and weights per second.

python bench/kernels.py
"""

from __future__ import annotations

import time

import numpy as np

from speechd_neural.commands.bench import processor
from speechd_neural.voice import _native
from speechd_neural.voice.quantize import quantize_rows

SHAPES = {  # rows, columns, share of blocks that are not zero
    "vocoder state (GRU 256)": (768, 256, 1.0),
    "vocoder state (GRU 384)": (1152, 384, 1.0),
    "vocoder state (GRU 384, 40 % of the blocks)": (1152, 384, 0.4),
    "decoder LSTM 384": (1536, 384, 1.0),
    "full-band state (GRU 512)": (1536, 512, 1.0),
    "NVIDIA's decoder LSTM 1024": (4096, 1024, 1.0),
}


def main() -> None:
    rng = np.random.default_rng(0)
    print(f"{processor()}, 1 thread, float32 activations quantized once, best of 7")
    for name, (rows, columns, share) in SHAPES.items():
        values, scale = quantize_rows(rng.standard_normal((rows, columns)))
        kept = rng.random((-(-rows // 16), -(-columns // 4))) < share
        values = values * np.kron(kept, np.ones((16, 4), np.int8))[:rows, :columns]
        x = rng.standard_normal(columns).astype(np.float32)
        for cpu in _native.available():
            matrix = _native.Matrix(values, scale, cpu)
            times = max(1, int(2e8 // (rows * columns)) // (20 if cpu == "generic" else 1))
            best = float("inf")
            for _ in range(7):
                start = time.thread_time()
                matrix.multiply(x, times)
                best = min(best, (time.thread_time() - start) / times)
            rate = np.count_nonzero(np.kron(kept, np.ones((16, 4), bool))) / best / 1e9
            print(f"{name:<46} {rows:>5} x {columns:<5} {cpu:<11} {best * 1e6:9.2f} us  {rate:7.1f} G weights/s")


if __name__ == "__main__":
    main()
