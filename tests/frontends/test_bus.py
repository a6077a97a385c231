"""The connection: what either library does wrong by itself must not reach a client or the daemon."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from dbus_fast import Message, MessageFlag, MessageType, Variant

from speechd_neural.errors import DaemonError, UsageError
from speechd_neural.frontends.bus import LIBRARIES, Bus, session_address
from speechd_neural.frontends.interface import Interface, Method, Property
from tests.frontends.spiel_client import Client, private_bus, until

NAME, PATH, FACE = "org.example.Thing", "/org/example/Thing", "org.example.Thing1"
STANDARD = "org.freedesktop.DBus."
libraries = pytest.mark.parametrize("library", sorted(LIBRARIES))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with private_bus() as address:
        yield address


class Thing:
    def __init__(self) -> None:
        self.value = "first"
        self.kept: list[int] = []
        self.interface = Interface(
            FACE,
            PATH,
            methods={
                "Add": Method(lambda sender, a, b: a + b, {"a": "u", "b": "u"}, {"sum": "u"}),
                "Keep": Method(lambda sender, fd: self.kept.append(fd), {"fd": "h"}),
                "Refuse": Method(self.refuse, {"fd": "h"}),
                "Break": Method(self.break_),
                "Echo": Method(lambda sender, values: repr(values), {"values": "a{sv}"}, {"text": "s"}),
            },
            properties={
                "Value": Property("s", lambda: self.value),
                "Numbers": Property("a{sv}", lambda: {"n": 1, "x": 0.5, "ok": True, "s": "a", "in": {"n": 2}}, False),
                "Structs": Property("a(su)", lambda: [("a\0b\ud800", 1)]),
            },
            signals={"Happened": {"name": "s"}},
        )

    def refuse(self, sender: str, descriptor: int) -> None:
        raise UsageError("colour is not known; red and blue are")

    def break_(self, sender: str) -> None:
        raise RuntimeError("secret words")


@pytest.fixture
def thing() -> Thing:
    return Thing()


@pytest.fixture(params=sorted(LIBRARIES))
async def bus(address: str, thing: Thing, request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    bus = Bus(address, request.param)
    await bus.connect()
    bus.offer(thing.interface)
    await bus.own(NAME)
    yield bus
    await bus.close()


@pytest.fixture
async def client(address: str, bus: Bus) -> AsyncIterator[Client]:
    client = await Client.connect(address)
    yield client
    await client.close()


async def ask(client: Client, interface: str | None, member: str, signature: str = "", *body: Any, **more: Any) -> Any:
    """The value that a call gives, or its error."""
    reply = await client.call(PATH, interface, member, signature, *body, name=NAME, **more)
    if reply.message_type is MessageType.ERROR:
        return reply.error_name.removeprefix(STANDARD + "Error."), reply.body[0]
    return reply.body[0] if reply.body else None


async def test_calls(client: Client) -> None:
    assert await ask(client, FACE, "Add", "uu", 2, 3) == 5
    assert await ask(client, None, "Add", "uu", 2, 3) == 5
    assert await ask(client, STANDARD + "Peer", "Ping") is None
    assert len(await ask(client, STANDARD + "Peer", "GetMachineId")) == 32


@pytest.mark.parametrize(
    ("interface", "member", "signature", "body", "error"),
    [
        (FACE, "Multiply", "", (), "UnknownMethod"),
        ("org.example.Other", "Add", "uu", (1, 2), "UnknownMethod"),
        (FACE, "Add", "us", (1, "2"), "InvalidArgs"),
        (STANDARD + "Properties", "Get", "ss", (FACE, "Colour"), "UnknownProperty"),
        (STANDARD + "Properties", "GetAll", "s", ("org.example.Other",), "UnknownInterface"),
        (STANDARD + "Properties", "Get", "s", (FACE,), "InvalidArgs"),
        (STANDARD + "Properties", "Drop", "", (), "UnknownMethod"),
    ],
)
async def test_refusals(client: Client, interface: str, member: str, signature: str, body: Any, error: str) -> None:
    assert (await ask(client, interface, member, signature, *body))[0] == error


async def test_no_object_there(client: Client) -> None:
    reply = await client.call("/org/example", FACE, "Add", "uu", 1, 2, name=NAME)
    assert reply.error_name == STANDARD + "Error.UnknownObject"


async def test_errors_tell_the_caller_one_line_and_the_log_no_secret(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    assert await ask(client, FACE, "Refuse", "h", 0, fds=[1]) == ("InvalidArgs", "colour is not known; red and blue are")
    assert await ask(client, FACE, "Break") == ("Failed", "internal error: RuntimeError")
    assert "RuntimeError at test_bus.py" in caplog.text
    assert "secret" not in caplog.text


async def test_properties(client: Client, thing: Thing, bus: Bus) -> None:
    values = await ask(client, STANDARD + "Properties", "GetAll", "s", FACE)
    assert values["Value"].value == "first"
    numbers = {name: variant.value for name, variant in values["Numbers"].value.items()}
    assert numbers.pop("in")["n"].value == 2
    assert numbers == {"n": 1, "x": 0.5, "ok": True, "s": "a"}
    assert [list(struct) for struct in values["Structs"].value] == [["ab?", 1]]
    assert await ask(client, STANDARD + "Properties", "GetAll", "s", "") == values
    assert (await ask(client, STANDARD + "Properties", "Get", "ss", "", "Value")).value == "first"
    new = client_variant("s", "mine")
    assert (await ask(client, STANDARD + "Properties", "Set", "ssv", FACE, "Value", new))[0] == "PropertyReadOnly"


def client_variant(signature: str, value: Any) -> Any:
    from dbus_fast import Variant

    return Variant(signature, value)


async def test_variants_come_in_plain(client: Client) -> None:
    given = {"a": client_variant("as", ["x"]), "b": client_variant("v", client_variant("d", 0.5))}
    assert await ask(client, FACE, "Echo", "a{sv}", given) == "{'a': ['x'], 'b': 0.5}"


async def test_introspection(client: Client) -> None:
    async def xml(path: str) -> str:
        reply = await client.call(path, STANDARD + "Introspectable", "Introspect", name=NAME)
        return reply.body[0]

    assert '<node name="org"/>' in await xml("/")
    assert '<node name="Thing"/>' in await xml("/org/example")
    assert '<method name="Add">' in await xml(PATH)


async def test_signals_and_announcements(client: Client, bus: Bus, thing: Thing) -> None:
    heard: asyncio.Queue[Message] = asyncio.Queue()
    client.bus.add_message_handler(
        lambda message: heard.put_nowait(message) if message.path == PATH and message.message_type is MessageType.SIGNAL
        else None
    )
    await client.subscribe(NAME)
    bus.emit(thing.interface, "Happened", "it\0")
    thing.value = "second"
    bus.announce(thing.interface, "Value")
    first, second = await asyncio.wait_for(heard.get(), 60), await asyncio.wait_for(heard.get(), 60)
    assert (first.interface, first.member, first.body) == (FACE, "Happened", ["it"])
    interface, changed, invalidated = second.body
    assert (interface, changed["Value"].value, invalidated) == (FACE, "second", [])


async def test_a_full_send_buffer_is_no_lost_bus(client: Client, bus: Bus, thing: Thing) -> None:
    count = 0

    def listen(message: Message) -> None:
        nonlocal count
        count += message.member == "Happened"

    client.bus.add_message_handler(listen)
    await client.subscribe(NAME)
    for _ in range(100):
        bus.emit(thing.interface, "Happened", "x" * 300_000)
    for _ in range(2000):
        bus.emit(thing.interface, "Happened", "x" * 4000)
    await until(lambda: count >= 2100)
    assert count == 2100
    assert not bus.gone.is_set()


async def test_descriptors_belong_to_who_took_them(client: Client, thing: Thing) -> None:
    def open_count() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = open_count()
    with open(os.devnull, "wb") as null:
        for _ in range(5):
            await ask(client, FACE, "Nothing", "h", 0, fds=[null.fileno()])
            await ask(client, FACE, "Refuse", "h", 0, fds=[null.fileno()])
            await ask(client, FACE, "Add", "uu", 1, 2, fds=[null.fileno()])  # unasked for
            await ask(client, FACE, "Keep", "s", "not one", fds=[null.fileno()])
            await ask(client, STANDARD + "Properties", "Get", "ss", FACE, "Value", fds=[null.fileno()])
            assert (await ask(client, FACE, "Keep", "h", 3, fds=[null.fileno()]))[0] == "InvalidArgs"
    assert open_count() == before
    with open(os.devnull, "wb") as null:
        await ask(client, FACE, "Keep", "h", 0, fds=[null.fileno(), null.fileno()])
    assert open_count() == before + 1
    assert not os.get_inheritable(thing.kept[0])
    os.close(thing.kept[0])


async def test_no_reply_where_none_is_wanted(client: Client, thing: Thing) -> None:
    replies: list[Message] = []
    client.bus.add_message_handler(lambda message: replies.append(message) and None)
    call = Message(NAME, PATH, FACE, "Add", signature="uu", body=[1, 2], flags=MessageFlag.NO_REPLY_EXPECTED)
    await client.bus.send(call)
    await ask(client, FACE, "Add", "uu", 1, 2)
    # The bus's own signals may come in between.
    assert len([message for message in replies if message.message_type is not MessageType.SIGNAL]) == 1


@libraries
async def test_a_name_that_is_taken(address: str, bus: Bus, library: str) -> None:
    other = Bus(address, library)
    await other.connect()
    assert not await other.own(NAME)
    await bus.close()
    async with asyncio.timeout(60):  # the bus daemon hears of it a little later
        while not await other.own(NAME):
            await asyncio.sleep(0.01)
    await other.close()


@libraries
async def test_the_bus_goes_away(library: str, thing: Thing) -> None:
    with private_bus() as address:
        bus = Bus(address, library)
        await bus.connect()
        bus.offer(thing.interface)
        await bus.own(NAME)
    await asyncio.wait_for(bus.gone.wait(), 60)
    bus.emit(thing.interface, "Happened", "to nobody")
    await bus.close()
    with pytest.raises(DaemonError):
        await bus.own(NAME)


@libraries
@pytest.mark.parametrize("words", [b"", b"OK 1234\r\n", b"REJECTED\r\n"])
async def test_a_bus_that_hangs_up_during_authentication(library: str, words: bytes, tmp_path: Any) -> None:
    path = str(tmp_path / "bus")

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(hang_up, path)
    with pytest.raises(DaemonError, match="cannot connect to the D-Bus session bus"):
        await Bus(f"unix:path={path}", library).connect()
    server.close()
    await server.wait_closed()


@libraries
async def test_no_bus(library: str, tmp_path: Any) -> None:
    for address in (f"unix:path={tmp_path}/nothing", "nonsense", "unix:"):
        with pytest.raises(DaemonError, match="cannot connect"):
            await Bus(address, library).connect()


@libraries
async def test_a_bus_that_says_nothing(library: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("speechd_neural.frontends.bus.CONNECT_SECONDS", 0.1)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "bus"))
        server.listen()
        with pytest.raises(DaemonError, match="TimeoutError"):
            await Bus(f"unix:path={tmp_path}/bus", library).connect()


def test_where_the_session_bus_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x")
    assert session_address() == "unix:path=/x"
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(DaemonError, match="DBUS_SESSION_BUS_ADDRESS"):
        session_address()
    (tmp_path / "bus").touch()
    assert session_address() == f"unix:path={tmp_path}/bus"


async def test_without_dbus_next_dbus_fast_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPEECHD_NEURAL_DBUS", raising=False)
    monkeypatch.setitem(sys.modules, "dbus_next", None)
    assert Bus("unix:path=/x")._library.__name__ == "dbus_fast"
    monkeypatch.setitem(sys.modules, "dbus_fast", None)
    with pytest.raises(DaemonError, match=r"dbus-next cannot be imported: .*; the D-Bus library dbus-fast cannot be imported: "):
        Bus("unix:path=/x")
    monkeypatch.setenv("SPEECHD_NEURAL_DBUS", "dbus-next")
    with pytest.raises(DaemonError, match=r"^the D-Bus library dbus-next cannot be imported: import of dbus_next halted"):
        Bus("unix:path=/x")


async def test_an_unknown_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPEECHD_NEURAL_DBUS", "qt")
    with pytest.raises(DaemonError, match="use dbus-next or dbus-fast"):
        Bus("unix:path=/x")


def test_only_the_chosen_library_is_imported() -> None:
    program = (
        "import sys, asyncio\nfrom speechd_neural.frontends.bus import Bus\n"
        "assert not {'dbus_next', 'dbus_fast'} & set(sys.modules)\n"
        "async def main(): Bus('unix:path=/x')\nasyncio.run(main())\n"
        "print(*sorted({'dbus_next', 'dbus_fast'} & set(sys.modules)))"
    )
    for choice, module in LIBRARIES.items():
        environment = dict(os.environ, SPEECHD_NEURAL_DBUS=choice)
        ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
        assert ran.stdout.split() == [module]


FLOOD = """
import asyncio, sys
from dbus_fast import Message
from dbus_fast.aio import MessageBus
async def main():
    bus = await MessageBus(sys.argv[1]).connect()
    body = {"ai": [list(range(1 << 20))], "a(ii)": [[[1, 2]] * (1 << 18)], "a{us}": [{n: "x" for n in range(1 << 18)}],
            "sx": ["x" * (1 << 20), 5], "aai": [[[n] for n in range(1 << 18)]]}[sys.argv[2]]
    reply = await bus.call(Message(sys.argv[3], sys.argv[4], sys.argv[5], "Add", signature=sys.argv[2], body=body))
    print(reply.error_name, reply.body[0])
asyncio.run(main())
"""


def a_million_steps() -> float:
    """Seconds of processor time that they take here and now."""
    begun = time.thread_time()
    for number in range(1 << 20):
        str(number)
    return time.thread_time() - begun


@pytest.mark.parametrize("signature", ["ai", "a(ii)", "a{us}", "sx", "aai"])
async def test_a_long_message_holds_nobody_up(address: str, bus: Bus, client: Client, signature: str) -> None:
    command = [sys.executable, "-c", FLOOD, address, signature, NAME, PATH, FACE]
    flood = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    # A list of as many numbers takes dbus-next more than ten of these; dbus-fast is compiled, and takes three to nine.
    most = {"dbus_next": 6, "dbus_fast": 30}[bus._library.__name__] * a_million_steps()
    longest, last = 0.0, time.thread_time()
    while flood.returncode is None:
        await asyncio.sleep(0.001)
        longest, last = max(longest, time.thread_time() - last), time.thread_time()
    said = (await flood.communicate())[0].decode()
    assert said == f"org.freedesktop.DBus.Error.InvalidArgs Add takes (uu), not ({signature})\n"
    assert longest < most
    assert await ask(client, FACE, "Add", "uu", 1, 2) == 3


async def test_short_lists_arrive_whole(bus: Bus, client: Client) -> None:
    values = {f"name{n}": Variant("ai", list(range(n))) for n in range(40)} | {"text": Variant("s", "x" * 20_000)}
    told = await ask(client, FACE, "Echo", "a{sv}", values)
    assert told == repr({name: value.value for name, value in values.items()})
