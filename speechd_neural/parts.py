"""Where the daemon's slow parts come from: the text front end, the voices there are, and a voice in memory."""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from speechd_neural import expressions, paths
from speechd_neural.config import Config
from speechd_neural.core.engine import Engine, FrontEnd

if TYPE_CHECKING:  # every part is imported by the thread that needs it
    from speechd_neural.voice.store import Shelf

# What a later word or another voice needs: imported while its files are those of the rest, which an upgrade changes.
LATER = (
    "text.english.pronounce.g2p", "text.english.pronounce.ngram", "text.english.pronounce.stress",
    "text.english.pronounce.tagger", "voice.subbands", "voice.tacotron1", "voice.tacotron2",
)  # fmt: skip
_LOG = logging.getLogger(__name__)


def import_later() -> None:
    """What the first message can do without, patterns too. Takes a while."""
    for name in LATER:
        importlib.import_module(f"speechd_neural.{name}")
    importlib.import_module("yaml")  # for a manifest or a configuration that is not of the plainest
    expressions.compile_all()


class Parts(Protocol):
    """All of these may take their time: they are called in threads."""

    def front_ends(self, config: Config, path: Path) -> Mapping[str, FrontEnd]:
        """What reads the languages of the voice in that directory, by primary tag, its own language first.

        Raises SpeechError where nothing can.
        """
        ...

    def shelf(self) -> Shelf: ...

    def engine(self, config: Config, path: Path) -> Engine:
        """The voice in that directory. Raises SpeechError where it cannot be used."""
        ...

    def real_time_factor(self, engine: Engine, most: float) -> float:
        """Processor seconds that a second of this voice's speech takes here. Above `most` it is looked at more often."""
        ...


class RealParts:
    def __init__(self) -> None:
        self._config: Config | None = None
        self._opened: dict[str, FrontEnd] = {}  # by primary tag: the voices of one language share it
        self._opening = threading.Lock()  # two voices may be loaded at once, and one by the configuration before

    def front_ends(self, config: Config, path: Path) -> Mapping[str, FrontEnd]:
        from speechd_neural.text.frontend import FrontEnd as TextFrontEnd
        from speechd_neural.voice.bundle import describe
        from speechd_neural.voice.languages import by_rules, readable

        manifest = describe(path).manifest
        found: dict[str, FrontEnd] = {}
        with self._opening:
            if config is not self._config:
                self._config, self._opened = config, {}
            for tag, has_wing in readable(manifest, path.name).items():
                if has_wing:
                    if tag not in self._opened:
                        self._opened[tag] = self._open(config, tag)
                    found[tag] = self._opened[tag]
                else:
                    found[tag] = TextFrontEnd(by_rules(manifest, tag))
        return found

    def _open(self, config: Config, tag: str) -> FrontEnd:
        from speechd_neural.text import wings
        from speechd_neural.text.frontend import FrontEnd as TextFrontEnd

        language = wings.open_language(tag, config.text.lexicon or paths.lexicon_file())
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

    def real_time_factor(self, engine: Engine, most: float) -> float:
        from speechd_neural.voice.speed import real_time_factor

        return real_time_factor(engine, most)
