"""The kernels of another processor: built by Debian's cross compiler, run under qemu."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging/arm64.sh"


@pytest.mark.skipif(platform.machine() in {"aarch64", "arm64"}, reason="this processor is one: the other tests run its kernels")
def test_arm64_computes_the_same_bits_with_dot_products_and_without() -> None:
    checked = subprocess.run([SCRIPT], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr[-3000:]
    without = ["neon checked", "generic checked"]
    assert checked.stdout.splitlines() == ["max:", "neondot checked", *without, "cortex-a53:", *without]
