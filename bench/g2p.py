"""Pronunciation measured: phone error rate on held-out dictionary words and on given lists, size and speed.

    python bench/g2p.py [CMUDICT] [--list FILE]

CMUDICT is the dictionary's text (cmudict.dict). The packaged model has not seen `train.g2p.held_out` of its words and is
judged on them: edits to the nearest variant, without stress, over the phones of that variant. --list (oov_dev.txt beside
this file is one) holds lines "word: PHONES | PHONES", transcribed by hand; those words are judged through the whole
pronouncer, with and without the technical lexicon, cot/caught and reduced vowels not counted (AO=AA, IH=UH=AH).
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

from commandline import run, text_of

from speechd_neural.errors import TextError, UsageError
from speechd_neural.text.english.pronounce import g2p
from speechd_neural.text.english.pronounce.pronouncer import Pronouncer, fold
from speechd_neural.text.english.symbols import PHONES
from speechd_neural.train import g2p as trainer
from speechd_neural.train.graphones import plain
from speechd_neural.types import Phones

KNOWN = frozenset(plain(PHONES))
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


def held_out(source: Path) -> None:
    words = trainer.held_out(source)
    if not words:
        raise TextError(f"{source}: too few words to leave some out; accepted: CMUdict's text, cmudict.dict")
    plain_variants: dict[str, list[Phones]] = {}
    stressed: dict[str, list[Phones]] = {}
    for word, phones in trainer.load(source):
        stressed.setdefault(word, []).append(phones)
        plain_variants.setdefault(word, []).append(plain(phones))
    model = g2p.LetterToSound()
    guesses = [model.phones(word) for word in words]
    print("held out, without stress:", score([plain(g) for g in guesses], [plain_variants[w] for w in words]))
    print("held out, with stress:   ", score(guesses, [stressed[w] for w in words]))


def read_list(path: Path) -> dict[str, list[Phones]]:
    """Word -> its variants. Raises TextError that names the line."""
    accepted = 'lines "word: PHONES | PHONES" in ARPAbet without stress'
    gold: dict[str, list[Phones]] = {}
    for number, line in enumerate(text_of(path, accepted).splitlines(), 1):
        word, _, phones = line.partition(":")
        variants = [variant.lower().split() for variant in phones.split("|")]
        if not line.strip() or line.startswith("#"):
            continue
        if not word.strip() or not all(variants) or not {p for variant in variants for p in variant} <= KNOWN:
            raise TextError(f"{path}:{number}: not a word and its phones; accepted: {accepted}")
        gold[word.strip()] = [lenient(variant) for variant in variants]
    return gold


def by_hand(path: Path, gold: dict[str, list[Phones]]) -> None:
    model = g2p.LetterToSound()
    whole, bare = Pronouncer(), Pronouncer(technical=False)
    words = [word for word in gold if bare.phones(word)[1] != "dictionary"]
    unlisted = [word for word in words if whole.phones(word)[1] != "lexicon"]
    listed = len(words) - len(unlisted)

    def judge(what: str, chosen: list[str], say: Callable[[str], Phones]) -> None:
        result = "none" if not chosen else score([lenient(plain(say(word))) for word in chosen], [gold[word] for word in chosen])
        print(f"{path.name}, {what}: {result}")

    judge("letter-to-sound model alone", words, lambda word: model.phones(fold(word)))
    judge("technical lexicon off", words, lambda word: bare.phones(word)[0])
    judge(f"technical lexicon on ({listed} of the words are in it)", words, lambda word: whole.phones(word)[0])
    judge("technical lexicon on, its words left out", unlisted, lambda word: whole.phones(word)[0])


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


def unknown_words() -> None:
    """Words that no dictionary has, of every length."""
    pick = random.Random(1)
    model = g2p.LetterToSound()
    model.phones("warm")
    gc.freeze()  # torch, which only the trainer needs, is not to be swept here
    for length in (5, 8, 12, 20, 30, 48):
        times = []
        for _ in range(60):
            word = "".join(pick.choice("bcdfghklmnprstvz") + pick.choice("aeiou") for _ in range(length // 2 + 1))[:length]
            started = time.process_time()
            model.phones(word)
            times.append(1e3 * (time.process_time() - started))
        times.sort()
        print(f"unknown words of {length} letters: median {times[30]:.1f} ms, slowest {times[-1]:.1f} ms of CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cmudict", type=Path, nargs="?")
    parser.add_argument("--list", type=Path)
    arguments = parser.parse_args()
    gold = read_list(arguments.list) if arguments.list else {}
    if arguments.cmudict and not arguments.cmudict.is_file():
        raise UsageError(f"{arguments.cmudict}: no such file; accepted: CMUdict's text, cmudict.dict")
    print(f"{platform.machine()}, {os.cpu_count()} cores, 1 thread used, Python {platform.python_version()}")
    print(f"model {g2p.DEFAULT.stat().st_size / 1e6:.2f} MB")
    speed()
    unknown_words()
    if arguments.list:
        by_hand(arguments.list, gold)
    if arguments.cmudict:
        held_out(arguments.cmudict)


if __name__ == "__main__":
    run(main)
