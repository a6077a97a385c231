"""Training of the model that tells words with two pronunciations apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural.errors import SpeechError
from speechd_neural.text.english.pronounce.heteronyms import Heteronyms
from speechd_neural.train import homographs

HEAD = "homograph\twordid\tsentence\tstart\tend\n"


def written(folder: Path) -> Path:
    folder.mkdir()
    rows = [f"sow\tsow_nou\tNumber {i}: the old sow slept.\t{len(str(i)) + 17}\t{len(str(i)) + 20}\n" for i in range(60)]
    rows += [f"sow\tsow\tÉmile will sow field {i}.\t12\t15\n" for i in range(60)]
    (folder / "sow.tsv").write_text(HEAD + "".join(rows))
    return folder


def test_sentences_are_cut_by_bytes_and_labels_become_readings(tmp_path: Path) -> None:
    found = list(homographs.examples_of(written(tmp_path / "set")))
    assert {(e.word, e.reading) for e in found} == {("sow", "noun"), ("sow", "verb")}
    assert (found[-1].previous, found[-1].following) == ("Émile will", "field 59")
    assert 0 < sum(map(homographs.apart, found)) < len(found) // 4


def test_a_model_is_trained_tried_and_the_same_each_time(tmp_path: Path) -> None:
    folder = written(tmp_path / "set")
    said = [list(homographs.build([folder], [], tmp_path / name, homographs.Options(rounds=3))) for name in ("a", "b")]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert said[0] == said[1] and "100.0 % right" in said[0][1]
    assert not list(homographs.errors(Heteronyms(model=tmp_path / "a"), homographs.examples_of(folder)))


def test_the_packaged_model_knows_the_interface() -> None:
    sentences = list(homographs.interface_examples(homographs.INTERFACE))
    assert len(sentences) > 1500
    assert len(list(homographs.errors(Heteronyms(), sentences))) < len(sentences) / 50


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sow\tsow\n", r"sow\.tsv:1: expected the columns"),
        (HEAD + "sow\tpig\tthe sow\t4\t7\n", r"sow\.tsv:2: expected a word, one of its labels"),
        (HEAD + "sow\tsow\tthe sow\tx\t7\n", r"sow\.tsv:2: expected a word, one of its labels"),
    ],
)
def test_other_tables_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "sow.tsv").write_text(text)
    with pytest.raises(SpeechError, match=message):
        list(homographs.build([tmp_path], [], tmp_path / "m.bin", homographs.Options()))


def test_other_texts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("Read it\tread=verb\nWrite it\tread=verb\n")
    with pytest.raises(SpeechError, match=r"t\.tsv:2: 'read=verb' names no word"):
        list(homographs.build([], [tmp_path / "t.tsv"], tmp_path / "m.bin", homographs.Options()))
    with pytest.raises(SpeechError, match="no such folder"):
        list(homographs.build([tmp_path / "nothing"], [], tmp_path / "m.bin", homographs.Options()))
