"""An installation whose packages are missing or made for another Python: one line says what to type; nothing spins."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from speechd_neural.desktop import installation
from speechd_neural.errors import DaemonError
from speechd_neural.frontends.client import Client
from speechd_neural.voice import _native

ROOT = Path(__file__).parents[2]
MAIN = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from speechd_neural.__main__ import main; sys.exit(main())"
# -S and -I: no package at all but this one, as after an upgrade of the system's Python.
COMMAND = [sys.executable, "-I", "-S", "-c", MAIN]


WHEEL = "speechd_neural-0.1.0.dist-info"


def command(folder: Path) -> list[str]:
    """`speechd-neural` of the package in this folder, with this Python's packages."""
    path = [str(folder), *(entry for entry in sys.path if entry != str(ROOT))]
    main = f"import sys; sys.path[:] = {path!r}; from speechd_neural.__main__ import main; sys.exit(main())"
    return [sys.executable, "-I", "-S", "-c", main]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The package as pip would have installed it, with a list of its files; all are links."""
    site = tmp_path / "site"
    others = shutil.ignore_patterns("_native*.so")  # what was built for other Pythons lies beside it
    shutil.copytree(ROOT / "speechd_neural", site / "speechd_neural", copy_function=os.symlink, ignore=others)
    native = Path(_native.__file__)
    (site / "speechd_neural/voice" / native.name).symlink_to(native)
    (site / WHEEL).mkdir()
    (site / WHEEL / "METADATA").write_text("Metadata-Version: 2.1\nName: speechd-neural\nVersion: 0.1.0\n")
    with (site / WHEEL / "RECORD").open("w") as record:
        for path in sorted((site / "speechd_neural").rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                record.write(f"{path.relative_to(site)},sha256=unread,{path.stat().st_size}\n")
    return site


# What is missing → what `say` tells; None: it speaks all the same.
PARTS = {
    "voice/_native*.so": "'_native'",
    "voices/fenrir/voice.yaml": "no voice 'fenrir'",
    "voices/fenrir/weights.safetensors": "weights.safetensors: No such file or directory",
    "text/english/data/cmudict.bin": "cmudict.bin: No such file or directory",
    "text/english/data/g2p.bin": None,
    "desktop/files/neural.conf": None,
}


@pytest.mark.parametrize("part", PARTS)
def test_a_file_that_is_missing_is_named_with_what_to_type(tmp_path: Path, installed: Path, part: str) -> None:
    """As after an installation that was broken off, or on a disk that has lost something."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        where = environment(tmp_path) | {"OMP_NUM_THREADS": "1"}
        return subprocess.run([*command(installed), *arguments], env=where, capture_output=True, text=True, timeout=300)

    assert "ok    its files: all are there\n" in run("doctor", "--quiet").stdout
    (missing,) = (installed / "speechd_neural").glob(part)
    missing.unlink()
    done = run("doctor", "--quiet")
    assert done.returncode == 10 and done.stderr == ""
    assert re.search(rf"^FAIL  its files: missing or damaged: {re.escape(str(missing))}; .*type: ", done.stdout, re.MULTILINE)
    done = run("say", "-o", str(tmp_path / "said.wav"), "Hello.")
    if PARTS[part] is None:
        assert done.returncode == 0 and not done.stderr
    else:
        (line,) = done.stderr.splitlines()
        assert done.returncode in (4, 5, 10) and PARTS[part] in line and "type: " in line


@pytest.mark.parametrize("part", ["cli.py", "errors.py", "system.py", "commands/say.py", "desktop"])
def test_a_part_of_the_program_itself_that_is_missing_is_told_in_one_line(tmp_path: Path, installed: Path, part: str) -> None:
    (installed / "speechd_neural" / part).rename(tmp_path / "gone")
    name = "doctor" if part == "desktop" else "say"
    done = subprocess.run([*command(installed), name, "--help"], env=environment(tmp_path), capture_output=True, text=True)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 10 and part.removesuffix(".py").replace("/", ".") in line
    assert "type: " in line or "install speechd-neural again" in line


def test_what_the_systems_packages_tell_of_their_files() -> None:
    told = """missing     /usr/lib/speechd-neural/speechd_neural/voice/_native.cpython-311-x86_64-linux-gnu.so
??5?????? c /etc/speech-dispatcher/modules/neural.conf
??5??????   /usr/lib/systemd/user/speechd-neural.socket
missing     /usr/share/doc/speechd-neural/NOTICE.gz
.......T.    /usr/bin/speechd-neural
"""
    assert installation.verified(told) == [
        "/usr/lib/speechd-neural/speechd_neural/voice/_native.cpython-311-x86_64-linux-gnu.so",
        "/usr/lib/systemd/user/speechd-neural.socket",
    ]


def environment(tmp_path: Path) -> dict[str, str]:
    names = ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    return {"PATH": os.environ["PATH"], **{name: str(tmp_path) for name in names}}


@pytest.mark.parametrize("command", [["say", "hello"], ["explain", "hello"], ["voices", "list"], ["bench"]])
def test_commands_say_in_one_line_what_is_broken(tmp_path: Path, command: list[str]) -> None:
    done = subprocess.run([*COMMAND, *command], env=environment(tmp_path), capture_output=True, text=True, timeout=120)
    assert done.returncode == 10, done.stderr
    assert len(done.stderr.splitlines()) == 1 and "cannot be imported by Python 3." in done.stderr
    assert "make setup" in done.stderr or "sudo apt-get" in done.stderr


def test_doctor_goes_through_every_check(tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND, "doctor", "--quiet"], env=environment(tmp_path), capture_output=True, text=True, timeout=300)
    assert done.returncode == 10 and "Traceback" not in done.stderr
    lines = {line[6:].partition(":")[0]: line for line in done.stdout.splitlines()}
    assert lines["packages"].startswith("FAIL") and "numpy" in lines["packages"] and "yaml" in lines["packages"]
    assert {"settings", "voice files", "fallback", "Speech Dispatcher", "module", "daemon", "Orca"} <= lines.keys()


def test_the_daemon_waits_instead_of_being_started_for_ever(tmp_path: Path) -> None:
    with subprocess.Popen([*COMMAND, "daemon"], env=environment(tmp_path), stderr=subprocess.PIPE, text=True) as daemon:
        try:
            assert daemon.stderr is not None
            assert "cannot be imported" in daemon.stderr.readline()
            with Client(tmp_path / "speechd-neural/socket") as client, pytest.raises(DaemonError):
                client.ask({"do": "hello", "client": "test"}, timeout=60)  # it hangs up: espeak-ng may speak
            time.sleep(0.1)
            assert daemon.poll() is None
        finally:
            daemon.send_signal(signal.SIGTERM)
