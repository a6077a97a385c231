"""How `speechd-neural voices` brings a voice: fetched or imported aside, tried there, then put in its place by one rename.

So a running daemon never sees half a voice, nor one that cannot speak. Every step is told in a line of its own, for
ears as well as for eyes.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from speechd_neural import paths
from speechd_neural.commands.voices_trial import try_out
from speechd_neural.errors import OutputError, SpeechError, UsageError, VoiceError, needs

if TYPE_CHECKING:
    from speechd_neural.voice.catalogue import Entry, Source

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LICENCE = "as the publisher of the weights states it"
FORGOTTEN = 86400.0  # seconds after which what a killed installation left is removed


def import_checkpoints(arguments: argparse.Namespace) -> str:
    """The name of the voice that was made of the files that are here."""
    from speechd_neural.voice import download
    from speechd_neural.voice.bundle import MANIFEST

    first: Path = arguments.path[0]
    origin = first.resolve()
    archive = download.is_archive(origin)
    name = free_name(arguments.name or (_stem(origin.name) if archive else origin.stem))
    with _staging() as folder:
        made = Path(folder) / name
        if len(arguments.path) == 1 and archive:
            made = _unpacked(first, made, arguments, str(origin))
        elif len(arguments.path) == 1 and (first / MANIFEST).is_file():
            made = _copied(first, made)
        else:
            made = _made_of(arguments.path, made, arguments, str(origin))
        _check_languages(made)
        try:
            _try_out(made)
        except SpeechError as error:
            _say(f"it is imported all the same, but it could not speak a sentence: {error}")
        _place(made, name)
    return name


def install(arguments: argparse.Namespace) -> str:
    """The name of the voice that was fetched and has spoken."""
    from speechd_neural.voice import catalogue

    known = dict(catalogue.read(paths.PACKAGE / "data" / "voices.yaml"))
    if arguments.catalogue is not None:
        known |= catalogue.read(arguments.catalogue)
    sources = _sources(arguments, known)
    name = free_name(arguments.name or (arguments.source[0] if arguments.source[0] in known else _stem(sources[0].url)))
    if len(sources) == 2 and importlib.util.find_spec("torch") is None:
        raise VoiceError(needs("importing checkpoints", "PyTorch", "torch"))  # said before anything is fetched
    with _staging() as folder:
        fetched = [_fetched(source, Path(folder) / f"fetched-{number}") for number, source in enumerate(sources)]
        files = [file for file, _ in fetched]
        if len(files) == 2:
            origins = (f"{source.url} (SHA-256 {found})" for source, (_, found) in zip(sources, fetched, strict=True))
            made = _made_of(files, Path(folder) / name, arguments, " and ".join(origins))
        else:
            source, (_, found) = sources[0], fetched[0]
            made = _unpacked(files[0], Path(folder) / name, arguments, f"{source.url} (SHA-256 {found})")
        try:
            _check_languages(made)
            _try_out(made)
        except SpeechError as error:
            raise VoiceError(f"{name} was fetched, but cannot speak and is not installed: {error}") from None
        _place(made, name)
    for file in files:
        file.unlink(missing_ok=True)
    return name


def free_name(wanted: str) -> str:
    """Raises UsageError for a name that a directory cannot have, or that another voice has."""
    from speechd_neural.voice.store import installed

    if not NAME.fullmatch(wanted):
        raise UsageError(f"{wanted!r} is no name for a voice: expected letters, digits, '.', '_' and '-', beginning with a "
                         "letter or digit; --name gives another")  # fmt: skip
    if wanted in installed((paths.packaged_voices(),)):
        raise UsageError(f"{wanted!r} is the name of a voice that came with this program; --name gives another")
    if (paths.user_voices() / wanted).exists():
        raise UsageError(f"there is a voice {wanted!r} already; 'speechd-neural voices remove {wanted}' removes it, --name "
                         "gives another name")  # fmt: skip
    return wanted


def _say(line: str) -> None:
    print(line, flush=True)


def _sources(arguments: argparse.Namespace, known: Mapping[str, Entry]) -> tuple[Source, ...]:
    from speechd_neural.voice import download
    from speechd_neural.voice.catalogue import Source

    given = arguments.source
    if len(given) == 1 and given[0] in known:
        entry = known[given[0]]
        arguments.licence = arguments.licence or entry.licence
        arguments.language = arguments.language or list(entry.languages)
        sources = entry.files
    else:
        for source in given:
            if "://" not in source:
                raise UsageError(f"no voice {source!r} in the catalogue; it has: {', '.join(known) or 'none'}; an address is "
                                 "accepted too")  # fmt: skip
        sources = tuple(Source(url) for url in given)
    if len(sources) > 2 or (arguments.sha256 and len(arguments.sha256) != len(sources)):
        raise UsageError("one archive or two checkpoints, and --sha256 for each of them, are expected")
    if arguments.sha256:
        pairs = zip(sources, arguments.sha256, strict=True)
        sources = tuple(Source(source.url, sha256, source.size) for source, sha256 in pairs)
    if not arguments.unverified and any(source.sha256 is None for source in sources):
        raise UsageError(f"{' '.join(given)}: no hash is known by which to tell whether the right file arrives; --sha256 gives "
                         "it, --unverified accepts what the server has (only weights are read, nothing is executed)")  # fmt: skip
    for source in sources:  # all of them, before the first is fetched
        download.check(source.url, source.sha256)
    if len(sources) == 1 and not download.is_archive(Path(_file_name(sources[0].url))):
        raise UsageError(f"{sources[0].url}: no archive by its name ({', '.join(download.ARCHIVES)}); checkpoints come in twos, "
                         "an acoustic model and a vocoder")  # fmt: skip
    return sources


def _file_name(url: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", unquote(urlsplit(url).path).rsplit("/", 1)[-1]).lstrip(".") or "voice"


def _stem(url: str) -> str:
    return _file_name(url).split(".")[0]


def _fetched(source: Source, staging: Path) -> tuple[Path, str]:
    """The file of that address, and its SHA-256.

    One whose hash is known is kept where a later attempt finds it, under its name only after the hash was checked.
    """
    from speechd_neural.voice import download

    what = _file_name(source.url)
    if source.sha256 is None:
        place, file = staging, staging / what
    else:
        place = paths.cache_dir() / "downloads"
        file = place / f"{source.sha256[:16].lower()}-{what}"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{error.filename or place}: {error.strerror}") from None
    if source.sha256 is not None and file.exists():
        _say(f"{what} was fetched before")
        return file, source.sha256.lower()
    with Progress(what, source.sha256 is not None) as progress:
        found = download.fetch(source.url, file, source.sha256, source.size, progress)
    if source.sha256 is None:
        _say(f"the SHA-256 of {what} is {found}")
    return file, found


def _made_of(files: list[Path], made: Path, arguments: argparse.Namespace, provenance: str) -> Path:
    """A voice directory of two checkpoints."""
    try:
        from speechd_neural.voice.importers.voice import files_of, import_voice
    except ModuleNotFoundError as error:
        raise VoiceError(needs("importing checkpoints", error.name or "PyTorch", error.name or "torch")) from None

    files = [_checkpoint(file, made.parent / f"checkpoint-{n}") for n, file in enumerate(files_of(files))]
    _say("making a voice of the two files, which may take a minute")
    errors = import_voice(
        files, made, name=made.name, languages=arguments.language or ["en-US"],
        licence=arguments.licence or LICENCE, provenance=provenance,
    )  # fmt: skip
    _say(f"its weights are rounded to eight bits; the largest error of a matrix is {100 * max(errors.values()):.2f} %")
    return made


def _checkpoints_in(folder: Path) -> list[Path]:
    from speechd_neural.voice.download import CHECKPOINTS

    return sorted(path for path in folder.rglob("*") if path.suffix in CHECKPOINTS)


def _checkpoint(file: Path, folder: Path) -> Path:
    """The file, or the one checkpoint of an archive, beside which its hparams.py may lie."""
    from speechd_neural.voice import download

    if not download.is_archive(file):
        return file
    download.unpack(file, folder)
    found = _checkpoints_in(folder)
    if len(found) != 1:
        raise VoiceError(f"{file.name}: {len(found)} checkpoints ({', '.join(download.CHECKPOINTS)}) in it; expected one")
    return found[0]


def _unpacked(archive: Path, made: Path, arguments: argparse.Namespace, provenance: str) -> Path:
    """The voice directory of an archive, at its top or one directory below; or one made of the two checkpoints in it."""
    from speechd_neural.voice import download
    from speechd_neural.voice.bundle import MANIFEST

    top = made.parent / "unpacked"
    download.unpack(archive, top)
    found = [file.parent for file in [*top.glob(MANIFEST), *top.glob(f"*/{MANIFEST}")]]
    halves = _checkpoints_in(top)
    if not found and len(halves) == 2:
        return _made_of(halves, made, arguments, provenance)
    if len(found) != 1:
        raise VoiceError(f"{archive.name}: {len(found)} files {MANIFEST} and {len(halves)} checkpoints in it; expected one "
                         "voice's directory, or two checkpoints")  # fmt: skip
    return _copied(found[0], made)


def _copied(voice: Path, made: Path) -> Path:
    """A voice directory that lies elsewhere, without whatever else there is in it."""
    from speechd_neural.voice.bundle import MANIFEST, WEIGHTS, load

    load(voice)
    made.mkdir()
    for name in (MANIFEST, WEIGHTS):
        try:
            shutil.copyfile(voice / name, made / name)
        except OSError as error:
            raise OutputError(f"{made}: {error.strerror}") from None
    return made


def _check_languages(voice: Path) -> None:
    """Tell which of its languages it does not read. Raises VoiceError where that is all of them."""
    from speechd_neural.voice.languages import unread

    if left := unread(voice):
        _say(f"it does not read {', '.join(left)[:60]}, for which there are no rules here: espeak-ng speaks that")


def _try_out(voice: Path) -> None:
    """Raises SpeechError where it cannot speak."""
    _say(f"tried without sound: it spoke a sentence of {try_out(voice):.1f} seconds")


@contextlib.contextmanager
def _staging() -> Iterator[str]:
    """A directory beside the voices, so that putting a finished one in its place is a rename. A request to end, as at a
    logout, leaves nothing of it either.
    """
    place = paths.user_voices()
    try:
        place.mkdir(parents=True, exist_ok=True)
        for left in place.glob(".new-*"):
            with contextlib.suppress(OSError):  # another installation has just finished
                if time.time() - left.stat().st_mtime > FORGOTTEN:
                    shutil.rmtree(left)
        folder = tempfile.TemporaryDirectory(prefix=".new-", dir=place)
    except OSError as error:
        raise OutputError(f"{error.filename or place}: {error.strerror}") from None
    ends = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]  # not: nohup
    for number in ends:
        signal.signal(number, _end)
    try:
        with folder as path:
            try:
                yield path
            except SpeechError as error:  # what nobody will find any more is told by its name in the archive
                told = re.sub(rf"{re.escape(path)}/(unpacked|(fetched|checkpoint)-\d+)/", "", str(error))
                raise type(error)(told) from error
    finally:
        for number in ends:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def _place(folder: Path, name: str) -> None:
    try:
        folder.rename(paths.user_voices() / name)
    except OSError as error:
        free_name(name)  # another installation may have been faster
        raise OutputError(f"{paths.user_voices() / name}: {error.strerror}") from None


class Progress:
    """Of a download. On a terminal one line, written over once a second; elsewhere a new line for every tenth (of a size
    that the server does not tell: every 10 MB), as a screen reader or a file wants it. kept: what arrives outlasts a stop.
    """

    EVERY = 1.0  # seconds; more often would keep a screen reader from saying anything else

    def __init__(self, what: str, kept: bool) -> None:
        self._kept = kept
        self._what, self._shown, self._step, self._open = what, 0.0, -1, False

    def __enter__(self) -> Progress:
        print(f"fetching {self._what}", file=sys.stderr, flush=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._open:
            print(file=sys.stderr, flush=True)
        if kind is KeyboardInterrupt:
            then = "goes on from what arrived" if self._kept else "begins again"
            print(f"stopped; the same command {then}", file=sys.stderr, flush=True)

    def __call__(self, done: int, total: int | None) -> None:
        """Bytes that are here, and in all, where that is known."""
        share = f" of {total / 1e6:.1f} MB, {100 * done // total} percent" if total else " MB"
        line = f"{self._what}: {done / 1e6:.1f}{share}"
        if sys.stderr.isatty():
            now = time.monotonic()
            if now - self._shown >= self.EVERY or done == total:
                self._shown, self._open = now, True
                print(f"\r{line}  ", end="", file=sys.stderr, flush=True)
            return
        step = 10 * done // total if total else done // 10_000_000
        if step > self._step >= 0 or done == total:
            print(line, file=sys.stderr, flush=True)
        self._step = step
