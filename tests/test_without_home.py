"""The voice before login and for users without a home: it speaks, and writes nothing but below the runtime directory."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from speechd_neural import paths
from speechd_neural.errors import DaemonError
from speechd_neural.frontends.client import Client
from tests.conformance.conftest import ROOT, ModuleProcess, rates, wait_for

VOICE = 24000  # fenrir; espeak-ng, which speaks until the voice is loaded, has another rate
XDG = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")


def environment(tmp_path: Path, home: str) -> dict[str, str]:
    (tmp_path / "temporary").mkdir(exist_ok=True)
    return dict.fromkeys(XDG, "") | {"HOME": home, "TMPDIR": str(tmp_path / "temporary"), "OMP_NUM_THREADS": "1"}


# Not even root can make a directory in either.
@pytest.mark.parametrize("home", ["/dev/null/nobody", "/sys/kernel"], ids=["nonexistent", "read-only"])
def test_module_and_daemon_speak_and_write_nothing_else(tmp_path: Path, home: str) -> None:
    session = tmp_path / "session"
    session.mkdir(mode=0o700)
    settings = tmp_path / "settings/speechd-neural/config.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("fallback:\n  deadline_ms: 0\n")  # however busy the machine is
    folder = {"XDG_CONFIG_HOME": str(tmp_path / "settings")}
    module = ModuleProcess(session, "Deadline 5000\n", environment=environment(tmp_path, home) | folder)
    try:
        module.start()

        def by_the_voice() -> bool:
            module.speak(b"<speak>Good evening.</speak>")
            return set(rates(module.utterance())) == {VOICE}

        wait_for("the voice", by_the_voice)
        with Client(session / "speechd-neural/socket", timeout=5) as client:
            assert client.ask({"do": "reload"}, timeout=60)["ok"]
        wait_for("the voice again", by_the_voice)
    finally:
        with contextlib.suppress(DaemonError), Client(session / "speechd-neural/socket", timeout=5) as client:
            daemon = os.pidfd_open(client.ask({"do": "status"})["pid"])
            signal.pidfd_send_signal(daemon, signal.SIGTERM)
            os.close(daemon)
        module.process.kill()
        module.process.communicate()
    assert "Traceback" not in module.log() + (session / "speechd-neural/daemon.log").read_text()
    assert {path.name for path in session.iterdir()} <= {"neural.conf", "neural.log", "pulse", "speechd-neural"}
    assert [path for path in settings.parents[1].rglob("*") if path.is_file()] == [settings]
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.parametrize("home", ["/dev/null/nobody", "/sys/kernel"], ids=["nonexistent", "read-only"])
@pytest.mark.parametrize("command", ["say -o - hello", "voices list", "doctor --quiet", "setup --quiet"])
def test_commands_work_or_say_in_a_line_why_not(tmp_path: Path, home: str, command: str) -> None:
    more = {"XDG_RUNTIME_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "speechd_neural", *command.split()], env=os.environ | environment(tmp_path, home) | more,
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr and len(done.stderr.splitlines()) <= 2, done.stderr.decode()
    assert (done.returncode == 0) == command.startswith(("say", "voices")), done.stdout + done.stderr


def test_a_user_whom_no_list_knows_has_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> pwd.struct_passwd:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for variable in ("HOME", *XDG):
        monkeypatch.delenv(variable, raising=False)
    assert {paths.config_file().parts[1], paths.cache_dir().parts[1], paths.state_dir().parts[1]} == {"nonexistent"}
