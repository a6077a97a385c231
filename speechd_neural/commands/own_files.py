"""The files that the user writes, the settings and the pronunciation dictionary, and what is wrong in them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from speechd_neural import config, paths
from speechd_neural.config import Config
from speechd_neural.errors import ConfigError
from speechd_neural.text.english.pronounce.lexicon import UserLexicon


class OwnFiles(NamedTuple):
    """As they are now. mistakes: a line for each file that has one, with file, line, and what is accepted."""

    config: Config
    lexicon: UserLexicon
    mistakes: list[str]


def read(settings: Path) -> OwnFiles:
    wanted, mistakes = Config(), []
    try:
        wanted = config.load(settings)
    except ConfigError as error:
        mistakes.append(str(error))
    lexicon = UserLexicon(wanted.text.lexicon or paths.lexicon_file(), strict=False)
    if lexicon.error:
        mistakes.append(lexicon.error)
    return OwnFiles(wanted, lexicon, mistakes)
