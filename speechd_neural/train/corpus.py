"""Training corpora: LJSpeech's layout, with an alignment file beside each sound.

    DIR/metadata.csv         id|text|symbols, a line each; symbols as the voice reads them, "·" for the word space
    DIR/wavs/ID.wav          16-bit mono
    DIR/align/ID.txt         per symbol: its first sample and the one behind its last
    DIR/clipped.txt          ids of sounds that lack the beginning of their first symbol, a line each; may be missing

A corpus that a person recorded (LJSpeech itself) has the first two only; `symbols`
then comes from this project's own pronunciation, and attention has to be learned
without timings (docs/developers/training.md).
"""

from __future__ import annotations

import os
import random
import re
import wave
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from speechd_neural.arrays import Floats
from speechd_neural.errors import TextError, VoiceError
from speechd_neural.train import screen
from speechd_neural.train.teachers import Item, Teacher, open_teacher

SPACE = "·"
BATCH = 36  # items that a process is given at a time
MOODS = 8  # one sentence in so many is a question, an exclamation, a list, a quotation
CLIPPED = 24  # samples in a row at full scale that are no longer chance
LEVEL_DB = -20.0  # active level of every item, dB relative to full scale



@dataclass(frozen=True, slots=True)
class CorpusEntry:
    id: str
    text: str
    symbols: tuple[str, ...]
    wav: Path
    align: Path | None
    clipped: bool = False


def levelled(samples: Floats, sample_rate: int) -> Floats:
    """At LEVEL_DB while speaking, without the rumble below 45 Hz (zero phase: the timings hold), peaks below 0.97."""
    size = len(samples) + sample_rate // 4
    spectrum = np.fft.rfft(samples, size)
    frequency = np.arange(len(spectrum)) * sample_rate / size
    clean = np.fft.irfft(spectrum * (1 - np.exp(-((frequency / 45.0) ** 4))), size)[: len(samples)]
    energy = clean**2
    active = np.sqrt(energy[energy > energy.max() * 1e-4].mean())
    clean *= 10 ** (LEVEL_DB / 20) / max(1e-9, float(active))
    peak = float(np.abs(clean).max())
    return (clean * min(1.0, 0.97 / peak)).astype(np.float32)


def write_wav(path: Path, samples: Floats, sample_rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def read_wav(path: Path) -> tuple[Floats, int]:
    """Mono 16-bit samples as float32 in -1..1, and the sample rate. Raises VoiceError for anything else."""
    try:
        with wave.open(str(path), "rb") as file:
            if file.getnchannels() != 1 or file.getsampwidth() != 2:
                raise VoiceError(f"{path}: not a mono 16-bit sound")
            data = file.readframes(file.getnframes())
            if len(data) != 2 * file.getnframes():
                raise VoiceError(f"{path}: cut off, {len(data) // 2} of {file.getnframes()} samples are there")
            samples = np.frombuffer(data, "<i2")
            return (samples / 32768).astype(np.float32), file.getframerate()
    except (OSError, EOFError, wave.Error) as error:
        raise VoiceError(f"{path}: {error}") from None


def corpus_items(sentences: Sequence[str], count: int, excluded: Iterable[str], seed: int) -> list[Item]:
    """`count` items, half what screen readers say and half sentences, without any of the excluded texts.

    Raises TextError where no sentence has a word.
    """
    if not any(re.search(r"[a-z]{2}", sentence.lower()) for sentence in sentences):
        raise TextError("no sentence has a word of two letters; expected a text file with a sentence a line")
    rng = random.Random(seed)
    forbidden = {plain(text) for text in excluded}
    chosen = rng.sample(list(sentences), min(len(sentences), count // 2))
    moods = list(screen.moods(len(chosen) // MOODS, rng))
    items = [Item(f"s{i:05d}", text) for i, text in enumerate([*chosen[: len(chosen) - len(moods)], *moods])]
    items += [
        Item(f"w{i:05d}", text, kind, short=True)
        for i, (text, kind) in enumerate(screen.items(sentences, count - len(items), rng))
    ]
    return [item for item in items if plain(item.text) not in forbidden]


def plain(text: str) -> str:
    """The words of a text, to tell whether two texts are said alike."""
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


_teacher: Teacher | None = None


def _speak(items: Sequence[Item], name: str, voice: str, files: Path | None, directory: Path) -> tuple[list[str], float]:
    global _teacher
    if _teacher is None:
        _teacher = open_teacher(name, voice, files, seed=os.getpid())
    rows, seconds = [], 0.0
    for spoken in _teacher.speak(items):
        rate = _teacher.sample_rate
        if clipped(spoken.samples):
            raise VoiceError(f"{spoken.item.text!r}: the teacher's sound is cut off at full scale for {CLIPPED} samples or more")
        write_wav(directory / "wavs" / f"{spoken.item.id}.wav", levelled(spoken.samples, rate), rate)
        (directory / "align" / f"{spoken.item.id}.txt").write_text("".join(f"{a} {b}\n" for a, b in spoken.spans))
        symbols = " ".join(SPACE if s == " " else s for s in spoken.symbols)
        rows.append(f"{spoken.item.id}|{spoken.text.replace('|', ' ')}|{symbols}")
        seconds += len(spoken.samples) / rate
    return rows, seconds


def clipped(samples: Floats) -> bool:
    """Whether a stretch of CLIPPED samples lies at full scale."""
    full = np.abs(samples) >= 0.999
    return bool(len(samples) >= CLIPPED and np.convolve(full, np.ones(CLIPPED), "valid").max(initial=0) >= CLIPPED - 0.5)


def generate(
    items: Sequence[Item], directory: Path, voice: str, processes: int, *, teacher: str = "flite", files: Path | None = None
) -> float:
    """Let the teacher speak all items into `directory`, those that are there already excepted; returns the hours made.

    Raises VoiceError where the teacher is not there, is silent or is cut off at full scale; what was made stays.
    """
    (directory / "wavs").mkdir(parents=True, exist_ok=True)
    (directory / "align").mkdir(exist_ok=True)
    table = directory / "metadata.csv"
    _drop_unfinished_row(table)
    there = {line.split("|")[0] for line in table.read_text(encoding="utf-8").splitlines()} if table.exists() else set()
    missing = [item for item in items if item.id not in there]
    batches = [missing[first : first + BATCH] for first in range(0, len(missing), BATCH)]
    seconds = 0.0
    with ProcessPoolExecutor(processes) as pool, open(table, "a", encoding="utf-8") as metadata:
        work = partial(_speak, name=teacher, voice=voice, files=files, directory=directory)
        for rows, made in pool.map(work, batches):
            metadata.writelines(row + "\n" for row in rows)
            metadata.flush()
            seconds += made
    return seconds / 3600


def _drop_unfinished_row(table: Path) -> None:
    """Of a run that was cut off while it wrote: its item is said again."""
    if table.exists() and not (data := table.read_bytes()).endswith(b"\n"):
        with table.open("r+b") as file:
            file.truncate(data.rfind(b"\n") + 1)


def read_corpus(directory: Path) -> list[CorpusEntry]:
    """The entries of a corpus. Raises TextError naming file and line where metadata.csv is not as described above."""
    path = directory / "metadata.csv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise TextError(f"{path}: byte {error.start} is not UTF-8") from None
    except OSError as error:
        raise TextError(f"{path}: {error.strerror}; a corpus directory holds metadata.csv and wavs/") from None
    clipped = directory / "clipped.txt"
    unwhole = frozenset(clipped.read_text(encoding="utf-8").split()) if clipped.exists() else frozenset()
    entries = []
    for number, line in enumerate(lines, 1):
        fields = line.split("|")
        if len(fields) not in (2, 3):
            raise TextError(f"{path}:{number}: {len(fields)} fields; expected id|text or id|text|symbols")
        if not re.fullmatch(r"[^/\0.][^/\0]*", fields[0]):  # it becomes a file's name
            raise TextError(f"{path}:{number}: the id {fields[0]!r}; expected a name without '/' that does not begin with '.'")
        align = directory / "align" / f"{fields[0]}.txt"
        symbols = tuple(" " if s == SPACE else s for s in fields[2].split()) if align.exists() else ()
        wav = directory / "wavs" / f"{fields[0]}.wav"
        entries.append(CorpusEntry(fields[0], fields[1], symbols, wav, align if symbols else None, fields[0] in unwhole))
    return entries
