"""Which voices the module lists: what the daemon said last, remembered for the moment before there is a daemon.

It says so again whenever they change. Where nothing is remembered, as in a first session or without a home, the voices'
own manifests tell.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from pathlib import Path
from typing import Any

from speechd_neural import paths
from speechd_neural.files import open_file
from speechd_neural.module.protocol import Voice

_LARGEST = 4 << 20  # bytes of a manifest
UNTOLD = "none"  # in the place of a variant, which here is the gender
_DEFAULT: list[Voice] = [("neural", "en-US", "none")]
_KEY = re.compile(r"(name|gender|languages):\s*(\S+)?\s*")


def _remembered() -> str:
    return str(paths.cache_dir() / "module-voices")


class Voices:
    def __init__(self) -> None:
        self._voices: list[Voice] | None = None
        self._first = threading.Lock()  # what the daemon says meanwhile must not be overwritten by what was remembered

    def listing(self) -> list[Voice]:
        with self._first:
            if self._voices is None:
                self._voices = _read() or _of_manifests() or _DEFAULT
            return self._voices

    def settled(self, settings: dict[str, Any]) -> dict[str, Any]:
        """A voice that is named and known wins over the language: the text is taken to be in one that it speaks. Where none
        is named, the voice type says which of those that speak the language."""
        settings = dict(settings)
        kind = str(settings.pop("voice_type", ""))
        if not settings.get("voice") and (name := self._of_type(kind, str(settings.get("language") or ""))):
            return settings | {"voice": name}
        own = [language for name, language, _ in self.listing() if name == settings.get("voice")]
        wanted = primary(str(settings.get("language") or ""))
        if not own or wanted in [primary(language) for language in own]:
            return settings
        return settings | {"language": own[0]}

    def _of_type(self, kind: str, language: str) -> str | None:
        """The voice for "male1", "female2", "child_female", …; None where the active voice will do, or none is of that kind.

        Every client asks for "male1" that asks for nothing, so an active voice whose gender nobody told is left alone.
        """
        if not kind or not self.listing():
            return None
        gender = "female" if "female" in kind else "male"
        spoken = primary(language)
        active = self.listing()[0]
        fitting = [voice for voice in self.listing() if not spoken or primary(voice[1]) == spoken]
        names = list(dict.fromkeys(name for name, _, told in fitting if told == gender))
        number = int(kind[-1]) if kind[-1].isdigit() else 1
        if not names or (number == 1 and active[2] in (gender, UNTOLD)):
            return None
        return names[min(number, len(names)) - 1]

    def learn(self, reply: dict[str, Any]) -> None:
        """Take over a reply of the daemon to "voices"; other replies are ignored."""
        if reply.get("reply") != "voices" or not isinstance(reply.get("voices"), list):
            return
        voices: list[Voice] = []
        for entry in reply["voices"]:
            if isinstance(entry, dict) and isinstance(entry.get("name"), str) and entry["name"].strip():
                gender = str(entry.get("gender") or UNTOLD)
                for language in entry.get("languages") or ["en-US"]:
                    voices.append((entry["name"], str(language), gender))
        if voices and voices != self.listing():
            with self._first:
                self._voices = voices
            _write(voices)


def primary(language: str) -> str:
    return language.replace("_", "-").lower().partition("-")[0]


def _read() -> list[Voice]:
    try:
        rows = [line.split("\t") for line in _text(_remembered()).split("\n")]
    except (OSError, UnicodeDecodeError):
        return []
    return [(row[0], row[1], row[2]) for row in rows if len(row) == 3 and all(row)]


def _text(path: str | os.PathLike[str]) -> str:
    with open_file(path) as file:
        return file.read(_LARGEST).decode()


def _of_manifests() -> list[Voice]:
    """The voices in their folders, the packaged ones first, so far as their manifests are plain."""
    found = [path for folder in (paths.packaged_voices(), paths.user_voices()) for path in sorted(folder.glob("*/voice.yaml"))]
    return [voice for manifest in found for voice in _manifest(manifest)]


def _manifest(path: Path) -> list[Voice]:
    try:
        lines = _text(path).splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    found: dict[str, str] = {}
    languages: list[str] = []
    key = ""
    for line in lines:
        if match := _KEY.fullmatch(line):
            key = match[1]
            found[key] = match[2] or ""
        elif key == "languages" and line.startswith("- "):
            languages.append(line[2:].strip())
        else:
            key = ""
    name, gender = found.get("name"), found.get("gender") or UNTOLD
    return [(name, language, gender) for language in languages] if name else []


def _write(voices: list[Voice]) -> None:
    path = _remembered()
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # whatever it is: to write into a pipe would be to wait
            os.unlink(path + ".new")
        with open(path + ".new", "x", encoding="utf-8") as file:
            file.writelines("\t".join(" ".join(field.split()) for field in voice) + "\n" for voice in voices)
        os.replace(path + ".new", path)
    except OSError:
        pass  # a read-only home: the daemon says it again next time
