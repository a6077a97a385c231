"""What the module answers where it cannot do what it is told."""

import os
import threading

from speechd_neural.module import protocol
from speechd_neural.module.commands import Module
from speechd_neural.module.config import ModuleConfig
from speechd_neural.module.output import Output


def test_where_no_thread_can_be_started_the_message_ends_and_the_next_one_is_spoken(monkeypatch):
    """There are as many processes as this user may have: the server waits for the end of every message, for ever."""
    reading, writing = os.pipe()
    module = Module(ModuleConfig(socket=os.devnull, deadline=0.0), Output(writing), b"299 OK LOADED SUCCESSFULLY\n")
    start, told = threading.Thread.start, []
    monkeypatch.setattr(module._trouble, "_log", told.append)

    def refuses(thread):
        if thread.name == "utterance":
            raise RuntimeError("can't start new thread")
        start(thread)

    def answer(until: bytes) -> bytes:
        found = b""
        while until not in found:
            found += os.read(reading, 1 << 16)
        return found

    monkeypatch.setattr(threading.Thread, "start", refuses)
    assert module.safely("SPEAK", "", "one")
    said = answer(protocol.END)  # a tone: somebody is there
    assert said.startswith(protocol.SPEAKING + protocol.BEGIN) and b"705 AUDIO" in said
    assert module.safely("SPEAK", "", "two") and answer(protocol.END)
    assert len([line for line in told if "starting a thread" in line]) == 1
    monkeypatch.setattr(threading.Thread, "start", start)
    assert module.safely("SPEAK", "", "three")
    assert b"705 AUDIO" in answer(protocol.END)
