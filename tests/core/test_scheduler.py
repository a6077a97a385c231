"""The scheduler against a model written another way: one list of everything, filtered by the documented table."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from speechd_neural.core.scheduler import Drop, Hold, Scheduler, Silence, Start
from speechd_neural.types import Priority

IMPORTANT, MESSAGE, TEXT, NOTIFICATION, PROGRESS = Priority

# (new, what is affected) as the manual's table lists it, letter by letter: i m t n p
STOPS = {"im", "it", "in", "ip", "mt", "mn", "mp", "tt", "nn", "pn"}
DROPS = {"in", "ip", "mt", "mn", "mp", "tt", "tn", "tp", "nn", "pp"}


def letter(priority: Priority) -> str:
    return priority.name[0].lower()


@dataclass
class Said:
    id: int
    client: str
    kind: str
    state: str = "waits"  # waits, speaks, ended
    mark: str | None = None
    was_progress: bool = False


class Model:
    def __init__(self) -> None:
        self.said: list[Said] = []
        self.paused: set[str] = set()

    def alive(self) -> list[Said]:
        return [s for s in self.said if s.state != "ended"]

    def speaking(self) -> Said | None:
        return next((s for s in self.said if s.state == "speaks"), None)

    def eligible(self) -> list[Said]:
        return [s for s in self.alive() if s.client not in self.paused]

    def say(self, id: int, client: str, priority: Priority) -> None:
        new = Said(id, client, letter(priority), was_progress=priority is PROGRESS)
        speaking = self.speaking()
        if client not in self.paused:
            for other in self.eligible():
                if other.state == "speaks":
                    ends = new.kind + other.kind in STOPS
                else:
                    replaced = new.kind == "p" and other.was_progress
                    ends = new.kind + other.kind in DROPS or replaced
                    if ends and other.kind == "p" and not replaced:
                        other.kind, ends = "m", False
                if ends:
                    other.state = "ended"
            if new.kind == "n" and speaking and speaking.kind != "n":
                new.state = "ended"
        self.said.append(new)
        self.settle()

    def settle(self) -> None:
        if self.speaking() is None and self.eligible():
            next_one = sorted(self.eligible(), key=lambda s: ("imtnp".index(s.kind), s.id))[0]
            next_one.state = "speaks"

    def end(self, *which: Said) -> None:
        for said in which:
            said.state = "ended"
        self.settle()

    def pause(self, client: str) -> None:
        self.paused.add(client)
        for said in self.alive():
            if said.client == client:
                said.state = "waits"
        self.settle()


clients = st.sampled_from(["orca", "say", "bus"])


class Scripts(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.scheduler, self.model = Scheduler(), Model()
        self.count = 0
        self.speaking: int | None = None  # as the actions tell it
        self.ended: list[int] = []

    def follow(self, actions) -> None:
        """What a player does; actions that contradict what is going on fail here."""
        for action in actions:
            match action:
                case Start(id, after):
                    assert self.speaking is None and id not in self.ended
                    assert after == next(s.mark for s in self.model.said if s.id == id)
                    self.speaking = id
                case Silence(id):
                    assert self.speaking == id
                    self.speaking = None
                    self.ended.append(id)
                case Hold(id):
                    assert self.speaking == id
                    self.speaking = None
                case Drop(id):
                    assert self.speaking != id
                    self.ended.append(id)

    @rule(client=clients, priority=st.sampled_from(Priority))
    def say(self, client, priority) -> None:
        self.count += 1
        self.model.say(self.count, client, priority)
        self.follow(self.scheduler.speak(self.count, client, priority))

    @rule()
    def end(self) -> None:
        if self.speaking is not None:
            id, self.speaking = self.speaking, None
            self.ended.append(id)
            self.model.end(self.model.speaking())
            self.follow(self.scheduler.ended(id))

    @rule(id=st.integers(1, 30))
    def end_of_something_else(self, id) -> None:
        if id != self.speaking:
            assert self.scheduler.ended(id) == []

    @rule(name=st.sampled_from("abc"))
    def mark(self, name) -> None:
        if self.speaking is not None:
            self.model.speaking().mark = name
            self.scheduler.reached(self.speaking, name)

    @rule(client=clients)
    def stop(self, client) -> None:
        self.model.end(*[s for s in self.model.said if s.state == "speaks" and s.client == client])
        self.follow(self.scheduler.stop(client))

    @rule(client=clients, gone=st.booleans())
    def cancel(self, client, gone) -> None:
        if gone:
            self.model.paused.discard(client)
        self.model.end(*[s for s in self.model.alive() if s.client == client])
        self.follow(self.scheduler.forget(client) if gone else self.scheduler.cancel(client))

    @rule()
    def cancel_all(self) -> None:
        self.model.end(*self.model.alive())
        self.follow(self.scheduler.cancel_all())

    @rule(id=st.integers(1, 30))
    def stop_one(self, id) -> None:
        self.model.end(*[s for s in self.model.alive() if s.id == id])
        self.follow(self.scheduler.stop_utterance(id))

    @rule(client=clients)
    def pause(self, client) -> None:
        self.model.pause(client)
        self.follow(self.scheduler.pause(client))

    @rule()
    def pause_all(self) -> None:
        everyone = {s.client for s in self.model.alive()}
        self.model.paused |= everyone
        for client in everyone:
            self.model.pause(client)
        self.follow(self.scheduler.pause_all())

    @rule(client=clients)
    def resume(self, client) -> None:
        self.model.paused.discard(client)
        self.model.settle()
        self.follow(self.scheduler.resume(client))

    @rule()
    def resume_all(self) -> None:
        self.model.paused.clear()
        self.model.settle()
        self.follow(self.scheduler.resume_all())

    @invariant()
    def same(self) -> None:
        speaking = self.model.speaking()
        assert self.speaking == (speaking and speaking.id)
        assert (self.scheduler.current and self.scheduler.current.id) == self.speaking
        assert sorted(self.ended) == [s.id for s in self.model.said if s.state == "ended"]  # each exactly once
        assert self.scheduler.waiting == len([s for s in self.model.said if s.state == "waits"])
        assert self.scheduler.any_paused == bool(self.model.paused)


TestScripts = Scripts.TestCase
# No deadlines: a busy machine is no fault of the scheduler.
TestScripts.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def said(*priorities: Priority) -> tuple[Scheduler, list]:
    scheduler, actions = Scheduler(), []
    for id, priority in enumerate(priorities, 1):
        actions += scheduler.speak(id, "a", priority)
    return scheduler, actions


@pytest.mark.parametrize(
    ("priorities", "expected"),
    [
        ((MESSAGE, IMPORTANT), [Start(1), Silence(1), Start(2)]),
        ((IMPORTANT, IMPORTANT), [Start(1)]),
        ((MESSAGE, MESSAGE), [Start(1)]),
        ((TEXT, TEXT), [Start(1), Silence(1), Start(2)]),
        ((MESSAGE, TEXT, TEXT), [Start(1), Drop(2)]),
        ((TEXT, MESSAGE), [Start(1), Silence(1), Start(2)]),
        ((NOTIFICATION, NOTIFICATION), [Start(1), Silence(1), Start(2)]),
        ((TEXT, NOTIFICATION), [Start(1), Drop(2)]),
        ((PROGRESS, PROGRESS, PROGRESS), [Start(1), Drop(2)]),
        ((NOTIFICATION, PROGRESS), [Start(1), Silence(1), Start(2)]),
    ],
)
def test_the_documented_table(priorities, expected):
    assert said(*priorities)[1] == expected


def test_the_last_progress_becomes_a_message():
    scheduler, _ = said(MESSAGE, PROGRESS, PROGRESS, IMPORTANT)  # 50 %, 100 %, and something interrupts
    assert scheduler.ended(4) == [Start(3)]
    assert scheduler.speak(5, "a", MESSAGE) == []  # a progress utterance would have been stopped by it
    assert scheduler.ended(3) == [Start(5)]


def test_a_newer_progress_replaces_the_one_that_became_a_message():
    scheduler, _ = said(MESSAGE, PROGRESS, IMPORTANT)
    assert scheduler.speak(4, "a", PROGRESS) == [Drop(2)]


def test_pause_and_resume_at_the_mark():
    scheduler, _ = said(MESSAGE, MESSAGE)
    scheduler.reached(1, "m3")
    assert scheduler.pause("a") == [Hold(1, "m3")]
    assert scheduler.speak(3, "a", IMPORTANT) == []
    assert scheduler.speak(4, "b", MESSAGE) == [Start(4)]  # somebody else's pause
    assert scheduler.resume("a") == []
    assert scheduler.ended(4) == [Start(3)]
    assert scheduler.ended(3) == [Start(1, "m3")]


def test_ten_thousand_wait_and_all_are_dropped():
    scheduler, actions = said(*[MESSAGE] * 10_000)
    assert actions == [Start(1)]
    assert len(scheduler.cancel("a")) == 10_000
    assert scheduler.waiting == 0


def test_a_notification_that_comes_to_nothing_drops_the_waiting_ones_too():
    scheduler = Scheduler()
    scheduler.pause("a")
    scheduler.speak(1, "a", IMPORTANT)
    scheduler.speak(2, "a", NOTIFICATION)
    assert scheduler.resume_all() == [Start(1)]
    assert scheduler.speak(3, "a", NOTIFICATION) == [Drop(2), Drop(3)]


def test_what_was_held_takes_its_old_place():
    scheduler = Scheduler()
    scheduler.speak(1, "a", MESSAGE)
    scheduler.speak(2, "b", MESSAGE)
    scheduler.pause_all()
    scheduler.speak(3, "a", MESSAGE)
    assert scheduler.resume_all() == [Start(1)]
    assert scheduler.ended(1) == [Start(2)]
    assert scheduler.ended(2) == [Start(3)]
