"""The kernels under the sanitizers, as a program of their own."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from speechd_neural.voice import _native

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("sanitizers", ["address,undefined", "thread"])
def test_kernels_are_clean(sanitizers: str, tmp_path: Path) -> None:
    # The one of this Python's environment, which need not be on the path.
    cmake = shutil.which("cmake", path=sysconfig.get_path("scripts")) or shutil.which("cmake")
    assert cmake, "cmake is needed to build the kernels' check"
    configure = [cmake, "-S", str(ROOT), "-B", str(tmp_path), "-DKERNEL_CHECK=ON", f"-DSANITIZE={sanitizers}", "-DSTRICT=ON"]
    for command in (configure, [cmake, "--build", str(tmp_path), "--parallel", "2"]):
        built = subprocess.run(command, capture_output=True, text=True)
        assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-3000:]
    run = subprocess.run([str(tmp_path / "kernel_check")], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr[-3000:]
    assert run.stdout.splitlines() == [f"{name} checked" for name in _native.available()]
