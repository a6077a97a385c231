"""Files that somebody else may have made: a voice's manifest and weights, the phrase cache, archives."""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.fuzz.clients import needs
from bench.fuzz.running import Target
from speechd_neural import paths
from speechd_neural.audio import said_days
from speechd_neural.audio.phrase_file import CachedPhrase, decode, encode
from speechd_neural.errors import SpeechError, VoiceError
from speechd_neural.voice import bundle, download, safetensors

YAML = [word.encode().replace(b"_", b" ") for word in (
    "&a_ *a !!float_ !!int_'' !!timestamp_x <<:_ :_ -_ [ ] { } ' \" ~ true deviation:_.inf words_per_minute:_1e30 ../../x"
).split()]  # fmt: skip


def _one_line(error: SpeechError, name: str) -> None:
    needs(name in str(error) and "\n" not in str(error), f"not one line that names the file: {error}")


@contextlib.contextmanager
def manifest(folder: Path) -> Iterator[Target]:
    good = [path.read_bytes() for path in sorted(paths.packaged_voices().glob("*/voice.yaml"))]
    file = folder / bundle.MANIFEST

    def one(data: bytes) -> None:
        file.write_bytes(data)
        try:
            bundle.describe(folder)
        except VoiceError as error:
            _one_line(error, str(file))

    def works() -> None:
        file.write_bytes(good[0])
        needs(bool(bundle.describe(folder).manifest.name), "the manifest of a voice in the box is not read")

    # The long table of takes would get most of the changes, and take most of the time.
    short = [text.split(b"\ntakes:")[0] + b"\n" + text[text.find(b"\nfiles:") + 1 :] for text in good]
    yield Target(5 * short + good, YAML, one, works, 3.0)


@contextlib.contextmanager
def weights(folder: Path) -> Iterator[Target]:
    arrays = {"a.weight": np.ones((3, 4), np.float32), "a.scale": np.ones(3, np.float16), "b": np.ones((2, 2, 2), np.int8)}
    good = safetensors.to_bytes(arrays)
    file = folder / "weights.safetensors"

    def one(data: bytes) -> None:
        try:
            found = safetensors.parse(data, file)
        except VoiceError as error:
            _one_line(error, str(file))
            return
        needs(sum(array.nbytes for array in found.values()) <= 4 * len(data) + 64, "more than the file holds")

    def works() -> None:
        needs(np.array_equal(safetensors.parse(good, file)["b"], arrays["b"]), "an array is not read")

    words = [word.encode() for word in '"dtype":"F32" "shape":[ "data_offsets":[0,48] __metadata__ null [] {} "a" I8 ,'.split()]
    yield Target([good], words, one, works)


@contextlib.contextmanager
def cache(folder: Path) -> Iterator[Target]:
    """A phrase's file, and the list of days."""
    name = "ab" * 20
    phrase = CachedPhrase(np.arange(50, dtype=np.int16), ((0, 0, 25), (1, 25, 50)), np.ones(5, np.float32))
    good = encode(name, phrase)
    days = folder / "days"
    said_days.count(days, {f"{number:040x}": 739_000 for number in range(3)}, 739_000)
    counted = days.read_bytes()

    def one(data: bytes) -> None:
        try:
            decode(name, data)
            needs(data == good, "a damaged phrase is taken for a whole one")
        except ValueError:
            pass
        days.write_bytes(data)
        needs(not said_days.read(days) or data == counted, "a damaged list is taken for a whole one")

    def works() -> None:
        needs(np.array_equal(decode(name, good).samples, phrase.samples), "a phrase is not read")

    yield Target([good, counted], [good[:40], counted[:16], b"\xff" * 4], one, works)


@contextlib.contextmanager
def archive(folder: Path) -> Iterator[Target]:
    """Whatever an archive holds, nothing is written outside of its directory."""
    file, place = folder / "x.tar", folder / "in" / "here"
    outside = {folder, file, folder / "in"}

    def one(data: bytes) -> None:
        file.write_bytes(data)
        place.mkdir(parents=True)
        try:
            download.unpack(file, place)
        except SpeechError as error:
            _one_line(error, file.name)
        finally:
            for path in place.rglob("*"):
                needs(not path.is_symlink(), "a link was made")
            shutil.rmtree(place)
        needs(set(folder.rglob("*")) | {folder} == outside, "something was written elsewhere")

    def works() -> None:
        one(_tar(""))

    words = [b"../", b"/etc/x", b"..\\", b"ustar", b"PK\x01\x02", b"PK\x05\x06", b"2", b"L", b"x" * 120, b"0000777\0", b"7" * 11]
    yield Target([_tar(""), _tar("gz"), _tar("xz"), _zip()], words, one, works, 3.0)


def _tar(mode: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=f"w:{mode}") as tar:  # type: ignore[call-overload]
        for name in ("voice.yaml", "a/weights.safetensors"):
            entry = tarfile.TarInfo(name)
            entry.size = 30
            tar.addfile(entry, io.BytesIO(hashlib.sha256(name.encode()).digest()[:30]))
    return made.getvalue()


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("voice.yaml", "name: x\n" * 5)
        packed.writestr("a/weights.safetensors", b"\0" * 64)
    return made.getvalue()
