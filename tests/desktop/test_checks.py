"""What the doctor finds where a daemon has only just been started; the rest is tested in a desktop (tests/e2e)."""

from __future__ import annotations

import socketserver
import threading
from pathlib import Path

import pytest

from speechd_neural import paths, system
from speechd_neural.desktop import checks
from speechd_neural.desktop.changes import write
from speechd_neural.desktop.places import user_files, user_places
from speechd_neural.frontends import wire


class Loading(socketserver.BaseRequestHandler):
    """A daemon that has its voice by the time it has answered which there are."""

    def handle(self) -> None:
        voice, parser = None, wire.Parser()
        while data := self.request.recv(1000):
            for frame in parser.feed(data):
                assert isinstance(frame, wire.Message)
                if frame.body["do"] == "voices":
                    voice = "anna"
                answer = {"reply": frame.body["do"], "ok": True, "voice": voice, "voices": []}
                self.request.sendall(wire.encode({**answer, "voice_error": self.problem}))

    problem = ""


class Slow(Loading):
    problem = "voice berta is too slow for this machine"


@pytest.mark.parametrize(("daemon", "level", "more"), [(Loading, "ok", ""), (Slow, "note", f"; {Slow.problem}")])
def test_a_daemon_that_is_loading_its_voice_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, daemon: type[Loading], level: str, more: str
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    path = paths.socket_path()
    path.parent.mkdir(mode=0o700)
    with socketserver.UnixStreamServer(str(path), daemon) as server:
        path.chmod(0o600)
        answering = threading.Thread(target=server.serve_forever, args=(0.01,))
        answering.start()
        try:
            assert checks._daemon()[:2] == (level, f"it answers at {path} and speaks with the voice anna{more}")
        finally:
            server.shutdown()
            answering.join()


def test_what_an_earlier_version_has_added_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    assert checks._added() == ("ok", "there is nothing for this user alone", "")
    places = user_places()
    for file in user_files(places):
        file.path.parent.mkdir(parents=True, exist_ok=True)
        write(file)
    (places.module_conf / "neural.conf").write_text("Deadline 100\n")  # the user's own settings
    assert checks._added() == ("ok", "all of it is of this version", "")
    unit = places.units / "speechd-neural.service"
    unit.write_text(unit.read_text().replace("Type=notify", "Type=simple"))
    state, text, _ = checks._added()
    assert state == "note" and text.startswith(f"{unit} is of another version") and text.endswith("type: speechd-neural setup")


def test_a_unit_that_systemd_takes_instead_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    unit = paths.config_home() / "systemd" / "user" / "speechd-neural.service"
    unit.parent.mkdir(parents=True)
    assert checks._units().state == "ok"
    unit.symlink_to(user_places().units / unit.name)  # as `systemctl --user link` does
    assert checks._units().state == "ok"
    unit.unlink()
    unit.write_text("[Service]\nExecStart=/opt/old/speechd-neural daemon\n")
    state, text, _ = checks._units()
    assert state == "note" and f"uses {unit} instead" in text and f"type: rm {unit}; systemctl --user daemon-reload" in text
    unit.unlink()
    unit.symlink_to("/dev/null")
    state, text, _ = checks._units()
    assert state == "note" and text.endswith(f"systemctl --user unmask {unit.name}; systemctl --user daemon-reload")


@pytest.mark.parametrize("place", ["etc", "run", "session", "local/lib", "local/share"])
def test_a_unit_of_an_administrator_or_for_this_session_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """/etc and /run want the administrator's unmask, the session's directory --runtime; below /usr/local nothing is masked."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "session"))
    commands = {tmp_path / path.name: command for path, command in checks._FOR_EVERYBODY.items()}
    monkeypatch.setattr(checks, "_FOR_EVERYBODY", commands)
    monkeypatch.setattr(checks, "_LOCAL", tmp_path / "local")
    monkeypatch.setattr(system, "packaged", lambda: True)
    unit = tmp_path / place / "systemd/user/speechd-neural.socket"
    unit.parent.mkdir(parents=True)
    assert checks._units().state == "ok"
    unit.write_text("[Socket]\n")
    state, text, _ = checks._units()
    assert state == "note" and f"uses {unit} instead" in text and f"rm {unit}" in text
    unit.unlink()
    unit.symlink_to("/dev/null")
    state, text, _ = checks._units()
    wanted = {"etc": "--global", "run": "--global --runtime", "session": "--user --runtime"}
    assert state == "note"
    assert f"systemctl {wanted[place]} unmask {unit.name};" in text if place in wanted else f"rm {unit}" in text
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "local/lib/python3/dist-packages/speechd_neural")
    assert checks._units().state == ("note" if place in wanted else "ok")  # then they are this one's


@pytest.mark.parametrize(("packaged", "advice"), [(False, "speechd-neural setup"), (True, "speechd-neural setup --remove")])
def test_a_module_of_a_users_own_that_leads_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packaged: bool, advice: str
) -> None:
    """As after the wheel it came from was removed. Set-up of a package would leave it in the package's way."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setattr(system, "packaged", lambda: packaged)
    entry = user_places().entry
    entry.parent.mkdir(parents=True)
    entry.write_text("#!/nowhere/python3\n")
    entry.chmod(0o755)
    assert checks._module() == ("FAIL", f"{entry} cannot be started: No such file or directory", f"type: {advice}")
