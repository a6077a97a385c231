"""The protocol between the daemon and its clients on the unix socket. Standard library only.

A frame is a u32 big-endian length of what follows, one type byte, and the payload:

    'J'  a UTF-8 JSON object
    'A'  u32 big-endian request id, then mono signed 16-bit little-endian PCM

Client to daemon (ids are the client's own, unique per connection while in use):

    {"do": "hello", "client": "name", "protocol": 1, "version"}
                                         {"reply": "hello", "ok": true, "protocol": 1, "version", "sample_rate",
                                          "voice": its name, or null while none is loaded}
    {"do": "speak", "id": N, "text": T, "kind": "ssml", "settings": {...}, "priority": "message",
     "private": false, "play": false}    events of N, see below; no reply of its own
    {"do": "stop", "id": N}              N ends with "stopped" unless it has ended already; no reply
                                         (a short phrase that was being made is finished into the cache all the same)
    {"do": "stop", "id": "all"}          the same for every request of this connection
    {"do": "stop", "id": "everyone"}     the same for every client of the daemon
    {"do": "set", "settings": {...}}     this client's own defaults, for what it plays through the daemon; no reply
    {"do": "pause"|"resume"}             what this client plays through the daemon (play: true)
    {"do": "pause", "id": N}             N ends with "paused", which carries the last mark passed
    {"do": "status"|"reload"}            {"reply": the same word, "ok": true, ...}
    {"do": "voices"}                     {"reply": "voices", "ok": true, "voices": [{"name", "identifier",
                                          "sample_rate", "languages"}]}, the active one first, once that is loaded;
                                         with "follow": true the reply comes again whenever they are others
    {"do": "cache", "action": "stats"|"warm"|"clear"}     {"reply": "cache", "ok": true, ...}

Anything refused: {"reply": WORD, "ok": false, "error": TEXT}; for a speak with an id: event "failed" (not where the
id is still in use). A frame that cannot be read: {"reply": "", "ok": false, "error": TEXT}.

Daemon to client, for request N, in the order of the sound:

    {"event": "begin", "id": N, "sample_rate": HZ}, then 'A' frames and {"event": "mark", "name"},
    {"event": "word", "start", "end", "sentence"}, {"event": "icon", "path"}, and exactly one of {"event": "end"},
    {"event": "stopped"}, {"event": "paused", "mark"}, {"event": "failed", "reason"}.

With "play": false the client gets the audio and plays it; all of a request's audio has the sample rate that "begin"
names: that of the voice asked for ("voice" in the settings: a name or an identifier), whichever speaks. With
"play": true the daemon plays it, in the order the priorities give, and sends no audio. A client that does not read is
waited for: its audio stays in the daemon. After a stop, frames of the stopped request may still be in the socket's
buffer: drop what bears its id.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from speechd_neural import __version__
from speechd_neural.frontends import long_json
from speechd_neural.records import dataclass

PROTOCOL = 1
MAX_FRAME = 8 << 20  # a text of 1 MB fits however JSON escapes it
LONG = 32 << 10  # bytes of a frame from which it is read in steps
ROOM = 64 << 10  # bytes of what has arrived; more where a frame is longer
_LENGTH = struct.Struct(">I")
_HEADER = struct.Struct(">IB")
_ID = struct.Struct(">I")
_JSON = ord("J")
_AUDIO = ord("A")


def hello(client: str) -> dict[str, Any]:
    """What a client says first; `client` is its name in the daemon's log."""
    return {"do": "hello", "client": client, "protocol": PROTOCOL, "version": __version__}


def misunderstanding(hello: Mapping[str, Any]) -> str:
    """Why the two ends cannot understand each other, by what the other one said first, or nothing.

    Who names no protocol is older than that word, and speaks the first. A version that differs is no obstacle.
    """
    theirs = hello.get("protocol", 1)
    if theirs == PROTOCOL:
        return ""
    version = str(hello.get("version", "unknown"))[:40]
    return (
        f"the other end (version {version!r}) speaks protocol {str(theirs)[:20]!r}, this one (version {__version__}) "
        f"protocol {PROTOCOL}: log in again, or restart Speech Dispatcher, so that both are the same"
    )


@dataclass(frozen=True, slots=True)
class Message:
    """A 'J' frame."""

    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pcm:
    """An 'A' frame: sound of request `id`."""

    id: int
    data: bytes | memoryview


@dataclass(frozen=True, slots=True)
class Malformed:
    """A frame that could not be read; the next one can."""

    reason: str


Frame = Message | Pcm | Malformed


def kept(frame: Frame) -> Frame:
    """The frame with sound of its own, which holds also when the next one has been asked for."""
    return Pcm(frame.id, bytes(frame.data)) if isinstance(frame, Pcm) else frame


def encode(body: Mapping[str, Any]) -> bytes:
    # surrogatepass: a lone surrogate in a text must not keep the rest of it from being spoken.
    payload = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return _HEADER.pack(len(payload) + 1, _JSON) + payload


def encode_pcm(id: int, data: bytes) -> bytes:
    return _HEADER.pack(len(data) + 5, _AUDIO) + _ID.pack(id) + data


class Parser:
    """Bytes in, frames out. Never raises: what cannot be read comes out as `Malformed`, in its place.

    What arrives lies in one buffer from its first byte to its last, and sound is not copied out of it: blocks of every
    size, made and freed for as long as a session lasts, are what an allocator grows by.
    """

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._limit = limit
        self._buffer = memoryview(bytearray(ROOM))
        self._start = self._end = 0  # in the buffer, of what has arrived and is not yet a frame
        self._skip = 0  # bytes of an oversized frame that are still to come

    @property
    def size(self) -> int:
        """Bytes of memory for what has arrived and is not yet a frame."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that `data` completes. Exhaust the iterator before feeding again."""
        for frame in self.steps(data):
            if frame is not None:
                yield kept(frame)

    def steps(self, data: bytes) -> Iterator[Frame | None]:
        """`feed`, with None after each step of the work on a long frame: others may have their turn.

        Sound is a view, which holds until the next frame is asked for.
        """
        left = memoryview(data)
        while left:
            room = self.room()
            count = min(len(room), len(left))
            room[:count], left = left[:count], left[count:]
            yield from self.arrived(count)

    def room(self) -> memoryview:
        """Where to write what comes next; never empty. `arrived` is to be told how much that was."""
        waiting = self._end - self._start
        if not waiting:
            self._start = self._end = 0
            if len(self._buffer) > ROOM:
                self._buffer = memoryview(bytearray(ROOM))
        elif self._end == len(self._buffer):
            old = self._buffer[self._start : self._end]
            if not self._start:
                self._buffer = memoryview(bytearray(2 * len(self._buffer)))
            self._buffer[:waiting] = old
            self._start, self._end = 0, waiting
        return self._buffer[self._end :]

    def arrived(self, count: int) -> Iterator[Frame | None]:
        """`steps`, for bytes that are in `room` already."""
        self._end += count
        while True:
            if self._skip:
                dropped = min(self._skip, self._end - self._start)
                self._start += dropped
                self._skip -= dropped
            waiting = self._end - self._start
            if waiting < _LENGTH.size:
                if len(self._buffer) > ROOM:  # who says no more now keeps no more
                    old, self._buffer = self._buffer[self._start : self._end], memoryview(bytearray(ROOM))
                    self._buffer[:waiting] = old
                    self._start, self._end = 0, waiting
                return
            (length,) = _LENGTH.unpack_from(self._buffer, self._start)
            if length > self._limit:
                self._skip = length + _LENGTH.size
                yield Malformed(f"a frame of {length} bytes; at most {self._limit} are accepted")
            elif length == 0:
                self._start += _LENGTH.size
                yield Malformed("a frame without a type")
            elif waiting < length + _LENGTH.size:
                return
            else:
                frame = self._buffer[self._start + _LENGTH.size : self._start + _LENGTH.size + length]
                self._start += _LENGTH.size + length
                yield from _frame(frame[0], frame[1:])


def _frame(kind: int, payload: memoryview) -> Iterator[Frame | None]:
    if kind == _AUDIO:
        if len(payload) < _ID.size:
            yield Malformed("an audio frame without a request id")
        else:
            yield Pcm(_ID.unpack_from(payload)[0], payload[_ID.size :])
        return
    if kind != _JSON:
        yield Malformed(f"frame type {kind}; 'J' (74) and 'A' (65) are accepted")
        return
    body: Any = None
    try:
        if len(payload) <= LONG:
            body = json.loads(str(payload, "utf-8", "surrogatepass"))
        else:
            for body in long_json.steps(payload):
                if body is None:
                    yield None
    except (ValueError, RecursionError):
        # The decoder's own message would quote the text.
        yield Malformed("a frame that is not JSON in UTF-8" + (", or not mostly text" if len(payload) > LONG else ""))
        return
    yield Message(body) if isinstance(body, dict) else Malformed("a frame that is not a JSON object")
