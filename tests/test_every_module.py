"""Every module can be imported in a fresh process, with every warning an error: what a newer Python will refuse shows here."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from importlib.machinery import PathFinder  # tests/conftest.py skips whoever asks for torch by other ways

import speechd_neural

# What a plain installation does without; modules that want one of these say so when they are asked.
OPTIONAL = {"torch", "safetensors", "matplotlib", "pocketsphinx", "onnx", "onnxruntime", "sounddevice", "tqdm"}
IMPORTING = """
import importlib, sys, traceback
wrong = False
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        if error.name not in sys.argv[1].split(","):
            wrong = True
            traceback.print_exc()
    except BaseException:
        wrong = True
        print(name, file=sys.stderr)
        traceback.print_exc()
sys.exit(wrong)
"""


def test_every_module_can_be_imported_without_a_warning() -> None:
    found = pkgutil.walk_packages(speechd_neural.__path__, "speechd_neural.")
    names = [module.name for module in found if not module.name.endswith("__main__")]
    assert len(names) > 200
    missing = {name for name in OPTIONAL if PathFinder.find_spec(name) is None}
    if os.environ.get("TORCH") == "required":
        missing -= {"torch"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTING, ",".join(sorted(missing)), *names],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
