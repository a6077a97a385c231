"""`packaging/dependencies.sh` with the real apt, which looks at a made-up system and only says what it would do."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging/dependencies.sh"
FIELDS = "Architecture: all\nVersion: 1\nMaintainer: Nobody <nobody@example.org>\nDescription: a package\n"
FILE = "Filename: ./{}.deb\nSize: 1\nSHA256: " + "0" * 64 + "\n"
# As Debian has them: a desktop that needs PipeWire's audio, which does not go with PulseAudio.
RELATIONS = {
    "gnome-core": "Depends: pipewire-audio\n",
    "pipewire-audio": "Depends: pipewire\nConflicts: pulseaudio\n",
    "another-server": "Conflicts: pulseaudio\n",
}
SOUND = {"pulseaudio", "pipewire", "pipewire-pulse", "wireplumber"}


@pytest.fixture(autouse=True)
def root() -> None:
    """Only root is free of sudo, which would forget that nothing is to be done. In CI nothing is left out."""
    if os.getuid() != 0:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs root: without, the script asks for it")


def named(variable: str) -> set[str]:
    """The packages in one of the script's lists."""
    match = re.search(rf'^{variable}="([^"]*)"', SCRIPT.read_text(), re.MULTILINE)
    assert match is not None
    return set(match[1].replace("$run", "").split())


EVERYTHING = named("run") | named("test") | named("arm64")


def stanza(name: str, more: str) -> str:
    return f"Package: {name}\n{more}{FIELDS}{RELATIONS.get(name, '')}\n"


def install(tmp_path: Path, installed: set[str]) -> subprocess.CompletedProcess[str]:
    """Run the script on a system that has `installed`, with an archive that has everything."""
    admin, archive = tmp_path / "dpkg", tmp_path / "archive"
    for folder in (admin / "updates", admin / "info", archive, tmp_path / "lists/partial", tmp_path / "cache/archives/partial"):
        folder.mkdir(parents=True)
    (admin / "status").write_text("".join(stanza(name, "Status: install ok installed\n") for name in sorted(installed)))
    offered = sorted(EVERYTHING | SOUND | installed)
    (archive / "Packages").write_text("".join(stanza(name, FILE.format(name)) for name in offered))
    (tmp_path / "sources.list").write_text(f"deb [trusted=yes] file:{archive} ./\n")
    (tmp_path / "apt.conf").write_text(f"""
        Dir::State::status "{admin}/status"; Dir::State::lists "{tmp_path}/lists"; Dir::Cache "{tmp_path}/cache";
        Dir::Etc::SourceList "{tmp_path}/sources.list"; Dir::Etc::SourceParts "/dev/null"; Dir::Etc::PreferencesParts "/dev/null";
        APT::Get::Simulate "true"; APT::Sandbox::User "root";
        """)
    environment = {name: value for name, value in os.environ.items() if name != "SOUND"}  # which would choose for it
    environment |= {"PAUSE": "0", "APT_CONFIG": str(tmp_path / "apt.conf"), "DPKG_ADMINDIR": str(admin)}
    return subprocess.run([SCRIPT, "test"], env=environment, capture_output=True, text=True, check=False)


def test_where_pipewire_is_its_own_pulse_server_is_wanted(tmp_path: Path) -> None:
    done = install(tmp_path, {"pipewire", "pipewire-audio", "gnome-core"})
    assert done.returncode == 0, done.stderr
    assert "pipewire-pulse" in done.stdout.split() and "pulseaudio" not in done.stdout.split()


def test_elsewhere_pulseaudio_is_wanted(tmp_path: Path) -> None:
    done = install(tmp_path, {"orca"})
    assert done.returncode == 0, done.stderr
    assert {"pulseaudio", "xvfb"} <= set(done.stdout.split())
    assert not {"pipewire", "pipewire-pulse", "orca"} & set(done.stdout.split())


def test_nothing_is_removed_and_what_is_missing_is_named(tmp_path: Path) -> None:
    done = install(tmp_path, EVERYTHING - {"xvfb"} | {"another-server"})
    assert done.returncode == 1
    assert "another-server" in done.stderr and "remove is disabled" in done.stderr
    assert done.stderr.splitlines()[-1].endswith("nothing was removed: xvfb pulseaudio")


def test_where_all_is_there_nothing_is_done(tmp_path: Path) -> None:
    done = install(tmp_path, EVERYTHING | {"pulseaudio"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
