"""Everything the module writes to the server goes through one thread here: replies, events, sound.

Replies overtake sound that waits. Sound is handed over at most `lead` seconds before it is heard, so nothing piles up
in the pipe in front of a reply or of the 703 that silences the device. The window rule is kept in this one place: an
utterance's events are written between `open` and exactly one terminal event, and never outside.

A server 0.11 that has silenced an utterance is for a moment not ready to silence the next one: its thread for that is
still on its way back to sleep when the next SPEAK goes out, and a terminal event that crosses or answers a STOP then is
lost, and with it the server's voice, for good. So terminal events keep a distance of SETTLE from SPEAKING.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from typing import NamedTuple

from speechd_neural.module import protocol

LEAD = 0.25  # s; less would make drop-outs on a busy machine, more would delay replies
SETTLE = 0.02  # s; keys come more slowly, so nobody waits for it
HUSH = 0.05  # s of silence in front of the mark at which a pause begins; the server's players ask for the next at 20 ms
_WAITING = 0.5  # s of sound that may wait here before `send` waits


class _Event(NamedTuple):
    """What waits to be written. Sound waits in blocks that are all equally large, and becomes a 705 in the thread that
    writes it: what is made in one thread and freed in another, the allocator keeps, some of each size, and grows.
    """

    data: bytes | memoryview
    seconds: float = 0.0  # of sound
    mark: str | None = None  # of the server's
    rate: int = 0  # Hz, of sound

    def written(self) -> bytes:
        return protocol.audio(bytes(self.data), self.rate) if self.rate else bytes(self.data)


class Output:
    """`send`, `finish` and `open` may be called from any thread; `reply`, `stop` and `pause` never wait."""

    def __init__(self, descriptor: int, lead: float = LEAD) -> None:
        self._descriptor = descriptor
        self._lead = lead
        self._changed = threading.Condition()
        self._replies: deque[bytes] = deque()
        self._events: deque[_Event] = deque()
        self._queued = 0.0  # s of sound in _events
        self._heard = 0.0  # monotonic time at which all sound written so far has been heard
        self._current: int | None = None  # the utterance whose terminal event is not yet on its way
        self._begun = False
        self._sounded = False
        self._rate = 0  # Hz of the last sound; 0: there was none yet
        self._terminal = False
        self._last_mark = "__spd_-1"
        self._opened = 0
        self._begin_waits = False
        self._cutting: bytes | None = None  # the terminal event of what was stopped, which waits for `_settled`
        self._settled = 0.0  # monotonic time from which a terminal event may be written
        self._writing = False
        self._broken = False
        threading.Thread(target=self._write, daemon=True, name="output").start()

    def reply(self, data: bytes) -> None:
        with self._changed:
            self._replies.append(data)
            self._changed.notify_all()

    def open(self) -> int:
        """A new utterance, after the reply that announces it; returns its number, which is never used again."""
        with self._changed:
            if self._cutting is not None:  # never happens: the server waits for it
                self._replies.append(self._cutting)
                self._cutting = None
            self._opened += 1
            self._settled = math.inf  # until SPEAKING is written
            self._current = self._opened
            self._begun = self._sounded = self._terminal = False
            self._last_mark = "__spd_-1"
            self._clear()
            self._replies.append(protocol.SPEAKING)
            self._changed.notify_all()
            return self._opened

    def sound(self, utterance: int, pcm: bytes | memoryview, sample_rate: int) -> bool:
        """Sound of an utterance: mono 16-bit PCM. Waits while enough is queued; false once the utterance is over."""
        samples = memoryview(pcm)[: len(pcm) & ~1]
        size = max(1, int(sample_rate * protocol.BLOCK)) * 2
        with self._changed:
            first = self._current == utterance and not self._sounded
            self._sounded |= first
            self._rate = sample_rate
        start, end = 0, max(1, int(sample_rate * protocol.FIRST_BLOCK)) * 2 if first else size
        while start < len(samples):
            piece = samples[start:end]
            count = len(piece)
            block = bytearray(size)
            block[:count] = piece
            if not self._send(utterance, _Event(memoryview(block)[:count], count / 2 / sample_rate, rate=sample_rate)):
                return False
            start, end = end, end + size
        return self.is_current(utterance)

    def begin(self, utterance: int) -> bool:
        """BEGIN, once, where the sound does not go through here; false once the utterance is over."""
        with self._changed:
            if self._current == utterance:
                self._begin()
                self._changed.notify_all()
            return self._current == utterance

    def mark(self, utterance: int, name: str) -> bool:
        return self._send(utterance, _Event(protocol.mark(name), mark=name if name.startswith("__spd_") else None))

    def icon(self, utterance: int, path: str) -> bool:
        return self._send(utterance, _Event(protocol.icon(path)))

    def finish(self, utterance: int, event: bytes = protocol.END) -> None:
        """The utterance's terminal event, behind everything sent for it.

        The server's last mark goes out once more in front of it: a PAUSE that crosses an END finds the mark it looks
        for. Server 0.11 would be mute for ever without (its audio queue waits for the mark).
        """
        with self._changed:
            if self._current == utterance and not self._terminal:
                self._begin()
                self._terminal = True
                self._events.append(_Event(event))
                self._changed.notify_all()

    def stop(self) -> int | None:
        """Drop what waits and send 703; the utterance that was stopped, or None when there was none (and no event)."""
        return self._cut(protocol.STOP)

    def pause(self) -> int | None:
        """Like `stop`, with 704. The server resumes behind the last of its own marks: it is sent once more.

        The server hands the mark to the thread that plays, and only then tells that thread to pause there. One that had
        nothing to play would have passed the mark by then, and report the end of the message: so silence comes first.
        """
        with self._changed:
            event = b"" if self._begun_written() else protocol.BEGIN
            if self._rate:
                event += protocol.audio(bytes(2 * int(self._rate * HUSH)), self._rate)
            return self._cut(event + protocol.mark(self._last_mark) + protocol.PAUSE)

    def is_current(self, utterance: int) -> bool:
        return self._current == utterance

    def quiet(self) -> float:
        """Seconds since the last sound handed over has been heard; less than 0: until it will have been."""
        with self._changed:
            since = time.monotonic() - self._heard - self._queued
            return min(since, 0.0) if self._events or self._writing else since

    def drain(self, timeout: float = 1.0) -> None:
        """Wait until every reply, and the terminal event of what was stopped, is written."""
        end = time.monotonic() + timeout
        with self._changed:
            while (self._replies or self._cutting or self._writing) and not self._broken and time.monotonic() < end:
                self._changed.wait(0.05)

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._begin_waits = True
            self._events.append(_Event(protocol.BEGIN))

    def _begun_written(self) -> bool:
        return self._begun and not self._begin_waits

    def _send(self, utterance: int, event: _Event) -> bool:
        with self._changed:
            while self._current == utterance and event.seconds and self._queued > _WAITING:
                self._changed.wait()
            if self._current != utterance or self._terminal:
                return False
            self._begin()
            self._events.append(event)
            self._queued += event.seconds
            self._changed.notify_all()
            return True

    def _cut(self, event: bytes) -> int | None:
        with self._changed:
            utterance, self._current = self._current, None
            if utterance is not None:
                self._clear()
                self._heard = 0.0
                if time.monotonic() < self._settled:
                    self._cutting = event
                else:
                    self._replies.append(event)
            self._changed.notify_all()
            return utterance

    def _clear(self) -> None:
        self._events.clear()
        self._queued = 0.0
        self._begin_waits = False

    def _next(self) -> bytes:
        """What is to be written now; waits for it. Holds the lock."""
        while True:
            now = time.monotonic()
            if self._replies:
                data = self._replies.popleft()
                if data == protocol.SPEAKING:
                    self._settled = now + SETTLE
                return data
            wait = None
            if self._cutting is not None:
                wait = self._settled - now
                if wait <= 0:
                    data, self._cutting = self._cutting, None
                    return data
            elif self._events:
                event = self._events[0]
                wait = self._heard - now - self._lead if event.seconds else 0.0
                if self._terminal and len(self._events) == 1:
                    wait = max(wait, self._settled - now)
                if wait <= 0:
                    self._events.popleft()
                    self._queued = max(0.0, self._queued - event.seconds)
                    self._heard = max(now, self._heard) + event.seconds
                    if event.data == protocol.BEGIN:
                        self._begin_waits = False
                    if event.mark:
                        self._last_mark = event.mark
                    data = event.written()
                    if self._terminal and not self._events:
                        self._current = None  # from here on a STOP comes too late to be answered
                        data = protocol.mark(self._last_mark) + data
                    self._changed.notify_all()
                    return data
            self._changed.wait(wait)

    def _write(self) -> None:
        try:
            while True:
                with self._changed:
                    self._writing = False
                    self._changed.notify_all()
                    data = memoryview(self._next())
                    self._writing = True
                while data:
                    data = data[os.write(self._descriptor, data) :]
        except OSError:  # the server is gone; its end of stdin tells the reader the same
            with self._changed:
                self._broken = True
                self._current = None
                self._changed.notify_all()
