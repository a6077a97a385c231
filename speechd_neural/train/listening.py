"""Of several takes of a letter or digit, those that a recogniser understands stay in a corpus.

A teacher that learned from sentences says lone letters unevenly, and what a voice learns it says for ever. PocketSphinx
chooses from a closed list, as a listener does who knows that a letter comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from speechd_neural.arrays import Floats
from speechd_neural.errors import UsageError, needs
from speechd_neural.train.corpus import CorpusEntry, read_corpus, read_wav

RATE = 16000  # of the recogniser's model
SILENCE, NOISE = 0.3, 3e-4  # seconds on either side; a quiet room's noise, full scale 1: it mishears digital silence


def keep_understood(directory: Path, least: int) -> Iterator[str]:
    """Rewrite metadata.csv without the takes of single symbols' names that are misheard; yields a line for each name.

    least: so many takes of a name are kept, misheard ones too where there are no others. The list as it was is kept in
    metadata.alltakes.csv, the sounds stay.
    """
    try:
        import pocketsphinx  # noqa: F401
    except ModuleNotFoundError:
        raise UsageError(needs("choosing takes", "the recogniser", "pocketsphinx")) from None
    takes: dict[tuple[str, ...], list[CorpusEntry]] = defaultdict(list)
    for entry in read_corpus(directory):
        takes[tuple(s for s in entry.symbols if s.isalnum())].append(entry)
    several = {symbols: entries for symbols, entries in takes.items() if len(entries) > least and symbols}
    listener = Listener(list(several))
    dropped = set()
    for symbols, entries in several.items():
        heard = [listener(*read_wav(entry.wav)) for entry in entries]
        good = [entry.id for entry, what in zip(entries, heard, strict=True) if what == symbols]
        kept = good if len(good) >= least else (good + [e.id for e in entries if e.id not in good])[:least]
        dropped |= {entry.id for entry in entries} - set(kept)
        yield f"{' '.join(symbols)}: {len(good)} of {len(entries)} takes understood, {len(kept)} kept"
    table = directory / "metadata.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    (directory / "metadata.alltakes.csv").write_text("".join(lines), encoding="utf-8")
    table.write_text("".join(line for line in lines if line.split("|")[0] not in dropped), encoding="utf-8")


class Listener:
    """Called with samples and their rate, it says which of `names` (tuples of symbols) it heard; () for none."""

    def __init__(self, names: list[tuple[str, ...]]) -> None:
        from pocketsphinx import Decoder

        self._names = {f"name_{index}": name for index, name in enumerate(names)}
        self._decoder: Any = Decoder(samprate=float(RATE), loglevel="FATAL")
        for index, (word, name) in enumerate(self._names.items()):
            phones = " ".join("AH" if s == "ax" else s.rstrip("012").upper() for s in name)
            self._decoder.add_word(word, phones, index == len(names) - 1)
        if names:
            self._decoder.add_jsgf_string("names", f"#JSGF V1.0;\ngrammar g;\npublic <g> = {' | '.join(self._names)};\n")
            self._decoder.activate_search("names")

    def __call__(self, samples: Floats, rate: int) -> tuple[str, ...]:
        count = round(len(samples) * RATE / rate)
        lower = np.fft.irfft(np.fft.rfft(samples)[: count // 2 + 1], count) * (count / len(samples))
        quiet = np.zeros(int(SILENCE * RATE))
        sound = np.concatenate([quiet, lower, quiet])
        sound += np.random.default_rng(1).normal(0, NOISE, len(sound))
        self._decoder.start_utt()
        self._decoder.process_raw((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes(), no_search=False, full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return self._names.get(hypothesis.hypstr, ()) if hypothesis else ()
