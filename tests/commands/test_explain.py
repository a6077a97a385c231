"""The explain command, as a user calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from speechd_neural.cli import main


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "speechd_neural", "explain", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONUTF8": "1"},
    )


def test_story(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--ssml", '<speak>The <mark name="x"/>read 5 привет</speak>']) == 0
    out = capsys.readouterr().out
    assert "r iy" in out or "r eh" in out
    assert "five" in out
    assert "mark 'x'" in out
    assert "language ru" in out


def test_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--words", "It", "cost", "$5."]) == 0
    assert capsys.readouterr().out == "It cost five dollars\n"


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--json", "--kind", "char", "w"]) == 0
    found = json.loads(capsys.readouterr().out)
    (segment,) = found["segments"]
    assert segment["symbols"][-1] == "."
    assert segment["explained"][0]["why"] == "letter"


def test_options(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "--words", "--punctuation", "all", "--builtin-symbols", "Hi!"])
    main(["explain", "--words", "--capitals", "spell", "Hi"])
    main(["explain", "--words", "--spelling", "Hi"])
    main(["explain", "--words", "--digits", "42"])
    main(["explain", "--words", "--language", "de", "42"])
    assert capsys.readouterr().out.split("\n") == ["Hi exclamation", "capital Hi", "h i", "four two", "42", ""]


def test_lines_of_standard_input() -> None:
    done = run("--words", stdin=b"one 1\n\ntwo 2\r\nthree")
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().split("\n") == ["one one", "", "two two", "three", ""]


def test_input_that_is_no_text() -> None:
    done = run("--words", stdin=b"fine\nbad \xff\n")
    assert done.returncode == 5
    assert done.stdout == b"fine\n"
    assert done.stderr.decode().strip() == "speechd-neural explain: standard input, line 2, byte 5: not UTF-8"


def test_arguments_that_are_no_text() -> None:
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"speechd_neural", b"explain", b"a\xffb"], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_the_users_lexicon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "speechd-neural").mkdir()
    (tmp_path / "speechd-neural" / "lexicon.txt").write_text("Hello = /ɡʊdbaɪ/\n", encoding="utf-8")
    other = tmp_path / "other.txt"
    other.write_text("Hello = /haɪ/\n", encoding="utf-8")
    main(["explain", "Hello"])
    main(["explain", "--lexicon", str(other), "Hello"])
    out = capsys.readouterr().out
    assert "user lexicon line 1" in out
    assert "g uh1 d b ay" in out
    assert "hh ay1" in out


def test_a_lexicon_with_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("Hello = /ʘʘʘ/\n", encoding="utf-8")
    assert main(["explain", "--lexicon", str(wrong), "Hello"]) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "line 1" in error or ":1" in error


def test_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--lexicon", str(tmp_path / "none.txt"), "Hello"]) == 3
    assert main(["explain", ""]) == 5
    first, second = capsys.readouterr().err.splitlines()
    assert "none.txt: No such file" in first and "no text to explain" in second
