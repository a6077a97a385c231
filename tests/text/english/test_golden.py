"""Golden rows: what someone meets on a desktop, and the words that must be heard, exactly.

A row of golden/*.tsv: kind and settings (as "text,punctuation=most,spelling"), the input, the words.
In the input "␤" stands for a line break, "␉" for a tab and \\u{...} for a code point in hexadecimal. Text in
another language is preceded by its tag in brackets. Lines that begin with "# " are headings.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Capitals, Kind, Punctuation, Settings

GOLDEN = Path(__file__).parent / "golden"


def rows(path: Path) -> list[tuple[int, str, str, str]]:
    """Line number, settings, input, words."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line and not (line.startswith("# ") and "\t" not in line):
            settings, text, words = line.split("\t")
            found.append((number, settings, text, words))
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


@pytest.fixture(scope="module")
def front_ends() -> dict[bool, FrontEnd]:
    return {digits: FrontEnd(English(), dictionaries=(), digits=digits) for digits in (False, True)}


def heard(front_end: FrontEnd, text: str, kind: Kind, settings: Settings) -> str:
    found: list[str] = []
    for segment, story in front_end.explain(text, kind, settings):
        if segment.language is None:
            found += [one.words for one in story if one.words]
        else:
            found.append(f"[{segment.language}] {segment.text}")
    return " ".join(found)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.tsv")), ids=lambda path: path.stem)
def test_every_row_is_heard_exactly(front_ends: dict[bool, FrontEnd], path: Path) -> None:
    wrong = []
    for number, settings, text, words in rows(path):
        kind, wanted, digits = settings_of(settings)
        found = heard(front_ends[digits], plain(text), kind, wanted)
        if found != words:
            wrong.append(f"{path.name}:{number}: {text!r}: {found!r}, not {words!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("name", "least"), [("symbols", 250), ("ssml", 150)])
def test_rows_are_many_and_different(name: str, least: int) -> None:
    found = [(settings, text) for _, settings, text, _ in rows(GOLDEN / f"{name}.tsv")]
    assert len(found) >= least
    assert len(set(found)) == len(found)
