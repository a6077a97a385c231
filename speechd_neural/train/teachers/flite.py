"""The teacher: Flite's statistical voices (rms, slt, awb) through libflite, in process, with exact phone timings.

Flite is free software under a BSD-style licence (Carnegie Mellon University); Debian's
package is libflite1. Nothing of it is linked into this program: the library is opened
only while a training corpus is generated.
"""

from __future__ import annotations

import ctypes as C
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import VoiceError
from speechd_neural.train.teachers import Item, Spoken
from speechd_neural.types import Kind

VOWELS = frozenset(["aa", "ae", "ah", "ao", "aw", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw"])
# A text that makes the teacher say each letter's name: alone it reads "a" as the article.
LETTERS = {letter: letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"} | {"a": "ay"}
LEAD_SECONDS, TAIL_SECONDS = 0.015, 0.06  # silence kept around an item: the voice must not learn to wait
LIBRARIES = ("libflite.so.1", "libflite_usenglish.so.1", "libflite_cmulex.so.1")


@dataclass(frozen=True, slots=True)
class Phone:
    """start, end: seconds; stress: of its syllable; word_start: first phone of a word;
    punctuation: what stands behind its word in the text, where it is the word's last phone."""

    start: float
    end: float
    name: str
    stress: int
    word_start: bool
    punctuation: str


class _Wave(C.Structure):
    _fields_ = (
        ("type", C.c_char_p),
        ("sample_rate", C.c_int),
        ("num_samples", C.c_int),
        ("num_channels", C.c_int),
        ("samples", C.POINTER(C.c_short)),
    )


class Flite:
    """One voice; see `Teacher`. Calling it with a text returns (samples float32 in -1..1 [n], sample rate, phones)."""

    sample_rate = 16000
    licence = "Flite's voices, CMU (BSD-style)"

    def __init__(self, voice: str = "rms") -> None:
        try:
            libraries = [C.CDLL(name, mode=C.RTLD_GLOBAL) for name in LIBRARIES]
            voice_library = C.CDLL(f"libflite_cmu_us_{voice}.so.1")
        except OSError as error:
            raise VoiceError(
                f"the teacher voice {voice!r} cannot be opened: {error}; install Debian's libflite1"
            ) from None
        self._flite = libraries[0]
        pointer = C.c_void_p
        signatures = {
            "flite_synth_text": (pointer, [C.c_char_p, pointer]),
            "utt_relation": (pointer, [pointer, C.c_char_p]),
            "relation_head": (pointer, [pointer]),
            "item_next": (pointer, [pointer]),
            "item_feat_float": (C.c_float, [pointer, C.c_char_p]),
            "ffeature_string": (C.c_char_p, [pointer, C.c_char_p]),
            "utt_wave": (C.POINTER(_Wave), [pointer]),
            "delete_utterance": (None, [pointer]),
        }
        for name, (result, arguments) in signatures.items():
            function = getattr(self._flite, name)
            function.restype, function.argtypes = result, arguments
        self._flite.flite_init()
        register = getattr(voice_library, f"register_cmu_us_{voice}")
        register.restype, register.argtypes = pointer, [C.c_char_p]
        self._voice = register(None)

    def speak(self, items: Sequence[Item]) -> list[Spoken]:
        spoken = []
        for item in items:
            text = LETTERS.get(item.text.lower(), item.text) if item.kind is Kind.CHAR else item.text
            samples, sample_rate, phones = self(text)
            symbols, spans = symbols_of(phones, sample_rate)
            if len(samples) == 0 or len(symbols) < 2:
                continue
            begin = max(0, spans[0][0] - round(LEAD_SECONDS * sample_rate))
            end = min(len(samples), spans[-1][0] + round(TAIL_SECONDS * sample_rate))
            within = tuple((max(0, a - begin), min(end - begin, b - begin)) for a, b in spans)
            spoken.append(Spoken(item, item.text, tuple(symbols), samples[begin:end], within))
        return spoken

    def __call__(self, text: str) -> tuple[npt.NDArray[np.float32], int, list[Phone]]:
        flite = self._flite
        utterance = flite.flite_synth_text(text.encode("ascii", "ignore"), self._voice)
        wave = flite.utt_wave(utterance).contents
        count = wave.num_samples
        # A copy: the library frees its own.
        samples = np.ctypeslib.as_array(wave.samples, (count,)) / 32768 if count else np.zeros(0)
        sample_rate = int(wave.sample_rate)  # read before the utterance is freed
        phones: list[Phone] = []
        start = 0.0
        item = flite.relation_head(flite.utt_relation(utterance, b"Segment"))
        while item:

            def feature(path: bytes, item: int = item) -> str:
                return str(flite.ffeature_string(item, path).decode("ascii", "replace"))

            name = feature(b"name")
            end = float(flite.item_feat_float(item, b"end"))
            if name == "pau":
                phones.append(Phone(start, end, name, 0, False, ""))
            else:
                first = feature(b"R:SylStructure.p.name") == "0"
                syllable = feature(b"R:SylStructure.parent.position_type")
                punctuation = feature(b"R:SylStructure.parent.parent.R:Token.parent.punc")
                # Flite splits "dog's" into two words; for the voice the clitic belongs to the word before it.
                clitic = feature(b"R:SylStructure.parent.parent.name").startswith("'")
                phones.append(
                    Phone(
                        start,
                        end,
                        name,
                        int(feature(b"R:SylStructure.parent.stress") == "1"),
                        first and syllable in ("initial", "single") and not clitic,
                        "" if punctuation == "0" else punctuation,
                    )
                )
            start = end
            item = flite.item_next(item)
        flite.delete_utterance(utterance)
        return samples.astype(np.float32), sample_rate, phones


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
