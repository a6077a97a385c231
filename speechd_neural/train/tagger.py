"""Trains the network that guesses each letter's graphone (`text.tagger` runs it).

Two bidirectional GRU layers over the letters (K. Yao and G. Zweig, "Sequence-to-sequence neural net models for
grapheme-to-phoneme conversion", 2015, the variant with alignment). Words of one length make a batch, so nothing is padded.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from speechd_neural.text.english.pronounce import tagger
from speechd_neural.train.checkpoint import Run, load_checkpoint
from speechd_neural.train.ngram import padded
from speechd_neural.voice.models.recurrent import FastGru

BATCH = 2400  # letters
FORBIDDEN = -30.0  # added to the score of graphones that belong to another letter


@dataclass
class Options:
    size: int = 256  # of a layer, each direction
    layers: int = 2
    dropout: float = 0.2
    rate: float = 2e-3
    minutes: float = 60
    updates: int | None = None  # at most so many, if given
    half: bool = True  # products in bfloat16


class Network(nn.Module):
    """`letters`: the letter of each graphone."""

    mask: Tensor

    def __init__(self, letters: Sequence[str], size: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.size, self.layers = size, layers
        self.letters = nn.Embedding(len(tagger.LETTERS), 6 * size)
        nn.init.normal_(self.letters.weight, std=0.5)
        self.gates = nn.ModuleList(nn.Linear(2 * size, 6 * size) for _ in range(layers - 1))
        self.grus = nn.ModuleList(FastGru(size) for _ in range(2 * layers))
        self.out = nn.Linear(2 * size, len(letters))
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask", torch.full((len(tagger.LETTERS), len(letters)), FORBIDDEN), persistent=False)
        for number, letter in enumerate(letters):
            self.mask[tagger.LETTERS.index(letter), number] = 0

    def forward(self, written: Tensor, half: bool = False) -> Tensor:
        """written: letters 0-25 [steps, batch] → scores of graphones [steps, batch, graphones]."""
        start = torch.zeros(written.shape[1], self.size)
        inputs, split = self.letters(written), 3 * self.size
        for layer in range(self.layers):
            forward = self.grus[2 * layer](inputs[:, :, :split].contiguous(), start, half)
            backward = self.grus[2 * layer + 1](inputs[:, :, split:].flip(0), start, half).flip(0)
            states = self.dropout(torch.cat([forward, backward], 2))
            last = layer + 1 == self.layers
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                inputs = self.out(states) if last else self.gates[layer](states)
            inputs = inputs.float()
        return inputs + self.mask[written]


class Batches:
    """Batches of (letters, graphones), both [steps, batch], in random order; without end."""

    def __init__(self, words: Sequence[Sequence[int]], letters: Sequence[str], seed: int) -> None:
        groups: dict[int, list[Sequence[int]]] = defaultdict(list)
        for word in words:
            groups[len(word)].append(word)
        self._groups = {length: torch.tensor(group) for length, group in groups.items()}
        self._letter = torch.tensor([tagger.LETTERS.index(letter) for letter in letters])
        self._random = random.Random(seed)
        self._generator = torch.Generator().manual_seed(seed)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            chosen = []
            for length, group in self._groups.items():
                order = torch.randperm(len(group), generator=self._generator)
                chosen += [(length, part) for part in order.split(max(1, BATCH // length))]
            self._random.shuffle(chosen)
            for length, part in chosen:
                graphones = self._groups[length][part].t().contiguous()
                yield self._letter[graphones], graphones


def train(words: Sequence[Sequence[int]], letters: Sequence[str], checkpoint: Path, options: Options) -> bytes:
    """words: graphone numbers of each word's letters; letters: the letter of each graphone. Goes on from `checkpoint` if
    it is there. Returns what `text.tagger` reads."""
    torch.manual_seed(1)
    model = Network(letters, options.size, options.layers, options.dropout)
    run = Run(
        checkpoint, model, rate=options.rate, minutes=options.minutes, updates=options.updates,
        description={"size": options.size, "layers": options.layers}, amount="words_per_second", progress=True,
    )  # fmt: skip
    for written, graphones in Batches(words, letters, run.step):
        if run.over:
            break
        scores = model(written, options.half)
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), graphones.flatten())
        run.learn(loss, {"loss": loss})
        run.update(written.shape[1])
    return to_bytes(load_checkpoint(run.close())["average"], options.size, options.layers)


def to_bytes(weights: Mapping[str, Tensor], size: int, layers: int) -> bytes:
    names = ["letters.weight"]
    for layer in range(layers):
        if layer:
            names += [f"gates.{layer - 1}.weight", f"gates.{layer - 1}.bias"]
        for gru in (2 * layer, 2 * layer + 1):
            names += [f"grus.{gru}.weight_hh", f"grus.{gru}.bias_hh"]
    names += ["out.weight", "out.bias"]
    arrays = [weights[name].numpy() for name in names]
    shapes = list(tagger.shapes(size, layers, len(arrays[-1])))
    out = [tagger.HEADER.pack(size, layers, len(arrays[-1]), 0)]
    for array, shape in zip(arrays, shapes, strict=True):
        if array.shape != shape:
            raise ValueError(f"an array of shape {array.shape} where {shape} belongs")
        if len(shape) == 1:
            out.append(array.astype("<f4").tobytes())
            continue
        scale = np.maximum(np.abs(array).max(1), 1e-8) / 127
        out += [scale.astype("<f4").tobytes(), padded(np.round(array / scale[:, None]), "i1")]
    return b"".join(out)
