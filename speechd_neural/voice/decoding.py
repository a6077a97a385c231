"""Bounded decoding: the decoder runs word by word, and a word is handed on only when its alignment is sound.

Attention moves through the symbols in one direction (its window sees to that in a windowed model, and here it is
checked for the others). A word is sound when every phone of it was looked at, none held attention for too long, and
attention did not go back. Else the decoder returns to the point before the word and goes on with other dropout
masks and in a window; after ATTEMPTS of them the segment is given up with SynthesisError. So a voice never skips,
repeats or runs away: at worst it says that it cannot speak the text.

A voice that learned its alignment from whole sentences passes over some symbols (frontend.Reading.mute), rests in a
pause on the letter before the comma, looks anywhere at its first step, and may end on a letter before the last. Of it
other things are asked: that no word was left out, and that attention did not leap ahead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Floats
from speechd_neural.errors import SynthesisError
from speechd_neural.records import dataclass
from speechd_neural.voice.runtime import BUDGET, Check, Decoder, Runtime
from speechd_neural.voice.symbol_table import Reading

ATTEMPTS = 6
SEED_STEP = 0x9E3779B97F4A7C15
LONGEST_PHONE, LONGEST_PAUSE = 0.7, 1.2  # seconds that attention may rest on one symbol
LONGEST_MEAN = 0.3  # seconds per symbol of a word, on average …
SLACK = 1.0  # … and what a word may take besides
TAIL = 0.4  # seconds that the last symbol may last when the gate does not open
# Seconds of a text's last phone after which its level is known, and what fades out behind need not be waited for.
HEARD = 0.16
LEAST_LOOK = 0.2  # decoder steps' worth of attention that every phone must get
WAVER = 3  # symbols by which attention may go back, or leap beyond a word's end (models without a window)
# Of a word in a text whose symbols may be mute: seconds of attention per letter that it must get, half of what letters get
# in the quickest words. What one letter gets in a pause says nothing about the others: of it, no more counts than …
LEAST_PER_LETTER, MOST_OF_LETTER = 0.007, 0.03
SHORT_WORD = 2  # letters: such a word may be over in a step or two, so that it is not asked for in the last attempt
Over = Callable[[Floats, bool], bool]  # decoder frames [n, F]; whether attention rests on the last symbol in them
FAINT = 0.05  # a share of attention below this is no look: unsure attention gives every symbol as much


@dataclass(frozen=True, slots=True)
class Word:
    """Sound steps of the decoder. frames: standardized [n · frames_per_step, F]; positions [n]; attention [n, symbols];
    last: what follows, if anything, is the end of this text's last phone."""

    frames: Floats
    positions: npt.NDArray[np.int32]
    attention: Floats
    last: bool


class Unsound(Exception):
    """This attempt at a word cannot be handed on; the text says why."""


def decode(
    runtime: Runtime, reading: Reading, memory: Floats, seed: int, step_seconds: float, check: Check,
    over: Over = lambda frames, last: False, heard: float = math.inf,
) -> Iterator[Word]:  # fmt: skip
    """Yield the text's words in order; `check` is called every few milliseconds (it may raise to stop the work).

    over: told the frames in which attention rests on the last phone or symbol, whether nothing but silence follows.
    heard: seconds of the last phone after which its word is handed on; the rest of that phone then follows as one more Word.

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
                trial = _Attempt(run, reading, position, end, step_seconds, check, over)
                ended = trial.go(heard)
                word = trial.word()
                shares = word.attention * (word.attention >= FAINT) if reading.mute else word.attention
                total = looked + shares.sum(axis=0)
                asked = SHORT_WORD + 1 if attempt == ATTEMPTS - 1 else 1
                if (missed := _missed(reading, total, checked, end, step_seconds, asked)) is not None:
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
            with suppress(Unsound):  # a phone that would not end is cut off where it was handed on
                if not ended:
                    trial.go()
                    yield trial.word()
            return


def _missed(reading: Reading, looked: Floats, begin: int, end: int, step_seconds: float, asked: int) -> int | None:
    """The first symbol from `begin` to `end` at which more were passed over than may be mute, or a whole word was.

    looked [n]: decoder steps' worth of attention.
    """
    in_a_row = 0  # up to here, of this word
    for symbol in range(begin, end):
        in_a_row = in_a_row + 1 if reading.sounding[symbol] and looked[symbol] < LEAST_LOOK else 0
        if in_a_row > reading.mute:
            return symbol - in_a_row + 1
    if reading.mute:
        for start in (start for start in reading.word_starts if begin <= start < end):
            letters = int(np.argmin(np.append(reading.sounding[start:], False)))
            heard = np.minimum(looked[start : start + letters] * step_seconds, MOST_OF_LETTER).sum()
            if letters >= asked and heard < LEAST_PER_LETTER * letters:
                return start
    return None


class _Attempt:
    """A try at one word: decoder steps until attention has reached `end`, or, in the last word, until the gate opens."""

    def __init__(
        self, run: Decoder, reading: Reading, position: int, end: int, step_seconds: float, check: Check, over: Over
    ) -> None:
        self._run, self._reading, self._position, self._end = run, reading, position, end
        self._step_seconds, self._check, self._over = step_seconds, check, over
        self._last = end == len(reading)
        # Where a text may end: on its last phone, or on the last symbol but one (which is the same but for "?!").
        goal = min(len(reading) - 2, int(np.flatnonzero(reading.sounding)[-1])) if reading.sounding.any() else 0
        if reading.mute and reading.word_starts:  # … or on a letter before, in the second half of its word
            goal = max(goal - reading.mute, (reading.word_starts[-1] + goal + 1) // 2)
        self._goal = goal
        self._limit = int((LONGEST_MEAN * (end - position) + SLACK) / step_seconds)
        self._parts: list[tuple[Floats, npt.NDArray[np.int32], Floats]] = []
        self._taken = self._steps = self._rested = self._at_goal = 0

    def word(self) -> Word:
        """What was decoded since this was asked last."""
        new, self._taken = self._parts[self._taken :], len(self._parts)
        frames, positions, attention = (np.concatenate(column) for column in zip(*new, strict=True))
        return Word(frames, positions, attention, self._last)

    def go(self, heard: float = math.inf) -> bool:
        """On to the end of the word (True), or until its last phone, the text's, was heard for so many seconds (False)."""
        run, goal = self._run, self._goal
        while True:
            # In the last word the gate is looked at after every step: what follows it is not speech.
            at_once = 1 if self._last and self._position >= goal else 8
            frames, positions, gates, attention = run.run(at_once, BUDGET, max(0, goal if self._last else self._end))
            self._check()
            self._parts.append((frames, positions, attention))
            self._steps += len(positions)
            if (attention.argmax(axis=1) < positions - WAVER).any():
                raise Unsound(f"attention went back from symbol {int(positions.max())}")
            for reached in positions.tolist():
                self._rested = self._rested + 1 if reached == self._position else 0
                self._position = reached
            if self._is_over(float(gates[-1])):
                return True
            self._look_out()
            self._at_goal += self._last and self._position >= goal
            if self._at_goal * self._step_seconds >= heard and not self._reading.mute:
                return False

    def _is_over(self, gate: float) -> bool:
        reading, position, rested = self._reading, self._position, self._rested
        if not self._last:
            if reading.mute and position > self._end + 1:
                raise Unsound(f"attention leapt to symbol {position}")
            return position >= self._end
        if position < self._goal:
            return False
        ended = position == len(reading) - 1
        if gate > 0 or (ended and rested * self._step_seconds > TAIL):
            return True
        # Where attention learned to rest on any letter, a closure may look like the end.
        return bool(rested and not reading.mute and self._over(_last_frames(self._parts, rested), ended))

    def _look_out(self) -> None:
        reading, position = self._reading, self._position
        longest = LONGEST_PHONE if reading.sounding[position] and not reading.mute else LONGEST_PAUSE
        if self._rested * self._step_seconds > longest:
            raise Unsound(f"attention stayed on symbol {position}")
        if self._steps > self._limit:
            raise Unsound(f"more than {self._limit} steps")


def _last_frames(parts: list[tuple[Floats, npt.NDArray[np.int32], Floats]], steps: int) -> Floats:
    """The frames of so many steps at the end."""
    frames = np.concatenate([part[0] for part in parts[-steps:]])
    per_step = len(parts[-1][0]) // len(parts[-1][1])
    return frames[-steps * per_step :]
