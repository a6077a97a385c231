"""Who is at the other end of a unix socket: what is spoken is for the same user only. Standard library only.

The kernel knows (unix(7), SO_PEERCRED): of a client who connected, of a daemon who listened. A path cannot be trusted in
its place: whoever owns a directory above it may put a socket of his own there.
"""

from __future__ import annotations

import os
import socket
import struct

_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


def stranger(connected: socket.socket) -> int | None:
    """The user id at the other end, where it is not this process's own; None where it is."""
    data = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(data)
    return None if uid == os.getuid() else int(uid)
