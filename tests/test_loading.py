"""What several threads do at once while voices come and go."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from speechd_neural import parts as parts_of
from speechd_neural.config import Config
from speechd_neural.core.engine import FrontEnd, VoiceInfo
from speechd_neural.core.means import Means
from speechd_neural.core.voices import Voices
from speechd_neural.loading import Loading
from speechd_neural.parts import RealParts
from speechd_neural.paths import PACKAGE
from tests.disk_parts import DiskParts
from tests.toy_bundle import write_toy_voice

LIMIT = 60  # s


class Waiting(Voices):
    """Offers voices when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.offering, self.go_on = threading.Event(), threading.Event()

    def offer(self, voices: Sequence[VoiceInfo]) -> None:
        if threading.current_thread().name == "held up":
            self.offering.set()
            assert self.go_on.wait(LIMIT)
        super().offer(voices)


def test_an_older_list_of_voices_is_not_offered_behind_a_newer_one(tmp_path: Path) -> None:
    parts, voices = DiskParts(tmp_path), Waiting()
    write_toy_voice(parts.user / "anna", seed=2, level=1.0)
    loading = Loading(parts, Means(voices=voices), lambda config: None, lambda: None)
    loading.look(Config())
    write_toy_voice(tmp_path / "new" / "berta", seed=3, level=1.0)
    held_up = threading.Thread(target=loading._offer, name="held up")
    held_up.start()
    assert voices.offering.wait(LIMIT)
    shutil.move(tmp_path / "new" / "berta", parts.user)
    newer = threading.Thread(target=loading.look, args=[Config()])
    newer.start()
    newer.join(0.2)  # unless it waits for the other, it is done
    voices.go_on.set()
    held_up.join(LIMIT)
    newer.join(LIMIT)
    assert [info.name for info in voices.listing()] == ["anna", "berta"]


def test_what_reads_by_the_configuration_before_is_not_kept_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, old, new = RealParts(), Config(), Config()
    opening, go_on = threading.Event(), threading.Event()
    opened: list[Config] = []
    real = parts_of.RealParts._open

    def open_slowly(self: RealParts, config: Config, tag: str) -> FrontEnd:
        if config is old:
            opening.set()
            assert go_on.wait(LIMIT)
        opened.append(config)
        return real(self, config, tag)

    monkeypatch.setattr(RealParts, "_open", open_slowly)
    voice = PACKAGE / "voices" / "rms"
    before = threading.Thread(target=parts.front_ends, args=[old, voice])
    after = threading.Thread(target=parts.front_ends, args=[new, voice])
    before.start()
    assert opening.wait(LIMIT)
    after.start()
    after.join(0.2)  # unless it waits for the other, it may be done
    go_on.set()
    before.join(LIMIT)
    after.join(LIMIT)
    parts.front_ends(new, voice)
    assert [config is new for config in opened] == [False, True]  # what is kept was opened last, and for this one
