"""The corpus generator with the real teacher, and what training makes of its output."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from speechd_neural.errors import TextError, VoiceError
from speechd_neural.paths import packaged_voices
from speechd_neural.text.english.symbols import SYMBOLS
from speechd_neural.train import align, corpus, evaluate, features
from speechd_neural.train.pitch import track_pitch
from speechd_neural.train.teachers import Item
from speechd_neural.types import Kind
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.store import SMALL

LAYOUT = features.Layout(MelContract(), 4, SYMBOLS)
SENTENCES = [
    "The birch canoe was old, but it floated.",
    "Did the dog's owner read this line?",
    "Nobody heard the quiet bell ring at noon today.",
]


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("corpus")
    items = [Item("s0", SENTENCES[0]), Item("s1", SENTENCES[1]), Item("w0", "a", Kind.CHAR), Item("w1", "W")]
    corpus.generate(items, directory, "rms", 1)
    return directory


def test_symbols_follow_the_text(small_corpus: Path) -> None:
    entries = {e.id: e for e in corpus.read_corpus(small_corpus)}
    assert entries["w0"].symbols == ("ey1", ".")
    assert "".join(entries["w1"].symbols) == "dah1baxlyuw0."
    first = entries["s0"].symbols
    assert first[-1] == "." and "," in first and first.count(" ") == 6
    assert entries["s1"].symbols[-1] == "?"
    # The clitic belongs to its word: did, the, dog's, owner, read, this, line.
    assert entries["s1"].symbols.count(" ") == 6


def test_alignment_covers_the_sound_in_order(small_corpus: Path) -> None:
    for entry in corpus.read_corpus(small_corpus):
        samples, rate = corpus.read_wav(entry.wav)
        assert rate == 16000 and entry.align is not None
        spans = np.loadtxt(entry.align, dtype=int, ndmin=2)
        assert len(spans) == len(entry.symbols)
        assert (spans[1:, 0] == spans[:-1, 1]).all() and spans[-1, 1] <= len(samples)
        assert spans[0, 0] <= 0.02 * rate and len(samples) - spans[-1, 0] <= 0.07 * rate


def test_every_item_is_equally_loud(small_corpus: Path) -> None:
    levels = []
    for entry in corpus.read_corpus(small_corpus):
        energy = corpus.read_wav(entry.wav)[0] ** 2
        levels.append(10 * np.log10(energy[energy > energy.max() * 1e-4].mean()))
    assert max(levels) - min(levels) < 1.0


def test_excluded_texts_stay_out() -> None:
    items = corpus.corpus_items(SENTENCES, 200, ["THE birch canoe was old but it floated!", "Save file"], seed=3)
    assert items and all("birch canoe was old" not in item.text and item.text != "Save file" for item in items)
    assert items == corpus.corpus_items(SENTENCES, 200, ["THE birch canoe was old but it floated!", "save file"], seed=3)


def test_half_of_the_items_are_what_screen_readers_say() -> None:
    sentences = [f"{' '.join(random.Random(i).choices(SENTENCES[2].split(), k=9))}." for i in range(3000)]
    items = corpus.corpus_items(sentences, 6000, [], seed=1)
    short = [item for item in items if item.short]
    assert len(items) == 6000 and len({item.id for item in items}) == 6000 and len(short) == 3000
    letters = [item.text for item in short if item.kind is Kind.CHAR]
    assert all(letters.count(letter) >= 8 for letter in "abcdefghijklmnopqrstuvwxyz0123456789")
    assert any("button" in item.text for item in short) and any(item.kind is Kind.KEY for item in short)
    assert sum(item.text.endswith(("?", "!")) for item in items if not item.short) > 40


def test_shards_hold_what_training_reads(small_corpus: Path, tmp_path: Path) -> None:
    entries = corpus.read_corpus(small_corpus)
    contract = MelContract()
    frames = features.pack_corpus(entries, features.Layout(contract, 4, SYMBOLS), tmp_path, processes=1, size=3)
    data = features.load_shards(tmp_path)
    assert len(list(tmp_path.glob("shard-*.npz"))) == 2
    assert data["features"].shape == (frames, contract.n_features)
    assert data["bands"].shape == (frames * contract.hop_length // 4, 4)
    assert (np.diff(data["starts"]) % features.BLOCK == 0).all()
    for index, entry in enumerate(entries):
        alignment = data["alignment"][data["starts"][index] : data["starts"][index + 1]]
        real = alignment[alignment >= 0]
        assert (np.diff(real) >= 0).all() and real[-1] == len(entry.symbols) - 1
        # Every phone has a frame of its own, spaces have none.
        assert {i for i, s in enumerate(entry.symbols) if s != " "} == set(real.tolist())


def test_pitch_of_a_known_tone() -> None:
    rate, seconds = 16000, 1.0
    f0 = 90 + 60 * np.arange(int(rate * seconds)) / rate
    phase = 2 * np.pi * np.cumsum(f0) / rate
    tone = sum(np.sin(k * phase) / k for k in range(1, 12)).astype(np.float32) * 0.1
    logarithm, voicing = track_pitch(tone, rate, 160)
    truth = f0[80::160][: len(logarithm)]
    error = np.abs(100 * np.exp(logarithm) / truth - 1)[5:-5]
    assert np.median(error) < 0.01 and error.max() < 0.05 and voicing[5:-5].min() > 0.9


def test_noise_has_no_voice() -> None:
    noise = np.random.default_rng(0).standard_normal(16000).astype(np.float32) * 0.1
    assert np.median(track_pitch(noise, 16000, 160)[1]) < 0.5


def test_bad_corpora_are_named(tmp_path: Path, small_corpus: Path) -> None:
    with pytest.raises(TextError, match=r"metadata\.csv"):
        corpus.read_corpus(tmp_path)
    (tmp_path / "metadata.csv").write_text("a|b\nonly one field\n")
    with pytest.raises(TextError, match=r"metadata\.csv:2: 1 fields"):
        corpus.read_corpus(tmp_path)
    for line in ("../../x|b", ".hidden|b", "|b"):  # it becomes a file's name
        (tmp_path / "metadata.csv").write_text(f"a|b\n{line}\n")
        with pytest.raises(TextError, match=r"metadata\.csv:2: the id"):
            corpus.read_corpus(tmp_path)
    (tmp_path / "metadata.csv").write_bytes(b"a|caf\xe9\n")
    with pytest.raises(TextError, match="byte 5 is not UTF-8"):
        corpus.read_corpus(tmp_path)
    with pytest.raises(TextError, match="no sentence"):
        corpus.corpus_items(["1 2", "?"], 100, [], seed=1)
    with pytest.raises(VoiceError, match="16000 Hz"):
        layout = features.Layout(MelContract(sample_rate=22050), 4, SYMBOLS)
        features.pack(corpus.read_corpus(small_corpus), layout, tmp_path / "x.npz")
    (tmp_path / "broken.wav").write_bytes(b"RIFF1234")
    with pytest.raises(VoiceError, match=r"broken\.wav"):
        corpus.read_wav(tmp_path / "broken.wav")


def test_a_sound_that_was_cut_off_is_named(small_corpus: Path, tmp_path: Path) -> None:
    data = corpus.read_corpus(small_corpus)[0].wav.read_bytes()
    for bytes_left in (1001, 1000):
        (tmp_path / "a.wav").write_bytes(data[:bytes_left])
        with pytest.raises(VoiceError, match=r"a\.wav: cut off, 478 of \d+ samples are there"):
            corpus.read_wav(tmp_path / "a.wav")


def test_an_item_whose_row_was_cut_off_is_said_again(tmp_path: Path) -> None:
    items = [Item("a", "good morning"), Item("b", "good night")]
    corpus.generate(items, tmp_path, "rms", 1)
    table = tmp_path / "metadata.csv"
    whole = table.read_text()
    table.write_text(whole[:-9])
    assert corpus.generate(items, tmp_path, "rms", 1) > 0
    assert table.read_text() == whole


def test_alignments_and_symbols_that_do_not_fit(small_corpus: Path, tmp_path: Path) -> None:
    entry = corpus.read_corpus(small_corpus)[0]
    for text, reason in (("1 2\n", "expected a line of two"), ("1 2 3\n" * len(entry.symbols), "expected a line of two"),
                         ("here\n", "expected two numbers")):  # fmt: skip
        (tmp_path / "a.txt").write_text(text)
        with pytest.raises(TextError, match=rf"a\.txt: .*{reason}"):
            features.pack([replace(entry, align=tmp_path / "a.txt")], LAYOUT, tmp_path / "x.npz")
    with pytest.raises(TextError, match="hold 'zz'; accepted: "):
        features.pack([replace(entry, symbols=("zz", *entry.symbols[1:]))], LAYOUT, tmp_path / "x.npz")
    assert not list(tmp_path.glob("*.npz"))


def test_a_shard_that_was_cut_off_is_made_again(small_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = corpus.read_corpus(small_corpus)[:1]

    def cut_off(path: Path, **arrays: np.ndarray) -> None:
        path.write_bytes(b"PK")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(np, "savez", cut_off)
        features.pack(entries, LAYOUT, tmp_path / "shard-000.npz")
    with pytest.raises(VoiceError, match="no shard"):
        features.load_shards(tmp_path)
    assert features.pack_corpus(entries, LAYOUT, tmp_path, processes=1) > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["layout.json", "shard-000.npz"]
    (tmp_path / "shard-001.npz").write_bytes(b"PK")
    with pytest.raises(VoiceError, match=r"shard-001\.npz: damaged"):
        features.load_shards(tmp_path)


def test_what_does_not_match_its_text_is_left_out(tmp_path: Path) -> None:
    """So is what has no sound or no symbols. Aligned again, the list that was there at first is still kept."""
    texts = [*SENTENCES, "Please open the window before you go.", "Rain fell on the roof all night."]
    corpus.generate([Item(f"s{i}", text) for i, text in enumerate(texts)], tmp_path, "rms", 1)
    shutil.rmtree(tmp_path / "align")
    wavs = tmp_path / "wavs"
    shutil.copy(wavs / "s2.wav", wavs / "other.wav")
    shutil.copy(wavs / "s2.wav", wavs / "wordless.wav")
    corpus.write_wav(wavs / "empty.wav", np.zeros(20, np.float32), 16000)
    rows = [f"s{i}|{text}" for i, text in enumerate(texts)] + ["other|Seven ships sailed past.", "wordless| ", "empty|Nothing."]
    (tmp_path / "metadata.csv").write_text("\n".join(rows) + "\n")
    assert align.align_corpus(tmp_path, packaged_voices() / SMALL) == (5, 3)
    assert [entry.id for entry in corpus.read_corpus(tmp_path)] == [f"s{i}" for i in range(5)]
    assert align.align_corpus(tmp_path, packaged_voices() / SMALL) == (5, 0)
    assert (tmp_path / "metadata.unaligned.csv").read_text().splitlines() == rows
    assert evaluated(tmp_path)[0] == "items 1, failed 0"


def evaluated(directory: Path) -> list[str]:
    return list(evaluate.evaluate_voice(packaged_voices() / SMALL, directory, 1))


def test_evaluating_at_another_rate_is_refused(small_corpus: Path, tmp_path: Path) -> None:
    directory = tmp_path / "own"
    shutil.copytree(small_corpus, directory)
    for wav in (directory / "wavs").iterdir():
        corpus.write_wav(wav, corpus.read_wav(wav)[0], 22050)
    with pytest.raises(VoiceError, match="22050 Hz; the voice speaks at 16000 Hz"):
        evaluated(directory)
