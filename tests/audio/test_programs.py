"""The programs that play where sounddevice does not, against a real sound server."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from speechd_neural.audio import output as output_of
from speechd_neural.audio import programs
from speechd_neural.audio import sink as sink_of
from speechd_neural.audio.output import Output, Ways
from speechd_neural.audio.programs import ProgramSink, aplay, paplay, pw_play
from speechd_neural.errors import AudioError
from tests import sound_server
from tests.audio.loudspeaker import RATE, Recording, tone, wait_for
from tests.recorder import LOUD

PATIENT = 0.5  # s of latency, so that nothing is lost while the machine does something else
# PipeWire's own program plays raw sound where PipeWire is new enough to be the sound server of these tests.
HERE = [pw_play, paplay, aplay] if sound_server.uses_pipewire() else [paplay, aplay]


@pytest.fixture(params=HERE, ids=lambda program: program.__name__)
def sink(server: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(programs, "PROGRAMS", [request.param])
    sink = ProgramSink(RATE, "pulse" if request.param is aplay else None, PATIENT)
    yield sink
    sink.close()


def test_what_is_played_is_heard_whole(sink: ProgramSink, tmp_path: Path) -> None:
    sound = tone(0.5)
    expected = np.sum(np.abs(sound) > LOUD)
    with Recording(tmp_path / "out") as recording:
        for start in range(0, len(sound), 500):
            sink.play(sound[start : start + 500])
        assert sink.drain(60)
        wait_for(lambda: len(recording.loud()) > expected - 0.03 * RATE)
    assert len(recording.loud()) < expected + 0.03 * RATE


def test_what_is_short_is_heard_without_waiting_for_it_and_the_program_ends(sink: ProgramSink, tmp_path: Path) -> None:
    with Recording(tmp_path / "out") as recording:
        sink.play(tone(0.1))
        wait_for(lambda: len(recording.loud()) > 0.07 * RATE)
        wait_for(lambda: sink._program is None)
        sink.play(tone(0.1))
        wait_for(lambda: len(recording.loud()) > 0.14 * RATE)


def test_stop_is_silence_at_once_and_the_next_sound_is_heard(sink: ProgramSink, tmp_path: Path) -> None:
    with Recording(tmp_path / "out") as recording:
        playing = threading.Thread(target=sink.play, args=[tone(20)])
        playing.start()
        wait_for(lambda: len(recording.loud()) > 0.3 * RATE)
        sink.stop()
        assert recording.falls_silent(recording.seconds()) < 0.7
        playing.join(60)
        assert not playing.is_alive() and sink.queued == 0
        silence = recording.seconds()
        sink.play(tone(0.2, 1000))
        assert sink.drain(60)
        wait_for(lambda: len(recording.loud(silence)) > 0.16 * RATE)
    assert len(recording.loud(silence)) < 0.24 * RATE


def test_where_sounddevice_is_missing_a_program_plays(
    server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    output = Output(RATE)
    with Recording(tmp_path / "out") as recording:
        output.play(tone(0.3))
        assert output.drain(60)
        wait_for(lambda: len(recording.loud()) > 0.1 * RATE)  # a busy machine may lose some of it
    output.close()


def test_where_nothing_plays_every_reason_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    (tmp_path / "paplay").write_text("#!/bin/sh\necho no such server >&2\nexit 1\n")
    (tmp_path / "paplay").chmod(0o755)
    monkeypatch.setitem(os.environ, "PATH", str(tmp_path))
    output = Output(RATE)
    with pytest.raises(AudioError) as error:
        output.play(tone(0.1))
    text = str(error.value)
    assert text.startswith("sounddevice is not installed; nothing plays sound here (pw-cat is not installed; paplay: no such")
    assert "aplay is not installed" in text and "alsa-utils" in text and "\n" not in text
    output.close()


def test_a_device_that_was_asked_for_is_not_replaced_by_another() -> None:
    output = Output(RATE, "no such device")
    with pytest.raises(AudioError, match="'no such device'"):
        output.play(tone(0.1))


def test_where_a_device_that_was_asked_for_hangs_another_plays(
    server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink_of, "_PATIENCE", 0.1)
    ways = Ways()
    output = Output(RATE, "pulse", ways=ways)
    with sink_of._PORTAUDIO, Recording(tmp_path / "out") as recording:  # as where a thread hangs in that device
        output.play(tone(0.5))
        assert output.drain(60)
        wait_for(lambda: len(recording.loud()) > 0.3 * RATE)
        Output(RATE, "pulse", ways=ways).play(tone(0.1))  # the next one knows
    output.close()


def test_where_pipes_may_hold_no_more_a_program_plays(server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one user's pipes may hold together is limited: the size of another cannot be chosen."""

    def refused(*arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(fcntl, "fcntl", refused)
    sink = ProgramSink(RATE, latency=PATIENT)
    with Recording(tmp_path / "out") as recording:
        sink.play(tone(0.5))
        assert sink.drain(60)
        wait_for(lambda: len(recording.loud()) > 0.3 * RATE)
    sink.close()


def pacat(rate: int, device: str | None, latency: float) -> list[str]:
    return ["pacat", *paplay(rate, device, latency)[1:]]


def test_where_a_program_hangs_another_plays_on(server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PROGRAMS", [paplay, pacat])
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    ways = Ways()
    output = Output(RATE, ways=ways)
    with Recording(tmp_path / "out") as recording:
        output.play(tone(0.5))
        hung = output._way._program
        hung.send_signal(signal.SIGSTOP)
        output.play(tone(3.0))  # more than it takes before it counts as full
        wait_for(lambda: len(recording.loud()) > 1.5 * RATE)
        assert hung.wait(60) == -signal.SIGKILL
        assert ways.avoided("paplay") and output._way.name == "pacat" and output.drain(60)
    output.close()
    again = Output(RATE, ways=ways)
    again.play(tone(0.1))  # the next one knows
    assert again._way.name == "pacat"
    again.close()


def test_where_all_programs_hang_it_is_told_in_one_line_and_later_they_are_tried_again(
    server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "PROGRAMS", [paplay])
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    output = Output(RATE)
    output.play(tone(0.1))
    output._way._program.send_signal(signal.SIGSTOP)
    with pytest.raises(AudioError, match=r"paplay takes no more sound; nothing plays sound here \(paplay has hung\)") as error:
        output.play(tone(5.0))
    assert "\n" not in str(error.value)
    monkeypatch.setattr(output_of, "_AGAIN", 0.0)
    output.give_up()
    output.play(tone(0.1))
    output.close()


def test_a_program_that_hangs_at_its_end_is_not_waited_for_without_limit(
    server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "PROGRAMS", [paplay])
    monkeypatch.setattr(programs, "_ENDING", 0.2)
    sink = ProgramSink(RATE, None, PATIENT)
    sink.play(tone(0.1))
    program = sink._program
    program.send_signal(signal.SIGSTOP)
    wait_for(lambda: sink._program is None)  # it has been quiet for long enough
    sink.close()
    assert program.wait(60) == -signal.SIGKILL
    sink.play(tone(0.1))
    sink._program.send_signal(signal.SIGSTOP)
    assert not sink.drain()
    sink.close()
