"""The sink against a real sound server of its own with null sinks, recorded from their monitors."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from speechd_neural.audio import sink as sink_of
from speechd_neural.audio.sink import Sink, period_frames
from speechd_neural.errors import AudioError, Hung
from tests.audio.loudspeaker import RATE, Recording, tone, wait_for
from tests.recorder import LOUD

PATIENT = 0.5  # s of latency, so that nothing is lost while the machine does something else


def test_the_period_is_a_power_of_two() -> None:
    assert [period_frames(rate) for rate in (8000, 16000, 22050, 44100, 48000)] == [128, 256, 256, 512, 1024]


def test_what_is_played_is_heard_whole(server: None, tmp_path: Path) -> None:
    sink = Sink(RATE, "pulse", latency=PATIENT)
    sound = tone(0.5)
    expected = np.sum(np.abs(sound) > LOUD)
    with Recording(tmp_path / "out") as recording:
        for start in range(0, len(sound), 500):
            sink.play(sound[start : start + 500])
        assert sink.drain(60)
        wait_for(lambda: len(recording.loud()) > expected - 0.03 * RATE)
    sink.close()
    loud = recording.loud()
    assert len(loud) < expected + 0.03 * RATE
    # Sixteen pieces, and no silence between them; a busy machine may have interrupted them.
    assert np.sum(np.diff(loud) > 0.005) <= 2


def test_stop_is_silence_at_once_and_the_next_sound_is_heard(server: None, tmp_path: Path) -> None:
    sink = Sink(RATE, "pulse", latency=PATIENT)
    with Recording(tmp_path / "out") as recording:
        sink.play(tone(5))
        wait_for(lambda: len(recording.loud()) > 0.3 * RATE)
        sink.stop()
        assert recording.falls_silent(recording.seconds()) < 0.25
        silence = recording.seconds()
        sink.play(tone(0.2, 1000))
        assert sink.drain(60)
        wait_for(lambda: len(recording.loud(silence)) > 0.16 * RATE)
    sink.close()
    assert len(recording.loud(silence)) < 0.24 * RATE  # nor is the rest of the first heard now


def test_it_stays_awake_and_then_gives_the_device_back(server: None) -> None:
    sink = Sink(RATE, "pulse", keep_awake=3.0)
    sink.play(tone(0.05))
    assert sink.drain(60)
    assert sink.is_open
    wait_for(lambda: not sink.is_open)
    sink.play(tone(0.05))  # and wakes up again
    assert sink.is_open and sink.drain(60)
    sink.close()


def test_without_keep_awake_it_closes_after_the_last_sample(server: None, tmp_path: Path) -> None:
    sink = Sink(RATE, "pulse", keep_awake=0, latency=PATIENT)
    with Recording(tmp_path / "out") as recording:
        sink.play(tone(0.3))
        assert sink.drain(60)
        wait_for(lambda: not sink.is_open)
        wait_for(lambda: len(recording.loud()) > 0.27 * RATE)
    sink.close()


def test_what_is_played_at_the_moment_in_which_the_device_is_given_back_is_heard(
    server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = Sink(RATE, "pulse", keep_awake=0)
    idle = sink._idle
    playing = threading.Thread(target=sink.play, args=[tone(0.1)])

    def last_look() -> float:
        found = idle()
        if found >= 0 and sink_of._PORTAUDIO.locked() and playing.ident is None:
            playing.start()
            playing.join(0.2)  # no longer than it can take part now
        return found

    monkeypatch.setattr(sink, "_idle", last_look)
    sink.play(tone(0.05))
    wait_for(lambda: playing.ident is not None)
    playing.join(60)
    assert sink.drain(60)
    sink.close()


def test_a_changed_default_device_is_followed(server: None, tmp_path: Path) -> None:
    sink = Sink(RATE, "pulse", keep_awake=0)
    sink.play(tone(0.05))
    assert sink.drain(60)
    sink.close()
    subprocess.run(["pactl", "set-default-sink", "second"], check=True)
    try:
        with Recording(tmp_path / "out", "second") as recording:
            sink.play(tone(0.3))
            assert sink.drain(60)
            wait_for(lambda: len(recording.loud()) > 0.25 * RATE)
    finally:
        subprocess.run(["pactl", "set-default-sink", "first"], check=True)
    sink.close()


def test_no_such_device_is_told_in_one_line() -> None:
    sink = Sink(RATE, "no such device")
    with pytest.raises(AudioError, match="'no such device'") as error:
        sink.play(tone(0.1))
    assert "\n" not in str(error.value)
    assert sink.queued == 0 and sink.drain(1)
    sink.close()


def test_where_one_thread_hangs_in_portaudio_no_other_comes_near_and_later_all_is_well(
    server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink_of, "_PATIENCE", 0.1)
    hung, another = Sink(RATE, "pulse", latency=PATIENT), Sink(RATE, "pulse", latency=PATIENT)
    hung.play(tone(0.1))
    with sink_of._PORTAUDIO:  # as for a server that does not answer
        hung.stop()
        with pytest.raises(Hung, match="sounddevice does not answer"):
            another.play(tone(0.1))
        hung.close()
    hung.close()
    assert not hung.is_open and another.queued == 0
    import sounddevice

    sounddevice._terminate()  # what a start that has failed leaves
    with Recording(tmp_path / "out") as recording:
        another.play(tone(0.3))
        assert another.drain(60)
        wait_for(lambda: len(recording.loud()) > 0.2 * RATE)
    another.close()


END = """
import sys, threading
from speechd_neural.audio import sink
ours = sink.Sink(16000, "pulse")
ours.play(sink.np.zeros(1000, "int16"))
ours._stream.abort()
sink._PORTAUDIO.acquire()  # as of one that hangs in it
import sounddevice
sounddevice._last_callback = None
sounddevice._terminate = lambda: threading.Event().wait()
print("played")
"""


def test_a_process_ends_though_a_thread_hangs_in_portaudio(server: None) -> None:
    done = subprocess.run([sys.executable, "-c", END], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "played\n" and done.stderr == ""
