"""Every change to a home can be undone byte for byte, whatever happens in between."""

import errno
import os
import stat
from pathlib import Path

import pytest

from speechd_neural.desktop import changes
from speechd_neural.desktop.changes import Changes, state_dir
from speechd_neural.desktop.places import File
from speechd_neural.errors import SetupError


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    (tmp_path / "old").write_bytes(b"\xff\r\n no newline")
    (tmp_path / "old").chmod(0o604)
    (tmp_path / "link").symlink_to("old")
    (tmp_path / "dangling").symlink_to("nowhere")
    return tmp_path


def tree(home: Path) -> dict:
    found = {}
    for path in sorted(home.rglob("*")):
        if path.is_symlink():
            found[str(path.relative_to(home))] = os.readlink(path)
        elif path.is_dir():
            found[str(path.relative_to(home))] = "directory"
        else:
            found[str(path.relative_to(home))] = (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
    return found


def wanted(home: Path) -> list[File]:
    return [
        File(home / "a/b/new", b"program", 0o755),
        File(home / "old", b"other"),
        File(home / "link", b"a file now"),
        File(home / "dangling", link="a/b/new"),
        File(home / "a/wants", link=str(home / "a/b/new")),
    ]


def test_applied_and_removed(home):
    before = tree(home)
    Changes().apply(wanted(home))
    assert (home / "a/b/new").stat().st_mode & 0o777 == 0o755
    assert (home / "old").read_bytes() == b"other" and not (home / "link").is_symlink()
    assert os.readlink(home / "dangling") == "a/b/new"
    assert state_dir().stat().st_mode & 0o077 == 0
    changes = Changes()
    assert changes and changes.remove({}) == []
    assert tree(home) == before and not Changes()


def test_applied_twice_keeps_the_first_state(home):
    before = tree(home)
    Changes().apply(wanted(home))
    Changes().apply([File(home / "old", b"third"), File(home / "another", b"x")])
    assert Changes().remove({}) == []
    assert tree(home) == before


def test_reverting_the_second_leaves_the_first(home):
    before = tree(home)
    Changes().apply(wanted(home))
    between = tree(home)
    changes = Changes()
    changes.revert(changes.apply([File(home / "old", b"third"), File(home / "another", b"x")]))
    assert tree(home).keys() == between.keys() and (home / "old").read_bytes() == b"other"
    assert Changes().remove({}) == []
    assert tree(home) == before


def test_reverting_the_first_leaves_nothing(home):
    before = tree(home)
    changes = Changes()
    changes.revert(changes.apply(wanted(home)))
    assert tree(home) == before


def test_a_failure_in_the_middle_undoes_the_beginning(home):
    before = tree(home)
    (home / "directory").mkdir()
    before = tree(home)
    with pytest.raises(SetupError, match="neither a file nor a link"):
        Changes().apply([*wanted(home), File(home / "directory", b"no")])
    assert tree(home) == before
    with pytest.raises(SetupError, match="nothing was changed"):
        Changes().apply([*wanted(home), File(Path("/proc/no/such"), b"no")])
    assert tree(home) == before


def test_what_somebody_else_changed_is_told(home):
    before = tree(home)
    Changes().apply(wanted(home))
    (home / "old").write_bytes(b"edited")
    (home / "a/theirs").write_text("kept")
    remarks = Changes().remove({})
    assert len(remarks) == 1 and "old" in remarks[0]
    assert (home / "a/theirs").read_text() == "kept"
    (home / "a/theirs").unlink()
    (home / "a").rmdir()
    assert tree(home) == before


def test_own_lines_are_taken_out_of_a_file_that_was_edited(home):
    Changes().apply([File(home / "old", b"first\nours\n", 0o604)])
    (home / "old").write_bytes(b"first\nours\ntheirs\n")
    remarks = Changes().remove({home / "old": lambda content: content.replace(b"ours\n", b"")})
    assert "only the lines of this setup" in remarks[0]
    assert (home / "old").read_bytes() == b"first\ntheirs\n"


def test_a_file_that_is_gone_comes_back(home):
    before = tree(home)
    Changes().apply(wanted(home))
    (home / "old").unlink()
    (home / "a/b/new").unlink()
    Changes().remove({})
    assert tree(home) == before


def test_a_damaged_list_is_named(home):
    Changes().apply(wanted(home))
    (state_dir() / "manifest.json").write_text("{")
    with pytest.raises(SetupError, match=r"manifest\.json cannot be read"):
        Changes()


def test_where_nothing_can_be_written_nothing_is_left(home, monkeypatch):
    """As on a full disk: folders can be made there, and files cannot be written."""

    def full(file):
        raise OSError(errno.ENOSPC, "No space left on device", str(file.path))

    before = sorted(home.rglob("*"))
    monkeypatch.setattr(changes, "write", full)
    with pytest.raises(SetupError, match=r"manifest.json: No space left on device; nothing was changed"):
        Changes().own(home / ".cache/speechd-neural")
    assert sorted(home.rglob("*")) == before
