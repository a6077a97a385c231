"""What stands between the D-Bus libraries and their known faults; `bus` puts it there."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

MOST_ARRAYS = 64 << 10  # bytes; settings of a client have a hundredth of that


class Arrays:
    """Reads the arrays of one message, `MOST_ARRAYS` bytes of them; a longer one, or one too many, is read as empty.

    dbus-next takes a microsecond or three for each element: a message of 128 MB would keep everybody waiting for minutes.
    Nothing that is offered here takes a long array; a text is none.
    """

    def __init__(self, unmarshaller: Any) -> None:
        self._from = unmarshaller
        self._read = unmarshaller.read_array
        self._header = True  # is an array, too
        self._left = MOST_ARRAYS

    def read(self, type_: Any) -> Any:
        source, element = self._from, type_.children[0].token
        if self._header or element == "y":  # bytes are one copy
            self._header = False
            return self._read(type_)
        start = source.offset + (-source.offset & 3)
        length = int.from_bytes(source.buf[start : start + 4], "little" if source.buf[0] == ord("l") else "big")
        self._left -= length
        if self._left >= 0:
            return self._read(type_)
        start += 4
        source.offset = start + (-start & 7 if element in "xtd({" else 0) + length
        return {} if element == "{" else []


class PatientSocket:
    """What the library sends through: a full buffer means that nothing was sent yet, not that the bus is gone."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def send(self, data: bytes) -> int:
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0

    def sendmsg(self, buffers: list[bytes], ancillary: list[Any]) -> int:
        try:
            return self._sock.sendmsg(buffers, ancillary)
        except BlockingIOError:
            return 0


async def read_line(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> str:
    """A line of the authentication dialogue, without reading beyond it; an error when the bus hangs up."""
    line = b""
    while not line.endswith(b"\r\n"):
        piece = await loop.sock_recv(sock, 1)
        if not piece:
            raise ConnectionError("the bus closed the connection during authentication")
        line += piece
    return line[:-2].decode()
