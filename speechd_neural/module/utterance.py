"""One message of the server: the daemon's sound when it comes in time, the fallback's when it does not.

waiting ── first sound within the deadline ──► neural ── "end" ──► over
   │ deadline, no daemon, "failed"               │ "failed", connection lost, stalled
   └────────────► fallback, from the start       └────► fallback, from the last mark
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from speechd_neural import paths
from speechd_neural.core import fallback
from speechd_neural.frontends import messages, wire
from speechd_neural.module import protocol
from speechd_neural.module.daemon import Daemon
from speechd_neural.module.output import Output
from speechd_neural.module.player import Player
from speechd_neural.module.trouble import Trouble
from speechd_neural.types import Audio, Kind

SLOWEST_RATE, FASTEST_RATE = 4000, 192_000  # Hz
_STALLED = 1.0  # s without sound in the middle of an utterance after which the daemon is given up
_ASK = 0.25  # s between two questions to a daemon that plays itself
_STOOD_STILL = 0.3  # s that this process is late after it was stopped, or the machine was asleep


class Means(NamedTuple):
    """What an utterance speaks with."""

    output: Output
    daemon: Daemon
    deadline: float  # s to the first sound
    log: Callable[[str], None]
    server_plays: bool = True  # else the daemon plays, or the fallback's sound goes to a player program


class Utterance:
    """`run` speaks it, in a thread of its own; `receive` and `lost` are called by the daemon's thread."""

    def __init__(self, number: int, kind: Kind, text: str, settings: dict[str, Any], means: Means) -> None:
        self.number = number
        self._kind = kind
        self._text = text
        self._settings = settings
        self._output = means.output
        self._daemon = means.daemon
        self._deadline = means.deadline
        self._log = means.log
        self._player = None if means.server_plays else Player()
        self._changed = threading.Condition()
        self._state = "waiting"
        self._reason = ""
        self._sample_rate = 0
        self._early: list[str] = []  # marks that came before the first sound
        self._mark: str | None = None  # the last one passed on

    def run(self) -> None:
        """Speak it, and end it exactly once, whatever happens."""
        try:
            self._run()
        except Exception as error:
            Trouble(self._log).failed(f"utterance {self.number}", error)
            if self._state != "over":
                self._fall_back()
        finally:
            self._output.finish(self.number)  # does nothing where it has ended

    def _run(self) -> None:
        if self._state == "over":
            return
        # The first daemon that is being started is worth a little more: else the first message of a session, which is also
        # the first impression, would never be heard in its voice.
        deadline = self._daemon.patience(self._deadline)
        end = time.monotonic() + deadline
        body: dict[str, Any] = {"do": "speak", "id": self.number, "text": self._text, "kind": str(self._kind)}
        body |= {"settings": self._settings, "play": self._player is not None}
        sent = self._daemon.speak(body, deadline, lambda: self._state == "waiting")
        with self._changed:
            if not sent and self._state == "waiting":
                self._give_up("there is no daemon yet")
            while self._state == "waiting" and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            if self._state == "waiting":
                self._give_up("no sound within the deadline")
            self._listen()
        if self._state == "fallback":
            if sent:
                self._daemon.stop(self.number)
            self._log(f"the fallback speaks utterance {self.number}: {self._reason}")
            self._fall_back()
        elif sent:
            self._daemon.stop(self.number)  # does nothing where the daemon has ended it itself

    def _listen(self) -> None:
        """Until the daemon has said all, or nothing for too long. Holds the lock."""
        began = time.monotonic()
        allowed = began + _STALLED  # until then it may be silent
        while self._state == "neural":
            quiet = self._output.quiet() if self._player is None else self._daemon.quiet()
            wait = max(_STALLED - quiet, allowed - began)
            if wait <= 0:
                return self._give_up("the daemon has stalled")
            if self._player is not None:
                wait = min(wait, _ASK)
            self._changed.wait(wait)
            before, began = began, time.monotonic()
            if began - before > wait + _STOOD_STILL:  # this process did so, too
                allowed = began + _STALLED

    def cancel(self) -> None:
        """The output has dropped this utterance."""
        if self._player is not None:
            self._player.stop()
        with self._changed:
            self._state = "over"
            self._changed.notify_all()

    def lost(self) -> None:
        with self._changed:
            if self._state in ("waiting", "neural"):
                self._give_up("the daemon went away")

    def receive(self, frame: wire.Frame) -> None:
        """A frame of this utterance. Waits while the output holds enough sound."""
        with self._changed:
            if self._state not in ("waiting", "neural"):
                return
            if isinstance(frame, wire.Pcm):
                if self._sample_rate and frame.data:
                    self._sounds()
                    self._output.sound(self.number, frame.data, self._sample_rate)
            elif isinstance(frame, wire.Message):
                try:
                    self._event(frame.body)
                except Exception:
                    self._give_up("the daemon sent what cannot be")
                    raise  # into the daemon's thread, which says so once

    def _event(self, body: dict[str, Any]) -> None:
        match body.get("event"):
            case "begin":
                rate = body.get("sample_rate")
                if type(rate) is not int or not SLOWEST_RATE <= rate <= FASTEST_RATE:
                    raise ValueError("a sample rate that no sound has")
                self._sample_rate = rate
                if self._player is not None:  # no sound will come here
                    self._sounds()
            case "mark":
                if self._state == "waiting":
                    self._early.append(str(body.get("name", "")))
                else:
                    self._pass(str(body.get("name", "")))
            case "icon":
                self._sounds()
                self._output.icon(self.number, str(body.get("path", "")))
            case "end":
                self._sounds()
                self._over(protocol.END)
            case "stopped" | "paused":  # somebody silenced the daemon
                self._over(protocol.STOP)
            case "failed":
                self._daemon.ended(self.number)
                self._give_up("the daemon failed")

    def _sounds(self) -> None:
        if self._state == "waiting":
            self._state = "neural"
            self._changed.notify_all()
            for name in self._early:
                self._pass(name)

    def _pass(self, name: str) -> None:
        self._mark = name
        self._output.mark(self.number, name)

    def _over(self, event: bytes) -> None:
        self._daemon.ended(self.number)
        self._output.finish(self.number, event)
        self._state = "over"
        self._changed.notify_all()

    def _give_up(self, reason: str) -> None:
        self._state = "fallback"
        self._reason = reason
        self._changed.notify_all()

    def _fall_back(self) -> None:
        path = paths.sound_icon(self._text.strip()) if self._kind is Kind.SOUND_ICON and self._player is None else None
        if path is not None:
            self._output.icon(self.number, path)
        else:
            settings = messages.read_settings(self._settings)
            for event in fallback.speak_request(self._text, self._kind, settings, after=self._mark):
                if event is None:
                    current = self._output.is_current(self.number)
                elif not isinstance(event, Audio):
                    current = self._output.mark(self.number, event.name)
                elif self._player is None:
                    current = self._output.sound(self.number, event.pcm, event.sample_rate)
                else:
                    current = self._output.begin(self.number) and self._player.sound(event.pcm, event.sample_rate)
                if not current:
                    break
        if self._player is not None:
            self._player.finish()
        self._output.finish(self.number)
