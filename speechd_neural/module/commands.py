"""What the module does with each command of Speech Dispatcher."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections.abc import Iterator
from typing import Any

from speechd_neural.core import fallback
from speechd_neural.files import leave_no_core
from speechd_neural.frontends import messages, wire
from speechd_neural.module import protocol
from speechd_neural.module.config import ModuleConfig, read_config
from speechd_neural.module.daemon import Daemon
from speechd_neural.module.output import Output
from speechd_neural.module.trouble import Trouble
from speechd_neural.module.utterance import Means, Utterance
from speechd_neural.module.voices import Voices
from speechd_neural.types import Kind

_KINDS = {"SPEAK": Kind.SSML, "CHAR": Kind.CHAR, "KEY": Kind.KEY, "SOUND_ICON": Kind.SOUND_ICON}

_LONGEST = 4000  # bytes of a line; a pipe that has any room has room for it
_LAST = 10.0  # s for the server to read what comes before the reply to QUIT, for which it waits


class Module:
    """Commands in, replies and events out through `output`; it knows nothing of descriptors."""

    def __init__(self, config: ModuleConfig, output: Output, loaded: bytes) -> None:
        self._config = config
        self._output = output
        self._loaded = loaded
        self._log_level = 3
        self._trouble = Trouble(self.log)
        self._debug: str | None = None
        self._settings: dict[str, Any] = {}
        self._utterance: Utterance | None = None
        self._voices = Voices()
        self._daemon = Daemon(config.socket, config.daemon, self._receive, self._lost, self.log)

    def command(self, name: str, arguments: str, body: str | None) -> bool:
        """Act on a command; false after QUIT."""
        if body is None and name in protocol.BODIES:
            self._output.reply(protocol.BODIES[name])
            return True
        match name:
            case "INIT":
                self._output.reply(self._loaded)
            case "SET":
                self._settings.update(protocol.settings(protocol.assignments(body or "")))
                self._output.reply(b"203 OK SETTINGS RECEIVED\n")
            case "AUDIO":
                server = protocol.assignments(body or "").get("audio_output_method") == "server"
                if server and not self._config.server_plays:  # the server then asks whether we play ourselves
                    self._output.reply(b"301 ERROR THE MODULE PLAYS ITSELF\n")
                else:
                    self._output.reply(b"203 OK AUDIO INITIALIZED\n")
            case "LOGLEVEL":
                self._set_log_level(protocol.assignments(body or "").get("log_level", ""))
                self._output.reply(b"203 OK LOGLEVEL SET\n")
            case "SPEAK" | "CHAR" | "KEY" | "SOUND_ICON":
                self._speak(_KINDS[name], body or "")
            case "STOP":
                self._cancelled(self._output.stop())
            case "PAUSE":
                self._cancelled(self._output.pause())
            case "LIST":
                self._list(arguments)
            case "DEBUG":
                self._set_debug(arguments)
            case "QUIT":
                self._cancelled(self._output.stop())
                self._output.drain(_LAST)  # nobody reads what comes after the reply
                self._output.reply(b"210 OK QUIT\n")
                return False
            case _:
                self._output.reply(b"300 ERR UNKNOWN COMMAND\n")
        return True

    def safely(self, name: str, arguments: str, body: str | None) -> bool:
        """`command`; what it cannot do is answered with an error, and the next command works."""
        try:
            return self.command(name, arguments, body)
        except OSError:
            raise  # the server is gone
        except Exception as error:
            self._trouble.failed(f"the command {name[:20]!r}" if name in protocol.KNOWN else "an unknown command", error)
            self._output.reply(b"300 ERR INTERNAL ERROR\n")
            return True

    def log(self, text: str, level: int = 3) -> None:
        """A line for the server's log of this module; never what is spoken."""
        if level > self._log_level and self._debug is None:
            return
        line = f"speechd-neural: {text}\n".encode("utf-8", "replace")
        try:
            if self._debug is None:
                if select.select([], [2], [], 0)[1]:  # else nobody reads it, and the next command waits
                    os.write(2, line[:_LONGEST])
            else:
                with open(self._debug, "ab") as file:
                    file.write(line)
        except OSError:
            pass  # a full disk must not silence anybody

    def _speak(self, kind: Kind, text: str) -> None:
        self._cancelled(self._output.stop())  # never happens: the server waits for the end of the one before
        settings = self._voices.settled(dict(self._settings))
        means = Means(self._output, self._daemon, self._config.deadline, self.log, self._config.server_plays)
        self._utterance = Utterance(self._output.open(), kind, text, settings, means)
        try:
            threading.Thread(target=self._utterance.run, daemon=True, name="utterance").start()
        except RuntimeError as error:  # as many threads and processes as this user may have: espeak-ng is one too many
            self._trouble.failed("starting a thread", error)
            self._output.sound(self._utterance.number, *fallback.tone(messages.read_settings(settings)))  # waits for nobody
            self._output.finish(self._utterance.number)

    def _cancelled(self, number: int | None) -> None:
        if number is not None and self._utterance is not None and self._utterance.number == number:
            self._utterance.cancel()

    def _list(self, arguments: str) -> None:
        what, _, rest = arguments.partition(" ")
        if what == "VOICES":
            self._output.reply(protocol.voice_list(self._voices.listing(), rest))
        else:
            self._output.reply(b"300 ERR UNKNOWN COMMAND\n")

    def _set_log_level(self, value: str) -> None:
        level = protocol.number(value)
        if level is not None:
            self._log_level = level

    def _set_debug(self, arguments: str) -> None:
        switch, _, path = arguments.partition(" ")
        if switch == "ON" and path:
            self._debug = path
            self._output.reply(b"200 OK DEBUGGING ON\n")
        elif switch == "OFF":
            self._debug = None
            self._output.reply(b"200 OK DEBUGGING OFF\n")
        else:
            self._output.reply(b"302 ERROR BAD SYNTAX\n")

    def _receive(self, frame: wire.Frame) -> None:
        utterance = self._utterance
        if isinstance(frame, wire.Malformed):
            self._trouble.tell(f"the daemon sent {frame.reason}")
        elif isinstance(frame, wire.Message) and "reply" in frame.body:
            self._voices.learn(frame.body)
        elif utterance is not None:
            number = frame.id if isinstance(frame, wire.Pcm) else frame.body.get("id")
            if number == utterance.number:
                utterance.receive(frame)

    def _lost(self) -> None:
        if self._utterance is not None:
            self._utterance.lost()


def serve(config_file: str, output: Output, first: bytes, loaded: bytes) -> None:
    """Act on commands from descriptor 0, beginning with what was already read from it, until QUIT or its end.

    loaded: the reply to INIT.
    """
    leave_no_core()
    os.umask(0o077)  # of the server's: it may be anything
    config, complaints = read_config(config_file)
    module = Module(config, output, loaded)
    for complaint in complaints:
        module.log(complaint, 1)
    with contextlib.suppress(OSError):  # the server is gone
        for name, arguments, body in _commands(first):
            if not module.safely(name, arguments, body):
                break
    output.drain()


def _commands(first: bytes) -> Iterator[tuple[str, str, str | None]]:
    """Commands until the pipe ends. Whose child this process is says nothing: a server that puts itself into the
    background goes on in a process that is not the parent of the modules it has loaded."""
    commands = protocol.Commands()
    yield from commands.feed(first)
    room = memoryview(bytearray(1 << 16))  # one for all: the heap grows around blocks of this size that come and go
    while count := os.readv(0, [room]):
        yield from commands.feed(room[:count])
