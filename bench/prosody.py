"""Rate, pitch and volume on real speech: what they cost, and how exact they are.

    python bench/prosody.py FOLDER_WITH_WAV_FILES [--files 10]

FOLDER holds 16-bit mono recordings or synthesized sentences (with ID.lab beside them, lines "start end phone ...",
the uneven compression uses the phones). Prints, for each setting, the process time as a share of the sound put out
(medians over the files), the error of the duration, the factor on the pitch (of a copy made monotonous first, so that
only the method can change it) and the highest true peak.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from commandline import run, text_of

from speechd_neural.audio.loudness import true_peak
from speechd_neural.audio.prosody import ProsodyStream, speed_factor
from speechd_neural.errors import TextError, UsageError
from speechd_neural.types import Prosody, Settings

CHUNK = 0.1  # seconds


@dataclass
class Span:
    symbol: int
    start: int
    end: int


@dataclass
class Chunk:
    samples: np.ndarray
    spans: tuple[Span, ...] = ()
    f0: None = None


def read(path: Path) -> tuple[np.ndarray, int, list[str], list[Span]]:
    """Raises TextError that says what is accepted."""
    try:
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            if (file.getsampwidth(), file.getnchannels()) != (2, 1) or not file.getnframes():
                raise wave.Error("another format, or empty")
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32767
    except (wave.Error, EOFError, ValueError) as error:
        problem = str(error) or "it ends too early"
        raise TextError(f"{path}: {problem}; accepted: a WAV file of 16 bits, mono") from None
    symbols, spans = [], []
    if (labels := path.with_suffix(".lab")).exists():
        accepted = 'lines "start end phone", times in seconds'
        for number, line in enumerate(text_of(labels, accepted).splitlines()):
            try:
                start, end, phone = line.split()[:3]
                spans.append(Span(number, int(float(start) * rate), int(float(end) * rate)))
            except (ValueError, OverflowError):
                raise TextError(f"{labels}:{number + 1}: not a phone with its times; accepted: {accepted}") from None
            symbols.append("," if phone == "pau" else phone)
    return samples, rate, symbols, spans


def pitch(samples: np.ndarray, rate: int) -> float:
    """Median fundamental in Hz of the clearly voiced 40 ms frames, 60 to 400 Hz, by normalized autocorrelation."""
    size, found = rate // 25, []
    for start in range(0, len(samples) - 2 * size, rate // 100):
        frame = samples[start : start + 2 * size]
        if frame.std() < 0.02:
            continue
        low, high = rate // 400, rate // 60
        energy = np.cumsum(np.concatenate([[0.0], frame.astype(float) ** 2]))
        products = np.correlate(frame[: size + high], frame[:size], "valid")[low:high]
        energies = energy[size + low : size + high] - energy[low:high]
        alike = products / np.sqrt(energies * energy[size] + 1e-9)
        if alike.max() > 0.85:
            first = int(np.argmax(alike > 0.95 * alike.max()))  # the first peak: no octave errors
            found.append(rate / (low + first + int(np.argmax(alike[first : first + 8]))))
    return statistics.median(found) if found else 0.0


def spoken(samples: np.ndarray, rate: int, settings: Settings, wpm: float) -> np.ndarray:
    stream = ProsodyStream(rate, settings, natural_wpm=wpm)
    return np.concatenate([stream.feed(Chunk(samples)), stream.flush()]).astype(np.float32) / 32767


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=10)
    parser.add_argument("--wpm", type=float, default=194, help="words per minute of the files, as they are")
    arguments = parser.parse_args()
    paths = sorted(arguments.folder.glob("*.wav"))[: arguments.files]
    if not paths:
        raise UsageError(f"{arguments.folder}: no WAV files there; accepted: a directory with some, and --files 1 or more")
    sources = [read(path) for path in paths]
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    print(f"numpy {np.__version__}; {len(paths)} files of {arguments.folder}, chunks of {CHUNK} s, one thread")
    print(f"{'setting':<28} {'of real time':>12} {'first sound':>12} {'duration':>9} {'worst':>7} {'pitch':>8} {'true peak':>10}")
    plain: dict[int, tuple[int, float]] = {}
    flat = [spoken(samples, rate, Settings(speed=1.0, pitch_range=-100), arguments.wpm) for samples, rate, *_ in sources]
    for wanted in (
        {"speed": 1.0},
        {"rate": -100},
        {"rate": -50},
        {"rate": 50},
        {"rate": 100},
        {"speed": 3.0},
        {"speed": 4.0},
        {"rate": 200},
        {"pitch": 50},
        {"pitch": -50},
        {"rate": 50, "pitch": 50},
    ):
        settings = Settings(**wanted)
        costs, errors, pitches, peaks, firsts = [], [], [], [], []
        for number, (samples, rate, symbols, spans) in enumerate(sources):
            step = round(CHUNK * rate)
            chunks = []
            for start in range(0, len(samples), step):
                end = min(len(samples), start + step)
                chunks.append(Chunk(samples[start:end], tuple(s for s in spans if start < s.end <= end)))
            begin = time.process_time()
            stream = ProsodyStream(rate, settings, Prosody(), symbols, natural_wpm=arguments.wpm)
            pieces, first = [], 0.0
            for chunk in chunks:
                pieces.append(stream.feed(chunk))
                if not first and sum(map(len, pieces)):
                    first = time.process_time() - begin
            pieces.append(stream.flush())
            cost = time.process_time() - begin
            out = np.concatenate(pieces)
            if number not in plain:
                plain[number] = (len(out), pitch(flat[number], rate))
            length, natural = plain[number]
            costs.append(cost / (len(out) / rate))
            firsts.append(first)
            errors.append(length / speed_factor(settings, Prosody(), arguments.wpm) / len(out) - 1)
            pitches.append(pitch(spoken(flat[number], rate, settings, arguments.wpm), rate) / natural)
            peaks.append(true_peak(out / np.float32(32767)))
        name = ", ".join(f"{key} {value:g}" for key, value in wanted.items())
        print(
            f"{name:<28} {statistics.median(costs):>11.2%}  {1000 * statistics.median(firsts):>8.2f} ms "
            f"{statistics.mean(errors):>+9.2%} {max(errors, key=abs):>+7.2%} {statistics.median(pitches):>8.3f} "
            f"{20 * np.log10(max(peaks)):>7.2f} dB"
        )


if __name__ == "__main__":
    run(main)
