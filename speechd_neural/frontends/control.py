"""The control interface on D-Bus: direct clients and desktop settings have the daemon itself speak.

Sound goes through the daemon's own device, in the order that the priorities
give (`Speech.play`). See docs/developers/dbus.md for worked examples.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Protocol

from speechd_neural.errors import UsageError, where
from speechd_neural.frontends import messages
from speechd_neural.frontends.bus import Bus
from speechd_neural.frontends.interface import Interface, Method, Property
from speechd_neural.types import Begin, End, Event, Failed, MarkReached, Paused, Request, Settings, Stopped

if TYPE_CHECKING:  # it brings numpy along, and a client that starts the daemon waits for the name
    from speechd_neural.core.session import VoiceInfo

BUS_NAME = "org.speechd_neural.Daemon"
OBJECT_PATH = "/org/speechd_neural/Control"
INTERFACE = "org.speechd_neural.Control1"

CLIENT = INTERFACE  # all who speak through it are one client to the scheduler
ABOUT_REQUEST = ("priority", "kind", "private")
SETTINGS = tuple(field.name for field in fields(Settings))

log = logging.getLogger(__name__)


class Playback(Protocol):
    def __aiter__(self) -> AsyncIterator[Event]: ...

    @property
    def cancel(self) -> Callable[[], None]: ...


class Speech(Protocol):
    """What the control interface asks of the core."""

    def play(self, request: Request, client: Hashable) -> Playback: ...

    def cancel(self, client: Hashable | None) -> None: ...

    def pause(self, client: Hashable | None) -> None: ...

    def resume(self, client: Hashable | None) -> None: ...

    def voices(self) -> Sequence[VoiceInfo]: ...

    def state(self) -> str: ...

    def statistics(self) -> Mapping[str, Any]: ...

    def on_change(self, callback: Callable[[], None]) -> None: ...


class Control:
    """Offers `speech` on `bus`; the caller owns BUS_NAME afterwards.

    What a caller asked for goes on when the caller leaves the bus: a command line tool leaves at once.
    """

    def __init__(self, bus: Bus, speech: Speech) -> None:
        self._bus = bus
        self._speech = speech
        self._ids = itertools.count(1)
        self._playing: dict[int, Playback] = {}
        self._running: set[asyncio.Task[None]] = set()  # the event loop alone would let them be collected
        self._announced = {"Voices": self._voices(), "State": self._speech.state()}
        self.interface = Interface(
            INTERFACE,
            OBJECT_PATH,
            methods={
                "Speak": Method(self._speak, {"text": "s", "settings": "a{sv}"}, {"id": "u"}),
                "Stop": Method(self._stop, {"id": "u"}),
                "Pause": Method(self._pause),
                "Resume": Method(lambda sender: self._speech.resume(None)),
            },
            properties={
                "Voices": Property("a(ssuas)", self._voices),
                "State": Property("s", self._speech.state),
                "Statistics": Property("a{sv}", self._speech.statistics, notifies=False),
            },
            signals={
                "Begin": {"id": "u"},
                "Mark": {"id": "u", "name": "s"},
                "Paused": {"id": "u", "mark": "s"},
                "End": {"id": "u", "reason": "s"},
            },
        )
        bus.offer(self.interface)
        speech.on_change(self._changed)

    async def close(self) -> None:
        """Stop what was asked for here, and say so to whoever listens."""
        for playback in list(self._playing.values()):
            playback.cancel()
        if self._running:
            _, left = await asyncio.wait(self._running, timeout=1.0)
            for report in left:
                report.cancel()

    def _speak(self, sender: str, text: str, settings: Mapping[str, Any]) -> int:
        """Raises UsageError that names the setting and what is accepted."""
        for name in settings:
            if name not in ABOUT_REQUEST + SETTINGS:
                raise UsageError(f"settings.{name} is not known; use {', '.join(ABOUT_REQUEST + SETTINGS)}")
        id = next(self._ids)
        about = {name: settings[name] for name in ABOUT_REQUEST if name in settings}
        wanted = {name: value for name, value in settings.items() if name not in ABOUT_REQUEST}
        request = messages.read_request({"id": id, "text": text, "settings": wanted, **about})
        self._playing[id] = playback = self._speech.play(request, client=CLIENT)
        report = asyncio.create_task(self._report(id, playback))
        self._running.add(report)
        report.add_done_callback(self._running.discard)
        return id

    def _stop(self, sender: str, id: int) -> None:
        """End one utterance; 0: everything that the daemon plays. One that has ended is no error."""
        if id == 0:
            self._speech.cancel(None)
        elif id in self._playing:
            self._playing[id].cancel()

    def _pause(self, sender: str) -> None:
        """Hold everything that the daemon plays, and what is said here until Resume."""
        self._speech.pause(None)
        self._speech.pause(CLIENT)

    async def _report(self, id: int, playback: Playback) -> None:
        """Tell the bus what becomes of an utterance; End comes exactly once."""
        reason = "stopped"
        try:
            async for event in playback:
                if isinstance(event, Begin):
                    self._bus.emit(self.interface, "Begin", id)
                elif isinstance(event, MarkReached):
                    self._bus.emit(self.interface, "Mark", id, event.name)
                elif isinstance(event, Paused):
                    self._bus.emit(self.interface, "Paused", id, event.mark or "")
                elif isinstance(event, End):
                    reason = "finished"
                elif isinstance(event, Stopped):
                    reason = "stopped"
                elif isinstance(event, Failed):
                    reason = f"failed: {event.reason}"
        except Exception as error:
            log.error("utterance %d of the control interface failed: %s", id, where(error))
            reason = f"failed: internal error: {type(error).__name__}"
        finally:
            del self._playing[id]
            self._bus.emit(self.interface, "End", id, reason)

    def _voices(self) -> list[list[object]]:
        return [
            [info.name, info.identifier, info.sample_rate, list(info.languages)] for info in self._speech.voices()
        ]

    def _changed(self) -> None:
        now = {"Voices": self._voices(), "State": self._speech.state()}
        changed = [name for name, value in now.items() if value != self._announced[name]]
        self._announced = now
        if changed:
            self._bus.announce(self.interface, *changed)
