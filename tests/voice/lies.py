"""Voices whose manifest and weights do not tell the truth, each loaded and spoken in a process of its own.

    python tests/voice/lies.py VOICE

prints one line of JSON: {lie: what became of it}, which is "spoke", "refused: reason" or what ended the process.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from speechd_neural.errors import SpeechError
from speechd_neural.types import Segment
from speechd_neural.voice import safetensors
from speechd_neural.voice.bundle import MANIFEST, WEIGHTS
from speechd_neural.voice.engine import load_engine

LIMIT = 120  # s of processor time for one lie
SEGMENT = Segment(("hh", "ax", "l", "ow1", "."), "hello.")
Document, Arrays = dict[str, Any], dict[str, np.ndarray]
Lie = Callable[[Document, Arrays], None]


def lies(document: Document, arrays: Arrays) -> Iterator[tuple[str, Lie]]:
    for half in ("acoustic", "vocoder"):
        for key, size in document[half]["dims"].items():
            for wrong in (size + 1, 2 * size, 1, 65536, 1 << 40, -size):
                yield f"{half}.dims.{key}={wrong}", lambda d, a, h=half, k=key, w=wrong: d[h]["dims"].update({k: w})
        for key, value in document[half]["contract"].items():
            if not isinstance(value, str):
                for wrong in (0, -1, 1e30, float("inf"), type(value)(value * 2)):
                    yield f"contract.{key}={wrong}", lambda d, a, k=key, w=wrong: _contract(d, k, w)
    for wrong in (0, -1.0, 1e30, float("nan"), float("inf"), "x"):
        yield f"vocoder.temperature={wrong}", lambda d, a, w=wrong: d["vocoder"].update(temperature=w)
    for number, name in enumerate(sorted(arrays)):
        kinds = ("missing", "short", "flat", "other type", "huge values", "nan")
        for kind in (kinds[number % len(kinds)], kinds[(number + 3) % len(kinds)]):
            yield f"{name}: {kind}", lambda d, a, n=name, k=kind: _array(a, n, k)
    yield "symbols: one less", lambda d, a: d["symbols"].pop()
    yield "symbols: others", lambda d, a: d.update(symbols=[f"x{n}" for n, _ in enumerate(d["symbols"])])


def _contract(document: Document, key: str, wrong: Any) -> None:
    for half in ("acoustic", "vocoder"):
        document[half]["contract"][key] = wrong


def _array(arrays: Arrays, name: str, kind: str) -> None:
    array = arrays[name]
    match kind:
        case "missing":
            del arrays[name]
        case "short":
            arrays[name] = np.ascontiguousarray(array[: len(array) // 2])
        case "flat":
            arrays[name] = array.reshape(-1)
        case "other type":
            arrays[name] = array.astype(np.float32 if array.dtype == np.int8 else np.int8)
        case "huge values" if array.dtype.kind == "f":
            arrays[name] = np.full_like(array, np.finfo(array.dtype).max)
        case "nan" if array.dtype.kind == "f":
            arrays[name] = np.full_like(array, np.nan)
        case _:
            arrays[name] = np.full_like(array, np.iinfo(array.dtype).min if array.dtype.kind == "i" else 0)


def tell(voice: Path, document: Document, arrays: Arrays, lie: Lie) -> str:
    """What becomes of one lie. The hash is right: the author of the files has made it."""
    document, arrays = copy.deepcopy(document), dict(arrays)
    lie(document, arrays)
    data = safetensors.to_bytes(arrays)
    document["files"] = {WEIGHTS: hashlib.sha256(data).hexdigest()}
    (voice / WEIGHTS).write_bytes(data)
    (voice / MANIFEST).write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
    try:
        samples = [chunk.samples for chunk in load_engine(voice).synthesize(SEGMENT, seed=1, cancelled=lambda: False)]
    except SpeechError as error:
        return f"refused: {error}"
    return "spoke" if sum(map(len, samples)) < 60 * 24_000 else "spoke for more than a minute"


def apart(call: Callable[[], str]) -> str:
    """The call's answer from a child, or how that ended."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        try:
            answer = call()
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(write, answer.encode("utf-8", "replace")[:4000])
        os._exit(0)
    os.close(write)
    with open(read, "rb") as answers:
        said = answers.read().decode()
    _, status = os.waitpid(child, 0)
    return said if status == 0 else f"ended with status {status}"


def main() -> None:
    voice = Path(sys.argv[1])
    document = yaml.safe_load((voice / MANIFEST).read_text("utf-8"))
    arrays = {name: np.array(array) for name, array in safetensors.parse((voice / WEIGHTS).read_bytes(), voice).items()}
    arrays = {name: array for name, array in arrays.items() if not name.startswith("__padding__")}
    with tempfile.TemporaryDirectory() as folder:
        liar = Path(folder) / "toy"
        liar.mkdir()
        found = {"the truth": apart(lambda: tell(liar, document, arrays, lambda d, a: None))}
        for name, lie in lies(document, arrays):
            found[name] = apart(lambda lie=lie: tell(liar, document, arrays, lie))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
