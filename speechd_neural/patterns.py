r"""Regular expressions that a user writes: each has a time limit, so that `(a+)+b` cannot stop the speech of everybody.

The library `regex` (Debian: python3-regex) knows what `re` knows, can be given a limit, and lets other threads run
meanwhile. It is loaded only where somebody has written a pattern.
"""

from __future__ import annotations

import time
from typing import Any

LIMIT = 0.02  # s for one text …
PER_CHARACTER = 1e-6  # … and s for each of its characters; an ordinary pattern takes a hundredth of that
TRIES = 3  # where the machine was busy with something else in that time


class PatternError(Exception):
    """What is wrong with a pattern, in the words of the library."""


class TooSlow(Exception):
    """The pattern did not come to an end in its time. What it was tried on may have been private: it is not told."""


class Pattern:
    """Raises PatternError for what is no regular expression."""

    def __init__(self, text: str, ignore_case: bool = False) -> None:
        import regex

        self.text = text
        try:
            self._compiled: Any = regex.compile(text, regex.IGNORECASE if ignore_case else 0)
        except (regex.error, OverflowError, RecursionError, MemoryError, ValueError) as error:
            raise PatternError(str(error) or type(error).__name__) from None
        self.groups = int(self._compiled.groups)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self._compiled == other._compiled

    def __hash__(self) -> int:
        return hash(self._compiled)

    def search(self, text: str) -> bool:
        """Whether it matches anywhere. Raises TooSlow."""
        return self._run(self._compiled.search, text) is not None

    def fullmatch(self, text: str) -> Any:
        """The match of the whole text, or None. Raises TooSlow."""
        return self._run(self._compiled.fullmatch, text)

    def _run(self, method: Any, text: str) -> Any:
        limit = LIMIT + PER_CHARACTER * len(text)
        for _ in range(TRIES):
            begun = time.thread_time()
            try:
                # concurrent: the interpreter's lock is given up meanwhile; a STOP is answered.
                return method(text, concurrent=True, timeout=limit)
            except TimeoutError:
                if time.thread_time() - begun > limit / 2:
                    break  # it has worked all the time, and not waited for a processor
        raise TooSlow
