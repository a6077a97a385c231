"""`voices import` and `install` as a user runs them, with directories of its own and a server on this machine."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import re
import signal
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from public_models import save_fatchord
from public_tacotron1 import DIMS, VOCODER, public_model, saved
from toy_voice import CONTRACT, MULTIBAND, TACOTRON, manifest, models, write_toy_voice

from speechd_neural import paths
from speechd_neural.commands import voices_install
from speechd_neural.commands.voices_install import Progress
from speechd_neural.config import load
from speechd_neural.errors import DownloadError, SpeechError, UsageError, VoiceError
from speechd_neural.voice import bundle, download
from speechd_neural.voice.bundle import write_bundle
from speechd_neural.voice.catalogue import read
from speechd_neural.voice.symbol_table import SymbolTable
from tests.commands.voices_command import run

pytestmark = pytest.mark.usefixtures("own_directories")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    write_toy_voice(tmp_path / "source" / "toy", level=1.0)
    (tmp_path / "web").mkdir()
    with tarfile.open(tmp_path / "web" / "toy.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "source" / "toy", "toy")
    return tmp_path / "web" / "toy.tar.gz"


@pytest.fixture
def web(tmp_path: Path, archive: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path / "web")))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_install_use_remove(web: str, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert run("install", f"{web}/toy.tar.gz", "--sha256", digest) == 0
    assert "tried without sound: it spoke a sentence of" in capsys.readouterr().out
    assert load(paths.config_file()).voice.name == "toy"
    assert not list((paths.cache_dir() / "downloads").iterdir())
    assert [p.name for p in paths.user_voices().iterdir()] == ["toy"]
    run("list")
    assert next(line for line in capsys.readouterr().out.splitlines() if "(chosen)" in line).startswith("* toy ")
    run("info", "toy")
    assert "tacotron2 and multiband" in capsys.readouterr().out
    with pytest.raises(UsageError, match="voice that speaks"):
        run("remove", "toy")
    with pytest.raises(UsageError, match="already"):
        run("install", f"{web}/toy.tar.gz", "--sha256", digest)
    run("use", "rms")
    run("remove", "toy")
    assert not (paths.user_voices() / "toy").exists()


def mute(folder: Path) -> Path:
    """An archive of a voice that can be loaded and whose attention goes nowhere."""
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in models()]
    write_bundle(folder / "source" / "mute", states[0], states[1], manifest())
    with tarfile.open(folder / "web" / "mute.tar.gz", "w:gz") as tar:
        tar.add(folder / "source" / "mute", ".")
    return folder / "web" / "mute.tar.gz"


def test_a_voice_that_cannot_speak_is_never_in_its_place(web: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(mute(tmp_path).read_bytes()).hexdigest()
    seen: list[list[str]] = []
    tried = voices_install._try_out

    def try_out(voice: Path) -> None:
        seen.append([path.name for path in paths.user_voices().iterdir() if not path.name.startswith(".")])
        tried(voice)

    monkeypatch.setattr(voices_install, "_try_out", try_out)
    with pytest.raises(VoiceError, match="mute was fetched, but cannot speak and is not installed: decoding failed"):
        run("install", f"{web}/mute.tar.gz", "--sha256", digest)
    assert seen == [[]] and not list(paths.user_voices().iterdir()) and not paths.config_file().exists()


def test_a_voice_that_fails_in_its_own_way(web: str, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: object, segment: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(SymbolTable, "read", fails)
    with pytest.raises(VoiceError, match="not installed: it fails with ZeroDivisionError"):
        run("install", f"{web}/toy.tar.gz", "--sha256", hashlib.sha256(archive.read_bytes()).hexdigest())
    assert not list(paths.user_voices().iterdir())


def test_a_voice_without_sound_is_not_installed(web: str, tmp_path: Path) -> None:
    write_toy_voice(tmp_path / "source" / "faint", level=-6.0)
    with tarfile.open(tmp_path / "web" / "faint.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "source" / "faint", ".")
    digest = hashlib.sha256((tmp_path / "web" / "faint.tar.gz").read_bytes()).hexdigest()
    with pytest.raises(VoiceError, match="cannot speak and is not installed: it is silent where phones are"):
        run("install", f"{web}/faint.tar.gz", "--sha256", digest)
    assert not list(paths.user_voices().iterdir())


def test_what_a_killed_installation_left_goes(web: str, archive: Path) -> None:
    left, recent = (paths.user_voices() / name for name in (".new-old", ".new-now"))
    for folder in (left, recent):
        (folder / "toy").mkdir(parents=True)
    os.utime(left, (0, 0))
    run("install", f"{web}/toy.tar.gz", "--sha256", hashlib.sha256(archive.read_bytes()).hexdigest())
    assert sorted(path.name for path in paths.user_voices().iterdir()) == [".new-now", "toy"]


def test_who_is_told_to_end_leaves_nothing(web: str, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def ended(voice: Path) -> None:
        seen.extend(path.name for path in paths.user_voices().iterdir())
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(voices_install, "_try_out", ended)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as caught:
        run("import", archive)
    assert caught.value.code == 128 + signal.SIGTERM and signal.getsignal(signal.SIGTERM) == before
    assert len(seen) == 1 and not list(paths.user_voices().iterdir())


def test_of_two_that_want_one_name_the_later_is_told(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(voice: Path) -> None:
        write_toy_voice(paths.user_voices() / "toy")

    monkeypatch.setattr(voices_install, "_try_out", other)
    with pytest.raises(UsageError, match="there is a voice 'toy' already"):
        run("import", archive)
    assert [path.name for path in paths.user_voices().iterdir()] == ["toy"]


def test_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, model, dims in zip(("a.pt", "v.pt"), models(), (TACOTRON, MULTIBAND), strict=True):
        torch.save({"average": model.state_dict(), "dims": asdict(dims), "contract": asdict(CONTRACT)}, tmp_path / name)
    run("import", tmp_path / "a.pt", tmp_path / "v.pt", "--name", "own", "--licence", "mine")
    said = capsys.readouterr().out
    assert "imported all the same, but it could not speak" in said and "own is imported" in said
    run("info", "own")
    assert "mine" in capsys.readouterr().out


def test_importing_without_torch_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('', name='torch')")
    path = f"{tmp_path}{os.pathsep}{paths.PACKAGE.parent}"
    command = [sys.executable, "-m", "speechd_neural", "voices", "import", "a.pth", "b.pth"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=60)
    assert done.returncode == VoiceError.exit_status
    assert done.stderr.rstrip().endswith(f"importing checkpoints needs torch: {sys.executable} -m pip install torch")


def test_progress_is_told_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing is written over: every tenth once, and the end; without a size every 10 MB."""
    with Progress("v.tar", kept=True) as progress:
        for done in range(0, 2_000_001, 10_000):
            progress(done, 2_000_000)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "fetching v.tar" and lines[1] == "v.tar: 0.2 of 2.0 MB, 10 percent"
    assert len(lines) == 11 and lines[-1] == "v.tar: 2.0 of 2.0 MB, 100 percent"
    with Progress("v.tar", kept=True) as progress:
        for done in range(0, 25_000_000, 1_000_000):
            progress(done, None)
    assert capsys.readouterr().err.splitlines() == ["fetching v.tar", "v.tar: 10.0 MB", "v.tar: 20.0 MB"]
    with pytest.raises(KeyboardInterrupt), Progress("v.tar", kept=True):
        raise KeyboardInterrupt
    assert capsys.readouterr().err.splitlines()[-1] == "stopped; the same command goes on from what arrived"
    with pytest.raises(KeyboardInterrupt), Progress("v.tar", kept=False):
        raise KeyboardInterrupt
    assert capsys.readouterr().err.splitlines()[-1] == "stopped; the same command begins again"


def test_progress_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Progress("v.tar", kept=True) as progress:
        progress.EVERY = 1e9
        for done in (100_000, 500_000, 1_000_000):
            progress(done, 1_000_000)
    err = capsys.readouterr().err
    assert err.startswith("fetching v.tar\n\rv.tar: 1.0 of 1.0 MB, 100 percent") and err.endswith("\n") and err.count("\n") == 2


def test_install_by_name(web: str, archive: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (tmp_path / "more.yaml").write_text(
        f"toy:\n  title: a toy\n  languages: [en-US]\n  licence: MIT\n  files:\n"
        f"    - {{url: {web}/toy.tar.gz, sha256: {digest}, size: {archive.stat().st_size}}}\n"
    )
    run("install", "toy", "--catalogue", tmp_path / "more.yaml", "--name", "other", "--keep-current")
    assert (paths.user_voices() / "other" / "voice.yaml").is_file() and not paths.config_file().exists()


def test_refusals(web: str, tmp_path: Path) -> None:
    for arguments, reason in (
        (("install", "nobody"), "no voice 'nobody'"), (("install", f"{web}/toy.tar.gz"), "--unverified accepts"),
        (("install", f"{web}/a.pth", f"{web}/b.pth", "--sha256", "0" * 64), "--sha256 for each"),
        (("install", f"{web}/toy.tar.gz", "--sha256", "0" * 64), "not the expected file"),
        (("use", "nobody"), "no voice 'nobody'"), (("remove", "nobody"), "is not there"), (("remove", "rms"), "came with"),
        (("import", tmp_path / "none.pt", tmp_path / "none2.pt"), "no such file"),
        (("import", tmp_path / "none.pt", "--name", "../x"), "expected letters"),
        (("import", tmp_path / "none.pt", "--name", "rms"), "came with this program"),
        (("install", f"{web}/one.pth", "--sha256", "0" * 64), "no archive by its name"),
        (("install", "http://[x", "--sha256", "0" * 64), "not a web address"),
        (("install", f"{web}/a.pth", f"{web}/b.pth", "--sha256", "0" * 64, "--sha256", "00"), "64 hexadecimal"),
    ):  # fmt: skip
        with pytest.raises(SpeechError, match=reason):
            run(*arguments)
    assert not paths.user_voices().exists() or not list(paths.user_voices().iterdir())


def zipped(path: Path, *checkpoints: Path) -> Path:
    """As fatchord/WaveRNN publishes each of its models, in torch's older format and under one name."""
    with zipfile.ZipFile(path, "w") as packed:
        for number, file in enumerate(checkpoints):
            state = torch.load(file, weights_only=True)
            torch.save(state, file, _use_new_zipfile_serialization=False)
            packed.write(file, f"{number or ''}latest_weights.pyt")
        packed.writestr("notes.txt", "two halves")
    return path


@pytest.fixture
def halves(tmp_path: Path, web: str) -> list[Path]:
    """Two archives on the server, a checkpoint in each."""
    acoustic = saved(tmp_path / "t.pyt", public_model(DIMS), DIMS, later=False)
    vocoder = save_fatchord(tmp_path / "w.pyt", replace(VOCODER, output="mixture"))
    return [zipped(tmp_path / "web" / "tacotron.zip", acoustic), zipped(tmp_path / "web" / "wavernn.zip", vocoder)]


def test_two_archives_without_a_hash(
    web: str, halves: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(voices_install, "_try_out", lambda voice: None)  # random weights do not end a sentence
    entry = "".join(f"    - url: {web}/{file.name}\n" for file in halves)
    (tmp_path / "more.yaml").write_text(f"two:\n  title: t\n  languages: [en]\n  licence: MIT\n  files:\n{entry}")
    with pytest.raises(UsageError, match="two: no hash is known"):
        run("install", "two", "--catalogue", tmp_path / "more.yaml")
    run("install", "two", "--catalogue", tmp_path / "more.yaml", "--unverified")
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in halves]
    assert f"the SHA-256 of tacotron.zip is {digests[0]}" in capsys.readouterr().out
    manifest = bundle.load(paths.user_voices() / "two").manifest
    assert (manifest.acoustic.family, manifest.vocoder.family, manifest.licence) == ("tacotron1", "fullband", "MIT")
    assert all(digest in manifest.provenance for digest in digests)
    assert [p.name for p in paths.user_voices().iterdir()] == ["two"] and not (paths.cache_dir() / "downloads").exists()
    run("import", *halves, "--name", "same")
    again = bundle.load(paths.user_voices() / "same").manifest
    assert (again.acoustic, again.vocoder) == (manifest.acoustic, manifest.vocoder)


def test_both_halves_in_one_archive(
    web: str, halves: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voices_install, "_try_out", lambda voice: None)  # random weights do not end a sentence
    both = zipped(tmp_path / "web" / "both.voice.zip", tmp_path / "t.pyt", tmp_path / "w.pyt")
    digest = hashlib.sha256(both.read_bytes()).hexdigest()
    run("install", f"{web}/{both.name}", f"--sha256={digest}", "--name", "fetched", "--licence", "MIT")
    run("import", both)
    fetched, here = (bundle.load(paths.user_voices() / name).manifest for name in ("fetched", "both"))
    assert fetched.acoustic == here.acoustic and digest in fetched.provenance and fetched.licence == "MIT"
    assert not [path for path in paths.user_voices().iterdir() if path.name.startswith(".")]
    empty = zipped(tmp_path / "empty.zip")
    with pytest.raises(VoiceError, match=r"empty.zip: 0 files voice.yaml and 0 checkpoints"):
        run("import", empty)


def test_a_voice_that_lies_elsewhere(archive: Path, tmp_path: Path) -> None:
    """In its archive or as its directory."""
    run("import", archive, "--name", "packed")
    run("import", tmp_path / "source" / "toy")
    packed, copied = (bundle.load(paths.user_voices() / name) for name in ("packed", "toy"))
    assert packed.identifier == copied.identifier
    (tmp_path / "source" / "toy" / "weights.safetensors").write_bytes(b"")
    with pytest.raises(VoiceError, match="truncated"):
        run("import", tmp_path / "source" / "toy", "--name", "again")
    assert sorted(path.name for path in paths.user_voices().iterdir()) == ["packed", "toy"]


def test_a_file_of_an_archive_is_named_as_there(web: str, halves: list[Path], archive: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "source" / "toy" / "voice.yaml"
    manifest.write_text(manifest.read_text().replace("format: 1", "format: 2"))
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(manifest.parent, "toy")
    (tmp_path / "t.pyt").write_bytes(b"nothing")
    zipped_again = tmp_path / "web" / "bad.zip"
    with zipfile.ZipFile(zipped_again, "w") as packed:
        packed.write(tmp_path / "t.pyt", "models/t.pyt")
    for arguments, told in (
        (("import", archive), "toy/voice.yaml: format: 2 (a newer version"),
        (("install", f"{web}/{archive.name}", "--unverified"), "toy/voice.yaml: format: 2 (a newer version"),
        (("import", zipped_again, halves[1]), "models/t.pyt: truncated"),
        (("install", f"{web}/bad.zip", f"{web}/wavernn.zip", "--unverified", "--name", "x"), "models/t.pyt: truncated"),
    ):
        with pytest.raises(VoiceError) as caught:
            run(*arguments)
        assert str(caught.value).startswith(told)


def test_a_name_whose_hashes_are_given(
    web: str, halves: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voices_install, "_try_out", lambda voice: None)  # random weights do not end a sentence
    entry = "".join(f"    - url: {web}/{file.name}\n" for file in halves)
    (tmp_path / "more.yaml").write_text(f"two:\n  title: t\n  languages: [en]\n  licence: MIT\n  files:\n{entry}")
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in halves]
    for hashes, reason in ((digests[:1], "--sha256 for each of them"), ([digests[0], "0" * 64], "not the expected file")):
        with pytest.raises(SpeechError, match=reason):
            run("install", "two", "--catalogue", tmp_path / "more.yaml", *(f"--sha256={digest}" for digest in hashes))
    run("install", "two", "--catalogue", tmp_path / "more.yaml", *(f"--sha256={digest}" for digest in digests))
    assert bundle.load(paths.user_voices() / "two").manifest.licence == "MIT"


def test_archives_that_are_no_half(web: str, halves: list[Path], tmp_path: Path) -> None:
    for extra, reason in (([], "0 checkpoints"), ([tmp_path / "t.pyt", tmp_path / "w.pyt"], "2 checkpoints")):
        odd = zipped(tmp_path / "odd.zip", *extra)
        with pytest.raises(VoiceError, match=f"odd.zip: {reason}.* expected one"):
            run("import", odd, halves[1])
    tarred = tmp_path / "epoch-9.pth.tar"  # a checkpoint, whatever its name says
    (tmp_path / "t.pyt").rename(tarred)
    with pytest.raises(VoiceError, match="both acoustic models"):
        run("import", tarred, halves[0])


def test_catalogue_of_the_package() -> None:
    """A hash, or an address of one commit and so of one state of the file."""
    for entry in read(paths.PACKAGE / "data" / "voices.yaml").values():
        for file in entry.files:
            download.check(file.url, file.sha256)
            assert file.sha256 or re.search(r"/[0-9a-f]{40}/", file.url)


def test_damaged_catalogue(tmp_path: Path) -> None:
    for text, reason in (("x: {", "not YAML"), ("- a", "expected names"), ("a: {files: []}", "a.files: 0"), ("a: 3", "a.files")):
        (tmp_path / "c.yaml").write_text(text)
        with pytest.raises(VoiceError, match=reason):
            read(tmp_path / "c.yaml")


def test_what_else_is_in_an_archive_is_not_installed(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "source" / "toy" / "much").write_bytes(bytes(1 << 20))
    (tmp_path / "source" / "toy" / "o\x1bdd\nname").touch()
    (tmp_path / "source" / "toy" / "below").mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "source" / "toy", "toy")
    assert run("import", str(archive)) == 0
    (voice,) = paths.user_voices().iterdir()
    assert sorted(path.name for path in voice.iterdir()) == ["voice.yaml", "weights.safetensors"]


def test_an_archive_that_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "voice.tar.gz")
    with pytest.raises(DownloadError, match=r"voice.tar.gz: not a file; a tar or zip archive is accepted"):
        run("import", str(tmp_path / "voice.tar.gz"))
