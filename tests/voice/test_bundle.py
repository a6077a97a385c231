from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_voice import CONTRACT, manifest, models

from speechd_neural.errors import VoiceError
from speechd_neural.paths import PACKAGE
from speechd_neural.voice import safetensors
from speechd_neural.voice.bundle import MANIFEST, WEIGHTS, describe, load, save, write_bundle
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.engine import load_engine


@pytest.fixture
def copy(toy_path: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toy_path, tmp_path / "voice"))


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    document = yaml.safe_load((path / MANIFEST).read_text())
    change(document)
    (path / MANIFEST).write_text(yaml.safe_dump(document))


def resave(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the arrays, and the hash with them."""
    bundle = load(path)
    arrays = dict(bundle.arrays)
    change(arrays)
    save(path, bundle.manifest, arrays)


def test_round_trip(copy: Path) -> None:
    first = load(copy)
    assert first.manifest == manifest_with_window()
    save(copy, first.manifest, dict(first.arrays))
    second = load(copy)
    assert second.identifier == first.identifier
    assert second.manifest == first.manifest
    for name, array in first.arrays.items():
        np.testing.assert_array_equal(second.arrays[name], array)


def test_the_gender_is_told(copy: Path) -> None:
    first = load(copy)
    save(copy, replace(first.manifest, gender="female"), dict(first.arrays))
    assert load(copy).info.gender == "female" and first.info.gender == ""


def manifest_with_window() -> Any:
    expected = manifest()
    expected.acoustic.dims.update({"back": 1, "ahead": 6})  # type: ignore[attr-defined]
    return expected


def test_identifier_changes_with_the_weights(copy: Path) -> None:
    before = load(copy).identifier
    resave(copy, lambda arrays: arrays.update({"decoder.score": arrays["decoder.score"] + 1}))
    assert load(copy).identifier != before


def test_quantization_error_is_reported(tmp_path: Path) -> None:
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in models()]
    errors = write_bundle(tmp_path / "voice", states[0], states[1], manifest())
    assert {"vocoder.state", "decoder.attention_rnn.state", "postnet.convolution0.weight"} <= errors.keys()
    assert all(0 < error < 0.02 for error in errors.values())
    assert not list((tmp_path / "voice").glob(".*"))


Change = Callable[[dict[str, Any]], object]
INFINITE = float("inf")


def both(**values: float) -> Change:
    """The same in the contracts of both halves, so that only the value itself can be found wrong."""
    return lambda document: [document[half]["contract"].update(values) for half in ("acoustic", "vocoder")]


MANIFEST_FAULTS: dict[str, tuple[Change, str]] = {
    "newer format": (lambda d: d.update(format=2), r"voice.yaml: format: 2 \(a newer version .*this version reads 1"),
    "no name": (lambda d: d.pop("name"), "voice.yaml: name: missing"),
    "name of another type": (lambda d: d.update(name=5), "name: int; expected str"),
    "unknown family": (lambda d: d["vocoder"].update(family="vocos"), "vocoder.family: 'vocos'; accepted: .*multiband"),
    "dims missing": (lambda d: d["acoustic"]["dims"].pop("prenet"), "acoustic.dims.prenet: missing"),
    "dims negative": (lambda d: d["acoustic"]["dims"].update(prenet=-16), "acoustic.dims.prenet: -16; accepted"),
    "dims of another network": (
        lambda d: d["acoustic"]["dims"].update(prenet=32),
        r"decoder.prenet1: shape \[16, 82\]; expected \[32, 82\]",
    ),
    "contract incomplete": (lambda d: d["acoustic"]["contract"].pop("f_min"), "acoustic.contract.f_min: missing"),
    "contract unknown": (lambda d: d["acoustic"]["contract"].update(loud=1), "acoustic.contract.loud: unknown"),
    "contract of another type": (
        lambda d: d["vocoder"]["contract"].update(n_fft="big"),
        "vocoder.contract.n_fft: 'big'; expected int",
    ),
    "contract of another word": (lambda d: d["vocoder"]["contract"].update(scale="bark"), "scale: 'bark'; accepted: slaney, htk"),
    "halves disagree": (
        lambda d: d["vocoder"]["contract"].update(hop_length=200, f_max=7600.0),
        "different mels: hop_length: acoustic 160, vocoder 200; f_max: acoustic 8000.0, vocoder 7600.0",
    ),
    "features disagree": (
        lambda d: d["vocoder"]["dims"].update(n_features=80),
        "vocoder.dims.n_features: 80; its contract has 82",
    ),
    "symbols missing": (lambda d: d["symbols"].pop(), "symbols: .*n_symbols says"),
    "symbols twice": (lambda d: d["symbols"].__setitem__(3, d["symbols"][4]), "symbols: expected a list of different strings"),
    "no gender": (lambda d: d.update(gender="robot"), "gender: 'robot'; accepted: male, female"),
    "reads runes": (lambda d: d.update(reads="runes"), "reads: 'runes'; accepted: phones, characters"),
    "no hash": (lambda d: d["files"].clear(), "weights.safetensors: damaged, or not the file"),
    "a list": (lambda d: d.update(acoustic=[1]), "acoustic: list; expected dict"),
    "deviation without end": (both(deviation=INFINITE), "acoustic.contract.deviation: inf; accepted: 1e-06 to 1000"),
    "a mean that is no number": (both(mean=float("nan")), "acoustic.contract.mean: nan; accepted: -1000 to 1000"),
    "no band at all": (both(f_max=0.0), "acoustic.contract.f_max: 0.0; accepted: 1 to 24000"),
    "bands above half the rate": (both(f_max=9000.0), "f_max: 9000.0; accepted: more than f_min .0., at most 8000"),
    "a window of nothing": (both(win_length=0), "win_length: 0; accepted: 8 to 65536"),
    "frames with gaps": (both(hop_length=2000), "hop_length: 2000; accepted: at most n_fft, 1024"),
    "a rate of nothing": (both(sample_rate=20), "sample_rate: 20; accepted: 8000 to 48000"),
    "speech without end": (
        lambda d: d["acoustic"].update(words_per_minute=1e30),
        r"acoustic.words_per_minute: 1e\+30; accepted: 50 to 600",
    ),
    "infinitely fast": (lambda d: d["acoustic"].update(words_per_minute=INFINITE), "words_per_minute: inf; accepted"),
    "no speed": (lambda d: d["acoustic"].update(words_per_minute=0), "words_per_minute: 0; accepted: 50 to 600"),
    "a speed in words": (lambda d: d["acoustic"].update(words_per_minute="fast"), "words_per_minute: 'fast'; expected a number"),
    "a pitch that is no number": (lambda d: d["acoustic"].update(f0=float("nan")), "acoustic.f0: nan; accepted: 30 to 1000"),
    "a temperature without end": (lambda d: d["vocoder"].update(temperature=INFINITE), "vocoder.temperature: inf; accepted"),
    "another number without end": (lambda d: d["vocoder"].update(later=INFINITE), "vocoder.'later': inf; accepted"),
    "a name of two lines": (lambda d: d.update(name="a\nb"), "name: .*; accepted: up to 100 letters"),
    "a language that is none": (lambda d: d.update(languages=["en us\n"]), "languages: .*; expected language tags"),
    "a licence without end": (lambda d: d.update(licence="x" * 20000), "licence: 20000 characters; accepted: at most 10000"),
}  # fmt: skip


@pytest.mark.parametrize("fault", MANIFEST_FAULTS)
def test_manifest_faults_are_named(copy: Path, fault: str) -> None:
    change, message = MANIFEST_FAULTS[fault]
    edit(copy, change)
    with pytest.raises(VoiceError, match=message) as caught:
        load_engine(copy)
    assert str(copy) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_small_manifest_cannot_stand_for_a_large_one(copy: Path) -> None:
    """2 KB of aliases that are 500 MB when they are written out: refused at once, in a short line."""
    levels = ["a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    levels += [f"{new}: &{new} [{', '.join(['*' + old] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    (copy / MANIFEST).write_text("\n".join([*levels, "format: *i", ""]))
    with pytest.raises(VoiceError, match=r"voice\.yaml:\d+: an alias") as caught:
        load(copy)
    assert len(str(caught.value)) < 300


def test_missing_directory_manifest_and_weights(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"nowhere: no such voice directory"):
        load(tmp_path / "nowhere")
    (copy / WEIGHTS).unlink()
    with pytest.raises(VoiceError, match=r"weights\.safetensors: No such file"):
        load(copy)
    (copy / MANIFEST).unlink()
    with pytest.raises(VoiceError, match=r"voice\.yaml: No such file"):
        load(copy)


@pytest.mark.parametrize("text", [b"a: [1", b"\xff\xfe", b"- 1\n- 2", b"", b"!!python/object:os.system {}", b"a: &a [*a]",
                                  b"name: 2024-13-45", b"format: " + b"1" * 5000])  # fmt: skip
def test_manifest_that_is_none(copy: Path, text: bytes) -> None:
    (copy / MANIFEST).write_bytes(text)
    with pytest.raises(VoiceError, match=r"voice\.yaml"):
        load(copy)


def test_every_truncation_is_noticed(copy: Path) -> None:
    data = (copy / WEIGHTS).read_bytes()
    for length in (0, 4, 8, 100, len(data) // 2, len(data) - 1):
        (copy / WEIGHTS).write_bytes(data[:length])
        with pytest.raises(VoiceError, match=r"weights\.safetensors: (truncated|the header)"):
            load(copy)


def test_flipped_bit_is_noticed(copy: Path) -> None:
    data = bytearray((copy / WEIGHTS).read_bytes())
    data[len(data) // 2] ^= 4
    (copy / WEIGHTS).write_bytes(data)
    with pytest.raises(VoiceError, match=r"weights\.safetensors: damaged, .* SHA-256"):
        load(copy)


ARRAY_FAULTS: dict[str, tuple[Change, str]] = {
    "not a number": (
        lambda a: a.update({"decoder.score": a["decoder.score"] * np.nan}),
        "'decoder.score' holds values that are not finite",
    ),
    "missing": (lambda a: a.pop("vocoder.state.bias"), r"vocoder.state.bias: missing; expected an array \[144\]"),
    "no embedding": (lambda a: a.pop("encoder.embedding"), "encoder.embedding: missing"),
    "scale missing": (lambda a: a.pop("vocoder.state.scale"), "vocoder.state.scale: missing"),
    "transposed": (
        lambda a: a.update({"vocoder.output": a["vocoder.output"].T}),
        r"vocoder.output: shape \[32, 24\]; expected \[24, 32\]",
    ),
    "float where int8 is needed": (
        lambda a: a.update({"vocoder.state": a["vocoder.state"].astype(np.float32)}),
        "vocoder.state: not int8",
    ),
    "int8 where float is needed": (lambda a: a.update({"decoder.score": np.ones(16, np.int8)}), "decoder.score: not float"),
}  # fmt: skip


@pytest.mark.parametrize("fault", ARRAY_FAULTS)
def test_array_faults_are_named(copy: Path, fault: str) -> None:
    change, message = ARRAY_FAULTS[fault]
    resave(copy, change)
    with pytest.raises(VoiceError, match=message) as caught:
        load_engine(copy)
    assert str(copy) in str(caught.value)


def test_vocoder_without_pitch_is_refused(tmp_path: Path) -> None:
    from dataclasses import replace

    from toy_voice import MULTIBAND, TACOTRON

    contract = MelContract(pitch=False)
    dims = replace(TACOTRON, n_features=80), replace(MULTIBAND, n_features=80)
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in _models_without_pitch(*dims)]
    write_bundle(tmp_path, states[0], states[1], manifest(*dims, contract=contract))
    with pytest.raises(VoiceError, match="needs a contract with pitch"):
        load_engine(tmp_path)


def _models_without_pitch(acoustic: Any, vocoder: Any) -> tuple[Any, Any]:
    from speechd_neural.voice.models.multiband import MultiBandWaveRNN
    from speechd_neural.voice.models.tacotron2 import Tacotron2

    return Tacotron2(acoustic), MultiBandWaveRNN(vocoder)


def test_unwritable_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VoiceError, match="file"):
        save(tmp_path / "file" / "voice", manifest(), {})


def test_weights_that_training_did_not_finish(tmp_path: Path) -> None:
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in models()]
    with pytest.raises(VoiceError, match=r"vocoder: weights without 'gru.weight_hh'"):
        write_bundle(tmp_path, states[0], {k: v for k, v in states[1].items() if k != "gru.weight_hh"}, manifest())
    with pytest.raises(VoiceError, match=r"acoustic model: 'frames.bias' holds values that are not finite"):
        write_bundle(tmp_path, states[0] | {"frames.bias": states[0]["frames.bias"] * np.inf}, states[1], manifest())
    assert CONTRACT.n_features == 82 and not list(tmp_path.iterdir())


def file_of(header: object, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


HEADERS: dict[str, tuple[bytes, str]] = {
    "not JSON": (file_of(b"nonsense"), "not JSON"),
    "not an object": (file_of([1]), "not a JSON object"),
    "longer than the file": ((1 << 40).to_bytes(8, "little") + b"{}", "a header of"),
    "unknown type": (file_of({"a": {"dtype": "Q7", "shape": [1], "data_offsets": [0, 1]}}, b"1"), "'a': needs dtype"),
    "no offsets": (file_of({"a": {"dtype": "I8", "shape": [1]}}), "'a': needs dtype"),
    "behind the end": (file_of({"a": {"dtype": "I8", "shape": [9], "data_offsets": [0, 9]}}, b"123"), "truncated: array 'a'"),
    "backwards": (file_of({"a": {"dtype": "I8", "shape": [1], "data_offsets": [2, 1]}}, b"123"), "'a'"),
    "negative": (file_of({"a": {"dtype": "I8", "shape": [-1], "data_offsets": [0, 1]}}, b"123"), "whole numbers from 0"),
    "fractions": (file_of({"a": {"dtype": "I8", "shape": [1.5], "data_offsets": [0, 1]}}, b"123"), "whole numbers from 0"),
    "other size": (file_of({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, b"1234"), "does not take 4 bytes"),
    "text for a shape": (file_of({"a": {"dtype": "I8", "shape": "ab", "data_offsets": [0, 4]}}, b"1234"), "whole numbers from 0"),
}


@pytest.mark.parametrize("fault", HEADERS)
def test_safetensors_faults(tmp_path: Path, fault: str) -> None:
    data, message = HEADERS[fault]
    (tmp_path / "w.safetensors").write_bytes(data)
    with pytest.raises(VoiceError, match=message):
        safetensors.read(tmp_path / "w.safetensors")


def test_safetensors_are_those_of_the_reference() -> None:
    from safetensors.numpy import load as reference_load
    from safetensors.numpy import save as reference_save

    arrays = {"a": np.arange(12, dtype=np.float32).reshape(3, 4), "b": np.ones((0, 2), np.float16), "c": np.int8([-1, 5, 7])}
    ours = reference_load(safetensors.to_bytes(arrays))
    theirs = safetensors.parse(reference_save(arrays), Path("x"))
    for name, array in arrays.items():
        np.testing.assert_array_equal(ours[name], array)
        np.testing.assert_array_equal(theirs[name], array)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_break_the_reader(data: bytes, framed: bool) -> None:
    try:
        arrays = safetensors.parse(file_of(data) if framed else data, Path("x"))
    except VoiceError as error:
        assert str(error).startswith("x: ")
    else:
        assert all(isinstance(array, np.ndarray) for array in arrays.values())


def test_a_manifest_takes_no_longer_to_read_than_a_word(tmp_path):
    voice = tmp_path / "long"
    shutil.copytree(PACKAGE / "voices/rms", voice)
    with (voice / "voice.yaml").open("a") as file:
        file.write("more: [" + "a," * 120_000 + "]\n")  # the slowest to read for its size
    began = time.thread_time()
    describe(voice)
    assert time.thread_time() - began < 3
    with (voice / "voice.yaml").open("a") as file:
        file.write("# " + "x" * 100_000)
    with pytest.raises(VoiceError, match="longer than 262144 bytes"):
        describe(voice)
