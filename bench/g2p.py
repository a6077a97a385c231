"""Pronunciation measured: phone error rate on held-out dictionary words and on a given list, size and speed.

    python bench/g2p.py CMUDICT [--words 2000] [--seed 5] [--list FILE] [--prune 1.5 3 --orders 7 6]

CMUDICT is the dictionary's text (cmudict.dict). A model is trained without the held-out words and judged on them:
edits to the nearest variant, without stress, over the phones of that variant. --list holds lines "word: PHONES | PHONES",
transcribed by hand; those words are judged through the whole pronouncer with the packaged model, with and without the
technical lexicon, cot/caught and reduced vowels not counted (AO=AA, IH=UH=AH).
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from speechd_neural.text import g2p
from speechd_neural.text.pronounce import Pronouncer
from speechd_neural.train import dictionary
from speechd_neural.train import g2p as trainer

Phones = tuple[str, ...]
LENIENT = {"ao": "aa", "ih": "ah", "uh": "ah"}


def edits(a: Sequence[str], b: Sequence[str]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (x != y)))
        row = new
    return row[-1]


def score(guesses: Sequence[Sequence[str]], references: Sequence[Sequence[Phones]]) -> str:
    wrong_phones = phones = wrong_words = 0
    for guess, variants in zip(guesses, references, strict=True):
        error, length = min((edits(guess, variant), len(variant)) for variant in variants)
        wrong_phones, phones, wrong_words = wrong_phones + error, phones + length, wrong_words + (error > 0)
    return f"PER {100 * wrong_phones / phones:.2f} %, words wrong {100 * wrong_words / len(guesses):.1f} % of {len(guesses)}"


def lenient(phones: Sequence[str]) -> Phones:
    return tuple(LENIENT.get(phone, phone) for phone in phones)


def held_out(arguments: argparse.Namespace) -> None:
    variants: dict[str, list[Phones]] = {}
    stressed: dict[str, list[Phones]] = {}
    for word, arpabet in dictionary.read_cmudict(arguments.cmudict):
        if re.fullmatch("[a-z]{2,}", word):
            variants.setdefault(word, []).append(tuple(p.lower().rstrip("012") for p in arpabet))
            stressed.setdefault(word, []).append(dictionary.to_symbols(word, arpabet))
    words = random.Random(arguments.seed).sample(sorted(variants), arguments.words)
    without = frozenset(words)
    started = time.process_time()
    options = trainer.Options(orders=tuple(arguments.orders), prune=tuple(arguments.prune))
    data = trainer.train(trainer.load(arguments.cmudict, without), options, lambda line: print("   ", line))
    print(f"trained without the held-out words in {time.process_time() - started:.0f} s of CPU, {len(data) / 1e6:.2f} MB")
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(data)
        file.flush()
        model = g2p.JointNgram(Path(file.name))
    started = time.process_time()
    guesses = [model.phones(word) for word in words]
    speed = len(words) / (time.process_time() - started)
    print("held out, without stress:", score([trainer.plain(g) for g in guesses], [variants[w] for w in words]))
    print("held out, with stress:   ", score(guesses, [stressed[w] for w in words]))
    print(f"{speed:.0f} words/s ({1000 / speed:.2f} ms a word)")


def by_hand(path: Path) -> None:
    gold: dict[str, list[Phones]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, colon, phones = line.partition(":")
        if colon and not line.startswith("#"):
            gold[word.strip()] = [tuple(variant.lower().split()) for variant in phones.split("|")]
    for technical in (False, True):
        pronouncer = Pronouncer(technical=technical)
        words = [w for w in gold if pronouncer._dictionary.get(w) is None]
        guesses = [pronouncer.phones(word) for word in words]
        result = score([lenient(trainer.plain(g)) for g, _ in guesses], [[lenient(v) for v in gold[w]] for w in words])
        listed = sum(why == "lexicon" for _, why in guesses)
        print(f"{path.name}, technical lexicon {'on' if technical else 'off'} ({listed} of its words are in it): {result}")
        ngram = g2p.JointNgram()
        if not technical:
            bare = [lenient(trainer.plain(ngram.phones(w))) for w in words]
            print(f"{path.name}, letter-to-sound model alone: {score(bare, [[lenient(v) for v in gold[w]] for w in words])}")


def speed() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    pronouncer = Pronouncer()
    ready = time.perf_counter()
    pronouncer.phones("settings")
    first = time.perf_counter()
    text = "the settings window record of file has been saved to localhost and closed"
    words = text.split()
    repeats = 2000
    for _ in range(repeats):
        for i, word in enumerate(words):
            pronouncer.phones(word, words[i - 1] if i else None, words[i + 1] if i + 1 < len(words) else None)
    running = (time.perf_counter() - first) / (repeats * len(words))
    lookup = time.perf_counter()
    for _ in range(repeats):
        for word in words:
            pronouncer._dictionary.get(word)
    found = (time.perf_counter() - lookup) / (repeats * len(words))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"text: {text}")
    start, early = 1e3 * (ready - started), 1e3 * (first - ready)
    print(f"start {start:.2f} ms, first word {early:.2f} ms, then {1e6 * running:.1f} µs a word")
    print(f"dictionary {1e6 * found:.1f} µs a lookup; resident +{grown} kB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cmudict", type=Path, nargs="?")
    parser.add_argument("--words", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--list", type=Path)
    parser.add_argument("--prune", type=float, nargs=2, default=trainer.Options.prune)
    parser.add_argument("--orders", type=int, nargs=2, default=trainer.Options.orders)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, 1 thread used, Python {platform.python_version()}")
    speed()
    if arguments.list:
        by_hand(arguments.list)
    if arguments.cmudict:
        held_out(arguments)


if __name__ == "__main__":
    main()
