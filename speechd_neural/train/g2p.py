"""Trains the letter-to-sound model from CMUdict: cuts words into graphones, trains the network and the n-gram, writes both.

`HELD_OUT` words of the dictionary are never trained on, so that the packaged model can be measured on them (bench/g2p.py);
when speaking they are found in the dictionary.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from speechd_neural.errors import UsageError
from speechd_neural.text.english.pronounce import g2p
from speechd_neural.text.token import one_stress
from speechd_neural.train import dictionary, ngram, tagger
from speechd_neural.train.graphones import align
from speechd_neural.types import Phones

RAREST = 3  # a graphone seen less often is an accident of a few foreign words, which are left out
MOST = 253  # graphones; with the two edges of a word, their numbers fit a byte
HELD_OUT = 2000


@dataclass
class Options:
    rounds: int = 6  # of the alignment
    order: int = 5  # of the n-gram
    prune: float = 1.5  # weighted difference in nats below which an entry of the n-gram is dropped
    network: tagger.Options = field(default_factory=tagger.Options)


def load(source: Path, without: frozenset[str] = frozenset()) -> list[tuple[str, Phones]]:
    """(word, phones) of the words of two letters or more, all variants, of a cmudict.dict.

    With one kind of stress: which of a word's stresses is the primary one is left to a rule (`text.english.pronounce.stress`).
    """
    return [
        (word, one_stress(dictionary.to_symbols(word, arpabet, reduce=False)))
        for word, arpabet in dictionary.read_cmudict(source)
        if word not in without and re.fullmatch("[a-z]{2,}", word)
    ]


def held_out(source: Path) -> list[str]:
    """The words of a cmudict.dict that are left out of training: the same ones each time."""
    words = sorted({word for word, _ in load(source)})
    return random.Random(5).sample(words, min(HELD_OUT, len(words) // 10))


def train(pairs: Sequence[tuple[str, Phones]], options: Options, checkpoint: Path, say: Callable[[str], None]) -> bytes:
    """The model's file from (word, phones) pairs. The network's training goes on from `checkpoint` if it is there."""
    words = align(pairs, options.rounds, say)
    seen = Counter(graphone for word in words for graphone in word)
    graphones = sorted((g for g, times in seen.items() if times >= RAREST), key=lambda g: (-seen[g], g))[:MOST]
    number = {graphone: i for i, graphone in enumerate(graphones)}
    numbered = [[number[g] for g in word] for word in words if all(g in number for g in word)]
    say(f"{len(numbered)} of {len(pairs)} pronunciations, {len(graphones)} graphones")
    # From the end of the words: in English it says more about stress and vowels than the start.
    tokens = [[i + g2p.FIRST for i in reversed(word)] for word in numbered]
    levels = ngram.prune(ngram.count(tokens, len(graphones) + g2p.FIRST, options.order), options.prune)
    rules = ngram.to_bytes(levels, backward=True)
    say(f"n-gram: {' '.join(str(len(level.token)) for level in levels)} entries, {len(rules) / 1e6:.2f} MB")
    network = tagger.train(numbered, [letter for letter, _ in graphones], checkpoint, options.network)
    say(f"network: {len(network) / 1e6:.2f} MB")
    text = "".join(f"{letter}:{' '.join(phones)}\n" for letter, phones in graphones).encode("ascii")
    return g2p.HEADER.pack(g2p.MAGIC, len(text), 0) + text + bytes(-len(text) % 4) + network + rules


def build(source: Path, out: Path, options: Options, packed: Path | None = None) -> None:
    """Write the model `out` (and the dictionary `packed`) from a cmudict.dict; OUT.pt and OUT.log.jsonl stay beside it."""
    if not source.is_file():
        raise UsageError(f"{source}: no such file; accepted: CMUdict's text, cmudict.dict")
    if out.is_dir() or not out.parent.is_dir():
        raise UsageError(f"{out}: expected a file to write in a directory that is there")  # said before an hour of training
    if packed:
        print(f"{packed}: {dictionary.build(source, packed)} words")
    data = train(load(source, frozenset(held_out(source))), options, out.with_suffix(".pt"), print)
    out.write_bytes(data)
    print(f"{out}: {len(data) / 1e6:.2f} MB")
