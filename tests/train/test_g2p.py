import argparse
from itertools import pairwise

import numpy as np
import pytest

from speechd_neural.errors import UsageError
from speechd_neural.text import g2p as runtime
from speechd_neural.text.dictionary import Dictionary
from speechd_neural.train import dictionary, g2p

ONSETS = {"b": "b", "k": "k", "sh": "sh", "t": "t", "l": "l", "m": "m", "s": "s"}
VOWELS = {"a": "ae1", "ee": "iy1", "o": "aa1", "i": "ih1"}
CODAS = {"t": "t", "n": "n", "ck": "k", "p": "p", "x": "k s", "": ""}


def toy_words():
    for onset, first in ONSETS.items():
        for vowel, middle in VOWELS.items():
            for coda, last in CODAS.items():
                yield onset + vowel + coda, tuple(f"{first} {middle} {last}".split())


def options():
    return g2p.Options(orders=(4, 3), prune=(0.0, 0.0), rounds=5)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    path = tmp_path_factory.mktemp("toy") / "toy.bin"
    pairs = [pair for i, pair in enumerate(toy_words()) if i % 7]
    path.write_bytes(g2p.train(pairs, options(), lambda line: None))
    return runtime.JointNgram(path)


def test_toy_language_is_learned_and_generalizes(toy):
    words = list(toy_words())
    unseen = [pair for i, pair in enumerate(words) if i % 7 == 0]
    assert sum(toy.phones(word) == phones for word, phones in words) / len(words) > 0.95
    assert sum(toy.phones(word) == phones for word, phones in unseen) / len(unseen) > 0.8


def test_alignment_puts_digraphs_together():
    pairs = list(toy_words())
    by_word = {"".join(letters for letters, _ in word): word for word in g2p.align(pairs, 5, lambda line: None)}
    assert len(by_word) == len(pairs)
    said = {letters: phones for letters, phones in by_word["shax"] if phones}
    assert said["x"] == ("k", "s")
    assert said["a"] == ("ae1",)


def test_probabilities_of_each_context_sum_to_one():
    words = [[2, 3, 4], [2, 3, 3], [4, 2], [3, 4, 2, 2], [2, 3, 4, 2]]
    levels = g2p.count(words, 5, 3)
    assert levels[0].probability[1:].sum() == pytest.approx(1, abs=1e-6)
    for level, shorter in ((levels[1], levels[0]), (levels[2], levels[1])):
        known = np.bincount(level.parent, level.probability, len(shorter.token))
        assert (known < 1 + 1e-9).all()
    # with the back-off weight, the whole vocabulary sums to one in a context that was seen
    pruned = g2p.prune(levels, 0.0)
    context = 2
    child = {int(t): float(p) for t, p, parent in zip(pruned[1].token, pruned[1].probability, pruned[1].parent, strict=True)
             if parent == context}  # fmt: skip
    total = sum(
        child.get(t, float(np.exp(pruned[0].backoff[context]) * pruned[0].probability[t])) for t in range(1, 5)
    )
    assert total == pytest.approx(1, abs=1e-6)


def test_pruning_drops_entries_and_keeps_prefixes():
    words = [list(np.random.default_rng(i).integers(2, 9, 8)) for i in range(200)]
    levels = g2p.count(words, 9, 4)
    pruned = g2p.prune(levels, 1.0)
    assert sum(len(level.token) for level in pruned) < sum(len(level.token) for level in levels)
    for lower, upper in pairwise(pruned):
        assert upper.parent.max(initial=0) < len(lower.token)
        assert upper.suffix.min(initial=0) >= 0
        assert (np.diff(upper.parent) >= 0).all()


@pytest.mark.parametrize(
    ("word", "arpabet", "expected"),
    [
        ("wanted", "W AO1 N T IH0 D", "w ao1 n t ax d"),
        ("industry", "IH1 N D AH0 S T R IY2", "ih1 n d ax s t r iy0"),
        ("inspect", "IH2 N S P EH1 K T", "ih0 n s p eh1 k t"),
        ("notebook", "N OW1 T B UH2 K", "n ow1 t b uh1 k"),
        ("butter", "B AH1 T ER0", "b ah1 t er0"),
        ("red", "R EH1 D", "r eh1 d"),
    ],
)
def test_dictionary_phones_become_the_teachers(word, arpabet, expected):
    assert dictionary.to_symbols(word, arpabet.split()) == tuple(expected.split())


def test_command_trains_and_packs(tmp_path, capsys):
    source = tmp_path / "cmudict.dict"
    lines = [f"{w} {' '.join(p).upper()} # comment" for w, p in toy_words()]
    source.write_text("\n".join([*lines, "bat(2) B AA1 T", "don't D OW1 N T"]) + "\n")
    left_out = tmp_path / "without.txt"
    left_out.write_text("bat\n")
    parser = argparse.ArgumentParser()
    g2p.add_arguments(parser)
    model, packed = tmp_path / "g2p.bin", tmp_path / "dict.bin"
    command = [str(source), "-o", str(model), "--dictionary", str(packed), "--without", str(left_out), "--orders", "4", "0"]
    assert g2p.run(parser.parse_args(command)) == 0
    assert runtime.JointNgram(model).phones("bat")
    words = Dictionary(packed)
    assert words.get("bat") == ("b", "ae1", "t")
    assert words.get("don't") == ("d", "ow1", "n", "t")
    assert words.get("used") == ("y", "uw1", "z", "d")  # from the teacher's list
    words.close()
    assert "graphones" in capsys.readouterr().out


def test_missing_dictionary_is_named(tmp_path):
    parser = argparse.ArgumentParser()
    g2p.add_arguments(parser)
    with pytest.raises(UsageError, match=r"nothing\.dict: no such file"):
        g2p.run(parser.parse_args([str(tmp_path / "nothing.dict")]))
