"""`voices` as a user runs it, with directories of its own: which there are, and which one speaks."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from toy_voice import manifest, models, write_toy_voice

from speechd_neural import paths
from speechd_neural.commands.voices import choose
from speechd_neural.config import load
from speechd_neural.errors import ConfigError, OutputError, UsageError, VoiceError
from speechd_neural.voice.bundle import write_bundle
from tests.commands.voices_command import run

pytestmark = pytest.mark.usefixtures("own_directories")


def test_a_chosen_voice_that_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    choose("gone", paths.config_file())
    run("list")
    assert "the chosen voice, 'gone', is not there; fenrir speaks in its place" in capsys.readouterr().out


def test_a_damaged_voice_is_not_chosen() -> None:
    own = write_toy_voice(paths.user_voices() / "toy")
    with (own / "weights.safetensors").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"x")
    with pytest.raises(VoiceError, match=r"weights\.safetensors: damaged"):
        run("use", "toy")
    assert not paths.config_file().exists()


def test_a_voice_chosen_by_its_path(monkeypatch: pytest.MonkeyPatch,
                                    capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    """The daemon is started elsewhere, and what speaks is not removed under another name."""
    own = paths.user_voices() / "toy"
    write_toy_voice(own)
    monkeypatch.chdir(own.parent)
    run("use", "./toy")
    assert load(paths.config_file()).voice.name == str(own.resolve())
    with pytest.raises(UsageError, match="voice that speaks"):
        run("remove", "toy")
    run("list")
    assert "* toy" in capsys.readouterr().out


def test_what_others_wrote_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in models()]
    written = replace(manifest(), licence="MIT\x1b[2Jgone")
    write_bundle(paths.user_voices() / "toy", states[0], states[1], written)
    run("info", "toy")
    assert "MIT [2Jgone" in capsys.readouterr().out


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


@pytest.mark.parametrize("name", ["2024", "no", "null", "1e5", "/voices/# 1: mine"])
def test_a_name_is_read_as_it_was_given(tmp_path: Path, name: str) -> None:
    file = tmp_path / "config.yaml"
    for text in ("", "voice:\n  name: old  # best\n"):
        file.write_text(text)
        choose(name, file)
        assert load(file).voice.name == name


def test_a_linked_private_file_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("log:\n")
    (tmp_path / "real.yaml").chmod(0o600)
    (tmp_path / "config.yaml").symlink_to("real.yaml")
    choose("new", tmp_path / "config.yaml")
    assert (tmp_path / "config.yaml").is_symlink() and load(tmp_path / "real.yaml").voice.name == "new"
    assert (tmp_path / "real.yaml").stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_changed_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    for text, error in (
        ("voice: {name: old}\n", OutputError), ('voice:\n  "name": old\n', OutputError), ("voice:\n  nonsense: 1\n", ConfigError),
    ):  # fmt: skip
        file.write_text(text)
        with pytest.raises(error):
            choose("new", file)
        assert file.read_text() == text
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith("XDG")] == ["config.yaml"]
