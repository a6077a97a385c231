"""Which text a voice reads, by the languages of its manifest: those that have a wing, or that it has rules for itself."""

from __future__ import annotations

from pathlib import Path

from speechd_neural.errors import VoiceError
from speechd_neural.text import wings
from speechd_neural.text.language import Language
from speechd_neural.text.languages import primary, tag
from speechd_neural.voice.bundle import Manifest, describe
from speechd_neural.voice.by_rules import ByRules


def readable(manifest: Manifest, name: str) -> dict[str, bool]:
    """The primary tags of the languages that the voice reads, its own first; whether a wing reads them, or its own rules.

    A language that nobody reads is left to the fallback. Raises VoiceError where that is all of them.
    """
    found: dict[str, bool] = {}
    for language in manifest.languages:
        wanted = tag(language)
        if wanted is None:
            continue
        if wings.reads(language) is not None:
            found.setdefault(primary(wanted), True)
        elif manifest.reads == "characters" or manifest.spelling:
            found.setdefault(primary(wanted), False)
    if not found:
        raise VoiceError(
            f"voice {name} speaks {', '.join(manifest.languages)[:60]} and reads phones, and nothing here makes phones of "
            f"that; there are: {', '.join(sorted(wings.known()))}; a voice may bring a table of its own, 'spelling'"
        )
    return found


def unread(voice: Path) -> list[str]:
    """The languages of the voice in that directory that it does not read. Raises VoiceError where that is all of them."""
    manifest = describe(voice).manifest
    read = readable(manifest, voice.name)
    return [language for language in manifest.languages if primary(language) not in read]


def by_rules(manifest: Manifest, language: str) -> ByRules:
    """What reads a language without a wing. language: a primary tag."""
    spelling = {letters: tuple(phones.split()) for letters, phones in manifest.spelling.items()}
    return ByRules(language, manifest.symbols, spelling if manifest.reads == "phones" else None)


def language_of(path: Path, own_words: Path | None = None, strict: bool = False) -> Language:
    """What the voice in that directory reads first. own_words and strict as in text/wings.py, and so are the errors.

    Raises VoiceError where the manifest is damaged or nothing reads its languages.
    """
    manifest = describe(path).manifest
    tag, has_wing = next(iter(readable(manifest, path.name).items()))
    return wings.open_language(tag, own_words, strict) if has_wing else by_rules(manifest, tag)
