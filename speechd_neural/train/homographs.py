"""Trains the model that tells the readings of a word from the words around it (`text.english.pronounce.homographs`).

Two kinds of text: folders of WORD.tsv in the format of WikipediaHomographData (K. Gorman, G. Mazovetskiy and V. Nikolaev,
"Improving homograph disambiguation with supervised machine learning", 2018), and files of "sentence, tab, word=reading ..."
such as homographs-interface.tsv beside this module. A tenth of the sentences of a folder is never trained on.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import TextError, UsageError
from speechd_neural.text.english.pronounce.heteronyms import Heteronyms
from speechd_neural.text.english.pronounce.homographs import keys, write

INTERFACE = Path(__file__).with_name("homographs-interface.tsv")
LABELS = Path(__file__).with_name("homographs-labels.txt")
STOP = "."
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,;:()—–…]|[.?!](?=\s|$)")
# "She was upset": that set counts it as the noun.
_FELT = re.compile(r"\b(?:is|are|was|were|be|been|am|feels?|felt|gets?|got|became?|so|very|too)(?: \w+ly| also| not| so| very)?$")
_WIKIPEDIA = ["homograph", "wordid", "sentence", "start", "end"]


@dataclass(frozen=True, slots=True)
class Options:
    rounds: int = 10
    rate: float = 0.15
    decay: float = 3e-6  # of each weight that is touched, by AdaGrad's rate (L2)
    rarest: float = 2.0  # a feature that fewer examples have, by their weight, is not kept
    weight: float = 4.0  # of an interface sentence beside one of a folder


class Example(NamedTuple):
    word: str  # as written
    previous: str
    following: str
    reading: str
    text: str


def examples_of(folder: Path) -> Iterator[Example]:
    """Of all WORD.tsv of a folder. Raises TextError that names file and line."""
    labels = dict(line.split() for line in LABELS.read_text(encoding="utf-8").splitlines() if line)
    for path in sorted(folder.glob("*.tsv")):
        if path.name == "wordids.tsv":
            continue
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t"))
        if not rows or rows[0] != _WIKIPEDIA:
            raise TextError(f"{path}:1: expected the columns {' '.join(_WIKIPEDIA)}")
        for number, row in enumerate(rows[1:], 2):
            if len(row) != len(_WIKIPEDIA) or row[1] not in labels or not (row[3] + row[4]).isdecimal():
                raise TextError(f"{path}:{number}: expected a word, one of its labels, a sentence, and two numbers of bytes")
            data = row[2].encode()
            start, end = int(row[3]), int(row[4])
            previous, following = sentence_around(words_of(data[:start].decode()), words_of(data[end:].decode()))
            reading = "adj" if row[1] == "upset_nou" and _FELT.search(previous) else labels[row[1]]
            yield Example(data[start:end].decode(), previous, following, reading, row[2])


def interface_examples(path: Path) -> Iterator[Example]:
    """Of a file of sentences with the readings of words in them. Raises TextError that names file and line."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        sentence, _, readings = line.partition("\t")
        words = words_of(sentence)
        for wanted in readings.split():
            word, _, reading = wanted.partition("=")
            at = next((i for i, other in enumerate(words) if other.lower() == word), -1)
            if at < 0 or not reading:
                raise TextError(f"{path}:{number}: {wanted!r} names no word of the sentence; expected word=reading")
            yield Example(words[at], *sentence_around(words[:at], words[at + 1 :]), reading, sentence)


def words_of(text: str) -> list[str]:
    """The words of a text as the reader hands them on: a comma where a phrase ends, a stop where a sentence does."""
    found: list[str] = []
    for match in _WORD.finditer(text):
        mark = match[0]
        if mark[0].isalnum():
            found.append(mark.replace("’", "'"))
        elif found and found[-1] not in (",", STOP):
            if mark in ".?!":
                found += [STOP] if len(found[-1]) > 2 or mark != "." else []  # "St. Mary" goes on
            else:
                found.append(",")
    return found


def sentence_around(before: list[str], after: list[str]) -> tuple[str, str]:
    """What of the words before and after one belongs to its sentence."""
    begin = max((i + 1 for i, word in enumerate(before) if word == STOP), default=0)
    end = after.index(STOP) if STOP in after else len(after)
    return " ".join(before[begin:]), " ".join(after[:end])


def apart(example: Example) -> bool:
    """Whether this sentence belongs to the tenth that is never trained on."""
    return crc32(example.text.encode()) % 10 == 0


class Seen(NamedTuple):
    names: Sequence[int]  # hashes of its features for each reading but the first, one after the other
    ends: Sequence[int]  # where those of each end
    truth: int
    weight: float


def seen(heteronyms: Heteronyms, example: Example, weight: float) -> Seen | None:
    """None where nothing is to be learned: a strong clue decides."""
    found = heteronyms.look(example.word, example.previous, example.following)
    if found is None:
        raise UsageError(f"{example.word!r} is not in heteronyms.txt, or has one pronunciation")
    if found.certain:
        return None
    groups = heteronyms.groups(found.stem)
    truth = next((i for i, names in enumerate(groups) if example.reading in names), -1)
    if truth < 0:
        raise UsageError(f"{example.word!r} has no reading {example.reading!r} in heteronyms.txt")
    names: list[int] = []
    ends = []
    for group in groups[1:]:
        for key in keys(found.stem, found.suffix, group, groups[0]):
            prefix = crc32(key)
            names += [crc32(feature.encode(), prefix) for feature in found.features]
        ends.append(len(names))
    return Seen(names, ends, truth, weight)


def fit(examples: Sequence[Seen], options: Options) -> dict[int, float]:
    """Weights by hash: the gradient of the log likelihood, one example at a time, steps by AdaGrad, averaged over rounds."""
    times: dict[int, float] = {}
    for example in examples:
        for name in example.names:
            times[name] = times.get(name, 0.0) + example.weight
    number = {name: i for i, name in enumerate(sorted(name for name, n in times.items() if n >= options.rarest))}
    prepared = []
    for example in examples:
        begin, parts = 0, []
        for end in example.ends:
            known = [number[name] for name in example.names[begin:end] if name in number]
            parts.append(np.array(known, np.int64))
            begin = end
        prepared.append((parts, example.truth, example.weight))
    weights, squares, total = (np.zeros(len(number)) for _ in range(3))
    order = np.arange(len(prepared))
    random = np.random.default_rng(1)
    for round_number in range(options.rounds):
        random.shuffle(order)
        for index in order:
            _step(weights, squares, *prepared[index], options)
        if round_number >= options.rounds // 2:
            total += weights
    total /= options.rounds - options.rounds // 2
    return {name: float(total[i]) for name, i in number.items()}


def _step(
    weights: npt.NDArray[np.float64], squares: npt.NDArray[np.float64], parts: list[npt.NDArray[np.int64]], truth: int,
    weight: float, options: Options,
) -> None:  # fmt: skip
    scores = np.array([0.0, *(weights[part].sum() for part in parts)])
    probabilities = np.exp(scores - scores.max())
    probabilities /= probabilities.sum()
    for reading, part in enumerate(parts, 1):
        gradient = weight * (float(truth == reading) - probabilities[reading])
        squares[part] += gradient * gradient
        weights[part] += options.rate * (gradient / np.sqrt(squares[part] + 1e-3) - options.decay * weights[part])


def build(folders: Sequence[Path], texts: Iterable[Path], out: Path, options: Options) -> Iterator[str]:
    """Train, write the model `out`, and try it on the tenth that was set apart; yields lines that say what came of it.

    Raises UsageError, TextError that say what is wrong with what.
    """
    if out.is_dir() or not out.parent.is_dir():
        raise UsageError(f"{out}: expected a file to write in a directory that is there")
    if missing := next((folder for folder in folders if not folder.is_dir()), None):
        raise UsageError(f"{missing}: no such folder; expected one of WORD.tsv, as in WikipediaHomographData")
    heteronyms = Heteronyms()
    known = [example for folder in folders for example in examples_of(folder)]
    own = [example for path in texts for example in interface_examples(path)]
    if not known and not own:
        raise UsageError("there is nothing to learn from; expected folders of WORD.tsv, or texts")
    learned = [seen(heteronyms, example, 1.0) for example in known if not apart(example)]
    learned += [seen(heteronyms, example, options.weight) for example in own]
    count = write(out, fit([example for example in learned if example is not None], options))
    yield f"{len(learned)} examples, {count} weights, {out.stat().st_size / 1e6:.2f} MB"
    if tried := [example for example in known if apart(example)]:
        wrong = sum(1 for _ in errors(Heteronyms(model=out), tried))
        yield f"{len(tried)} sentences set apart: {100 * (1 - wrong / len(tried)):.1f} % right"


def errors(heteronyms: Heteronyms, examples: Iterable[Example]) -> Iterator[tuple[Example, str]]:
    """The examples that are read otherwise, and how."""
    for example in examples:
        said = heteronyms.find(example.word, example.previous, example.following)
        found = heteronyms.look(example.word, example.previous, example.following)
        if found is None or said is None:
            raise UsageError(f"{example.word!r} is not in heteronyms.txt, or has one pronunciation")
        name = re.split(r"[+ ]", said[1])[0]
        if not any({name, example.reading} <= set(group) for group in heteronyms.groups(found.stem)):
            yield example, said[1]
