"""Silence at the ends of what a voice learns from."""

from itertools import pairwise

import numpy as np

from speechd_neural.train.edges import with_short_ends

RATE = 16000
MS = RATE // 1000
SYMBOLS = ("b", "eh1", "l", ".")


def recording(*parts: tuple[int, float]) -> np.ndarray:
    """Milliseconds and level of each part."""
    rng = np.random.default_rng(1)
    return np.concatenate([level * rng.standard_normal(ms * MS) for ms, level in parts]).astype(np.float32)


def spans(*edges: int) -> np.ndarray:
    """Where the symbols begin and the last one ends, in milliseconds."""
    return np.array([*pairwise(edges)], np.int64) * MS


def test_silence_of_the_last_phone_is_the_marks() -> None:
    samples = recording((40, 0), (300, 0.1), (400, 0))
    cut, found = with_short_ends(SYMBOLS, samples, spans(40, 100, 200, 680, 740), RATE)
    assert (found // MS).tolist() == [[15, 75], [75, 175], [175, 325], [325, 385]]
    assert np.array_equal(cut, samples[25 * MS : 410 * MS])


def test_a_soft_beginning_and_a_soft_end_are_kept() -> None:
    samples = recording((50, 0.003), (200, 0.1), (100, 0.003))
    cut, found = with_short_ends(SYMBOLS, samples, spans(0, 50, 100, 250, 350), RATE)
    assert np.array_equal(cut, samples) and np.array_equal(found, spans(0, 50, 100, 250, 350))


def test_a_recording_with_noise_or_without_a_mark_stays_as_it_is() -> None:
    for samples, symbols in ((recording((300, 0.1), (500, 0.002)), SYMBOLS), (recording((300, 0.1), (500, 0)), SYMBOLS[:3])):
        edges = spans(0, 100, 200, 800, 800)[: len(symbols)]
        cut, found = with_short_ends(symbols, samples, edges, RATE)
        assert np.array_equal(cut, samples) and np.array_equal(found, edges)


def test_silence_alone_stays_as_it_is() -> None:
    samples = np.zeros(RATE, np.float32)
    assert with_short_ends(SYMBOLS, samples, spans(0, 100, 200, 300, 1000), RATE)[0] is samples


def test_a_first_phone_that_is_over_before_it_is_heard_keeps_its_place() -> None:
    samples = recording((200, 0), (300, 0.1), (100, 0))
    cut, found = with_short_ends(SYMBOLS, samples, spans(0, 60, 200, 480, 600), RATE)
    assert (found // MS).tolist() == [[0, 15], [15, 155], [155, 435], [435, 525]] and len(cut) == 525 * MS
