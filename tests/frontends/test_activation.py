"""One daemon per user."""

import os
import socket
from pathlib import Path

import pytest

from speechd_neural.frontends import activation
from speechd_neural.frontends.client import Client


def test_a_second_daemon_finds_the_first(tmp_path):
    home = activation.Home(tmp_path / "run" / "socket")
    with pytest.raises(activation.AlreadyRunning):
        activation.Home(tmp_path / "run" / "socket")
    home.close()
    activation.Home(tmp_path / "run" / "socket").close()
    assert not (tmp_path / "run" / "socket").exists()


def test_a_stale_socket_file_is_replaced(tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(os.fspath(path))
    home = activation.Home(path)
    with Client(path):
        pass
    home.close()


@pytest.mark.parametrize("waiting", [0, 1])  # more than one does not fit in the queue
def test_where_somebody_else_listens_there_is_no_second_one(tmp_path, waiting):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as systemd, socket.socket(socket.AF_UNIX) as client:
        systemd.bind(os.fspath(path))
        systemd.listen(0)
        if waiting:
            client.connect(os.fspath(path))
        with pytest.raises(activation.AlreadyRunning, match="listens"):
            activation.Home(path)


def test_a_place_that_cannot_be_used(tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(activation.DaemonError, match="cannot listen"):
        activation.Home(tmp_path / "run" / "socket")


@pytest.mark.parametrize("patience", [0, 0.01])
def test_nobody_waits_for_a_systemd_that_does_not_listen(tmp_path, monkeypatch, patience):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        activation.notify("READY=1")
        full = int(Path("/proc/sys/net/unix/max_dgram_qlen").read_text())
        for _ in range(full + 10):
            activation.notify("WATCHDOG=1", patience)
        assert systemd.recv(100) == b"READY=1"
