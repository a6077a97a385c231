"""Training corpora: LJSpeech's layout, with an alignment file beside each sound.

    DIR/metadata.csv         id|text|symbols, a line each; symbols as the voice reads them, "·" for the word space
    DIR/wavs/ID.wav          16-bit mono
    DIR/align/ID.txt         per symbol: its first sample and the one behind its last

A corpus that a person recorded (LJSpeech itself) has the first two only; `symbols`
then comes from this project's own pronunciation, and attention has to be learned
without timings (docs/developers/training.md).
"""

from __future__ import annotations

import random
import re
import wave
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import TextError, VoiceError
from speechd_neural.train.teacher import Flite, Phone

SPACE = "·"
LEVEL_DB = -20.0  # active level of every item, dB relative to full scale
LEAD_SECONDS, TAIL_SECONDS = 0.015, 0.06  # silence kept around an item: the voice must not learn to wait

VOWELS = frozenset(["aa", "ae", "ah", "ao", "aw", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw"])
# A text that makes the teacher say each letter's name: alone it reads "a" as the article.
LETTERS = {letter: letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"} | {"a": "ay"}


@dataclass(frozen=True, slots=True)
class CorpusEntry:
    id: str
    text: str
    symbols: tuple[str, ...]
    wav: Path
    align: Path | None


def symbols_of(phones: Sequence[Phone], sample_rate: int) -> tuple[list[str], list[tuple[int, int]]]:
    """The teacher's phones as the voice's symbols, each with its first and last-but-one sample.

    Pauses become the punctuation that caused them (a comma where the text has none); spaces last no time.
    """
    symbols: list[str] = []
    spans: list[tuple[int, int]] = []
    position = 0
    for index, phone in enumerate(phones):
        start, end = position, round(phone.end * sample_rate)
        position = end
        if phone.name == "pau":
            if not symbols:
                continue
            last = index == len(phones) - 1
            written = phones[index - 1].punctuation
            found = next((p for p in "?!." if p in written), "." if last else ",")
            symbols.append(found if last or found != "." else ",")
        else:
            if phone.word_start and symbols and symbols[-1] not in (",", ".", "?", "!"):
                symbols.append(" ")
                spans.append((start, start))
            symbols.append(phone.name + str(phone.stress) if phone.name in VOWELS else phone.name)
        spans.append((start, end))
    return symbols, spans


def levelled(samples: npt.NDArray[np.float32], sample_rate: int) -> npt.NDArray[np.float32]:
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


def write_wav(path: Path, samples: npt.NDArray[np.float32], sample_rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def read_wav(path: Path) -> tuple[npt.NDArray[np.float32], int]:
    """Mono 16-bit samples as float32 in -1..1, and the sample rate. Raises VoiceError for anything else."""
    try:
        with wave.open(str(path), "rb") as file:
            if file.getnchannels() != 1 or file.getsampwidth() != 2:
                raise VoiceError(f"{path}: not a mono 16-bit sound")
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            return (samples / 32768).astype(np.float32), file.getframerate()
    except (OSError, EOFError, wave.Error) as error:
        raise VoiceError(f"{path}: {error}") from None


def short_texts(sentences: Sequence[str], count: int, rng: random.Random) -> Iterator[str]:
    """What a screen reader says most: letters, digits, spelled and dictated sequences, words, short phrases."""
    words = sorted({w for s in sentences for w in re.findall(r"[a-z]{2,}", s.lower())})
    letters = list(LETTERS.values())
    yield from letters
    yield from "0123456789"
    for letter in letters:
        yield letter + "?"
    for index in range(count - 62):
        kind = index % 20
        if kind < 9:
            yield rng.choice(words)
        elif kind < 11:
            yield f"{rng.choice(words)} {rng.choice(words)}"
        elif kind < 12:
            word = rng.choice(words)
            yield " ".join([word] * rng.randint(2, 6))
        elif kind < 14:
            joint = rng.choice((" ", " ", ", "))
            yield joint.join(rng.choice(letters) for _ in range(rng.randint(2, 8)))
        elif kind < 15:
            joint = rng.choice((" ", " ", ", "))
            yield joint.join(rng.choice("0123456789") for _ in range(rng.randint(2, 10)))
        elif kind < 16:
            yield str(rng.choice((rng.randint(10, 99), rng.randint(100, 99999))))
        else:
            sentence = re.findall(r"[A-Za-z']+", rng.choice(sentences))
            start = rng.randrange(max(1, len(sentence) - 3))
            yield " ".join(sentence[start : start + rng.randint(2, 5)]) + rng.choice(("", "", ".", ",", "?", "!"))


def corpus_texts(sentences: Sequence[str], count: int, excluded: Iterable[str], seed: int) -> list[tuple[str, str]]:
    """`count` (id, text) pairs, half short and half sentences, without any of the excluded texts.

    Raises TextError where no sentence has a word.
    """
    if not any(re.search(r"[a-z]{2}", sentence.lower()) for sentence in sentences):
        raise TextError("no sentence has a word of two letters; expected a text file with a sentence a line")
    rng = random.Random(seed)
    forbidden = {" ".join(re.findall(r"[a-z0-9']+", text.lower())) for text in excluded}
    chosen = rng.sample(list(sentences), min(len(sentences), count // 2))
    texts = [(f"s{i:05d}", text) for i, text in enumerate(chosen)]
    texts += [(f"w{i:05d}", text) for i, text in enumerate(short_texts(sentences, count - len(chosen), rng))]
    return [(i, t) for i, t in texts if " ".join(re.findall(r"[a-z0-9']+", t.lower())) not in forbidden]


_teacher: Flite | None = None


def _generate(id: str, text: str, voice: str, directory: str) -> tuple[str, float] | None:
    global _teacher
    if _teacher is None:
        _teacher = Flite(voice)
    samples, sample_rate, phones = _teacher(text)
    symbols, spans = symbols_of(phones, sample_rate)
    if len(samples) == 0 or len(symbols) < 2:
        return None
    samples = levelled(samples, sample_rate)
    begin = max(0, spans[0][0] - round(LEAD_SECONDS * sample_rate))
    end = min(len(samples), spans[-1][0] + round(TAIL_SECONDS * sample_rate))
    samples = samples[begin:end]
    spans = [(max(0, a - begin), min(len(samples), b - begin)) for a, b in spans]
    root = Path(directory)
    write_wav(root / "wavs" / f"{id}.wav", samples, sample_rate)
    (root / "align" / f"{id}.txt").write_text("".join(f"{a} {b}\n" for a, b in spans))
    row = f"{id}|{text.replace('|', ' ')}|{' '.join(SPACE if s == ' ' else s for s in symbols)}"
    return row, len(samples) / sample_rate


def generate(texts: Sequence[tuple[str, str]], directory: Path, voice: str, processes: int) -> float:
    """Let the teacher speak all texts into `directory`; returns the hours of sound made."""
    (directory / "wavs").mkdir(parents=True, exist_ok=True)
    (directory / "align").mkdir(exist_ok=True)
    seconds = 0.0
    with ProcessPoolExecutor(processes) as pool, open(directory / "metadata.csv", "w", encoding="utf-8") as metadata:
        ids, spoken = zip(*texts, strict=True)
        results = pool.map(_generate, ids, spoken, [voice] * len(texts), [str(directory)] * len(texts), chunksize=16)
        for result in results:
            if result:
                metadata.write(result[0] + "\n")
                seconds += result[1]
    return seconds / 3600


def read_corpus(directory: Path) -> list[CorpusEntry]:
    """The entries of a corpus. Raises TextError naming file and line where metadata.csv is not as described above."""
    path = directory / "metadata.csv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise TextError(f"{path}: byte {error.start} is not UTF-8") from None
    except OSError as error:
        raise TextError(f"{path}: {error.strerror}; a corpus directory holds metadata.csv and wavs/") from None
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
        entries.append(CorpusEntry(fields[0], fields[1], symbols, wav, align if symbols else None))
    return entries
