"""A running daemon with toy parts, and a client of its socket; Hypothesis without a clock, as machines may be busy.

Where there is no PyTorch, what imports it is skipped and says so, unless TORCH=required.

No test can hang: after LIMIT seconds it fails where it is, and where even that is not noticed, pyproject.toml's
faulthandler_timeout ends the run with every thread's stack.
"""

import importlib.abc
import importlib.util
import os
import signal
import sys

import pytest
from hypothesis import HealthCheck, settings

from tests.daemon_place import place  # noqa: F401
from tests.running_daemon import Running

LIMIT = 900  # s for a test with its fixtures: many times what any takes on an idle machine

# PyTorch's threads wait for each other without sleeping: two in each of several processes stand still on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def nobodys_cache(tmp_path_factory):
    """No test may see or change the phrase cache of the user who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    def over(number, frame):
        pytest.fail(f"{item.nodeid} has not ended within {LIMIT} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(LIMIT)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class NoTorch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            pytest.skip("needs PyTorch", allow_module_level=True)


if os.environ.get("TORCH") != "required" and importlib.util.find_spec("torch") is None:
    sys.meta_path.append(NoTorch())  # the last to be asked: nobody else has it


@pytest.fixture
async def running(tmp_path):
    running = Running(tmp_path)
    await running.start()
    yield running
    await running.close()


@pytest.fixture
async def client(running):
    return await running.client()
