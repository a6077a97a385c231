import pytest

from speechd_neural.commands.status import duration, lines

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


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 seconds"), (130, "2 minutes"), (7300, "2 hours"), (200_000, "2 days")]
)
def test_durations_in_words(seconds, words):
    assert duration(seconds) == words
