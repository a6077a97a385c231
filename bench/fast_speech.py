"""Word errors in fast speech: uneven compression, which is what the program does, even compression, and libsonic's.

    python bench/fast_speech.py [--voice DIR] [--speeds 2 3 4] [--sentences 40] [--seed 1]

Needs the `verify` extra; libsonic takes part where its program `sonic` (Debian: sonic) is found. Semantically
unpredictable sentences are made of the seed. PocketSphinx knows their patterns and words, so a voice is given each
sentence once and that sound is made faster in all ways, to the very length that the uneven way gives it. Prints the word
error rate of each and how much more or less it is than the others', with a paired bootstrap interval of 95 %. Forty
sentences show gross faults only; 200 of them tell 2 % apart.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from commandline import run
from listening import Listener, Sound, chunks, compared, rate_of, segments, sentences, written

from speechd_neural.audio.prosody import ProsodyStream
from speechd_neural.commands.bench import processor
from speechd_neural.core.engine import Engine, SpeechChunk
from speechd_neural.paths import packaged_voices
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Prosody, Settings
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.store import DEFAULT

Spoken = list[tuple[Sequence[str], list[SpeechChunk]]]  # a sentence: symbols and sound of its segments


def faster(engine: Engine, spoken: Spoken, speed: float, uneven: bool) -> Sound:
    """Without symbols the program does not know the sounds, and compresses evenly."""
    pieces = []
    for symbols, sound in spoken:
        known = symbols if uneven else ()
        info = engine.info
        stream = ProsodyStream(info.sample_rate, Settings(speed=speed), Prosody(), known, natural_wpm=info.words_per_minute)
        pieces += [*(stream.feed(chunk) for chunk in sound), stream.flush()]
    return np.concatenate(pieces)


def sonic(sound: Sound, rate: int, speed: float) -> Sound:
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.wav", Path(folder) / "after.wav"
        with wave.open(str(before), "wb") as file:
            file.setparams((1, 2, rate, 0, "NONE", ""))
            file.writeframes(sound.tobytes())
        subprocess.run(["sonic", "-s", f"{speed:.4f}", str(before), str(after)], check=True, capture_output=True)
        with wave.open(str(after)) as file:
            return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", type=Path, default=packaged_voices() / DEFAULT)
    parser.add_argument("--speeds", type=float, nargs="+", default=[2, 3, 4])
    parser.add_argument("--sentences", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1, help="of the sentences")
    options = parser.parse_args()
    engine, front = load_engine(options.voice), FrontEnd(English())
    rate, said = engine.info.sample_rate, sentences(options.sentences, options.seed)
    print(f"{processor()}, 1 thread; voice {engine.info.identifier}; {len(said)} sentences ({sum(map(len, said))} words) of "
          f"seed {options.seed}, such as {written(said[0])!r}")  # fmt: skip
    spoken: list[Spoken] = [[(s.symbols, chunks(engine, s)) for s in segments(front, words)] for words in said]
    natural = [faster(engine, sentence, 1, uneven=False) for sentence in spoken]
    print(f"speed 1: {rate_of(Listener().errors(natural, rate, said), said):.1f} % of the words wrong")
    if not shutil.which("sonic"):
        print("libsonic is left out: there is no program 'sonic' here (Debian: apt install sonic)")
    for speed in options.speeds:
        ways = {"uneven": [faster(engine, sentence, speed, uneven=True) for sentence in spoken]}
        factors = [len(whole) / len(part) for whole, part in zip(natural, ways["uneven"], strict=True)]
        ways["even"] = [faster(engine, *pair, uneven=False) for pair in zip(spoken, factors, strict=True)]
        if shutil.which("sonic"):
            ways["libsonic"] = [sonic(sound, rate, factor) for sound, factor in zip(natural, factors, strict=True)]
        listener = Listener(speed)
        errors = {way: listener.errors(sounds, rate, said) for way, sounds in ways.items()}
        figures = ", ".join(f"{way} {rate_of(wrong, said):.1f} %" for way, wrong in errors.items())
        against = ", ".join(f"{way} {compared(errors['uneven'], errors[way], said)}" for way in errors if way != "uneven")
        print(f"speed {speed:g} ({np.mean(factors):.2f}): {figures}; uneven against {against}", flush=True)


if __name__ == "__main__":
    run(main)
