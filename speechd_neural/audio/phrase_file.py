"""A phrase of the cache and the file it is kept in: header, spans, pitch and samples, with a checksum over all of it."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speechd_neural.records import dataclass

FORMAT = 2
_MAGIC = b"SNPC"
_HEADER = struct.Struct("<4sHHIIII20s")  # magic, format, reserved, crc, samples, spans, f0 values, the file's name


@dataclass(frozen=True, slots=True)
class CachedPhrase:
    """One synthesized segment, canonical.

    samples: int16 [n] mono; spans: (symbol index, first sample, end sample) each;
    f0: float32 Hz per hop, 0 where unvoiced, or None.
    """

    samples: npt.NDArray[np.int16]
    spans: tuple[tuple[int, int, int], ...] = ()
    f0: npt.NDArray[np.float32] | None = None

    @property
    def size(self) -> int:
        """Bytes it takes on disk (and about as much in memory)."""
        f0 = 0 if self.f0 is None else self.f0.size
        return _HEADER.size + self.samples.size * 2 + len(self.spans) * 12 + f0 * 4


def key_for(voice_identifier: str, segment_symbols: Sequence[str], segment_text: str) -> str:
    """The key of a segment: a hash (40 hex digits) of all that determines its sound. It is never written to disk."""
    hashed = hashlib.blake2b(digest_size=20)
    for part in (str(FORMAT), voice_identifier, "\x1f".join(segment_symbols), segment_text):
        data = part.encode("utf-8", "surrogatepass")
        hashed.update(struct.pack("<I", len(data)) + data)
    return hashed.hexdigest()


def encode(name: str, phrase: CachedPhrase) -> bytes:
    """The bytes of a cache file: header, spans (int32 triples), f0 (float32), samples (int16), all little-endian.

    name: the file's, 40 hex digits; it is in the header, so that a file in another's place is noticed.
    """
    spans = np.asarray(phrase.spans, "<i4").reshape(-1, 3)
    f0 = b"" if phrase.f0 is None else np.ascontiguousarray(phrase.f0, "<f4").tobytes()
    body = spans.tobytes() + f0 + np.ascontiguousarray(phrase.samples, "<i2").tobytes()
    values = 0xFFFFFFFF if phrase.f0 is None else phrase.f0.size

    def header(crc: int) -> bytes:
        return _HEADER.pack(_MAGIC, FORMAT, 0, crc, phrase.samples.size, len(spans), values, bytes.fromhex(name))

    return header(zlib.crc32(body, zlib.crc32(header(0)))) + body


def decode(name: str, data: bytes) -> CachedPhrase:
    """The phrase in a cache file; raises ValueError when a bit of it is not as it was written."""
    if len(data) < _HEADER.size:
        raise ValueError("too short")
    magic, version, reserved, crc, samples, spans, values, written = _HEADER.unpack_from(data)
    if magic != _MAGIC or version != FORMAT or written != bytes.fromhex(name):
        raise ValueError("not this phrase")
    f0_size = 0 if values == 0xFFFFFFFF else values
    if len(data) != _HEADER.size + 12 * spans + 4 * f0_size + 2 * samples:
        raise ValueError("wrong length")
    body = memoryview(data)[_HEADER.size :]
    blank = _HEADER.pack(magic, version, reserved, 0, samples, spans, values, written)
    if zlib.crc32(body, zlib.crc32(blank)) != crc:
        raise ValueError("damaged")
    table = np.frombuffer(body, "<i4", 3 * spans).reshape(-1, 3).tolist()
    at = 12 * spans
    f0 = None if values == 0xFFFFFFFF else np.frombuffer(body, "<f4", f0_size, at).astype(np.float32)
    pcm = np.frombuffer(body, "<i2", samples, at + 4 * f0_size).astype(np.int16)
    return CachedPhrase(pcm, tuple((a, b, c) for a, b, c in table), f0)
