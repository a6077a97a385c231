"""Tacotron (1): a public checkpoint made of seeded random numbers, spoken by plain torch.nn layers under the public names,
by the reference model, and by the CPU's runtime."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from public_models import save_fatchord
from public_tacotron1 import DIMS, MOST_FRAMES, VOCODER, public_model, saved

from speechd_neural.errors import VoiceError
from speechd_neural.types import Segment, Word
from speechd_neural.voice import tacotron1
from speechd_neural.voice.bundle import Bundle, load
from speechd_neural.voice.engine import NeuralEngine, load_engine
from speechd_neural.voice.gpu.runtime import TorchRuntime
from speechd_neural.voice.importers import torchaudio
from speechd_neural.voice.importers.tacotron1 import SYMBOLS
from speechd_neural.voice.importers.voice import import_voice, read_half
from speechd_neural.voice.models.tacotron1 import Tacotron1, Tacotron1Dims
from speechd_neural.voice.randomness import DROPOUT_STREAM, random_bits
from speechd_neural.voice.runtime import CpuRuntime

IDS = torch.tensor([39, 12, 44, 50, 11, 60, 61, 40, 55, 7])


def run_cbhg(part: Any, x: torch.Tensor) -> torch.Tensor:
    n, residual = x.shape[2], x
    bank = torch.cat([layer["bnorm"](F.relu(layer["conv"](x)))[:, :, :n] for layer in part["conv1d_bank"]], 1)
    x = F.max_pool1d(bank, 2, stride=1, padding=1)[:, :, :n]
    x = part["conv_project1"]["bnorm"](F.relu(part["conv_project1"]["conv"](x)))
    x = part["conv_project2"]["bnorm"](part["conv_project2"]["conv"](x)) + residual
    x = x.transpose(1, 2)
    if "pre_highway" in part:
        x = part["pre_highway"](x)
    for highway in part["highways"]:
        gate = torch.sigmoid(highway["W2"](x))
        x = gate * F.relu(highway["W1"](x)) + (1 - gate) * x
    return part["rnn"](x)[0]


@torch.no_grad()
def spoken(model: Any, d: Tacotron1Dims, ids: torch.Tensor, steps: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What the public layers say: refined frames -4 … 4 [n, F], the decoder's frames, attention [steps, S]."""
    encoder, decoder = model["encoder"], model["decoder"]
    x = encoder["embedding"](ids[None])
    memory = run_cbhg(encoder["cbhg"], F.relu(encoder["pre_net"]["fc2"](F.relu(encoder["pre_net"]["fc1"](x)))).transpose(1, 2))
    keys, size = model["encoder_proj"](memory), len(ids)
    hidden, context, mel = torch.zeros(1, d.attention), torch.zeros(1, 2 * d.encoder), torch.zeros(1, d.n_features)
    first = second = (torch.zeros(1, d.decoder_rnn), torch.zeros(1, d.decoder_rnn))
    cumulative = last = torch.zeros(1, size)
    attn, mels, scores = decoder["attn_net"], [], []
    for _ in range(steps):
        pre = F.relu(decoder["prenet"]["fc2"](F.relu(decoder["prenet"]["fc1"](mel))))
        hidden = decoder["attn_rnn"](torch.cat([context, pre], 1), hidden)
        location = attn["L"](attn["conv"](torch.stack([cumulative, last], 1)).transpose(1, 2))
        u = attn["v"](torch.tanh(attn["W"](hidden)[:, None] + keys + location))[..., 0]
        last = torch.sigmoid(u) / torch.sigmoid(u).sum(1, keepdim=True)
        cumulative = cumulative + last
        context = (last[:, None] @ memory)[:, 0]
        x = decoder["rnn_input"](torch.cat([context, hidden], 1))
        first = decoder["res_rnn1"](x, first)
        x = x + first[0]
        second = decoder["res_rnn2"](x, second)
        x = x + second[0]
        step = decoder["mel_proj"](x).view(1, d.n_features, MOST_FRAMES)[:, :, : d.frames_per_step]
        mel = step[:, :, -1]
        mels.append(step)
        scores.append(last[0])
    coarse = torch.cat(mels, 2)
    return model["post_proj"](run_cbhg(model["postnet"], coarse))[0], coarse[0].t(), torch.stack(scores)


def voice(folder: Path, model: Any, d: Tacotron1Dims, later: bool = True, **changed: Any) -> Bundle:
    folder.mkdir(parents=True, exist_ok=True)
    files = [saved(folder / "latest_weights.pyt", model, d, later, **changed), save_fatchord(folder / "wavernn.pyt", VOCODER)]
    import_voice(files, folder / "voice", name="one", languages=["en"], licence="x", provenance="y")
    return load(folder / "voice")


def reference(path: Path, d: Tacotron1Dims) -> Tacotron1:
    ours = Tacotron1(d).eval()
    ours.load_state_dict({k: torch.from_numpy(v) for k, v in read_half(path).state.items()}, strict=False)
    return ours


@pytest.mark.parametrize(
    "d", [DIMS, replace(DIMS, frames_per_step=3, encoder_bank=8), Tacotron1Dims()], ids=["small", "r 3", "full"]
)
def test_reference_model_says_what_public_layers_say(tmp_path: Path, d: Tacotron1Dims) -> None:
    model = public_model(d)
    fine, coarse, weights = spoken(model, d, IDS, 12)
    ours = reference(saved(tmp_path / "t.pyt", model, d), d)
    features, frames, attention = ours.infer(IDS, 12, stop=-100.0)
    torch.testing.assert_close(frames, coarse, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(attention, weights, atol=1e-5, rtol=1e-3)
    # x = (y + 4) / 8 is what the repository's WaveRNN reads: decibels over 100 dB.
    gain, shift = torchaudio.INPUT["input_gain"], torchaudio.INPUT["input_shift"]
    torch.testing.assert_close(gain * features + shift, (fine + 4) / 8, atol=1e-4, rtol=1e-3)


def test_import(tmp_path: Path) -> None:
    found = read_half(saved(tmp_path / "t.pyt", public_model(DIMS), DIMS))
    assert (found.half.family, found.reads, found.symbols) == ("tacotron1", "characters", SYMBOLS)
    assert found.half.contract == torchaudio.CONTRACT and found.half.dims["frames_per_step"] == 2
    assert found.half.options == {"stop": pytest.approx(-3.4), "dropout": 0.0}
    earlier = read_half(saved(tmp_path / "e.pyt", public_model(DIMS), DIMS, later=False))
    assert earlier.half.options == {"stop": -3.8, "dropout": 1.0}
    (tmp_path / "hparams.py").write_text("hop_length = 256\nwin_length = 1024\nfmin = 0\nmin_level_db = -80\n")
    other = read_half(tmp_path / "t.pyt")
    assert (other.half.contract.hop_length, other.half.contract.f_min) == (256, 0)
    assert other.state["feature_deviation"][0] == pytest.approx(found.state["feature_deviation"][0] * 0.8)


@pytest.mark.parametrize("d", [DIMS, replace(DIMS, frames_per_step=1, highways=1), Tacotron1Dims()], ids=["small", "r 1", "full"])
def test_cpu_runtime_says_what_the_reference_says(tmp_path: Path, cpu: str, d: Tacotron1Dims) -> None:
    """Memory and refined frames within float16's rounding of weights; the decoder's within eight bits'."""
    bundle = voice(tmp_path, public_model(d), d)
    ours = reference(tmp_path / "latest_weights.pyt", d)
    runtime = CpuRuntime(bundle, cpu)
    wanted, coarse, weights = (t.numpy() for t in ours.infer(IDS, 40, stop=-100.0))
    with torch.no_grad():
        memory = ours.encoder(IDS[None])[0].numpy()
    encoded = runtime.encode(IDS.numpy(), lambda: None)
    assert np.abs(encoded - memory).max() < 0.005
    frames, positions, gates, attention = runtime.decode(encoded, 1).run(40)
    assert np.abs(frames - coarse).max() < 0.1 * coarse.std() + 0.01
    assert np.abs(attention - weights).max() < 0.01
    np.testing.assert_array_equal(positions, np.maximum.accumulate(attention.argmax(axis=1)))
    np.testing.assert_allclose(gates, -3.4 - frames.reshape(40, -1).max(axis=1), rtol=1e-5)
    postnet = runtime.postnet()
    refined = np.concatenate([postnet.feed(coarse), postnet.finish()])
    assert refined.shape == wanted.shape
    assert np.abs(refined - wanted).max() < 0.05 * wanted.std()


@pytest.mark.parametrize("energy", [-12.0, -40.0, -80.0])
def test_attention_where_no_symbol_is_wanted_much(tmp_path: Path, energy: float) -> None:
    """Shares are of what there is, however little; rounded to zero they would be no numbers, and so would all that follows."""
    model = public_model(DIMS)
    with torch.no_grad():
        attention = model["decoder"]["attn_net"]
        attention["v"].weight.fill_(energy / DIMS.attention)
        attention["W"].bias.fill_(1.5)
    runtime = CpuRuntime(voice(tmp_path, model, DIMS))
    _, _, weights = reference(tmp_path / "latest_weights.pyt", DIMS).infer(IDS, 12, stop=-100.0)
    found = runtime.decode(runtime.encode(IDS.numpy(), lambda: None), 1).run(12)[3]
    assert np.abs(found - weights.numpy()).max() < 0.02 and weights.numpy().std() > 0
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def test_postnet_in_pieces_and_what_looking_ahead_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    d = Tacotron1Dims()
    runtime = CpuRuntime(voice(tmp_path, public_model(d), d))
    frames = np.random.default_rng(0).standard_normal((150, 80)).astype(np.float32)

    def refined(piece: int) -> np.ndarray:
        postnet = runtime.postnet()
        parts = [postnet.feed(frames[i : i + piece]) for i in range(0, len(frames), piece)]
        return np.concatenate([*parts, postnet.finish()])

    found = refined(150)
    for piece in (1, 7, 64):
        np.testing.assert_allclose(refined(piece), found, atol=1e-4)
    network = runtime.acoustic
    whole = network.refine.whole(frames, lambda: None) @ network.leave * network.deviation + network.mean
    assert found.shape == whole.shape
    assert np.abs(found - whole).max() < 0.01 * whole.std()
    monkeypatch.setattr(tacotron1, "LOOK", 4)
    assert np.abs(refined(150) - whole).max() > np.abs(found - whole).max()


def test_copies_and_other_tries(tmp_path: Path) -> None:
    """Later voices speak without dropout, so another try of a word takes it in; earlier ones always had it."""
    runtime = CpuRuntime(voice(tmp_path / "later", public_model(DIMS), DIMS))
    memory = runtime.encode(IDS.numpy(), lambda: None)
    run = runtime.decode(memory, 1)
    run.run(5)
    before = run.copy()
    first = run.run(6)[0]
    np.testing.assert_array_equal(before.copy().run(6)[0], first)
    again = before.copy()
    again.retry(9)
    tried = again.run(6)[0]
    assert np.abs(tried - first).max() > 1e-3
    third = before.copy()
    third.retry(9)
    np.testing.assert_array_equal(np.concatenate([third.run(2)[0], third.run(4)[0]]), tried)
    other = runtime.decode(memory, 1)
    assert (other.copy().run(1)[3] > 0).all()
    other.retry(9)
    assert np.flatnonzero(other.run(1)[3]).tolist() == list(range(7))  # the window's

    earlier = CpuRuntime(voice(tmp_path / "earlier", public_model(DIMS), DIMS, later=False))
    ours = reference(tmp_path / "earlier" / "latest_weights.pyt", DIMS)
    width = DIMS.prenet_first + DIMS.prenet
    masks = np.where(random_bits(3, DROPOUT_STREAM, 0, 8 * width) >> np.uint64(63), np.float32(2), np.float32(0))
    _, coarse, _ = ours.infer(IDS, 8, -100.0, torch.from_numpy(masks.reshape(8, width)))
    frames = earlier.decode(earlier.encode(IDS.numpy(), lambda: None), 3).run(8)[0]
    assert np.abs(frames - coarse.numpy()).max() < 0.1 * float(coarse.std()) + 0.01


@torch.no_grad()
def walk(model: Any, d: Tacotron1Dims, steps: float = 3.5) -> None:
    """Set the attention so that it rests on one symbol after the other: energy is high where the symbol before has had its
    steps and this one has not; the first symbol is known from a unit of the encoder's GRU that counts up."""
    for parameter in model["decoder"]["attn_net"].parameters():
        parameter.zero_()
    model["encoder_proj"].weight.zero_()
    rnn, n = model["encoder"]["cbhg"]["rnn"], d.encoder
    for suffix, keeps in (("", 0.9), ("_reverse", 0.0)):  # unit 0 forward: 1 - 0.9^(s + 1); backward: 1
        for kind in ("ih", "hh"):
            getattr(rnn, f"weight_{kind}_l0{suffix}")[0::n] = 0
            getattr(rnn, f"bias_{kind}_l0{suffix}")[0::n] = 0
        getattr(rnn, f"bias_ih_l0{suffix}")[n] = float(np.log(keeps / (1 - keeps))) if keeps else -20.0
        getattr(rnn, f"bias_ih_l0{suffix}")[2 * n] = 20.0
    attention, centre = model["decoder"]["attn_net"], d.location_kernel // 2
    attention["conv"].weight[0, 0, centre - 1] = attention["conv"].weight[1, 0, centre] = 1
    sharp, counting, constant = 8.0, 0, n
    attention["L"].weight[0, 0], attention["L"].weight[1, 1] = sharp, -sharp
    key = model["encoder_proj"].weight
    key[0, constant], key[1, constant] = -sharp * steps, sharp * steps
    key[2, constant], key[2, counting] = 100 * 0.145, -100
    attention["v"].weight[0, :3] = 8


def test_a_voice_of_it_speaks(tmp_path: Path) -> None:
    model = public_model(DIMS)
    walk(model, DIMS)
    bundle = voice(tmp_path, model, DIMS, stop_threshold=torch.tensor(100.0))  # ends as soon as the last symbol is reached
    segment = Segment(
        symbols=tuple("helloworld"), text="hello world.", words=(Word("hello", (0, 5), (0, 5)), Word("world", (6, 11), (5, 10)))
    )
    spans = {}
    for engine in (load_engine(tmp_path / "voice"), NeuralEngine(bundle, TorchRuntime(bundle, "cpu"))):
        chunks = list(engine.synthesize(segment, seed=1, cancelled=lambda: False))
        said = [span for chunk in chunks for span in chunk.spans]
        samples = np.concatenate([chunk.samples for chunk in chunks])
        assert [span.symbol for span in said] == list(range(10)) and len(samples) % 275 == 0
        assert all(a.end <= b.start for a, b in pairwise(said)) and said[-1].end <= len(samples)
        assert np.isfinite(samples).all() and samples.std() > 0
        spans[engine.info.identifier] = said
    first, second = spans.values()
    assert first == second and len(spans) == 2


class Evil:
    def __reduce__(self) -> Any:
        return (print, ("executed",))


def test_bad_files_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, path = public_model(DIMS), tmp_path / "t.pyt"

    def refused(reason: str, **changed: Any) -> None:
        if changed:
            saved(path, model, DIMS, **changed)
        with pytest.raises(VoiceError, match=reason) as caught:
            read_half(path)
        assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)

    state = model.state_dict()
    whole = saved(path, model, DIMS).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused("truncated, or not a torch checkpoint")
    path.write_bytes(pickle.dumps({"x": Evil()}))
    refused("not (a torch checkpoint|loaded)")
    refused("besides weights", **{"post_proj.weight": Evil()})
    assert "executed" not in capsys.readouterr().out
    refused("rnn_input.bias: holds values", **{"decoder.rnn_input.bias": torch.full((48,), float("nan"))})
    refused(r"lstm.0.weight_ih: shape \[192, 47\]; expected \[192, 48\]", **{"decoder.res_rnn1.weight_ih": torch.zeros(192, 47)})
    refused("attention.query.bias: missing", **{"decoder.attn_net.W.bias": None})
    refused("decoder.extra: no such weights", **{"decoder.extra": torch.zeros(1)})
    refused("decoder.r: missing", **{"decoder.r": None})
    refused("decoder.r: 0; expected 1 to 20", **{"decoder.r": torch.tensor(0)})
    refused("mel_proj.weight: 1599 rows", **{"decoder.mel_proj.weight": state["decoder.mel_proj.weight"][1:]})
    refused("post_proj.weight: 1025 rows", **{"post_proj.weight": torch.zeros(1025, 32)})
    saved(path, public_model(replace(DIMS, n_symbols=70)), replace(DIMS, n_symbols=70))
    refused("70 symbols")
    saved(path, model, DIMS)
    for text, reason in (("num_mels = 40\n", "80 mel bands in the weights, 40"), ("min_level_db = 3\n", "min_level_db")):
        (tmp_path / "hparams.py").write_text(text)
        refused(reason)


def test_halves_for_different_mels_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    files = [saved(tmp_path / "a" / "t.pyt", public_model(DIMS), DIMS), save_fatchord(tmp_path / "wavernn.pyt", VOCODER)]
    (tmp_path / "a" / "hparams.py").write_text("fmin = 0\n")
    meta: Mapping[str, Any] = {"name": "x", "languages": ["en"], "licence": "x", "provenance": "y"}
    with pytest.raises(VoiceError, match=r"(?s)different mels.*trained alike.*hparams\.py.*f_min +0\.0 +40\.0"):
        import_voice(files, tmp_path / "v", **meta)
    with pytest.raises(VoiceError, match="both acoustic models"):
        import_voice([files[0], files[0]], tmp_path / "v", **meta)


def test_damaged_bundles_are_named(tmp_path: Path) -> None:
    bundle = voice(tmp_path, public_model(DIMS), DIMS)
    for name in ("decoder.lstm1.state", "encoder.cbhg.bank.2.gain", "postnet.leave", "decoder.enter.query.scale"):
        with pytest.raises(VoiceError, match=f"{name}: missing"):
            CpuRuntime(replace(bundle, arrays={k: v for k, v in bundle.arrays.items() if k != name}))
        with pytest.raises(VoiceError, match=rf"{name}: .*expected"):
            CpuRuntime(replace(bundle, arrays={**bundle.arrays, name: bundle.arrays[name][:3]}))
