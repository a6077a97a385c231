"""`speechd-neural doctor`, in a desktop of its own."""

import os
import signal
import sys
import time

from tests.e2e.conftest import ROOT, wait_for


def lines(done) -> dict[str, tuple[str, str]]:
    """subject → (state, text)"""
    found = {}
    for line in done.stdout.splitlines():
        state, _, rest = line.partition(" ")
        subject, _, text = rest.strip().partition(": ")
        found[subject] = (state, text)
        assert state != "FAIL" or "type: " in text, line
    return found


SUBJECTS = {
    "packages", "its files", "settings", "voice files", "native extension", "room", "fallback", "Speech Dispatcher",
    "its configuration", "module", "set-up", "units", "server in use", "daemon", "Orca",
}  # fmt: skip


def test_before_setup_it_names_what_is_missing(desktop):
    done = desktop.neural("doctor", "--quiet")
    found = lines(done)
    assert set(found) == SUBJECTS
    assert done.returncode == 10
    assert found["module"] == ("FAIL", "not installed; type: speechd-neural setup")
    assert found["Speech Dispatcher"][0] == "ok" and found["Speech Dispatcher"][1].startswith("version 0.")
    assert found["fallback"][0] == "ok" and found["Orca"][0] == "ok"
    assert "lets modules be found" in found["its configuration"][1]
    assert found["server in use"] == ("ok", "none runs; who speaks next starts it")


def test_after_setup_the_module_answers_and_is_heard(desktop):
    assert desktop.neural("setup", "--no-default", "--quiet").returncode == 0
    desktop.record()
    done = desktop.neural("doctor", "--speak")
    found = lines(done)
    assert set(found) == SUBJECTS | {"sound"}
    assert found["module"][0] == "ok" and "answers within" in found["module"][1]
    assert found["set-up"] == ("ok", "all of it is of this version")
    assert found["sound"] == ("ok", "spoken, and its sound reached the output device")
    desktop.hears()
    assert done.returncode == (10 if any(state == "FAIL" for state, _ in found.values()) else 0)


def test_a_broken_module_and_missing_espeak_are_found(desktop):
    assert desktop.neural("setup", "--no-default", "--quiet").returncode == 0
    entry = desktop.home / ".local/libexec/speech-dispatcher-modules/sd_neural"
    entry.write_text("#!/bin/sh\nexit 1\n")
    own = desktop.home / ".config/speech-dispatcher/speechd.conf"
    own.write_text('AddModule "espeak-ng" "sd_espeak-ng" "espeak-ng.conf"\n')
    tools = desktop.root / "tools"
    tools.mkdir()
    (tools / "speech-dispatcher").symlink_to("/usr/bin/speech-dispatcher")
    done = desktop.neural("doctor", "--quiet", PATH=str(tools))
    found = lines(done)
    assert done.returncode == 10
    assert found["module"][0] == "FAIL"
    assert found["its configuration"][0] == "FAIL" and "lists modules, but not neural" in found["its configuration"][1]
    assert found["fallback"][0] == "FAIL" and found["Orca"][0] == "note"


def test_a_module_whose_interpreter_is_gone(desktop):
    assert desktop.neural("setup", "--no-default", "--quiet").returncode == 0
    entry = desktop.home / ".local/libexec/speech-dispatcher-modules/sd_neural"
    entry.write_text("#!/nowhere/python3\n")
    assert lines(desktop.neural("doctor", "--quiet"))["module"] == (
        "FAIL", f"{entry} cannot be started: No such file or directory; type: speechd-neural setup"
    )  # fmt: skip


def test_the_result_is_heard_where_speech_dispatcher_has_nothing_left(desktop):
    own = desktop.home / ".config/speech-dispatcher/speechd.conf"
    own.parent.mkdir(parents=True)
    own.write_text('AddModule "neural" "sd_neural" "neural.conf"\n')  # there is no such module
    desktop.record()
    done = desktop.neural("doctor", "--quiet", "--speak")
    assert lines(done)["module"][0] == "FAIL" and done.returncode == 10 and not done.stderr
    desktop.hears()


def test_what_the_server_in_use_has_loaded(desktop):
    desktop.start_server()

    def servers() -> list[int]:
        return [pid for pid, command in desktop.pids().items() if command.startswith("speech-dispatcher")]

    wait_for("the end of the process that started it", lambda: len(servers()) == 1)
    (server,) = servers()
    state, text = lines(desktop.neural("doctor", "--quiet"))["server in use"]
    assert state == "note" and "espeak-ng" in text and "not neural" in text
    assert desktop.neural("setup", "--no-default", "--quiet").returncode == 0
    state, text = lines(desktop.neural("doctor", "--quiet"))["server in use"]
    assert state == "ok" and "espeak-ng" in text and "neural" in text
    os.kill(server, signal.SIGSTOP)  # it will not answer
    try:
        state, text = lines(desktop.neural("doctor", "--quiet"))["server in use"]
    finally:
        os.kill(server, signal.SIGCONT)
    assert state == "FAIL" and "did not answer" in text


def test_without_a_sound_server_it_says_so_and_does_not_wait_for_long(desktop):
    assert desktop.neural("setup", "--no-default", "--quiet").returncode == 0
    begun = time.monotonic()
    done = desktop.neural("doctor", PULSE_SERVER=f"unix:{desktop.run_dir}/nowhere")
    state, text = lines(done)["sound"]
    assert (done.returncode, state) == (10, "FAIL")
    assert "no sound server (PipeWire or PulseAudio) answers" in text and "type: pactl info" in text
    assert time.monotonic() - begun < 40


def test_where_no_daemon_has_run_yet_it_is_started_as_by_the_first_message(desktop):
    assert desktop.neural("setup", "--no-default", "--quiet").returncode == 0
    daemons = [pid for pid, command in desktop.pids().items() if command.rstrip().endswith(" daemon")]
    assert daemons
    for pid in daemons:
        os.kill(pid, signal.SIGTERM)
    wait_for("the end of the daemon", lambda: not set(daemons) & set(desktop.pids()))
    (desktop.run_dir / "speechd-neural/socket").unlink(missing_ok=True)
    # This check alone: that of the module may have started one by then, or not.
    look = "from speechd_neural.desktop import checks; print(checks._daemon())"
    done = desktop.run(sys.executable, "-c", look, PYTHONPATH=str(ROOT))
    assert "state='ok'" in done.stdout and "speaks with the voice fenrir" in done.stdout, done.stdout + done.stderr
