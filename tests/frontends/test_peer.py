"""What is spoken is for the same user only, whoever owns the path of the socket."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from speechd_neural import paths
from speechd_neural.errors import DaemonError
from speechd_neural.frontends import activation, wire
from speechd_neural.frontends.client import Client, Stranger
from speechd_neural.frontends.peer import stranger
from tests.daemon_client import events


@pytest.fixture
def as_another(monkeypatch):
    """From now on this process takes itself for another user, so that the kernel tells of a stranger at every socket."""
    us = os.getuid()
    return lambda: monkeypatch.setattr(os, "getuid", lambda: us + 1)


def test_the_kernel_tells_who_is_there(as_another):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert stranger(ours) is None
        us = os.getuid()
        as_another()
        assert stranger(ours) == us


def test_a_daemon_of_another_user_is_told_nothing(tmp_path, as_another):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        listening.listen()
        as_another()
        with pytest.raises(Stranger, match=r"another user \(number \d+\) listens at .*, and is told nothing"):
            Client(tmp_path / "socket")
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.recv(100) == b""


async def test_a_client_of_another_user_is_not_served(running, client, as_another, caplog):
    as_another()
    for _ in range(3):
        reader, writer = await asyncio.open_unix_connection(str(running.path))
        writer.write(wire.encode({"do": "status"}))
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await asyncio.wait_for(reader.readexactly(1), 60)
        writer.close()
    assert caplog.text.count("another user") == 1
    client.speak(1, "abc")
    assert events(await client.utterance(1))[-1] == "end"


@pytest.fixture
def no_session(monkeypatch, tmp_path):
    """The directory that stands for /tmp/speechd-neural-UID, where there is no session."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr(paths, "WITHOUT_SESSION", str(tmp_path / "tmp" / "{name}-{uid}"))
    (tmp_path / "tmp").mkdir()
    return tmp_path / "tmp" / f"{paths.NAME}-{os.getuid()}"


def test_without_a_session_there_is_a_private_directory(no_session):
    assert paths.socket_path() == no_session / "socket"
    assert no_session.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["file", "dangling link", "link", "open to others"])
def test_what_is_no_private_directory_is_named_in_one_line(no_session, kind, tmp_path):
    if kind == "file":
        no_session.write_text("")
    elif kind == "open to others":
        no_session.mkdir(mode=0o755)
        no_session.chmod(0o755)
    else:
        no_session.symlink_to(tmp_path if kind == "link" else tmp_path / "nowhere")
    with pytest.raises(DaemonError, match="remove it or set XDG_RUNTIME_DIR") as caught:
        paths.socket_path()
    assert str(no_session) in str(caught.value)


def test_the_directory_of_somebody_else_is_refused(no_session, as_another):
    no_session.with_name(f"{paths.NAME}-{os.getuid() + 1}").mkdir(mode=0o700)
    as_another_owner = os.getuid()
    as_another()
    with pytest.raises(DaemonError, match="not a private directory of this user"):
        paths.socket_path()
    assert os.getuid() != as_another_owner


@pytest.mark.parametrize("kind", ["file", "dangling link", "open to all"])
def test_a_session_directory_that_is_not_ours_is_refused(monkeypatch, tmp_path, kind):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    ours = tmp_path / paths.NAME
    if kind == "file":
        ours.write_text("")
    elif kind == "open to all":
        ours.mkdir()
        ours.chmod(0o777)
    else:
        ours.symlink_to(tmp_path / "nowhere")
    with pytest.raises(DaemonError, match="is not a private directory of this user"):
        paths.socket_path()


def test_the_daemon_listens_in_no_directory_of_somebody_else(tmp_path, as_another):
    as_another()
    with pytest.raises(DaemonError, match="belongs to another user; set XDG_RUNTIME_DIR"):
        activation.Home(tmp_path / "socket")
