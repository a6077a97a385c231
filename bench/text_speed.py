"""How fast the text front end is: time per character, time to the first segment, symbols alone, time to read markup.

    python bench/text_speed.py [--text FILE]

The default text is made of sentences with names, numbers and abbreviations, no two alike, so that caches of words
help no more than they do in a real text. Prints medians of CPU time (a busy machine does not change them much); one thread.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import string
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from commandline import run, text_of

from speechd_neural import expressions
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.text.ssml import scan
from speechd_neural.types import Kind, Punctuation, Settings

WORDS = (
    "time person year way day thing man world life hand part child eye woman place work week case point government company "
    "number group problem fact be have do say get make go know take see come think look want give use find tell ask seem "
    "feel try leave call good new first last long great little own other old right big high different small large next early "
    "young important few public bad same able window button menu file folder keyboard screen reader browser message "
    "settings network download printer document language paragraph selected checkbox unavailable notification"
).split()
NAMES = "Smith Johnson Okafor Müller Nguyen Kowalski Petrova Ramirez Tanaka Lindqvist Abernathy Zhang".split()


def prose(length: int, seed: int = 1) -> str:
    """Sentences of `length` code points or a little more."""
    pick = random.Random(seed)
    sentences: list[str] = []
    size = 0
    while size < length:
        words = [pick.choice(WORDS) for _ in range(pick.randint(4, 22))]
        words[0] = words[0].capitalize()
        for _ in range(len(words) // 8):
            words[pick.randrange(1, len(words))] = pick.choice(
                [f"Dr. {pick.choice(NAMES)}", f"{pick.randint(1, 99999):,}", f"${pick.random() * 100:.2f}", "e.g.", "and,",
                 f"{pick.randint(1, 12)}:{pick.randint(10, 59)} p.m.", f"May {pick.randint(1, 28)}, {pick.randint(1900, 2030)}"]
            )  # fmt: skip
        sentences.append(" ".join(words) + pick.choice(".....?!"))
        size += len(sentences[-1]) + 1
    return " ".join(sentences)


def marked(text: str) -> str:
    """As Orca sends it: a mark before every word."""
    out, at = [], 0
    for word in text.split(" "):
        escaped = word.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        out.append(f'<mark name="{at}:{at + len(word)}"/>{escaped} ')
        at += len(word) + 1
    return "<speak>" + "".join(out) + "</speak>"


SIGNS = string.punctuation + "…–—‘’“”•·×½²€£°±≤★✓→«»"


def symbols(front_end: FrontEnd) -> None:
    """Texts of nothing but symbols, which are all named at level "all": the most that a code point can cost."""
    asked = Settings(punctuation=Punctuation.ALL)
    pick = random.Random(1)

    def cost(text: str, times: int) -> float:
        """Microseconds a code point, the least of several runs."""
        spent = []
        for _ in range(times):
            began = time.process_time()
            sum(1 for _ in front_end.segments(text, Kind.TEXT, asked))
            spent.append(time.process_time() - began)
        return min(spent) / len(text) * 1e6

    cost(" ".join(SIGNS), 1)
    for name, signs in (
        ("ASCII", string.punctuation),
        ("ASCII and blanks", string.punctuation + " " * 8),
        ("all", SIGNS),
    ):
        print(f"symbols at random, {name}: {cost(''.join(pick.choices(signs, k=5000)), 5):.1f} us a code point")
    pairs = {one + other: cost((one + other) * 150, 3) for one in SIGNS for other in SIGNS}
    # What came out worst may only have been interrupted: once more, and longer.
    worst = {pair: cost(pair * 1000, 5) for pair in sorted(pairs, key=lambda pair: -pairs[pair])[:20]}
    named = ", ".join(f"{pair} {worst[pair]:.1f}" for pair in sorted(worst, key=lambda pair: -worst[pair])[:5])
    print(
        f"two symbols by turns, {len(pairs)} pairs: median {statistics.median(pairs.values()):.1f}, worst {named} us a code point"
    )


DEAR = ("5", "30-40%", "1,2,3", "2+2=4", "9:30", "$5", "i", "IV", "No. 5", "I-95", "a-z", "x–y", "C-x", "C++", "3.5.", "…", "😂",
        "(◕‿◕)", ":-)")  # fmt: skip


def numbers(front_end: FrontEnd) -> None:
    """Short things again and again, which no table of words makes cheaper."""
    for level in (Punctuation.NONE, Punctuation.ALL):
        asked = Settings(punctuation=level)
        found = []
        for one in DEAR:
            text = (one + " ") * (2000 // (len(one) + 1))
            spent = median(lambda text=text, asked=asked: sum(1 for _ in front_end.segments(text, Kind.TEXT, asked)), 3)  # type: ignore[misc]
            found.append((spent / len(text) * 1e6, one))
        named = ", ".join(f"{one} {cost:.0f}" for cost, one in sorted(found, reverse=True))
        print(f"again and again at level {level.value}: {named} us a code point")


def median(work: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return statistics.median(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, help="a text of your own")
    options = parser.parse_args()
    text = text_of(options.text, "a text file in UTF-8") if options.text else prose(100_000)
    began = time.process_time()
    front_end = FrontEnd(English())
    next(front_end.segments("Hello there, one two 3."))
    print(f"device: {platform.processor() or platform.machine()}, 1 thread, Python {platform.python_version()}")
    print(f"first segment ever (dictionaries read): {(time.process_time() - began) * 1e3:.0f} ms")
    expressions.compile_all()  # as the daemon does, two seconds after its first message
    cold = time.process_time()
    count = sum(1 for _ in front_end.segments(text))
    cold = time.process_time() - cold
    print(f"text of {len(text)} code points, {count} segments, cold: {cold / len(text) * 1e6:.1f} us a code point")
    warm = median(lambda: list(front_end.segments(text)), 3)
    print(f"the same again: {warm / len(text) * 1e6:.1f} us a code point")
    for name, source, kind in (("plain", text, Kind.TEXT), ("marked up", marked(text), Kind.SSML)):
        first = median(lambda source=source, kind=kind: next(front_end.segments(source, kind)), 25)  # type: ignore[misc]
        fresh = []
        for seed in range(25):
            other = prose(100_000, seed + 100)
            other = other if kind is Kind.TEXT else marked(other)
            began = time.process_time()
            next(front_end.segments(other, kind))
            fresh.append(time.process_time() - began)
        print(
            f"first segment of a {name} text of 100,000: {first * 1e3:.2f} ms; of others, never seen:"
            f" median {statistics.median(fresh) * 1e3:.2f}, worst of 25 {max(fresh) * 1e3:.2f} ms"
        )
    symbols(front_end)
    numbers(front_end)
    for name, source in (
        ("a mark before every word", marked(prose(400_000))[:1_000_000]),
        ("paragraphs of plain text", "".join(f"<p>{prose(900, n)}</p>" for n in range(1100))[:1_000_000]),
        ("an entity every ten characters", ("some text&amp;" * 80_000)[:1_000_000]),
    ):
        print(f"1 MB of markup, {name}: {median(lambda source=source: sum(1 for _ in scan(source)), 5) * 1e3:.0f} ms")  # type: ignore[misc]


if __name__ == "__main__":
    run(main)
