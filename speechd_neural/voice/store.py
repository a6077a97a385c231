"""Which voices there are: directories with a voice.yaml, in the places where voices are kept."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from speechd_neural.core.engine import VoiceInfo
from speechd_neural.errors import VoiceError, mend
from speechd_neural.records import dataclass
from speechd_neural.voice.bundle import MANIFEST, WEIGHTS, check_weights, describe

DEFAULT, SMALL = "fenrir", "rms"  # of the voices in the box: who speaks where none is chosen, and where that one cannot
Stamp = tuple[tuple[int, int, int, int] | None, ...]


def installed(places: Sequence[Path]) -> dict[str, Path]:
    """Name → bundle directory; of two voices with one name, the one in the earlier place."""
    found: dict[str, Path] = {}
    for path in _bundles(places):
        found.setdefault(path.name, path)
    return found


def find(name: str | None, places: Sequence[Path]) -> Path:
    """The directory of a voice given by name or by path; None: the default voice.

    Raises VoiceError that lists the voices there are.
    """
    if name is not None and "/" in name:
        path = Path(name).expanduser()
        if (path / MANIFEST).is_file():
            return path
        raise VoiceError(f"{path}: no {MANIFEST} there; expected a voice's directory")
    voices = installed(places)
    wanted = DEFAULT if name is None else name
    if wanted not in voices:
        advice = f"; {mend()}" if wanted in (DEFAULT, SMALL) else ""  # it comes with the program
        raise VoiceError(f"no voice {wanted!r}; there are: {', '.join(voices) or 'none'}{advice}")
    return voices[wanted]


class Listed(NamedTuple):
    path: Path
    info: VoiceInfo


@dataclass(frozen=True, slots=True)
class _Look:
    """What a directory was found to be. Its weights have been read if `whole`."""

    stamp: Stamp
    listed: Listed | None
    problem: str
    whole: bool


class Shelf:
    """The voices in these places as they are now. `look` reads again only what has changed; any thread may use it."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._places = places
        self._looks: dict[Path, _Look] = {}
        self._rejected: dict[Path, _Look] = {}
        self._lock = threading.Lock()
        self.voices: Mapping[str, Listed] = {}  # those that can be used, by name
        self.problems: Mapping[str, str] = {}  # why others cannot
        self.choose(None)

    def choose(self, chosen: str | None) -> None:
        """A name, or the path of a directory elsewhere, comes first from the next look on, then the default voice, then
        the small one; None: the default voice comes first. What was rejected may be tried again.
        """
        with self._lock:
            self._elsewhere = Path(chosen).expanduser() if chosen is not None and "/" in chosen else None
            name = self._elsewhere.name if self._elsewhere is not None else chosen or DEFAULT
            self.preferred = name, DEFAULT, SMALL  # names to be tried in this order for the voice that is to speak
            self._rejected.clear()

    def look(self, weights: bool = True) -> bool:
        """Whether anything is different. Without `weights` only manifests are read, which takes a millisecond each."""
        with self._lock:
            looks: dict[Path, _Look] = {}
            for path in self._directories():
                last, stamp = self._looks.get(path), _stamp(path)
                if last is None or last.stamp != stamp or (weights and not last.whole):
                    last = _read(path, stamp, weights)
                looks[path] = last
            self._looks = looks
            return self._sort()

    def path(self, name: str) -> Path:
        """Where a voice is. Raises VoiceError that says what is wrong with it, or which there are."""
        voices, problems = self.voices, self.problems  # as they are now: another thread may look meanwhile
        if name in voices:
            return voices[name].path
        if name in problems:
            raise VoiceError(problems[name])
        if self._elsewhere is not None and name == self._elsewhere.name:
            raise VoiceError(f"{self._elsewhere}: no {MANIFEST} there; expected a voice's directory")
        raise VoiceError(f"no voice {name!r}; there are: {', '.join(voices) or 'none'}")

    def reject(self, name: str, reason: str) -> None:
        """A voice that could not be loaded: it is a problem until its files change."""
        with self._lock:
            if name in self.voices:
                path = self.voices[name].path
                self._rejected[path] = replace(self._looks[path], listed=None, problem=reason)
                self._sort()

    def forgive(self, names: Collection[str]) -> None:
        """Voices that were rejected may be tried again."""
        with self._lock:
            for path in [path for path in self._rejected if path.name in names]:
                del self._rejected[path]
            self._sort()

    def _directories(self) -> Iterator[Path]:
        if self._elsewhere is not None and os.path.isfile(self._elsewhere / MANIFEST):
            yield self._elsewhere
        yield from _bundles(self._places)

    def _sort(self) -> bool:
        before = self.voices, self.problems
        voices: dict[str, Listed] = {}
        problems: dict[str, str] = {}
        order = {name: place - len(self.preferred) for place, name in reversed(list(enumerate(self.preferred)))}
        for path, look in sorted(self._looks.items(), key=lambda pair: order.get(pair[0].name, 0)):
            rejected = self._rejected.get(path)
            if rejected is not None and rejected.stamp == look.stamp:
                look = rejected
            if look.listed is not None:
                voices.setdefault(path.name, look.listed)
            else:
                problems.setdefault(path.name, look.problem)
        self.voices, self.problems = voices, problems
        return before != (voices, problems)


def _bundles(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        try:
            paths = sorted(place.iterdir())
        except OSError:  # nobody has installed a voice there yet
            continue
        for path in paths:
            # Hidden: one that is still being installed. Names are shown and sent, so they have to be text.
            if not path.name.startswith(".") and path.name.isprintable() and os.path.isfile(path / MANIFEST):
                yield path


def _stamp(path: Path) -> Stamp:
    """Changes whenever a file of the voice does, or who may read it."""

    def one(name: str) -> tuple[int, int, int, int] | None:
        try:
            status = os.stat(path / name)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino

    return one(MANIFEST), one(WEIGHTS)


def _read(path: Path, stamp: Stamp, weights: bool) -> _Look:
    try:
        description = describe(path)
        if weights:
            check_weights(description)
        elif stamp[1] is None:
            raise VoiceError(f"{path / WEIGHTS}: missing")
        return _Look(stamp, Listed(path, description.info), "", weights)
    except VoiceError as error:
        reason = str(error)
    except Exception as error:
        reason = f"{path}: cannot be read ({type(error).__name__})"
    return _Look(stamp, None, reason, weights)
