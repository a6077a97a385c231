"""Which voices the module lists."""

import os
import threading

from speechd_neural.module import voices
from speechd_neural.module.voices import Voices

TOLD = {"reply": "voices", "ok": True, "voices": [{"name": "Told", "languages": ["en-US"]}]}
REMEMBERED = [("Remembered", "en-US", "none")]


def test_what_the_daemon_says_while_the_note_is_read_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    reading, go_on = threading.Event(), threading.Event()

    def read():
        reading.set()
        assert go_on.wait(60)
        return REMEMBERED

    monkeypatch.setattr(voices, "_read", read)
    ours = Voices()
    server = threading.Thread(target=ours.listing)  # answers LIST VOICES
    server.start()
    assert reading.wait(60)
    daemon = threading.Thread(target=ours.learn, args=(TOLD,))
    daemon.start()
    daemon.join(0.2)  # unless it waits for the other, it is done
    go_on.set()
    server.join(60)
    daemon.join(60)
    assert ours.listing() == [("Told", "en-US", "none")]


def test_a_pipe_where_the_note_is_to_be_written_keeps_nobody_waiting(monkeypatch, tmp_path):
    """Who writes it is the thread that listens to the daemon: all speech comes through it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    note = tmp_path / "speechd-neural" / "module-voices"
    note.parent.mkdir()
    os.mkfifo(f"{note}.new")
    learned = threading.Thread(target=Voices().learn, args=(TOLD,), daemon=True)
    learned.start()
    learned.join(60)
    assert not learned.is_alive() and note.read_text() == "Told\ten-US\tnone\n"
