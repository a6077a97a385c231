"""`speechd-neural setup` against the real Speech Dispatcher, in a home of its own."""

import os
import stat
from pathlib import Path

import pytest

from speechd_neural.desktop.ssip import Ssip
from tests.e2e.conftest import wait_for

SYSTEM = Path("/etc/speech-dispatcher/speechd.conf")
OWN = ".config/speech-dispatcher/speechd.conf"
CACHES = (".cache", ".config/pulse")


def tree(home: Path) -> dict:
    """Everything that matters about every file: content, mode, link.

    Caches are left out before anything in them is opened: a daemon that
    is still ending renames its files there.
    """
    found: dict = {}
    for folder, folders, files in os.walk(home):
        inside = Path(folder)
        folders[:] = [name for name in folders if str((inside / name).relative_to(home)) not in CACHES]
        for path in (inside / name for name in folders + files):
            name = str(path.relative_to(home))
            if path.is_symlink():
                found[name] = os.readlink(path)
            elif path.is_dir():
                found[name] = "directory"
            else:
                found[name] = (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
    return found


def daemons(desktop) -> set[int]:
    return {pid for pid, command in desktop.pids().items() if command.strip().endswith("speechd-neural daemon")}


def test_dry_run_changes_nothing(desktop):
    before = tree(desktop.home)
    done = desktop.neural("setup", "--dry-run", "--default")
    assert done.returncode == 0, done.stderr
    assert "libexec/speech-dispatcher-modules/sd_neural" in done.stdout
    assert "speech-dispatcher/speechd.conf" in done.stdout
    assert tree(desktop.home) == before


def test_with_modules_found_automatically(desktop):
    before = tree(desktop.home)
    done = desktop.neural("setup", "--no-default", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "its sound reached the output device" in done.stdout
    first = daemons(desktop)
    assert first
    assert OWN not in tree(desktop.home)
    listed = desktop.run("spd-say", "-O").stdout.split()
    assert "neural" in listed and "espeak-ng" in listed
    again = desktop.neural("setup", "--no-default", "--quiet")
    assert again.returncode == 0, again.stderr
    wait_for("the end of the first daemon", lambda: not first & daemons(desktop))  # it may be of an earlier version
    assert daemons(desktop)
    assert "What is kept on disk" in done.stdout and (desktop.home / ".cache/speechd-neural").exists()
    assert (desktop.home / ".local/state/speechd-neural/cache-secret").exists()
    removed = desktop.neural("setup", "--remove")
    assert removed.returncode == 0, removed.stderr
    assert tree(desktop.home) == before
    assert not daemons(desktop)
    assert not (desktop.home / ".cache/speechd-neural").exists()
    assert "Nothing to remove" in desktop.neural("setup", "--remove").stdout


def test_with_modules_listed_and_a_default(desktop):
    own = desktop.home / OWN
    own.parent.mkdir(parents=True)
    original = SYSTEM.read_text() + (
        '# kept: café\n AddModule "espeak-ng" "sd_espeak-ng" "espeak-ng.conf"\nDefaultModule espeak-ng\n# no final newline'
    )
    own.write_text(original)
    own.chmod(0o640)
    before = tree(desktop.home)
    done = desktop.neural("setup", "--yes", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    assert own.stat().st_mode & 0o777 == 0o640
    desktop.start_server()
    assert sorted(desktop.run("spd-say", "-O").stdout.split()[-2:]) == ["espeak-ng", "neural"]
    desktop.record()
    assert desktop.run("spd-say", "-w", "hello").returncode == 0
    desktop.hears()
    with Ssip(desktop.server_socket) as client:
        assert client.ask("GET OUTPUT_MODULE")[0] == "neural"
    removed = desktop.neural("setup", "--remove")
    assert removed.returncode == 0, removed.stderr
    assert "has read its configuration again" in removed.stdout
    assert tree(desktop.home) == before
    assert own.read_text() == original


def test_lines_added_later_survive_the_removal(desktop):
    own = desktop.home / OWN
    own.parent.mkdir(parents=True)
    own.write_text(
        SYSTEM.read_text() + 'AddModule "espeak-ng" "sd_espeak-ng" "espeak-ng.conf"\nDefaultModule espeak-ng\n'
    )
    original = own.read_text()
    assert desktop.neural("setup", "--default", "--quiet").returncode == 0
    own.write_text(own.read_text() + "# mine\n")
    removed = desktop.neural("setup", "--remove")
    assert removed.returncode == 0 and "only the lines of this setup" in removed.stdout
    assert own.read_text() == original + "# mine\n"


def test_a_failure_undoes_everything(desktop):
    own = desktop.home / OWN
    own.parent.mkdir(parents=True)
    own.write_text(SYSTEM.read_text() + 'AudioOutputMethod "alsa"\nAudioALSADevice "no-such-device"\n')
    before = tree(desktop.home)
    done = desktop.neural("setup", "--default", "--quiet")
    assert done.returncode == 10
    assert "Everything has been undone" in done.stderr
    wait_for("the end of the daemon", lambda: not daemons(desktop))
    assert tree(desktop.home) == before


def test_without_speech_dispatcher_nothing_is_begun(desktop):
    before = tree(desktop.home)
    done = desktop.run(
        desktop.environment["PATH"].split(":")[0] + "/python", "-c",
        "import speechd_neural.desktop.trial as t; t.server_program = lambda: None\n"
        "from speechd_neural.cli import main; raise SystemExit(main(['setup']))",
        PYTHONPATH=str(Path(__file__).parents[2]),
    )  # fmt: skip
    assert done.returncode == 10 and "Speech Dispatcher is not installed" in done.stderr
    assert tree(desktop.home) == before


@pytest.mark.parametrize("start", ["before", "between"])
def test_who_is_connected_keeps_speech_through_set_up_and_removal(desktop, start):
    """A screen reader stays connected. A server that was started between the two goes by a file that then goes away."""
    if start == "before":
        desktop.start_server()
    done = desktop.neural("setup", "--yes", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    if start == "between":
        desktop.start_server()
    desktop.record()
    with Ssip(desktop.server_socket, timeout=60) as client:
        client.ask("SET SELF NOTIFICATION ALL ON")
        for _ in range(2):
            wait_for("the modules", lambda: "espeak-ng" in client.ask("LIST OUTPUT_MODULES"))
            since = desktop.now()
            client.speak("Hello there.")
            assert client.wait_for_end(60) == "END"
            desktop.hears(since)
            desktop.falls_silent(since)
            assert desktop.neural("setup", "--remove").returncode == 0
        assert client.ask("LIST OUTPUT_MODULES")[:-1].count("neural") == 0
