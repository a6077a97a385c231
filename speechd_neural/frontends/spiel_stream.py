"""The audio/x-spiel stream of one utterance: its framing, and the pipe it goes through.

The stream is "0.01", then packed chunks in host byte order (libspeechprovider
1.0.3): audio `u8 1 | u32 n | n bytes`, event `u8 2 | u8 type | u32 start |
u32 end | u32 m | m bytes of mark name`. Known clients read each field with one
blocking read and do not look at what they got, so every write holds whole
chunks and is at most PIPE_BUF long (such a write goes wholly or not at all), and
an event never leaves without the sound that follows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
import struct
from collections.abc import Callable, Iterator

from speechd_neural.frontends import passed

MEDIA_TYPE = "audio/x-spiel"
HEADER = b"0.01"
AUDIO, EVENT = 1, 2
WORD, SENTENCE = 1, 2
WRITE_BYTES = 4096  # PIPE_BUF on Linux
CHUNKS_PER_SECOND = 25  # 40 ms of sound: clients tell events when they read them, so small chunks make them sharp


def audio_chunk(pcm: bytes) -> bytes:
    return struct.pack("=BI", AUDIO, len(pcm)) + pcm


def event_chunk(kind: int, start: int, end: int) -> bytes:
    """An event without a mark name; `start` and `end` are code points of the text, end exclusive."""
    return struct.pack("=BBIII", EVENT, kind, start, end, 0)


class Framing:
    """Turns the sound and events of one utterance into writes. Does no input or output itself."""

    def __init__(self, sample_rate: int) -> None:
        # Whole frames of mono S16LE, and room for the header and an event beside it.
        self._piece = min(sample_rate // CHUNKS_PER_SECOND * 2, WRITE_BYTES - 64)
        self._waiting = [HEADER]  # goes out with the next sound
        self.begun = False

    def event(self, kind: int, start: int, end: int) -> None:
        self._waiting.append(event_chunk(kind, start, end))

    def audio(self, pcm: bytes) -> Iterator[bytes]:
        """The writes for `pcm` and what waited for it."""
        for start in range(0, len(pcm), self._piece):
            self._waiting.append(audio_chunk(pcm[start : start + self._piece]))
        if pcm:
            yield from self._writes()

    def end(self) -> Iterator[bytes]:
        """The last writes: the header, if no sound has taken it along, and events after the last sound."""
        yield from self._writes()

    def _writes(self) -> Iterator[bytes]:
        self.begun = True
        block = b""
        for chunk in self._waiting:
            if len(block) + len(chunk) > WRITE_BYTES:
                yield block
                block = b""
            block += chunk
        self._waiting = []
        if block:
            yield block


class Pipe:
    """The write end of a client's pipe, on the event loop, without ever blocking it. Owns the descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = passed.ours(descriptor)
        self._socket = socket.socket(fileno=self._descriptor) if passed.is_socket(self._descriptor) else None
        self._loop = asyncio.get_running_loop()
        self._on_hang_up: Callable[[], object] | None = None
        self.on_full: Callable[[], object] = lambda: None  # called whenever a write has to wait for the reader
        self.closed = False

    def watch(self, on_hang_up: Callable[[], object]) -> None:
        """Have `on_hang_up` called once the reader has closed its end, also while nothing is to be written."""
        self._on_hang_up = on_hang_up
        with contextlib.suppress(OSError):
            self._loop.add_reader(self._descriptor, self._look)

    async def write(self, block: bytes) -> None:
        """Wait for room and write. Raises BrokenPipeError once nobody reads any more."""
        while block:
            try:
                block = block[self._write(block) :]
            except BlockingIOError:
                await self._wait_for_room()
            except OSError as error:  # EPIPE, or a descriptor that cannot be written at all
                raise BrokenPipeError from error

    def write_at_once(self, block: bytes) -> None:
        """Write if there is room and a reader."""
        with contextlib.suppress(OSError):
            self._write(block)

    def _write(self, block: bytes) -> int:
        if self._socket is not None:
            return self._socket.send(block, socket.MSG_DONTWAIT)
        return os.write(self._descriptor, block)

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        if self._socket is not None:
            self._socket.detach()
        passed.close(self._descriptor)

    async def _wait_for_room(self) -> None:
        self.on_full()
        room = self._loop.create_future()
        self._loop.add_writer(self._descriptor, _resolve, room)
        try:
            await room
        finally:
            if not self.closed:
                self._loop.remove_writer(self._descriptor)

    def _look(self) -> None:
        # Called for an error or a hang-up, or because something can be read (a socket), which is of
        # no interest and would call again for ever.
        self._loop.remove_reader(self._descriptor)
        poll = select.poll()
        poll.register(self._descriptor, 0)
        gone = any(state & (select.POLLERR | select.POLLHUP | select.POLLNVAL) for _, state in poll.poll(0))
        if gone and self._on_hang_up is not None:
            self._on_hang_up()


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
