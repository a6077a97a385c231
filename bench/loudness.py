"""Even loudness: letters, digits, words, sentences and paragraphs as the voice speaks them at normal settings.

    python bench/loudness.py [--voice DIR] [--show 5]

For each kind of text: integrated loudness after ITU-R BS.1770-4 (K-weighting, gates; a sound too short for a block of
400 ms is one block) and active speech level after ITU-T P.56 (method B, at a step of 1 ms), the mean and the extremes.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics

import numpy as np
import numpy.typing as npt
from commandline import run

from speechd_neural import paths
from speechd_neural.audio.prosody import ProsodyStream, join_pause, pause_samples
from speechd_neural.core.phrases import seed_of
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Kind, Settings
from speechd_neural.voice.engine import NeuralEngine, load_engine
from speechd_neural.voice.store import find

Sound = npt.NDArray[np.float64]
WORDS = """button link heading menu window table list image open close selected checked expanded edit password file folder
search delete insert enter escape space page home end left right monday january""".split()
SENTENCES = """The house stood on a hill above the town.|Do you want to save your changes?|The file was not found.
It has rained since Tuesday morning.|Press Enter to open the selected folder.|She put three apples and a knife into the bag.
Nobody knew where the old road went.|Your battery is almost empty.|He sat down, and then he began to read.
Two of the five messages are new.""".replace("\n", "|").split("|")
PARAGRAPHS = (
    "The train was late again. People stood on the platform in small groups, looked at the board, and said nothing. When it "
    "came at last, nobody was in a hurry any more.",
    "A screen reader tells what is on the screen. It reads names, roles and states; it echoes what is typed; and it reads "
    "whole pages aloud. Those who use it all day listen much faster than others would believe.",
    "In the garden behind the house grew beans, onions and a single pear tree. Every autumn the children shook it. Most years "
    "nothing fell down but leaves, and once, to everybody's surprise, a cat.",
)
TEXTS: dict[str, list[tuple[str, Kind]]] = {
    "letters": [(letter, Kind.CHAR) for letter in "abcdefghijklmnopqrstuvwxyz"],
    "digits": [(digit, Kind.CHAR) for digit in "0123456789"],
    "words": [(word, Kind.TEXT) for word in WORDS],
    "sentences": [(sentence, Kind.TEXT) for sentence in SENTENCES],
    "paragraphs": [(paragraph, Kind.TEXT) for paragraph in PARAGRAPHS],
}


def k_weighted(samples: Sound, rate: int) -> Sound:
    """The two filters of BS.1770-4 (a shelf for the head, a high pass), their coefficients worked out for any rate."""
    size = len(samples) + rate  # room for the filters to ring out
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    k, q = math.tan(math.pi * 1681.974450955533 / rate), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    shelf = high + band * k / q + k * k + 2 * (k * k - high) * z + (high - band * k / q + k * k) * z * z
    shelf /= 1 + k / q + k * k + 2 * (k * k - 1) * z + (1 - k / q + k * k) * z * z
    k, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    first = 1 + k / q + k * k
    high_pass = first * (1 - z) ** 2 / (first + 2 * (k * k - 1) * z + (1 - k / q + k * k) * z * z)
    return np.fft.irfft(np.fft.rfft(samples, size) * shelf * high_pass, size)[: len(samples)]


def integrated_loudness(samples: Sound, rate: int) -> float:
    """LUFS of a mono signal: blocks of 400 ms every 100 ms, gates at -70 LUFS and at 10 LU below what passes that."""
    block = min(len(samples), round(0.4 * rate))
    squares = np.concatenate([[0.0], np.cumsum(k_weighted(samples, rate) ** 2)])
    starts = np.arange(0, len(samples) - block + 1, round(0.1 * rate))
    powers = (squares[starts + block] - squares[starts]) / block
    powers = powers[powers > 10 ** ((-70 + 0.691) / 10)]
    powers = powers[powers > powers.mean() / 10]
    return float(-0.691 + 10 * np.log10(powers.mean()))


def active_speech_level(samples: Sound, rate: int) -> float:
    """dB of full scale over the time in which somebody speaks: the envelope within 15.9 dB of the level, and 200 ms more."""
    step = rate // 1000
    count = len(samples) // step
    envelope, first, second, share = np.empty(count), 0.0, 0.0, math.exp(-0.001 / 0.03)
    for n, value in enumerate(np.abs(samples[: count * step]).reshape(count, step).mean(axis=1)):
        first = share * first + (1 - share) * value
        envelope[n] = second = share * second + (1 - share) * first
    energy = float(np.sum(samples**2))
    before: tuple[float, float] | None = None  # level, and how far above the threshold it is
    for threshold in range(-75, 0):  # dB
        above = envelope >= 10 ** (threshold / 20)
        active = np.convolve(above, np.ones(201))[:count] > 0.5
        if not above.any():
            break
        level = 10 * math.log10(energy / (active.sum() * step))
        if level - threshold <= 15.9:
            if before is None:
                return level
            part = (before[1] - 15.9) / (before[1] - (level - threshold))
            return before[0] + part * (level - before[0])
        before = level, level - threshold
    return before[0] if before else -math.inf


def spoken(front: FrontEnd, engine: NeuralEngine, text: str, kind: Kind) -> Sound:
    settings, rate, parts = Settings(speed=1.0), engine.info.sample_rate, []
    for segment in front.segments(text, kind, settings):
        stream = ProsodyStream(rate, settings, segment.prosody, segment.symbols)
        if parts:
            parts.append(np.zeros(pause_samples(join_pause((".",)), rate, settings), np.int16))
        parts += [stream.feed(c) for c in engine.synthesize(segment, seed=seed_of(segment), cancelled=lambda: False)]
        parts.append(stream.flush())
    return np.concatenate(parts).astype(np.float64) / 32768


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", help="a voice's name or directory")
    parser.add_argument("--show", type=int, default=3, help="how many of the quietest and loudest to name")
    arguments = parser.parse_args()
    engine = load_engine(find(arguments.voice, (paths.user_voices(), paths.packaged_voices())))
    front, rate = FrontEnd(English()), engine.info.sample_rate
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}; voice {engine.info.name}")
    means: dict[str, list[float]] = {"LUFS": [], "active level, dB": []}
    for kind, texts in TEXTS.items():
        sounds = [spoken(front, engine, *text) for text in texts]
        for (name, mean), measure in zip(means.items(), (integrated_loudness, active_speech_level), strict=True):
            found = sorted((measure(sound, rate), text) for sound, (text, _) in zip(sounds, texts, strict=True))
            values = [value for value, _ in found]
            mean.append(statistics.mean(values))
            print(f"{kind:<11} {len(texts):>3}  {name:<17} mean {mean[-1]:6.1f}  {values[0]:6.1f} to {values[-1]:6.1f}", end="  ")
            print(", ".join(f"{text[:12]} {value:.1f}" for value, text in found[: arguments.show] + found[-arguments.show :]))
    for name, mean in means.items():
        print(f"{name}: the kinds' means are within {max(mean) - min(mean):.1f} dB")


if __name__ == "__main__":
    run(main)
