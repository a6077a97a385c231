"""No file and no function of the package is longer than a reader can follow."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "speechd_neural"
FILE, FUNCTION, KERNELS = 350, 70, 430  # lines: a Python file, a function in one, a C++ file
CPP = {".c", ".cc", ".cpp", ".h", ".hpp", ".inc"}


def files(endings: set[str]) -> dict[str, str]:
    found = [path for path in sorted(PACKAGE.rglob("*")) if path.suffix in endings]
    return {str(path.relative_to(PACKAGE)): path.read_text("utf-8") for path in found}


def lines(text: str) -> int:
    return len(text.splitlines())


def test_no_python_file_is_too_long() -> None:
    sizes = {place: lines(text) for place, text in files({".py"}).items()}
    assert "daemon.py" in sizes
    assert {place: n for place, n in sizes.items() if n > FILE} == {}


def test_no_function_is_too_long() -> None:
    sizes = {
        (place, node.lineno, node.name): node.end_lineno - node.lineno + 1
        for place, text in files({".py"}).items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
    }
    assert sizes
    assert {where: n for where, n in sizes.items() if n > FUNCTION} == {}


def test_no_cpp_file_is_too_long() -> None:
    sizes = {place: lines(text) for place, text in files(CPP).items()}
    assert "voice/native/bindings.cpp" in sizes
    assert {place: n for place, n in sizes.items() if n > KERNELS} == {}
