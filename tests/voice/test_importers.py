"""Public checkpoints, whole and damaged, become voices or are refused with the reason."""

from __future__ import annotations

import pickle
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from public_models import SMALL, livened, public_module, save_fatchord
from toy_voice import models

from speechd_neural.errors import VoiceError
from speechd_neural.text.english.symbols import BASIC
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.importers import nvidia, torchaudio
from speechd_neural.voice.importers.voice import files_of, import_voice, read_half
from speechd_neural.voice.models.wavernn import WaveRNNDims


def tacotron2_state(symbols: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return dict(livened(public_module("tacotron2").Tacotron2(n_symbol=symbols, **SMALL)).state_dict())


def as_nvidia_writes(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    out = {}
    for name, value in state.items():
        head, _, kind = name.rpartition(".")
        if (head.endswith(".0") and value.ndim >= 1 and "convolutions" in head) or head.endswith("location_conv"):
            head += ".conv"
        elif head.startswith("decoder.") and "rnn" not in head:
            head += ".linear_layer"
        out[f"{head}.{kind}"] = value
    return out


def test_torchaudio_characters(tmp_path: Path) -> None:
    torch.save(tacotron2_state(38), tmp_path / "t.pth")
    found = read_half(tmp_path / "t.pth")
    assert (found.reads, len(found.symbols), found.symbols[11:13]) == ("characters", 38, (" ", "a"))
    assert found.half.contract == torchaudio.CONTRACT and found.half.dims["window"] == 0


def test_torchaudio_phones_are_ours(tmp_path: Path) -> None:
    state = tacotron2_state(96)
    torch.save(state, tmp_path / "t.pth")
    found = read_half(tmp_path / "t.pth")
    assert found.reads == "phones" and set(found.symbols) == set(BASIC) - {"_"}
    public, ours = state["embedding.weight"].numpy(), found.state["encoder.embedding.weight"]
    table = public_symbols()
    for symbol, phone in {"aa0": "AA", "aa1": "AA", "ax": "AH", "zh": "ZH", "er1": "ER", " ": " ", "?": "?"}.items():
        assert (ours[found.symbols.index(symbol)] == public[table.index(phone)]).all(), symbol


def public_symbols() -> tuple[str, ...]:
    assert len(torchaudio.PHONES) == 96 and len(torchaudio.CHARACTERS) == 38 and len(nvidia.SYMBOLS) == 148
    return torchaudio.PHONES


def test_nvidia(tmp_path: Path) -> None:
    state = as_nvidia_writes(tacotron2_state(148))
    torch.save({"iteration": 3, "state_dict": {f"module.{k}": v for k, v in state.items()}}, tmp_path / "n.pt")
    found = read_half(tmp_path / "n.pt")
    assert found.half.contract == nvidia.CONTRACT and found.symbols[-1] == "@ZH" and found.symbols[38] == "a"


def normed(state: dict[str, torch.Tensor], name: str, length: str, direction: str) -> dict[str, torch.Tensor]:
    weight = state[name]
    out = {key: value for key, value in state.items() if key != name}
    around = tuple(range(1, weight.ndim))
    return {**out, length: weight.norm(dim=around, keepdim=True), direction: 3 * weight}


@pytest.mark.parametrize(
    "wrapping, prefix",
    [("", "module."), ("", "_orig_mod.module."), ("model_state", ""), ("state_dict", "model."), ("model", "")],
)
def test_however_it_was_saved(tmp_path: Path, wrapping: str, prefix: str) -> None:
    good = tacotron2_state(38)
    torch.save(good, tmp_path / "good.pt")
    saved: Any = {prefix + name: value.half() if value.is_floating_point() else value for name, value in good.items()}
    torch.save({"epoch": 3, "optimizer": {}, wrapping: saved} if wrapping else saved, tmp_path / "t.pt")
    found, wanted = read_half(tmp_path / "t.pt"), read_half(tmp_path / "good.pt")
    assert found.state.keys() == wanted.state.keys() and found.half == wanted.half
    assert all(found.state[name] == pytest.approx(value, abs=2e-3) for name, value in wanted.state.items())


@pytest.mark.parametrize(
    "name, length, direction",
    [
        ("postnet.convolutions.1.0.weight", "postnet.convolutions.1.0.weight_g", "postnet.convolutions.1.0.weight_v"),
        ("decoder.gate_layer.weight", "decoder.gate_layer.parametrizations.weight.original0",
         "decoder.gate_layer.parametrizations.weight.original1"),
        ("encoder.lstm.weight_hh_l0", "encoder.lstm.weight_hh_l0_g", "encoder.lstm.weight_hh_l0_v"),
    ],
)  # fmt: skip
def test_weights_as_length_and_direction(tmp_path: Path, name: str, length: str, direction: str) -> None:
    good = tacotron2_state(38)
    torch.save(good, tmp_path / "good.pt")
    split = normed(good, name, length, direction)
    torch.save(split, tmp_path / "t.pt")
    found, wanted = read_half(tmp_path / "t.pt"), read_half(tmp_path / "good.pt")
    assert all(found.state[key] == pytest.approx(value, abs=1e-6) for key, value in wanted.state.items())
    for changed, reason in ((torch.zeros_like(split[direction]), "not finite"), (torch.ones(7), "missing|expected|no known")):
        torch.save({**split, direction: changed}, tmp_path / "t.pt")
        with pytest.raises(VoiceError, match=reason):
            read_half(tmp_path / "t.pt")


@pytest.mark.parametrize("bits, output", [(8, "classes"), (9, "classes"), (10, "classes"), (8, "mixture")])
def test_fatchord(tmp_path: Path, bits: int, output: str) -> None:
    dims = WaveRNNDims(gru=32, fc=32, residual_blocks=2, residual=16, auxiliary=16, bits=bits, output=output)
    (tmp_path / "hparams.py").write_text(f"import os\nbits = {bits}\nmu_law = False\nvoc_model_id = os.name\n")
    found = read_half(save_fatchord(tmp_path / "w.pyt", dims))
    assert found.half.contract == torchaudio.CONTRACT
    assert found.half.dims["outputs"] == dims.n_outputs and found.half.options["mu_law"] == 0
    assert found.half.options["input_gain"] == pytest.approx(0.0868589)


def test_a_vocoder_for_mels_that_end_early(tmp_path: Path) -> None:
    """What an NVIDIA model with its own settings needs."""
    dims = WaveRNNDims(gru=32, fc=32, residual_blocks=2, residual=16, auxiliary=16, bits=9, scales=(4, 8, 8))
    plain = "hop_length = 256\nn_fft = 1024\nwin_length = 1024\nfmin = 0.0\n"
    (tmp_path / "hparams.py").write_text(plain + "fmax = 8000\n")
    path = save_fatchord(tmp_path / "w.pyt", dims)
    assert read_half(path).half.contract == nvidia.CONTRACT
    (tmp_path / "hparams.py").write_text(plain + "fmax = None\n")
    assert read_half(path).half.contract.f_max == 11025


def own_checkpoints(folder: Path) -> list[Path]:
    from toy_voice import MULTIBAND, TACOTRON

    paths = [folder / "acoustic.pt", folder / "vocoder.pt"]
    for path, model, dims in zip(paths, models(), (TACOTRON, MULTIBAND), strict=True):
        torch.save({"average": model.state_dict(), "dims": asdict(dims), "contract": asdict(MelContract())}, path)
    return paths


def test_own_checkpoints(tmp_path: Path) -> None:
    own_checkpoints(tmp_path)
    errors = import_voice([tmp_path], tmp_path / "v", name="own", languages=["en"], licence="MIT", provenance="here")
    assert errors and max(errors.values()) < 0.05 and (tmp_path / "v" / "voice.yaml").is_file()


class Evil:
    def __reduce__(self) -> Any:
        return (print, ("executed",))


def test_bad_files_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(content: Any, reason: str) -> None:
        path = tmp_path / "bad.pt"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            torch.save(content, path)
        with pytest.raises(VoiceError, match=reason) as caught:
            read_half(path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)

    good = tacotron2_state(38)
    torch.save(good, tmp_path / "good.pt")
    whole = (tmp_path / "good.pt").read_bytes()
    refused(whole[: len(whole) // 2], "truncated, or not a torch checkpoint")
    refused(b"", "truncated, or not a torch checkpoint")
    refused(b"<!DOCTYPE html><html>not found</html>", "truncated, or not a torch checkpoint")
    refused(pickle.dumps({"x": Evil()}), "not (a torch checkpoint|loaded)")
    refused({"embedding.weight": Evil()}, r"holds \S*print besides weights")
    refused(torch.nn.Linear(2, 2), "holds torch.nn.modules.linear.Linear besides weights")
    assert "executed" not in capsys.readouterr().out
    refused([1, 2], "not a checkpoint")
    refused({"a": 3}, "a: int; expected a tensor")
    refused({"a": torch.zeros(1)}, "no known kind")
    refused({**good, "embedding.weight": torch.full((38, 32), float("nan"))}, "embedding.weight: holds values")
    refused({**good, "embedding.weight": torch.full((38, 32), 1e38)}, "embedding.weight: holds values .* beyond 1e\\+15")
    refused({**good, "decoder.gate_layer.weight": torch.zeros(1, 63)}, r"gate.weight: shape \[1, 63\]; expected \[1, 64\]")
    refused({k: v for k, v in good.items() if "prenet.layers.1" not in k}, "prenet.1.weight: missing")
    refused({**good, "decoder.extra": torch.zeros(1)}, "decoder.extra: no such weights")
    refused(tacotron2_state(40), "40 symbols")
    # A few bytes that claim to be terabytes; rows that lie nowhere; numbers that are none.
    refused({**good, "embedding.weight": torch.zeros(1).expand(1 << 20, 1 << 20)}, "fewer numbers are in the file")
    refused({**good, "embedding.weight": torch.zeros(3, 3).to_sparse()}, "embedding.weight: expected a plain tensor")
    refused({**good, "embedding.weight": torch.zeros(3, 3, device="meta")}, "embedding.weight: expected a plain tensor")
    refused({**good, "embedding.weight": torch.zeros(3, 3, dtype=torch.cfloat)}, "embedding.weight: expected a plain tensor")
    refused({**good, "embedding.weight": torch.zeros(0, 3)}, "embedding.weight: .* no numbers in it")
    refused({"model": {1: torch.zeros(1)}}, "no weights in it")
    refused({k: v for k, v in good.items() if k != "decoder.attention_rnn.bias_hh"}, "attention_rnn: expected two biases")


def test_own_checkpoints_that_lie(tmp_path: Path) -> None:
    path = own_checkpoints(tmp_path)[1]
    good = torch.load(path, weights_only=True)
    for changed, reason in (
        ({"average": torch.zeros(3)}, "average: Tensor; expected values by name"), ({"dims": 3}, "dims: int"),
        ({"dims": good["dims"] | {"gru": "many"}}, "dims.gru: 'many'; expected 1 to"),
        ({"dims": good["dims"] | {"gru": 1 << 40}}, "dims.gru"),
        ({"dims": good["dims"] | {"more": 1}}, "no family that is trained here"),
        ({"dims": good["dims"] | {"bands": 0}}, "dims.bands: 0; expected 1 to"),
        ({"contract": good["contract"] | {"sample_rate": torch.ones(1)}}, "contract.sample_rate: .* expected int"),
        ({"contract": good["contract"] | {"hop_length": 0}}, "contract.hop_length: 0; accepted"),
    ):  # fmt: skip
        torch.save(good | changed, path)
        with pytest.raises(VoiceError, match=reason):
            read_half(path)


def test_fatchord_settings_that_do_not_fit(tmp_path: Path) -> None:
    dims = WaveRNNDims(gru=32, fc=32, residual_blocks=1, residual=16, auxiliary=16, bits=9)
    path = save_fatchord(tmp_path / "w.pyt", dims)
    for text, reason in (
        ("bits = 10\n", "9 bits in the weights, 10"), ("hop_length = 256\n", "hop 275"), ("bits = '9'\n", "hparams.py:1: bits"),
        ("n_fft = 2 ** size\n", "hparams.py:1: n_fft: not a plain value"), ("bits = (", "cannot be read"),
        ("min_level_db = 3\n", "min_level_db"), ("n_fft = {[]: 1}\n", "hparams.py:1: n_fft: not a plain value"),
        ("fmax = 30\n", "expected frequencies"), ("fmax = 'x'\n", "expected float"),
        ("n_fft = " + "(" * 5000 + ")" * 5000, "cannot be read"), ("n_fft = " + "-" * 5000 + "1", "hparams.py"),
    ):  # fmt: skip
        (tmp_path / "hparams.py").write_text(text)
        with pytest.raises(VoiceError, match=reason):
            read_half(path)


def test_two_of_a_kind_and_odd_numbers_are_refused(tmp_path: Path) -> None:
    acoustic, vocoder = own_checkpoints(tmp_path)
    meta = {"name": "x", "languages": ["en"], "licence": "x", "provenance": "x"}
    for pair, reason in (([acoustic, acoustic], "both acoustic models"), ([vocoder, vocoder], "both vocoders")):
        with pytest.raises(VoiceError, match=reason):
            import_voice(pair, tmp_path / "v", **meta)  # type: ignore[arg-type]
    with pytest.raises(VoiceError, match="give both"):
        files_of([acoustic])
    with pytest.raises(VoiceError, match="no such file"):
        read_half(tmp_path / "none.pt")
    vocoder.unlink()
    with pytest.raises(VoiceError, match="1 checkpoints"):
        files_of([tmp_path])
