"""A single setting written into the configuration; every other line, comments too, stays as it is."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from speechd_neural.errors import ConfigError, OutputError


def with_setting(text: str, section: str, key: str, value: str | float, file: Path) -> str:
    """The file's text with another value. Raises OutputError where it is written in a way that this does not change."""
    from speechd_neural.config import parse

    written = _as_text(section, key, value)
    line = f"  {key}: {written}"
    found = re.search(rf"^{section}:[ \t]*(#.*)?$(?P<body>(\n([ \t]+.*|[ \t]*#.*|[ \t]*)?$)*)", text, re.MULTILINE)
    if found is None:
        if re.search(rf"^{section}:", text, re.MULTILINE):
            raise OutputError(f"{file}: '{section}:' is written in one line; set its {key} to {value} there")
        new = (text if not text or text.endswith("\n") else text + "\n") + f"{section}:\n{line}\n"
    else:
        body = found["body"]
        entry = re.compile(rf"^([ \t]+{key}:)[^#\n]*?([ \t]*#.*)?$", re.MULTILINE)
        changed, count = entry.subn(lambda old: f"{old[1]} {written}{old[2] or ''}", body, count=1)
        new = text[: found.start("body")] + (changed if count else f"\n{line}{body}") + text[found.end("body") :]
    try:
        parse(new, str(file))
    except ConfigError:
        told = f"set {section}.{key} to {value} there"
        raise OutputError(f"{file}: written in a way that is not changed from here; {told}") from None
    return new


def write_setting(file: Path, section: str, key: str, value: str | float) -> None:
    """Raises ConfigError where the file is not valid as it stands, OutputError where it cannot be written."""
    from speechd_neural.config import load

    load(file)
    file = file.resolve()  # a symbolic link stays one
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    new = with_setting(text, section, key, value, file)
    partial = file.with_name(f".{file.name}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(new, encoding="utf-8")
        if file.exists():
            shutil.copymode(file, partial)
        partial.replace(file)
    except OSError as error:
        raise OutputError(f"{error.filename or file}: {error.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)


def _as_text(section: str, key: str, value: str | float) -> str:
    """A value as YAML; a text in quotes where it would be read as a number, a truth value or nothing."""
    from speechd_neural.config import parse

    if not isinstance(value, str):
        return f"{value:g}"
    try:
        if getattr(getattr(parse(f"{section}:\n  {key}: {value}\n", ""), section), key) == value:
            return value
    except ConfigError:
        pass
    return json.dumps(value)
