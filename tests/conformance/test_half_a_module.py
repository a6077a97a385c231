"""A module of which a part is missing. A server whose module ends after its answer to INIT ends with it: nobody speaks then."""

import os
import shutil
import time

import pytest

from tests.conformance.conftest import ROOT, ModuleProcess


@pytest.mark.parametrize("part", ["errors.py", "core", "module/commands.py", "paths.py"])
def test_it_answers_with_errors_until_the_server_gives_it_up(tmp_path, part):
    site = tmp_path / "site"
    shutil.copytree(ROOT / "speechd_neural", site / "speechd_neural", copy_function=os.symlink)
    (site / "speechd_neural" / part).rename(tmp_path / "gone")
    module = ModuleProcess(tmp_path, "DaemonCommand\n", site)
    try:
        assert module.ask(b"INIT") == b"299 OK LOADED SUCCESSFULLY"
        time.sleep(0.5)  # the server takes its time, too
        for command in (b"AUDIO", b"SET", b"LIST VOICES", b"QUIT"):
            assert module.ask(command) == b"300 ERR HALF OF THIS MODULE IS MISSING"
        assert module.process.poll() is None
        module.process.stdin.close()
        assert module.process.wait(60) == 1
        (told,) = (tmp_path / "neural.log").read_text().splitlines()
        assert told.startswith(
            ("speechd-neural: ModuleNotFoundError: ", "speechd-neural: ImportError: ")
        ) and told.endswith("; type: speechd-neural doctor")
    finally:
        module.close()
