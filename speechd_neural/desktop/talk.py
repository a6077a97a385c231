"""Set-up's conversation with somebody who may not see: each line is shown and spoken, each question takes one line.

Before the new voice is there, what the user has speaks; then the new voice does. A screen reader that runs reads the terminal
aloud already: only the samples of the voices are spoken then.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from speechd_neural.desktop import aloud, trial
from speechd_neural.errors import SetupError


class Talk:
    """spoken: say it aloud; asks: whether there are questions at all (else every answer is "")."""

    def __init__(self, spoken: bool, asks: bool) -> None:
        self._aloud = spoken and not screen_reader_runs()
        self._spoken = spoken
        self.asks = asks
        self.server: Path | None = None  # where the new voice can be heard

    @contextlib.contextmanager
    def new_voice(self) -> Iterator[None]:
        """Speak by the new voice for a while, where anything is spoken and it can be had."""
        with contextlib.ExitStack() as stack:
            if self._aloud:
                with contextlib.suppress(SetupError):
                    self.server = stack.enter_context(trial.private_server())
            try:
                yield
            finally:
                self.server = None

    def tell(self, text: str) -> None:
        print(text, flush=True)
        self.speak(text)

    def speak(self, text: str) -> None:
        """What is shown in another place."""
        if not self._aloud:
            return
        try:
            if self.server is not None:
                trial.sample(self.server, text)
                return
        except SetupError:
            pass
        aloud.say(text)

    def sample(self, text: str, voice: str, rate: int) -> None:
        """A text that is to be heard as `voice` says it."""
        if self._spoken and self.server is not None:
            with contextlib.suppress(SetupError):  # nobody is kept from an answer
                trial.sample(self.server, text, voice, rate)

    def ask(self, question: str) -> str:
        """The answer in lower case; "" is what Enter alone, or the end of the input, means."""
        if not self.asks:
            return ""
        print(question, end=" ", flush=True)
        self.speak(question)
        line = sys.stdin.readline()
        if not line.endswith("\n"):
            print()
        self.asks = self.asks and bool(line)  # after the end of the input there is nobody to be asked
        return line.strip().lower()


def screen_reader_runs() -> bool:
    """Whether this user's Orca runs."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "comm").read_text().strip() == "orca" and process.stat().st_uid == os.getuid():
                return True
    return False
