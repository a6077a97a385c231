"""What `daemon` refuses before it becomes one; its life is tested in tests/test_daemon_process.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural.cli import main


def test_a_configuration_that_is_named_must_be_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["daemon", "--config", str(tmp_path / "none.yaml")]) == 3
    error = capsys.readouterr().err
    assert "none.yaml: No such file" in error and error.count("\n") == 1
