"""The scripts in bench/ say in one line which file they cannot use, and what they can; what they measure is not tested."""

from __future__ import annotations

import os
import runpy
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

BENCH = Path(__file__).parent.parent / "bench"
LIST = 'lines "word: PHONES | PHONES" in ARPAbet without stress'
WAV = "a WAV file of 16 bits, mono"
VOICES = [
    ("daemon", "--voice"),
    ("fast_speech", "--voice"),
    ("gpu", "--device cpu --voice"),
    ("hard_inputs", "--voice"),
    ("loudness", "--voice"),
    ("marks", "--voice"),
    ("voice", "--voice"),
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As `python bench/X.py` would find things, in an empty directory; nothing of it stays behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(BENCH), *sys.path])
    environment, modules, threads = dict(os.environ), set(sys.modules), torch.get_num_threads()
    yield
    os.environ.clear()
    os.environ.update(environment)
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(BENCH)):
            del sys.modules[name]
    torch.set_num_threads(threads)


def told(
    script: str, arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int | str | None, str]:
    """Its exit status, and what it says about its end."""
    monkeypatch.setattr(sys, "argv", [str(BENCH / f"{script}.py"), *arguments.split()])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(sys.argv[0], run_name="__main__")
    return ended.value.code, capsys.readouterr().err


@pytest.mark.parametrize(("script", "option"), VOICES, ids=[script for script, _ in VOICES])
def test_a_voice_that_is_not_there(
    script: str, option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = told(script, f"{option} ./nowhere", monkeypatch, capsys)
    assert status == 4 and said.count("\n") == 1
    assert said.startswith(f"bench/{script}.py: ") and "nowhere: no " in said and "voice.yaml" in said


@pytest.mark.parametrize(
    ("script", "arguments", "content", "problem"),
    [
        ("g2p", "file", None, "file: no such file; accepted: CMUdict's text, cmudict.dict"),
        ("g2p", "--list file", None, f"file: No such file or directory; accepted: {LIST}"),
        ("g2p", "--list .", None, f".: Is a directory; accepted: {LIST}"),
        ("g2p", "--list file", b"caf\xe9: K AE F EY", f"file: byte 3 is not UTF-8; accepted: {LIST}"),
        ("g2p", "--list file", b"# mine\n\ngif: G IH F | J IF\n", f"file:3: not a word and its phones; accepted: {LIST}"),
        ("text_speed", "--text file", None, "file: No such file or directory; accepted: a text file in UTF-8"),
        ("text_speed", "--text file", b" \n", "file: empty; accepted: a text file in UTF-8"),
        ("quantization", "file vocoder", None, "file: not a readable checkpoint (FileNotFoundError)"),
        ("prosody", "sounds", None, "sounds: no WAV files there; accepted: a directory with some, and --files 1 or more"),
        ("prosody", ".", b"", f"file.wav: it ends too early; accepted: {WAV}"),
        ("prosody", ".", b"RIFF....OggS", f"file.wav: not a WAVE file; accepted: {WAV}"),
    ],
)
def test_a_file_that_cannot_be_used(
    script: str, arguments: str, content: bytes | None, problem: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if content is not None:
        Path("file.wav" if script == "prosody" else "file").write_bytes(content)
    status, said = told(script, arguments, monkeypatch, capsys)
    assert status and said == f"bench/{script}.py: {problem}\n"


def sound(path: Path, channels: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(6400))


def test_a_recording_of_another_form(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    sound(Path("file.wav"), channels=2)
    _, said = told("prosody", ".", monkeypatch, capsys)
    assert said == f"bench/prosody.py: file.wav: another format, or empty; accepted: {WAV}\n"


def test_labels_that_are_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    sound(Path("file.wav"), channels=1)
    Path("file.lab").write_text("0.0 0.1 pau\n0.1 hello\n")
    _, said = told("prosody", ".", monkeypatch, capsys)
    assert said == ('bench/prosody.py: file.lab:2: not a phone with its times; accepted: lines "start end phone", '
                    "times in seconds\n")  # fmt: skip
