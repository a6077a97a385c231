"""What is in the place of a file and is none keeps nobody waiting: a pipe that nobody writes to, a device without end."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from speechd_neural.files import open_file
from speechd_neural.paths import PACKAGE
from tests.daemon_place import LIMIT, Place, speak

MODULE = [sys.executable, "-c", "from speechd_neural.module.main import main; main()"]
KINDS = ("pipe", "socket", "/dev/zero", "/dev/tty", "folder", "hole")


def put(path: Path, kind: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "socket":
            os.mknod(path, 0o140600)
        case "folder":
            path.mkdir()
        case "hole":
            with path.open("wb") as file:
                file.truncate(1 << 40)
        case _:
            path.symlink_to(kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "hole"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    put(tmp_path / "x", kind)
    with pytest.raises(OSError):
        open_file(tmp_path / "x").close()


def test_an_empty_file_may_be_the_null_device() -> None:
    with open_file(os.devnull) as file:
        assert file.read() == b""


@pytest.mark.parametrize("kind", KINDS)
def test_the_daemon_speaks_whatever_is_in_the_place_of_its_files(place: Place, kind: str) -> None:
    place.write("voice: {name: strange}\ncache: {warm: false}\nfallback: {deadline_ms: 0}\n")  # the machine may be busy
    if kind != "hole":
        put(place.config.with_name("lexicon.txt"), kind)
        put(place.root / "cache/speechd-neural/phrases/days", kind)
        put(place.root / "state/speechd-neural/cache-secret", kind)
    voice = place.root / "data/speechd-neural/voices/strange"
    put(voice / "weights.safetensors", kind)
    shutil.copy(PACKAGE / "voices/rms/voice.yaml", voice)
    daemon = place.start()
    with place.connect() as client:
        client.ask({"do": "voices"}, timeout=LIMIT)
        assert speak(client, 1, "Hello there.")[1] == "end"
        status = client.ask({"do": "status"}, timeout=LIMIT)
        assert status["voice"] and status["fallbacks"] == 0
        assert "weights.safetensors" in status["voice_error"] and "\n" not in status["voice_error"]
    daemon.terminate()
    assert daemon.wait(LIMIT) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_configuration_that_is_no_file_is_told_and_the_defaults_hold(place: Place, kind: str) -> None:
    put(place.config, kind)
    place.start()
    with place.connect() as client:
        assert speak(client, 1, "Hello there.")[1] == "end"
        assert str(place.config) in client.ask({"do": "status"}, timeout=LIMIT)["config_error"]
    told = place.run("voices", "use", "rms")
    assert told.returncode == 3 and told.stderr.count("\n") == 1 and str(place.config) in told.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_the_module_answers_whatever_is_in_the_place_of_its_files(place: Place, kind: str) -> None:
    put(place.root / "cache/speechd-neural/module-voices", kind)
    put(place.root / "module.conf", kind)
    put(place.root / "data/speechd-neural/voices/strange/voice.yaml", kind)
    place.environment["XDG_RUNTIME_DIR"] = "/dev/null"  # no daemon
    with subprocess.Popen(
        [*MODULE, str(place.root / "module.conf")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=place.environment,
        bufsize=0,
    ) as module:
        assert module.stdin is not None and module.stdout is not None
        module.stdin.write(b"INIT\nLIST VOICES\nSPEAK\nhello\n.\n")
        answer = b""
        while b"702 END" not in answer and select.select([module.stdout], [], [], LIMIT)[0]:
            answer += os.read(module.stdout.fileno(), 1 << 16)
        module.stdin.write(b"QUIT\n")
    assert b"200 OK VOICE LIST SENT" in answer and b"705 AUDIO" in answer and b"702 END" in answer
