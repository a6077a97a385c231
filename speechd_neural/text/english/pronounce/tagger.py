"""A small recurrent network that says, for each letter of a word, which graphones it may be: GRU layers in both directions.

Layout, little-endian (`train.tagger` writes it): u32 size of a layer, layers, graphones, 0; then the arrays in the order
of `shapes`. A matrix is a float32 scale for each row, then int8; a vector is float32. Arrays are padded to 4 bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import numpy as np

Floats = np.ndarray
HEADER = struct.Struct("<4I")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
UNLIKELY = 12.0  # nats below the best at which a graphone is left out


def shapes(size: int, layers: int, graphones: int) -> Iterator[tuple[int, ...]]:
    """Of the arrays in a file: what a letter gives the gates of both directions of the first layer, and for each layer the
    weights and bias of its inputs (but for the first), then weights and bias of its states, of one direction and the
    other; at last weights and bias of the graphones. The order of the gates (reset, update, new) is torch.nn.GRU's."""
    yield len(LETTERS), 6 * size
    for layer in range(layers):
        if layer:
            yield 6 * size, 2 * size
            yield (6 * size,)
        yield from ((3 * size, size), (3 * size,)) * 2
    yield graphones, 2 * size
    yield (graphones,)


class Tagger:
    """`likely("cat")`: for each letter, (log probability, graphone) of those that are not unlikely, best first."""

    def __init__(self, data: memoryview, position: int, letters: Sequence[str]) -> None:
        """`letters`: the letter of each graphone. Raises struct.error or ValueError when the data end too early."""
        size, layers, graphones, _ = HEADER.unpack_from(data, position)
        position += HEADER.size
        arrays = []
        for shape in shapes(size, layers, graphones):
            rows = np.frombuffer(data, "<f4", shape[0], position)
            position += rows.nbytes
            if len(shape) == 2:
                weights = np.frombuffer(data, "i1", shape[0] * shape[1], position).reshape(shape)
                position += -(-weights.nbytes // 4) * 4
                rows = weights * rows[:, None]
            arrays.append(rows)
        self.end = position
        self._size = size
        self._first, self._out, self._out_bias = arrays[0], np.ascontiguousarray(arrays[-2].T), arrays[-1]
        self._layers: list[tuple[Floats, ...]] = []
        rest = arrays[1:-2]
        for layer in range(layers):
            # Transposed in memory: twice as fast with the few rows that a word has.
            inputs, rest = ([np.ascontiguousarray(rest[0].T), rest[1]], rest[2:]) if layer else ([], rest)
            forward, forward_bias, backward, backward_bias = rest[:4]
            rest = rest[4:]
            self._layers.append((np.stack([forward, backward]), np.stack([forward_bias, backward_bias]), *inputs))
        self._by_letter = {c: np.array([i for i, letter in enumerate(letters) if letter == c]) for c in LETTERS}

    def likely(self, word: str) -> list[list[tuple[float, int]]]:
        gates = self._first[[ord(c) - ord("a") for c in word]]
        states = np.zeros(0, np.float32)
        for weights, bias, *inputs in self._layers:
            if inputs:
                gates = states @ inputs[0] + inputs[1]
            states = self._both_ways(gates, weights, bias[:, :, None])
        scores = states @ self._out + self._out_bias
        found: list[list[tuple[float, int]]] = []
        for row, letter in zip(scores, word, strict=True):
            graphones = self._by_letter[letter]
            if not len(graphones):
                found.append([])
                continue
            logs = row[graphones]
            logs = logs - logs.max()
            total = float(np.log(np.exp(logs).sum()))
            order = np.argsort(-logs, kind="stable")
            found.append([(float(logs[i]) - total, int(graphones[i])) for i in order if logs[i] > -UNLIKELY])
        return found

    def _both_ways(self, gates: Floats, weights: Floats, bias: Floats) -> Floats:
        """gates [letters, 6·size] → states [letters, 2·size]; both directions are stepped together."""
        size, steps = self._size, len(gates)
        inputs = np.stack([gates[:, : 3 * size], gates[::-1, 3 * size :]], 1)[:, :, :, None]
        states = np.empty((steps, 2, size), np.float32)
        state = np.zeros((2, size, 1), np.float32)
        for step in range(steps):
            recurrent = weights @ state + bias
            two = 1 / (1 + np.exp(-(inputs[step, :, : 2 * size] + recurrent[:, : 2 * size])))
            new = np.tanh(inputs[step, :, 2 * size :] + two[:, :size] * recurrent[:, 2 * size :])
            state = new + two[:, size:] * (state - new)
            states[step] = state[:, :, 0]
        return np.concatenate([states[:, 0], states[::-1, 1]], 1)
