"""Where things live: the XDG directories of this user, and the package's own data."""

from __future__ import annotations

import os
import stat
from pathlib import Path

NAME = "speechd-neural"
PACKAGE = Path(__file__).parent


def _xdg(variable: str, default: str) -> Path:
    value = os.environ.get(variable, "")
    # The XDG specification: a relative path is invalid and is to be ignored.
    return Path(value) if os.path.isabs(value) else Path(os.path.expanduser("~")) / default


def config_home() -> Path:
    return _xdg("XDG_CONFIG_HOME", ".config")


def data_home() -> Path:
    return _xdg("XDG_DATA_HOME", ".local/share")


def cache_dir() -> Path:
    return _xdg("XDG_CACHE_HOME", ".cache") / NAME


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

    Raises RuntimeError when the directory in /tmp belongs to somebody else.
    """
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(base):
        return Path(base) / NAME
    path = Path(f"/tmp/{NAME}-{os.getuid()}")
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise RuntimeError(f"{path} is not a private directory of this user; remove it or set XDG_RUNTIME_DIR")
    return path


def socket_path() -> Path:
    return runtime_dir() / "socket"
