"""Half precision is chosen where it is quick, and the options decide otherwise."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from speechd_neural.commands.train_arguments import add_steps
from speechd_neural.train.precision import half_is_quick


@pytest.mark.parametrize(
    ("device", "line", "quick"),
    [
        ("cpu", "flags\t\t: fpu sse4_2 avx2 fma", False),
        ("cpu", "flags\t\t: avx2 avx512f avx512_vnni", False),
        ("cpu", "flags\t\t: avx512f avx512_bf16", True),
        ("cpu", "flags\t\t: amx_tile amx_bf16", True),
        ("cpu", "Features\t: fp asimd i8mm bf16", True),
        ("cpu", "Features\t: fp asimd", False),
        ("cpu", "model name\t: bf16 in a name", False),
        ("cuda", "flags\t\t: avx2", True),
        ("cuda:1", "flags\t\t: avx2", True),
    ],
)
def test_where_half_precision_is_quick(device: str, line: str, quick: bool, tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\n{line}\n")
    assert half_is_quick(device, cpuinfo) is quick


def test_an_unknown_processor_computes_in_full(tmp_path: Path) -> None:
    assert half_is_quick("cpu", tmp_path / "none") is False


def test_the_options_decide() -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_steps(parser)
    for step in ("tacotron2", "vocoder"):
        given = [step, "--features", "f", "--out", "o", "--minutes", "1"]
        assert parser.parse_args(given).half is None
        assert parser.parse_args([*given, "--half-precision"]).half is True
        assert parser.parse_args([*given, "--full-precision"]).half is False
        with pytest.raises((argparse.ArgumentError, SystemExit)):
            parser.parse_args([*given, "--half-precision", "--full-precision"])
