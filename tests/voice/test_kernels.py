from __future__ import annotations

import numpy as np
import pytest

from speechd_neural.voice import _native
from speechd_neural.voice.quantize import quantize_rows, relative_error, restore_rows
from speechd_neural.voice.randomness import dropout_masks, random_bits, uniforms


def expected_product(values: np.ndarray, scale: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The product with x rounded to eight bits, in whole numbers until the end."""
    step = np.float32(np.abs(x).max()) / np.float32(127)
    quantized = np.round(x * (np.float32(127) / np.abs(x).max())).astype(np.int64)
    return (values.astype(np.int64) @ quantized).astype(np.float32) * (scale * step)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (16, 4), (17, 5), (64, 24), (130, 256), (512, 257), (48, 1537)])
def test_int8_product_is_exact(cpu: str, rows: int, columns: int) -> None:
    rng = np.random.default_rng(rows * columns)
    values, scale = quantize_rows(rng.standard_normal((rows, columns)))
    x = rng.standard_normal(columns).astype(np.float32)
    matrix = _native.Matrix(values, scale, cpu)
    assert not matrix.sparse
    np.testing.assert_array_equal(matrix.multiply(x), expected_product(values, scale, x))


def test_int8_product_of_the_largest_numbers(cpu: str) -> None:
    values = np.where(np.arange(64 * 2048).reshape(64, 2048) % 2, 127, -127).astype(np.int8)
    x = np.where(np.arange(2048) % 2, 1, -1).astype(np.float32)
    product = _native.Matrix(values, np.ones(64, np.float32), cpu).multiply(x)
    np.testing.assert_array_equal(product, np.full(64, 2048 * 127 * 127, np.float32) * np.float32(1 / 127))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_blocks_of_zeros_are_skipped(cpu: str, share: float) -> None:
    rng = np.random.default_rng(3)
    kept = rng.random((8, 24)) < share
    dense = rng.integers(-127, 128, (128, 96)) * np.kron(kept, np.ones((16, 4), int))
    scale = rng.random(128).astype(np.float32)
    x = rng.standard_normal(96).astype(np.float32)
    matrix = _native.Matrix(dense.astype(np.int8), scale, cpu)
    assert matrix.sparse
    np.testing.assert_array_equal(matrix.multiply(x), expected_product(dense, scale, x))


@pytest.mark.parametrize(
    ("function", "low", "high", "tolerance"), [("exp", -80, 80, 5e-7), ("tanh", -20, 20, 2e-7), ("sigmoid", -30, 30, 2e-7)]
)
def test_elementary_functions(cpu: str, function: str, low: float, high: float, tolerance: float) -> None:
    x = np.linspace(low, high, 100_003, dtype=np.float32)
    wide = x.astype(np.float64)
    reference = {"exp": np.exp, "tanh": np.tanh, "sigmoid": lambda v: 1 / (1 + np.exp(-v))}[function](wide)
    found = _native.elementwise(function, x, cpu)
    error = np.abs(found - reference) / (reference if function == "exp" else 1)
    assert error.max() < tolerance
    np.testing.assert_array_equal(found, _native.elementwise(function, x, "generic"))


def test_logarithm(cpu: str) -> None:
    x = np.exp(np.linspace(-80, 80, 100_003)).astype(np.float32)
    reference = np.log(x.astype(np.float64))
    assert (np.abs(_native.elementwise("log", x, cpu) - reference) < 2e-7 * np.maximum(1, np.abs(reference))).all()


def test_random_numbers_are_those_of_numpy() -> None:
    for seed, stream, first in [(0, 1, 0), (1, 2, 5), (2**64 - 1, 1, 2**40), (12345, 2, 7)]:
        np.testing.assert_array_equal(_native.uniforms(seed, stream, first, 1000), uniforms(seed, stream, first, 1000))


def test_random_numbers_look_random() -> None:
    drawn = uniforms(7, 2, 0, 200_000)
    assert drawn.min() > 0 and drawn.max() < 1
    counts, _ = np.histogram(drawn, 100, (0, 1))
    assert ((counts - 2000) ** 2 / 2000).sum() < 150  # chi-square with 99 degrees of freedom, p = 0.0007
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.01
    assert abs(np.corrcoef(drawn, uniforms(8, 2, 0, 200_000))[0, 1]) < 0.01
    assert abs(np.corrcoef(drawn, uniforms(7, 1, 0, 200_000))[0, 1]) < 0.01
    assert len(np.unique(random_bits(1, 1, 0, 100_000))) == 100_000
    assert abs(dropout_masks(1, 500, 64).mean() - 1) < 0.02


def test_unknown_path_lists_what_is_accepted() -> None:
    with pytest.raises(ValueError, match=r"SPEECHD_NEURAL_CPU=quantum: .*accept.*generic"):
        _native.chosen("quantum")


def test_a_matrix_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="one scale per row"):
        _native.Matrix(np.zeros((4, 4), np.int8), np.ones(3, np.float32))
    with pytest.raises(ValueError, match="columns"):
        _native.Matrix(np.ones((4, 4), np.int8), np.ones(4, np.float32)).multiply(np.ones(5, np.float32))


def test_rows_keep_their_own_scale() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((32, 200)) * np.logspace(-4, 2, 32)[:, None]
    values, scale = quantize_rows(matrix)
    error = np.sqrt(((restore_rows(values, scale) - matrix) ** 2).sum(axis=1) / (matrix**2).sum(axis=1))
    assert error.max() < 0.01
    assert relative_error(matrix, values, scale) < 0.01
    values, scale = quantize_rows(np.zeros((3, 5)))
    assert not values.any() and np.isfinite(scale).all()
