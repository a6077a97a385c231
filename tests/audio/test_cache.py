from __future__ import annotations

import multiprocessing
import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speechd_neural.audio import phrase_file
from speechd_neural.audio.cache import PhraseCache
from speechd_neural.audio.phrase_file import CachedPhrase, decode, encode, key_for
from speechd_neural.audio.phrase_tree import SHARDS


def phrase(seed: int = 0, length: int = 1000, f0: bool = True) -> CachedPhrase:
    random = np.random.default_rng(seed)
    pitch = random.uniform(80, 200, length // 160).astype(np.float32) if f0 else None
    return CachedPhrase(random.integers(-9000, 9000, length).astype(np.int16), ((0, 0, 400), (1, 400, length)), pitch)


def same(a: CachedPhrase | None, b: CachedPhrase) -> bool:
    if a is None or (a.f0 is None) != (b.f0 is None):
        return False
    pitch = a.f0 is None or b.f0 is None or np.array_equal(a.f0, b.f0)
    return np.array_equal(a.samples, b.samples) and a.spans == b.spans and pitch


def key(name: str) -> str:
    return key_for("voice-1", (name, "."), name)


def files(directory: Path) -> list[Path]:
    """The phrases on disk."""
    return [path for path in directory.rglob("*") if path.is_file() and path.name not in ("secret", "days")]


def test_packs_are_there_now_later_and_after_a_restart(tmp_path: Path) -> None:
    cache = PhraseCache(tmp_path)
    cache.put(key("one"), phrase(1), pack=True)
    assert same(cache.get(key("one")), phrase(1))
    cache.put(key("two"), phrase(2, f0=False), pack=True)
    cache.close()
    again = PhraseCache(tmp_path)
    assert same(again.get(key("one")), phrase(1)) and same(again.get(key("two")), phrase(2, f0=False))
    assert again.get(key("three")) is None
    stats = again.stats(walk=True)
    assert (stats["hits_disk"], stats["hits_memory"], stats["misses"], stats["disk_entries"]) == (2, 0, 1, 2)
    again.close()


def test_the_key_depends_on_all_that_makes_the_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {
        key_for("v1", ("a", "b"), "ab"),
        key_for("v2", ("a", "b"), "ab"),
        key_for("v1", ("ab",), "ab"),
        key_for("v1", ("a", "b"), "a b"),
        key_for("v1", (), "a"),
    }
    monkeypatch.setattr(phrase_file, "FORMAT", 99)
    keys.add(key_for("v1", ("a", "b"), "ab"))
    assert len(keys) == 6
    assert all(len(name) == 40 and set(name) <= set("0123456789abcdef") for name in keys)


@settings(deadline=None)
@given(st.binary(max_size=40), st.integers(0, 3000), st.booleans())
def test_every_damaged_byte_is_noticed(noise: bytes, where: int, cut: bool) -> None:
    name = key("x")
    data = encode(name, phrase())
    assert same(decode(name, data), phrase())
    where %= len(data)
    bad = data[:where] if cut else data[:where] + noise + data[where + len(noise) :]
    if bad == data:
        return
    with pytest.raises(ValueError):
        decode(name, bad)


def test_a_damaged_entry_is_dropped_and_can_be_put_again(tmp_path: Path) -> None:
    cache = PhraseCache(tmp_path)
    cache.put(key("one"), phrase(1), pack=True)
    cache.close()
    (path,) = files(tmp_path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    again = PhraseCache(tmp_path)
    assert again.get(key("one")) is None
    assert again.stats()["damaged"] == 1 and not files(tmp_path)
    again.put(key("one"), phrase(1), pack=True)
    again.close()
    assert same(PhraseCache(tmp_path).get(key("one")), phrase(1))


def test_files_and_folders_are_private(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        cache = PhraseCache(tmp_path / "cache")
        cache.put(key("one"), phrase(1), pack=True)
        cache.get(key("two"), said=True)
        cache.close()
    finally:
        os.umask(old)
    for path in (tmp_path / "cache").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o600 if path.is_file() else 0o700), path
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_disk_and_memory_keep_to_their_limits_and_the_recently_needed_stay(tmp_path: Path) -> None:
    size, day = phrase().size, 800_000
    cache = PhraseCache(tmp_path, disk_limit=2 * size * SHARDS * 8, memory_limit=size * 10, today=lambda: day)
    keys = [name for name in map(key, map(str, range(60_000))) if cache._disk.packs.name(name).startswith("00")][:30]
    for number, name in enumerate(keys):
        day = 800_000 + number
        assert number < 5 or cache.has_pack(keys[0])  # the first one is needed every day
        cache.put(name, phrase(number), pack=True)
        cache.flush()
    stats = cache.stats(walk=True)
    assert stats["memory_bytes"] <= size * 10
    assert len(files(tmp_path / "packs" / "00")) <= 8
    cache._memory.clear()
    assert keys[0] in cache and keys[29] in cache and keys[10] not in cache
    cache.close()


def test_a_phrase_too_long_to_keep_is_not_kept(tmp_path: Path) -> None:
    cache = PhraseCache(tmp_path, disk_limit=SHARDS * 3000, memory_limit=4000)
    cache.put(key("long"), phrase(1, 60_000), pack=True)
    cache.close()
    assert cache.get(key("long")) is None and not files(tmp_path)


@pytest.mark.parametrize("where", ["cache", "secret"])
def test_an_unusable_directory_costs_speed_only(tmp_path: Path, caplog: pytest.LogCaptureFixture, where: str) -> None:
    (tmp_path / "file").write_text("in the way")
    unusable = tmp_path / "file" / "x"
    cache = PhraseCache(tmp_path / "good", secret=unusable) if where == "secret" else PhraseCache(unusable)
    for number in range(3):
        cache.put(key(str(number)), phrase(number), pack=True)
        cache.get(key(str(number)), said=True)
    cache.flush()
    assert same(cache.get(key("1")), phrase(1))
    assert cache.get(key("9")) is None and cache.has_pack(key("1"))
    assert len(caplog.records) == 1  # told once, not with every phrase
    cache.clear()
    cache.close()


def test_a_directory_that_is_lost_on_the_way_costs_speed_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = PhraseCache(tmp_path / "cache")
    cache.flush()
    (tmp_path / "cache" / "packs").write_text("in the way")
    for number in range(3):
        cache.put(key(str(number)), phrase(number), pack=True)
    cache.flush()
    assert same(cache.get(key("1")), phrase(1)) and cache.get(key("9")) is None
    assert int(cache.stats(walk=True)["disk_failures"]) >= 3 and len(caplog.records) == 1
    cache.close()


def test_a_full_disk_leaves_no_partial_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    cache = PhraseCache(tmp_path)
    monkeypatch.setattr(os, "replace", full)
    cache.put(key("one"), phrase(1), pack=True)
    cache.get(key("two"), said=True)
    cache.close()
    assert not files(tmp_path) and cache.stats()["disk_failures"] == 2
    assert same(cache.get(key("one")), phrase(1))


def test_without_a_directory_it_lives_in_memory() -> None:
    cache = PhraseCache(None)
    cache.put(key("one"), phrase(1))
    assert same(cache.get(key("one")), phrase(1))
    assert "directory" not in cache.stats(walk=True)
    cache.clear()
    assert cache.get(key("one")) is None
    cache.close()


def test_clear_empties_the_disk_but_leaves_other_files(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("not ours")
    cache = PhraseCache(tmp_path, secret=tmp_path / "own" / "secret")
    before = (tmp_path / "own" / "secret").read_bytes()
    cache.put(key("one"), phrase(1), pack=True)
    cache.clear()
    assert files(tmp_path) == [tmp_path / "notes"]
    assert cache.get(key("one")) is None
    assert (tmp_path / "own" / "secret").read_bytes() != before
    cache.put(key("one"), phrase(1), pack=True)
    cache.close()
    assert same(PhraseCache(tmp_path, secret=tmp_path / "own" / "secret").get(key("one")), phrase(1))


def test_nothing_of_others_is_removed_from_its_folders_or_through_a_link(tmp_path: Path) -> None:
    cache = PhraseCache(tmp_path / "phrases", disk_limit=SHARDS * 3000)
    kept = tmp_path / "precious"
    kept.mkdir()
    (kept / ("0" * 38)).write_text("mine")
    packs = tmp_path / "phrases" / "packs"
    packs.mkdir(exist_ok=True)
    own = [packs / "note", *(packs / f"{shard:02x}" / "note" for shard in range(0, SHARDS, 2))]
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(5000))  # more than a folder's share
        os.utime(path, ns=(0, 0))  # and the oldest of all
    for shard in range(1, SHARDS, 2):
        (packs / f"{shard:02x}").symlink_to(kept)
    for number in range(300):
        cache.put(key(str(number)), phrase(number, 100), pack=True)
    cache.flush()
    assert cache.clear() is None
    assert all(path.exists() for path in own)
    assert [path.read_text() for path in kept.iterdir()] == ["mine"]
    cache.close()


def test_clear_says_what_it_could_not_remove(tmp_path: Path) -> None:
    cache = PhraseCache(tmp_path / "phrases", secret=tmp_path / "secret")
    cache.put(key("a"), phrase(1), pack=True)
    cache.flush()
    (file,) = files(tmp_path / "phrases" / "packs")
    data = file.read_bytes()
    file.unlink()
    file.mkdir()  # nobody, not even root, can unlink that
    assert cache.clear() is None
    file.rmdir()
    file.write_bytes(data)
    (tmp_path / "secret").unlink()
    (tmp_path / "secret" / "x").mkdir(parents=True)
    assert cache.clear() == tmp_path / "secret" and not file.exists()
    cache.close()


def _busy(directory: Path, seed: int, wrong: multiprocessing.SimpleQueue) -> None:
    cache = PhraseCache(directory, disk_limit=SHARDS * 20_000, memory_limit=0)
    random = np.random.default_rng(seed)
    bad = 0
    for _ in range(300):
        number = int(random.integers(40))
        found = cache.get(key(str(number)))
        if found is None:
            cache.put(key(str(number)), phrase(number), pack=True)
        elif not same(found, phrase(number)):
            bad += 1
    cache.close()
    wrong.put((bad, cache.stats()["damaged"]))


def test_processes_share_it_without_harm(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    wrong = context.SimpleQueue()
    others = [context.Process(target=_busy, args=(tmp_path, seed, wrong)) for seed in range(3)]
    for other in others:
        other.start()
    results = [wrong.get() for _ in others]
    for other in others:
        other.join()
        other.close()
    wrong.close()
    assert results == [(0, 0)] * 3
    cache = PhraseCache(tmp_path)
    assert all(same(cache.get(key(str(n))), phrase(n)) for n in range(40) if key(str(n)) in cache)
    cache.close()


def test_the_thread_that_writes_survives_what_nobody_thought_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    days = iter([None])  # the first is none at all
    cache = PhraseCache(tmp_path, today=lambda: next(days, 739_900))
    cache.put(key("one"), phrase(1), pack=True)
    cache.put(key("two"), phrase(2), pack=True)
    ended = threading.Thread(target=cache.flush, daemon=True)
    ended.start()
    ended.join(60)
    assert not ended.is_alive() and key("two") in PhraseCache(tmp_path)
    assert cache.clear() is None and not files(tmp_path)
    cache.close()
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("phrase cache: TypeError") and line.endswith("; going on")
