"""Texts that make attention-based voices skip, repeat or run away; each is judged by alignment coverage and by its length.

    python bench/hard_inputs.py [--voice DIR]

A text fails when the voice gives up, when a phone got no time or the order is broken, or when the sound is shorter or
longer than its symbols allow (40 ms and 260 ms a phone, pauses aside). Prints the failures and a summary.
"""

from __future__ import annotations

import argparse
import platform
import random
from collections.abc import Iterator
from pathlib import Path

from commandline import run

from speechd_neural.errors import SynthesisError
from speechd_neural.paths import packaged_voices
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Kind, Segment, Settings
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.store import DEFAULT

WORDS = """the of and window file open save close battery network settings keyboard language message folder document
printer account password available important information running button because through thought strength sixths""".split()


def texts() -> Iterator[tuple[Kind, str]]:
    rng = random.Random(7)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        yield Kind.CHAR, letter
        yield Kind.TEXT, letter.upper()
    for digit in "0123456789":
        yield Kind.CHAR, digit
    for word in WORDS:
        yield Kind.TEXT, f"{word.capitalize()}."
        yield Kind.TEXT, " ".join([word] * rng.randint(3, 12))
    for word in ("no", "ha", "very", "bye", "ping"):
        yield Kind.TEXT, " ".join([word] * 30)
        yield Kind.TEXT, ", ".join([word] * 30)
    for length in (4, 7, 8, 10, 12, 16, 19, 24, 32, 48, 64):
        for _ in range(6):
            yield Kind.TEXT, "".join(rng.choice("0123456789") for _ in range(length))
            yield Kind.TEXT, " ".join(rng.choice("0123456789") for _ in range(length))
    for _ in range(60):
        yield Kind.TEXT, " ".join(rng.choice(WORDS) for _ in range(60))
    for _ in range(40):
        name = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(3, 9)))
        host = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789-") for _ in range(rng.randint(4, 12))).strip("-")
        yield Kind.TEXT, f"{name}@{host}.org"
        yield Kind.TEXT, f"https://www.{host}.com/{name}/{rng.randint(1, 9999)}.html"
        yield Kind.TEXT, " ".join(f"{name} at {host}")
    for _ in range(60):
        yield Kind.TEXT, " ".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(rng.randint(2, 40)))
    for text in "a|I|A a a a a|Hmm|Mmm mm|Shh|Psst|Aaaaaaaah|Zzzzzz|x y z x y z x y z|?|Oh! Oh? Oh.".split("|"):
        yield Kind.TEXT, text
    for _ in range(40):
        yield Kind.TEXT, "".join(rng.choice("bcdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 20)))


def wrong(segment: Segment, engine: object) -> str | None:
    """What is wrong with this segment's sound, or None."""
    spans: dict[int, tuple[int, int]] = {}
    length = 0
    rate = engine.info.sample_rate  # type: ignore[attr-defined]
    try:
        for chunk in engine.synthesize(segment, seed=1, cancelled=lambda: False):  # type: ignore[attr-defined]
            length += len(chunk.samples)
            for span in chunk.spans:
                if span.symbol in spans:
                    return f"symbol {span.symbol} told twice"
                spans[span.symbol] = (span.start, span.end)
    except SynthesisError as error:
        return f"gave up: {error}"
    phones = [i for i, s in enumerate(segment.symbols) if s[0].isalpha()]
    pauses = len([s for s in segment.symbols if s in ",.?!"])
    at = 0
    for index in sorted(spans):
        start, end = spans[index]
        if start < at or end < start:
            return f"symbol {index} starts at {start}, before {at}"
        at = end
    silent = [segment.symbols[i] for i in phones if i not in spans]
    if silent:
        return f"{len(silent)} phones without a place: {' '.join(silent[:5])}"
    seconds = length / rate
    if not 0.04 * len(phones) <= seconds <= 0.26 * len(phones) + 0.4 * pauses + 0.2:
        return f"{seconds:.2f} s for {len(phones)} phones"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", type=Path, default=packaged_voices() / DEFAULT)
    arguments = parser.parse_args()
    engine, front_end = load_engine(arguments.voice), FrontEnd(English())
    count = failures = segments = 0
    for kind, text in texts():
        count += 1
        for segment in front_end.segments(text, kind, Settings()):
            if segment.symbols:
                segments += 1
                reason = wrong(segment, engine)
                if reason:
                    failures += 1
                    print(f"{kind} {text[:60]!r}: {reason}")
    print(f"{platform.processor() or platform.machine()}, voice {engine.info.identifier}")
    print(f"{count} texts, {segments} segments, {failures} failures")


if __name__ == "__main__":
    run(main)
