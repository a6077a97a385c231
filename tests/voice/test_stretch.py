"""Features are spread evenly along time, however they are cut; what a voice tells of its sound follows."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from speechd_neural.core.engine import SpeechChunk
from speechd_neural.errors import VoiceError
from speechd_neural.types import Segment
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.stretch import Stretch

HELLO = Segment(symbols=("hh", "ax", "l", "ow1", " ", "w", "er1", "l", "d", "."), text="hello world")


def spread(times: float, frames: np.ndarray, piece: int) -> np.ndarray:
    stretch = Stretch(times)
    parts = [stretch.feed(frames[first : first + piece]) for first in range(0, len(frames), piece)]
    return np.concatenate([*(part for part in parts if len(part)), stretch.finish()])


@pytest.mark.parametrize("times", [0.5, 0.8, 1.276, 2.0])
def test_a_rise_stays_a_rise(times: float) -> None:
    frames = np.linspace(0, 1, 50, dtype=np.float32)[:, None] * np.array([1, -2], np.float32)
    found = spread(times, frames, 50)
    assert len(found) == round(50 * times)
    steps = np.diff(found[2:-2], axis=0)
    np.testing.assert_allclose(steps, np.diff(frames, axis=0)[0] / times * np.ones_like(steps), atol=1e-5)
    assert abs(found.mean(axis=0) - frames.mean(axis=0)).max() < 0.01, "the middle stays in the middle"
    for piece in (1, 3, 16):
        np.testing.assert_array_equal(spread(times, frames, piece), found)


def test_what_can_be_known_is_not_held_back() -> None:
    stretch = Stretch(1.5)
    assert [len(stretch.feed(np.zeros((4, 3), np.float32))) for _ in range(3)] == [5, 6, 6]
    assert len(stretch.finish()) == 1


def test_at_once_nothing_changes() -> None:
    frames = np.random.default_rng(1).standard_normal((9, 4)).astype(np.float32)
    assert spread(1.0, frames, 4).tobytes() == frames.tobytes()


@pytest.mark.parametrize("times", [0.8, 1.276])
def test_a_voice_speaks_at_its_own_pace(toy_path: Path, tmp_path: Path, times: float) -> None:
    def spoken(path: Path) -> list[SpeechChunk]:
        return list(load_engine(path).synthesize(HELLO, seed=1, cancelled=lambda: False))

    plain, other = spoken(toy_path), spoken(paced(toy_path, tmp_path / "paced", times))
    lengths = [sum(len(chunk.samples) for chunk in chunks) for chunks in (plain, other)]
    assert lengths[1] == pytest.approx(times * lengths[0], abs=240)
    before, after = ([span for chunk in chunks for span in chunk.spans] for chunks in (plain, other))
    assert [span.symbol for span in after] == [span.symbol for span in before]
    assert [span.start for span in after] == pytest.approx([times * span.start for span in before], abs=240)
    assert after[-1].end == pytest.approx(lengths[1], abs=240) and after[-1].end <= lengths[1]
    assert all(chunk.f0 is not None and len(chunk.f0) * 160 == len(chunk.samples) for chunk in other)


def test_a_pace_that_is_none_is_refused(toy_path: Path, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"acoustic\.stretch: 3; accepted: 0\.5 to 2"):
        load_engine(paced(toy_path, tmp_path / "paced", 3))


def paced(source: Path, path: Path, times: float) -> Path:
    shutil.copytree(source, path)
    file = path / "voice.yaml"
    manifest = yaml.safe_load(file.read_text(encoding="utf-8"))
    manifest["acoustic"]["stretch"] = times
    file.write_text(yaml.safe_dump(manifest), encoding="utf-8")
    return path
