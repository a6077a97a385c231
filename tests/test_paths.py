import pytest

from speechd_neural import paths


def test_finds_the_first_file_of_that_name(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for directory in (first, second):
        directory.mkdir()
        (directory / "bell.wav").touch()
    (second / "gong.oga").touch()
    (second / "capital").touch()
    places = (first, second)
    assert paths.sound_icon("bell", places) == str(first / "bell.wav")
    assert paths.sound_icon("gong", places) == str(second / "gong.oga")
    assert paths.sound_icon("capital", places) == str(second / "capital")
    assert paths.sound_icon("drum", places) is None


@pytest.mark.parametrize("name", ["", "..", "../a/bell", "/etc/passwd", "a b", "x" * 300, "bell\0"])
def test_a_name_is_no_path(tmp_path, name):
    (tmp_path / "bell.wav").touch()
    assert paths.sound_icon(name, (tmp_path,)) is None
