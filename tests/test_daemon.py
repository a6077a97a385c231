"""The daemon as a whole: its state, its configuration, a voice that fails, and systemd's watchdog."""

import asyncio
import contextlib
import socket
import threading

import pytest

from speechd_neural import loading, watching
from speechd_neural.errors import TextError
from tests.daemon_client import events, seconds
from tests.frontends.spiel_client import until
from tests.running_daemon import Running
from tests.toy_engine import ToyParts


async def test_status_voices_and_cache(client):
    client.speak(1, "abc")
    await client.utterance(1)
    status = await client.ask({"do": "status"})
    assert status["voice"] == "toy" and status["requests"] == 1 and status["state"] == "idle"
    assert status["latency_p50_ms"] > 0 and status["cache"]["memory_entries"] == 1
    (voice,) = (await client.ask({"do": "voices"}))["voices"]
    assert voice == {"name": "toy", "identifier": "toy-1", "sample_rate": 16000, "languages": ["en-US"], "gender": ""}
    assert (await client.ask({"do": "cache", "action": "clear"}))["ok"]
    assert (await client.ask({"do": "cache", "action": "stats"}))["memory_entries"] == 0
    hello = await client.ask({"do": "hello", "client": "test"})
    assert (hello["protocol"], hello["voice"]) == (1, "toy")


async def test_reload_takes_a_good_configuration_and_refuses_a_bad_one(running, client):
    running.config.write_text("speech:\n  rate: fast\n")
    refused = await client.ask({"do": "reload"})
    assert not refused["ok"] and "line 2" in refused["error"] and "speech.rate" in refused["error"]
    assert running.daemon.config.fallback.deadline_ms == 0
    assert "line 2" in (await client.ask({"do": "status"}))["config_error"]
    running.config.write_text("fallback: {deadline_ms: 300}\ncache: {disk_mb: 0}\n")
    assert (await client.ask({"do": "reload"}))["ok"]
    assert running.daemon.pipeline.means.options.deadline == 0.3
    assert not (await client.ask({"do": "status"}))["config_error"]
    client.speak(1, "abc")
    assert events(await client.utterance(1))[-1] == "end"


async def test_a_voice_that_breaks_on_reload_is_kept_and_told(running, client):
    running.parts.broken = "voice x: checksum"
    await client.ask({"do": "reload"})
    await client.ask({"do": "voices"})
    status = await client.ask({"do": "status"})
    assert status["voice_error"] == "voice x: checksum" and status["voice"] == "toy"


async def test_who_waits_for_the_voice_waits_for_that_of_the_last_reload(tmp_path):
    class Parts(ToyParts):
        """Voices are loaded when it is their turn."""

        turns = threading.Semaphore(1)

        def engine(self, wanted, path):
            self.turns.acquire()
            return super().engine(wanted, path)

    def loading() -> int:
        return sum(thread.name == "loading" for thread in threading.enumerate())

    running = Running(tmp_path, parts=Parts())
    await running.start()
    client = await running.client()
    await until(lambda: not loading())
    for _ in range(2):
        await client.ask({"do": "reload"})
    client.send({"do": "voices"})
    running.parts.turns.release()
    await until(lambda: loading() == 1)
    client.send({"do": "status"})
    assert (await client.next()).body["reply"] == "status"
    running.parts.turns.release()
    assert (await client.next()).body["reply"] == "voices"
    await running.close()


async def test_without_any_voice_the_fallback_speaks(tmp_path):
    running = Running(tmp_path)
    running.parts.broken = "voice x: missing"
    await running.start()
    client = await running.client()
    client.speak(1, "hello")
    frames = await client.utterance(1)
    assert seconds(frames) > 0.2 and events(frames)[-1] == "end"
    await running.close()


async def test_rates_count_double_where_it_is_configured(tmp_path):
    async def lengths(config, *rates):
        running = Running(tmp_path, config)
        await running.start()
        client = await running.client()
        found = []
        for id, rate in enumerate(rates):
            client.speak(id, "abcdefghijkl mnopqrst", settings={"rate": rate})
            found.append(seconds(await client.utterance(id)))
        await running.close()
        return found

    plain = await lengths("", -30, 0, 40, 100)
    boosted = await lengths("speech: {rate_boost: true}\n", -30, 0, 20, 50, 100)
    assert boosted[:4] == plain
    assert plain[3] > 1.3 * boosted[4]


async def test_an_engine_that_crashes_is_not_silence(running, client, caplog):
    def crash(segment):
        raise ZeroDivisionError("secret")

    running.parts.toy.refuse = crash
    client.speak(1, "secret")
    frames = await client.utterance(1)
    assert events(frames)[-1] == "end" and seconds(frames) > 0.2
    assert "ZeroDivisionError" in caplog.text and "secret" not in caplog.text


async def test_a_full_disk_costs_speed_not_speech(tmp_path):
    running = Running(tmp_path, "")
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    running.config.write_text(f"cache: {{warm: false, directory: {blocked}}}\nfallback: {{deadline_ms: 0}}\n")
    await running.start()
    client = await running.client()
    for id in range(3):
        client.speak(id, "abc" + "x" * id)
        assert events(await client.utterance(id))[-1] == "end"
    await running.close()


async def test_a_synthesis_that_hangs_withholds_the_sign_of_life(tmp_path, monkeypatch, caplog):
    gate = threading.Event()

    def hang(segment):
        gate.wait(120)

    monkeypatch.setattr("speechd_neural.daemon.HANG", 0.05)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifications:
        notifications.bind(str(tmp_path / "notify"))
        notifications.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "40000")
        loop = asyncio.get_running_loop()

        async def hear(wanted: bytes) -> None:
            while await asyncio.wait_for(loop.sock_recv(notifications, 100), 60) != wanted:
                pass

        running = Running(tmp_path)
        await running.start()
        await hear(b"READY=1")
        await hear(b"WATCHDOG=1")
        running.parts.toy.refuse = hang
        client = await running.client()
        client.speak(1, "abc")
        while "hangs" not in caplog.text:
            await asyncio.sleep(0.01)
        with contextlib.suppress(BlockingIOError):
            while notifications.recv(100):
                pass
        await asyncio.sleep(0.1)
        with pytest.raises(BlockingIOError):
            notifications.recv(100)
        # The loop itself is as quick as ever.
        assert (await client.ask({"do": "status"}))["streams"] == 1
        gate.set()
        assert events(await client.utterance(1))[-1] == "end"
        await hear(b"WATCHDOG=1")
        await running.close()


@pytest.mark.parametrize(
    ("error", "told"),
    [(ImportError("half an installation"), "cannot be loaded now"), (TextError("a file of the language is empty"), "is empty")],
)
async def test_what_could_not_be_loaded_is_tried_again(tmp_path, monkeypatch, caplog, error, told):
    """As in the middle of an installation: told as it is, and mended without anybody's doing."""
    monkeypatch.setattr(watching, "INTERVAL", 0.01)
    monkeypatch.setattr(loading, "AGAIN", 0.0)
    parts = ToyParts()
    reads, tries = parts.front_ends, []

    def broken(wanted, path):
        tries.append(path)
        raise error

    monkeypatch.setattr(parts, "front_ends", broken)
    running = Running(tmp_path, parts=parts)
    await running.start()
    client = await running.client()
    assert told in (await client.ask({"do": "status"}))["voice_error"]
    client.speak(1, "abc")
    assert events(await client.utterance(1))[-1] == "end"
    assert "still being loaded" not in caplog.text
    assert "the text cannot be read for the voice" in caplog.text
    while len(tries) < 3:
        await asyncio.sleep(0.01)
    assert caplog.text.count(told) == 1
    monkeypatch.setattr(parts, "front_ends", reads)
    while (await client.ask({"do": "status"}))["voice_error"]:
        await asyncio.sleep(0.01)
    client.speak(2, "abc")
    assert events(await client.utterance(2))[-1] == "end"
    assert parts.toy.spoken
    await running.close()


async def test_the_first_message_waits_for_the_voice_whatever_the_deadline(tmp_path, monkeypatch):
    """Whoever starts the daemon by speaking hears the voice: loading takes longer than a listener is patient later."""
    parts, gate = ToyParts(), threading.Event()
    reads = parts.front_ends

    def slow(wanted, path):
        gate.wait(60)
        return reads(wanted, path)

    monkeypatch.setattr(parts, "front_ends", slow)
    monkeypatch.setattr(loading, "PATIENCE", 60.0)
    running = Running(tmp_path, parts=parts)
    running.config.write_text("cache: {disk_mb: 0, warm: false}\nfallback: {deadline_ms: 20}\n")
    starting = asyncio.create_task(running.start())
    await until(lambda: running.path.exists())
    client = await running.client()
    client.speak(1, "abc")
    await asyncio.sleep(0.3)  # far beyond the deadline
    gate.set()
    assert events(await client.utterance(1))[-1] == "end"
    await starting
    assert parts.toy.spoken and running.daemon.pipeline.tally.fallbacks == 0
    await running.close()
