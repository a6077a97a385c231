import gc
import weakref
from collections.abc import Iterator

import pytest

from speechd_neural import tidying
from speechd_neural.tidying import Tidying


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """The collector as it was, which does nothing by itself meanwhile."""
    enabled = gc.isenabled()
    gc.disable()
    yield
    gc.unfreeze()
    if enabled:
        gc.enable()


class Circle:
    def __init__(self) -> None:
        self.itself = self


def old_garbage(collections: int = tidying.OVERDUE + 2) -> weakref.ref[Circle]:
    """A circle that lasted until it was of the oldest generation, whose turn has come."""
    circle = Circle()
    for _ in range(collections):
        gc.collect(1)
    return weakref.ref(circle)


def test_a_long_queue_is_not_held_up_by_the_collector():
    alive = 20_000
    keeper = Tidying(lambda: 0, lambda: alive, lambda: None)
    garbage = old_garbage()
    keeper.look()
    assert garbage() is not None
    alive = 3
    keeper.look()
    assert garbage() is None


def test_what_can_wait_waits_for_the_end_of_speech(monkeypatch):
    monkeypatch.setattr(tidying, "AFTER", 0)
    alive = 1
    keeper = Tidying(lambda: 0, lambda: alive, lambda: None)
    garbage = old_garbage(tidying.DUE + 2)
    keeper.look()
    assert garbage() is not None
    alive = 0
    keeper.look()
    assert garbage() is None


def test_what_is_loaded_is_put_aside_once_nobody_asks_for_anything(monkeypatch):
    monkeypatch.setattr(tidying, "AFTER", 0)
    done: list[str] = []
    asked = 1
    keeper = Tidying(lambda: asked, lambda: 0, lambda: done.append("later"))
    keeper.look()
    keeper.look()
    keeper.loaded()
    asked = 2
    keeper.look()  # a short one, which is over already
    assert gc.get_freeze_count() == 0 and not done
    keeper.look()
    assert done == ["later"]
    assert gc.get_freeze_count() > 1000
    assert gc.isenabled()


def test_who_speaks_all_the_time_does_not_put_it_off_for_ever(monkeypatch):
    monkeypatch.setattr(tidying, "AFTER", 0)
    monkeypatch.setattr(tidying, "PATIENCE", 0)
    alive = 20_000
    keeper = Tidying(lambda: 0, lambda: alive, lambda: None)
    keeper.loaded()
    keeper.look()
    assert gc.get_freeze_count() == 0
    alive = 1
    keeper.look()
    assert gc.get_freeze_count() > 1000
