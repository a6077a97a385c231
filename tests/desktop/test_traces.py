"""What running leaves in a home can be taken away, and nothing else is."""

from pathlib import Path

import pytest

from speechd_neural import paths
from speechd_neural.audio.cache import PhraseCache
from speechd_neural.desktop import traces
from speechd_neural.desktop.changes import Changes
from tests.audio.test_cache import key, phrase


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run_for_a_while(directory: Path) -> None:
    cache = PhraseCache(directory, secret=paths.secret_file())
    cache.put(key("a"), phrase(), pack=True)
    cache.get(key("File"), said=True)
    cache.close()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_all_of_it_and_nothing_else(home: Path, elsewhere: bool) -> None:
    own = [home / ".config/speechd-neural/config.yaml", home / ".local/share/speechd-neural/voices/mine/voice.yaml"]
    for path in own:
        path.parent.mkdir(parents=True)
        path.write_text("cache: {}\n")
    if elsewhere:
        own[0].write_text(f"cache: {{directory: {home / 'elsewhere'}}}\n")
    run_for_a_while(home / "elsewhere/phrases" if elsewhere else paths.cache_dir() / "phrases")
    paths.cache_dir().mkdir(parents=True, exist_ok=True)
    (paths.cache_dir() / "module-voices").write_text("x")
    removed = traces.remove()
    assert paths.cache_dir() in removed and paths.secret_file() in removed
    assert sorted(path for path in home.rglob("*") if path.is_file()) == sorted(own)
    assert traces.remove() == []


def test_directories_that_were_made_for_it_go_too(home: Path) -> None:
    changes = Changes()
    made = changes.own(paths.cache_dir())
    assert home / ".cache" in made and home / ".local/state" in made
    assert Changes().own(paths.cache_dir()) == made
    run_for_a_while(paths.cache_dir() / "phrases")
    assert changes.remove({}) == []
    traces.remove()
    for directory in reversed(made):
        if directory.exists():
            directory.rmdir()
    assert list(home.iterdir()) == []
