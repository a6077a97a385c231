from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speechd_neural.audio import cache as cache_module
from speechd_neural.audio.cache import SHARDS, CachedPhrase, PhraseCache, decode, encode, key_for


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
    return [path for path in directory.rglob("*") if path.is_file()]


def test_what_was_put_is_got_now_later_and_after_a_restart(tmp_path: Path) -> None:
    cache = PhraseCache(tmp_path)
    cache.put(key("one"), phrase(1))
    assert same(cache.get(key("one")), phrase(1))
    cache.put(key("two"), phrase(2, f0=False))
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
    monkeypatch.setattr(cache_module, "FORMAT", 99)
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
    cache.put(key("one"), phrase(1))
    cache.close()
    (path,) = files(tmp_path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    again = PhraseCache(tmp_path)
    assert again.get(key("one")) is None
    assert again.stats()["damaged"] == 1 and not files(tmp_path)
    again.put(key("one"), phrase(1))
    again.close()
    assert same(PhraseCache(tmp_path).get(key("one")), phrase(1))


def test_files_and_folders_are_private(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        cache = PhraseCache(tmp_path / "cache")
        cache.put(key("one"), phrase(1))
        cache.close()
    finally:
        os.umask(old)
    for path in (tmp_path / "cache").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o600 if path.is_file() else 0o700), path
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_disk_and_memory_keep_to_their_limits_and_the_recently_used_stay(tmp_path: Path) -> None:
    size = phrase().size
    cache = PhraseCache(tmp_path, disk_limit=size * SHARDS * 8, memory_limit=size * 10)
    names = [f"{number:02x}" * 20 for number in range(4)]
    in_one_folder = ["00" + f"{number:038x}" for number in range(30)]
    for number, name in enumerate(in_one_folder):
        cache.put(name, phrase(number))
        cache.flush()
        if number > 4:  # the first one is in constant use
            cache._memory.pop(in_one_folder[0], None)
            assert cache.get(in_one_folder[0]) is not None
            cache.flush()
    for name in names:
        cache.put(name, phrase())
    cache.flush()
    stats = cache.stats(walk=True)
    assert stats["memory_bytes"] <= size * 10
    assert len(files(tmp_path / "00")) <= 8
    assert in_one_folder[0] in cache and in_one_folder[29] in cache and in_one_folder[10] not in cache
    cache.close()


def test_a_phrase_too_long_to_keep_is_not_kept(tmp_path: Path) -> None:
    cache = PhraseCache(tmp_path, disk_limit=SHARDS * 3000, memory_limit=4000)
    cache.put(key("long"), phrase(1, 60_000))
    cache.close()
    assert cache.get(key("long")) is None and not files(tmp_path)


def test_an_unusable_directory_costs_speed_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = PhraseCache(tmp_path / "file" / "cache")
    for number in range(3):
        cache.put(key(str(number)), phrase(number))
    cache.flush()
    assert same(cache.get(key("1")), phrase(1))
    assert cache.get(key("9")) is None
    assert int(cache.stats(walk=True)["disk_failures"]) >= 3
    assert len(caplog.records) == 1  # told once, not with every phrase
    cache.clear()
    cache.close()


def test_a_full_disk_leaves_no_partial_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache = PhraseCache(tmp_path)
    cache.put(key("one"), phrase(1))
    cache.close()
    assert not files(tmp_path) and cache.stats()["disk_failures"] == 1
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
    cache = PhraseCache(tmp_path)
    cache.put(key("one"), phrase(1))
    cache.clear()
    assert files(tmp_path) == [tmp_path / "notes"]
    assert cache.get(key("one")) is None
    cache.close()


def _busy(directory: Path, seed: int, wrong: multiprocessing.SimpleQueue) -> None:
    cache = PhraseCache(directory, disk_limit=SHARDS * 20_000, memory_limit=0)
    random = np.random.default_rng(seed)
    bad = 0
    for _ in range(300):
        number = int(random.integers(40))
        found = cache.get(key(str(number)))
        if found is None:
            cache.put(key(str(number)), phrase(number))
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
