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


def complete(*words: str) -> set[str]:
    """What bash offers for the last of the words."""
    typed = " ".join(f"'{word}'" for word in ("speechd-neural", *words))
    script = (
        f"source {ROOT}/packaging/completions/speechd-neural.bash\n"
        f"COMP_WORDS=({typed}); COMP_CWORD={len(words)}; _speechd_neural; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert not done.stderr
    return set(done.stdout.split())


def test_completions_and_manual_are_those_of_the_commands() -> None:
    program = "import runpy; found = runpy.run_path('packaging/describe.py')['written']()\n"
    program += "print([str(path) for path, text in found.items() if path.read_text() != text])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n", "run packaging/describe.py"


def test_bash_completes_commands_options_and_values() -> None:
    assert complete("") >= set(COMMANDS)
    assert complete("do") == {"doctor"}
    assert complete("say", "--ra") == {"--rate"}
    assert complete("say", "--punctuation", "") == {"none", "some", "most", "all"}
    assert complete("voices", "i") == {"info", "install", "import"}


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("debian/changelog", r"^speechd-neural \(([^)]*)\)"),
        ("packaging/speechd-neural.spec", r"^Version: +(.*)$"),
        ("packaging/org.speechd_neural.speechd_neural.metainfo.xml", r'<release version="([^"]*)"'),
        ("packaging/speechd-neural.1", r'"speechd\\-neural ([0-9.]*)"'),
        ("CHANGELOG.md", r"^## ([0-9.]+)"),
    ],
)
def test_the_version_is_the_same_everywhere(file: str, pattern: str) -> None:
    found = re.search(pattern, (ROOT / file).read_text(), re.MULTILINE)
    assert found is not None and found[1] == __version__
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__
