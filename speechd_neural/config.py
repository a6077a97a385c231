"""The configuration file: what may stand in it, and reading it. Errors name file, line, key and what is accepted.

The file is YAML: sections, and in each a few keys. All are described in config/speechd-neural.yaml; everything has a
default, and a file that is missing is one that says nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speechd_neural import paths, plainest, plainyaml
from speechd_neural.errors import ConfigError
from speechd_neural.files import open_file
from speechd_neural.patterns import Pattern, PatternError
from speechd_neural.records import dataclass
from speechd_neural.types import DEADLINE, SCALE, Capitals, Punctuation, Settings

if TYPE_CHECKING:
    import yaml

LARGEST = 64 << 10  # bytes: half a second to read; no configuration is that long


class _Refused(Exception):
    """A value that is not accepted; the message is what would be."""


def _key(default: Any, read: Callable[[Any], Any]) -> Any:
    return field(default=default, metadata={"read": read})


def _number(default: float, low: float, high: float, whole: bool = False) -> Any:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not low <= value <= high:
            raise _Refused(f"a {'whole ' if whole else ''}number of {low:g} to {high:g}")
        return value

    return _key(default, read)


def _choice(default: Any, *accepted: Any) -> Any:
    def read(value: Any) -> Any:
        # YAML reads an unquoted `none` as text, but "~" and nothing at all as null.
        if not isinstance(value, str) or value not in accepted:
            raise _Refused(f"one of {', '.join(map(str, accepted))}")
        return type(default)(value)

    return _key(default, read)


def _yes_no(default: bool) -> Any:
    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise _Refused("true or false")
        return value

    return _key(default, read)


def _text(value: Any) -> str | None:
    if value is not None and (not isinstance(value, str) or not value.strip() or "\0" in value):
        raise _Refused("a text, or nothing")
    return value


def _path(value: Any) -> Path | None:
    if value is None:
        return None
    try:
        path = Path(_text(value) or "").expanduser()
    except (_Refused, RuntimeError):
        path = Path()
    if not path.is_absolute():
        raise _Refused("an absolute path (~/ is your home), or nothing")
    return path


def _device(value: Any) -> str | int | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    try:
        return _text(value)
    except _Refused:
        raise _Refused("the name or number of a sound device, or nothing") from None


def _threads(value: Any) -> int:
    if value == "auto":
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 16:
        raise _Refused("auto, or a whole number of 1 to 16")
    return value


def _patterns(value: Any) -> tuple[Pattern, ...]:
    if value is None:
        return ()
    found = []
    for pattern in value if isinstance(value, list) else [None]:
        if not isinstance(pattern, str) or not pattern:
            raise _Refused("a list of regular expressions")
        try:
            found.append(Pattern(unicodedata.normalize("NFC", pattern)))  # as texts are (core/discretion.py)
        except PatternError as error:
            raise _Refused(f"a list of regular expressions ({plainyaml.shown(pattern)}: {error})") from None
    return tuple(found)


@dataclass(frozen=True, slots=True)
class VoiceSection:
    name: str | None = _key(None, _text)


@dataclass(frozen=True, slots=True)
class DeviceSection:
    compute: str = _choice("auto", "auto", "cpu", "cuda")
    threads: int = _key(0, _threads)  # 0: as many as suit
    half: bool = _yes_no(False)
    idle_unload_s: float = _number(600, 0, 86_400)


@dataclass(frozen=True, slots=True)
class CacheSection:
    memory_mb: float = _number(32, 0, 1024)
    disk_mb: float = _number(256, 0, 65536)
    directory: Path | None = _key(None, _path)
    warm: bool = _yes_no(True)
    remember: bool = _yes_no(True)
    private: tuple[Pattern, ...] = _key((), _patterns)

    def folder(self) -> Path:
        """Where the phrases are."""
        return (self.directory or paths.cache_dir()) / "phrases"


@dataclass(frozen=True, slots=True)
class FallbackSection:
    deadline_ms: float = _number(round(1000 * DEADLINE), 0, 10_000)


@dataclass(frozen=True, slots=True)
class AudioSection:
    device: str | int | None = _key(None, _device)
    keep_awake_s: float = _number(30, 0, 3600)


@dataclass(frozen=True, slots=True)
class SpeechSection:
    rate: float = _number(0, *SCALE)
    pitch: float = _number(0, *SCALE)
    pitch_range: float = _number(0, *SCALE)
    volume: float = _number(100, *SCALE)
    punctuation: Punctuation = _choice(Punctuation.NONE, *Punctuation)
    capitals: Capitals = _choice(Capitals.NONE, *Capitals)
    rate_boost: bool = _yes_no(False)

    def settings(self) -> Settings:
        names = [entry.name for entry in fields(self) if entry.name != "rate_boost"]
        return Settings(**{name: getattr(self, name) for name in names})


@dataclass(frozen=True, slots=True)
class TextSection:
    digits: bool = _yes_no(False)
    lexicon: Path | None = _key(None, _path)


@dataclass(frozen=True, slots=True)
class LogSection:
    level: str = _choice("info", "debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Config:
    voice: VoiceSection = VoiceSection()
    device: DeviceSection = DeviceSection()
    cache: CacheSection = CacheSection()
    fallback: FallbackSection = FallbackSection()
    audio: AudioSection = AudioSection()
    speech: SpeechSection = SpeechSection()
    text: TextSection = TextSection()
    log: LogSection = LogSection()


def load(path: Path | None = None) -> Config:
    """The configuration in `path` (default: the user's file). Raises ConfigError, which says in one line what is wrong."""
    path = path or paths.config_file()
    try:
        with open_file(path) as file:
            data = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return Config()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    if len(data) > LARGEST:
        raise ConfigError(f"{path}: longer than {LARGEST} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}, line {line}: not UTF-8; save the file in UTF-8") from None
    return parse(text, str(path))


def parse(text: str, name: str) -> Config:
    """The configuration in a text; `name` is the file's, for errors."""
    if (plain := plainest.read(text.encode())) is not None and (found := _of_values(plain)) is not None:
        return found
    import yaml

    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise ConfigError(f"{name}, line {line}: a control character; remove it") from None
    try:
        root = loader.get_single_node()
        plainyaml.check(loader, root)
        return _Reader(name, loader).config(root)
    except plainyaml.NotPlain as error:
        raise ConfigError(f"{name}, line {error.line}: {error}") from None
    except yaml.MarkedYAMLError as error:
        # A quote that is never closed is noticed at the end of the file; the context is where it was opened.
        opened = error.context_mark if isinstance(error, yaml.scanner.ScannerError) else None
        mark = opened or error.problem_mark
        line = mark.line + 1 if mark else 1
        problem = " ".join(str(error.problem or error.context or "not YAML").split())
        raise ConfigError(
            f"{name}, line {line}: {problem}; 'section:' and below it '  key: value' is accepted"
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise ConfigError(f"{name}: not YAML; 'section:' and below it '  key: value' is accepted") from None
    finally:
        loader.dispose()


def _of_values(document: Any) -> Config | None:
    """None where anything is not accepted: the other way of reading knows the line in which it stands."""
    found = {}
    try:
        for section in fields(Config):
            if (table := document.pop(section.name, None)) is not None:
                kind: Any = type(section.default)
                keys = {entry.name: entry for entry in fields(kind)}
                values = {name: keys[name].metadata["read"](value) for name, value in table.items()}
                found[section.name] = kind(**values)
    except (AttributeError, KeyError, _Refused):
        return None
    return None if document else Config(**found)


class _Reader:
    def __init__(self, name: str, loader: yaml.SafeLoader) -> None:
        self._name = name
        self._loader = loader

    def config(self, root: yaml.Node | None) -> Config:
        if root is None or self._is_empty(root):
            return Config()
        sections = {section.name: type(section.default) for section in fields(Config)}
        found = {}
        for name, _, value in self._entries(root, sections, "sections"):
            if not self._is_empty(value):
                found[name] = self._section(name, sections[name], value)
        return Config(**found)

    def _section(self, section: str, kind: Any, node: yaml.Node) -> Any:
        keys = {entry.name: entry for entry in fields(kind)}
        found = {}
        for name, key, value in self._entries(node, keys, f"keys in '{section}'"):
            try:
                found[name] = keys[name].metadata["read"](plainyaml.value(self._loader, value))
            except _Refused as error:
                raise self._error(key, f"{section}.{name} must be {error}") from None
        return kind(**found)

    def _entries(self, node: yaml.Node, known: dict[str, Any], what: str) -> list[tuple[str, yaml.Node, yaml.Node]]:
        import yaml

        if not isinstance(node, yaml.MappingNode):
            raise self._error(node, f"{what} are expected here: {', '.join(known)}")
        found: dict[str, tuple[str, yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name not in known:
                raise self._error(key, f"{plainyaml.shown(name)} is not known; {what}: {', '.join(known)}")
            if name in found:
                raise self._error(key, f"'{name}' stands here for the second time; once is accepted")
            found[name] = (name, key, value)
        return list(found.values())

    def _is_empty(self, node: yaml.Node) -> bool:
        import yaml

        return isinstance(node, yaml.ScalarNode) and plainyaml.value(self._loader, node) is None

    def _error(self, node: yaml.Node, message: str) -> ConfigError:
        return ConfigError(f"{self._name}, line {node.start_mark.line + 1}: {message}")
