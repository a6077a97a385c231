"""What of the phrase cache gets to the disk, for how long, and what its files tell."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from speechd_neural.audio import said_days
from speechd_neural.audio.cache import PhraseCache
from speechd_neural.audio.phrase_store import forget
from speechd_neural.audio.secret import SIZE, secret
from tests.audio.test_cache import files, key, phrase, same

DAY = 739_900  # some day, as an ordinal number


def session(directory: Path, day: int, *said: str, packs: tuple[str, ...] = ()) -> PhraseCache:
    """One session on one day: phrases are made where they are not there yet."""
    cache = PhraseCache(directory, today=lambda: day)
    for text in packs:
        if not cache.has_pack(key(text)):
            cache.put(key(text), phrase(1), pack=True)
    for text in said:
        if cache.get(key(text), said=True) is None:
            cache.put(key(text), phrase(2))
    cache.close()
    return cache


def on_disk(directory: Path, text: str) -> bool:
    cache = PhraseCache(directory)
    found = key(text) in cache
    cache.close()
    return found


def test_what_was_said_is_kept_on_the_third_day_only(tmp_path: Path) -> None:
    session(tmp_path, DAY, "File", "File", "File", "once")
    session(tmp_path, DAY, "File")  # another session of the same day
    session(tmp_path, DAY + 5, "File")
    assert not files(tmp_path)
    session(tmp_path, DAY + 9, "File")
    assert len(files(tmp_path)) == 1 and on_disk(tmp_path, "File") and not on_disk(tmp_path, "once")
    again = PhraseCache(tmp_path)
    assert same(again.get(key("File")), phrase(2))
    assert again.stats(walk=True)["said_entries"] == 1
    again.close()


def test_what_is_not_said_is_in_memory_only(tmp_path: Path) -> None:
    for day in range(DAY, DAY + 5):
        cache = PhraseCache(tmp_path, today=lambda day=day: day)
        cache.put(key("letter"), phrase(3))
        assert same(cache.get(key("letter")), phrase(3))
        cache.close()
    assert not files(tmp_path)


def test_days_too_far_apart_do_not_add_up(tmp_path: Path) -> None:
    for number in range(4):
        session(tmp_path, DAY + number * (said_days.AGE + 1), "File")
    assert not files(tmp_path)


def test_after_thirty_days_it_is_gone(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        session(tmp_path, DAY + day, "File", "Edit", packs=("a",))
    assert len(files(tmp_path)) == 3
    session(tmp_path, DAY + 20, "Edit", packs=("a",))
    session(tmp_path, DAY + 3 + said_days.AGE, "other")
    assert on_disk(tmp_path, "File")
    session(tmp_path, DAY + 4 + said_days.AGE, "something else")
    assert not on_disk(tmp_path, "File") and on_disk(tmp_path, "Edit") and on_disk(tmp_path, "a")
    session(tmp_path, DAY + 51, "another")
    assert not files(tmp_path)


def test_the_packs_of_a_process_that_runs_for_months_stay(tmp_path: Path) -> None:
    day = DAY
    cache = PhraseCache(tmp_path, today=lambda: day)
    cache.put(key("a"), phrase(1), pack=True)
    for _ in range(10):
        day += 10
        cache.get(key("x"), said=True)
        cache._settle()
    cache.close()
    assert on_disk(tmp_path, "a")


def test_a_clock_that_was_ahead_keeps_nothing_for_ever(tmp_path: Path) -> None:
    for day in (5000, 5001, 5002):
        session(tmp_path, DAY + day, "File")
    assert on_disk(tmp_path, "File")
    session(tmp_path, DAY, "other")
    session(tmp_path, DAY + said_days.AGE + 1, "other")
    assert not files(tmp_path)


def test_no_time_tells_an_order_or_an_hour(tmp_path: Path) -> None:
    letters = tuple("abcdefghij")
    session(tmp_path, DAY, packs=letters)
    for day in (0, 1, 2):
        cache = PhraseCache(tmp_path, today=lambda day=day: DAY + day)
        for letter in "hide":  # a password is typed
            assert cache.get(key(letter)) is not None
        for text in ("View", "Edit", "File"):
            if cache.get(key(text), said=True) is None:
                cache.put(key(text), phrase(2))
        cache.close()
    found = [path.stat() for path in files(tmp_path)]
    assert len(found) == 13
    assert all(status.st_mtime_ns % (86_400 * 10**9) == 0 == status.st_atime_ns % (86_400 * 10**9) for status in found)
    assert len({(status.st_mtime_ns, status.st_atime_ns) for status in found}) <= 2  # the day of the packs, and of the others
    folders = [path.stat().st_mtime_ns for path in tmp_path.glob("*/*") if path.is_dir()]
    assert all(time % (86_400 * 10**9) == 0 for time in folders)
    assert (tmp_path / "days").stat().st_mtime_ns % (86_400 * 10**9) == 0


def test_typing_leaves_no_trace_in_the_files(tmp_path: Path) -> None:
    def times() -> dict[Path, tuple[int, ...]]:
        found = {path: path.stat() for path in tmp_path.rglob("*")}
        return {path: (status.st_atime_ns, status.st_mtime_ns, status.st_ctime_ns) for path, status in found.items()}

    session(tmp_path, DAY, packs=tuple("abcdefghij"))
    cache = PhraseCache(tmp_path, today=lambda: DAY + 1)
    cache.flush()
    before = times()
    for letter in "hide":
        assert cache.get(key(letter)) is not None
        assert cache.get(key("capital " + letter)) is None
        cache.put(key("capital " + letter), phrase(3))
    cache.close()
    # Of folders the time of reading is that of the walk above.
    assert {p: t for p, t in times().items() if p.is_file()} == {p: t for p, t in before.items() if p.is_file()}
    assert {p: t[1:] for p, t in times().items()} == {p: t[1:] for p, t in before.items()}


def test_names_tell_nothing_without_the_secret(tmp_path: Path) -> None:
    for part in ("one", "two"):
        for day in range(3):
            session(tmp_path / part, DAY + day, "File", packs=("a",))
    one, two = ({path.parent.name + path.name for path in files(tmp_path / part)} for part in ("one", "two"))
    assert len(one) == len(two) == 2 and not one & two
    everything = b"".join(path.read_bytes() for path in (tmp_path / "one").rglob("*") if path.is_file())
    for text in ("File", "a"):
        assert key(text) not in one and bytes.fromhex(key(text))[:8] not in everything


def test_the_list_of_days_is_sorted_and_holds_no_more_than_it_needs(tmp_path: Path) -> None:
    session(tmp_path, DAY, *map(str, range(50)))
    counts = said_days.read(tmp_path / "days")
    assert len(counts) == 50 and list(counts) == sorted(counts) and set(counts.values()) == {(DAY, 1)}
    session(tmp_path, DAY + said_days.AGE + 1, "new")
    assert len(said_days.read(tmp_path / "days")) == 1


def test_a_damaged_list_begins_anew(tmp_path: Path) -> None:
    session(tmp_path, DAY, "File")
    data = bytearray((tmp_path / "days").read_bytes())
    for bad in (data[:-1], b"", data[:5], bytes(len(data)), data + b"x", data[:-1] + bytes([data[-1] ^ 1])):
        (tmp_path / "days").write_bytes(bad)
        assert said_days.read(tmp_path / "days") == {}
    for day in range(3):
        session(tmp_path, DAY + day, "File")
    assert on_disk(tmp_path, "File")


def test_the_list_keeps_to_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(said_days, "MOST", 10)
    session(tmp_path, DAY, *map(str, range(8)))
    session(tmp_path, DAY + 1, *map(str, range(100, 108)))
    counts = said_days.read(tmp_path / "days")
    assert len(counts) == 10 and sum(last == DAY + 1 for last, _ in counts.values()) == 8


def test_without_remembering_what_was_remembered_is_removed(tmp_path: Path) -> None:
    for day in range(3):
        session(tmp_path, DAY + day, "File", packs=("a",))
    cache = PhraseCache(tmp_path, remember=False)
    cache.flush()
    cache.get(key("File"), said=True)
    cache.close()
    assert len(files(tmp_path)) == 1 and on_disk(tmp_path, "a") and not (tmp_path / "days").exists()


def test_what_earlier_versions_have_left_is_removed(tmp_path: Path) -> None:
    old = tmp_path / "ab" / ("0" * 38)
    old.parent.mkdir()
    old.write_bytes(b"sound")
    PhraseCache(tmp_path).close()
    assert not old.parent.exists()


def test_forgetting_leaves_nothing(tmp_path: Path) -> None:
    for day in range(3):
        session(tmp_path / "phrases", DAY + day, "File", packs=("a",))
    forget(tmp_path / "phrases", tmp_path / "phrases" / "secret")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_secret_is_made_once_and_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secret"
    old = os.umask(0)
    try:
        made = secret(path)
    finally:
        os.umask(old)
    assert len(made) == SIZE and secret(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("wrong", ["readable", "short", "link"])
def test_a_secret_that_is_none_is_replaced(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "secret"
    made = secret(path)
    if wrong == "readable":
        path.chmod(0o640)
    elif wrong == "short":
        path.write_bytes(made[:5])
    else:
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    again = secret(path)
    assert again != made and len(again) == SIZE and stat.S_IMODE(path.lstat().st_mode) == 0o600


def test_what_is_forgotten_while_it_is_being_counted_is_not_written_behind_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session(tmp_path, DAY, "File")
    session(tmp_path, DAY + 1, "File")
    cache = PhraseCache(tmp_path, today=lambda: DAY + 2)
    assert cache.get(key("File"), said=True) is None
    cache.put(key("File"), phrase(2))
    counting, go_on = threading.Event(), threading.Event()
    real = said_days.count

    def count(*arguments: Any) -> set[str]:
        counting.set()
        assert go_on.wait(60)
        return real(*arguments)

    monkeypatch.setattr(said_days, "count", count)
    batch = threading.Thread(target=cache._settle)  # as every ten minutes
    batch.start()
    assert counting.wait(60)
    clear = threading.Thread(target=cache.clear)
    clear.start()
    clear.join(0.2)  # unless it waits for the other, it is done
    go_on.set()
    batch.join(60)
    clear.join(60)
    cache.close()
    assert not files(tmp_path) and not said_days.read(tmp_path / "days")
