"""What set-up lets the user choose by ear: the voice, how fast it speaks, and whether it is the default."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from speechd_neural import paths
from speechd_neural.commands.settings_file import with_setting
from speechd_neural.desktop import speechd_conf
from speechd_neural.desktop.changes import read
from speechd_neural.desktop.places import MODULE, File
from speechd_neural.desktop.talk import Talk
from speechd_neural.types import SCALE

STEP = 10  # of the scale of rates, -100 to 100


class Choices(NamedTuple):
    """None: as it is."""

    voice: str | None = None
    rate: int | None = None
    default: bool = False


def choose(talk: Talk, ask_default: bool) -> Choices:
    """Ask, while the new voice can be heard."""
    from speechd_neural import config
    from speechd_neural.voice.store import DEFAULT, installed

    current = config.load().voice.name or DEFAULT
    names = sorted(installed((paths.user_voices(), paths.packaged_voices())))
    voice = _voice(talk, names, current) if len(names) > 1 and current in names else current
    before = speechd_conf.in_use().rate
    rate = _rate(talk, voice, before)
    question = "Did you hear it, and shall it be the default voice? Type y for yes, or Enter for no:"
    default = ask_default and talk.ask(question) in ("y", "yes")
    return Choices(None if voice == current else voice, None if rate == before else rate, default)


def _voice(talk: Talk, names: list[str], current: str) -> str:
    while talk.asks:
        for number, name in enumerate(names, 1):
            print(f"{number}  {name}{'  (chosen)' if name == current else ''}", flush=True)
            talk.sample(f"Voice {number}. My name is {name}.", name, 0)
        answer = talk.ask(f"Type the number of a voice, r to hear them again, or Enter for {current}:")
        if answer.isdecimal() and 1 <= int(answer) <= len(names):
            return names[int(answer) - 1]
        if answer != "r":
            break
    return current


def _rate(talk: Talk, voice: str, rate: int) -> int:
    low, high = SCALE
    while talk.asks:
        talk.sample("This is how fast I speak.", voice, rate)
        answer = talk.ask(f"Speed {rate}. Type + for faster, - for slower, or Enter when it is right:")
        if answer not in ("+", "-"):
            break
        rate = max(low, min(high, rate + (STEP if answer == "+" else -STEP)))
    return rate


def settings(choices: Choices) -> list[File]:
    """The settings file with what was chosen; nothing where that is what it says."""
    if choices.voice is None and choices.rate is None:
        return []
    path = paths.config_file().resolve()
    existing = read(path)
    text = existing.content.decode("utf-8") if existing is not None else ""
    if choices.voice is not None:
        text = with_setting(text, "voice", "name", choices.voice, path)
    if choices.rate is not None:
        text = with_setting(text, "speech", "rate", choices.rate, path)
    return [File(path, text.encode(), existing.mode if existing is not None else 0o644)]


def default_conf(rate: int | None) -> File:
    """speechd.conf with this module as the default, at this rate."""
    text = speechd_conf.with_default(speechd_conf.in_use().text, MODULE)
    return user_conf(text if rate is None else speechd_conf.with_rate(text, rate))


def user_conf(text: str) -> File:
    path = speechd_conf.user_path()
    existing = read(path)
    # A link (to a file kept elsewhere, as some keep their dot files) is replaced, and comes back with --remove.
    return File(path, text.encode("utf-8", "surrogateescape"), existing.mode if existing else 0o644)


def packaged_module() -> Path | None:
    """The module of a package, for every user."""
    from speechd_neural.desktop.checks import entries
    from speechd_neural.desktop.places import user_places

    return next((path for path in entries() if path != user_places().entry), None)
