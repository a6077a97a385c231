"""Letters to phones for words that no dictionary has: a joint n-gram of graphones, searched with a beam.

A graphone is a letter with none to two phones. The model (M. Bisani and H. Ney, "Joint-sequence models
for grapheme-to-phoneme conversion", Speech Communication 50, 2008) is a back-off n-gram over graphones. Words are
read from their end: in English the end of a word says more about its stress and vowels than the start. Of the
candidates that the search leaves, the one with the smallest expected number of wrong phones is taken.

File, little-endian, memory-mapped (`train.g2p` writes it): b"SNG2P3\\n\\0", u32 length of the text, u32 number of
models, then the text: the graphones, at most 254, one a line, "letter:phones"; then the models, the first of which
searches, the others judge what it found. A model: u8 direction (1 = from the end), u8 order n, u16 0, u32 entries of
each of n levels, then for each level, sorted by context: u8 graphone of each entry, u8 probability, u8 back-off
weight, u8 number of children, and u32 where the children of each `STRIDE`-th entry start (the last level has only
the first two). Arrays are padded to 4 bytes.
"""

from __future__ import annotations

import math
import mmap
import struct
from bisect import bisect_left
from functools import lru_cache
from pathlib import Path
from typing import Literal

from speechd_neural.errors import SpeechError

Phones = tuple[str, ...]
MAGIC = b"SNG2P3\n\0"
HEADER = struct.Struct("<8sII")
MODEL = struct.Struct("<BBH")
DEFAULT = Path(__file__).parent / "data" / "g2p.bin"
STRIDE = 16
PROBABILITY_STEP = 1 / 14  # nats; a probability byte b is exp(-b * step)
BACKOFF_STEP = 1 / 24  # nats; a weight byte b is exp((BACKOFF_ZERO - b) * step)
BACKOFF_ZERO = 40
START, END = 0, 1  # graphones of the word's edges

BEAM = 12  # hypotheses kept at each letter
WIDTH = 9.0  # nats below the best at which a hypothesis is dropped
CANDIDATES = 12
SHARPNESS = 0.7  # exponent of candidate probabilities in the expected error


class Model:
    """One back-off n-gram: log probability of a graphone after a context."""

    def __init__(self, data: memoryview, position: int) -> None:
        self.backward, self.order, _ = MODEL.unpack_from(data, position)
        position += MODEL.size
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
        """`context[k]` is the node of the last k + 1 graphones, or -1."""
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
        longer = [token]
        for level in range(min(len(context), self.order - 2)):
            node = context[level]
            longer.append(self._child(level, node, token) if node >= 0 else -1)
        while longer[-1] < 0:
            longer.pop()
        return longer

    def judge(self, path: tuple[int, ...]) -> float:
        """Log probability of a whole word, its graphones given in the model's own direction."""
        context, total = [START], 0.0
        for token in (*path, END):
            total += self.log_probability(context, token)
            context = self.extend(context, token)
        return total


class JointNgram:
    """`phones("ubuntu")`; only letters a-z are read. A few milliseconds a word, remembered for 1,024 words."""

    def __init__(self, path: Path = DEFAULT) -> None:
        with open(path, "rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        data = memoryview(mapped)
        magic, length, models = HEADER.unpack_from(data)
        if magic != MAGIC:
            raise SpeechError(f"{path} is not a letter-to-sound model of this version; reinstall the package")
        text = bytes(data[HEADER.size : HEADER.size + length]).decode("ascii")
        self.graphones: list[tuple[str, Phones]] = [("", ()), ("", ())]
        for line in text.splitlines():
            letter, _, phones = line.partition(":")
            self.graphones.append((letter, tuple(phones.split())))
        self.by_letter: dict[str, list[int]] = {}
        for token, (letter, _) in enumerate(self.graphones):
            if letter:
                self.by_letter.setdefault(letter, []).append(token)
        position = HEADER.size + -(-length // 4) * 4
        self.models = []
        for _ in range(models):
            self.models.append(Model(data, position))
            position = self.models[-1].end
        if position != len(data):
            raise SpeechError(f"{path} is damaged; reinstall the package")
        self.phones = lru_cache(1024)(self._phones)
        self._found = lru_cache(16)(self.candidates)  # `fits` and `phones` ask for the same word in turn

    def candidates(self, word: str) -> list[tuple[float, Phones]]:
        """(log probability, phones), best first, for a word of the letters a-z."""
        model = self.models[0]
        backward = bool(model.backward)
        letters = word[::-1] if backward else word
        size = len(letters)
        # hypotheses[i]: what the first i letters may be: phones -> (log probability, context before, last graphone, path)
        hypotheses: list[dict[Phones, tuple[float, list[int], int, tuple[int, ...]]]] = [{} for _ in range(size + 1)]
        hypotheses[0][()] = (0.0, [], START, ())
        log_probability, extend = model.log_probability, model.extend
        graphones, by_letter = self.graphones, self.by_letter
        for i in range(size):
            best = sorted(hypotheses[i].items(), key=lambda entry: -entry[1][0])[:BEAM]
            if not best:
                continue
            limit = best[0][1][0] - WIDTH
            for said, (score, before, last, path) in best:
                if score < limit:
                    break
                context = extend(before, last)
                reached = hypotheses[i + 1]
                for token in by_letter.get(letters[i], ()):
                    total = score + log_probability(context, token)
                    phones = graphones[token][1]
                    now = phones + said if backward else said + phones
                    known = reached.get(now)
                    if known is None or total > known[0]:
                        reached[now] = (total, context, token, (*path, token))
        found = []
        for phones, (score, before, last, path) in hypotheses[size].items():
            found.append((score + log_probability(extend(before, last), END), phones, path))
        found.sort(key=lambda entry: -entry[0])
        found = found[:CANDIDATES]
        if len(self.models) > 1:
            judged = []
            for score, phones, path in found:
                for other in self.models[1:]:
                    score += other.judge(path if other.backward == model.backward else path[::-1])
                judged.append((score / len(self.models), phones, path))
            found = sorted(judged, key=lambda entry: -entry[0])
        return [(score, phones) for score, phones, _ in found]

    def fits(self, word: str, phones: Phones, margin: float) -> bool:
        """Whether `phones`, stress aside, are a candidate at most `margin` nats less probable than the best."""
        found = self._found(word)
        plain = [_plain(phone) for phone in phones]
        return any(
            [_plain(phone) for phone in other] == plain for score, other in found if score >= found[0][0] - margin
        )

    def _phones(self, word: str) -> Phones:
        letters = "".join(c for c in word if "a" <= c <= "z")
        found = [entry for entry in self._found(letters) if entry[1]] if letters else []
        if not found:
            return ()
        top = found[0][0]
        weights = [math.exp((score - top) * SHARPNESS) for score, _ in found]
        chosen, lowest = found[0][1], math.inf
        # A stress mark that differs is half an error: it is heard, but less than another phone.
        for _, phones in found:
            risk = 0.0
            for weight, (_, other) in zip(weights, found, strict=True):
                if other is not phones:
                    risk += weight * distance(phones, other)
                if risk >= lowest:
                    break
            if risk < lowest:
                chosen, lowest = phones, risk
        return chosen


def _plain(phone: str) -> str:
    return "ah" if phone == "ax" else phone.rstrip("01")


def distance(one: Phones, other: Phones) -> float:
    """Edits from one to the other: 1 for another, an added or a missing phone, 0.1 for another stress."""
    plain_one, plain_other = [_plain(p) for p in one], [_plain(p) for p in other]
    row: list[float] = [float(j) for j in range(len(other) + 1)]
    for i, phone in enumerate(one, 1):
        diagonal, row[0] = row[0], float(i)
        left = row[0]
        plain = plain_one[i - 1]
        for j, against in enumerate(other, 1):
            cost = 0.0 if phone == against else 0.1 if plain == plain_other[j - 1] else 1.0
            cost += diagonal
            diagonal = row[j]
            left = min(cost, left + 1, diagonal + 1)
            row[j] = left
    return row[len(other)]
