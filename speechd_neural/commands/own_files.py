"""The files that the user writes, the settings and the pronunciation dictionary: what is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from speechd_neural import config, paths
from speechd_neural.config import Config
from speechd_neural.errors import ConfigError
from speechd_neural.text.lexicon import UserLexicon


def mistakes(settings: Path) -> Iterator[str]:
    """As the files are now, one line for each of them that has a mistake: file, line, what is accepted."""
    wanted = Config()
    try:
        wanted = config.load(settings)
    except ConfigError as error:
        yield str(error)
    try:
        UserLexicon(wanted.text.lexicon or paths.lexicon_file())
    except ConfigError as error:
        yield str(error)
