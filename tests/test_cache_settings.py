"""What the settings of the cache mean for what is on disk."""

from dataclasses import replace
from pathlib import Path

import pytest

from speechd_neural import paths
from speechd_neural.audio import phrase_tree
from speechd_neural.audio.cache import PhraseCache
from speechd_neural.config import CacheSection, Config
from speechd_neural.configured import open_cache
from tests.audio.test_cache import files, key, phrase
from tests.running_daemon import Running


def filled(directory: Path) -> None:
    """As after three days: a phrase of the packs, and one that was said."""
    for days in (2, 1, 0):
        cache = PhraseCache(directory / "phrases", secret=paths.secret_file(), today=lambda days=days: phrase_tree.today() - days)
        cache.put(key("a"), phrase(1), pack=True)
        cache.get(key("File"), said=True)
        cache.put(key("File"), phrase(2))
        cache.close()
    assert len(files(directory)) == 2


@pytest.mark.parametrize(
    ("changed", "left"),
    [({}, 2), ({"remember": False}, 1), ({"disk_mb": 0}, 0), ({"disk_mb": 0, "memory_mb": 0}, 0), ({"memory_mb": 0}, 2)],
)
def test_what_is_not_wanted_any_more_is_removed(tmp_path: Path, changed: dict[str, object], left: int) -> None:
    filled(tmp_path)
    cache = open_cache(Config(cache=replace(CacheSection(directory=tmp_path), **changed)))
    if cache is not None:
        cache.flush()
        cache.close()
    assert len(files(tmp_path)) == left
    assert (left > 0) == (tmp_path / "phrases").exists()


async def test_a_reload_takes_it_away_too(tmp_path: Path) -> None:
    filled(tmp_path / "kept")
    running = Running(tmp_path)
    text = f"cache: {{warm: false, directory: {tmp_path / 'kept'}, DISK}}\nfallback: {{deadline_ms: 0}}\n"
    running.config.write_text(text.replace("DISK", "disk_mb: 20"))
    await running.start()
    client = await running.client()
    assert (await client.ask({"do": "cache", "action": "stats"}))["disk_entries"] == 2
    running.config.write_text(text.replace("DISK", "disk_mb: 0"))
    assert (await client.ask({"do": "reload"}))["ok"]
    assert not (tmp_path / "kept" / "phrases").exists()
    client.speak(1, "abc")
    await client.utterance(1)
    await running.close()
    assert not (tmp_path / "kept" / "phrases").exists()
