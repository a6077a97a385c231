"""Where things live: the XDG directories of this user, the package's own data, the system's sound icons.

Standard library only, and light: the output module of Speech Dispatcher imports this.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from speechd_neural.errors import DaemonError

NAME = "speechd-neural"
PACKAGE = Path(__file__).parent
SOUND_ICONS = (
    Path("/usr/share/sounds/sound-icons"),  # Speech Dispatcher's
    Path("/usr/share/sounds/freedesktop/stereo"),
)
WITHOUT_SESSION = "/tmp/{name}-{uid}"  # the directory of a user who has no session
NO_HOME = Path("/nonexistent")  # as Debian has it for users without one: nothing is there, and nothing can be written
_ICON_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


def _xdg(variable: str, default: str) -> Path:
    value = os.environ.get(variable, "")
    # The XDG specification: a relative path is invalid and is to be ignored.
    if os.path.isabs(value):
        return Path(value)
    home = os.path.expanduser("~")  # itself, where neither $HOME nor the list of users tells one
    return (Path(home) if os.path.isabs(home) else NO_HOME) / default


def config_home() -> Path:
    return _xdg("XDG_CONFIG_HOME", ".config")


def data_home() -> Path:
    return _xdg("XDG_DATA_HOME", ".local/share")


def cache_dir() -> Path:
    return _xdg("XDG_CACHE_HOME", ".cache") / NAME


def state_dir() -> Path:
    return _xdg("XDG_STATE_HOME", ".local/state") / NAME


def secret_file() -> Path:
    """What names the files of the phrase cache; not beside them, so that a copy of the cache tells nothing."""
    return state_dir() / "cache-secret"


def config_file() -> Path:
    return config_home() / NAME / "config.yaml"


def lexicon_file() -> Path:
    return config_home() / NAME / "lexicon.txt"


def user_voices() -> Path:
    return data_home() / NAME / "voices"


def packaged_voices() -> Path:
    return PACKAGE / "voices"


def runtime_dir() -> Path:
    """$XDG_RUNTIME_DIR/speechd-neural, or a private directory in /tmp where there is no session.

    Raises DaemonError where that is not this user's own: what is spoken would be told to somebody else there.
    """
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(base):
        _require_own(Path(base), 0)
        _require_own(Path(base) / NAME, 0o022)
        return Path(base) / NAME
    path = Path(WITHOUT_SESSION.format(name=NAME, uid=os.getuid()))
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:  # a file is there, or a link to nowhere
        raise DaemonError(f"{path} cannot be a directory ({error.strerror}); remove it or set XDG_RUNTIME_DIR") from None
    _require_own(path, 0o077)
    return path


def _require_own(path: Path, forbidden: int) -> None:
    """Raises DaemonError where there is something at `path` but a directory of this user's without `forbidden` bits."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return  # the daemon makes it
    except OSError as error:
        raise DaemonError(f"{path}: {error.strerror}; set XDG_RUNTIME_DIR to a directory of your own") from None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & forbidden:
        raise DaemonError(f"{path} is not a private directory of this user; remove it or set XDG_RUNTIME_DIR")


def socket_path() -> Path:
    return runtime_dir() / "socket"


def sound_icon(name: str, directories: Sequence[Path] = SOUND_ICONS) -> str | None:
    """The absolute path of a sound icon's file, or None where there is none of that name."""
    if not _ICON_NAME.fullmatch(name):
        return None
    for directory in directories:
        for ending in ("", ".wav", ".oga", ".ogg"):
            path = directory / (name + ending)
            if path.is_file():
                return str(path)
    return None
