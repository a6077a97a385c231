"""A family of networks is one record: a new one is added without touching another file."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_voice import manifest, models, walk

from speechd_neural.arrays import Arrays, Floats
from speechd_neural.errors import VoiceError
from speechd_neural.types import Segment
from speechd_neural.voice.bundle import MANIFEST, describe, write_bundle
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.families import ACOUSTICS, VOCODERS
from speechd_neural.voice.family import Half, VocoderFamily
from speechd_neural.voice.importers.own import read
from speechd_neural.voice.packing import Packer, State

PACKAGE = Path(__file__).parents[2] / "speechd_neural"
FAMILIES = (*ACOUSTICS.values(), *VOCODERS.values())


class Hum:
    """A vocoder that hums at its weight's height, whatever it reads."""

    def __init__(self, height: float, hop: int) -> None:
        self.height, self.hop = height, hop
        self.known = 0
        self._done, self._ended = 0, False

    @property
    def finished(self) -> bool:
        return self._ended and self._done == self.known

    def feed(self, features: Floats) -> None:
        self.known += len(features)

    def end(self) -> None:
        self._ended = True

    def run(self, frames: int, milliseconds: float = 0) -> Floats:
        count = min(frames, self.known - self._done)
        at = np.arange(self._done * self.hop, (self._done + count) * self.hop)
        self._done += count
        return (0.3 * np.sin(self.height * at)).astype(np.float32)

    def speak(self, seed: int) -> Hum:
        return Hum(self.height, self.hop)


def pack(state: State, dims: Mapping[str, int]) -> Packer:
    packer = Packer(state, "vocoder")
    packer.small("vocoder.height", packer.get("height"))
    return packer


def cpu(arrays: Arrays, half: Half, path: str, threads: int) -> Any:
    return Hum(float(arrays["vocoder.height"][0]), half.contract.hop_length)


def test_a_voice_of_a_new_family_is_written_and_speaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hum = VocoderFamily("hum", ("n_features",), pack, cpu=cpu, gpu=lambda *_: None)
    monkeypatch.setitem(VOCODERS, hum.name, hum)
    acoustic, _ = models(0)
    walk(acoustic)
    toy = manifest()
    vocoder = Half(hum.name, toy.contract, {"n_features": toy.contract.n_features})
    state = {name: value.numpy() for name, value in acoustic.state_dict().items()}
    write_bundle(tmp_path / "hum", state, {"height": np.array([0.1])}, replace(toy, vocoder=vocoder))

    segment = Segment(symbols=("hh", "ax", "l", "ow1", "."), text="hello.")
    chunks = list(load_engine(tmp_path / "hum").synthesize(segment, seed=0, cancelled=lambda: False))
    assert max(float(np.abs(chunk.samples).max()) for chunk in chunks) > 0.01

    monkeypatch.delitem(VOCODERS, hum.name)
    with (tmp_path / "hum" / MANIFEST).open("a") as file:
        file.write("# changed, since what a text says is remembered\n")
    with pytest.raises(VoiceError, match=r"vocoder\.family: 'hum'; accepted: multiband, fullband"):
        describe(tmp_path / "hum")


def test_a_checkpoint_of_sizes_that_no_family_has_is_refused(tmp_path: Path) -> None:
    checkpoint = {"average": {}, "dims": {"n_features": 82, "depth": 3}, "contract": {}}
    with pytest.raises(VoiceError, match=r"x\.pt: dims: n_features, depth: no family .* accepted: those of tacotron2, multiband"):
        read(tmp_path / "x.pt", checkpoint)


@pytest.mark.parametrize("family", [f for f in FAMILIES if f.model is not None], ids=lambda f: f.name)
def test_what_is_trained_here_gives_the_sizes_that_its_manifest_wants(family: Any) -> None:
    dims_type, _ = family.model()
    assert set(family.dims) <= {size.name for size in fields(dims_type)} | family.defaults.keys()
    assert (PACKAGE / "train" / f"{family.trainer}.py").is_file()


def test_no_other_file_decides_by_the_name_of_a_family() -> None:
    names = {family.name for family in FAMILIES}
    steps = {"commands/train.py", "commands/train_arguments.py"}  # a step of training bears the name
    for path in sorted(PACKAGE.rglob("*.py")):
        place = str(path.relative_to(PACKAGE))
        if place.startswith("voice/families/") or place in steps:
            continue
        found = {n.value for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Constant)}
        assert not found & names, place
