"""One message of the server: the daemon's sound when it comes in time, the fallback's when it does not.

waiting ── first sound within the deadline ──► neural ── "end" ──► over
   │ deadline, no daemon, "failed"               │ "failed", connection lost, stalled
   └────────────► fallback, from the start       └────► fallback, from the last mark
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from speechd_neural.core import fallback
from speechd_neural.frontends import speechd_protocol as protocol
from speechd_neural.frontends import wire
from speechd_neural.frontends.speechd_daemon import Daemon
from speechd_neural.frontends.speechd_output import Output
from speechd_neural.types import Audio, Capitals, Kind, Punctuation, Settings

SOUND_ICONS = "/usr/share/sounds/sound-icons"
_STALLED = 0.5  # s without sound in the middle of an utterance after which the daemon is given up


class Utterance:
    """`run` speaks it, in a thread of its own; `receive` and `lost` are called by the daemon's thread."""

    def __init__(
        self,
        number: int,
        kind: Kind,
        text: str,
        settings: dict[str, Any],
        output: Output,
        daemon: Daemon,
        deadline: float,
        log: Callable[[str], None],
    ) -> None:
        self.number = number
        self._kind = kind
        self._text = text
        self._settings = settings
        self._output = output
        self._daemon = daemon
        self._deadline = deadline
        self._log = log
        self._changed = threading.Condition()
        self._state = "waiting"
        self._reason = ""
        self._sample_rate = 0
        self._early: list[str] = []  # marks that came before the first sound
        self._mark: str | None = None  # the last one passed on

    def run(self) -> None:
        end = time.monotonic() + self._deadline
        if self._state == "over":
            return
        body = {"do": "speak", "id": self.number, "text": self._text, "kind": str(self._kind)}
        sent = self._daemon.speak({**body, "settings": self._settings}, self._deadline)
        with self._changed:
            if not sent:
                self._give_up("there is no daemon yet")
            while self._state == "waiting" and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            if self._state == "waiting":
                self._give_up("no sound within the deadline")
            while self._state == "neural":
                self._changed.wait(_STALLED)
                if self._state == "neural" and self._output.idle() > _STALLED:
                    self._give_up("the daemon has stalled")
        if self._state == "fallback":
            if sent:
                self._daemon.stop(self.number, finish=True)
            self._log(f"the fallback speaks utterance {self.number}: {self._reason}")
            self._fall_back()
        elif sent:
            self._daemon.stop(self.number)  # does nothing where the daemon has ended it itself

    def cancel(self) -> None:
        """The output has dropped this utterance."""
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
                self._event(frame.body)

    def _event(self, body: dict[str, Any]) -> None:
        match body.get("event"):
            case "begin":
                self._sample_rate = int(body.get("sample_rate") or 0)
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
        if self._kind is Kind.SOUND_ICON and (path := sound_icon(self._text.strip())):
            self._output.icon(self.number, path)
        else:
            settings = read_settings(self._settings)
            for event in fallback.speak_request(self._text, self._kind, settings, after=self._mark):
                if isinstance(event, Audio):
                    current = self._output.sound(self.number, event.pcm, event.sample_rate)
                else:
                    current = self._output.mark(self.number, event.name)
                if not current:
                    return
        self._output.finish(self.number)


def sound_icon(name: str) -> str | None:
    """The file of an icon by its bare name, in the folder that Speech Dispatcher's icons are installed to."""
    if not name or "/" in name or name.startswith("."):
        return None
    for path in (os.path.join(SOUND_ICONS, name), os.path.join(SOUND_ICONS, name + ".wav")):
        if os.path.isfile(path):
            return path
    return None


def read_settings(values: dict[str, Any]) -> Settings:
    """Settings for the fallback from `protocol.settings`, which has clamped them."""
    known = dict(values)
    known["punctuation"] = Punctuation(known.get("punctuation", "none"))
    known["capitals"] = Capitals(known.get("capitals", "none"))
    return Settings(**known)
