"""Trains the letter-to-sound model from CMUdict: aligns letters with phones, counts graphones, prunes, writes.

Alignment: expectation maximization over one letter to none to two phones (S. Jiampojamarn, G. Kondrak
and T. Sherif, "Applying many-to-many alignments and hidden Markov models to letter-to-phoneme conversion", 2007).
Model: interpolated n-gram with modified Kneser-Ney discounts (S. F. Chen and J. Goodman, 1998), pruned by weighted
difference (K. Seymore and R. Rosenfeld, 1996), one from the start of the words and one from their end.
About a minute on one core; numpy only.
"""

from __future__ import annotations

import argparse
import struct
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from speechd_neural.errors import UsageError
from speechd_neural.text import g2p
from speechd_neural.train import dictionary

Phones = tuple[str, ...]
Graphone = tuple[str, Phones]
Ints = np.ndarray
Floats = np.ndarray

# Letters and phones of a graphone, and how likely each shape is at first. Graphones of two letters ("ph") made the
# error rate on held-out words 0.15 points worse: n-grams of single letters see the same, with more counts.
_FIRST_GUESS = {(1, 1): 1.0, (1, 0): 0.05, (1, 2): 0.01}
OPERATIONS = tuple(_FIRST_GUESS)
RAREST = 3  # a graphone seen less often is an accident of a few foreign words, which are left out
MOST = 253  # graphones; with the two edges of a word, their numbers fit a byte
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class Options:
    orders: tuple[int, int] = (8, 0)  # of the model from the end of the word, and of one from its start (0: none)
    prune: tuple[float, float] = (0.8, 0.8)  # weighted difference in nats below which an entry is dropped, of each
    rounds: int = 6


def load(source: Path, without: frozenset[str] = frozenset()) -> list[tuple[str, Phones]]:
    """(word, phones) of the words of two letters or more, all variants, of a cmudict.dict."""
    pairs = []
    for word, arpabet in dictionary.read_cmudict(source):
        if len(word) > 1 and word not in without and all(c in LETTERS for c in word):
            pairs.append((word, dictionary.to_symbols(word, arpabet, reduce=False)))
    return pairs


def plain(phones: Iterable[str]) -> Phones:
    """Phones without stress."""
    return tuple("ah" if phone == "ax" else phone.rstrip("01") for phone in phones)


class _Aligner:
    """Words of one length with pronunciations of one length are aligned together, as arrays."""

    def __init__(self, pairs: Sequence[tuple[str, Phones]]) -> None:
        inventory = sorted({phone for _, phones in pairs for phone in phones})
        phone_index = {phone: i for i, phone in enumerate(inventory)}
        self.phones = len(inventory)
        self.columns = 1 + self.phones + self.phones**2  # no phone, one, two
        self.rows = 26
        shapes = defaultdict(list)
        for index, (word, phones) in enumerate(pairs):
            shapes[len(word), len(phones)].append(index)
        self.groups = []
        for (letters, phones_count), indices in shapes.items():
            written = np.array([[ord(c) - 97 for c in pairs[i][0]] for i in indices])
            spoken = np.array([[phone_index[p] for p in pairs[i][1]] for i in indices]).reshape(
                len(indices), phones_count
            )
            self.groups.append((letters, phones_count, indices, written, spoken))
        table = np.zeros((self.rows, self.columns))
        for (_, count), weight in _FIRST_GUESS.items():
            table[:, self._block(count)] = weight / (26 * self.phones**count)
        self.probability = table.ravel()

    def _block(self, phones: int) -> slice:
        return (slice(0, 1), slice(1, 1 + self.phones), slice(1 + self.phones, self.columns))[phones]

    def _cells(self, written: Ints, spoken: Ints, i: int, j: int, phones: int) -> Ints:
        row = written[:, i] * self.columns
        if phones == 0:
            return row
        if phones == 1:
            return row + 1 + spoken[:, j]
        return row + 1 + self.phones + spoken[:, j] * self.phones + spoken[:, j + 1]

    def improve(self) -> float:
        """One round of expectation maximization; returns the mean log likelihood of the round before."""
        counts = np.zeros_like(self.probability)
        likelihood, words = 0.0, 0
        for letters, phones, indices, written, spoken in self.groups:
            forward = np.zeros((letters + 1, phones + 1, len(indices)))
            backward = np.zeros_like(forward)
            forward[0, 0] = backward[letters, phones] = 1
            edges = []
            for i in range(letters + 1):
                for j in range(phones + 1):
                    for a, b in OPERATIONS:
                        if i + a <= letters and j + b <= phones:
                            cells = self._cells(written, spoken, i, j, b)
                            probability = self.probability[cells]
                            edges.append((i, j, a, b, cells, probability))
                            forward[i + a, j + b] += forward[i, j] * probability
            for i, j, a, b, _, probability in reversed(edges):
                backward[i, j] += probability * backward[i + a, j + b]
            total = forward[letters, phones]
            possible = total > 0
            inverse = np.where(possible, 1 / np.where(possible, total, 1), 0)
            likelihood += float(np.log(total[possible]).sum())
            words += int(possible.sum())
            for i, j, a, b, cells, probability in edges:
                np.add.at(counts, cells, forward[i, j] * probability * backward[i + a, j + b] * inverse)
        self.probability = counts / counts.sum()
        self.probability[self.probability < 1e-8] = 0
        return likelihood / max(words, 1)

    def best(self) -> Iterable[tuple[int, list[tuple[int, int, int, int]]]]:
        """(index of the pair, its most probable alignment as letter and phone ranges), where there is one."""
        with np.errstate(divide="ignore"):
            logs = np.log(self.probability)
        for letters, phones, indices, written, spoken in self.groups:
            score = np.full((letters + 1, phones + 1, len(indices)), -np.inf)
            score[0, 0] = 0
            choice = np.zeros(score.shape, np.int8)
            for i in range(letters + 1):
                for j in range(phones + 1):
                    for number, (a, b) in enumerate(OPERATIONS):
                        if i >= a and j >= b:
                            value = score[i - a, j - b] + logs[self._cells(written, spoken, i - a, j - b, b)]
                            better = value > score[i, j]
                            score[i, j][better] = value[better]
                            choice[i, j][better] = number
            for column, index in enumerate(indices):
                if not np.isfinite(score[letters, phones, column]):
                    continue
                i, j, path = letters, phones, []
                while i or j:
                    a, b = OPERATIONS[choice[i, j, column]]
                    path.append((i - a, i, j - b, j))
                    i, j = i - a, j - b
                yield index, path[::-1]


def align(pairs: Sequence[tuple[str, Phones]], rounds: int, say: Callable[[str], None]) -> list[list[Graphone]]:
    """Each pair as graphones. Alignment does not look at stress; the graphones carry it."""
    aligner = _Aligner([(word, plain(phones)) for word, phones in pairs])
    for number in range(rounds):
        say(f"alignment round {number + 1} of {rounds}: log likelihood {aligner.improve():.3f} a word")
    return [[(pairs[index][0][i:k], pairs[index][1][j:m]) for i, k, j, m in path] for index, path in aligner.best()]


@dataclass
class _Level:
    """The n-grams of one length, in the order of (parent, token). `suffix`: the n-gram without its first graphone."""

    parent: Ints
    token: Ints
    count: Ints
    suffix: Ints
    first: np.ndarray  # begins with the word's edge: nothing can stand before it
    probability: Floats = field(default_factory=lambda: np.zeros(0))
    gain: Floats = field(default_factory=lambda: np.zeros(0))  # log probability over what back-off would give
    backoff: Floats = field(default_factory=lambda: np.zeros(0))
    children: Ints = field(default_factory=lambda: np.zeros(0, np.int64))


def count(words: Sequence[Sequence[int]], vocabulary: int, order: int) -> list[_Level]:
    """n-gram counts and interpolated modified Kneser-Ney probabilities of words of graphone numbers (from 2 on)."""
    lengths = np.array([len(word) + 2 for word in words])
    flat = np.concatenate([np.array([g2p.START, *word, g2p.END]) for word in words]).astype(np.int64)
    offset = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    everything = np.arange(vocabulary)
    levels = [
        _Level(np.zeros(vocabulary, np.int64), everything, np.bincount(flat, minlength=vocabulary),
               np.zeros(vocabulary, np.int64), everything == g2p.START)
    ]  # fmt: skip
    numbers = flat.copy()
    for length in range(2, order + 1):
        places = np.nonzero(offset >= length - 1)[0]
        keys, inverse, counts = np.unique(
            numbers[places - 1] * vocabulary + flat[places], return_inverse=True, return_counts=True
        )
        suffix = np.zeros(len(keys), np.int64)
        suffix[inverse] = numbers[places]
        first = np.zeros(len(keys), bool)
        first[inverse[offset[places] == length - 1]] = True
        numbers = np.full(len(flat), -1, np.int64)
        numbers[places] = inverse
        levels.append(_Level(keys // vocabulary, keys % vocabulary, counts, suffix, first))
    _smooth(levels, vocabulary)
    return levels


def _smooth(levels: list[_Level], vocabulary: int) -> None:
    for number, level in enumerate(levels):
        counts = level.count.astype(float)
        if number + 1 < len(levels):
            # How many different graphones stand before it, instead of how often it occurs.
            before = np.bincount(levels[number + 1].suffix, minlength=len(level.token))
            counts = np.where(level.first, counts, before)
        if number == 0:
            counts[g2p.START] = 0
        n1, n2, n3, n4 = (max(int((counts == i).sum()), 1) for i in (1, 2, 3, 4))
        y = n1 / (n1 + 2 * n2)
        discounts = [0.0, max(0.1, 1 - 2 * y * n2 / n1), max(0.2, 2 - 3 * y * n3 / n2), max(0.3, 3 - 4 * y * n4 / n3)]
        if number == 0:
            discounts = [0.0, 0.5, 0.5, 0.5]
        discount = np.array(discounts)[np.minimum(counts, 3).astype(int)]
        parents = 1 if number == 0 else len(levels[number - 1].token)
        total = np.maximum(np.bincount(level.parent, counts, parents), 1e-9)
        mass = np.bincount(level.parent, discount, parents) / total
        lower = 1 / (vocabulary - 1) if number == 0 else levels[number - 1].probability[level.suffix]
        shared = mass[level.parent] * lower
        level.probability = np.maximum((counts - discount) / total[level.parent] + shared, 1e-9)
        level.gain = np.log(level.probability) - np.log(np.maximum(shared, 1e-12))


def prune(levels: list[_Level], threshold: float) -> list[_Level]:
    """Drop entries that back-off replaces well, and compute the back-off weights of what stays."""
    keep: list[np.ndarray] = [np.ones(0, bool)] * len(levels)
    for number in range(len(levels) - 1, -1, -1):
        level = levels[number]
        kept = level.count * level.gain > threshold if number else np.ones(len(level.token), bool)
        if number + 1 < len(levels):
            above, kept_above = levels[number + 1], keep[number + 1]
            kept[above.parent[kept_above]] = True
            kept[above.suffix[kept_above]] = True
        keep[number] = kept
    out: list[_Level] = []
    renumbered = np.zeros(0, np.int64)
    for level, kept in zip(levels, keep, strict=True):
        chosen = np.nonzero(kept)[0]
        parent, suffix = level.parent[chosen], level.suffix[chosen]
        if out:
            parent, suffix = renumbered[parent], renumbered[suffix]
        renumbered = np.full(len(level.token), -1, np.int64)
        renumbered[chosen] = np.arange(len(chosen))
        out.append(_Level(parent, level.token[chosen], level.count[chosen], suffix, level.first[chosen],
                          level.probability[chosen]))  # fmt: skip
    for lower, upper in pairwise(out):
        size = len(lower.token)
        left = 1 - np.bincount(upper.parent, upper.probability, size)
        replaced = 1 - np.bincount(upper.parent, lower.probability[upper.suffix], size)
        lower.backoff = np.log(np.maximum(left, 1e-4) / np.maximum(replaced, 1e-4))
        lower.children = np.bincount(upper.parent, minlength=size)
    return out


def _padded(array: np.ndarray, kind: str) -> bytes:
    data = array.astype(kind).tobytes()
    return data + bytes(-len(data) % 4)


def _bytes(levels: list[_Level], backward: bool) -> bytes:
    out = [g2p.MODEL.pack(backward, len(levels), 0), struct.pack(f"<{len(levels)}I", *(len(lv.token) for lv in levels))]
    for number, level in enumerate(levels):
        out.append(_padded(level.token, "u1"))
        out.append(_padded(np.clip(np.round(-np.log(level.probability) / g2p.PROBABILITY_STEP), 0, 255), "u1"))
        if number + 1 < len(levels):
            weight = np.clip(np.round(-level.backoff / g2p.BACKOFF_STEP) + g2p.BACKOFF_ZERO, 0, 255)
            out.append(_padded(weight, "u1"))
            out.append(_padded(level.children, "u1"))
            starts = np.cumsum(level.children) - level.children
            out.append(_padded(starts[:: g2p.STRIDE], "<u4"))
    return b"".join(out)


def train(pairs: Sequence[tuple[str, Phones]], options: Options, say: Callable[[str], None]) -> bytes:
    """The model's file from (word, phones) pairs."""
    words = align(pairs, options.rounds, say)
    seen = Counter(graphone for word in words for graphone in word)
    graphones = sorted((g for g, times in seen.items() if times >= RAREST), key=lambda g: (-seen[g], g))[:MOST]
    number = {graphone: i + 2 for i, graphone in enumerate(graphones)}
    numbered = [[number[g] for g in word] for word in words if all(g in number for g in word)]
    say(f"{len(numbered)} of {len(pairs)} pronunciations, {len(graphones)} graphones")
    models = []
    for backward, order, threshold in zip((True, False), options.orders, options.prune, strict=True):
        if not order:
            continue
        directed = [word[::-1] for word in numbered] if backward else numbered
        levels = prune(count(directed, len(graphones) + 2, order), threshold)
        models.append(_bytes(levels, backward))
        sizes = " ".join(str(len(level.token)) for level in levels)
        say(f"from the {'end' if backward else 'start'}: {sizes} entries, {len(models[-1]) / 1e6:.2f} MB")
    text = "".join(f"{letters}:{' '.join(phones)}\n" for letters, phones in graphones).encode("ascii")
    return g2p.HEADER.pack(g2p.MAGIC, len(text), len(models)) + text + bytes(-len(text) % 4) + b"".join(models)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cmudict", type=Path, help="the dictionary's text, cmudict.dict")
    parser.add_argument(
        "-o", "--output", type=Path, default=g2p.DEFAULT, help="model file to write (default: the packaged one)"
    )
    parser.add_argument("--dictionary", type=Path, help="also write the packed dictionary to this file")
    parser.add_argument("--without", type=Path, help="file of words to leave out of training, one a line")
    parser.add_argument("--prune", type=float, nargs=2, default=Options.prune, metavar=("END", "START"),
                        help="drop n-grams that gain fewer nats than this, in each model")  # fmt: skip
    parser.add_argument("--orders", type=int, nargs=2, default=Options.orders, metavar=("END", "START"))


def run(arguments: argparse.Namespace) -> int:
    for path in (arguments.cmudict, arguments.without):
        if path is not None and not path.is_file():
            raise UsageError(f"{path}: no such file; accepted: CMUdict's text and a list of words")
    without = frozenset(arguments.without.read_text(encoding="utf-8").split()) if arguments.without else frozenset()
    options = Options(orders=tuple(arguments.orders), prune=tuple(arguments.prune))
    data = train(load(arguments.cmudict, without), options, print)
    arguments.output.write_bytes(data)
    print(f"{arguments.output}: {len(data) / 1e6:.2f} MB")
    if arguments.dictionary:
        print(f"{arguments.dictionary}: {dictionary.build(arguments.cmudict, arguments.dictionary)} words")
    return 0


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(_parser)
    raise SystemExit(run(_parser.parse_args()))
