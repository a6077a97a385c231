"""The list of voices that can be installed by name: data/voices.yaml of the package, or a file of the same form.

    NAME:
      title: …                  what it is, in a line
      languages: [en-US]
      licence: …                of the weights, as their publisher states it
      size: 123456              bytes of all files together
      files:                    one archive of a voice directory, or the two checkpoints of a public voice
        - {url: https://…, sha256: …, size: 123456}

Without sha256, a file is fetched only for who says that it need not be verified; size may be missing too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speechd_neural import plainyaml
from speechd_neural.errors import VoiceError
from speechd_neural.files import open_file

LARGEST = 4 << 20  # bytes; thousands of voices


@dataclass(frozen=True, slots=True)
class Source:
    url: str
    sha256: str | None = None  # None: nobody has told what the file must be
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    languages: tuple[str, ...]
    licence: str
    files: tuple[Source, ...]

    @property
    def size(self) -> int | None:
        """Bytes of all files together, where it is known of each."""
        sizes = [source.size for source in self.files if source.size is not None]
        return sum(sizes) if len(sizes) == len(self.files) else None


def read(path: Path) -> Mapping[str, Entry]:
    """Raises VoiceError that names the file and the key."""
    try:
        with open_file(path) as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise VoiceError(f"{path}: longer than {LARGEST} bytes")
        document = plainyaml.read(data) or {}
    except OSError as error:
        raise VoiceError(f"{path}: {error.strerror}") from None
    except plainyaml.NotPlain as error:
        raise VoiceError(f"{path}, line {error.line}: {error}") from None
    if not isinstance(document, dict):
        raise VoiceError(f"{path}: expected names of voices, found {type(document).__name__}")
    return {str(name): _entry(table, f"{path}: {name}") for name, table in document.items()}


def _entry(table: Any, where: str) -> Entry:
    def value(owner: Any, key: str, kind: type, place: str) -> Any:
        if not isinstance(owner, dict) or not isinstance(owner.get(key), kind):
            raise VoiceError(f"{place}.{key}: expected {kind.__name__}")
        return owner[key]

    files = []
    for number, source in enumerate(value(table, "files", list, where)):
        place = f"{where}.files[{number}]"
        size = source.get("size") if isinstance(source, dict) else None
        if size is not None and (type(size) is not int or size < 1):
            raise VoiceError(f"{place}.size: {plainyaml.shown(size)}; expected a number of bytes")
        url = value(source, "url", str, place)
        files.append(Source(url, value(source, "sha256", str, place) if "sha256" in source else None, size))
    if len(files) not in (1, 2):
        raise VoiceError(f"{where}.files: {len(files)}; expected one archive or two checkpoints")
    languages = value(table, "languages", list, where)
    return Entry(value(table, "title", str, where), tuple(map(str, languages)), value(table, "licence", str, where), tuple(files))
