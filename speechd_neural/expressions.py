"""`re`, but a pattern at the top of a module is compiled when it is first used, and not when the module is imported.

Reading needs four hundred patterns, and the first message a dozen of them: compiling all would be a fifth of the time from
the start of the daemon to its first sound. `compile_all` is for the quiet moment after that.
"""

from __future__ import annotations

import re
from re import (
    DOTALL,
    IGNORECASE,
    NOFLAG,
    Match,
    Pattern,
    RegexFlag,
    escape,
    findall,
    finditer,
    fullmatch,
    match,
    search,
    split,
    sub,
)
from typing import Any, cast

__all__ = [
    "DOTALL", "IGNORECASE", "NOFLAG", "Match", "Pattern", "RegexFlag", "compile", "compile_all", "escape", "findall", "finditer",
    "fullmatch", "match", "search", "split", "sub",
]  # fmt: skip

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn", "pattern", "flags")
_waiting: list[_Later] = []


class _Later:
    """Its methods are the compiled pattern's own once one of them has been asked for: no call goes through here again."""

    __slots__ = ("_written", *_METHODS)

    def __init__(self, written: tuple[str, int]) -> None:
        self._written = written

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(*self._written)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def compile(pattern: str, flags: int = 0) -> Pattern[str]:
    """For patterns that are written in a module; a mistake in one shows with its first use, or in `compile_all`."""
    later = _Later((pattern, flags))
    _waiting.append(later)
    return cast("Pattern[str]", later)


def compile_all() -> None:
    """Compile what has not been used yet. Raises re.error."""
    while _waiting:
        _waiting.pop().search  # noqa: B018 (asking for it compiles)
