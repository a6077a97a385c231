"""A segment in the cache: its key, its seed, and the way from a voice's chunks to a phrase and back."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from speechd_neural.audio.cache import CachedPhrase, key_for
from speechd_neural.core.engine import Engine, SpeechChunk, SymbolSpan
from speechd_neural.text.token import one_stress
from speechd_neural.types import Segment


def key_of(engine: Engine, segment: Segment) -> str:
    symbols = segment.symbols if engine.info.secondary_stress else one_stress(segment.symbols)
    return key_for(engine.info.identifier, symbols, segment.text)


def seed_of(segment: Segment) -> int:
    """The same for the same symbols, secondary stress aside, in every process and on every machine."""
    return zlib.crc32("\x1f".join((*one_stress(segment.symbols), segment.text)).encode("utf-8", "surrogatepass"))


def chunks_of(phrase: CachedPhrase, hop_length: int) -> Iterator[SpeechChunk]:
    """A phrase from the cache as a voice would have made it: a short first chunk, then longer ones."""
    at, span, hops = 0, 0, 4
    while at < len(phrase.samples):
        end = at + hops * hop_length
        spans = []
        while span < len(phrase.spans) and (phrase.spans[span][2] <= end or end >= len(phrase.samples)):
            spans.append(SymbolSpan(*phrase.spans[span]))
            span += 1
        f0 = None if phrase.f0 is None else phrase.f0[at // hop_length : -(-end // hop_length)]
        yield SpeechChunk(phrase.samples[at:end].astype(np.float32) / np.float32(32767), tuple(spans), f0)
        at, hops = end, 20


def phrase_of(chunks: Sequence[SpeechChunk]) -> CachedPhrase:
    samples = np.concatenate([chunk.samples for chunk in chunks])
    spans = tuple((span.symbol, span.start, span.end) for chunk in chunks for span in chunk.spans)
    f0s = [chunk.f0 for chunk in chunks if chunk.f0 is not None]
    f0 = np.concatenate(f0s) if len(f0s) == len(chunks) else None
    return CachedPhrase(np.rint(np.clip(samples, -1, 1) * 32767).astype(np.int16), spans, f0)
