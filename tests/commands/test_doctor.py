"""What the doctor says about this user's settings, and what to type; the rest is tested in a desktop of its own (tests/e2e)."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from speechd_neural import paths, system
from speechd_neural.commands.doctor import CHECKS
from speechd_neural.desktop.checks import CHECKS as EVERYWHERE
from speechd_neural.desktop.checks import Answer, Check, Finding, findings
from speechd_neural.errors import mend, needs


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


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("config.yaml", "speech:\n  rate: 900\n", "type: ed '{folder}/config.yaml'"),
        ("config.yaml", "voice: {name: nobody}\n", "type: speechd-neural voices use fenrir"),
        ("lexicon.txt", "gnome    guh-NOHM\n", "type: ed '{folder}/lexicon.txt'"),
    ],
)
def test_a_mistake_is_told_with_what_to_type(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, content: str, advice: str
) -> None:
    monkeypatch.setenv("VISUAL", "ed")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "my settings"))
    folder = paths.config_file().parent
    folder.mkdir(parents=True)
    (folder / name).write_text(content)
    assert settings().text.endswith("; " + advice.format(folder=folder))


@pytest.mark.parametrize("subject", [check.subject for check in [*CHECKS, *EVERYWHERE]])
def test_a_check_that_could_not_be_made_says_what_to_type(monkeypatch: pytest.MonkeyPatch, subject: str) -> None:
    check = next(check for check in [*CHECKS, *EVERYWHERE] if check.subject == subject)

    def look() -> Answer:
        raise RuntimeError("it is not as it should be")

    (first, *_) = findings(False, [check._replace(look=look)])
    assert first.state == "FAIL" and re.search(r"^it is not as it should be; (.*\btype: \S|make room there)", first.text)


def test_a_full_disk_is_called_one() -> None:
    def look() -> Answer:
        raise OSError(errno.ENOSPC, "No space left on device", "/home/me/x")

    (first, *_) = findings(False, [Check("anything", look, "type: nothing")])
    assert "No space left" in first.text and first.text.endswith("du -xh --max-depth=1 / | sort -h")


def test_a_folder_for_temporary_files_without_room_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/sys")  # which never has any
    room = next(finding for finding in findings(False, []) if finding.subject == "room")
    assert room.state == "FAIL" and room.text.startswith("no room is left in temporary files (/sys); make room there")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"f_favail": 0}, "no room is left in your home"),
        ({"f_flag": os.ST_RDONLY}, "nothing can be written in your home"),
        ({"f_files": 0, "f_favail": 0}, ""),  # a file system that does not count them
    ],
)
def test_a_disk_with_no_room_for_a_file_or_read_only_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, values: dict[str, int], says: str
) -> None:
    usual = {"f_bavail": 1 << 20, "f_frsize": 4096, "f_files": 1000, "f_favail": 500, "f_flag": 0}
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(**usual | (values if path == tmp_path else {})))
    room = next(finding for finding in findings(False, []) if finding.subject == "room")
    assert (room.state, room.text.startswith(says)) == ("FAIL" if says else "ok", True)


def test_the_sessions_directory_needs_room_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/sys")
    room = next(finding for finding in findings(False, []) if finding.subject == "room")
    assert room.state == "FAIL" and "the session's directory (/sys)" in room.text


def test_where_no_folder_for_temporary_files_has_room_that_is_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/sys"])
    sound = next(finding for finding in findings(True, []) if finding.subject == "sound")
    assert sound.state == "FAIL" and sound.text.endswith("du -xh --max-depth=1 / | sort -h")


PACKAGES = {
    "apt-get": "sudo apt-get install pipewire-bin espeak-ng python3-yaml",
    "dnf": "sudo dnf install pipewire-utils espeak-ng python3-pyyaml",
    "pacman": "sudo pacman -S pipewire espeak-ng python-yaml",
}


@pytest.mark.parametrize("manager", PACKAGES)
def test_packages_have_the_names_of_the_system(monkeypatch: pytest.MonkeyPatch, manager: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, **_: name if name == manager else None)
    assert system.install("pipewire-bin", "espeak-ng", "python3-yaml") == f"type: {PACKAGES[manager]}"


def test_where_the_system_is_unknown_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, **_: None)
    assert system.install("espeak-ng") == "install by your system's means what Debian calls espeak-ng"


def test_a_package_that_came_as_a_file_is_installed_again_from_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With dpkg's own record of such a package; no archive of this system has it."""
    record = "Package: speechd-neural\nStatus: install ok installed\nArchitecture: amd64\nVersion: 0.1~deb12\n"
    (tmp_path / "status").write_text(record + "Maintainer: Nobody <nobody@example.org>\nDescription: a voice\n")
    monkeypatch.setenv("DPKG_ADMINDIR", str(tmp_path))
    monkeypatch.setattr(system, "packaged", lambda: True)
    monkeypatch.setattr(system, "manager", lambda: "apt-get")
    system.file_of_own_package.cache_clear()
    try:
        typed = "sudo apt-get install --reinstall ./speechd-neural_0.1~deb12_amd64.deb python3-numpy python3-yaml python3-regex"
        assert mend() == f"in the folder of that file, type: {typed}"
    finally:
        system.file_of_own_package.cache_clear()


def test_an_optional_package_is_the_systems_where_this_program_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert needs("it", "PyTorch", "torch").endswith("-m pip install torch")
    monkeypatch.setattr(system, "packaged", lambda: True)
    assert "python3-torch" in needs("it", "PyTorch", "torch") and "pip" not in needs("it", "PyTorch", "torch")
    assert ".venv/bin/pip install pocketsphinx" in needs("it", "the recogniser", "pocketsphinx")
