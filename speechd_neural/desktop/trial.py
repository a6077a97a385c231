"""Speaking through a real Speech Dispatcher, with the user's own configuration and sound, beside the one in use."""

from __future__ import annotations

import array
import contextlib
import errno
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from speechd_neural.desktop.places import MODULE
from speechd_neural.desktop.ssip import Ssip
from speechd_neural.errors import SetupError

SENTENCE = "The neural voice has been set up."
_START = 60.0  # s for the server to load every module, one after another; where it ends, nobody waits
_SPEECH = 40.0  # s for a sentence on a busy machine, and for every hundred letters more
_ALSA = 15.0  # s for a sentence where no sound server answers: it ends by itself, or never
_LISTEN = 5.0  # s for the recorder to begin, and for the sound to come
_LOUD = 300  # of 32768: a level that no silent monitor reaches


def server_program() -> str | None:
    return shutil.which("speech-dispatcher", path=os.environ.get("PATH", os.defpath) + ":/usr/bin:/usr/local/bin")


def version() -> str | None:
    """Such as "0.11.4"; None where Speech Dispatcher is not installed."""
    program = server_program()
    if program is None:
        return None
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    words = (answer.stdout + answer.stderr).split()
    return next((word for word in words if word[:1].isdigit()), None)


@contextlib.contextmanager
def private_server() -> Iterator[Path]:
    """Start a second server with the configuration in use; yields its directory, with "socket" and "log" in it."""
    program = server_program()
    if program is None:
        raise SetupError("Speech Dispatcher is not installed (package speech-dispatcher)")
    try:
        directory = Path(tempfile.mkdtemp(prefix="speechd-neural-"))
    except FileNotFoundError as error:  # what Python makes of a disk that is full
        raise OSError(errno.ENOSPC, str(error)) from None
    socket = directory / "socket"
    command = [program, "-s", "-c", "unix_socket", "-S", str(socket), "-P", str(directory / "pid")]
    command += ["-L", str(directory / "log"), "-t", "0"]
    (directory / "log").mkdir()
    with open(directory / "output", "wb") as output:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        end = time.monotonic() + _START
        while not _listens(socket):
            if server.poll() is not None:
                text = (directory / "output").read_text(errors="replace").strip().splitlines()
                raise SetupError(f"Speech Dispatcher does not start: {text[-1] if text else server.returncode}")
            if time.monotonic() > end:
                raise SetupError(f"Speech Dispatcher does not start within {_START:g} s")
            time.sleep(0.05)
        yield directory
    finally:
        server.terminate()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(directory, ignore_errors=True)


def _listens(path: Path) -> bool:
    try:
        Ssip(path).close()
    except SetupError:
        return False
    return True


def _client(directory: Path) -> Ssip:
    """A connection that our module speaks for."""
    server = Ssip(directory / "socket")
    try:
        server.ask("SET SELF CLIENT_NAME user:speechd-neural:setup")
        if MODULE not in server.ask("LIST OUTPUT_MODULES")[:-1]:
            raise SetupError(f"Speech Dispatcher does not load the module: {_last_words(directory)}")
        server.ask("SET SELF NOTIFICATION ALL ON")
        server.ask(f"SET SELF OUTPUT_MODULE {MODULE}")
    except BaseException:
        server.close()
        raise
    return server


def sample(directory: Path, text: str, voice: str | None = None, rate: int = 0) -> None:
    """Let our module speak a text, by one of its voices. Raises SetupError where it does not."""
    with _client(directory) as server:
        if voice is not None:
            server.ask(f"SET SELF SYNTHESIS_VOICE {voice}")
        server.ask(f"SET SELF RATE {rate}")
        server.speak(text)
        server.wait_for_end(_SPEECH * (1 + len(text) / 100))


def speak(directory: Path, text: str = SENTENCE) -> str:
    """Let our module speak a text; says in words what was heard. Raises SetupError when it was not heard."""
    with _client(directory) as server:
        voices = server.ask("LIST SYNTHESIS_VOICES")[:-1]
        if not voices:
            raise SetupError("the module lists no voices")
        with _recording() as heard:
            server.speak(text)
            deaf = _sound_server() is False  # the server then plays through ALSA, if at all
            if (end := server.wait_for_end(_ALSA if deaf else _SPEECH * (1 + len(text) / 100))) != "END":
                why = "; no sound server (PipeWire or PulseAudio) answers" if deaf else ""
                raise SetupError(f"the module did not speak the sentence to its end ({end or 'no answer'}){why}")
            level = heard()
    if level is None:
        return "spoken to the end; the sound itself cannot be checked without PulseAudio or PipeWire"
    if level < _LOUD:
        raise SetupError("the sentence was spoken, but no sound reached the output device")
    return "spoken, and its sound reached the output device"


def _sound_server() -> bool | None:
    """Whether one answers; None where that cannot be asked. Speech Dispatcher can do without: it may play through ALSA."""
    tool = shutil.which("pactl")
    return None if tool is None else subprocess.run([tool, "info"], capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def _recording():  # type: ignore[no-untyped-def]
    """Record what the default output plays; yields a function that returns the loudest sample until then, or None."""
    program = shutil.which("parec")
    recorder = None
    if program and _sound_server():
        command = [program, "-d", "@DEFAULT_MONITOR@", "--raw", "--format=s16le", "--rate=8000", "--channels=1"]
        recorder = subprocess.Popen(
            [*command, "--latency-msec=20"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        select.select([recorder.stdout], [], [], _LISTEN)  # it must listen before anything sounds

    def level() -> int | None:
        if recorder is None:
            return None
        loudest, data, end = None, b"", time.monotonic() + _LISTEN
        # It may be on its way still, and is listened for until it comes.
        while (loudest or 0) < _LOUD and (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([recorder.stdout], [], [], left)
            if not ready or not (piece := os.read(recorder.stdout.fileno(), 1 << 16)):
                break
            data += piece
            whole = len(data) & ~1
            loudest = max([loudest or 0, *map(abs, array.array("h", data[:whole]))])
            data = data[whole:]
        return loudest

    try:
        yield level
    finally:
        if recorder is not None:
            if recorder.poll() is None:
                recorder.kill()
            recorder.wait()
            if recorder.stdout:
                recorder.stdout.close()


def _last_words(directory: Path) -> str:
    try:
        lines = (directory / "log" / f"{MODULE}.log").read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else "it was not found; see 'speechd-neural doctor'"
