"""A made-up speaker: vowel-like harmonics, noise bursts and pauses, with their spans and fundamental known; and a sound
server of the tests' own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from tests import sound_server
from tests.frontends.spiel_client import private_bus

RATE = 16000


@dataclass(frozen=True)
class Span:
    symbol: int
    start: int
    end: int


@dataclass(frozen=True)
class Chunk:
    samples: npt.NDArray[np.float32]
    spans: tuple[Span, ...] = ()
    f0: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Spoken:
    """samples float32 [n]; symbols and their spans; the fundamental in Hz of the vowels."""

    samples: npt.NDArray[np.float32]
    symbols: tuple[str, ...]
    spans: tuple[Span, ...]
    f0: float

    def chunks(self, size: int) -> list[Chunk]:
        ends = [*range(size, len(self.samples), size), len(self.samples)]
        starts = [0, *ends[:-1]]
        return [
            Chunk(self.samples[a:b], tuple(s for s in self.spans if a < s.end <= b))
            for a, b in zip(starts, ends, strict=True)
        ]


def vowel(seconds: float, f0: float, formants: tuple[float, ...], level: float = 0.1) -> npt.NDArray:
    time = np.arange(round(seconds * RATE)) / RATE
    wave = np.zeros(len(time))
    for harmonic in range(1, int(4000 / f0)):
        frequency = harmonic * f0
        weight = sum(1 / (1 + ((frequency - formant) / 90) ** 2) for formant in formants)
        wave += weight * np.cos(2 * np.pi * frequency * time + harmonic**2 * 0.1)
    return wave * level / np.sqrt(np.mean(wave**2))


def speak(pattern: str, f0: float = 110.0, seed: int = 1) -> Spoken:
    """'a' and 'o' vowels, 's' hiss, 't' closure and burst, ',' and '.' pauses; a pause of 150 ms comes first."""
    noise = np.random.default_rng(seed)
    pieces = [np.zeros(round(0.15 * RATE))]
    symbols, spans, at = [], [], len(pieces[0])
    for letter in pattern:
        if letter in "ao":
            piece = vowel(0.16, f0, (700, 1150, 2500) if letter == "a" else (450, 900, 2400))
        elif letter == "s":
            piece = noise.normal(0, 0.03, round(0.1 * RATE))
        elif letter == "t":
            piece = np.concatenate([np.zeros(round(0.05 * RATE)), noise.normal(0, 0.05, round(0.02 * RATE))])
        else:
            piece = np.zeros(round((0.3 if letter == "." else 0.2) * RATE))
        symbols.append({"a": "aa1", "o": "ow1"}.get(letter, letter))
        spans.append(Span(len(spans), at, at + len(piece)))
        at += len(piece)
        pieces.append(piece)
    samples = np.concatenate(pieces)
    samples += noise.normal(0, 3e-5, len(samples))  # the noise floor of a voice
    return Spoken(samples.astype(np.float32), tuple(symbols), tuple(spans), f0)


@pytest.fixture(scope="session")
def sentence() -> Spoken:
    return speak("tasotas,otatosasota.")


@pytest.fixture(scope="session")
def word() -> Spoken:
    return speak("tasa.")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Null sinks "first" (the default) and "second", in a directory of their own."""
    folder = tmp_path_factory.mktemp("pulse")
    old = dict(os.environ)
    os.environ |= {
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "PULSE_RUNTIME_PATH": str(folder / "pulse"),
        "PULSE_STATE_PATH": str(folder / "state"),
        "PULSE_SERVER": sound_server.address(folder),
    }
    running = []

    def spawn(*command: str) -> subprocess.Popen:
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return running[-1]

    try:
        with private_bus() as bus:
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus
            sound_server.start(spawn, folder, os.environ, first=RATE, second=RATE)
            yield
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(60)
        os.environ.clear()
        os.environ.update(old)
