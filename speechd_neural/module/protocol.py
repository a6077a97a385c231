"""The text of Speech Dispatcher's module protocol: commands in, replies and events out. Pure functions, no I/O.

Written from the manual's chapter "Output modules" and the behaviour of the servers 0.11 and 0.12: LF only, UTF-8,
a reply is lines "NNN-text" and one last line "NNN text", a message body ends with a line that holds one dot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from speechd_neural.types import SCALED, Capitals, Punctuation, clamp

Voice = tuple[str, str, str]  # name, language tag, variant ("none" where there is none)

# Commands that are followed by a body, and the reply that asks for it.
BODIES = {
    "SET": b"203 OK RECEIVING SETTINGS\n",
    "AUDIO": b"207 OK RECEIVING AUDIO SETTINGS\n",
    "LOGLEVEL": b"207 OK RECEIVING LOGLEVEL SETTINGS\n",
    "SPEAK": b"202 OK RECEIVING MESSAGE\n",
    "CHAR": b"202 OK RECEIVING MESSAGE\n",
    "KEY": b"202 OK RECEIVING MESSAGE\n",
    "SOUND_ICON": b"202 OK RECEIVING MESSAGE\n",
}
KNOWN = (*BODIES, "INIT", "STOP", "PAUSE", "LIST", "DEBUG", "QUIT")
SPEAKING = b"200 OK SPEAKING\n"
BEGIN = b"701 BEGIN\n"
END = b"702 END\n"
STOP = b"703 STOP\n"
PAUSE = b"704 PAUSE\n"

FIRST_BLOCK = 0.01  # s; the server plays nothing of a block before its last byte, which it reads one at a time
BLOCK = 0.04  # s


class Commands:
    """Bytes in, commands out."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._scanned = 0
        self._waiting: str | None = None
        self._body: list[bytes] = []

    def feed(self, data: bytes | memoryview) -> Iterator[tuple[str, str, str | None]]:
        """Yield what `data` completes as (name, arguments, None).

        A command that has a body comes twice: at once, for the reply that asks for the body, and as (name, "", body).
        """
        self._rest += data
        start = 0
        while (end := self._rest.find(b"\n", max(start, self._scanned))) >= 0:
            line = bytes(self._rest[start:end])
            start = end + 1
            if self._waiting is None:
                name, _, arguments = line.decode("utf-8", "replace").strip().partition(" ")
                if name in BODIES:
                    self._waiting = name
                yield name, arguments.strip(), None
            elif line.rstrip(b"\r") == b".":
                name, self._waiting = self._waiting, None
                body, self._body = b"\n".join(self._body), []
                yield name, "", body.decode("utf-8", "replace")
            else:
                self._body.append(line[1:] if line.startswith(b".") else line)
        del self._rest[:start]
        self._scanned = len(self._rest)  # a long line is not searched again from its start


def assignments(body: str) -> dict[str, str]:
    """The name=value lines of a SET, AUDIO or LOGLEVEL body; anything else in it is ignored."""
    pairs = (line.strip().partition("=") for line in body.split("\n"))
    return {name: value for name, equals, value in pairs if equals}


# What a client may ask for where it names no voice (SSIP's VOICE_TYPE).
VOICE_TYPE = re.compile(r"(?:(?:fe)?male[123]|child_(?:fe)?male)")
_WORDS = {
    "punctuation_mode": ("punctuation", tuple(Punctuation)),
    "cap_let_recogn": ("capitals", tuple(Capitals)),
}


def settings(values: Mapping[str, str]) -> dict[str, Any]:
    """A SET block in the names of `types.Settings`; what cannot be read is left out, out of range is clamped."""
    result: dict[str, Any] = {}
    for name in SCALED:
        try:
            result[name] = clamp(int(values[name]))
        except (KeyError, ValueError):
            continue
    for name, (ours, accepted) in _WORDS.items():
        if values.get(name) in accepted:
            result[ours] = values[name]
    if "spelling_mode" in values:
        result["spelling"] = values["spelling_mode"] == "on"
    for name, ours in (("language", "language"), ("synthesis_voice", "voice")):
        if name in values:
            result[ours] = None if values[name] in ("NULL", "") else values[name]
    if match := VOICE_TYPE.fullmatch(values.get("voice_type", "").lower()):
        result["voice_type"] = match[0]
    return result


def voice_list(voices: list[Voice], arguments: str = "") -> bytes:
    """The reply to LIST VOICES [language [variant]]."""
    language, _, variant = arguments.strip().partition(" ")
    wanted, variant = language.lower(), variant.strip().lower()
    chosen = [
        voice
        for voice in voices
        if (not wanted or wanted == "none" or wanted in (voice[1].lower(), voice[1].lower().partition("-")[0]))
        and (not variant or variant in (voice[2].lower(), "none"))
    ]
    if not chosen:
        return b"304 CANT LIST VOICES\n"
    lines = "".join("200-" + "\t".join(_field(part) for part in voice) + "\n" for voice in chosen)
    return lines.encode() + b"200 OK VOICE LIST SENT\n"


def _field(text: str) -> str:
    return " ".join(text.split()) or "none"


def mark(name: str) -> bytes:
    return b"700-" + " ".join(name.split()).encode("utf-8", "replace") + b"\n700 INDEX MARK\n"


def icon(path: str) -> bytes:
    """Nothing for what is no path of a file: a line break in it would begin another reply."""
    if not path.startswith("/") or not path.isprintable():
        return b""
    return b"706-" + path.encode("utf-8", "surrogateescape") + b"\n706 ICON\n"


def number(text: str) -> int | None:
    """A whole number of up to nine digits, written in ASCII: "\u00b2" counts as a digit, and int() does not read it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def audio(pcm: bytes, sample_rate: int) -> bytes:
    """A 705 block: mono signed 16-bit little-endian. LF and } are sent as } and the byte with bit 5 inverted."""
    escaped = pcm.replace(b"\x7d", b"\x7d\x5d").replace(b"\x0a", b"\x7d\x2a")
    head = (
        f"705-bits=16\n705-num_channels=1\n705-sample_rate={sample_rate}\n"
        f"705-num_samples={len(pcm) // 2}\n705-big_endian=0\n705-AUDIO"
    )
    return head.encode() + b"\0" + escaped + b"\n705 AUDIO\n"
