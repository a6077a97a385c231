"""Setting up is tested in a desktop of its own (tests/e2e); here: what must not be left to chance."""

import os
import signal

from speechd_neural.commands import setup


def test_it_goes_on_when_the_daemon_that_it_ends_answers_no_more(monkeypatch):
    """Else the module that is tried next would find the old one."""
    told, answering = [], iter([7, 7, 7, None])
    monkeypatch.setattr(os, "kill", lambda *what: told.append(what))
    monkeypatch.setattr(setup, "_daemon", lambda: next(answering))
    setup._end_daemon()
    assert told == [(7, signal.SIGTERM)] and not list(answering)
