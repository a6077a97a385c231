"""Which voice speaks: the active one, or the one that a request names, in memory while it is wanted."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

import pytest

from speechd_neural.core import voices
from speechd_neural.core.engine import VoiceInfo
from speechd_neural.core.voices import Voices
from speechd_neural.errors import VoiceError
from tests.toy_engine import ToyEngine
from tests.waiting import wait_for

TOY = ToyEngine().info


def named(name: str, sound: int = 1) -> VoiceInfo:
    return replace(TOY, name=name, identifier=f"{name}-{sound}")


class Store:
    """Loads toy voices, and remembers which."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.broken: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, info: VoiceInfo) -> ToyEngine:
        assert self.gate.wait(60)
        if info.name in self.broken:
            raise VoiceError(f"voice {info.name} is broken")
        self.loaded.append(info.name)
        engine = ToyEngine()
        engine.info = info
        return engine


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def present(store: Store) -> Voices:
    """The toy is active; anna, berta, carla and dora are there as well."""
    present = Voices(ToyEngine(), store)
    present.offer([TOY, *map(named, ("anna", "berta", "carla", "dora"))])
    return present


def bring(present: Voices, name: str) -> ToyEngine:
    loading = present.prepare(name)
    if loading is not None:
        loading.result(60)
    engine = present.engine(name)
    assert isinstance(engine, ToyEngine)
    return engine


def test_who_names_none_hears_the_active_one_which_is_listed_first(present: Voices) -> None:
    assert present.engine(None) is present.active
    assert present.prepare(None) is None
    present.offer([named("anna"), TOY])
    assert [info.name for info in present.listing()] == ["toy", "anna"]


def test_a_voice_is_loaded_when_it_is_asked_for_and_kept(present: Voices, store: Store) -> None:
    store.gate.clear()
    loading = present.prepare("anna")
    assert loading is not None and present.prepare("anna") is loading
    assert present.engine("anna") is present.active
    store.gate.set()
    loading.result(60)
    anna = present.engine("anna")
    assert anna is not None and anna.info == named("anna")
    assert present.prepare("anna") is None
    assert present.engine("anna-1") is anna is present.by_identifier("anna-1")
    assert store.loaded == ["anna"]


@pytest.mark.parametrize("name", ["toy", "toy-1", None])
def test_the_active_voice_is_not_loaded_again(present: Voices, store: Store, name: str | None) -> None:
    assert present.prepare(name) is None
    assert present.engine(name) is present.active
    present.active = None  # it is being loaded
    assert present.prepare(name) is None
    assert store.loaded == []


def test_an_unknown_name_is_told_once(present: Voices, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        assert present.prepare("nobody") is None
        assert present.engine("nobody") is present.active
    assert caplog.text.count("nobody") == 1
    assert present.info("nobody") == TOY


def test_no_more_than_two_others_are_in_memory(present: Voices, store: Store) -> None:
    for name in ("anna", "berta"):
        bring(present, name)
    bring(present, "anna")
    bring(present, "carla")
    assert present.in_memory() == ["anna", "carla"]
    bring(present, "berta")
    assert store.loaded == ["anna", "berta", "carla", "berta"]


def test_a_voice_in_use_stays_and_another_has_to_wait(present: Voices, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "speechd_neural")
    anna, berta = bring(present, "anna"), bring(present, "berta")
    assert bring(present, "carla") is present.active
    assert "2 others are speaking" in caplog.text
    assert present.in_memory() == ["anna", "berta"]
    assert (bring(present, "anna"), bring(present, "berta")) == (anna, berta)  # nor have they to be loaded again
    del anna
    assert bring(present, "carla").info.name == "carla"
    assert present.in_memory() == ["berta", "carla"]


def test_what_is_gone_or_changed_leaves_memory(present: Voices) -> None:
    bring(present, "anna")
    bring(present, "berta")
    present.offer([TOY, named("anna"), named("berta", sound=2)])
    assert present.in_memory() == ["anna"]
    assert bring(present, "berta").info.identifier == "berta-2"
    present.offer([TOY])
    assert present.in_memory() == []
    assert present.engine("anna") is present.active


def test_a_voice_that_goes_while_it_is_loaded_is_not_kept(present: Voices, store: Store) -> None:
    store.gate.clear()
    loading = present.prepare("anna")
    assert loading is not None
    present.offer([TOY])
    store.gate.set()
    loading.result(60)
    assert present.in_memory() == []


def test_a_voice_is_not_held_by_the_thread_that_has_loaded_it(present: Voices, store: Store) -> None:
    store.gate.clear()
    loading = present.prepare("anna")
    assert loading is not None
    left: list[list[str]] = []

    def let_go(_: object) -> None:  # in that thread, while it is still there
        present.offer([TOY])
        left.append(present.in_memory())

    loading.add_done_callback(let_go)
    store.gate.set()
    loading.result(60)
    wait_for("the thread", lambda: left, 60)
    assert left == [[]]


def test_a_voice_that_cannot_be_loaded_is_told_and_the_active_one_speaks(
    present: Voices, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.broken.add("anna")
    assert bring(present, "anna") is present.active
    assert "voice anna is broken" in caplog.text


def test_what_nobody_asks_for_leaves_memory(present: Voices, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(present, "anna")
    present.tidy()
    assert present.in_memory() == ["anna"]
    monkeypatch.setattr(voices, "IDLE", 0.0)
    present.tidy()
    assert present.in_memory() == []


def test_the_active_voice_stays_listed_when_it_is_offered_no_more(present: Voices) -> None:
    present.offer([named("anna")])
    assert [info.name for info in present.listing()] == ["toy", "anna"]
    assert present.engine("toy") is present.active


def test_one_that_becomes_active_is_in_memory_once(present: Voices) -> None:
    bring(present, "anna")
    again = ToyEngine()
    again.info = named("anna")
    present.active = again
    assert present.in_memory() == []
    assert present.engine("anna") is again


def test_before_a_voice_is_loaded_all_are_listed(store: Store) -> None:
    present = Voices(load=store)
    assert (present.listing(), present.info("anna"), present.engine("anna")) == ([], None, None)
    present.offer([TOY, named("anna")])
    assert [info.name for info in present.listing()] == ["toy", "anna"]
    assert present.engine(None) is None
    assert bring(present, "anna").info.name == "anna"


def test_a_voice_for_which_there_is_no_thread_may_be_asked_for_again(
    present: Voices, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refused)
        bring(present, "toy")
        assert present.engine("anna") is present.active
        loading = present.prepare("anna")
        assert loading is not None and loading.done()  # nobody waits for what does not come
    assert bring(present, "anna").info.name == "anna" and store.loaded == ["anna"]
