"""Bounded decoding: the decoder runs word by word, and a word is handed on only when its alignment is sound.

Attention moves through the symbols in one direction (its window sees to that in a windowed model, and here it is
checked for the others). A word is sound when every phone of it was looked at, none held attention for too long, and
attention did not go back. Else the decoder returns to the point before the word and goes on with other dropout
masks and in a window; after ATTEMPTS of them the segment is given up with SynthesisError. So a voice never skips,
repeats or runs away: at worst it says that it cannot speak the text.

A voice that learned its alignment from whole sentences passes over some symbols (frontend.Reading.mute), and may rest
in a pause on the letter before the comma: of it a little less is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speechd_neural.errors import SynthesisError
from speechd_neural.voice.frontend import Reading
from speechd_neural.voice.runtime import BUDGET, Check, Decoder, Floats, Runtime

ATTEMPTS = 6
SEED_STEP = 0x9E3779B97F4A7C15
LONGEST_PHONE, LONGEST_PAUSE = 0.7, 1.2  # seconds that attention may rest on one symbol
LONGEST_MEAN = 0.3  # seconds per symbol of a word, on average …
SLACK = 1.0  # … and what a word may take besides
TAIL = 0.4  # seconds that the last symbol may last when the gate does not open
LEAST_LOOK = 0.2  # decoder steps' worth of attention that every phone must get
GO_BACK = 3  # symbols by which attention may waver backwards (models without a window)


@dataclass(frozen=True, slots=True)
class Word:
    """Sound steps of the decoder. frames: standardized [n · frames_per_step, F]; positions [n]; attention [n, symbols]."""

    frames: Floats
    positions: npt.NDArray[np.int32]
    attention: Floats


class Unsound(Exception):
    """This attempt at a word cannot be handed on; the text says why."""


def decode(
    runtime: Runtime, reading: Reading, memory: Floats, seed: int, step_seconds: float, check: Check
) -> Iterator[Word]:
    """Yield the text's words in order; `check` is called every few milliseconds (it may raise to stop the work).

    Raises SynthesisError that tells the word's number, never its text.
    """
    run = runtime.decode(memory, seed)
    size = len(reading)
    ends = [start for start in reading.word_starts if start > 0] + [size]
    position, looked = 0, np.zeros(size)
    checked = 0
    while True:
        end = next(e for e in ends if e > position)
        before, reason = run.copy(), ""
        for attempt in range(ATTEMPTS):
            if attempt:
                run = before.copy()
                run.retry((seed + attempt * SEED_STEP) % 2**64)
            try:
                word = _word(run, reading, position, end, step_seconds, check)
                total = looked + word.attention.sum(axis=0)
                if (missed := _missed(reading, total < LEAST_LOOK, checked, end)) is not None:
                    raise Unsound(f"symbol {missed} was skipped")
                break
            except Unsound as error:
                reason = str(error)
        else:
            number = sum(start <= position for start in reading.word_starts)
            raise SynthesisError(f"decoding failed {ATTEMPTS} times at word {number} of {len(reading.word_starts)}: {reason}")
        yield word
        looked, checked, position = total, end, int(word.positions[-1])
        if end == size:
            return


def _missed(reading: Reading, unseen: npt.NDArray[np.bool_], begin: int, end: int) -> int | None:
    """The first symbol from `begin` to `end` at which more were passed over than may be mute, or a whole word was."""
    in_a_row = letters = 0  # up to here, of this word
    for symbol in range(begin, end):
        letters = letters + 1 if reading.sounding[symbol] else 0
        in_a_row = in_a_row + 1 if reading.sounding[symbol] and unseen[symbol] else 0
        word_ends = symbol + 1 == len(reading) or not reading.sounding[symbol + 1]
        if in_a_row > reading.mute or (word_ends and 0 < letters == in_a_row):
            return symbol - in_a_row + 1
    return None


def _word(run: Decoder, reading: Reading, position: int, end: int, step_seconds: float, check: Check) -> Word:
    """Decode until attention has reached `end`, or, in the last word, until the gate opens."""
    last = end == len(reading)
    # Where a text may end: on its last phone, or on the last symbol but one (which is the same but for "?!").
    goal = min(len(reading) - 2, int(np.flatnonzero(reading.sounding)[-1])) if reading.sounding.any() else 0
    goal = max(goal - reading.mute, min(goal, reading.word_starts[-1]) if reading.word_starts else 0)
    limit = int((LONGEST_MEAN * (end - position) + SLACK) / step_seconds)
    parts: list[tuple[Floats, npt.NDArray[np.int32], Floats]] = []
    steps = rested = 0
    while True:
        # In the last word the gate is looked at after every step: what follows it is not speech.
        at_once = 1 if last and position >= goal else 8
        frames, positions, gates, attention = run.run(at_once, BUDGET, max(0, goal if last else end))
        check()
        parts.append((frames, positions, attention))
        steps += len(positions)
        if (attention.argmax(axis=1) < positions - GO_BACK).any():
            raise Unsound(f"attention went back from symbol {int(positions.max())}")
        rests = np.diff(positions, prepend=position) == 0
        for rest in rests:
            rested = rested + 1 if rest else 0
        position = int(positions[-1])
        if last and position >= goal:
            tail = position == len(reading) - 1 and rested * step_seconds > TAIL
            if gates[-1] > 0 or tail:
                break
        elif not last and position >= end:
            break
        longest = LONGEST_PHONE if reading.sounding[position] and not reading.mute else LONGEST_PAUSE
        if rested * step_seconds > longest:
            raise Unsound(f"attention stayed on symbol {position}")
        if steps > limit:
            raise Unsound(f"more than {limit} steps")
    return Word(*(np.concatenate(column) for column in zip(*parts, strict=True)))
