"""Descriptors that clients do not get."""

import os
import subprocess
import sys

import pytest

from speechd_neural.frontends.reserve import scarce

PROGRAM = """
import os, resource, sys
from speechd_neural.frontends.reserve import scarce
most, opened, closed = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
ours = [os.open(os.devnull, os.O_RDONLY) for _ in range(opened)]
for descriptor in ours[:closed]:
    os.close(descriptor)
print(scarce())
"""


@pytest.mark.parametrize(
    ("most", "opened", "closed", "expected"),
    [
        (1024, 40, 0, False),
        (1024, 700, 0, False),
        (1024, 850, 0, True),
        (1024, 1000, 100, True),  # the lowest that is free has a small number
        (1024, 1000, 400, False),
        (256, 40, 0, False),
        (256, 100, 0, True),
        (256, 253, 0, True),  # not even one is free to count them with
    ],
)
def test_what_is_open_is_counted(most, opened, closed, expected):
    command = [sys.executable, "-c", PROGRAM, *map(str, (most, opened, closed))]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"{expected}\n"


def test_without_proc_nobody_is_turned_away(monkeypatch):
    monkeypatch.setattr(os, "listdir", lambda path: os.stat("/nowhere"))
    assert not scarce()
