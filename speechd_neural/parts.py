"""Where the daemon's slow parts come from: the text front end, the voices there are, and a voice in memory."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from speechd_neural import paths
from speechd_neural.config import Config
from speechd_neural.core.engine import Engine
from speechd_neural.core.means import FrontEnd

if TYPE_CHECKING:  # every part is imported by the thread that needs it
    from speechd_neural.voice.store import Shelf

_LOG = logging.getLogger(__name__)


class Parts(Protocol):
    """All of these may take their time: they are called in threads."""

    def front_end(self, config: Config) -> FrontEnd: ...

    def shelf(self) -> Shelf: ...

    def engine(self, config: Config, path: Path) -> Engine:
        """The voice in that directory. Raises SpeechError where it cannot be used."""
        ...


class RealParts:
    def front_end(self, config: Config) -> FrontEnd:
        from speechd_neural.text import wings
        from speechd_neural.text.frontend import FrontEnd as TextFrontEnd

        language = wings.open_language("en", config.text.lexicon or paths.lexicon_file())
        if language.problem:
            _LOG.error("%s; spoken without it until it is mended", language.problem)
        return TextFrontEnd(language, digits=config.text.digits)

    def shelf(self) -> Shelf:
        from speechd_neural.voice.store import Shelf

        return Shelf((paths.user_voices(), paths.packaged_voices()))

    def engine(self, config: Config, path: Path) -> Engine:
        from speechd_neural.voice.device_choice import choose_engine

        device = config.device
        return choose_engine(path, device.compute, device.threads, device.idle_unload_s, device.half)
