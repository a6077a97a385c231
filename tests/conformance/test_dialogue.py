"""The module's protocol, word for word, with nothing behind it but the fallback."""

import contextlib
import os
import time
from pathlib import Path

import pytest

from speechd_neural.module.output import LEAD

# s of sound: what the pipe holds and as much that was read already (0.19 each), what the module may be ahead of the ear,
# and the block that it is writing (0.04).
WAITING = 0.42 + LEAD


def seconds(events):
    return sum(len(event[1]) / 2 / event[2] for event in events if event[0] == "audio")


def test_handshake_as_the_server_does_it(start_module):
    module = start_module()
    module.send(b"INIT")
    lines = module.reply()
    assert len(lines) == 2 and lines[0].startswith(b"299-speechd-neural") and lines[1] == b"299 OK LOADED SUCCESSFULLY"
    assert module.ask(b"DEBUG ON /dev/null ") == b"200 OK DEBUGGING ON"
    assert module.ask(b"AUDIO") == b"207 OK RECEIVING AUDIO SETTINGS"
    assert module.ask(b"audio_output_method=server", b".") == b"203 OK AUDIO INITIALIZED"
    assert module.ask(b"LOGLEVEL") == b"207 OK RECEIVING LOGLEVEL SETTINGS"
    assert module.ask(b"log_level=0", b".") == b"203 OK LOGLEVEL SET"
    module.send(b"LIST VOICES")
    *voices, end = module.reply()
    assert b"200-rms\ten-US\tmale" in voices and end == b"200 OK VOICE LIST SENT"
    assert module.ask(b"DEBUG OFF ") == b"200 OK DEBUGGING OFF"
    assert module.ask(b"QUIT") == b"210 OK QUIT"
    assert module.ended() == 0


@pytest.mark.parametrize("argument", ["en-US", "EN-us", "en", "en-us none", "none"])
def test_voice_list_with_arguments(module, argument):
    assert module.ask(b"LIST VOICES " + argument.encode()) == b"200 OK VOICE LIST SENT"


@pytest.mark.parametrize("argument", ["de", "en-GB", "e", "en-us-x-y"])
def test_voice_list_without_a_match(module, argument):
    assert module.ask(b"LIST VOICES " + argument.encode()) == b"304 CANT LIST VOICES"


def test_speaks_with_every_event_in_order(module):
    assert module.block(b"SET", b"rate=60", b"language=en-us", b"synthesis_voice=NULL") == b"203 OK SETTINGS RECEIVED"
    module.speak(b'<speak>Hello.<mark name="__spd_0"/> <mark name=\'w\'/>World.<mark name="__spd_1"/></speak>')
    events = module.utterance()
    assert events[0] == "701 BEGIN" and events[-1] == "702 END"
    assert [event[1] for event in events if event[0] == "mark"] == ["__spd_0", "w", "__spd_1"]
    assert events[1][0] == "audio" and len(events[1][1]) / 2 / events[1][2] <= 0.02
    assert 0.3 < seconds(events) < 2
    assert module.silent()


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (b"CHAR", b"a"),
        (b"CHAR", b"space"),
        (b"CHAR", "é".encode()),
        (b"KEY", b"control_a"),
        (b"KEY", b".."),
        (b"KEY", b"_"),
        (b"SOUND_ICON", b"no-such-icon"),
        (b"SOUND_ICON", b"../../etc/passwd"),
        (b"SPEAK", b"<speak><mark name='0:1'/>a </speak>"),
        (b"SPEAK", b"<speak>unbalanced <b>tags & </i> and < signs"),
        (b"SPEAK", b"invalid \xff\xfe utf-8 and a nul \0 inside"),
        (b"SPEAK", b"<speak>two\r\nlines\r\n..with a dot</speak>"),
        (b"SPEAK", "<speak>line separators \u2028 \u0085 \x0c stay inside</speak>".encode()),
    ],
)
def test_every_kind_of_message_is_heard(module, command, text):
    module.speak(text, command)
    events = module.utterance()
    assert events[0] == "701 BEGIN" and events[-1] == "702 END"
    assert seconds(events) > 0.04


def test_a_dot_arrives_as_a_dot(module):
    module.speak(b"..", b"KEY")
    dot = seconds(module.utterance())
    module.speak(b"dot", b"KEY")
    assert seconds(module.utterance()) == pytest.approx(dot, abs=0.2)


@pytest.mark.parametrize("text", [b"", b" ", b"<speak> </speak>", b"<speak><mark name='x'/></speak>", b"<speak/>"])
def test_nothing_to_say_still_begins_and_ends(module, text):
    module.speak(text)
    events = module.utterance()
    assert events[0] == "701 BEGIN" and events[-1] == "702 END"
    assert seconds(events) == 0
    assert (("mark", "x") in events) == (b"mark" in text)


@pytest.mark.parametrize(
    "line",
    [b"", b"NONSENSE", b"speak", b"SPEAK?", b"LIST", b"LIST OUTPUT_MODULES", b"\xff\xff", b"203 OK", b"." * 5000],
)
def test_unknown_commands_are_refused_and_do_no_harm(module, line):
    assert module.ask(line) == b"300 ERR UNKNOWN COMMAND"
    module.speak(b"x", b"CHAR")
    assert module.utterance()[-1] == "702 END"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b"rate=9999", b"pitch=abc", b"volume=", b"=", b"no equals sign", b"unknown=1"],
        [b"punctuation_mode=loud", b"cap_let_recogn=shout", b"spelling_mode=perhaps", b"voice=robot"],
        [b"language=c", b"synthesis_voice=No Such Voice At All", b"pitch_range=-1e9", b"rate=\xff"],
    ],
)
def test_set_accepts_everything(module, lines):
    assert module.block(b"SET", *lines) == b"203 OK SETTINGS RECEIVED"
    module.speak(b"x", b"CHAR")
    assert seconds(module.utterance()) > 0.1


def test_debug_with_a_bad_file_and_bad_syntax(module):
    assert module.ask(b"DEBUG") == b"302 ERROR BAD SYNTAX"
    assert module.ask(b"DEBUG ON /no/such/directory/file ") == b"200 OK DEBUGGING ON"
    module.speak(b"x", b"CHAR")
    assert module.utterance()[-1] == "702 END"


def test_stop_and_pause_with_nothing_under_way_are_silent(module):
    module.send(b"STOP", b"PAUSE", b"STOP")
    assert module.silent()
    module.speak(b"x", b"CHAR")
    assert module.utterance()[-1] == "702 END"
    module.send(b"STOP", b"PAUSE")
    assert module.silent()


LONG = b"<speak>" + b"This is a sentence.<mark name='__spd_%d'/> ".replace(b"%d", b"0") * 200 + b"</speak>"


def test_stop_ends_an_utterance_once_and_the_next_is_spoken(module):
    module.speak(LONG)
    assert module.event() == "701 BEGIN"
    module.send(b"STOP", b"STOP")
    events = module.utterance()
    assert events[-1] == "703 STOP"
    assert module.silent()
    module.speak(b"x", b"CHAR")
    assert module.utterance()[-1] == "702 END"


def test_stop_before_the_first_sound(module):
    for _ in range(20):
        assert module.ask(b"SPEAK") == b"202 OK RECEIVING MESSAGE"
        module.send(LONG, b".", b"STOP")
        assert module.reply() == [b"200 OK SPEAKING"]
        assert module.utterance()[-1] == "703 STOP"
    assert module.silent()


def test_little_sound_waits_in_front_of_a_stop(module):
    module.speak(LONG)
    for _ in range(20):
        module.event()
    sent = time.monotonic()
    module.send(b"STOP")
    waited = seconds(module.utterance())
    assert waited < WAITING + time.monotonic() - sent  # and what was due until the module read this


def test_pause_repeats_the_last_mark_of_the_server(module):
    module.speak(LONG)
    while module.event() != ("mark", "__spd_0"):
        pass
    module.send(b"PAUSE")
    assert module.utterance()[-2:] == [("mark", "__spd_0"), "704 PAUSE"]
    assert module.silent()


def test_pause_without_a_mark_starts_over(module):
    text = b"A long text without any mark that the server would know. " * 40
    module.speak(b"<speak><mark name='client'/>" + text + b"</speak>")
    while module.event() != ("mark", "client"):
        pass
    module.send(b"PAUSE")
    assert module.utterance()[-2:] == [("mark", "__spd_-1"), "704 PAUSE"]


def test_pause_before_the_first_sound(module):
    assert module.ask(b"SPEAK") == b"202 OK RECEIVING MESSAGE"
    module.send(LONG, b".", b"PAUSE")
    assert module.reply() == [b"200 OK SPEAKING"]
    assert module.utterance()[-3:] == ["701 BEGIN", ("mark", "__spd_-1"), "704 PAUSE"]


def test_commands_are_answered_while_speaking(module):
    module.speak(LONG)
    assert module.event() == "701 BEGIN"
    sent = time.monotonic()
    module.send(b"LIST VOICES")
    before = []
    while (event := module.event()) != "200 OK VOICE LIST SENT":
        before.append(event)
    assert seconds(before) < WAITING + time.monotonic() - sent
    module.send(b"DEBUG OFF ")
    while module.event() != "200 OK DEBUGGING OFF":
        pass
    module.send(b"QUIT")
    while (event := module.event()) != "703 STOP":
        assert event[0] in ("audio", "mark")
    assert module.event() == "210 OK QUIT"
    assert module.ended() == 0


def test_the_reply_to_quit_is_the_last_line(module):
    """Also right behind SPEAKING, when the end of what was stopped has to wait for a moment."""
    assert module.ask(b"SPEAK") == b"202 OK RECEIVING MESSAGE"
    module.send(LONG, b".", b"QUIT")
    assert module.reply() == [b"200 OK SPEAKING"]
    assert module.utterance()[-1] == "703 STOP"
    assert module.event() == "210 OK QUIT"
    assert module.ended() == 0


def test_a_megabyte_of_text_and_memory_stays_small(module):
    module.speak(b"<speak>" + b"Another sentence of usual length.<mark name='__spd_0'/> " * 20000 + b"</speak>")
    for _ in range(100):
        module.event()
    module.send(b"STOP")
    assert module.utterance()[-1] == "703 STOP"
    module.speak(b"x", b"CHAR")
    assert module.utterance()[-1] == "702 END"
    assert module.memory() < 40_000


def test_resident_memory_after_ordinary_use(module):
    for _ in range(5):
        module.speak(b"<speak>Hello there.</speak>")
        module.utterance()
    assert module.memory() <= 25_000


def test_pipe_is_small_and_nothing_is_inherited(start_module, pipe_size):
    with open("/dev/null") as other:
        os.set_inheritable(other.fileno(), True)
        module = start_module()
        module.start()
        assert pipe_size(module.process) == 8192
        links = []
        for link in Path(f"/proc/{module.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # a socket with which it has looked for a daemon just now
                links.append(os.readlink(link))
        assert len(links) >= 4 and links.count("/dev/null") == 0


def test_end_of_input_ends_the_module(module):
    module.speak(LONG)
    module.process.stdin.close()
    assert module.ended() == 0


def test_a_reader_that_vanishes_ends_the_module(module):
    module.speak(LONG)
    module.process.stdout.close()
    module.send(b"STOP", b"LIST VOICES")
    module.process.stdin.close()
    assert module.ended() == 0


def test_the_spoken_text_is_in_no_log(module):
    module.speak(b"<speak>confidential matter</speak>")
    module.utterance()
    assert "confidential" not in module.log()
    assert "the fallback speaks utterance 1" in module.log()


def test_configuration_mistakes_are_named_and_do_no_harm(start_module):
    module = start_module('Deadline soon\nDaemonCommand\nColour blue\nSocket relative/path\nDaemonCommand "open\n')
    module.start()
    module.speak(b"x", b"CHAR")
    assert module.utterance()[-1] == "702 END"
    log = module.log()
    assert "neural.conf:2: Deadline takes a whole number of milliseconds" in log
    assert "neural.conf:4: unknown name 'Colour'" in log
    assert "neural.conf:5: Socket takes an absolute path" in log
    assert "neural.conf:6: a quotation mark is missing" in log


def test_without_espeak_a_tone_is_heard(start_module, tmp_path):
    module = start_module(PATH=str(tmp_path))
    module.start()
    module.speak(b"<speak>Hello there.</speak>")
    events = module.utterance()
    assert events[-1] == "702 END" and 0.05 < seconds(events) < 0.3


def test_module_side_audio_is_asked_for_by_refusing_the_servers(start_module):
    module = start_module("DaemonCommand\nAudio module\n", PATH="/nowhere")
    assert module.ask(b"INIT") == b"299 OK LOADED SUCCESSFULLY"
    assert module.block(b"AUDIO", b"audio_output_method=server")[:1] == b"3"
    assert module.block(b"AUDIO", b"audio_output_method=pulse,alsa", b"audio_alsa_device=default")[:3] == b"203"
    module.speak(b"<speak>Hello<mark name='m'/></speak>")  # nothing here can play it: it ends all the same
    events = module.utterance()
    assert events[-1] == "702 END" and seconds(events) == 0
