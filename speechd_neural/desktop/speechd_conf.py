"""speechd.conf: which one is in use, what it loads, and how our lines are added to it and taken out again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from speechd_neural import paths

SYSTEM = Path("/etc/speech-dispatcher/speechd.conf")
_NOTE = "# Added by speechd-neural setup:"  # above each line of ours
_ADD_MODULE = re.compile(r"^\s*AddModule\s+\"?([^\s\"]+)", re.IGNORECASE)
_DEFAULT = re.compile(r"^\s*DefaultModule\s+\"?([^\s\"]+)", re.IGNORECASE)
_RATE = re.compile(r"^\s*DefaultRate\s+(-?\d+)", re.IGNORECASE)
_REPLACED = "# Replaced by speechd-neural setup: "


class Conf(NamedTuple):
    """The configuration in use: the user's, which replaces the system's, or the system's."""

    path: Path
    text: str

    @property
    def user(self) -> bool:
        return self.path == user_path()

    @property
    def modules(self) -> list[str]:
        """Names of explicitly loaded modules; empty: Speech Dispatcher finds modules by itself."""
        return [match[1].lower() for line in self.text.split("\n") if (match := _ADD_MODULE.match(line))]

    @property
    def default(self) -> str | None:
        names = [match[1] for line in self.text.split("\n") if (match := _DEFAULT.match(line))]
        return names[-1] if names else None

    @property
    def rate(self) -> int:
        rates = [int(match[1]) for line in self.text.split("\n") if (match := _RATE.match(line))]
        return rates[-1] if rates else 0


def user_path() -> Path:
    return paths.config_home() / "speech-dispatcher" / "speechd.conf"


def in_use(system: Path = SYSTEM) -> Conf:
    for path in (user_path(), system):
        try:
            return Conf(path, path.read_text(encoding="utf-8", errors="surrogateescape"))
        except OSError:
            continue
    return Conf(user_path(), "")


def with_module(text: str, name: str, binary: str, conf: str) -> str:
    """With an explicit line for a module, behind the last of the others; only for a text that has such lines."""
    lines = _without(text, _ADD_MODULE).split("\n")
    last = max(number for number, line in enumerate(lines) if _ADD_MODULE.match(line))
    lines[last + 1 : last + 1] = [_NOTE, f'AddModule "{name}" "{binary}" "{conf}"']
    return "\n".join(lines)


def with_default(text: str, name: str) -> str:
    """With `name` as the default module; a line that said otherwise becomes a comment."""
    return _with_line(text, _DEFAULT, f"DefaultModule {name}")


def with_rate(text: str, rate: int) -> str:
    """With another default rate, for whoever asks for none."""
    return _with_line(text, _RATE, f"DefaultRate {rate}")


def _with_line(text: str, others: re.Pattern[str], line: str) -> str:
    lines = _without(text, others).split("\n")
    lines = [_REPLACED + old if others.match(old) else old for old in lines]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join([*lines, _NOTE, line, ""])


def without_ours(text: str) -> str:
    """Without any line of ours, and with the lines they replaced."""
    return _without(text, re.compile(""))


def _without(text: str, wanted: re.Pattern[str]) -> str:
    lines = text.split("\n")
    kept = []
    skip = False
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if skip:
            skip = False
        elif line == _NOTE and wanted.match(following):
            skip = True
        elif line.startswith(_REPLACED) and wanted.match(line.removeprefix(_REPLACED)):
            kept.append(line.removeprefix(_REPLACED))
        else:
            kept.append(line)
    return "\n".join(kept)
