"""The voice of last resort: espeak-ng, run as a program, and a short tone where there is none. Standard library only.

The text is cut into pieces of at most a sentence and each piece is one run of the program (about 10 ms to its first
sample), so stopping between two chunks leaves nothing running. The program reports no index marks: the marks inside a
piece are placed in its sound in proportion to the letters before them. The first mark of a piece is exact.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
import shutil
import struct
import subprocess
import sys
import time
from array import array
from collections.abc import Iterable, Iterator

from speechd_neural.core.markup import Fragment, clean, fragments
from speechd_neural.types import Audio, Capitals, Kind, MarkReached, Punctuation, Settings, clamp, volume_db

PROGRAM = "espeak-ng"
SAMPLE_RATE = 22050  # espeak-ng's own for all but mbrola voices; the header of its output is what counts
CHUNK_SECONDS = 0.04
_PIECE = 200  # letters; longer sentences are cut at a clause or a blank, so that the first sample does not wait
_STEP = 64  # fragments of markup read at a time
_TIMEOUT = 5.0  # s for one piece; a run takes some 10 ms
_LANGUAGES_AGAIN = 60.0  # s until one that has not told its languages is asked again
_SILENCE = 40  # of 32768: trailing samples below it are cut off the end of an utterance
_AMPLITUDE = 100  # of espeak-ng: as loud as the voice at a volume of 100
_DEFAULT_VOICE = "en-us"

_SENTENCE_END = re.compile(r"[.!?…]['\")\]]*\s+|\n\s*\n|[。！？]")
_CLAUSE_END = re.compile(r"[,;:)\]–—]\s+")


def available() -> bool:
    return _program() is not None


def languages() -> tuple[str, ...]:
    """The language tags espeak-ng speaks, in lower case, as BCP 47 writes them; empty where it is not installed."""
    program = _program()
    if program is None or time.monotonic() < _Asked.again:
        return ()
    try:
        return _languages(program)
    except (OSError, MemoryError, subprocess.SubprocessError):  # a busy machine: some time later it may answer
        _Asked.again = time.monotonic() + _LANGUAGES_AGAIN
        return ()


class _Asked:
    again = 0.0  # when espeak-ng may be asked again which languages it speaks


@functools.cache
def _languages(program: str) -> tuple[str, ...]:
    command = [program, "--voices"]
    listing = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT, check=True).stdout
    rows = (line.split() for line in listing.decode("utf-8", "replace").splitlines()[1:])
    return tuple(row[1].lower() for row in rows if len(row) > 3)


def speak(text: str, settings: Settings, language: str | None = None) -> Iterator[Audio]:
    """Speak plain text. `language` is a BCP 47 tag (None: the settings'; else American English).

    Yields at least one chunk of at most 40 ms; where espeak-ng is missing or fails, a short tone.
    """
    for event in speak_request(text, Kind.TEXT, settings, language):
        if isinstance(event, Audio):
            yield event


def speak_request(
    text: str, kind: Kind, settings: Settings, language: str | None = None, after: str | None = None
) -> Iterator[Audio | MarkReached | None]:
    """Speak a request of any kind, with its index marks. `after`: begin behind the first mark of that name.

    Now and then None comes, between two steps of work that makes no sound: the listener may have gone meanwhile.
    """
    spoken = _Spoken(settings, language)
    waiting: _Piece | None = None  # until it is known whether it is the last one, or for long enough
    for piece in _pieces(text, kind, settings, after):
        if waiting is not None:
            yield from spoken.piece(waiting, last=False)
        elif piece is None:
            yield None
        waiting = piece
    if waiting is not None:
        yield from spoken.piece(waiting, last=True)
    if spoken.owed and not spoken.sounded:
        yield Audio(*tone(settings))


class _Spoken:
    """What the pieces of one request became."""

    def __init__(self, settings: Settings, language: str | None) -> None:
        self._settings, self._language = settings, language
        self.owed = False  # there was something to say …
        self.sounded = False  # … and something was heard

    def piece(self, piece: _Piece, last: bool) -> Iterator[Audio | MarkReached]:
        pcm, rate = b"", SAMPLE_RATE
        if piece.letters:
            pcm, rate = _run(piece.markup, self._settings, self._language, last) or tone(self._settings)
        if last:
            pcm = _trimmed(pcm)
        self.owed |= piece.words
        self.sounded |= bool(pcm)
        yield from _with_marks(piece, pcm, rate)


class _Piece:
    """What one run speaks: espeak-ng's own markup, how many letters it has, and marks by the letters before them."""

    def __init__(self) -> None:
        self.markup = ""
        self.letters = 0
        self.words = False  # whether any of them is a letter or a digit
        self.marks: list[tuple[int, str]] = []

    def add(self, text: str, spelled: bool) -> None:
        if text.isspace() and self.markup.endswith(" "):
            return  # of thousands of breaks one is as good as all
        # "[[" would begin phoneme names.
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("[[", "[ [")
        spelled = spelled and bool(text.strip())
        style = "tts:char" if len(text.strip()) == 1 else "characters"
        self.markup += f'<say-as interpret-as="{style}">{escaped}</say-as>' if spelled else escaped
        self.letters += sum(not character.isspace() for character in text)
        self.words = self.words or any(character.isalnum() for character in text)


def _pieces(text: str, kind: Kind, settings: Settings, after: str | None) -> Iterator[_Piece | None]:
    """None stands for some work without a piece."""
    if kind is Kind.SSML:
        found = _behind(text, after)
        first = list(itertools.islice(found, _STEP))
        read: Iterable[Fragment] = itertools.chain(first, found)
        words = "".join(fragment.text for fragment in first).strip()
        if len(words) == 1 and len(first) < _STEP:  # a lone letter is a key echo, not an article
            read = [fragment for fragment in first if fragment.mark is not None]
            read.append(Fragment(words, None, True))
    else:
        read = [Fragment(clean(text), None, kind in (Kind.CHAR, Kind.KEY) and len(text.strip()) == 1)]
        if kind is Kind.KEY and len(text.strip()) > 1:
            read = [Fragment(clean(text).replace("_", " "))]
    piece = _Piece()
    for number, (words, mark, spelled) in enumerate(read, 1):
        if mark is not None:
            piece.marks.append((piece.letters, mark))
        start = 0
        for cut in _cuts(words, piece.letters):
            piece.add(words[start:cut], spelled or settings.spelling)
            start = cut
            yield piece
            piece = _Piece()
        piece.add(words[start:], spelled or settings.spelling)
        if number % _STEP == 0:
            yield None
    if piece.letters or piece.marks:
        yield piece


def _behind(text: str, after: str | None) -> Iterator[Fragment]:
    """The fragments of marked-up text behind the first mark of that name, or all where there is none."""
    found = fragments(text)
    if after is not None and any(fragment.mark == after for fragment in found):
        return found
    return fragments(text)


def _cuts(text: str, before: int) -> Iterator[int]:
    """Where to cut `text`, which follows `before` letters of the same sentence."""
    start = 0
    for end in itertools.chain((match.end() for match in _SENTENCE_END.finditer(text)), [len(text)]):
        while before + end - start > _PIECE:
            room = text[start : start + max(1, _PIECE - before)]
            clause = [match.end() for match in _CLAUSE_END.finditer(room)]
            blank = room.rfind(" ") + 1
            # A word that does not fit any more begins a new piece; one that fits in no piece is cut.
            start += clause[-1] if clause else blank or (0 if before else len(room))
            before = 0
            yield start
        before += end - start
        start = end
        if end < len(text) or (text and _SENTENCE_END.fullmatch(text[-2:] + " ")):
            yield end
            before = 0


def _program() -> str | None:
    return shutil.which(PROGRAM)


def _voice(language: str | None) -> str:
    """espeak-ng's name of the closest voice: the tag itself, or with ever fewer subtags."""
    if language:
        tag = language.lower().replace("_", "-")
        while tag and tag != _DEFAULT_VOICE:
            for known in (tag, tag + "-" + tag):
                if known in languages():
                    return known
            if tag == "en":
                break
            tag = tag.rpartition("-")[0]
    return _DEFAULT_VOICE


def _speed(settings: Settings) -> int:
    """Words per minute: -100, 0, 100 are 80, 170, 449, linear on each side (Speech Dispatcher's espeak-ng module)."""
    if settings.speed is not None:
        return round(min(max(170 * settings.speed, 80), 900))
    rate = clamp(settings.rate)
    return round(170 + rate * (2.79 if rate > 0 else 0.9))


def _pitch(settings: Settings) -> int:
    """0..99, 50 is the voice's own; 50 steps are about an octave."""
    if settings.pitch_factor is not None:
        return round(min(max(50 + 50 * math.log2(max(settings.pitch_factor, 0.01)), 0), 99))
    return round(min(max(50 + settings.pitch / 2, 0), 99))


def _gain(settings: Settings) -> float:
    return float(10 ** (volume_db(settings.volume) / 20))


def _arguments(settings: Settings, language: str | None, last: bool) -> list[str]:
    arguments = ["--stdout", "--stdin", "-m", "-b", "1", "-v", _voice(language or settings.language)]
    arguments += ["-s", str(_speed(settings)), "-p", str(_pitch(settings))]
    arguments += ["-a", str(round(_AMPLITUDE * _gain(settings)))]
    if settings.pitch_range:
        arguments += ["-P", str(round(min(max(50 + settings.pitch_range / 2, 0), 99)))]
    if settings.punctuation is Punctuation.ALL:
        arguments.append("--punct")
    elif settings.punctuation is not Punctuation.NONE:
        arguments.append("--punct=@#$%&*+=/\\<>[]{}|^~_")
    if settings.capitals is not Capitals.NONE:
        arguments += ["-k", "2" if settings.capitals is Capitals.SPELL else "1"]
    if last:
        arguments.append("-z")  # no pause behind the last sentence
    return arguments


def _run(markup: str, settings: Settings, language: str | None, last: bool) -> tuple[bytes, int] | None:
    """The sound of one piece; None when espeak-ng is missing, fails or does not end."""
    program = _program()
    if program is None:
        return None
    try:
        result = subprocess.run(
            [program, *_arguments(settings, language, last)],
            input=markup.encode("utf-8", "replace"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, MemoryError, subprocess.SubprocessError):
        return None
    return _wave(result.stdout)


def _wave(data: bytes) -> tuple[bytes, int] | None:
    """PCM and sample rate of a WAV stream; the lengths in its header mean nothing, it was written to a pipe."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    position, rate = 12, 0
    while position + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        position += 8
        if name == b"fmt " and position + 16 <= len(data):
            coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, position)
            if (coding, channels, bits) != (1, 1, 16):
                return None
        if name == b"data":
            end = position + (len(data) - position & ~1)
            return (data[position:end], rate) if rate else None
        position += size + (size & 1)
    return None


def _trimmed(pcm: bytes) -> bytes:
    samples = array("h", pcm)
    end = len(samples)
    while end and -_SILENCE < samples[end - 1] < _SILENCE:
        end -= 1
    return pcm[: 2 * min(len(samples), end + SAMPLE_RATE // 100)] if end else pcm[:0]


def _with_marks(piece: _Piece, pcm: bytes, rate: int) -> Iterator[Audio | MarkReached]:
    step = 2 * int(rate * CHUNK_SECONDS)
    position = 0
    places = [(2 * (len(pcm) // 2 * before // max(piece.letters, 1)), name) for before, name in piece.marks]
    for place, name in [*places, (len(pcm), None)]:
        while position < place:
            end = min(position + step, place)
            yield Audio(pcm[position:end], rate)
            position = end
        if name is not None:
            yield MarkReached(name)


def tone(settings: Settings) -> tuple[bytes, int]:
    """A tone of 440 Hz, 120 ms, with soft edges, at the volume asked for."""
    length = int(SAMPLE_RATE * 0.12)
    level = 8000 * _gain(settings)
    edge = length // 6
    samples = array("h", bytes(2 * length))
    for n in range(length):
        fade = min(1.0, n / edge, (length - 1 - n) / edge)
        samples[n] = round(level * fade * math.sin(2 * math.pi * 440 * n / SAMPLE_RATE))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes(), SAMPLE_RATE
