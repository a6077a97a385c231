"""The first minute without sight: set-up speaks, offers the voices by sound, and does what is typed."""

from __future__ import annotations

import shutil
import subprocess
import time

from speechd_neural.desktop.ssip import Ssip
from speechd_neural.desktop.talk import screen_reader_runs
from tests.e2e.test_setup import OWN, tree

SETTINGS = ".config/speechd-neural/config.yaml"


def test_voice_speed_and_default_are_chosen_by_ear_and_undone(desktop):
    settings = desktop.home / SETTINGS
    settings.parent.mkdir(parents=True)
    settings.write_text("# mine\ncache:\n  warm: false\n")
    before = tree(desktop.home)
    desktop.record()
    done = desktop.neural("setup", typed="r\n2\n+\n+\n-\n\ny\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("1  fenrir  (chosen)") == 2 and "3  rms" in done.stdout and "Speed 20." in done.stdout
    assert settings.read_text() == "# mine\ncache:\n  warm: false\nvoice:\n  name: heart\nspeech:\n  rate: 10\n"
    conf = (desktop.home / OWN).read_text()
    assert conf.endswith("DefaultRate 10\n") and "DefaultModule neural" in conf
    desktop.start_server()
    with Ssip(desktop.server_socket, timeout=60) as client:
        assert client.ask("GET OUTPUT_MODULE")[0] == "neural" and client.ask("GET RATE")[0] == "10"
    assert desktop.neural("setup", "--remove").returncode == 0
    assert tree(desktop.home) == before


def test_enter_alone_changes_nothing_and_later_settings_stay(desktop):
    assert desktop.neural("setup", typed="\n\n\n").returncode == 0
    assert not (desktop.home / OWN).exists() and not (desktop.home / SETTINGS).exists()
    assert desktop.neural("setup", "--no-default", typed="2\n\n").returncode == 0
    (desktop.home / SETTINGS).write_text("voice:\n  name: rms  # mine\n")
    removed = desktop.neural("setup", "--remove")
    assert removed.returncode == 0 and f"{desktop.home / SETTINGS} has been changed since, and stays" in removed.stdout
    assert (desktop.home / SETTINGS).read_text() == "voice:\n  name: rms  # mine\n"


def test_a_failure_is_spoken_by_what_is_left(desktop):
    desktop.record()
    broken = desktop.root / "broken.py"
    broken.write_text(
        "import speechd_neural.desktop.trial as t\nfrom speechd_neural.cli import main\n"
        "t.server_program = lambda: None\nraise SystemExit(main(['setup']))\n"
    )
    tools = desktop.root / "tools"  # no spd-say: as where Speech Dispatcher is not installed
    tools.mkdir()
    for name in ("espeak-ng", "pacat"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    done = desktop.run(shutil.which("python", path=desktop.environment["PATH"]), broken, PATH=str(tools))
    assert done.returncode == 10 and "Speech Dispatcher is not installed; type: " in done.stderr
    desktop.hears()


def test_quiet_says_and_asks_nothing_besides_the_test_sentence(desktop):
    done = desktop.neural("setup", "--quiet", typed="1\n+\n\ny\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Type" not in done.stdout and not (desktop.home / SETTINGS).exists() and not (desktop.home / OWN).exists()
    assert not desktop.server_socket.exists()  # nobody has spoken through it


def test_a_screen_reader_that_runs_is_noticed(tmp_path):
    assert not screen_reader_runs()
    shutil.copy("/bin/sleep", tmp_path / "orca")
    with subprocess.Popen([tmp_path / "orca", "60"]) as orca:
        try:
            end = time.monotonic() + 60
            while not screen_reader_runs():
                assert time.monotonic() < end
        finally:
            orca.kill()
