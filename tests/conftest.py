"""A running daemon with toy parts, and a client of its socket."""

import pytest

from tests.running_daemon import Running


@pytest.fixture
async def running(tmp_path):
    running = Running(tmp_path)
    await running.start()
    yield running
    await running.close()


@pytest.fixture
async def client(running):
    return await running.client()
