"""Back-off n-grams: counts, interpolated modified Kneser-Ney discounts (S. F. Chen and J. Goodman, 1998), pruning by
weighted difference (K. Seymore and R. Rosenfeld, 1996), and the bytes that `text.ngram` reads. numpy only.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from speechd_neural.text.english.pronounce import ngram

Ints = np.ndarray
Floats = np.ndarray


@dataclass
class _Level:
    """The n-grams of one length, in the order of (parent, token). `suffix`: the n-gram without its first token."""

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
    """n-gram counts and interpolated modified Kneser-Ney probabilities of words of tokens (from 2 on)."""
    lengths = np.array([len(word) + 2 for word in words])
    flat = np.concatenate([np.array([ngram.START, *word, ngram.END]) for word in words]).astype(np.int64)
    offset = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    everything = np.arange(vocabulary)
    levels = [
        _Level(np.zeros(vocabulary, np.int64), everything, np.bincount(flat, minlength=vocabulary),
               np.zeros(vocabulary, np.int64), everything == ngram.START)
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
            # How many different tokens stand before it, instead of how often it occurs.
            before = np.bincount(levels[number + 1].suffix, minlength=len(level.token))
            counts = np.where(level.first, counts, before)
        if number == 0:
            counts[ngram.START] = 0
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


def padded(array: np.ndarray, kind: str) -> bytes:
    data = array.astype(kind).tobytes()
    return data + bytes(-len(data) % 4)


def to_bytes(levels: list[_Level], backward: bool) -> bytes:
    out = [ngram.HEADER.pack(backward, len(levels), 0), struct.pack(f"<{len(levels)}I", *(len(lv.token) for lv in levels))]
    for number, level in enumerate(levels):
        out.append(padded(level.token, "u1"))
        out.append(padded(np.clip(np.round(-np.log(level.probability) / ngram.PROBABILITY_STEP), 0, 255), "u1"))
        if number + 1 < len(levels):
            weight = np.clip(np.round(-level.backoff / ngram.BACKOFF_STEP) + ngram.BACKOFF_ZERO, 0, 255)
            out.append(padded(weight, "u1"))
            out.append(padded(level.children, "u1"))
            starts = np.cumsum(level.children) - level.children
            out.append(padded(starts[:: ngram.STRIDE], "<u4"))
    return b"".join(out)
