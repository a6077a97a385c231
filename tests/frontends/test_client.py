"""What programs that may wait have as their line to the daemon."""

import contextlib
import socket
import threading
import time

import pytest

from speechd_neural.errors import DaemonError
from speechd_neural.frontends.client import Client


@pytest.fixture
def full(tmp_path):
    """A socket at which as many wait as may."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket(socket.AF_UNIX))
        listening.bind(str(tmp_path / "socket"))
        listening.listen(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                one = stack.enter_context(socket.socket(socket.AF_UNIX))
                one.setblocking(False)
                one.connect(str(tmp_path / "socket"))
        yield listening


def test_where_as_many_wait_as_may_a_client_waits_too(full):
    def let_one_in():
        time.sleep(0.1)
        full.accept()[0].close()

    with contextlib.closing(full):
        thread = threading.Thread(target=let_one_in)
        thread.start()
        Client(full.getsockname(), timeout=60).close()
        thread.join()


def test_but_no_longer_than_it_said(full):
    with pytest.raises(DaemonError, match="cannot be reached at "):
        Client(full.getsockname(), timeout=0.05)
