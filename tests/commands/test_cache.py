from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from speechd_neural import cli, paths
from speechd_neural.audio.cache import PhraseCache
from speechd_neural.audio.phrase_file import CachedPhrase, key_for
from speechd_neural.commands import cache as command
from speechd_neural.frontends import wire


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    paths.runtime_dir().mkdir(exist_ok=True)
    return tmp_path


@pytest.fixture
def daemon(home: Path) -> Iterator[list[dict]]:
    """Something that answers on the daemon's socket; the requests it got."""
    asked: list[dict] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(paths.socket_path()))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            parser = wire.Parser()
            with connection:
                while data := connection.recv(4096):
                    for frame in parser.feed(data):
                        assert isinstance(frame, wire.Message)
                        asked.append(frame.body)
                        replies = {"stats": {"disk_entries": 7, "memory_bytes": 3 << 20}, "warm": {"phrases": 9}}
                        found = replies.get(frame.body.get("action"), {})
                        connection.sendall(wire.encode({"reply": frame.body["do"], "ok": True, **found}))

        thread = threading.Thread(target=answer)
        thread.start()
        yield asked
        thread.join(60)


def fill(directory: Path | None = None) -> Path:
    directory = directory or paths.cache_dir() / "phrases"
    cache = PhraseCache(directory, secret=paths.secret_file())
    cache.put(key_for("v", ("a", "."), "a"), CachedPhrase(np.zeros(500, np.int16)), pack=True)
    cache.close()
    return directory


def test_stats_without_the_daemon(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = fill()
    assert cli.main(["cache", "stats"]) == 0
    out = capsys.readouterr().out
    assert str(directory) in out and "phrases on disk             1" in out and "MiB" in out


def test_clear_without_the_daemon(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = fill()
    assert cli.main(["cache", "clear"]) == 0
    assert capsys.readouterr().out == f"cleared {directory}\n"
    assert not directory.exists() and not paths.secret_file().exists()


def test_the_folder_in_the_settings_is_the_one(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    paths.config_file().parent.mkdir(parents=True)
    paths.config_file().write_text(f"cache: {{directory: {home / 'elsewhere'}}}\n")
    directory = fill(home / "elsewhere" / "phrases")
    assert cli.main(["cache", "stats"]) == 0
    assert "phrases on disk             1" in capsys.readouterr().out
    assert cli.main(["cache", "clear"]) == 0
    assert not directory.exists()


def test_warm_needs_the_daemon(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cache", "warm"]) == 9
    error = capsys.readouterr().err
    assert "daemon" in error and error.count("\n") == 1


def test_an_empty_cache_is_no_error(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cache", "stats"]) == 0 == cli.main(["cache", "clear"])
    assert "phrases on disk             0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("action", "shown"), [("stats", "3.0 MiB"), ("clear", "cleared"), ("warm", "warming has begun: 9 phrases")]
)
def test_the_daemon_is_asked_where_it_runs(
    daemon: list[dict], capsys: pytest.CaptureFixture[str], action: str, shown: str
) -> None:
    directory = fill()
    assert cli.main(["cache", action]) == 0
    assert daemon[-1] == {"do": "cache", "action": action}
    assert shown in capsys.readouterr().out
    assert [path for path in directory.rglob("*") if path.is_file()]  # left to the daemon


@pytest.mark.parametrize("action", ["clear", "stats"])
def test_a_daemon_that_hangs_is_told_and_what_is_on_disk_is_cleared(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    assert command.ANSWER < 3
    monkeypatch.setattr(command, "ANSWER", 0.1)
    directory = fill()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(paths.socket_path()))
        listener.listen()
        assert cli.main(["cache", action]) == 9
    told = capsys.readouterr()
    assert told.err.count("\n") == 1 and "the daemon did not answer within 0.1 s" in told.err
    assert directory.exists() == (action == "stats")
    assert ("cleared" in told.out) == (action == "clear") == ("until it ends" in told.err)


def test_clear_does_not_say_so_where_something_is_left(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (paths.secret_file() / "x").mkdir(parents=True)
    assert cli.main(["cache", "clear"]) == 8
    told = capsys.readouterr()
    assert str(paths.secret_file()) in told.err and told.err.count("\n") == 1 and "cleared" not in told.out
