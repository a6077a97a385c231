"""Which languages there are, and how one is opened by its tag.

A wing is a package with two things: `TAGS` in its `__init__`, the primary BCP 47 tags of the text that it reads
("en"), and a module `language` with `open_language(own_words, strict)`. own_words: the user's pronunciation
dictionary, which need not exist; None: leave it aside. strict: raise ConfigError for a mistake in it; otherwise the
language tells of it by `problem`. It returns a `Language`. Nothing of a wing but its `__init__` is imported before it
is opened.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from speechd_neural.errors import SpeechError, TextError, mend
from speechd_neural.text.language import Language
from speechd_neural.text.languages import primary, tag

# A new language is one line here.
WINGS = ["speechd_neural.text.english"]
_LOG = logging.getLogger(__name__)


def known() -> dict[str, str]:
    """Primary tag to the package of its language. A wing that cannot be looked at is passed over, with a line in the log."""
    found, whole = _known(tuple(WINGS))
    if not whole:  # half an installation may be whole the next time, and descriptors there again
        _known.cache_clear()
    return found


@lru_cache(maxsize=4)
def _known(wings: tuple[str, ...]) -> tuple[dict[str, str], bool]:
    found: dict[str, str] = {}
    whole = True
    for wing in wings:
        try:
            tags = _tags(wing)
        except TextError as error:
            _LOG.error("%s; going on without that language", error)
            whole = False
            continue
        for one in tags:
            if one in found:
                _LOG.error("the language folders %s and %s both claim %s; the first one reads it", found[one], wing, one)
            found.setdefault(one, wing)
    return found, whole


def reads(language: str | None) -> str | None:
    """The primary tag under which a wing reads this language; None: none does, or it is no tag."""
    wanted = tag(language)
    return primary(wanted) if wanted is not None and primary(wanted) in known() else None


def first_read(languages: Iterable[str]) -> str | None:
    """The primary tag of the first of these that a wing reads."""
    return next((found for language in languages if (found := reads(language)) is not None), None)


def open_language(language: str, own_words: Path | None = None, strict: bool = False) -> Language:
    """The language with this tag. Raises TextError that says in one line what its folder lacks, or which there are."""
    found = reads(language)
    if found is None:
        raise TextError(f"no language {language[:60]!r} here; there are: {', '.join(sorted(known())) or 'none'}")
    wing = known()[found]
    try:
        opener: Callable[..., Language] = importlib.import_module(f"{wing}.language").open_language
        opened = opener(own_words, strict)
    except SpeechError:
        raise
    except OSError as error:  # a file of it is missing: so it is installed in part only
        raise TextError(f"the language folder {wing} cannot be opened: {error.filename}: {error.strerror}; {mend()}") from error
    except Exception as error:
        raise TextError(f"the language folder {wing} cannot be opened: {_reason(error)}") from error
    if lacking := _lacks(opened):
        raise TextError(f"the language folder {wing} lacks {lacking}")
    return opened


def _tags(wing: str) -> tuple[str, ...]:
    try:
        tags = importlib.import_module(wing).TAGS
    except Exception as error:
        raise TextError(f"the language folder {wing} cannot be read: {_reason(error)}") from error
    if not isinstance(tags, tuple) or not tags or not all(isinstance(t, str) and tag(t) == t == primary(t) for t in tags):
        raise TextError(f"the language folder {wing}: TAGS is {str(tags)[:60]!r}; expected primary tags such as ('en',)")
    return tags


def _lacks(opened: object) -> str:
    """What is missing of a language; "": nothing."""
    if not isinstance(opened, Language):
        return f"a language: open_language gave {type(opened).__name__}"
    for name in ("symbols", "phrase_packs"):
        path = getattr(opened, name)
        if path is not None and not path.exists():
            return f"{path.name}, which its {name} names"
    return ""


def _reason(error: Exception) -> str:
    if isinstance(error, ImportError):
        return f"no module {error.name}" if isinstance(error, ModuleNotFoundError) else str(error)
    return f"{type(error).__name__}: {error}"
