"""The toy voice for tests that need PyTorch for nothing else: without it they are skipped one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from speechd_neural.voice.contract import MelContract

CONTRACT = MelContract()


def write_toy_voice(path: Path, **options: Any) -> Path:
    from tests import toy_voice

    return toy_voice.write_toy_voice(path, **options)
