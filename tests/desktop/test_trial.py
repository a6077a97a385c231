"""Listening for the trial's sentence; the whole of a trial is part of the set-up's tests (tests/e2e)."""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural.desktop import trial

LATE = """#!/bin/sh
cd {0}
sleep 0.3
touch listening
printf 0
until test -e spoken; do sleep 0.05; done
sleep 0.3
printf aaaa
exec sleep 60
"""


def recorder(folder: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    for name, text in (("pactl", "#!/bin/sh\n"), ("parec", program)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_it_waits_for_a_recorder_that_is_late_at_both_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder(tmp_path, monkeypatch, LATE.format(tmp_path))
    monkeypatch.setattr(trial, "_LISTEN", 60.0)
    with trial._recording() as heard:
        assert (tmp_path / "listening").exists()
        (tmp_path / "spoken").touch()
        assert heard() == 0x6161


@pytest.mark.parametrize(("program", "level"), [("exit 1", None), ("printf aaa; exit", 0x6161), ("exec cat /dev/zero", 0)])
def test_it_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, level: object) -> None:
    recorder(tmp_path, monkeypatch, f"#!/bin/sh\n{program}\n")
    monkeypatch.setattr(trial, "_LISTEN", 60.0 if level or level is None else 0.5)
    with trial._recording() as heard:
        assert heard() == level
