"""`voices` as a user runs it, with directories of its own and a server on this machine."""

from __future__ import annotations

import argparse
import functools
import hashlib
import http.server
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_voice import write_toy_voice

from speechd_neural import paths
from speechd_neural.commands import voices
from speechd_neural.commands.voices import choose
from speechd_neural.config import load
from speechd_neural.errors import ConfigError, OutputError, SpeechError, UsageError, VoiceError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    return tmp_path


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    voices.add_arguments(parser)
    return voices.run(parser.parse_args(list(map(str, arguments))))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    write_toy_voice(tmp_path / "source" / "toy")
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
    assert "spoke a sentence of" in capsys.readouterr().out
    assert load(paths.config_file()).voice.name == "toy"
    assert not list((paths.cache_dir() / "downloads").iterdir())
    assert [p.name for p in paths.user_voices().iterdir()] == ["toy"]
    run("list")
    assert "* toy" in capsys.readouterr().out
    run("info", "toy")
    assert "tacotron2 and multiband" in capsys.readouterr().out
    with pytest.raises(UsageError, match="voice that speaks"):
        run("remove", "toy")
    with pytest.raises(UsageError, match="already"):
        run("install", f"{web}/toy.tar.gz", "--sha256", digest)
    run("use", "rms")
    run("remove", "toy")
    assert not (paths.user_voices() / "toy").exists()


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
        (("install", "nobody"), "no voice 'nobody'"), (("install", f"{web}/toy.tar.gz"), "--sha256 for each"),
        (("install", f"{web}/toy.tar.gz", "--sha256", "0" * 64), "not the expected file"),
        (("use", "nobody"), "no voice 'nobody'"), (("remove", "nobody"), "is not there"), (("remove", "rms"), "came with"),
        (("import", tmp_path / "none.pt", tmp_path / "none2.pt"), "no such file"),
        (("import", tmp_path / "none.pt", "--name", "../x"), "expected letters"),
    ):  # fmt: skip
        with pytest.raises(SpeechError, match=reason):
            run(*arguments)
    assert not paths.user_voices().exists() or not list(paths.user_voices().iterdir())


def test_catalogue_of_the_package_is_readable() -> None:
    from speechd_neural.voice.catalogue import read

    assert all(len(f.sha256) == 64 for entry in read(paths.PACKAGE / "data" / "voices.yaml").values() for f in entry.files)


def test_damaged_catalogue(tmp_path: Path) -> None:
    from speechd_neural.voice.catalogue import read

    for text, reason in (("x: {", "not YAML"), ("- a", "expected names"), ("a: {files: []}", "a.files: 0"), ("a: 3", "a.files")):
        (tmp_path / "c.yaml").write_text(text)
        with pytest.raises(VoiceError, match=reason):
            read(tmp_path / "c.yaml")


@pytest.mark.parametrize(
    "before, after",
    [
        ("", "voice:\n  name: new\n"),
        ("log:\n", "log:\nvoice:\n  name: new\n"),
        ("# mine\nvoice:\n  # which\n  name: old  # best\ncache:\n  warm: true\n",
         "# mine\nvoice:\n  # which\n  name: new  # best\ncache:\n  warm: true\n"),
        ("voice:\n  name:\n", "voice:\n  name: new\n"),
        ("voice:\n\ncache:\n  warm: true", "voice:\n  name: new\n\ncache:\n  warm: true"),
    ],
)  # fmt: skip
def test_choosing_keeps_every_other_line(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(before)
    choose("new", file)
    assert file.read_text() == after and load(file).voice.name == "new"


def test_a_file_that_cannot_be_changed_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    for text, error in (("voice: {name: old}\n", OutputError), ("voice:\n  nonsense: 1\n", ConfigError)):
        file.write_text(text)
        with pytest.raises(error):
            choose("new", file)
        assert file.read_text() == text
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith("XDG")] == ["config.yaml"]
