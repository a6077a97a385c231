"""What the core asks of a voice and of a front end: the interfaces through which `voice` and `text` reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speechd_neural.records import dataclass
from speechd_neural.types import Kind, Segment, Settings

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """Facts about a loaded voice. `identifier` changes whenever its sound may: it keys the cache."""

    name: str
    identifier: str
    sample_rate: int
    languages: tuple[str, ...]
    hop_length: int
    words_per_minute: float = 170.0  # how fast it speaks by itself
    f0: float | None = None  # Hz, how high it speaks by itself
    gender: str = ""  # "male" or "female", as Speech Dispatcher's voice types are called; "": not told
    secondary_stress: bool = False  # it tells "aa2" from "aa1"


@dataclass(frozen=True, slots=True)
class SymbolSpan:
    """`Segment.symbols[symbol]` sounds from sample `start` to `end` of the segment."""

    symbol: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A piece of a segment at the voice's own rate and pitch.

    samples: float32 [n] in -1..1; spans: the symbols that are complete with this chunk;
    f0: fundamental frequency in Hz per hop of this chunk, 0 where unvoiced, or None where the voice does not tell.
    """

    samples: Samples
    spans: tuple[SymbolSpan, ...] = ()
    f0: Samples | None = None


class Engine(Protocol):
    @property
    def info(self) -> VoiceInfo: ...

    def synthesize(self, segment: Segment, *, seed: int, cancelled: Callable[[], bool]) -> Iterator[SpeechChunk]:
        """Yield the segment's sound as it is made; the same segment and seed give the same bytes.

        `cancelled` is polled at least every 5 ms of work; once true, the iterator ends early.
        Raises SynthesisError when the voice cannot speak the segment (decoding did not
        cover the text); what was yielded before has been heard.
        """
        ...


class FrontEnd(Protocol):
    """Reads one language. See text/frontend.py."""

    @property
    def reading(self) -> str:
        """The same for two front ends where a voice can speak the segments of either."""
        ...

    @property
    def phrase_packs(self) -> Path | None: ...

    def segments(self, request_text: str, kind: Kind, settings: Settings) -> Iterator[Segment]: ...
