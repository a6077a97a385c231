"""Pronunciations as text files: the package's own technical lexicon and the user's.

One entry a line; `#` after a space, or at the start, begins a comment:

    nginx = EN-jin-EKS             respelling: syllables parted by hyphens, the stressed one in capitals
    Siobhan = /ʃɪˈvɔːn/            IPA, between slashes
    gif = JH IH1 F                 ARPAbet, as in CMUdict
    sudoku = say sue doe coo       other words to be spoken instead
    US! = spell                    letter by letter; "!": only in exactly these capitals, else case does not matter
    /v(\\d)beta/ = say v \\1 beta    a regular expression for whole words; \\1 is what its first group matched
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from speechd_neural import expressions as re
from speechd_neural.errors import ConfigError
from speechd_neural.files import open_file
from speechd_neural.patterns import Pattern, PatternError, TooSlow
from speechd_neural.records import dataclass
from speechd_neural.text.english.pronounce import phonemes
from speechd_neural.types import Phones

ACCEPTED = (
    'accepted: word = uh-BUN-too (respelling), /IPA/, ARPAbet, "say other words" or "spell"; '
    "/regular expression/ = the same"
)
SIZE_LIMIT = 4 << 20  # bytes; a larger file is a mistake
CHECK_INTERVAL = 0.25  # seconds between looks at the file
FRESH = 0.1  # seconds after which another change has another time
MOST_PATTERNS = 1000  # about a millisecond for a word that none of them matches
_REGEX_WORD_LIMIT = 64  # characters; a pattern is not tried on longer words, so that a bad one cannot stall speech

_PATTERN_LINE = re.compile(r"/(.+?)/(i?)\s*=\s*(.+)")
_WORD_LINE = re.compile(r"([^=\s/][^=\s]*)\s*=\s*(.+)")
_COMMENT = re.compile(r"(?:^|\s)#.*")


_LOG = logging.getLogger(__name__)


class SlowPattern(Exception):
    """The pattern of that line did not come to an end in its time."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True, slots=True)
class Spoken:
    """What an entry says: phones, or words to be pronounced in turn, or (neither) its letters; and its line."""

    phones: Phones
    words: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Entries:
    exact: dict[str, Spoken]  # words in the capitals they must have
    words: dict[str, Spoken]  # lower case
    patterns: tuple[tuple[Pattern, str, Spoken], ...]  # pattern, words with group references, entry

    def find(self, word: str) -> Spoken | None:
        """Raises SlowPattern."""
        found = self.exact.get(word) or self.words.get(word.lower())
        if found is not None or not self.patterns or len(word) > _REGEX_WORD_LIMIT:
            return found
        for pattern, template, spoken in self.patterns:
            try:
                match = pattern.fullmatch(word)
            except TooSlow:
                raise SlowPattern(spoken.line) from None
            if match:
                words = tuple(match.expand(template).split()) if template else ()
                return Spoken(spoken.phones, words, spoken.line)
        return None


def _value(text: str) -> tuple[Phones, str]:
    """-> (phones, words to say)"""
    if text.startswith("say ") and text[4:].strip():
        return (), text[4:].strip()
    if text == "spell":
        return (), ""
    return phonemes.guess(text), ""


def parse(text: str, name: str) -> Entries:
    """Entries of a lexicon file's text; `name` is used in errors. Raises ConfigError with file, line and what is accepted."""
    exact: dict[str, Spoken] = {}
    words: dict[str, Spoken] = {}
    patterns: list[tuple[Pattern, str, Spoken]] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = _COMMENT.sub("", line).strip()
        if not line:
            continue
        try:
            match = _PATTERN_LINE.fullmatch(line)
            if match:
                phones, say = _value(match[3])
                pattern = Pattern(match[1], ignore_case=True)
                if pattern.fullmatch(""):
                    raise phonemes.PhonemeError("the regular expression matches nothing at all; it must match whole words")
                _check_template(pattern, say)
                if len(patterns) == MOST_PATTERNS:
                    raise phonemes.PhonemeError(f"more than {MOST_PATTERNS} regular expressions, each tried on every word")
                patterns.append((pattern, say, Spoken(phones, (), number)))
                continue
            match = _WORD_LINE.fullmatch(line)
            if match is None:
                raise phonemes.PhonemeError(f"not an entry; {ACCEPTED}")
            word = match[1]
            phones, say = _value(match[2])
            spoken = Spoken(phones, tuple(say.split()), number)
            if word.endswith("!") and len(word) > 1:
                exact[word[:-1]] = spoken
            else:
                words[word.lower()] = spoken
        except TooSlow:
            raise ConfigError(f"{name}:{number}: the regular expression takes too long; {ACCEPTED}") from None
        except PatternError as error:
            raise ConfigError(f"{name}:{number}: the regular expression is wrong ({error}); {ACCEPTED}") from None
        except phonemes.PhonemeError as error:
            raise ConfigError(f"{name}:{number}: {error}") from None
    return Entries(exact, words, tuple(patterns))


def _check_template(pattern: Pattern, say: str) -> None:
    for reference in re.findall(r"\\(\d+)", say):
        if int(reference) > pattern.groups:
            raise phonemes.PhonemeError(
                f"\\{reference} refers to a group that the expression does not have; it has {pattern.groups}"
            )
    # Other escapes would make `expand` fail on the first word that matches.
    if re.search(r"\\(?!\d)", say):
        raise phonemes.PhonemeError("only \\1 .. \\9 may follow a backslash in what is said")


class UserLexicon:
    """The user's lexicon at `path`, read again when it changes.

    `find(word)` looks at the file's time at most every quarter second. A file that is missing is an empty one.
    A file with an error raises ConfigError from the constructor if that is strict; else, and when it goes wrong
    later, the entries read before stay in force and `error` holds the message until the file is mended.
    """

    def __init__(self, path: Path | str, strict: bool = True) -> None:
        self.path = Path(path)
        self.error: str | None = None
        self.version = 0  # grows with each reading: caches of pronunciations depend on it
        self._lock = threading.Lock()
        self._entries = Entries({}, {}, ())
        self._stamp: tuple[int, ...] | None = None
        self._next_check = 0.0
        self._read()
        if self.error and strict:
            raise ConfigError(self.error)

    def find(self, word: str) -> Spoken | None:
        self.refresh()
        while True:
            try:
                return self._entries.find(word)
            except SlowPattern as slow:
                self._leave_out(slow.line)

    def _leave_out(self, line: int) -> None:
        """A pattern that has once taken too long is not tried again before the file is mended."""
        with self._lock:
            entries = self._entries
            kept = tuple(entry for entry in entries.patterns if entry[2].line != line)
            self._entries = replace(entries, patterns=kept)
            self.error = f"{self.path}:{line}: the regular expression takes too long on a word, and is left out; {ACCEPTED}"
        _LOG.error("%s", self.error)

    def why(self, spoken: Spoken) -> str:
        return f"user lexicon line {spoken.line}"

    def __len__(self) -> int:
        entries = self._entries
        return len(entries.exact) + len(entries.words) + len(entries.patterns)

    def refresh(self) -> bool:
        """Look at the file if that was not done just now. True if the entries changed."""
        now = time.monotonic()
        if now < self._next_check:
            return False
        with self._lock:
            self._next_check = now + CHECK_INTERVAL
            if self._stamp_now() == self._stamp:
                return False
            self._read()
            return True

    def _stamp_now(self) -> tuple[int, ...] | None:
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        # One that was written just now may be written again at the same time: the file system's clock goes in steps.
        fresh = 0 <= time.time() - status.st_mtime < FRESH
        return status.st_mtime_ns, status.st_size, status.st_ino, time.monotonic_ns() if fresh else 0

    def _read(self) -> None:
        self._stamp = self._stamp_now()
        self.version += 1
        try:
            self._entries = parse(self._text(), str(self.path))
            self.error = None
        except ConfigError as error:
            self.error = str(error)

    def _text(self) -> str:
        try:
            with open_file(self.path) as file:
                data = file.read(SIZE_LIMIT + 1)
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as error:
            raise ConfigError(f"{self.path}: cannot be read ({error.strerror}); accepted: a text file in UTF-8") from None
        if len(data) > SIZE_LIMIT:
            raise ConfigError(f"{self.path}: larger than {SIZE_LIMIT >> 20} MB; accepted: a text file in UTF-8, one entry a line")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise ConfigError(f"{self.path}:{line}: not UTF-8; accepted: a text file in UTF-8") from None


class PackagedLexicon:
    """A lexicon that comes with the package: lines are split at start, a pronunciation is read when it is asked for."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._lines = dict(_raw_lines(path.read_text(encoding="utf-8")))

    def find(self, word: str) -> Spoken | None:
        number, value = self._lines.get(word + "!") or self._lines.get(word.lower()) or (0, "")
        if not value:
            return None
        try:
            phones, say = _value(value)
        except phonemes.PhonemeError as error:
            raise ConfigError(f"{self._name}:{number}: {error}") from None
        return Spoken(phones, tuple(say.split()), number)

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)


def _raw_lines(text: str) -> Iterator[tuple[str, tuple[int, str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        word, equals, value = line.partition(" = ")
        if equals and not line.startswith("#"):
            yield word.strip(), (number, value.strip())
