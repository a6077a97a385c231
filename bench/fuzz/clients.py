"""What other programs send: Speech Dispatcher's commands to the module, the daemon's answers to it, frames of the socket."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.fuzz.running import Target, environment
from speechd_neural.errors import DaemonError, UsageError
from speechd_neural.frontends import messages, wire
from speechd_neural.module import protocol
from speechd_neural.module.commands import Module
from speechd_neural.module.config import ModuleConfig
from speechd_neural.module.output import Output
from speechd_neural.module.utterance import Means, Utterance
from speechd_neural.types import Kind

SPOKEN = ("SPEAK", "CHAR", "KEY", "SOUND_ICON", "DEBUG")  # begin threads and files; the tests of conformance speak
REQUESTS: list[dict[str, Any]] = [
    {"do": "hello", "client": "name"},
    {"do": "speak", "id": 1, "text": "ab [m]cd", "kind": "ssml", "settings": {"rate": 10, "punctuation": "some"}, "play": True},
    {"do": "speak", "id": 2, "text": "a", "kind": "char", "settings": {"speed": 1.5, "voice": None}, "priority": "message"},
    {"do": "stop", "id": 1}, {"do": "stop", "id": "all"}, {"do": "set", "settings": {"pitch": -3.5, "capitals": "icon"}},
    {"do": "pause"}, {"do": "pause", "id": 1}, {"do": "resume"}, {"do": "voices", "follow": True}, {"do": "status"},
    {"do": "cache", "action": "stats"},
]  # fmt: skip
EVENTS: list[dict[str, Any]] = [
    {"event": "begin", "id": 1, "sample_rate": 16000}, {"event": "mark", "id": 1, "name": "0:4"},
    {"event": "word", "id": 1, "start": 0, "end": 4, "sentence": False}, {"event": "icon", "id": 1, "path": "/x.wav"},
    {"event": "paused", "id": 1, "mark": None}, {"event": "failed", "id": 1, "reason": "x"}, {"event": "end", "id": 1},
    {"reply": "voices", "ok": True, "voices": [{"name": "a", "identifier": "a", "sample_rate": 16000, "languages": ["en"]}]},
]  # fmt: skip
WORDS = [word.encode() for word in '"id" "text" "event" "do" null true {} [] {"a":{}} "\\ud800" "all" ,"x":'.split()]
COMMANDS = [
    b"INIT\nSET\nrate=10\npitch=-5\nvolume=100\npunctuation_mode=some\nspelling_mode=on\ncap_let_recogn=icon\n"
    b"voice_type=MALE1\nlanguage=en-US\nsynthesis_voice=NULL\n.\n",
    b"AUDIO\naudio_output_method=server\naudio_alsa_device=default\n.\nLOGLEVEL\nlog_level=3\n.\n",
    b"LIST VOICES\nLIST VOICES en none\nSTOP\nPAUSE\nQUIT\n",
    b"SPEAK\n<speak>some <mark name=\"1\"/>text</speak>\n..\n.\nSTOP\nCHAR\nspace\n.\nKEY\nshift_a\n.\nSOUND_ICON\nbell\n.\n",
]


def needs(condition: bool, what: str) -> None:
    """Not `assert`: these hold with -O too."""
    if not condition:
        raise AssertionError(what)


@contextlib.contextmanager
def _module() -> Iterator[tuple[Module, Output]]:
    """A module that writes to nobody and has no daemon."""
    descriptor = os.open(os.devnull, os.O_WRONLY)
    output = Output(descriptor, lead=1e12)
    made = Module(ModuleConfig(socket=os.devnull), output, b"")
    made.command("LOGLEVEL", "", "log_level=0")
    yield made, output
    output.drain()


@contextlib.contextmanager
def module(folder: Path) -> Iterator[Target]:
    """Bytes from Speech Dispatcher."""
    with _module() as (served, _):
        def one(data: bytes) -> None:
            commands = protocol.Commands()
            half = len(data) // 2
            for part in (data[:half], data[half:]):
                for name, arguments, body in commands.feed(part):
                    values = protocol.settings(protocol.assignments(body or ""))
                    messages.read_settings(values)
                    protocol.voice_list([("a", "en-US", "none"), ("b", "de", "none")], arguments)
                    if name not in SPOKEN:
                        served.command(name, arguments, body)

        def works() -> None:
            found = [name for name, _, body in protocol.Commands().feed(COMMANDS[3]) if body is not None]
            needs(found == ["SPEAK", "CHAR", "KEY", "SOUND_ICON"], f"commands are {found}")

        words = [name.encode() + b"\n" for name in (*protocol.BODIES, "INIT", "STOP", "LIST VOICES")]
        yield Target(COMMANDS, [*words, b"\n.\n", b"\n..\n", b"="], one, works)


@contextlib.contextmanager
def frames(folder: Path) -> Iterator[Target]:
    """Bytes from the daemon, or from what listens in its place, while the module waits for sound."""
    # The module remembers voices.
    with environment(XDG_CACHE_HOME=str(folder)), _module() as (served, output):
        means = Means(output, served._daemon, 0.1, lambda text: None)

        def begin() -> Utterance:
            output.drain()
            served._utterance = Utterance(output.open(), Kind.TEXT, "x", {}, means)
            return served._utterance

        utterance = begin()

        def one(data: bytes) -> None:
            nonlocal utterance
            number = utterance.number
            # The id of the utterance, so that what is sent is not passed over.
            for frame in wire.Parser().feed(data):
                if isinstance(frame, wire.Message) and frame.body.get("id") == 1:
                    frame.body["id"] = number
                elif isinstance(frame, wire.Pcm):
                    frame = wire.Pcm(number, frame.data)
                with contextlib.suppress(DaemonError):  # one that speaks another protocol
                    served._daemon._take(frame)
            if utterance._state not in ("waiting", "neural"):
                output.finish(number)
                utterance = begin()

        def works() -> None:
            one(wire.encode(EVENTS[0]) + wire.encode_pcm(1, bytes(640)))
            needs(utterance._state == "neural", f"the utterance is {utterance._state}")

        good = [wire.encode(event) for event in EVENTS] + [wire.encode(EVENTS[0]) + wire.encode_pcm(1, bytes(321))]
        yield Target(good, WORDS, one, works)


@contextlib.contextmanager
def wire_frames(folder: Path) -> Iterator[Target]:
    """The frames of the socket and what is read from them, without a daemon."""

    def one(data: bytes) -> None:
        parser = wire.Parser(limit=1 << 16)
        third = len(data) // 3
        for part in (data[:third], data[third : 2 * third], data[2 * third :]):
            for frame in parser.feed(part):
                if isinstance(frame, wire.Message):
                    messages.read_event(frame.body)
                    with contextlib.suppress(UsageError):
                        messages.speak_message(messages.read_request(frame.body))

    def works() -> None:
        (frame,) = wire.Parser().feed(wire.encode(REQUESTS[1]))
        needs(isinstance(frame, wire.Message) and messages.read_request(frame.body).id == 1, "a request is not read")

    good = [wire.encode(body) for body in REQUESTS + EVENTS] + [wire.encode_pcm(1, bytes(20))]
    yield Target([*good, b"".join(good)], WORDS, one, works)
