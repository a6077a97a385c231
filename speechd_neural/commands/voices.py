"""`speechd-neural voices`: list, show, choose, import, install and remove voices. Nothing is fetched unasked."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from speechd_neural import paths
from speechd_neural.errors import OutputError, UsageError, VoiceError

if TYPE_CHECKING:
    from speechd_neural.voice.catalogue import Entry, Source

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LICENCE = "as the publisher of the weights states it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    commands.add_parser("list", help="the voices there are, and those that can be installed")
    commands.add_parser("info", help="what a voice is made of").add_argument("name")
    commands.add_parser("use", help="make a voice the one that speaks").add_argument("name")
    commands.add_parser("remove", help="delete a voice of this user").add_argument("name")
    bring = commands.add_parser("import", help="make a voice of two public checkpoints")
    bring.add_argument("path", nargs="+", type=Path, help="an acoustic model and a vocoder, or the directory of both")
    install = commands.add_parser("install", help="fetch a voice by its name in the catalogue, or from an address")
    install.add_argument("source", nargs="+", metavar="NAME|URL", help="a name; an archive; or the two checkpoints")
    install.add_argument("--sha256", action="append", default=[], help="of each address, in the same order")
    install.add_argument("--catalogue", type=Path, help="a file of names besides the one of this package")
    install.add_argument("--keep-current", action="store_true", help="install it, but do not choose it")
    for command in (bring, install):
        command.add_argument("--name", help="of the voice (default: from the file's name)")
        command.add_argument("--language", action="append", help="that it speaks (default en-US)")
        command.add_argument("--licence", help="of the weights")


def run(arguments: argparse.Namespace) -> int:
    steps = {"list": _list, "info": _info, "use": _use, "remove": _remove, "import": _import, "install": _install}
    return steps[arguments.what](arguments)


def _places() -> tuple[Path, Path]:
    return paths.user_voices(), paths.packaged_voices()


def _chosen() -> str:
    from speechd_neural.config import load
    from speechd_neural.voice.store import DEFAULT

    return load(paths.config_file()).voice.name or DEFAULT


def _list(_: argparse.Namespace) -> int:
    from speechd_neural.voice import catalogue
    from speechd_neural.voice.store import installed

    voices, chosen = installed(_places()), _chosen()
    width = max(map(len, voices), default=0)
    for name, path in sorted(voices.items()):
        print(f"{'*' if name == chosen else ' '} {name:<{width}}  {path}")
    if not voices:
        print("no voices")
    offered = {n: e for n, e in catalogue.read(paths.PACKAGE / "data" / "voices.yaml").items() if n not in voices}
    for name, entry in sorted(offered.items()):
        print(f"  {name}: {entry.title}; {', '.join(entry.languages)}; {entry.size / 1e6:.0f} MB to fetch; {entry.licence}")
    return 0


def _info(arguments: argparse.Namespace) -> int:
    from speechd_neural.voice.bundle import load
    from speechd_neural.voice.store import find

    bundle = load(find(arguments.name, _places()))
    manifest, contract = bundle.manifest, bundle.manifest.contract
    size = sum(file.stat().st_size for file in bundle.path.iterdir())
    rows = {
        "name": manifest.name, "place": bundle.path, "languages": ", ".join(manifest.languages), "licence": manifest.licence,
        "made from": manifest.provenance, "reads": f"{manifest.reads} ({len(manifest.symbols)} symbols)",
        "models": f"{manifest.acoustic.family} and {manifest.vocoder.family}",
        "sound": f"{contract.sample_rate} Hz, {contract.n_mels} bands every {contract.hop_length} samples",
        "size": f"{size / 1e6:.1f} MB",
    }  # fmt: skip
    for label, value in rows.items():
        print(f"{label:<10} {value}")
    return 0


def _use(arguments: argparse.Namespace) -> int:
    from speechd_neural.voice.store import find

    find(arguments.name, _places())
    choose(arguments.name, paths.config_file())
    print(f"{arguments.name} is chosen; a running daemon takes it after 'speechd-neural reload'")
    return 0


def choose(name: str, file: Path) -> None:
    """Write voice.name into the configuration; every other line, comments too, stays as it is.

    Raises ConfigError where the file is not valid as it stands, OutputError where it cannot be written.
    """
    from speechd_neural.config import load

    load(file)
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    line = f"  name: {name}"
    section = re.search(r"^voice:[ \t]*(#.*)?$(?P<body>(\n([ \t]+.*|[ \t]*#.*|[ \t]*)?$)*)", text, re.MULTILINE)
    if section is None:
        if re.search(r"^voice:", text, re.MULTILINE):
            raise OutputError(f"{file}: 'voice:' is written in one line; set its name to {name} there")
        new = (text if not text or text.endswith("\n") else text + "\n") + f"voice:\n{line}\n"
    else:
        body = section["body"]
        changed, count = re.subn(r"^([ \t]+name:)[^#\n]*?([ \t]*#.*)?$", rf"\1 {name}\2", body, count=1, flags=re.MULTILINE)
        new = text[: section.start("body")] + (changed if count else f"\n{line}{body}") + text[section.end("body") :]
    partial = file.with_name(f".{file.name}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(new, encoding="utf-8")
        load(partial)
        partial.replace(file)
    except OSError as error:
        raise OutputError(f"{error.filename or file}: {error.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)


def _remove(arguments: argparse.Namespace) -> int:
    from speechd_neural.voice.store import installed

    own = installed((paths.user_voices(),))
    if arguments.name not in own:
        packaged = arguments.name in installed((paths.packaged_voices(),))
        reason = "came with this program and stays" if packaged else f"is not there; there are: {', '.join(own) or 'none'}"
        raise VoiceError(f"voice {arguments.name!r} {reason}")
    if arguments.name == _chosen():
        raise UsageError(f"{arguments.name} is the voice that speaks; choose another with 'speechd-neural voices use NAME' first")
    path = own[arguments.name]
    try:
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path)
    except OSError as error:
        raise OutputError(f"{error.filename}: {error.strerror}") from None
    print(f"{arguments.name} is removed")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    first = arguments.path[0]
    name = _import_checkpoints(arguments.path, _name(arguments.name or first.stem), arguments, str(first.resolve()))
    print(f"{name} is imported; 'speechd-neural voices use {name}' chooses it")
    return 0


def _name(wanted: str) -> str:
    if not NAME.fullmatch(wanted):
        raise UsageError(f"--name {wanted!r}: expected letters, digits, '.', '_' and '-', beginning with a letter or digit")
    if (paths.user_voices() / wanted).exists():
        raise UsageError(f"there is a voice {wanted!r} already; remove it first, or give another --name")
    return wanted


def _import_checkpoints(files: list[Path], name: str, arguments: argparse.Namespace, provenance: str) -> str:
    try:
        from speechd_neural.voice.importers.voice import import_voice
    except ModuleNotFoundError as error:
        raise VoiceError(f"importing checkpoints needs {error.name}: pip install 'speechd-neural[torch]'") from None

    with _staging() as folder:
        made = Path(folder) / name
        errors = import_voice(
            files, made, name=name, languages=arguments.language or ["en-US"],
            licence=arguments.licence or LICENCE, provenance=provenance,
        )  # fmt: skip
        _place(made, name)
    print(f"largest relative error of a matrix in eight bits: {100 * max(errors.values()):.2f} %")
    return name


def _staging() -> tempfile.TemporaryDirectory[str]:
    """Beside the voices, so that putting a finished one in its place is a rename."""
    place = paths.user_voices()
    try:
        place.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix=".new-", dir=place)
    except OSError as error:
        raise OutputError(f"{error.filename or place}: {error.strerror}") from None


def _place(folder: Path, name: str) -> None:
    try:
        folder.rename(paths.user_voices() / name)
    except OSError as error:
        raise OutputError(f"{paths.user_voices() / name}: {error.strerror}") from None


def _install(arguments: argparse.Namespace) -> int:
    from speechd_neural.voice import catalogue, download

    known = dict(catalogue.read(paths.PACKAGE / "data" / "voices.yaml"))
    if arguments.catalogue is not None:
        known |= catalogue.read(arguments.catalogue)
    sources = _sources(arguments, known)
    name = _name(arguments.name or (arguments.source[0] if arguments.source[0] in known else _stem(sources[0].url)))
    kept = paths.cache_dir() / "downloads"
    try:
        kept.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{error.filename or kept}: {error.strerror}") from None
    files = []
    for source in sources:
        file = kept / f"{source.sha256[:16].lower()}-{_file_name(source.url)}"
        if not file.exists():  # a file has its name only after its hash was checked
            download.fetch(source.url, file, source.sha256, source.size, Bar(_file_name(source.url)))
        files.append(file)
    if len(files) == 2:
        _import_checkpoints(files, name, arguments, " and ".join(source.url for source in sources))
    else:
        _unpack(files[0], name)
    _speak(name)
    for file in files:
        file.unlink()
    if arguments.keep_current:
        print(f"{name} is installed; 'speechd-neural voices use {name}' chooses it")
    else:
        choose(name, paths.config_file())
        print(f"{name} is installed and chosen; a running daemon takes it after 'speechd-neural reload'")
    return 0


def _sources(arguments: argparse.Namespace, known: Mapping[str, Entry]) -> tuple[Source, ...]:
    from speechd_neural.voice.catalogue import Source

    given = arguments.source
    if len(given) == 1 and given[0] in known:
        entry = known[given[0]]
        arguments.licence = arguments.licence or entry.licence
        arguments.language = arguments.language or list(entry.languages)
        return entry.files
    for source in given:
        if "://" not in source:
            raise UsageError(f"no voice {source!r} in the catalogue; it has: {', '.join(known) or 'none'}; or give an address")
    if len(given) > 2 or len(arguments.sha256) != len(given):
        raise UsageError("one archive or two checkpoints, and --sha256 for each of them, are expected: without its hash a file "
                         "that somebody else made is not installed")  # fmt: skip
    return tuple(Source(url, sha256) for url, sha256 in zip(given, arguments.sha256, strict=True))


def _file_name(url: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", unquote(urlsplit(url).path).rsplit("/", 1)[-1]).lstrip(".") or "voice"


def _stem(url: str) -> str:
    return _file_name(url).split(".")[0]


def _unpack(archive: Path, name: str) -> None:
    """An archive of a voice directory, at its top or in one directory below it."""
    from speechd_neural.voice import download
    from speechd_neural.voice.bundle import MANIFEST, load

    if not download.is_archive(archive):
        raise UsageError(f"{archive.name}: neither a tar nor a zip archive by its name; a checkpoint comes with a second one")
    with _staging() as folder:
        download.unpack(archive, Path(folder))
        found = [file.parent for file in [*Path(folder).glob(MANIFEST), *Path(folder).glob(f"*/{MANIFEST}")]]
        if len(found) != 1:
            raise VoiceError(f"{archive.name}: {len(found)} files {MANIFEST} in it; expected a voice's directory")
        load(found[0])
        if found[0] == Path(folder):
            found[0] = Path(folder) / ".voice"
            found[0].mkdir()
            for file in Path(folder).iterdir():
                if file != found[0]:
                    file.rename(found[0] / file.name)
        _place(found[0], name)


def _speak(name: str) -> None:
    """Synthesize a sentence; a voice that cannot is taken away again."""
    from speechd_neural.errors import SpeechError
    from speechd_neural.text.frontend import FrontEnd
    from speechd_neural.types import Kind, Settings
    from speechd_neural.voice.engine import load_engine

    path = paths.user_voices() / name
    try:
        engine = load_engine(path)
        segments = FrontEnd().segments("Hello, this is your new voice.", Kind.TEXT, Settings())
        samples = sum(len(c.samples) for s in segments for c in engine.synthesize(s, seed=1, cancelled=lambda: False))
    except SpeechError as error:
        shutil.rmtree(path, ignore_errors=True)
        raise VoiceError(f"{name} was fetched, but cannot speak and is not installed: {error}") from None
    print(f"{name} spoke a sentence of {samples / engine.info.sample_rate:.1f} s")


class Bar:
    """Progress on a terminal; nothing where the output is not one."""

    def __init__(self, what: str) -> None:
        self.what, self.shown = what, 0.0

    def __call__(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        ended = done == total
        if not sys.stderr.isatty() or (now - self.shown < 0.2 and not ended):
            return
        self.shown = now
        share = f" of {total / 1e6:.1f} MB, {100 * done // total} %" if total else " MB"
        print(f"\r{self.what}: {done / 1e6:.1f}{share}  ", end="\n" if ended else "", file=sys.stderr, flush=True)
