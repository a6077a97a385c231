"""What running leaves in a user's home: kept sound, its list and secret, a list of voices, unfinished downloads.

Settings, the dictionary and installed voices are the user's own and stay.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from speechd_neural import config, paths
from speechd_neural.audio import phrase_store
from speechd_neural.errors import ConfigError


def remove() -> list[Path]:
    """Remove it all; the folders that were there and are gone. No daemon may be running."""
    there = [folder for folder in _folders() if folder.exists()]
    phrase_store.forget(_phrases(), paths.secret_file())
    shutil.rmtree(paths.cache_dir(), ignore_errors=True)
    for folder in (_phrases().parent, paths.state_dir()):
        with contextlib.suppress(OSError):  # something else is in it
            os.rmdir(folder)
    return [folder for folder in there if not folder.exists()]


def left() -> Path | None:
    """What of the kept sound is there all the same, if anything: on a disk that can only be read."""
    return phrase_store.left(_phrases(), paths.secret_file())


def _folders() -> list[Path]:
    return list(dict.fromkeys((paths.cache_dir(), _phrases(), paths.secret_file())))


def _phrases() -> Path:
    try:
        return config.load().cache.folder()
    except ConfigError:
        return paths.cache_dir() / "phrases"
