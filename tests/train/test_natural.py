"""What a natural voice needs beyond the plain training: another contract, a critic, a vocoder that knows its acoustic model."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speechd_neural.errors import VoiceError
from speechd_neural.text.english.symbols import SYMBOLS
from speechd_neural.train import adversary, corpus, edges, features, multiband, own_features, ripple, tacotron2
from speechd_neural.train.checkpoint import load_checkpoint
from speechd_neural.train.teachers import Item
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.models.multiband import MultiBandDims
from speechd_neural.voice.models.tacotron2 import Tacotron2Dims

CONTRACT = MelContract(sample_rate=16000, hop_length=240, f_max=8000)
LAYOUT = features.Layout(CONTRACT, 6, SYMBOLS)
DIMS = Tacotron2Dims(
    n_symbols=len(SYMBOLS), embedding=16, encoder=16, prenet=8, attention_rnn=16, attention=8, decoder_rnn=16, postnet=8
)
VOCODER = MultiBandDims(bands=6, conditioning=16, gru=16, hidden=16)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("spoken")
    corpus.generate([Item("a", "good morning to all of you"), Item("b", "seven of them are open")], directory, "rms", 1)
    (directory / "clipped.txt").write_text("b\n")
    return directory


@pytest.fixture(scope="module")
def shards(spoken: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("shards")
    features.pack_corpus(corpus.read_corpus(spoken), LAYOUT, directory, processes=1)
    return directory


def speak(shards: Path, out: Path, **options: Any) -> Path:
    options = {"contract": CONTRACT, "dims": DIMS, "minutes": 60, "budget": 300, "half": False, "progress": False} | options
    return tacotron2.train(shards, out, **options)


def test_shards_say_what_they_were_computed_with(shards: Path) -> None:
    assert features.read_layout(shards) == LAYOUT
    assert features.load_shards(shards)["bands"].shape[1] == 6


def test_other_features_do_not_get_among_those_that_are_there(spoken: Path, shards: Path) -> None:
    other = features.Layout(MelContract(sample_rate=16000, hop_length=200), 4, SYMBOLS)
    with pytest.raises(VoiceError, match=r"layout\.json: .*hop_length 240, not 200") as caught:
        features.pack_corpus(corpus.read_corpus(spoken), other, shards, processes=1)
    assert "\n" not in str(caught.value) and features.read_layout(shards) == LAYOUT


def test_a_damaged_layout_is_named(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"layout\.json: .*train features"):
        features.read_layout(tmp_path)
    (tmp_path / "layout.json").write_text('{"bands": 4}')
    with pytest.raises(VoiceError, match=r"layout\.json: damaged"):
        features.read_layout(tmp_path)


def test_what_is_left_of_a_clipped_symbol_is_left_out(spoken: Path, shards: Path) -> None:
    """A voice that learned from it would skip the first symbol of every text."""
    whole, clipped = corpus.read_corpus(spoken)
    data = features.load_shards(shards)
    counts = np.diff(data["symbol_starts"])
    assert (not whole.clipped, clipped.clipped) == (True, True)
    assert counts.tolist() == [len(whole.symbols), len(clipped.symbols) - 1]
    alignment = data["alignment"][data["starts"][1] : data["starts"][2]]
    assert alignment[0] == 0 and [LAYOUT.symbols[i] for i in data["symbols"][counts[0] :][:2]] == list(clipped.symbols[1:3])
    assert edges.without_first_symbol(("ax", " ", "b"), np.zeros(9), np.array([[0, 3], [3, 3], [3, 9]]))[0] == ("b",)


def test_the_critic_tells_smooth_mels_from_recorded_ones() -> None:
    torch.manual_seed(1)
    critic = adversary.MelCritic(8)
    optimizer = torch.optim.Adam(critic.parameters(), lr=2e-3)
    recorded = torch.randn(16, adversary.PATCH, 20)
    smooth = torch.nn.functional.avg_pool1d(recorded.transpose(1, 2), 3, 1, 1).transpose(1, 2)
    for _ in range(40):
        optimizer.zero_grad()
        adversary.critic_loss(critic, recorded, smooth).backward()
        optimizer.step()
    with torch.no_grad():
        assert critic(recorded)[-1].mean() > critic(smooth)[-1].mean() + 0.5
    assert adversary.deception_loss(critic, recorded, smooth) > adversary.deception_loss(critic, recorded, recorded) + 0.05


def test_patches_lie_within_what_is_heard() -> None:
    heard = torch.zeros(2, 90)
    heard[0, 10:70] = 1
    frames = torch.arange(90.0)[None, :, None].expand(2, 90, 3)
    (patches,) = adversary.cut_patches(heard, frames, most=5)
    assert patches.shape == (5, adversary.PATCH, 3)
    assert patches.min() >= 10 and patches.max() < 70 and (patches.diff(dim=1) == 1).all()
    assert adversary.cut_patches(heard[:, :20], frames[:, :20], most=5)[0].shape[0] == 0


def test_the_critic_is_kept_in_the_checkpoint_and_comes_in_late(shards: Path, tmp_path: Path) -> None:
    early = load_checkpoint(speak(shards, tmp_path / "early", updates=3, adversarial=0.1, adversarial_from=0.9))
    late = load_checkpoint(speak(shards, tmp_path / "late", updates=3, adversarial=0.1, adversarial_from=0.0))
    assert not early["critic_optimizer"]["state"] and late["critic_optimizer"]["state"]
    resumed = load_checkpoint(speak(shards, tmp_path / "late", updates=4, adversarial=0.1, adversarial_from=0.0))
    assert resumed["step"] == 4 and resumed["symbols"] == list(SYMBOLS)


def test_a_run_begins_with_the_weights_of_another(shards: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {"contract": CONTRACT, "batch": 4, "minutes": 60, "progress": False, "half": False}
    first = multiband.train(shards, tmp_path / "a", dims=VOCODER, updates=5, **options)
    second = multiband.train(shards, tmp_path / "b", dims=VOCODER, updates=0, start=first, **options)
    before, after = load_checkpoint(first), load_checkpoint(second)
    assert after["step"] == 0 and torch.equal(before["average"]["output.weight"], after["model"]["output.weight"])
    with pytest.raises(VoiceError, match=r"multiband\.pt: its weights do not fit"):
        wider = MultiBandDims(bands=6, conditioning=16, gru=32, hidden=16)
        multiband.train(shards, tmp_path / "c", dims=wider, updates=1, start=first, **options)


def test_what_harmonics_a_model_lost_is_measured(shards: Path, tmp_path: Path) -> None:
    checkpoint = speak(shards, tmp_path / "run", updates=2)
    contract = features.read_layout(shards).contract
    data = features.load_shards(shards)
    recorded = ripple.depth(data["features"].astype(np.float32), contract)
    lost = ripple.lost_depth(shards, checkpoint)  # this model knows nothing yet
    assert lost.shape == recorded.shape == (contract.n_mels,)
    assert (lost >= 0).all() and lost.max() > 0.5 * recorded.max() > 0.05
    assert lost[0] == 0 == lost[-1]
    assert (ripple.depth(np.zeros((5, contract.n_features), np.float32), contract) == 0).all()


def test_own_features_stay_in_time_with_the_recorded_ones(shards: Path, tmp_path: Path) -> None:
    checkpoint = speak(shards, tmp_path / "run", updates=150, rate=1e-2)
    lines = list(own_features.rewrite(shards, checkpoint, tmp_path / "own"))
    assert len(lines) == 1 and list(own_features.rewrite(shards, checkpoint, tmp_path / "own")) == []
    recorded, own = features.load_shards(shards), features.load_shards(tmp_path / "own")
    for name in ("bands", "starts", "alignment", "symbols"):
        assert np.array_equal(recorded[name], own[name])
    a, b = (d["features"].astype(np.float32)[d["alignment"] >= 0][:, 10] for d in (recorded, own))
    assert not np.array_equal(a, b) and np.corrcoef(a, b)[0, 1] > 0.7
    with pytest.raises(VoiceError, match="expected one of tacotron2"):
        options: dict[str, Any] = {"contract": CONTRACT, "batch": 4, "minutes": 60, "progress": False, "half": False}
        vocoder = multiband.train(shards, tmp_path / "v", dims=VOCODER, updates=0, **options)
        list(own_features.rewrite(shards, vocoder, tmp_path / "x"))
