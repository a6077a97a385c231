"""What the doctor says about this user's settings; the rest is tested in a desktop of its own (tests/e2e)."""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural import paths
from speechd_neural.commands.doctor import CHECKS
from speechd_neural.desktop.checks import Finding, findings


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    paths.config_file().parent.mkdir()
    return paths.config_file().parent


def settings() -> Finding:
    return next(finding for finding in findings(False, CHECKS) if finding.subject == "settings")


def test_settings_that_are_as_they_come() -> None:
    assert settings() == ("ok", "settings", "as they come; 0 pronunciations of your own")


def test_settings_that_are_in_order(folder: Path) -> None:
    (folder / "config.yaml").write_text("voice:\n  name: rms\n")
    (folder / "lexicon.txt").write_text("gnome = guh-NOHM\norca = AO1 R K AX\n")
    assert settings() == ("ok", "settings", f"{folder / 'config.yaml'}; 2 pronunciations of your own")


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("config.yaml", "speech:\n  rate: 900\n", "config.yaml, line 2: speech.rate must be a number of -100 to 100"),
        ("config.yaml", "voice: {name: nobody}\n", "no voice 'nobody'; there are: "),
        ("lexicon.txt", "gnome    guh-NOHM\n", "lexicon.txt:1: not an entry"),
    ],
)
def test_settings_with_a_mistake(folder: Path, name: str, content: str, problem: str) -> None:
    (folder / name).write_text(content)
    found = settings()
    assert found.state == "FAIL" and problem in found.text and "\n" not in found.text


def test_mistakes_in_both_files_are_told(folder: Path) -> None:
    (folder / "config.yaml").write_text("speech:\n  rate: 900\n")
    (folder / "lexicon.txt").write_text("gnome    guh-NOHM\n")
    assert "config.yaml, line 2" in settings().text and "lexicon.txt:1" in settings().text
