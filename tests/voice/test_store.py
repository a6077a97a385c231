"""Finding a voice by name, by directory, and when it is not there."""

from pathlib import Path

import pytest

from speechd_neural.errors import VoiceError
from speechd_neural.voice.store import DEFAULT, find, installed


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
