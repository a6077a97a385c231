"""Finding a voice by name, by directory, and when it is not there."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from speechd_neural.errors import VoiceError
from speechd_neural.voice.bundle import MANIFEST, WEIGHTS
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.store import DEFAULT, SMALL, Shelf, find, installed


def make(place: Path, name: str) -> Path:
    path = place / name
    path.mkdir(parents=True)
    (path / "voice.yaml").write_text("format: 1\n")
    return path


def test_the_users_voice_hides_the_packaged_one(tmp_path: Path) -> None:
    mine, packaged = tmp_path / "user", tmp_path / "package"
    own, other = make(mine, DEFAULT), make(packaged, "another")
    make(packaged, DEFAULT)
    (packaged / "not a voice").mkdir()
    assert installed((mine, packaged)) == {DEFAULT: own, "another": other}
    assert find(None, (mine, packaged)) == own
    assert find("another", (mine, packaged)) == other
    assert find(str(other), ()) == other


def test_what_is_not_there_is_named_with_what_is(tmp_path: Path) -> None:
    make(tmp_path, "one")
    with pytest.raises(VoiceError, match="no voice 'two'; there are: one"):
        find("two", (tmp_path,))
    with pytest.raises(VoiceError, match=r"no voice\.yaml there"):
        find(f"{tmp_path}/", (tmp_path,))
    with pytest.raises(VoiceError, match="there are: none"):
        find(None, ())


@pytest.fixture
def shelf(toy_path: Path, tmp_path: Path) -> Shelf:
    """A user's voices anna and berta, and the packaged default voice."""
    for name in ("user/anna", "user/berta", f"package/{DEFAULT}"):
        shutil.copytree(toy_path, tmp_path / name)
    shelf = Shelf((tmp_path / "user", tmp_path / "package"))
    assert shelf.look()
    return shelf


def test_the_shelf_tells_what_a_loaded_voice_would(shelf: Shelf, toy_path: Path, tmp_path: Path) -> None:
    assert list(shelf.voices) == [DEFAULT, "anna", "berta"]
    path, info = shelf.voices["anna"]
    assert path == tmp_path / "user" / "anna" == shelf.path("anna")
    assert info == replace(load_engine(path).info, name="anna") == replace(load_engine(toy_path).info, name="anna")
    assert not shelf.look()


def test_the_shelf_puts_the_chosen_voice_first(shelf: Shelf, toy_path: Path) -> None:
    shelf.choose("berta")
    shelf.look()
    assert (list(shelf.voices), shelf.preferred) == (["berta", DEFAULT, "anna"], ("berta", DEFAULT, SMALL))
    shelf.choose(f"{toy_path}/")
    shelf.look()
    assert (list(shelf.voices), shelf.path("toy")) == (["toy", DEFAULT, "anna", "berta"], toy_path)
    shelf.choose("/nowhere/toy")
    shelf.look()
    with pytest.raises(VoiceError, match=r"/nowhere/toy: no voice\.yaml there"):
        shelf.path("toy")


def test_the_shelf_sees_what_comes_and_goes(shelf: Shelf, toy_path: Path, tmp_path: Path) -> None:
    shutil.copytree(toy_path, tmp_path / "user" / ".new-carla")  # still being installed
    assert not shelf.look()
    (tmp_path / "user" / ".new-carla").rename(tmp_path / "user" / "carla")
    assert shelf.look() and "carla" in shelf.voices
    shutil.rmtree(tmp_path / "user" / "carla")
    assert shelf.look() and "carla" not in shelf.voices
    shutil.rmtree(tmp_path / "user")
    assert shelf.look() and list(shelf.voices) == [DEFAULT]
    with pytest.raises(VoiceError, match=f"no voice 'anna'; there are: {DEFAULT}"):
        shelf.path("anna")


def truncate(path: Path) -> None:
    with (path / WEIGHTS).open("r+b") as file:
        file.truncate(1000)


def flip(path: Path) -> None:
    with (path / WEIGHTS).open("r+b") as file:
        file.seek(5000)
        byte = file.read(1)
        file.seek(5000)
        file.write(bytes([byte[0] ^ 1]))


DAMAGES = {
    "truncated": (truncate, "damaged"),
    "one bit": (flip, "damaged"),
    "no weights": (lambda path: (path / WEIGHTS).unlink(), "No such file"),
    "no YAML": (lambda path: (path / MANIFEST).write_text("}"), "not YAML"),
    "a date that is none": (lambda path: (path / MANIFEST).write_text("format: 2026-99-99"), "format: str; expected int"),
    "newer": (lambda path: (path / MANIFEST).write_text("format: 2"), "newer version"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_shelf_sees_what_breaks_and_is_mended(shelf: Shelf, toy_path: Path, damage: str) -> None:
    broken, message = DAMAGES[damage]
    path = shelf.path("anna")
    broken(path)
    assert shelf.look()
    assert list(shelf.voices) == [DEFAULT, "berta"]
    with pytest.raises(VoiceError, match=message):
        shelf.path("anna")
    assert list(shelf.problems) == ["anna"] and not shelf.look()
    shutil.copytree(toy_path, path, dirs_exist_ok=True)
    assert shelf.look()
    assert "anna" in shelf.voices and not shelf.problems


def test_the_first_look_reads_no_weights(shelf: Shelf, tmp_path: Path) -> None:
    truncate(shelf.path("anna"))
    fresh = Shelf((tmp_path / "user", tmp_path / "package"))
    assert fresh.look(weights=False) and "anna" in fresh.voices
    assert fresh.look() and "anna" not in fresh.voices


def test_a_broken_voice_does_not_hide_the_packaged_one(shelf: Shelf, toy_path: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(toy_path, tmp_path / "user" / DEFAULT))
    shelf.look()
    assert shelf.path(DEFAULT) == own
    truncate(own)
    shelf.look()
    assert shelf.path(DEFAULT) == tmp_path / "package" / DEFAULT
    assert list(shelf.problems) == [DEFAULT]


def test_a_rejected_voice_is_a_problem_until_it_changes(shelf: Shelf) -> None:
    path = shelf.path("anna")
    shelf.reject("anna", "it does not fit")
    shelf.look()
    with pytest.raises(VoiceError, match="it does not fit"):
        shelf.path("anna")
    (path / MANIFEST).touch()
    shelf.look()
    assert shelf.path("anna") == path
    shelf.reject("anna", "it does not fit")
    shelf.choose("anna")
    shelf.look()
    assert shelf.path("anna") == path
