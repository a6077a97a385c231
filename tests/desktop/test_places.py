"""The installed files, checked by the programs that will read them."""

import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

from speechd_neural.desktop import places
from speechd_neural.desktop.places import ACTIVATION, UNITS, File, user_files, user_places
from speechd_neural.module.config import read_config

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def put(found: list[File]) -> dict[str, Path]:
    for file in found:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        if file.link is None:
            file.path.write_bytes(file.content)
            file.path.chmod(file.mode)
    return {file.path.name: file.path for file in found}


def test_places_are_where_speech_dispatcher_systemd_and_the_bus_look(home):
    names = {str(file.path.relative_to(home)) for file in user_files(user_places())}
    assert names == {
        ".local/libexec/speechd-neural",
        ".local/libexec/speech-dispatcher-modules/sd_neural",
        ".config/speech-dispatcher/modules/neural.conf",
        ".local/share/systemd/user/speechd-neural.service",
        ".local/share/systemd/user/speechd-neural.socket",
        ".config/systemd/user/sockets.target.wants/speechd-neural.socket",
        ".local/share/dbus-1/services/org.speechd_neural.Daemon.service",
        ".local/share/dbus-1/services/org.speechd_neural.Speech.Provider.service",
    }


def test_systemd_has_nothing_to_say_about_the_units(home):
    put(user_files(user_places()))
    found = put(user_files(user_places()))
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(home)}
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", *(str(found[name]) for name in UNITS)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_would_notice_a_mistake(home):
    found = put(user_files(user_places()))
    unit = found[UNITS[0]]
    unit.write_text(unit.read_text() + "\nMemmoryMax=1G\n")
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(home)}
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(unit)], env=environment, capture_output=True, text=True, check=False
    )
    assert "Memmory" in done.stderr


def test_activation_files_name_the_bus_name_of_their_file(home):
    found = put(user_files(user_places()))
    for name in ACTIVATION:
        parser = configparser.ConfigParser(interpolation=None)
        parser.optionxform = str
        parser.read(found[name])
        section = parser["D-BUS Service"]
        assert section["Name"] + ".service" == name
        assert section["Exec"] == f"{found['speechd-neural']} daemon"
        assert section["SystemdService"] == "speechd-neural.service"


def test_names_are_those_the_daemon_owns():
    from speechd_neural.frontends.spiel import BUS_NAME

    assert BUS_NAME + ".service" in ACTIVATION


def test_units_reach_a_home_with_a_blank_and_a_percent_sign(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "my 100% home"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    found = put(user_files(user_places()))
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", *(str(found[name]) for name in UNITS)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_home_whose_name_is_no_utf8_gets_all_files_and_the_module_finds_its_daemon(tmp_path, monkeypatch):
    home = tmp_path / os.fsdecode(b"h\xf6me")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    found = put(user_files(user_places()))
    assert os.fsencode(home) in found[UNITS[0]].read_bytes()
    config, complaints = read_config(str(found["neural.conf"]))
    assert config.daemon == (str(user_places().launcher), "daemon") and complaints == []


@pytest.mark.parametrize("interpreter", [sys.executable, "with a blank", "x" * 150])
def test_programs_run_anywhere_without_an_environment(tmp_path, interpreter):
    if interpreter != sys.executable:
        directory = tmp_path / interpreter
        directory.mkdir()
        link = directory / "python"
        # A wrapper, not a link: a linked interpreter would look for its library beside the link.
        link.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        link.chmod(0o755)
        interpreter = str(link)
    program = tmp_path / "program"
    program.write_bytes(places.script("-IS", "import speechd_neural.types, sys\nprint(*sys.argv[1:])\n", interpreter))
    program.chmod(0o755)
    done = subprocess.run(
        [str(program), "a b", "c"], env={}, cwd="/", capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "a b c\n", "")


def test_the_launcher_is_the_command_line(home):
    found = put(user_files(user_places()))
    done = subprocess.run([found["speechd-neural"], "--version"], env={}, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("speechd-neural ")


def test_the_files_at_the_top_are_those_that_are_installed():
    for name in UNITS:
        assert (ROOT / "systemd" / name).read_text() == places.template(name)
    for name in (*ACTIVATION, "neural.conf"):
        assert (ROOT / "config" / name).read_text() == places.template(name)
