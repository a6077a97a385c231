"""Running a target: inputs without end or up to a number, each with a limit of time."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from bench.fuzz.mutation import Mutator

MEMORY = Path("/dev/shm")  # a file there costs a hundredth of one on a disk
HANG = 20  # s of processor time after which an input counts as one that never ends


@dataclass(frozen=True)
class Target:
    """good: inputs that are accepted; words: what means something in them.

    one: reads an input; raises for whatever is wrong with the reader (what it may raise, `one` catches).
    works: raises unless a good input still does what it should. slowest: s of processor time for one input.
    """

    good: list[bytes]
    words: list[bytes]
    one: Callable[[bytes], None]
    works: Callable[[], None]
    slowest: float = 1.0


@contextlib.contextmanager
def environment(**values: str) -> Iterator[None]:
    """These variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


Open = Callable[[Path], AbstractContextManager[Target]]


@dataclass
class Result:
    inputs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = f"{self.inputs:,} inputs in {self.seconds:.0f} s, the slowest {1000 * self.slowest:.0f} ms"
        return f"{told}, {len(self.failures)} failures"


class Hang(BaseException):
    pass


def _hang(*_: object) -> None:
    raise Hang


def run(open_target: Open, count: int, seconds: float, seed: int, keep: Path | None = None, most: int = 10) -> Result:
    """Until `count` inputs or `seconds` are over, or `most` have failed; inputs that fail are written into `keep`."""
    result = Result()
    start = time.monotonic()
    before = signal.signal(signal.SIGVTALRM, _hang)
    try:
        where = MEMORY if os.access(MEMORY, os.W_OK) else None
        with tempfile.TemporaryDirectory(dir=where) as folder, open_target(Path(folder)) as target:
            target.works()
            mutator = Mutator(seed, target.good, target.words)
            while result.inputs < count and time.monotonic() - start < seconds and len(result.failures) < most:
                data = mutator.one()
                result.inputs += 1
                failure = _try(target, data, result)
                if failure:
                    result.failures.append(failure)
                    if keep is not None:
                        (keep / f"crash-{seed}-{result.inputs}").write_bytes(data)
            target.works()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    result.seconds = time.monotonic() - start
    return result


def _try(target: Target, data: bytes, result: Result) -> str:
    """What is wrong with the reader of this input; "" when nothing is."""
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG)
    began = time.thread_time()
    try:
        target.one(data)
    except Hang:
        return f"still busy after {HANG} s: {data[:200]!r}"
    except Exception:
        return f"{data[:200]!r}:\n{traceback.format_exc(limit=-4)}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    spent = time.thread_time() - began
    result.slowest = max(result.slowest, spent)
    return f"{spent:.1f} s of processor time: {data[:200]!r}" if spent > target.slowest else ""
