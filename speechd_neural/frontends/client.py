"""A connection to the daemon over its unix socket, for programs that may wait. Standard library only."""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from speechd_neural.errors import DaemonError
from speechd_neural.frontends.peer import stranger
from speechd_neural.frontends.wire import Frame, Message, Parser, encode, kept

_AGAIN = 0.005  # s between two attempts to get in


class Stranger(DaemonError):
    """Somebody else listens where the daemon should."""


class Client:
    """A blocking connection to the daemon, for threads and short programs.

    One thread may send while another receives. Every wait has a limit. Raises
    DaemonError when the daemon is not there, has gone away, or does not read.
    """

    def __init__(self, path: str | os.PathLike[str], timeout: float = 0.1) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._parser = Parser()
        self._sending = threading.Lock()
        try:
            self._socket.settimeout(timeout)
            self._connect(os.fspath(path), time.monotonic() + timeout)
            other = stranger(self._socket)
        except OSError as error:
            self._socket.close()
            reason = error.strerror or "no answer"
            raise DaemonError(f"the daemon cannot be reached at {os.fspath(path)}: {reason}") from error
        if other is not None:
            self._socket.close()
            raise Stranger(f"another user (number {other}) listens at {os.fspath(path)}, and is told nothing")
        self._socket.setblocking(False)

    def _connect(self, path: str, end: float) -> None:
        while True:
            try:
                return self._socket.connect(path)
            except BlockingIOError:  # as many as may wait do so already: the daemon is busy, or somebody floods it
                if time.monotonic() > end:
                    raise
                time.sleep(_AGAIN)

    def fileno(self) -> int:
        """For select and poll: readable when `receive(0)` may have something."""
        return self._socket.fileno()

    def send(self, body: Mapping[str, Any], timeout: float = 1.0) -> None:
        data = memoryview(encode(body))
        end = time.monotonic() + timeout
        with self._sending:
            while data:
                try:
                    data = data[self._socket.send(data) :]
                except BlockingIOError:
                    if not self._wait(select.POLLOUT, end - time.monotonic()):
                        raise DaemonError(f"the daemon took no data for {timeout:g} s") from None
                except OSError as error:
                    raise DaemonError(f"the daemon went away: {error.strerror}") from error

    def receive(self, timeout: float | None = 0) -> list[Frame]:
        """The frames that have arrived, waiting up to `timeout` s for bytes (None: for ever); [] when none is whole."""
        return [kept(frame) for frame in self._arrived(timeout)]

    def listen(self) -> Iterator[Frame]:
        """Every frame, as it comes, for ever. Sound is a view, which holds until the next frame is asked for."""
        while True:
            yield from self._arrived(None)

    def _arrived(self, timeout: float | None) -> Iterator[Frame]:
        try:
            if timeout != 0 and not self._wait(select.POLLIN, timeout):
                return
            count = self._socket.recv_into(self._parser.room())
        except BlockingIOError:
            return
        except OSError as error:
            raise DaemonError(f"the daemon went away: {error.strerror}") from error
        if not count:
            raise DaemonError("the daemon closed the connection")
        yield from (frame for frame in self._parser.arrived(count) if frame is not None)

    def ask(self, body: Mapping[str, Any], timeout: float = 2.0) -> dict[str, Any]:
        """Send a request that has a reply and return it; events that arrive meanwhile are dropped.

        Raises DaemonError when the daemon refuses or does not answer in time.
        """
        self.send(body, timeout)
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            for frame in self.receive(left):
                if isinstance(frame, Message) and frame.body.get("reply") == body.get("do"):
                    if not frame.body.get("ok"):
                        raise DaemonError(str(frame.body.get("error", "the daemon refused")))
                    return frame.body
        raise DaemonError(f"the daemon did not answer within {timeout:g} s")

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, event: int, timeout: float | None) -> bool:
        if timeout is not None and timeout < 0:
            return False
        poll = select.poll()
        poll.register(self._socket, event)
        return bool(poll.poll(None if timeout is None else timeout * 1000))
