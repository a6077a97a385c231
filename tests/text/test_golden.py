"""Golden rows: what someone meets on a desktop, and the words that must be heard, exactly.

A row of golden/*.tsv: kind and settings (as "text,punctuation=most,spelling"), the input, the words.
In the input "␤" stands for a line break, "␉" for a tab and \\u{...} for a code point in hexadecimal. Text in
another language is preceded by its tag in brackets. Lines that begin with "# " are headings.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Capitals, Kind, Punctuation, Settings

GOLDEN = Path(__file__).parent / "golden"


def rows() -> list[tuple[str, str, str, str]]:
    found = []
    for path in sorted(GOLDEN.glob("*.tsv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if line and not (line.startswith("# ") and "\t" not in line):
                settings, text, words = line.split("\t")
                found.append((f"{path.name}:{number}", settings, text, words))
    return found


def settings_of(column: str) -> tuple[Kind, Settings, bool]:
    kind, *options = column.split(",")
    values: dict[str, object] = {}
    for option in options:
        name, _, value = option.partition("=")
        typed = {"punctuation": Punctuation, "capitals": Capitals}.get(name, str)
        values[name] = typed(value) if value else True
    digits = bool(values.pop("digits", False))
    return Kind(kind), Settings(**values), digits  # type: ignore[arg-type]


def plain(text: str) -> str:
    text = text.replace("␤", "\n").replace("␉", "\t")
    return re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda match: chr(int(match[1], 16)), text)


ROWS = rows()


@pytest.fixture(scope="module")
def front_ends() -> dict[bool, FrontEnd]:
    return {digits: FrontEnd(dictionaries=(), digits=digits) for digits in (False, True)}


@pytest.mark.parametrize(("place", "settings", "text", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_row(front_ends: dict[bool, FrontEnd], place: str, settings: str, text: str, words: str) -> None:
    kind, wanted, digits = settings_of(settings)
    heard = []
    for segment, story in front_ends[digits].explain(plain(text), kind, wanted):
        if segment.language is None:
            heard += [one.words for one in story if one.words]
        else:
            heard.append(f"[{segment.language}] {segment.text}")
    assert " ".join(heard) == words


def test_there_are_enough() -> None:
    counts: dict[str, int] = {}
    for place, *_ in ROWS:
        name = place.split(".")[0]
        counts[name] = counts.get(name, 0) + 1
    assert counts["symbols"] >= 250
    assert counts["ssml"] >= 150
