"""A stranger's voice may say anything of itself: it is refused in one line or it speaks; it takes nobody down with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

LIES = Path(__file__).with_name("lies.py")


def test_a_voice_that_lies_is_refused_or_speaks(toy_path):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, str(LIES), str(toy_path)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("the truth") == "spoke" and len(found) > 150
    wrong = {lie: became for lie, became in found.items() if became != "spoke" and not became.startswith("refused: ")}
    assert wrong == {}
    assert [became for became in found.values() if "\n" in became or len(became) > 500] == []
    assert sum(became == "spoke" for became in found.values()) < len(found) / 3
