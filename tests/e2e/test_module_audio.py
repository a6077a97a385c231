"""Module-side audio: the server plays nothing, and yet the module is heard."""

import time

from speechd_neural.desktop.ssip import Ssip


def test_heard_and_silenced_without_the_server_playing(desktop):
    assert desktop.neural("setup", "--no-default").returncode == 0
    conf = desktop.home / ".config/speech-dispatcher/modules/neural.conf"
    conf.write_text("Audio module\nDaemonCommand\n")
    desktop.start_server()
    desktop.record()
    with Ssip(desktop.server_socket) as client:
        client.ask("SET SELF OUTPUT_MODULE neural")
        client.ask("SET SELF NOTIFICATION ALL ON")
        client.ask("SET SELF SSML_MODE ON")
        client.speak("<speak>One<mark name='a'/> two<mark name='b'/> three.</speak>")
        assert client.wait_for_end(15) == "END"
        assert [code for code, _ in client.events] == ["701", "700", "700"]
        time.sleep(0.3)
        assert desktop.is_heard()
        start = len(desktop.heard())
        client.speak("This is a sentence of some length. " * 20)
        end = time.monotonic() + 10
        while not desktop.is_heard(start):
            assert time.monotonic() < end
            time.sleep(0.02)
        client.ask("CANCEL SELF")
        assert client.wait_for_end(5) == "CANCEL"
        time.sleep(0.4)
        quiet = len(desktop.heard())
        time.sleep(0.5)
        assert not desktop.is_heard(quiet)
        client.speak("Again.")
        assert client.wait_for_end(15) == "END"
        assert desktop.is_heard(quiet)
    log = (desktop.run_dir / "speech-dispatcher/log/neural.log").read_text()
    assert "Traceback" not in log
