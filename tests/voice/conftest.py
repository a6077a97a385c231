from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # toy_voice

from speechd_neural.voice import _native
from speechd_neural.voice.engine import NeuralEngine, load_engine

PATHS = _native.available()


@pytest.fixture(scope="session")
def toy_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from toy_voice import write_toy_voice  # needs PyTorch, which not every system has

    return write_toy_voice(tmp_path_factory.mktemp("voices") / "toy")


@pytest.fixture(scope="session")
def engine(toy_path: Path) -> NeuralEngine:
    return load_engine(toy_path)


@pytest.fixture(params=PATHS)
def cpu(request: pytest.FixtureRequest) -> str:
    """Every processor path that this machine can run."""
    return str(request.param)
