"""A back-off n-gram over numbers below 256, read where it lies in the bytes of its file.

Layout, little-endian (`train.ngram` writes it): u8 direction (1 = words are read from their end), u8 order n, u16 0, u32
entries of each of n levels, then for each level, sorted by context: u8 token of each entry, u8 probability, u8 back-off
weight, u8 number of children, and u32 where the children of each `STRIDE`-th entry start (the last level has only the
first two). Arrays are padded to 4 bytes.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from typing import Literal

HEADER = struct.Struct("<BBH")
STRIDE = 16
PROBABILITY_STEP = 1 / 14  # nats; a probability byte b is exp(-b * step)
BACKOFF_STEP = 1 / 24  # nats; a weight byte b is exp((BACKOFF_ZERO - b) * step)
BACKOFF_ZERO = 40
START, END = 0, 1  # tokens of the word's edges


class Ngram:
    """Log probability of a token after a context; `end`: where the model ends in the file."""

    def __init__(self, data: memoryview, position: int) -> None:
        self.backward, self.order, _ = HEADER.unpack_from(data, position)
        position += HEADER.size
        sizes = struct.unpack_from(f"<{self.order}I", data, position)
        position += 4 * self.order
        self.tokens: list[memoryview] = []
        self.probabilities: list[memoryview] = []
        self.weights: list[memoryview] = []
        self.starts: list[memoryview] = []
        self.counts: list[memoryview] = []

        def take(count: int, size: int, kind: Literal["B", "I"]) -> memoryview:
            nonlocal position
            piece = data[position : position + count * size].cast(kind)
            position += -(-count * size // 4) * 4
            return piece

        for level, size in enumerate(sizes):
            self.tokens.append(take(size, 1, "B"))
            self.probabilities.append(take(size, 1, "B"))
            if level < self.order - 1:
                self.weights.append(take(size, 1, "B"))
                self.counts.append(take(size, 1, "B"))
                self.starts.append(take(-(-size // STRIDE), 4, "I"))
        self.end = position

    def _child(self, level: int, node: int, token: int) -> int:
        counts = self.counts[level]
        count = counts[node]
        if not count:
            return -1
        first = node // STRIDE * STRIDE
        low = self.starts[level][node // STRIDE] + sum(counts[first:node])
        high = low + count
        tokens = self.tokens[level + 1]
        found = bisect_left(tokens, token, low, high)
        return found if found < high and tokens[found] == token else -1

    def log_probability(self, context: list[int], token: int) -> float:
        """`context[k]` is the node of the last k + 1 tokens, or -1."""
        debt = 0
        for level in range(len(context) - 1, -1, -1):
            node = context[level]
            if node < 0:
                continue
            child = self._child(level, node, token)
            if child >= 0:
                return -self.probabilities[level + 1][child] * PROBABILITY_STEP - debt * BACKOFF_STEP
            debt += self.weights[level][node] - BACKOFF_ZERO
        return -self.probabilities[0][token] * PROBABILITY_STEP - debt * BACKOFF_STEP

    def extend(self, context: list[int], token: int) -> list[int]:
        """The context with one more token at its end."""
        longer = [token]
        for level in range(min(len(context), self.order - 2)):
            node = context[level]
            longer.append(self._child(level, node, token) if node >= 0 else -1)
        while longer[-1] < 0:
            longer.pop()
        return longer
