"""docs/developers/architecture.md names every room and every file without one, and draws nothing that an ear cannot read."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/developers/architecture.md").read_text("utf-8")
PACKAGE = ROOT / "speechd_neural"


def test_every_room_and_every_single_file_is_named() -> None:
    named = {word for code in re.findall(r"`([^`]+)`", PAGE) for word in re.split(r"[/ ]", code)}
    rooms = {path.parent.name for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE} | {"native", "data", "voices"}
    rooms -= {"files"}
    single = {path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__")}
    assert not (rooms | single) - named


def test_every_file_that_it_follows_is_there() -> None:
    for name in re.findall(r"`((?:text|core|voice|audio|frontends|module|train)/[\w/]+)`", PAGE):
        assert (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file(), name


def test_nothing_is_drawn() -> None:
    assert not re.search("[─│┌┐└┘├┤►▶→]|```", PAGE)
