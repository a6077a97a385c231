"""The D-Bus connection: the one module that imports a D-Bus library.

dbus-next, or dbus-fast where that cannot be imported (it uses what Python 3.15
has no more); the environment variable SPEECHD_NEURAL_DBUS chooses one. Both
are used for the wire only: messages in, messages out. Dispatch, properties and
introspection are answered from `Interface` tables, so that both behave alike
and their known faults do not reach a client:

* both take a full send buffer for a dead bus (`PatientSocket`);
* both leave descriptors of calls that nobody answers open (`_on_message` closes them);
* dbus-next spins for ever when the bus closes during authentication (`read_line`);
* dbus-next reads arrays element by element, however long they are (`Arrays`);
* dbus-next tells callers tracebacks, and never closes its socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import warnings
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from speechd_neural.errors import DaemonError, SpeechError, UsageError, where
from speechd_neural.frontends import passed
from speechd_neural.frontends.bus_mends import Arrays, PatientSocket, read_line
from speechd_neural.frontends.interface import Interface, Property, introspection
from speechd_neural.frontends.values import plain, plain_strings

LIBRARIES = {"dbus-next": "dbus_next", "dbus-fast": "dbus_fast"}
PROPERTIES = "org.freedesktop.DBus.Properties"
ERROR = "org.freedesktop.DBus.Error."
CONNECT_SECONDS = 5.0  # a bus that does not answer in this time is as good as none

log = logging.getLogger(__name__)


class _Refusal(Exception):
    """A call that is answered with the D-Bus error `name` (without its common prefix)."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


def session_address() -> str:
    """The session bus of this user. Raises DaemonError where there is none."""
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if address:
        return address
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and os.path.exists(f"{runtime}/bus"):
        return f"unix:path={runtime}/bus"
    raise DaemonError("no D-Bus session bus: DBUS_SESSION_BUS_ADDRESS is not set and $XDG_RUNTIME_DIR/bus is not there")


def _import(choice: str | None) -> tuple[ModuleType, ModuleType]:
    choice = choice or os.environ.get("SPEECHD_NEURAL_DBUS")
    if choice and choice not in LIBRARIES:
        raise DaemonError(f"SPEECHD_NEURAL_DBUS: {choice!r} is not known; use {' or '.join(LIBRARIES)}")
    problems = []
    for name in [choice] if choice else LIBRARIES:
        module = LIBRARIES[name]
        try:
            with warnings.catch_warnings():
                # dbus-next imports from typing what Python 3.13 says will go.
                warnings.filterwarnings("ignore", "'no_type_check_decorator' is deprecated", DeprecationWarning)
                return importlib.import_module(module), importlib.import_module(f"{module}.aio")
        except ImportError as error:
            problems.append(f"the D-Bus library {name} cannot be imported: {error}")
    raise DaemonError("; ".join(problems))


class Bus:
    """One connection to the session bus, with what is offered on it.

    `gone` is set when the connection has ended, whoever ended it: a process that lives only for the bus leaves then.
    After that, `connect` may be tried again.
    """

    def __init__(self, address: str | None = None, library: str | None = None) -> None:
        self.gone = asyncio.Event()
        self._address = address
        self._library, self._aio = _import(library)
        self._interfaces: list[Interface] = []
        self._connection: Any = None
        self._watch: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Raises DaemonError when there is no bus or it does not answer."""
        address = self._address or session_address()
        connection: Any = None
        again = self.gone.is_set()
        self.gone.clear()
        try:
            connection = self._connection_class()(bus_address=address, negotiate_unix_fd=True)
            connection.add_message_handler(self._on_message)
            self._connection = connection
            await asyncio.wait_for(connection.connect(), CONNECT_SECONDS)
        except Exception as error:
            if connection is not None:
                self._shut(connection)
            self._connection = None
            if again:
                self.gone.set()
            raise DaemonError(f"cannot connect to the D-Bus session bus: {str(error) or type(error).__name__}") from error
        connection._writer.sock = PatientSocket(connection._sock)
        self._watch = asyncio.create_task(self._wait_gone())

    def offer(self, interface: Interface) -> None:
        self._interfaces.append(interface)

    async def own(self, name: str) -> bool:
        """Own a well-known name; what it offers must be there before. False: as soon as who has it now gives it up."""
        try:
            reply = await self._connection.request_name(name)
        except Exception as error:
            raise DaemonError(f"cannot own the D-Bus name {name}: {str(error) or type(error).__name__}") from error
        return bool(reply is not self._library.RequestNameReply.IN_QUEUE)

    def emit(self, interface: Interface, signal: str, *values: Any) -> None:
        """Send a signal of `interface` to everyone who listens; nothing happens once the bus is gone."""
        signature = "".join(interface.signals[signal].values())
        self._send_signal(interface.path, interface.name, signal, signature, [plain_strings(value) for value in values])

    def announce(self, interface: Interface, *names: str) -> None:
        """Say that properties have changed. The new values go with it: clients drop a value that is only named."""
        changed = {name: self._value(interface.properties[name]) for name in names}
        self._send_signal(interface.path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface.name, changed, []])

    def variant(self, value: Any) -> Any:
        """A D-Bus variant of a plain Python value (bool, int, float, str, or a mapping of names to these)."""
        if isinstance(value, bool):
            return self._library.Variant("b", value)
        if isinstance(value, int):
            return self._library.Variant("x", value)
        if isinstance(value, float):
            return self._library.Variant("d", value)
        if isinstance(value, Mapping):
            return self._library.Variant("a{sv}", self.variants(value))
        return self._library.Variant("s", plain_strings(str(value)))

    def variants(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {plain_strings(str(name)): self.variant(value) for name, value in values.items()}

    async def close(self) -> None:
        connection = self._connection
        if connection is None:
            return
        if not self.gone.is_set():
            connection.disconnect()
            await self.gone.wait()
        if self._watch is not None:
            await self._watch
            self._watch = None

    # Connection

    def _connection_class(self) -> Any:
        if self._library.__name__ != "dbus_next":
            return self._aio.MessageBus

        class Connection(self._aio.MessageBus):  # type: ignore[name-defined]
            def __init__(self, **options: Any) -> None:
                try:
                    super().__init__(**options)
                except Exception:
                    if hasattr(self, "_sock"):
                        Bus._shut(self)
                    raise

            async def _auth_readline(self) -> str:
                return await read_line(self._loop, self._sock)

            def _create_unmarshaller(self) -> Any:
                unmarshaller = super()._create_unmarshaller()
                unmarshaller.readers["a"] = Arrays(unmarshaller).read
                return unmarshaller

        return Connection

    async def _wait_gone(self) -> None:
        # However the connection ended (EOFError, ConnectionResetError): it is over.
        with contextlib.suppress(Exception):
            await self._connection.wait_for_disconnect()
        self._shut(self._connection)
        self.gone.set()

    @staticmethod
    def _shut(connection: Any) -> None:
        for end in (connection._stream, connection._sock):
            if end is not None:
                with contextlib.suppress(OSError, ValueError):
                    end.close()

    def _send(self, message: Any) -> None:
        if self.gone.is_set() or self._connection is None or not self._connection.connected:
            return
        sent = self._connection.send(message)
        # Nobody waits for it: a broken connection is noticed through `gone`.
        sent.add_done_callback(lambda future: future.cancelled() or future.exception())

    def _send_signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        self._send(self._library.Message.new_signal(path, interface, member, signature, body))

    # Calls

    def _on_message(self, message: Any) -> bool:
        """Answer every method call. What else comes in goes on to the library, without its descriptors."""
        descriptors = list(message.unix_fds or ())
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        kept: list[int] = []
        if message.message_type is not self._library.MessageType.METHOD_CALL:
            _close_all(descriptors)
            return False
        try:
            signature, body = self._answer(message, descriptors, kept)
            reply = self._library.Message.new_method_return(message, signature, body)
        except _Refusal as refusal:
            reply = self._library.Message.new_error(message, ERROR + refusal.name, str(refusal))
        except UsageError as error:
            reply = self._library.Message.new_error(message, ERROR + "InvalidArgs", str(error))
        except SpeechError as error:
            reply = self._library.Message.new_error(message, ERROR + "Failed", str(error))
        except Exception as error:
            log.error("call of %s failed: %s", message.member, where(error))
            text = f"internal error: {type(error).__name__}"
            reply = self._library.Message.new_error(message, ERROR + "Failed", text)
        _close_all([descriptor for descriptor in descriptors if descriptor not in kept])
        if not message.flags & self._library.MessageFlag.NO_REPLY_EXPECTED:
            self._send(reply)
        return True

    def _answer(self, message: Any, descriptors: list[int], kept: list[int]) -> tuple[str, list[Any]]:
        """Signature and body of the reply; `kept` gets the descriptors that now belong to the callee."""
        here = [interface for interface in self._interfaces if interface.path == message.path]
        member, signature = message.member, message.signature
        if message.interface in (None, "org.freedesktop.DBus.Introspectable") and member == "Introspect":
            return "s", [introspection(message.path, self._interfaces)]
        if message.interface == "org.freedesktop.DBus.Peer":
            if member == "Ping":
                return "", []
            if member == "GetMachineId":
                return "s", [_machine_id()]
        if not here:
            raise _Refusal("UnknownObject", f"no object at {message.path}")
        if message.interface == PROPERTIES:
            return self._properties(here, member, signature, message.body)
        for interface in here:
            if message.interface not in (None, interface.name) or member not in interface.methods:
                continue
            method = interface.methods[member]
            takes = list(method.takes.values())
            if signature != "".join(takes):
                raise _Refusal("InvalidArgs", f"{member} takes ({''.join(takes)}), not ({signature})")
            arguments = [plain(value) for value in message.body]
            taken = []
            for place, type_ in enumerate(takes):
                if type_ == "h":
                    if arguments[place] >= len(descriptors):
                        raise _Refusal("InvalidArgs", f"{member}: the descriptor did not arrive")
                    arguments[place] = descriptors[arguments[place]]
                    taken.append(arguments[place])
            result = method.call(message.sender, *arguments)
            kept += taken
            return "".join(method.gives.values()), [plain_strings(result)] if method.gives else []
        raise _Refusal("UnknownMethod", f"no method {member} at {message.path}")

    def _properties(self, here: list[Interface], member: str, signature: str, body: list[Any]) -> tuple[str, list[Any]]:
        wanted = {"Get": "ss", "GetAll": "s", "Set": "ssv"}.get(member)
        if wanted is None:
            raise _Refusal("UnknownMethod", f"no method {member} in {PROPERTIES}")
        if signature != wanted:
            raise _Refusal("InvalidArgs", f"{member} takes ({wanted}), not ({signature})")
        # The specification lets the interface be empty: then any interface of the object is meant.
        tables = [interface for interface in here if body[0] in ("", interface.name)]
        if not tables:
            raise _Refusal("UnknownInterface", f"no interface {body[0]} here")
        if member == "GetAll":
            every = {name: self._value(value) for table in tables for name, value in table.properties.items()}
            return "a{sv}", [every]
        for table in tables:
            if body[1] in table.properties:
                if member == "Set":
                    raise _Refusal("PropertyReadOnly", f"{body[1]} can only be read")
                return "v", [self._value(table.properties[body[1]])]
        raise _Refusal("UnknownProperty", f"no property {body[1]} in {body[0] or 'any interface'}")

    def _value(self, property_: Property) -> Any:
        value = property_.read()
        if property_.type == "a{sv}":
            return self.variant(value)
        return self._library.Variant(property_.type, plain_strings(value))


def _close_all(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        passed.close(descriptor)


def _machine_id() -> str:
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        with contextlib.suppress(OSError), open(path, encoding="ascii") as file:
            return file.read().strip()
    raise _Refusal("FileNotFound", "this machine has no machine-id")
