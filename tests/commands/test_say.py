"""`say` as a user runs it: the real voice, a process of its own, and everything that can be wrong with the request."""

import shutil
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from speechd_neural.commands import say as command_of_say
from speechd_neural.paths import packaged_voices
from speechd_neural.voice.store import DEFAULT

VOICE = packaged_voices() / DEFAULT


def say(*arguments: object, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "speechd_neural", "say", *map(str, arguments)]
    return subprocess.run(command, input=text, capture_output=True, timeout=120)


def read(path: Path) -> tuple[np.ndarray, int]:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


def refused(done: subprocess.CompletedProcess[bytes], status: int, *words: str) -> None:
    """One line that says what and where, the documented status, no traceback."""
    message = done.stderr.decode()
    assert done.returncode == status, message
    assert message.count("\n") == 1 and "Traceback" not in message
    for word in words:
        assert word in message


def test_a_sentence_becomes_a_sound_file(tmp_path: Path) -> None:
    done = say("-o", tmp_path / "a.wav", "Good morning, everyone.")
    assert done.returncode == 0, done.stderr
    samples, rate = read(tmp_path / "a.wav")
    assert rate == 24000 and 0.8 < len(samples) / rate < 3 and np.abs(samples).max() > 3000


def test_the_same_text_gives_the_same_bytes(tmp_path: Path) -> None:
    first = say("-o", "-", "The same text, the same sound.")
    second = say("-o", "-", "The same text, the same sound.")
    assert len(first.stdout) > 20000 and first.stdout == second.stdout


def test_text_comes_from_standard_input(tmp_path: Path) -> None:
    assert say("-o", tmp_path / "a.wav", text=b"one two three\n").returncode == 0
    assert say("-o", tmp_path / "b.wav", "one two three").returncode == 0
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_many_lines_become_many_files(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("first line\n\nkey\tthird line\n")
    assert say("--file", tmp_path / "lines.txt", "--out-dir", tmp_path / "out").returncode == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["0001.wav", "key.wav"]


def test_rate_pitch_and_volume_are_heard(tmp_path: Path) -> None:
    for name, options in {"plain": (), "fast": ("--rate", "100"), "soft": ("--volume", "0")}.items():
        assert say(*options, "-o", tmp_path / f"{name}.wav", "This is a sentence of eight short words.").returncode == 0
    plain, fast, soft = (read(tmp_path / f"{name}.wav")[0].astype(float) for name in ("plain", "fast", "soft"))
    assert 1.8 < len(plain) / len(fast) < 3.5
    assert np.std(soft) < 0.7 * np.std(plain)


def test_a_picture(tmp_path: Path) -> None:
    assert say("--plot", tmp_path / "p.png", "hello").returncode == 0
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_without_a_sound_device_it_says_so_and_writes_a_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "speechd_neural", "say", "--device", "no such device", "hello"]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 0 and b"writing speech.wav instead" in done.stderr
    assert len(read(tmp_path / "speech.wav")[0]) > 1000


@pytest.mark.parametrize("text", ["", "   ", "\n\t\n"])
def test_nothing_to_say(text: str) -> None:
    refused(say(text), 5, "no text")


@pytest.mark.parametrize("text", ["?!", "...", "😀", "\x01\x02\x7f", "\u202e\u200d", "\ufffd"])
def test_odd_texts_are_spoken_or_silent(tmp_path: Path, text: str) -> None:
    done = say("-o", tmp_path / "a.wav", text)
    assert done.returncode == 0 and done.stderr == b""
    assert (tmp_path / "a.wav").exists()


def test_bytes_that_are_not_utf8_are_named() -> None:
    refused(say("-o", "-", text=b"fine\nthen \xff\xfe"), 5, "line 2", "byte 10", "UTF-8")


def test_a_megabyte_begins_to_speak_at_once() -> None:
    command = [sys.executable, "-m", "speechd_neural", "say", "-o", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(b"A long text goes on. " * 50000)
        process.stdin.close()
        assert len(process.stdout.read(32000)) == 32000
        process.stdout.close()
        assert process.wait(60) == 141 and process.stderr.read() == b""


def test_outputs_that_cannot_be_written(tmp_path: Path) -> None:
    refused(say("-o", tmp_path / "no" / "a.wav", "hello"), 8, "a.wav", "No such file")
    refused(say("-o", "/dev/full", "hello"), 8, "/dev/full", "No space")
    assert Path("/dev/full").is_char_device()
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "speechd_neural", "say", "-o", "-", "hello"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stderr) == (8, b"speechd-neural say: standard output: No space left on device\n")
    refused(say("--plot", tmp_path / "a.picture", "hello"), 2, "a.picture", ".png")


def test_lines_that_cannot_be_spoken(tmp_path: Path) -> None:
    lines, out = tmp_path / "lines.txt", tmp_path / "out"
    refused(say("--out-dir", out, "hello"), 2, "--file and --out-dir")
    refused(say("--file", lines, "--out-dir", out), 5, "lines.txt", "No such file")
    lines.write_text("\n  \n")
    refused(say("--file", lines, "--out-dir", out), 5, "lines.txt", "no line with a text")
    lines.write_text("good\ta line\nan/id\tanother\n")
    refused(say("--file", lines, "--out-dir", out), 2, "lines.txt:2", "'an/id'")
    assert not out.exists()
    lines.write_text("a line\n")
    refused(say("--file", lines, "--out-dir", lines), 8, "lines.txt", "not a directory")
    refused(say("--file", lines, "--out-dir", out, "hello"), 2, "neither a text")
    refused(say("--file", lines, "--out-dir", out, "-o", out), 2, "nor --output")


@pytest.mark.parametrize("option", ["--rate", "--speed", "--pitch", "--pitch-range", "--volume"])
def test_numbers_that_are_none(option: str) -> None:
    done = say(option, "nan", "hello")
    assert done.returncode == 2 and f"argument {option}: 'nan': expected a number" in done.stderr.decode().splitlines()[-1]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(VOICE, tmp_path / "voice"))


def test_voices_that_cannot_be_used(bundle: Path, tmp_path: Path) -> None:
    refused(say("--voice", "nobody", "hello"), 4, "'nobody'", DEFAULT)
    refused(say("--voice", f"{tmp_path}/", "hello"), 4, "voice.yaml")
    weights = (bundle / "weights.safetensors").read_bytes()
    (bundle / "weights.safetensors").write_bytes(weights[: len(weights) // 2])
    refused(say("--voice", bundle, "hello"), 4, "weights.safetensors", "truncated")
    flipped = bytearray(weights)
    flipped[len(weights) // 2] ^= 1
    (bundle / "weights.safetensors").write_bytes(bytes(flipped))
    refused(say("--voice", bundle, "hello"), 4, "weights.safetensors", "SHA-256")
    (bundle / "weights.safetensors").unlink()
    refused(say("--voice", bundle, "hello"), 4, "weights.safetensors")
    manifest = (bundle / "voice.yaml").read_text()
    (bundle / "voice.yaml").write_text(manifest.replace("format: 1", "format: 99", 1))
    refused(say("--voice", bundle, "hello"), 4, "format", "newer")
    (bundle / "voice.yaml").write_text(manifest.replace("hop_length: 240", "hop_length: 200", 1))
    refused(say("--voice", bundle, "hello"), 4, "hop_length", "240", "200")


def heed_ctrl_c() -> None:
    """A shell starts its background commands with the interrupt ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_leaves_no_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "speechd_neural", "say", "-o", str(tmp_path / "a.wav")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heed_ctrl_c) as process:
        assert process.stdin and process.stderr
        process.stdin.write(b"A long text goes on. " * 20000)
        process.stdin.close()
        until = time.monotonic() + 60
        while not any(path.stat().st_size for path in tmp_path.iterdir()) and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        try:
            assert (process.wait(60), process.stderr.read()) == (130, b"")
        finally:
            process.kill()
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_at_the_moment_in_which_the_file_appears_leaves_none_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(path: Path, mode: str) -> None:
        path.touch(exist_ok=False)
        raise KeyboardInterrupt

    monkeypatch.setattr(command_of_say, "open", interrupted, raising=False)
    with pytest.raises(KeyboardInterrupt), command_of_say._complete(tmp_path / "a.wav"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_overview_needs_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-m", "speechd_neural", "--help"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "verify-voice" in done.stdout
