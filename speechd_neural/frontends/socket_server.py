"""The unix socket of the daemon: many clients at the same time, in the protocol of `wire`.

Each client's audio is handed on as the client reads it: what it does not read is not made, beyond about a second.
Nothing a client sends harms another: it gets an error reply, or loses its connection.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from typing import Any

from speechd_neural.core.session import AT_ONCE, Speech
from speechd_neural.frontends.connection import READ, Connection, Control, Shared
from speechd_neural.frontends.peer import stranger
from speechd_neural.frontends.reserve import ACCEPTED, scarce

_LOG = logging.getLogger(__name__)


class SocketServer:
    def __init__(self, speech: Speech, control: Control) -> None:
        self.speech = speech
        self.control = control
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._turned_away: set[int] = set()
        self._shared = Shared()
        speech.on_change(self._changed)

    async def start(self, listening: socket.socket) -> None:
        """Serve the clients of a socket that listens already; it belongs to the server from now on, its file does not."""
        # Since Python 3.13 asyncio removes the socket's file when the server closes, also one that systemd listens at:
        # nobody would reach the next daemon. What is ours to remove, `activation.Home` removes.
        more: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}
        more |= {"limit": READ, "backlog": ACCEPTED}
        self._server = await asyncio.start_unix_server(self._connected, sock=listening, **more)

    async def close(self) -> None:
        """Accept nobody any more and say goodbye: each utterance ends."""
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            await connection.close()

    def _turn_away(self, uid: int) -> None:
        """Said once for each: the file's mode should have kept them out."""
        if uid not in self._turned_away:
            self._turned_away.add(uid)
            _LOG.error("another user (number %d) has connected to the socket and is not served", uid)

    def _close_silent(self) -> None:
        """Somebody connects and connects, and may never end: who has been silent longest and waits for nothing has to go."""
        silent = sorted((one for one in self.connections if one.idle), key=lambda one: one.heard)[:AT_ONCE]
        if silent:
            _LOG.warning("there are too many connections (%d); %d silent ones are closed", len(self.connections), len(silent))
        for connection in silent:
            connection.hang_up()

    def _changed(self) -> None:
        for connection in self.connections:
            connection.changed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other = stranger(writer.get_extra_info("socket"))
        if other is not None:
            self._turn_away(other)
            writer.transport.abort()
            return
        connection = Connection(self.speech, self.control, self._shared, reader, writer)
        self.connections.add(connection)
        if scarce():
            self._close_silent()
        try:
            await connection.serve()
        finally:
            self.connections.discard(connection)
