"""Reading and writing weights in the safetensors format: eight bytes length, a JSON header, the arrays' bytes.

Nothing in such a file is executed; every length is checked against the file before anything is read through it.
(https://github.com/huggingface/safetensors, "Format")
"""

from __future__ import annotations

import contextlib
import json
import math
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from speechd_neural.arrays import Array
from speechd_neural.errors import VoiceError
from speechd_neural.files import open_file

DTYPES: dict[str, np.dtype[Any]] = {
    "I8": np.dtype("<i1"), "F16": np.dtype("<f2"), "F32": np.dtype("<f4"), "I64": np.dtype("<i8"), "F64": np.dtype("<f8"),
}  # fmt: skip
LONGEST_HEADER = 16 << 20
LARGEST = 1 << 30  # bytes of a file; the largest public voice has a fifth of that
ALIGNMENT = 64


def to_bytes(arrays: Mapping[str, Array]) -> bytes:
    """The file's bytes; every array starts on a multiple of 64."""
    names = {dtype: name for name, dtype in DTYPES.items()}
    header: dict[str, Any] = {}
    pieces: list[bytes] = []
    position = 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": names[array.dtype.newbyteorder("<")], "shape": list(array.shape),
                        "data_offsets": [position, position + len(data)]}  # fmt: skip
        pieces.append(data)
        position += len(data)
        # The format allows no holes, so the alignment is an array of its own.
        if gap := -position % ALIGNMENT:
            header[f"__padding__{position}"] = {"dtype": "I8", "shape": [gap], "data_offsets": [position, position + gap]}
            pieces.append(bytes(gap))
            position += gap
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 8) % ALIGNMENT)
    return len(text).to_bytes(8, "little") + text + b"".join(pieces)


def parse(data: bytes | memoryview, path: Path) -> dict[str, Array]:
    """Views into `data`. Raises VoiceError that names the file and the array where something does not fit."""

    def fail(reason: str) -> VoiceError:
        return VoiceError(f"{path}: {reason}")

    if len(data) < 8:
        raise fail(f"truncated: {len(data)} bytes, a safetensors file has at least 8")
    length = int.from_bytes(data[:8], "little")
    if length > LONGEST_HEADER or 8 + length > len(data):
        raise fail(f"truncated or not a safetensors file: a header of {length} bytes in a file of {len(data)}")
    try:
        header = json.loads(bytes(data[8 : 8 + length]).decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise fail("the header is not JSON; not a safetensors file, or damaged") from None
    if not isinstance(header, dict):
        raise fail("the header is not a JSON object")
    begin, available = 8 + length, len(data) - 8 - length
    arrays: dict[str, Array] = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        try:
            dtype, shape = DTYPES[entry["dtype"]], tuple(entry["shape"])
            first, last = entry["data_offsets"]
        except (KeyError, TypeError, ValueError):
            raise fail(f"array {name!r}: needs dtype ({', '.join(DTYPES)}), shape and data_offsets") from None
        if not all(type(n) is int and 0 <= n < 2**40 for n in (*shape, first, last)) or len(shape) > 8:
            raise fail(f"array {name!r}: shape and offsets must be whole numbers from 0")
        if not first <= last <= available:
            raise fail(f"truncated: array {name!r} ends at byte {begin + last} of {len(data)}")
        if math.prod(shape) * dtype.itemsize != last - first:
            raise fail(f"array {name!r}: shape {list(shape)} of {entry['dtype']} does not take {last - first} bytes")
        if not name.startswith("__padding__"):
            arrays[name] = np.frombuffer(data, dtype, math.prod(shape), begin + first).reshape(shape)
    return arrays


def check_size(path: Path, size: int) -> None:
    """Raises VoiceError for a size that no voice has: a file with holes in it may claim any."""
    if size > LARGEST:
        raise VoiceError(f"{path}: {size} bytes; at most {LARGEST} are accepted")


def content(path: Path) -> bytes | memoryview:
    """The file's bytes, copied into memory: a mapped file that somebody truncates would end the process."""
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            check_size(path, size)
            if size == 0:
                return b""
            # A mapping of its own, given back whole: after a voice is loaded, nothing of this remains in the heap.
            memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            if hasattr(mmap, "MADV_HUGEPAGE"):  # two thousand pages less to fetch one by one
                with contextlib.suppress(OSError):
                    memory.madvise(mmap.MADV_HUGEPAGE)
            return memoryview(memory)[: file.readinto(memory)].toreadonly()
    except OSError as error:
        raise VoiceError(f"{path}: {error.strerror}") from None


def read(path: Path) -> dict[str, Array]:
    """The file's arrays, read-only."""
    return parse(content(path), path)
