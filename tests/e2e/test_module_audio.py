"""Module-side audio: the server plays nothing, and yet the module is heard."""

from speechd_neural.desktop.ssip import Ssip
from tests.e2e.conftest import LIMIT


def test_heard_and_silenced_without_the_server_playing(desktop):
    assert desktop.neural("setup", "--no-default", "--quiet").returncode == 0
    conf = desktop.home / ".config/speech-dispatcher/modules/neural.conf"
    conf.write_text("Audio module\nDaemonCommand\n")
    desktop.start_server()
    desktop.record()
    with Ssip(desktop.server_socket, LIMIT) as client:
        client.ask("SET SELF OUTPUT_MODULE neural")
        client.ask("SET SELF NOTIFICATION ALL ON")
        client.ask("SET SELF SSML_MODE ON")
        client.speak("<speak>One<mark name='a'/> two<mark name='b'/> three.</speak>")
        assert client.wait_for_end(LIMIT) == "END"
        assert [code for code, _ in client.events] == ["701", "700", "700"]
        desktop.hears()
        desktop.falls_silent(0)
        start = desktop.now()
        client.speak("This is a sentence of some length. " * 20)
        desktop.hears(start)
        client.ask("CANCEL SELF")
        assert client.wait_for_end(LIMIT) == "CANCEL"
        assert desktop.falls_silent(desktop.now()) < 0.5
        quiet = desktop.now()
        client.speak("Again.")
        assert client.wait_for_end(LIMIT) == "END"
        desktop.hears(quiet)
    log = (desktop.run_dir / "speech-dispatcher/log/neural.log").read_text()
    assert "Traceback" not in log
