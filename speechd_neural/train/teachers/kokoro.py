"""Kokoro-82M as a teacher: 24 kHz speech of a natural voice, with the times of its phones (Apache-2.0).

`kokoro_files` fetches it. Its predictor gives the frames of each letter (25 ms); the sound runs two frames ahead of
them, as the voicing at 3,500 borders between fricatives and vowels shows. Short items are said in chains, each ended
like a sentence, and cut by the times: alone they come out clipped and odd, since the model learned from sentences.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from speechd_neural.errors import VoiceError, needs
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.train.teachers import Item, Spoken
from speechd_neural.train.teachers.kokoro_files import MODEL, VOCABULARY, VOICES
from speechd_neural.train.teachers.kokoro_letters import letters
from speechd_neural.types import Kind, Settings, Word

RATE, FRAME = 24000, 600
AHEAD = 2 * FRAME
LEAD, TAIL = 0.015, 0.06  # seconds kept before the first and behind the last phone
CHAIN, CHAIN_SYMBOLS = 9, 130  # items, and symbols, that are said in one go
LONGEST = 500  # of the model's tokens
STYLE = 110  # the row of a voice's styles; chosen by length, as the model's own code does, short texts would sound otherwise
SLOW, USUAL = (0.8, 0.85, 0.9, 1.0), (0.9, 1.0, 1.0, 1.0)  # speeds of letters and digits, and of the rest
QUIETEST = 1e-3  # a sound whose peak is below is silence
ENDS = (".", "?", "!")


@dataclass(frozen=True, slots=True)
class _Read:
    item: Item
    text: str
    symbols: tuple[str, ...]
    words: tuple[Word, ...]


class Kokoro:
    """One voice ("am_fenrir", "af_heart", …). See `Teacher`."""

    sample_rate = RATE
    licence = "Kokoro-82M (hexgrad), Apache-2.0"

    def __init__(self, folder: Path, voice: str, seed: int = 1, threads: int = 1) -> None:
        if not (folder / MODEL).exists():
            raise VoiceError(f"{folder / MODEL}: missing; 'speechd-neural train fetch-kokoro {folder}' makes it")
        style = folder / VOICES / f"{voice}.bin"
        if not style.exists():
            known = ", ".join(sorted(path.stem for path in (folder / VOICES).glob("*.bin"))) or "none"
            raise VoiceError(f"{style}: missing; the voices there: {known}")
        try:
            import onnxruntime
        except ModuleNotFoundError:
            raise VoiceError(needs("the teacher Kokoro", "onnxruntime", "speechd-neural[kokoro]")) from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(folder / MODEL), options, providers=["CPUExecutionProvider"]
            )
            self._vocabulary = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))["vocab"]
            styles = np.fromfile(style, np.float32).reshape(-1, 256)
            self._style = styles[min(STYLE, len(styles) - 1)][None]
        except Exception as error:  # the runtime has errors of its own for each kind of damage
            raise VoiceError(f"{folder}: damaged ({type(error).__name__}); remove it and fetch it anew") from None
        self._front, self._random = FrontEnd(English()), random.Random(seed)

    def speak(self, items: Sequence[Item]) -> list[Spoken]:
        read = [one for item in items if (one := self._read(item))]
        return [spoken for chain in chains(read) for spoken in self._chain(chain)]

    def _read(self, item: Item) -> _Read | None:
        segments = [s for s in self._front.segments(item.text, item.kind, Settings()) if s.symbols]
        if not segments or any(s.language for s in segments):
            return None
        symbols: list[str] = []
        words: list[Word] = []
        for segment in segments:
            if symbols and symbols[-1] not in (",", *ENDS):
                symbols.append(" ")
            first = len(symbols)
            symbols += segment.symbols
            words += [Word(w.text, w.source, (w.symbols[0] + first, w.symbols[1] + first)) for w in segment.words]
        if item.kind is Kind.TEXT and len(segments) > 1 and not item.short:
            return None  # a sentence that is cut in two would be said as one
        # One item is one phrase: what ends inside goes on, and what stands alone ends.
        symbols = ["," if s in ENDS else s for s in symbols[:-1]] + symbols[-1:]
        if symbols[-1] not in ENDS:
            symbols = [*(symbols[:-1] if symbols[-1] == "," else symbols), "."]
        return _Read(item, " ".join(s.text for s in segments), tuple(symbols), tuple(words))

    def _say(self, pieces: Sequence[str], speed: float) -> tuple[np.ndarray, np.ndarray]:
        """Letters of the symbols → samples [n], and where each symbol begins, and the last one ends [symbols + 1]."""
        tokens = [self._vocabulary[letter] for piece in pieces for letter in piece]
        samples, durations = self._session.run(None, {
            "tokens": np.array([[0, *tokens, 0]], np.int64), "style": self._style, "speed": np.array([speed], np.float32),
        })  # fmt: skip
        samples, durations = samples.ravel(), durations.ravel()
        if not np.isfinite(samples).all() or not np.abs(samples).max(initial=0) > QUIETEST:
            raise VoiceError("the teacher is silent, or what it says is no sound; its files may be damaged")
        first = np.cumsum([1, *map(len, pieces)])[:-1]
        frames = np.concatenate([durations[:1], np.add.reduceat(durations[:-1], first)])
        edges = (np.cumsum(frames) * FRAME - AHEAD).astype(int)
        return samples.astype(np.float32), np.clip(edges, 0, len(samples))

    def _chain(self, chain: Sequence[_Read]) -> Iterator[Spoken]:
        pieces: list[str] = []
        firsts = []
        for read in chain:
            if pieces:
                pieces.append(" ")
            firsts.append(len(pieces))
            pieces += letters(read.symbols, read.words)
        if sum(map(len, pieces)) > LONGEST:
            return
        lone = all(read.item.kind is Kind.CHAR for read in chain)
        samples, edges = self._say(pieces, self._random.choice(SLOW if lone else USUAL))
        for number, (read, first) in enumerate(zip(chain, firsts, strict=True)):
            last = first + len(read.symbols) - 1  # the mark that ends it: silence
            before = edges[first - 2] if number else 0  # where the silence before it begins
            behind = edges[firsts[number + 1]] if number + 1 < len(chain) else len(samples)
            begin = max(before, edges[first] - int(LEAD * RATE))
            end = min(behind, edges[last] + int(TAIL * RATE))
            yield Spoken(read.item, read.text, read.symbols, samples[begin:end], spans(read.symbols, edges[first:], begin, end))


def spans(symbols: Sequence[str], edges: np.ndarray, begin: int, end: int) -> tuple[tuple[int, int], ...]:
    """Sample spans of the symbols in samples[begin:end], from where each begins; a word space lasts no time."""
    found, at = [], 0
    for index, symbol in enumerate(symbols):
        if symbol == " ":
            found.append((at, at))
            continue
        until = end - begin if index == len(symbols) - 1 else max(at, min(end, int(edges[index + 1])) - begin)
        found.append((at, until))
        at = until
    return tuple(found)


def chains(read: Sequence[_Read]) -> Iterator[list[_Read]]:
    """What is said in one go: a sentence by itself; short items together, single characters apart from the others."""
    waiting: dict[bool, list[_Read]] = {True: [], False: []}
    for one in read:
        if not one.item.short:
            yield [one]
            continue
        chain = waiting[one.item.kind is Kind.CHAR]
        if len(chain) == CHAIN or (sum(len(r.symbols) for r in chain) + len(one.symbols) > CHAIN_SYMBOLS and chain):
            yield list(chain)
            chain.clear()
        chain.append(one)
    yield from (chain for chain in waiting.values() if chain)
