"""Fetching a file: with progress, going on where a broken connection stopped, kept only if its hash is the expected one.

Of a file whose hash nobody has told, only the server's certificate says whose it is: it comes over https alone.
"""

from __future__ import annotations

import hashlib
import http.client
import lzma
import shutil
import tarfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from speechd_neural.errors import DownloadError

PIECE = 1 << 16
ATTEMPTS = 5  # connections in a row that bring nothing
PAUSE = 1.0  # seconds between them: a network that is gone for a moment comes back
SILENCE = 30.0  # seconds without a byte after which a connection is given up
LARGEST = 4 << 30  # bytes, of a file and of all that is in an archive
DEEPEST, MOST_ENTRIES = 8, 1000  # of an archive
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
CHECKPOINTS = (".pt", ".pth", ".pyt", ".ckpt")
SCHEMES = ("https", "http")
HERE = ("localhost", "127.0.0.1", "::1")  # nobody is between this program and these
# What the readers of archives raise, besides their own, where the bytes are not what they should be.
DAMAGED = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError, ValueError,
)  # fmt: skip
Progress = Callable[[int, int | None], None]  # bytes so far, bytes in all where the server says so


def check(url: str, sha256: str | None) -> None:
    """Raises DownloadError for what is no web address or no hash, and without a hash for what anybody on the way could change."""
    accepted = ", ".join(f"{scheme}://…" for scheme in SCHEMES)
    try:
        parts = urllib.parse.urlsplit(url)
        known = parts.scheme in SCHEMES and bool(parts.hostname) and (parts.port or 1) > 0  # a port that is none raises
    except ValueError:
        known = False
    if not known or not url.isascii() or not url.isprintable() or " " in url:
        raise DownloadError(f"{url!r}: not a web address; accepted: {accepted}, other than plain letters written as %NN")
    if sha256 is None:
        if parts.scheme != "https" and parts.hostname not in HERE:
            raise DownloadError(f"{url}: anybody on the way could change it; accepted without a hash: https://…")
    elif len(sha256) != 64 or not set(sha256.lower()) <= set("0123456789abcdef"):
        raise DownloadError(f"{url}: SHA-256 {sha256!r}: expected 64 hexadecimal digits")


def fetch(
    url: str, path: Path, sha256: str | None, size: int | None = None, progress: Progress | None = None,
    silence: float = SILENCE, pause: float = PAUSE,
) -> str:  # fmt: skip
    """Download `url` to `path`; returns its SHA-256. sha256: what that must be; None: whatever the server has.

    The part that is there after a break lies beside it as PATH.partial and is gone on with; without a hash only in
    the same call, since nothing else would tell that the server has another file by now.

    Raises DownloadError that names the URL; then there is no file under `path`, and none at all with a wrong hash.
    """
    check(url, sha256)
    partial = path.with_name(path.name + ".partial")
    if sha256 is None:
        partial.unlink(missing_ok=True)
    limit = size if size is not None else LARGEST
    fruitless, reason = 0, ""
    while fruitless < ATTEMPTS:
        before = partial.stat().st_size if partial.exists() else 0
        try:
            if _transfer(url, sha256, partial, limit, progress, silence):
                break
            reason = "the connection ended early"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416 and before:  # the part is longer than the file: it is of another file
                partial.unlink()
            elif error.code < 500:
                raise DownloadError(f"{url}: the server answered {error.code} {error.reason}") from None
            reason = f"the server answered {error.code} {error.reason}"
        except (OSError, http.client.HTTPException) as error:
            inner = getattr(error, "reason", error)
            reason = getattr(inner, "strerror", None) or str(inner) or type(error).__name__
        now = partial.stat().st_size if partial.exists() else 0
        fruitless = 0 if now > before else fruitless + 1
        if fruitless < ATTEMPTS:
            time.sleep(pause)
    else:
        goes_on = sha256 is not None and partial.exists()
        kept = "; the part that arrived is kept, and the next attempt goes on from there" if goes_on else ""
        raise DownloadError(f"{url}: {reason}{kept}")
    with partial.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 is not None and found != sha256.lower():
        partial.unlink()
        raise DownloadError(f"{url}: not the expected file, so it was removed: SHA-256 {found[:16]}…, expected {sha256[:16]}…")
    partial.replace(path)
    return found


def _transfer(url: str, sha256: str | None, partial: Path, limit: int, progress: Progress | None, silence: float) -> bool:
    """One connection; True when the file is complete as far as the server says."""
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"User-Agent": "speechd-neural"} | ({"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=silence) as reply:
        try:
            check(reply.url, sha256)
        except DownloadError as error:
            raise DownloadError(f"{url}: redirected to {error}") from None
        goes_on = reply.status == 206 and str(reply.headers.get("Content-Range", "")).startswith(f"bytes {have}-")
        length = reply.headers.get("Content-Length")
        start = have if goes_on else 0
        total = start + int(length) if length is not None and length.isdigit() else None
        if total is not None and total > limit:
            raise DownloadError(f"{url}: {total} bytes; expected at most {limit}")
        with partial.open("ab" if goes_on else "wb") as file:
            done = start
            while piece := reply.read1(PIECE):
                done += len(piece)
                if done > limit:
                    partial.unlink()  # whatever this is, more of it will not make it right
                    raise DownloadError(f"{url}: more than the expected {limit} bytes")
                file.write(piece)
                if progress is not None:
                    progress(done, total)
    return total is None or done == total


def unpack(archive: Path, folder: Path) -> None:
    """A tar or zip archive into an empty directory. Raises DownloadError for anything but plain files inside it."""
    left, count = LARGEST, 0

    def accept(name: str, plain: bool, size: int) -> None:
        nonlocal left, count
        left, count = left - size, count + 1
        if name in (".", "./"):  # as `tar -c .` begins
            return
        _accept(archive, name, plain)
        if left < 0 or size < 0 or count > MOST_ENTRIES:
            raise DownloadError(f"{archive.name}: accepted are at most {MOST_ENTRIES} files of {LARGEST} bytes together")

    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as packed:
                for entry in packed.infolist():
                    accept(entry.filename, (entry.external_attr >> 28) in (0, 4, 8), entry.file_size)
                    if not entry.is_dir():
                        with packed.open(entry) as source:
                            _write(folder / entry.filename, source)
            return
        with tarfile.open(archive) as tar:
            for member in tar:
                accept(member.name, member.isfile() or member.isdir(), member.size)
                content = tar.extractfile(member) if member.isfile() else None
                if content is not None:
                    with content:
                        _write(folder / member.name, content)
    except DAMAGED as error:
        raise DownloadError(f"{archive.name}: cannot be unpacked: {error or type(error).__name__}") from None


def is_archive(path: Path) -> bool:
    """By its name; epoch-9.pth.tar is none, but one checkpoint."""
    return path.name.endswith(ARCHIVES) and not path.name.endswith(tuple(f"{ending}.tar" for ending in CHECKPOINTS))


def _accept(archive: Path, name: str, plain: bool) -> None:
    parts = Path(name.replace("\\", "/")).parts
    if not parts or name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise DownloadError(f"{archive.name}: {name!r} would be written outside of its directory; the archive is refused")
    if not plain:
        raise DownloadError(f"{archive.name}: {name!r} is a link or device; the archive is refused")
    if len(parts) > DEEPEST:
        raise DownloadError(f"{archive.name}: directories {len(parts)} deep; accepted: at most {DEEPEST}")


def _write(path: Path, source: IO[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        shutil.copyfileobj(source, file, PIECE)
