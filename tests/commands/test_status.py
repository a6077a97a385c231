import json
import socketserver
import threading

import pytest

from speechd_neural import paths
from speechd_neural.cli import main
from speechd_neural.commands import status
from speechd_neural.commands.status import duration, lines
from speechd_neural.frontends import wire

STATUS = {
    "version": "1",
    "pid": 7,
    "uptime_s": 100,
    "voice": "anna",
    "sample_rate": 16000,
    "voice_error": "",
    "voices": ["anna"],
    "voices_in_memory": [],
    "broken_voices": {},
    "config_error": "",
    "mistakes": [],
    "state": "idle",
    "clients": 1,
    "streams": 0,
    "waiting": 0,
    "requests": 5,
    "refused": 0,
    "fallbacks": 0,
    "cache": {},
    "to_warm": 0,
    "memory_mb": 60.5,
}


def test_each_line_is_one_fact():
    told = list(lines(STATUS))
    assert told[0] == "Daemon version 1, process 7, up for 100 seconds."
    assert "Voice: anna, 16000 samples per second." in told
    assert "Cache: off." in told and told[-1] == "Memory: 60.5 MB."
    assert not any("problem" in line or "\n" in line for line in told)


def test_problems_latencies_and_cache_are_told_where_there_are_any():
    cache = {"hits_memory": 3, "hits_disk": 4, "misses": 5, "memory_entries": 6}
    more = {"voice": "", "voice_error": "gone", "config_error": "line 3", "to_warm": 9, "cache": cache}
    told = "\n".join(lines({**STATUS, **more, "latency_p50_ms": 4.0, "latency_p95_ms": 9.5}))
    assert "espeak-ng speaks" in told and "Voice problem: gone" in told and "Configuration problem: line 3" in told
    assert "Request to first sound: 4 ms half of the time, 9.5 ms or less in 95 of 100." in told
    assert "Cache: 6 phrases in memory, 7 found, 5 not found." in told and "9 phrases" in told


def test_other_voices_are_told_where_there_are_any():
    assert not any("voice" in line and "anna" not in line for line in lines(STATUS))
    more = {"voices": ["anna", "berta", "carla"], "voices_in_memory": ["carla"], "broken_voices": {"dora": "dora: damaged"}}
    told = list(lines({**STATUS, **more}))
    assert "Other voices: berta, carla. In memory: carla." in told
    assert "Voice that cannot be used: dora: damaged" in told
    told = list(lines({**STATUS, **more, "voice_error": "dora: damaged; it speaks on from memory"}))
    assert sum("damaged" in line for line in told) == 1


def test_a_mistake_in_a_file_of_the_users_is_told_once():
    told = list(lines({**STATUS, "config_error": "c, line 2", "mistakes": ["c, line 2", "lexicon.txt:7: no"]}))
    assert [line for line in told if "c, line 2" in line] == ["Configuration problem: c, line 2"]
    assert "Mistake in a file of yours: lexicon.txt:7: no; the daemon goes on with what it had." in told


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """The user's own, where a daemon answers that read the settings when they were in order."""
    for variable in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    paths.runtime_dir().mkdir(exist_ok=True)
    settings = paths.config_file()

    class Answer(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(1000)
            self.request.sendall(wire.encode({"reply": "status", "ok": True, "config": str(settings), **STATUS}))

    with socketserver.UnixStreamServer(str(paths.socket_path()), Answer) as server:
        answering = threading.Thread(target=server.serve_forever, args=(0.01,))
        answering.start()
        yield settings.parent
        server.shutdown()
        answering.join()


def test_files_with_mistakes_are_told_with_their_line(folder, capsys):
    assert main(["status"]) == 0
    assert "Mistake" not in capsys.readouterr().out
    (folder / "config.yaml").write_text("speech:\n  rate: 900\n")
    (folder / "lexicon.txt").write_text("orca = AO1 R K AX\ngnome    guh-NOHM\n")
    assert main(["status"]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Mistake")]
    assert len(told) == 2
    assert "config.yaml, line 2: speech.rate must be a number of -100 to 100;" in told[0]
    assert "lexicon.txt:2: not an entry; accepted: " in told[1]
    assert main(["status", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["mistakes"]
    assert "config.yaml, line 2" in first and "lexicon.txt:2" in second


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 seconds"), (130, "2 minutes"), (7300, "2 hours"), (200_000, "2 days")]
)
def test_durations_in_words(seconds, words):
    assert duration(seconds) == words


def test_what_the_system_refuses_is_one_line(monkeypatch, capsys):
    def refused(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(status, "run", refused)
    assert main(["status"]) == 1
    assert capsys.readouterr().err == "speechd-neural status: can't start new thread\n"


def test_a_runtime_directory_that_is_none_is_one_line(monkeypatch, capsys, tmp_path):
    (tmp_path / paths.NAME).symlink_to(tmp_path / "nowhere")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert main(["status"]) == 9
    assert capsys.readouterr().err.count("\n") == 1
