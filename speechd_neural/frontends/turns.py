"""Turns on the event loop: who sends a flood works on it a little at a time, and only one of those who do so at once."""

from __future__ import annotations

import asyncio
import select
import socket
import time

TURN = 0.0003  # s of work on what one client has sent before the others have their turn


class Turns:
    """One for all clients."""

    def __init__(self) -> None:
        self._flood = asyncio.Lock()

    async def wait(self, connected: socket.socket) -> bool:
        """For the next turn, behind the others whose turn was over: the loop comes round as soon as with one of them.

        False: nobody is there any more to hear what was asked for.
        """
        async with self._flood:
            await asyncio.sleep(0)
        return not _hung_up(connected)


class Turn:
    def __init__(self) -> None:
        self._end = time.monotonic() + TURN

    @property
    def over(self) -> bool:
        return time.monotonic() > self._end


def _hung_up(connected: socket.socket) -> bool:
    if connected.fileno() < 0:  # the transport has closed it meanwhile
        return True
    poll = select.poll()
    poll.register(connected, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))
