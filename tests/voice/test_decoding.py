"""Which alignments are handed on, of voices that were trained on aligned phones and of those that learned from sentences."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_voice import TACOTRON, character_manifest, manifest, models

from speechd_neural.errors import SynthesisError
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Segment, Word
from speechd_neural.voice.bundle import Manifest, write_bundle
from speechd_neural.voice.decoding import decode
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.symbol_table import SymbolTable


def test_reading_of_characters() -> None:
    table = SymbolTable(character_manifest())
    reading = table.read(Segment(text="Ab, c", words=(Word("ab", (0, 2), (0, 2)), Word("c", (4, 5), (4, 5)))))
    assert reading.owners.tolist() == [0, 1, -1, -1, 4, -1]
    assert reading.word_starts == (0, 4)
    with pytest.raises(SynthesisError, match="no symbol '日'"):
        table.read(Segment(text="日"))


class Scripted:
    """A decoder whose attention is told: symbols in order, one for each step; after `retry` those of `again`."""

    def __init__(self, size: int, path: list[int], again: list[int] | None = None, shut: bool = False) -> None:
        self.size, self.path, self.again, self.step, self.shut = size, path, again, 0, shut

    def decode(self, memory: object, seed: int) -> Scripted:
        return self

    def copy(self) -> Scripted:
        other = Scripted(self.size, self.path, self.again, self.shut)
        other.step = self.step
        return other

    def retry(self, seed: int) -> None:
        self.path = self.again or self.path

    def run(self, steps: int, milliseconds: float = 0, until: int = 1 << 30) -> tuple[np.ndarray, ...]:
        path = [self.path[min(self.step + i, len(self.path) - 1)] for i in range(steps)]
        reached = next((i + 1 for i, symbol in enumerate(path) if symbol >= until), steps)
        self.step += reached
        weights = np.eye(self.size, dtype=np.float32)[path[:reached]]
        positions = np.maximum.accumulate(path)[:reached].astype(np.int32)
        gates = np.full(reached, -1 if self.shut else 1, np.float32)
        return np.zeros((reached, 1), np.float32), positions, gates, weights


NIGHT = Segment(text="night queue", words=(Word("night", (0, 5), (0, 5)), Word("queue", (6, 11), (5, 10))))


def walked(described: Manifest, segment: Segment, path: list[int], again: list[int] | None = None) -> list[int]:
    """Positions step by step, of what is handed on."""
    reading = SymbolTable(described).read(segment)
    script: Any = Scripted(len(reading), path, again)
    words = decode(script, reading, np.zeros((len(reading), 1), np.float32), 1, 0.0125, lambda: None)
    return [int(position) for word in words for position in word.positions]


def test_letters_that_are_not_said() -> None:
    """A voice that learned from whole sentences passes over some; over no whole word, and not over four in a row."""
    base, learned = character_manifest(), learned_manifest()
    path = [0, 0, 1, 1, 4, 4, 5, 6, 6, 7, 7, 8, 8, 11]  # n, i, t of "night"; q, u, e of "queue"
    assert walked(learned, NIGHT, path) == path[:12]  # and there the gate is open, in the second half of the last word
    with pytest.raises(SynthesisError, match="word 1 of 2: symbol 2 was skipped"):
        walked(base, NIGHT, path)
    with pytest.raises(SynthesisError, match="word 1 of 2: attention leapt to symbol 11"):
        walked(learned, NIGHT, [0, 0, 1, 1, 4, 4, 5, 11, 11, 11])
    long = Segment(text="understands it", words=(Word("understands", (0, 11), (0, 9)), Word("it", (12, 14), (9, 11))))
    with pytest.raises(SynthesisError, match="word 1 of 2: symbol 2 was skipped"):
        walked(learned, long, [symbol for symbol in (0, 1, 6, 7, 8, 9, 10, 12, 13) for _ in range(4)])


@pytest.mark.parametrize("runs_away", [False, True])
def test_a_last_phone_is_handed_on_before_it_has_faded(runs_away: bool) -> None:
    """What follows comes as a word of its own; where it would never end, the text ends with what was handed on."""
    described = character_manifest()
    reading = SymbolTable(described).read(NIGHT)
    goal, step = len(reading) - 2, 0.0125
    path = [*range(goal), *[goal] * (100 if runs_away else 20), goal + 1]
    script: Any = Scripted(len(reading), path, shut=True)
    words = decode(script, reading, np.zeros((len(reading), 1), np.float32), 1, step, lambda: None, heard=5 * step)
    first, *others = list(words)
    begun, *rest = others
    assert not first.last and begun.last
    assert begun.positions.tolist() == path[len(first.positions) : goal + 5]
    assert [word.positions.tolist()[:15] for word in rest] == ([] if runs_away else [[goal] * 15])


def learned_manifest() -> Manifest:
    """Of a voice without a window, as public ones are."""
    base = character_manifest()
    return replace(base, acoustic=replace(base.acoustic, dims={**base.acoustic.dims, "window": 0}))


@pytest.mark.parametrize(
    "text, written",
    [
        ("w", "double you."), ("the USB port", "the you ess bee port."), ("HTML5", "aitch tee em ell five."),
        ("I am a man", "i am a man."),
        ("Zoë’s café, naïve", "zoes cafe, naive."), ("U.S.", "you ess."), ("straße", "strasse."),
    ],
)  # fmt: skip
def test_letters_that_are_named_are_written_as_words(text: str, written: str) -> None:
    """Who learned to read from sentences never saw a letter by itself, nor an accent."""
    table = SymbolTable(character_manifest())
    names = list(table.index)
    for segment in FrontEnd(English()).segments(text):
        reading = table.read(segment)
        assert "".join(names[i] for i in reading.ids) == written
        told = [owner for owner in reading.owners if owner >= 0]
        assert told == sorted(told) and max(told) < len(segment.symbols)


def test_characters_without_a_sound() -> None:
    learned = replace(learned_manifest(), symbols=(*learned_manifest().symbols, "(", ")", "-", "'"))
    reading = SymbolTable(learned).read(Segment(text="(I - don't)"))
    assert reading.word_starts == (1, 5)
    assert np.flatnonzero(reading.sounding).tolist() == [1, 5, 6, 7, 9]
    aligned = SymbolTable(character_manifest()).read(Segment(text="i dont"))
    assert aligned.word_starts == (0, 2) and aligned.sounding.tolist() == [c.isalpha() for c in "i dont."]


def words_of(text: str) -> Segment:
    """Segment of the words of a text, which has no points or commas but at its end."""
    words, at = [], 0
    for word in text.split():
        words.append(Word(word, (at, at + len(word)), (0, 0)))
        at += len(word) + 1
    return Segment(text=text, words=tuple(words))


def letter_by_letter(text: str, steps: int = 4) -> list[int]:
    return [symbol for symbol in range(len(text)) for _ in range(steps)]


@pytest.mark.parametrize("left_out", ["the", "dog", "came"])
def test_a_word_of_which_one_letter_was_seen_was_left_out(left_out: str) -> None:
    """Attention that rests beside a word shines on its first letter: that is not speaking it."""
    text = "and the dog came home."
    first = text.index(left_out)
    last = first + len(left_out) - 1
    path = [s for s in letter_by_letter(text) if not first <= s <= last]
    there = path.index(last + 1)
    assert walked(learned_manifest(), words_of(text[:-1]), letter_by_letter(text))
    with pytest.raises(SynthesisError, match=f"symbol {first} was skipped"):
        walked(learned_manifest(), words_of(text[:-1]), [*path[:there], first, *path[there:]])


def test_attention_that_leaps_behind_a_whole_word_is_tried_again() -> None:
    """The leap is seen before the word is handed on: behind it, nothing could be mended any more."""
    text = "and the dog came home."
    path = letter_by_letter(text)
    strayed = [*path[:12], 16, *path[12:]]
    assert walked(learned_manifest(), words_of(text[:-1]), strayed, path) == path[: path.index(19) + 1]


def test_a_short_word_is_asked_for_but_in_the_last_attempt() -> None:
    text = "it is a dog."
    path = [symbol for symbol in letter_by_letter(text) if symbol != 6]
    assert walked(learned_manifest(), words_of(text[:-1]), path)


def test_an_open_gate_does_not_end_a_word_at_its_beginning() -> None:
    """Silence before the first word looks like the end to a voice whose gate is the silence."""
    path = [0] * 10 + letter_by_letter("yes.")
    found = walked(learned_manifest(), words_of("yes"), path)
    assert max(found) == 1 and found == path[: len(found)] and len(found) > 10


def test_attention_that_jumps_is_tried_again() -> None:
    again = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert walked(character_manifest(), NIGHT, [9, 0, 1], again) == again


def test_another_try_keeps_to_a_window(tmp_path: Path) -> None:
    """Also in a voice that has none otherwise."""
    dims = replace(TACOTRON, window=False)
    acoustic, vocoder = models(0, dims)
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in (acoustic, vocoder)]
    write_bundle(tmp_path, states[0], states[1], manifest(dims))
    runtime = load_engine(tmp_path).runtime
    run = runtime.decode(runtime.encode(np.arange(20), lambda: None), 1)
    again = run.copy()
    again.retry(2)
    assert (run.run(4)[3] > 0).all()
    _, positions, _, attention = again.run(4)
    for before, weights in zip([0, *positions], attention, strict=False):
        assert set(np.flatnonzero(weights)) == set(range(max(0, before - 1), min(20, before + 7)))


def test_a_text_is_over_with_its_last_sound_though_the_gate_stays_shut() -> None:
    reading = SymbolTable(manifest()).read(Segment(symbols=("b", "eh1", "l", ".")))
    told: list[tuple[int, bool]] = []

    def over(frames: np.ndarray, last: bool) -> bool:
        told.append((len(frames), last))
        return len(frames) == (2 if last else 5)

    def positions(path: list[int]) -> list[int]:
        script: Any = Scripted(len(reading), path, shut=True)
        words = decode(script, reading, np.zeros((len(reading), 1), np.float32), 1, 0.02, lambda: None, over)
        return [int(position) for word in words for position in word.positions]

    assert positions([0, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3]) == [0, 1, 2, 2, 2, 2, 2, 2]  # five behind the first on the last phone
    told.clear()
    assert positions([0, 1, 2, 2, 3, 3, 3, 3, 3, 3]) == [0, 1, 2, 2, 3, 3, 3]
    assert told == [(1, False), (1, True), (2, True)]
