"""`speechd-neural explain`: how a text will be read, word by word and why."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from speechd_neural import config, paths
from speechd_neural.errors import ConfigError, TextError, VoiceError
from speechd_neural.text.assembly import Explained
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.text.language import Language
from speechd_neural.types import Capitals, Kind, Prosody, Punctuation, Segment, Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="*", help="the text; without it, every line of standard input is one text")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--words", action="store_true", help="only the spoken words, one line for each text")
    form.add_argument("--json", action="store_true", help="one JSON object a line for each text")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--ssml", action="store_true", help="the text is marked up")
    kind.add_argument("--kind", choices=[kind.value for kind in Kind], default=Kind.TEXT.value, help="what it is")
    parser.add_argument("--punctuation", choices=[level.value for level in Punctuation], default="none",
                        help="which symbols are named")  # fmt: skip
    parser.add_argument("--capitals", choices=[style.value for style in Capitals], default="none",
                        help="how capital letters are announced")  # fmt: skip
    parser.add_argument("--spelling", action="store_true", help="letter by letter")
    parser.add_argument("--digits", action="store_true", help="read all digits one by one")
    parser.add_argument("--language", metavar="TAG", help="the language that the client has set, such as en-US")
    parser.add_argument("--lexicon", type=Path, metavar="FILE", help="a pronunciation dictionary other than your own")
    parser.add_argument("--builtin-symbols", action="store_true", help="leave Speech Dispatcher's dictionaries aside")


def run(arguments: argparse.Namespace) -> int:
    """Print the explanation. Raises TextError for input that is not UTF-8, ConfigError for a lexicon with mistakes."""
    if arguments.text and not " ".join(arguments.text):
        raise TextError("there is no text to explain; give it as an argument or on standard input")
    if arguments.lexicon is not None and not arguments.lexicon.exists():
        raise ConfigError(f"{arguments.lexicon}: No such file or directory; accepted: a pronunciation dictionary")
    wanted = config.load()
    lexicon = arguments.lexicon or wanted.text.lexicon or paths.lexicon_file()
    front_end = FrontEnd(
        _language(wanted.voice.name, lexicon),
        digits=arguments.digits or wanted.text.digits,
        dictionaries=() if arguments.builtin_symbols else None,
    )
    kind = Kind.SSML if arguments.ssml else Kind(arguments.kind)
    settings = Settings(
        punctuation=Punctuation(arguments.punctuation),
        capitals=Capitals(arguments.capitals),
        spelling=arguments.spelling,
        language=arguments.language,
    )
    show = words if arguments.words else as_json if arguments.json else story
    for text in [" ".join(arguments.text)] if arguments.text else _lines():
        found = show(text, front_end.explain(text, kind, settings))
        print(found.encode("utf-8", "backslashreplace").decode(), flush=not arguments.text)
    return 0


def _language(voice: str | None, lexicon: Path) -> Language:
    """What the chosen voice reads, or the voice that speaks in its place."""
    from speechd_neural.voice.languages import language_of
    from speechd_neural.voice.store import find

    places = paths.user_voices(), paths.packaged_voices()
    try:
        return language_of(find(voice, places), lexicon, strict=True)
    except VoiceError:
        return language_of(find(None, places), lexicon, strict=True)


def _lines() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            yield line.rstrip(b"\r\n").decode("utf-8")
        except UnicodeDecodeError as error:
            raise TextError(f"standard input, line {number}, byte {error.start + 1}: not UTF-8") from None


Explanation = list[tuple[Segment, list[Explained]]]


def words(text: str, explanation: Explanation) -> str:
    """The spoken words alone."""
    spoken = []
    for segment, story in explanation:
        spoken += [one.words for one in story if one.words] if segment.language is None else [segment.text]
    return " ".join(spoken)


def as_json(text: str, explanation: Explanation) -> str:
    """Everything, as one JSON object."""
    segments = []
    for segment, story in explanation:
        entry: dict[str, Any] = asdict(segment)
        entry["explained"] = [asdict(one) for one in story]
        segments.append(entry)
    return json.dumps({"text": text, "segments": segments}, ensure_ascii=False)


def story(text: str, explanation: Explanation) -> str:
    """For people: a line for each segment, a line for each word."""
    lines = []
    for segment, words in explanation:
        lines.append(_headline(segment))
        rows = [(one.written, one.kind, one.words, " ".join(one.phones), one.why) for one in words]
        widths = [min(max((len(row[column]) for row in rows), default=0), 40) for column in range(4)]
        for row in rows:
            cells = [f"{cell:<{width}}" for cell, width in zip(row[:4], widths, strict=True)]
            lines.append(("    " + "  ".join([*cells, row[4]])).rstrip().replace("\n", " "))
        for mark in segment.marks:
            before = " ".join(segment.symbols[mark.symbol : mark.symbol + 4]) or "the end"
            lines.append(f"    mark {mark.name!r} at {mark.source}, before {before}")
    return "\n".join(lines)


def _headline(segment: Segment) -> str:
    start, end = segment.source
    facts = [f"{start}:{end}"]
    if segment.language:
        facts.append(f"language {segment.language}, for the fallback voice")
    if segment.icon:
        facts.append(f"icon {segment.icon}")
    if segment.prosody != Prosody():
        change = segment.prosody
        facts.append(f"speed {change.speed:g}, pitch {change.pitch:g}, volume {change.volume_db:+g} dB")
    if segment.pause:
        facts.append(f"then {segment.pause:g} s of silence")
    return f"[{'; '.join(facts)}] {segment.text}"
