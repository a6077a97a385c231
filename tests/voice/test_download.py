"""Downloads from a server that is slow, breaks off, lies about the length or sends something else; hostile archives."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import resource
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from speechd_neural.errors import DownloadError
from speechd_neural.voice import download
from speechd_neural.voice.download import fetch, unpack

DATA = os.urandom(300_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
COUNTED = b" ".join(b"%d" % n for n in range(20_000))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    ranges: list[str]
    over: threading.Event
    elsewhere = ""


class Replies(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        kind = self.path.strip("/").split("/")[0]
        asked = self.headers.get("Range", "")
        self.server.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and kind != "norange" else 0
        rest = DATA[start:]
        if kind == "missing" or (kind in ("strict", "other") and asked and start >= len(DATA)):
            self.send_error(404 if kind == "missing" else 416)
            return
        if kind in ("redirect", "away", "loop"):
            self.send_response(302)
            places = {"redirect": "file:///etc/passwd", "loop": self.path}
            self.send_header("Location", places.get(kind, self.server.elsewhere))
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(DATA) - 1}/{len(DATA)}")
        if kind == "login":
            self.send_header("Content-Type", "text/html; charset=utf-8")
        if kind == "other":
            rest = b"x" * len(rest)
        more = len(rest) + 1000
        length = {"strict": more, "other": more, "longer": more, "huge": 1 << 40}.get(kind, len(rest))
        if kind != "nolength":
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if kind in ("breaks", "norange") and start == 0 and len(self.server.ranges) < 3:
            rest = rest[:100_000]
        elif kind == "breaks":
            rest = rest[:90_000]
        if kind == "silent":
            self.server.over.wait(60)
            return
        for first in range(0, len(rest), 30_000):
            try:
                self.wfile.write(rest[first : first + 30_000])
            except OSError:  # who refuses what comes hangs up
                break
            if kind == "slow":
                time.sleep(0.02)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serving(host: str) -> Iterator[tuple[str, Server]]:
    server = Server((host, 0), Replies)
    server.ranges, server.over = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://{host}:{server.server_port}", server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def server() -> Iterator[tuple[str, Server]]:
    with serving("127.0.0.1") as found:
        yield found


@pytest.mark.parametrize("kind", ["plain", "slow", "breaks", "norange", "nolength", "longer", "strict"])
def test_arrives_whole(tmp_path: Path, server: tuple[str, Server], kind: str) -> None:
    told: list[tuple[int, int | None]] = []
    fetch(f"{server[0]}/{kind}/voice.tar", tmp_path / "voice.tar", SHA256, progress=lambda *now: told.append(now), pause=0)
    assert (tmp_path / "voice.tar").read_bytes() == DATA and [p.name for p in tmp_path.iterdir()] == ["voice.tar"]
    said = {"nolength": None, "longer": len(DATA) + 1000, "strict": len(DATA) + 1000}
    assert told[-1] == (len(DATA), said.get(kind, len(DATA)))
    if kind == "breaks":
        assert server[1].ranges == ["", "bytes=100000-", "bytes=190000-", "bytes=280000-"]


def test_goes_on_in_another_call(tmp_path: Path, server: tuple[str, Server]) -> None:
    (tmp_path / "v.partial").write_bytes(DATA[:123_456])
    fetch(f"{server[0]}/plain", tmp_path / "v", SHA256)
    assert server[1].ranges == ["bytes=123456-"] and (tmp_path / "v").read_bytes() == DATA


def test_a_part_of_something_else_is_found_by_the_hash(tmp_path: Path, server: tuple[str, Server]) -> None:
    (tmp_path / "v.partial").write_bytes(b"x" * 1000)
    with pytest.raises(DownloadError, match="not the expected file"):
        fetch(f"{server[0]}/plain", tmp_path / "v", SHA256)
    assert not list(tmp_path.iterdir())


def test_without_a_hash_nothing_of_an_earlier_call_is_taken(tmp_path: Path, server: tuple[str, Server]) -> None:
    (tmp_path / "v.partial").write_bytes(b"x" * 1000)
    assert fetch(f"{server[0]}/breaks", tmp_path / "v", None, pause=0) == SHA256
    assert (tmp_path / "v").read_bytes() == DATA and server[1].ranges[:2] == ["", "bytes=100000-"]


def test_without_a_hash_only_what_nobody_can_change_on_the_way(tmp_path: Path, server: tuple[str, Server]) -> None:
    with pytest.raises(DownloadError, match=r"http://voices\.example/v: anybody .* accepted without a hash: https://"):
        fetch("http://voices.example/v", tmp_path / "v", None)
    with serving("127.0.0.2") as (away, _):  # an address that does not count as this machine's own
        server[1].elsewhere = f"{away}/plain"
        with pytest.raises(DownloadError, match=r"redirected to http://127\.0\.0\.2.*anybody"):
            fetch(f"{server[0]}/away", tmp_path / "v", None)
        assert fetch(f"{server[0]}/away", tmp_path / "v", SHA256) == SHA256


@pytest.mark.parametrize("sha256, kept", [(SHA256, True), (None, False)])
def test_what_is_kept_is_told(tmp_path: Path, server: tuple[str, Server], sha256: str | None, kept: bool) -> None:
    (tmp_path / "v.partial").write_bytes(DATA[:1000])
    with pytest.raises(DownloadError) as caught:
        fetch(f"{server[0]}/silent", tmp_path / "v", sha256, silence=0.1, pause=0)
    assert ("is kept" in str(caught.value)) == kept


@pytest.mark.parametrize(
    "kind, reason, left",
    [
        ("other", "the connection ended early|416", 1), ("login", "a web page", 0), ("loop", "302 .* infinite loop", 0),
        ("huge", "expected at most", 0), ("missing", "404", 0),
        ("silent", "timed out", 1), ("redirect", "redirect", 0),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, server: tuple[str, Server], kind: str, reason: str, left: int) -> None:
    silence = 0.3 if kind == "silent" else 60
    with pytest.raises(DownloadError, match=reason) as caught:
        fetch(f"{server[0]}/{kind}", tmp_path / "v", SHA256, silence=silence, pause=0)
    assert server[0] in str(caught.value) and "\n" not in str(caught.value)
    assert len(list(tmp_path.iterdir())) <= left and not (tmp_path / "v").exists()


def test_nobody_is_asked_whom_a_redirect_must_not_lead_to(tmp_path: Path, server: tuple[str, Server]) -> None:
    server[1].elsewhere = "ftp://127.0.0.1:9/v"
    with pytest.raises(DownloadError, match=r"redirected to 'ftp://127\.0\.0\.1:9/v': not a web address"):
        fetch(f"{server[0]}/away", tmp_path / "v", SHA256, pause=0)
    with serving("127.0.0.2") as (away, other):
        server[1].elsewhere = f"{away}/plain"
        with pytest.raises(DownloadError, match="redirected to"):
            fetch(f"{server[0]}/away", tmp_path / "v", None, pause=0)
        assert not other.ranges


def test_two_at_once(tmp_path: Path, server: tuple[str, Server]) -> None:
    """The second one is told, and neither spoils the other's part."""
    begun, go_on = threading.Event(), threading.Event()

    def progress(*_: object) -> None:
        begun.set()
        go_on.wait(60)

    found: list[str] = []
    first = threading.Thread(target=lambda: found.append(fetch(f"{server[0]}/slow", tmp_path / "v", SHA256, progress=progress)))
    first.start()
    assert begun.wait(60)
    with pytest.raises(DownloadError, match="another installation is fetching it now"):
        fetch(f"{server[0]}/plain", tmp_path / "v", SHA256)
    go_on.set()
    first.join()
    assert found == [SHA256] and [p.name for p in tmp_path.iterdir()] == ["v"]


def test_a_full_disk(tmp_path: Path, server: tuple[str, Server]) -> None:
    """It is told at once, and what arrived stays for a later attempt."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(DownloadError, match=r"v\.partial: File too large"):
            fetch(f"{server[0]}/plain", tmp_path / "v", SHA256, pause=60)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert fetch(f"{server[0]}/plain", tmp_path / "v", SHA256) == SHA256
    assert server[1].ranges == ["", "bytes=100000-"]


def test_more_than_announced_in_the_catalogue_is_refused(tmp_path: Path, server: tuple[str, Server]) -> None:
    for kind in ("plain", "nolength"):
        with pytest.raises(DownloadError, match="expected"):
            fetch(f"{server[0]}/{kind}", tmp_path / "v", SHA256, size=1000)
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "url, sha256",
    [
        ("file:///etc/passwd", SHA256), ("http://127.0.0.1:9/x", "abc"), ("http://[x/v", SHA256), ("http:///v", SHA256),
        ("http://127.0.0.1:99999/v", SHA256), ("http://127.0.0.1:9/ü", SHA256), ("http://127.0.0.1:9/a b", SHA256),
        ("http://127.0.0.1:9/\n", SHA256),
    ],
)  # fmt: skip
def test_bad_requests(tmp_path: Path, url: str, sha256: str) -> None:
    with pytest.raises(DownloadError, match=r"accepted|64 hexadecimal") as caught:
        fetch(url, tmp_path / "v", sha256)
    assert "\n" not in str(caught.value)


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch("http://127.0.0.1:9/v", tmp_path / "v", SHA256, pause=0)
    assert str(caught.value) == "http://127.0.0.1:9/v: Connection refused" and not list(tmp_path.iterdir())


def tar_of(*entries: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for entry in entries:
            entry.size = 3 if entry.isfile() else 0
            tar.addfile(entry, io.BytesIO(b"abc") if entry.isfile() else None)
    return out.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


def zip_of(name: str, content: bytes = b"abc") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return out.getvalue()


def damaged(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(b ^ 0x5A for b in data[middle : middle + 40]) + data[middle + 40 :]


def packed_tar(mode: str, content: bytes = COUNTED, names: int = 1) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:  # type: ignore[call-overload]
        for number in range(names):
            entry = tarfile.TarInfo(f"a{number}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "up.tar.gz": lambda: tar_of(tarfile.TarInfo("a/../../b")),
    "absolute.tar.gz": lambda: tar_of(tarfile.TarInfo("/tmp/b")),
    "symlink.tar.gz": lambda: tar_of(link("a", "/etc"), tarfile.TarInfo("a/b")),
    "hardlink.tar.gz": lambda: tar_of(link("a", "/etc/passwd", tarfile.LNKTYPE)),
    "device.tar.gz": lambda: tar_of(link("a", "", tarfile.CHRTYPE)),
    "twice.tar.gz": lambda: tar_of(tarfile.TarInfo("a"), tarfile.TarInfo("a")),
    "up.zip": lambda: zip_of("../b"),
    "windows.zip": lambda: zip_of("..\\b"),
    "cut.tar.gz": lambda: tar_of(tarfile.TarInfo("a"))[:60],
    "noise.tar": lambda: DATA[:5000],
    "flipped.tar.xz": lambda: damaged(packed_tar("w:xz")),
    "flipped.tar.bz2": lambda: damaged(packed_tar("w:bz2")),
    "flipped.zip": lambda: damaged(zip_of("a", DATA[:50_000])),
    "many.tar.gz": lambda: packed_tar("w:gz", b"", 1001),
    "deep.tar.gz": lambda: tar_of(tarfile.TarInfo("a/" * 900 + "b")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in" / "folder"
    folder.mkdir(parents=True)
    (tmp_path / name).write_bytes(HOSTILE[name]())
    with pytest.raises(DownloadError, match=name):
        unpack(tmp_path / name, folder)
    assert [p.name for p in (tmp_path / "in").iterdir()] == ["folder"]


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_an_archive_that_is_too_much_in_all_is_refused(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No single file of it is."""
    monkeypatch.setattr(download, "LARGEST", 5000)
    path = tmp_path / f"bomb.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for number in range(3):
                packed.writestr(f"a{number}", bytes(2000))
    else:
        path.write_bytes(packed_tar("w:gz", bytes(2000), 3))
    with pytest.raises(DownloadError, match=rf"bomb\.{kind}: accepted are at most"):
        unpack(path, tmp_path / "out")


@pytest.mark.parametrize("name, content", [("v.zip", zip_of("a/b")), ("v.tar.gz", tar_of(tarfile.TarInfo("a/b")))])
def test_good_archives(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    unpack(tmp_path / name, tmp_path / "out")
    assert (tmp_path / "out" / "a" / "b").read_bytes() == b"abc"
