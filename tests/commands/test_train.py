"""What `train` refuses, in one line; the training itself is tested in tests/train."""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural.cli import main


@pytest.fixture
def features(tmp_path: Path) -> Path:
    (tmp_path / "sentences.txt").write_text("This is a sentence with some words in it.\n")
    assert main(["train", "corpus", "--sentences", str(tmp_path / "sentences.txt"), "--out", str(tmp_path / "corpus"),
                 "--count", "2", "--processes", "1"]) == 0  # fmt: skip
    assert main(["train", "features", "--corpus", str(tmp_path / "corpus"), "--out", str(tmp_path / "features"),
                 "--processes", "1"]) == 0  # fmt: skip
    return tmp_path / "features"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("corpus --sentences s --out o --count -5", "argument --count: '-5': expected a whole number, 1 or more"),
        ("features --corpus c --out o --processes 0", "argument --processes: '0': expected a whole number, 1 or more"),
        ("vocoder --features f --out o --minutes nan", "argument --minutes: 'nan': expected a number"),
        ("tacotron2 --features f --out o --minutes 0", "argument --minutes: '0': expected a number above 0"),
        ("evaluate --corpus c --count 0", "argument --count: '0': expected a whole number, 1 or more"),
    ],
)
def test_numbers(arguments: str, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", *arguments.split()])
    assert ended.value.code == 2 and capsys.readouterr().err.splitlines()[-1].endswith(expected)


def test_files_and_widths(features: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    (tmp_path / "file").touch()
    short = ["--features", str(features), "--minutes", "0.01"]
    assert main(["train", "tacotron2", *short, "--out", str(tmp_path / "file" / "run")]) == 8
    assert "file/run: Not a directory\n" in capsys.readouterr().err
    assert main(["train", "vocoder", *short, "--out", str(tmp_path / "run"), "--set", "gru=0"]) == 2
    assert "--set gru=0: expected NAME=NUMBER (1 or more)" in capsys.readouterr().err
    assert main(["train", "align", "--corpus", str(tmp_path / "none")]) == 5
    assert "none/metadata.csv: No such file" in capsys.readouterr().err
