"""The control interface on a private bus, with a toy in place of the daemon's speech, and with the usual tools."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from typing import Any

import pytest
from dbus_fast import Message, MessageType, Variant

from speechd_neural.core.engine import VoiceInfo
from speechd_neural.frontends import wire
from speechd_neural.frontends.bus import LIBRARIES, Bus
from speechd_neural.frontends.control import BUS_NAME, CLIENT, INTERFACE, OBJECT_PATH, Control
from speechd_neural.types import (
    Begin,
    End,
    Event,
    Failed,
    Kind,
    MarkReached,
    Paused,
    Priority,
    Punctuation,
    Request,
    Stopped,
)
from tests.frontends.spiel_client import TOY, Client, private_bus


class ToyEvents:
    def __init__(self, *events: Event) -> None:
        self.waiting = deque(events)
        self.more = asyncio.Event()

    def cancel(self) -> None:
        self.put(Stopped())

    def put(self, event: Event) -> None:
        self.waiting.append(event)
        self.more.set()

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            while self.waiting:
                event = self.waiting.popleft()
                yield event
                if isinstance(event, End | Stopped | Failed):
                    return
            self.more.clear()
            await self.more.wait()


class ToySpeech:
    """Says "long" until it is cancelled; everything else is over at once."""

    def __init__(self) -> None:
        self.present: list[VoiceInfo] = [TOY]
        self.requests: list[Request] = []
        self.playing: list[ToyEvents] = []
        self.paused: set[Hashable] = set()
        self.now = "idle"
        self.callback: Callable[[], None] = lambda: None

    def play(self, request: Request, client: Hashable) -> ToyEvents:
        self.requests.append(request)
        match request.text:
            case "long":
                events = ToyEvents(Begin(), MarkReached("a\0b"), Paused("a"), Begin())
            case "fail":
                events = ToyEvents(Failed("no such voice"))
            case _:
                events = ToyEvents(Begin(), End())
        self.playing.append(events)
        return events

    def cancel(self, client: Hashable | None) -> None:
        assert client is None
        for events in self.playing:
            events.cancel()

    def pause(self, client: Hashable | None) -> None:
        self.paused.add(client)
        self.now = "paused"
        self.callback()

    def resume(self, client: Hashable | None) -> None:
        self.paused.clear()
        self.now = "idle"
        self.callback()

    def voices(self) -> list[VoiceInfo]:
        return self.present

    def state(self) -> str:
        return self.now

    def statistics(self) -> dict[str, Any]:
        return {"utterances": len(self.requests), "load": 0.25, "cache": {"hits": 1}}

    def on_change(self, callback: Callable[[], None]) -> None:
        self.callback = callback


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with private_bus() as address:
        yield address


@pytest.fixture
def speech() -> ToySpeech:
    return ToySpeech()


@pytest.fixture(params=sorted(LIBRARIES))
async def control(address: str, speech: ToySpeech, request: pytest.FixtureRequest) -> AsyncIterator[Control]:
    bus = Bus(address, request.param)
    await bus.connect()
    control = Control(bus, speech)
    await bus.own(BUS_NAME)
    yield control
    await control.close()
    await bus.close()


class Caller(Client):
    """A client that notes the signals of the control interface."""

    def __init__(self, bus: Any) -> None:
        super().__init__(bus)
        self.signals: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()
        bus.add_message_handler(self._note)

    def _note(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.path == OBJECT_PATH:
            if message.member == "PropertiesChanged":
                self.signals.put_nowait(("changed", {name: value.value for name, value in message.body[1].items()}))
            else:
                self.signals.put_nowait((message.member, *message.body))

    async def hear(self) -> tuple[Any, ...]:  # type: ignore[override]
        return await asyncio.wait_for(self.signals.get(), 60)

    async def ask(self, member: str, signature: str = "", *body: Any) -> Message:
        return await self.call(OBJECT_PATH, INTERFACE, member, signature, *body, name=BUS_NAME)

    async def speak(self, text: str, **settings: tuple[str, Any]) -> Any:
        variants = {name: Variant(*value) for name, value in settings.items()}
        reply = await self.ask("Speak", "sa{sv}", text, variants)
        return reply.body[0]


@pytest.fixture
async def client(address: str, control: Control) -> AsyncIterator[Caller]:
    client = await Caller.connect(address)
    assert isinstance(client, Caller)
    await client.subscribe(BUS_NAME)
    yield client
    await client.close()


async def test_speaking(client: Caller, speech: ToySpeech) -> None:
    assert await client.speak("hello") == 1
    assert [await client.hear(), await client.hear()] == [("Begin", 1), ("End", 1, "finished")]
    assert await client.speak("fail") == 2
    assert await client.hear() == ("End", 2, "failed: no such voice")
    assert speech.requests[0] == Request(1, "hello")


async def test_settings(client: Caller, speech: ToySpeech) -> None:
    await client.speak(
        "<speak/>", kind=("s", "ssml"), priority=("s", "important"), private=("b", True), rate=("i", 50),
        volume=("d", 80.0), speed=("d", 2.5), punctuation=("s", "all"), spelling=("b", True), voice=("s", "toy"),
        language=("s", "en"),
    )
    request = speech.requests[0]
    assert (request.kind, request.priority, request.private) == (Kind.SSML, Priority.IMPORTANT, True)
    settings = request.settings
    assert (settings.rate, settings.volume, settings.speed, settings.spelling) == (50, 80, 2.5, True)
    assert (settings.punctuation, settings.voice, settings.language) == (Punctuation.ALL, "toy", "en")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"colour": ("s", "red")}, "settings.colour is not known; use priority, kind, private, rate"),
        ({"priority": ("s", "high")}, "priority is not one of important, message"),
        ({"rate": ("s", "fast")}, "settings.rate is not a number"),
        ({"private": ("u", 1)}, "private is neither true nor false"),
    ],
)
async def test_refusals(client: Caller, speech: ToySpeech, settings: dict[str, Any], message: str) -> None:
    reply = await client.ask("Speak", "sa{sv}", "a", {name: Variant(*value) for name, value in settings.items()})
    assert reply.error_name == "org.freedesktop.DBus.Error.InvalidArgs"
    assert reply.body[0].startswith(message)
    assert speech.requests == []


async def test_a_text_that_no_frame_of_the_socket_could_hold_is_refused(client: Caller, speech: ToySpeech) -> None:
    reply = await client.ask("Speak", "sa{sv}", "a" * (wire.MAX_FRAME + 1), {})
    assert reply.error_name == "org.freedesktop.DBus.Error.InvalidArgs"
    assert reply.body[0].endswith(f"at most {wire.MAX_FRAME} are accepted") and speech.requests == []


async def test_stopping_one_and_all(client: Caller) -> None:
    begin = [("Begin", 1), ("Mark", 1, "ab"), ("Paused", 1, "a"), ("Begin", 1)]
    await client.speak("long")
    assert [await client.hear() for _ in range(4)] == begin
    await client.speak("long")
    for _ in range(4):
        await client.hear()
    await client.ask("Stop", "u", 1)
    assert await client.hear() == ("End", 1, "stopped")
    await client.ask("Stop", "u", 1)  # has ended
    await client.ask("Stop", "u", 77)  # never was
    await client.ask("Stop", "u", 0)
    assert await client.hear() == ("End", 2, "stopped")


async def test_pause_resume_and_state(client: Caller, speech: ToySpeech) -> None:
    await client.ask("Pause")
    assert await client.hear() == ("changed", {"State": "paused"})
    assert speech.paused == {None, CLIENT}
    await client.ask("Pause")
    await client.ask("Resume")
    assert await client.hear() == ("changed", {"State": "idle"})


async def test_properties(client: Caller, speech: ToySpeech) -> None:
    async def get(name: str) -> Any:
        reply = await client.call(
            OBJECT_PATH, "org.freedesktop.DBus.Properties", "Get", "ss", INTERFACE, name, name=BUS_NAME
        )
        return reply.body[0].value

    assert [list(voice) for voice in await get("Voices")] == [["toy", "toy-1", 16000, ["en-us"]]]
    assert await get("State") == "idle"
    statistics = await get("Statistics")
    assert (statistics["utterances"].value, statistics["load"].value) == (0, 0.25)
    assert statistics["cache"].value["hits"].value == 1
    speech.present = []
    speech.callback()
    assert await client.hear() == ("changed", {"Voices": []})


async def test_a_caller_may_leave_at_once(address: str, client: Caller) -> None:
    other = await Caller.connect(address)
    await other.speak("long")  # type: ignore[attr-defined]
    await other.close()
    assert [await client.hear() for _ in range(4)][-1] == ("Begin", 1)
    await client.ask("Stop", "u", 1)
    assert await client.hear() == ("End", 1, "stopped")


async def test_leaving_ends_what_is_spoken(address: str, speech: ToySpeech) -> None:
    bus = Bus(address, "dbus-next")
    await bus.connect()
    control = Control(bus, speech)
    await bus.own(BUS_NAME)
    caller = await Caller.connect(address)
    await caller.subscribe(BUS_NAME)
    await caller.speak("long")  # type: ignore[attr-defined]
    await control.close()
    await bus.close()
    heard = [await caller.hear() for _ in range(5)]
    assert heard[-1] == ("End", 1, "stopped")
    await caller.close()


async def test_the_usual_tools(address: str, control: Control, speech: ToySpeech) -> None:
    async def tool(*command: str) -> str:
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    busctl = ["busctl", f"--address={address}", "--json=short"]
    arguments = ["hello", "2", "priority", "s", "text", "rate", "i", "30"]
    said = await tool(*busctl, "call", BUS_NAME, OBJECT_PATH, INTERFACE, "Speak", "sa{sv}", *arguments)
    assert json.loads(said) == {"type": "u", "data": [1]}
    gdbus = ["gdbus", "call", "--address", address, "--dest", BUS_NAME, "--object-path", OBJECT_PATH, "--method"]
    said = await tool(*gdbus, f"{INTERFACE}.Speak", "hello", "{'priority': <'text'>, 'rate': <30>}")
    assert said.strip() == "(uint32 2,)"
    assert speech.requests[0].settings == speech.requests[1].settings
    assert speech.requests[0].priority == speech.requests[1].priority == Priority.TEXT
    assert "idle" in await tool(*busctl, "get-property", BUS_NAME, OBJECT_PATH, INTERFACE, "State")
