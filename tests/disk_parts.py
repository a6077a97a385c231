"""The daemon's real parts, with voices in directories of a test; and what one of these voices says by itself."""

from __future__ import annotations

import threading
from pathlib import Path

from speechd_neural.config import Config
from speechd_neural.core.engine import Engine
from speechd_neural.core.means import Means, Options
from speechd_neural.core.pipeline import Pipeline
from speechd_neural.core.voices import Voices
from speechd_neural.parts import RealParts
from speechd_neural.types import Audio, Request, Settings
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.store import Shelf

OWN = Settings(speed=1.0, pitch_factor=1.0)  # as the speech provider asks for them


class DiskParts(RealParts):
    """Voices are those in two directories below `root`. `gate` holds up loading them; `factors`: how slow they are, by name."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.user, self.package = root / "user", root / "package"
        self.factors: dict[str, float] = {}
        self.gate = threading.Event()
        self.gate.set()

    def shelf(self) -> Shelf:
        return Shelf((self.user, self.package))

    def engine(self, config: Config, path: Path) -> Engine:
        assert self.gate.wait(120)
        return super().engine(config, path)

    def real_time_factor(self, engine: Engine, most: float) -> float:
        return self.factors.get(engine.info.name, 0.0)


def expected(voice: Path, text: str, rate: int, settings: Settings = OWN) -> bytes:
    """What that voice alone says."""
    (front_end,) = RealParts().front_ends(Config(), voice).values()
    pipeline = Pipeline(Means(front_end, voices=Voices(load_engine(voice)), options=Options(deadline=0)))
    said = pipeline.speak(Request(1, text, settings=settings), lambda: False, sample_rate=rate)
    sound = b"".join(event.pcm for event in said if isinstance(event, Audio))
    assert sound
    return sound
