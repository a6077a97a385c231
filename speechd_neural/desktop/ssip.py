"""A small SSIP client: what set-up and doctor need to talk to Speech Dispatcher."""

from __future__ import annotations

import os
import socket
import time
from types import TracebackType

from speechd_neural.errors import SetupError

FINAL = {"702": "END", "703": "CANCEL", "704": "PAUSED"}


class Ssip:
    """One connection. Raises SetupError when the server cannot be reached, refuses, or is silent for `timeout` s."""

    def __init__(self, path: str | os.PathLike[str], timeout: float = 10.0) -> None:
        self._timeout = timeout
        self._socket = socket.socket(socket.AF_UNIX)
        self._rest = b""
        self.events: list[tuple[str, str]] = []  # (code, message) of events that nobody has waited for yet
        self.message = ""  # the number of the one that was queued last
        try:
            self._socket.settimeout(timeout)
            self._socket.connect(os.fspath(path))
        except OSError as error:
            self._socket.close()
            raise SetupError(f"Speech Dispatcher cannot be reached at {os.fspath(path)}: {error.strerror}") from error

    def ask(self, command: str) -> list[str]:
        """Lines of the reply, without their codes; the last one is its text."""
        self._send(command)
        return [line[4:] for line in self._reply()]

    def speak(self, text: str) -> None:
        self.ask("SPEAK")
        lines = ["." + line if line.startswith(".") else line for line in text.split("\n")]
        self.ask("\r\n".join([*lines, "."]))

    def wait_for_end(self, timeout: float) -> str:
        """END, CANCEL or PAUSED of the message that was queued last, or "" after `timeout` s."""
        end = time.monotonic() + timeout
        while True:
            for code, number in self.events:
                if code in FINAL and number == self.message:
                    self.events.remove((code, number))
                    return FINAL[code]
            if (left := end - time.monotonic()) <= 0:
                return ""
            self._socket.settimeout(left)
            try:
                self._read_one()
            except SetupError:
                return ""
            finally:
                self._socket.settimeout(self._timeout)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Ssip:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.close()

    def _send(self, text: str) -> None:
        try:
            self._socket.sendall(text.encode() + b"\r\n")
        except OSError as error:
            raise SetupError(f"Speech Dispatcher went away: {error.strerror}") from error

    def _reply(self) -> list[str]:
        while (lines := self._read_one()) is None:
            pass
        if lines[-1][0] not in "12":
            raise SetupError(f"Speech Dispatcher refused: {lines[-1]}")
        if lines[-1].startswith("225"):
            self.message = lines[0][4:]
        return lines

    def _read_one(self) -> list[str] | None:
        """A reply; None when it was an event, which is added to `events`."""
        lines = [self._line()]
        while lines[-1][3:4] == "-":
            lines.append(self._line())
        if lines[-1][:1] == "7":
            self.events.append((lines[-1][:3], lines[0][4:]))
            return None
        return lines

    def _line(self) -> str:
        while b"\n" not in self._rest:
            try:
                data = self._socket.recv(1 << 16)
            except TimeoutError as error:
                raise SetupError(f"Speech Dispatcher did not answer within {self._timeout:g} s") from error
            except OSError as error:
                raise SetupError(f"Speech Dispatcher went away: {error.strerror}") from error
            if not data:
                raise SetupError("Speech Dispatcher closed the connection")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")
