"""A short run of every target of `python -m bench.fuzz`, always with the same inputs; long runs are for a quiet evening."""

import time

import pytest

from bench.fuzz.mutation import Mutator
from bench.fuzz.running import Target, run
from bench.fuzz.targets import TARGETS

COUNTS = {"frontend": 30, "server": 150, "dbus": 40}


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_breaks(name, tmp_path):
    result = run(TARGETS[name], COUNTS.get(name, 300), 1e9, seed=2, keep=tmp_path)
    assert result.failures == []
    assert result.inputs == COUNTS.get(name, 300) and not list(tmp_path.iterdir())


def test_the_same_seed_gives_the_same_inputs_and_another_one_others():
    def some(seed):
        mutator = Mutator(seed, [b"some input 12"], [b"word"])
        return [mutator.one() for _ in range(100)]

    assert some(1) == some(1) != some(2) and len(set(some(1))) > 90


def test_what_raises_or_takes_too_long_is_told_and_kept(tmp_path):
    from contextlib import nullcontext

    def one(data):
        if data.startswith(b"x"):
            raise ValueError("broken")
        if data.startswith(b"y"):
            end = time.thread_time() + 0.03
            while time.thread_time() < end:
                pass

    target = Target([b"x1", b"y1", b"z1"], [], one, lambda: None, slowest=0.02)
    result = run(lambda folder: nullcontext(target), 10_000, 1e9, seed=1, keep=tmp_path)
    assert len(result.failures) == 10 == len(list(tmp_path.iterdir()))
    assert any("broken" in failure for failure in result.failures)
    assert any("processor time" in failure for failure in result.failures)
