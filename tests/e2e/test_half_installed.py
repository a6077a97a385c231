"""A module of which a part is missing, as after an unpacking that was broken off: the speech that was there goes on."""

import os
import shutil
from pathlib import Path

import pytest

from speechd_neural.desktop.ssip import Ssip

ROOT = Path(__file__).parents[2]
MODULES = ".local/libexec/speech-dispatcher-modules"


@pytest.mark.parametrize("part", ["errors.py", "core", "module/commands.py", "module/main.py"])
def test_the_server_lives_and_speaks_by_its_other_modules(desktop, part):
    half = desktop.root / "half"
    shutil.copytree(ROOT / "speechd_neural", half / "speechd_neural", copy_function=os.symlink)
    (half / "speechd_neural" / part).rename(desktop.root / "gone")
    entry = desktop.home / MODULES / "sd_neural"
    entry.parent.mkdir(parents=True)
    (desktop.home / ".local/share").mkdir()
    entry.write_text(
        f"#!/usr/bin/python3 -IS\nimport sys\n\nsys.path.append({str(half)!r})\n"
        "from speechd_neural.module.main import main\n\nmain()\n"
    )
    entry.chmod(0o755)
    desktop.start_server()
    desktop.record()
    with Ssip(desktop.server_socket) as client:
        client.ask("SET SELF CLIENT_NAME user:test:half")
        modules = client.ask("LIST OUTPUT_MODULES")[:-1]
        assert "espeak-ng" in modules and "neural" not in modules
    assert desktop.run("spd-say", "-w", "-o", "neural", "Good morning.").returncode == 0
    desktop.hears()
    told = [line for line in desktop.neural("doctor", "--quiet").stdout.splitlines() if " module: " in line]
    assert told and told[0].startswith(f"FAIL  module: {entry} ") and "type: " in told[0]


def test_set_up_does_not_take_the_fallback_for_the_voice(desktop):
    """Whatever keeps the voice from speaking, the module speaks all the same, by espeak-ng."""
    before = {path for path in desktop.home.rglob("*") if path.is_file()}
    done = desktop.neural("setup", "--yes", "--quiet", SPEECHD_NEURAL_CPU="neon")
    assert done.returncode == 10, done.stdout + done.stderr
    assert "Everything has been undone" in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "espeak-ng spoke in place of the voice" in line]
    assert "SPEECHD_NEURAL_CPU" in line and "type: " in line
    assert {path for path in desktop.home.rglob("*") if path.is_file()} == before
