"""The values that travel between the parts. Standard library only: the Speech Dispatcher module imports this.

What a request wants (`Settings`, `Request`) and what the text became (`Segment`)
are frozen; what comes out of the pipeline is a stream of events, in the order of
the sound, that ends with exactly one of `End`, `Stopped`, `Paused`, `Failed`.
"""

from __future__ import annotations

from dataclasses import field, fields
from enum import IntEnum, StrEnum
from typing import Any

from speechd_neural.records import dataclass


class Priority(IntEnum):
    """SSIP priorities, most urgent first (Speech Dispatcher manual, "Message priorities")."""

    IMPORTANT = 1
    MESSAGE = 2
    TEXT = 3
    NOTIFICATION = 4
    PROGRESS = 5


class Kind(StrEnum):
    """How the text of a request is to be understood."""

    TEXT = "text"
    SSML = "ssml"
    CHAR = "char"
    KEY = "key"
    SOUND_ICON = "sound_icon"


class Punctuation(StrEnum):
    NONE = "none"
    SOME = "some"
    MOST = "most"
    ALL = "all"


class Capitals(StrEnum):
    NONE = "none"
    SPELL = "spell"
    ICON = "icon"


Phones = tuple[str, ...]  # with stress: "hh", "ax", "l", "ow1"
SCALE = (-100, 100)  # SSIP's, of rate, pitch, pitch range and volume
FACTORS = (0.05, 20.0)  # of the voice's own speed and pitch
FLOOR_DB = -48.0  # what a volume of -100 is: speech at -20 dB of full scale ends up below the noise of a room

# Seconds to the first sound, after which espeak-ng speaks instead: in the daemon, and in the output module, which
# leaves the daemon the time to say it itself.
DEADLINE = 0.12
MODULE_DEADLINE = 0.15


def clamp(value: Any, limits: tuple[float, float] = SCALE) -> Any:
    """The nearest number within the limits; a number that lies within them is returned as it is."""
    return min(max(value, limits[0]), limits[1])


def volume_db(volume: float) -> float:
    """Decibels of a volume on SSIP's scale, in even steps: 100 is the voice's own level, each step below it quieter."""
    return float((clamp(volume) - SCALE[1]) / (SCALE[1] - SCALE[0]) * -FLOOR_DB)


def _setting(default: Any, accepts: Any) -> Any:
    return field(default=default, metadata={"accepts": accepts})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a client wants. On SSIP's `SCALE`, 0 = the voice's own; volume 100 = normal level.

    `speed` and `pitch_factor`, when given, are factors (1 = the voice's own) that
    replace `rate` and `pitch`: the D-Bus provider interface counts in factors.
    """

    rate: float = _setting(0, SCALE)
    pitch: float = _setting(0, SCALE)
    pitch_range: float = _setting(0, SCALE)
    volume: float = _setting(100, SCALE)
    punctuation: Punctuation = _setting(Punctuation.NONE, Punctuation)
    spelling: bool = _setting(False, bool)
    capitals: Capitals = _setting(Capitals.NONE, Capitals)
    voice: str | None = _setting(None, str)
    language: str | None = _setting(None, str)
    speed: float | None = _setting(None, FACTORS)
    pitch_factor: float | None = _setting(None, FACTORS)


# What each setting may be: (lowest, highest) of a number, an enumeration, bool or str. Where the default is None,
# None is accepted too.
ACCEPTED: dict[str, Any] = {entry.name: entry.metadata["accepts"] for entry in fields(Settings)}
SCALED = tuple(name for name, accepts in ACCEPTED.items() if accepts is SCALE)


PLAIN = Settings()  # of a client that says nothing


@dataclass(frozen=True, slots=True)
class Request:
    """One utterance as a client asked for it."""

    id: int
    text: str
    kind: Kind = Kind.TEXT
    settings: Settings = field(default_factory=Settings)
    priority: Priority = Priority.MESSAGE
    private: bool = False  # never stored in a cache


@dataclass(frozen=True, slots=True)
class Prosody:
    """Relative changes asked for inside the text (SSML prosody, emphasis, capitals): factors, and decibels."""

    speed: float = 1.0
    pitch: float = 1.0
    volume_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the segment: where it stands in the request's text (code points) and in `Segment.symbols`."""

    text: str
    source: tuple[int, int]
    symbols: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """An index mark, reached when the sound of `symbols[symbol]` begins (len(symbols): when the segment ends)."""

    name: str
    symbol: int
    source: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text that is synthesized in one go.

    `symbols` are phones with stress ("hh", "ax", "l", "ow1"), " " between words and one
    of , . ? ! at the end of a phrase: the symbol table of a phone voice. `text` is the
    same in normalized words, for voices that read characters and for the fallback.
    A segment may have no symbols: then it only carries marks, a pause or an icon.
    """

    symbols: Phones = ()
    text: str = ""
    words: tuple[Word, ...] = ()
    marks: tuple[Mark, ...] = ()
    source: tuple[int, int] = (0, 0)
    language: str | None = None  # None: the voice's own language; else a BCP 47 tag for the fallback voice
    prosody: Prosody = Prosody()
    pause: float = 0.0  # seconds of silence after it
    icon: str | None = None  # name of a sound icon to play before it
    sentence_end: bool = True
    sentence: tuple[int, int] | None = None  # the source of all of the sentence that begins here; None: as `source`


# In place of a segment: long work (a million tags without a word) has come a step further, and others may have their turn.
NOTHING_YET = Segment()

# Events, in the order of the sound.


@dataclass(frozen=True, slots=True)
class Begin:
    pass


@dataclass(frozen=True, slots=True)
class Audio:
    """Mono 16-bit little-endian PCM."""

    pcm: bytes
    sample_rate: int


@dataclass(frozen=True, slots=True)
class MarkReached:
    name: str


@dataclass(frozen=True, slots=True)
class WordReached:
    """The sound of the text's code points start..end begins here; `sentence` where it is a whole sentence."""

    start: int
    end: int
    sentence: bool = False


@dataclass(frozen=True, slots=True)
class Icon:
    """A sound file that the receiver should play here (an absolute path)."""

    path: str


@dataclass(frozen=True, slots=True)
class End:
    pass


@dataclass(frozen=True, slots=True)
class Stopped:
    pass


@dataclass(frozen=True, slots=True)
class Paused:
    """`mark` is the last index mark that was passed, where speech can be resumed."""

    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    reason: str


Event = Begin | Audio | MarkReached | WordReached | Icon | End | Stopped | Paused | Failed
TERMINAL = (End, Stopped, Paused, Failed)
