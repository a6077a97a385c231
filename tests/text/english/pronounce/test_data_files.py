"""The packaged data are read once: what becomes of their files then does not matter."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from speechd_neural.errors import SpeechError
from speechd_neural.text.english.pronounce import dictionary, g2p, homographs

READ_THEN_CUT = """
import os, sys
from pathlib import Path
from speechd_neural.text.english.pronounce.dictionary import Dictionary
from speechd_neural.text.english.pronounce.g2p import LetterToSound
from speechd_neural.text.english.pronounce.homographs import Homographs
folder = Path(sys.argv[1])
words, letters = Dictionary(folder / "cmudict.bin"), LetterToSound(folder / "g2p.bin")
alike = Homographs(folder / "homographs.bin")
for path in folder.iterdir():
    os.truncate(path, 0)
print(words.get("zebra"), letters.phones("blorftang"), alike.choose("record", "", [("noun",), ("verb",)], ["x"])[0])
"""


def test_a_file_that_is_cut_in_its_place_ends_nobody(tmp_path):
    for module in (dictionary, g2p, homographs):
        shutil.copy(module.DEFAULT, tmp_path)
    command = [sys.executable, "-c", READ_THEN_CUT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.returncode
    assert done.stdout.startswith("('z', 'iy1', 'b', 'r', 'ax') ") and "'b', 'l'" in done.stdout


@pytest.mark.parametrize("opened", [dictionary.Dictionary, g2p.LetterToSound, homographs.Homographs])
@pytest.mark.parametrize("length", [0, 10, 1000])
def test_one_that_was_cut_before_is_told_in_one_line(tmp_path: Path, opened, length):
    module = sys.modules[opened.__module__]
    path = tmp_path / "cut"
    path.write_bytes(module.DEFAULT.read_bytes()[:length])
    with pytest.raises(SpeechError, match="reinstall the package") as error:
        opened(path)
    assert str(path) in str(error.value)
