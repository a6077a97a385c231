"""What a package tells of the program agrees with the program."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from speechd_neural import __version__
from speechd_neural.cli import COMMANDS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a package is built."""
    folder = tmp_path_factory.mktemp("descriptions")
    subprocess.run([sys.executable, ROOT / "packaging/describe.py", folder], check=True)
    return folder


def complete(folder: Path, *words: str) -> set[str]:
    """What bash offers for the last of the words."""
    typed = " ".join(f"'{word}'" for word in ("speechd-neural", *words))
    script = (
        f"source {folder}/speechd-neural.bash\n"
        f"COMP_WORDS=({typed}); COMP_CWORD={len(words)}; _speechd_neural; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert not done.stderr
    return set(done.stdout.split())


def test_every_command_is_in_each_of_them(folder: Path) -> None:
    for suffix in (".1", ".bash", ".zsh", ".fish"):
        text = (folder / f"speechd-neural{suffix}").read_text().replace("\\-", "-")
        assert not [name for name in COMMANDS if name not in text] and str(Path.home()) not in text


def test_bash_completes_commands_options_and_values(folder: Path) -> None:
    assert complete(folder, "") >= set(COMMANDS)
    assert complete(folder, "do") == {"doctor"}
    assert complete(folder, "say", "--ra") == {"--rate"}
    assert complete(folder, "say", "--punctuation", "") == {"none", "some", "most", "all"}
    assert complete(folder, "voices", "i") == {"info", "install", "import"}


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("debian/changelog", r"^speechd-neural \(([^)]*)\)"),
        ("packaging/speechd-neural.spec", r"^Version: +(.*)$"),
        ("packaging/org.speechd_neural.speechd_neural.metainfo.xml", r'<release version="([^"]*)"'),
        ("CHANGELOG.md", r"^## ([0-9.]+)"),
    ],
)
def test_the_version_is_the_same_everywhere(file: str, pattern: str) -> None:
    found = re.search(pattern, (ROOT / file).read_text(), re.MULTILINE)
    assert found is not None and found[1] == __version__
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__
