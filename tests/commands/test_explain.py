"""The explain command, as a user calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from speechd_neural.cli import main


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
