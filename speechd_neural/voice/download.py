"""Fetching a file: with progress, going on where a broken connection stopped, kept only if its hash is the expected one.

Of a file whose hash nobody has told, only the server's certificate says whose it is: it comes over https alone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import http.client
import lzma
import os
import shutil
import tarfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from speechd_neural.errors import DownloadError

PIECE = 1 << 16
ATTEMPTS = 5  # connections in a row that bring nothing new
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
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)  # the disk is at fault, not the network
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
    try:
        with _alone(url, partial):
            if sha256 is None:
                os.truncate(partial, 0)
            _bring(url, partial, sha256, size, progress, silence, pause)
            found = _hash(partial)
            if sha256 is not None and found != sha256.lower():
                partial.unlink()
                raise DownloadError(f"{url}: not the expected file, so it was removed: SHA-256 {found[:16]}…, expected "
                                    f"{sha256[:16]}…")  # fmt: skip
            partial.replace(path)
    except OSError as error:
        raise DownloadError(f"{error.filename or partial}: {error.strerror}") from None
    return found


@contextlib.contextmanager
def _alone(url: str, partial: Path) -> Iterator[None]:
    """While nobody else writes there; no empty file is left behind."""
    with partial.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DownloadError(f"{url}: another installation is fetching it now; try again when that has ended") from None
        except OSError:  # a file system without locks
            pass
        try:
            yield
        finally:
            if partial.exists() and partial.stat().st_size == 0:
                partial.unlink()


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _bring(
    url: str, partial: Path, sha256: str | None, size: int | None, progress: Progress | None, silence: float, pause: float
) -> None:
    """One connection after the other until the file is whole, or too many in a row have brought nothing new."""
    limit = size if size is not None else LARGEST
    furthest = partial.stat().st_size
    fruitless, reason = 0, ""
    while True:
        before = partial.stat().st_size
        try:
            if _transfer(url, sha256, partial, limit, progress, silence):
                return
            reason = "the connection ended early"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416 and before:  # the part is longer than the file: it is of another file
                os.truncate(partial, 0)
            elif error.code < 500:
                raise DownloadError(f"{url}: the server answered {_answer(error)}") from None
            reason = f"the server answered {_answer(error)}"
        except http.client.HTTPException as error:
            reason = f"what the server answered is not HTTP ({type(error).__name__})"
        except OSError as error:
            if error.errno in FULL:
                raise
            inner = getattr(error, "reason", error)
            reason = getattr(inner, "strerror", None) or str(inner) or type(error).__name__
        now = partial.stat().st_size
        if sha256 is not None and now > before and _hash(partial) == sha256.lower():
            return  # whatever length the server told
        # Counted from the most there ever was: who always begins anew and never ends would go on for ever.
        furthest, fruitless = max(furthest, now), 0 if now > furthest else fruitless + 1
        if fruitless == ATTEMPTS:
            kept = "; the part that arrived is kept, and the next attempt goes on from there" if sha256 and now else ""
            raise DownloadError(f"{url}: {reason}{kept}")
        time.sleep(pause)


def _answer(error: urllib.error.HTTPError) -> str:
    return f"{error.code} {str(error.reason).partition(chr(10))[0]}"


def _transfer(url: str, sha256: str | None, partial: Path, limit: int, progress: Progress | None, silence: float) -> bool:
    """One connection; True when the file is complete as far as the server says."""
    have = partial.stat().st_size
    headers = {"User-Agent": "speechd-neural"} | ({"Range": f"bytes={have}-"} if have else {})
    opener = urllib.request.build_opener(_Redirects(url, sha256))
    with opener.open(urllib.request.Request(url, headers=headers), timeout=silence) as reply:
        if reply.headers.get_content_type() == "text/html":
            raise DownloadError(f"{url}: the server sent a web page and no file; does the network ask for a login?")
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
                    file.truncate(0)  # whatever this is, more of it will not make it right
                    raise DownloadError(f"{url}: more than the expected {limit} bytes")
                file.write(piece)
                if progress is not None:
                    progress(done, total)
    return total is None or done == total


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Only to where the file could have been asked for in the first place."""

    def __init__(self, url: str, sha256: str | None) -> None:
        self._url, self._sha256 = url, sha256

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> Any:
        try:
            check(newurl, self._sha256)
        except DownloadError as error:
            raise DownloadError(f"{self._url}: redirected to {error}") from None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def unpack(archive: Path, folder: Path) -> None:
    """A tar or zip archive into an empty directory. Raises DownloadError for anything but plain files inside it."""
    left, count = LARGEST, 0
    if not archive.is_file():  # to open a pipe is to wait for somebody to write
        raise DownloadError(f"{archive}: not a file; a tar or zip archive is accepted")

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
        reason = str(error).partition("\n")[0].rstrip(":") or type(error).__name__  # tarfile lists every way it has tried
        raise DownloadError(f"{archive.name}: cannot be unpacked: {reason}") from None


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
