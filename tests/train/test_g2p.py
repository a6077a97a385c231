from itertools import pairwise

import numpy as np
import pytest
import torch

from speechd_neural.errors import TextError, UsageError
from speechd_neural.text.english.pronounce import g2p as runtime
from speechd_neural.text.english.pronounce import tagger as packed_tagger
from speechd_neural.text.english.pronounce.dictionary import Dictionary
from speechd_neural.train import dictionary, g2p, ngram, tagger
from speechd_neural.train.graphones import align

ONSETS = {"b": "b", "k": "k", "sh": "sh", "t": "t", "l": "l", "m": "m", "s": "s"}
VOWELS = {"a": "ae1", "ee": "iy1", "o": "aa1", "i": "ih1"}
CODAS = {"t": "t", "n": "n", "ck": "k", "p": "p", "x": "k s", "": ""}


def toy_words():
    for onset, first in ONSETS.items():
        for vowel, middle in VOWELS.items():
            for coda, last in CODAS.items():
                yield onset + vowel + coda, tuple(f"{first} {middle} {last}".split())


def options(updates=200):
    network = tagger.Options(size=16, layers=2, dropout=0.0, rate=1e-2, minutes=60, updates=updates)
    return g2p.Options(rounds=5, order=4, prune=0.0, network=network)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    pairs = [pair for i, pair in enumerate(toy_words()) if i % 7]
    (folder / "toy.bin").write_bytes(g2p.train(pairs, options(), folder / "toy.pt", lambda line: None))
    return runtime.LetterToSound(folder / "toy.bin")


def test_toy_language_is_learned_and_generalizes(toy):
    words = list(toy_words())
    unseen = [pair for i, pair in enumerate(words) if i % 7 == 0]
    assert sum(toy.phones(word) == phones for word, phones in words) / len(words) > 0.95
    assert sum(toy.phones(word) == phones for word, phones in unseen) / len(unseen) > 0.8


def test_alignment_puts_digraphs_together():
    pairs = list(toy_words())
    by_word = {"".join(letters for letters, _ in word): word for word in align(pairs, 5, lambda line: None)}
    assert len(by_word) == len(pairs)
    said = {letters: phones for letters, phones in by_word["shax"] if phones}
    assert said["x"] == ("k", "s")
    assert said["a"] == ("ae1",)


def test_the_packed_network_says_what_the_trained_one_says(tmp_path):
    torch.manual_seed(0)
    letters = ["a", "a", "b", "c", "c", "c"]
    network = tagger.Network(letters, 8, 2, 0.5).eval()
    packed = packed_tagger.Tagger(memoryview(tagger.to_bytes(network.state_dict(), 8, 2)), 0, letters)
    with torch.no_grad():
        scores = network(torch.tensor([[0], [2], [1], [0]]))[:, 0].log_softmax(1)
    for row, found, allowed in zip(scores, packed.likely("acba"), ([0, 1], [3, 4, 5], [2], [0, 1]), strict=True):
        assert sorted(number for _, number in found) == allowed
        for belief, number in found:
            assert belief == pytest.approx(float(row[number]), abs=0.02)


def test_a_letter_without_graphones_has_none():
    network = tagger.Network(["a"], 4, 1, 0.0)
    packed = packed_tagger.Tagger(memoryview(tagger.to_bytes(network.state_dict(), 4, 1)), 0, ["a"])
    assert [len(found) for found in packed.likely("aba")] == [1, 0, 1]


def test_probabilities_of_each_context_sum_to_one():
    words = [[2, 3, 4], [2, 3, 3], [4, 2], [3, 4, 2, 2], [2, 3, 4, 2]]
    levels = ngram.count(words, 5, 3)
    assert levels[0].probability[1:].sum() == pytest.approx(1, abs=1e-6)
    for level, shorter in ((levels[1], levels[0]), (levels[2], levels[1])):
        known = np.bincount(level.parent, level.probability, len(shorter.token))
        assert (known < 1 + 1e-9).all()
    # with the back-off weight, the whole vocabulary sums to one in a context that was seen
    pruned = ngram.prune(levels, 0.0)
    context = 2
    child = {int(t): float(p) for t, p, parent in zip(pruned[1].token, pruned[1].probability, pruned[1].parent, strict=True)
             if parent == context}  # fmt: skip
    total = sum(
        child.get(t, float(np.exp(pruned[0].backoff[context]) * pruned[0].probability[t])) for t in range(1, 5)
    )
    assert total == pytest.approx(1, abs=1e-6)


def test_pruning_drops_entries_and_keeps_prefixes():
    words = [list(np.random.default_rng(i).integers(2, 9, 8)) for i in range(200)]
    levels = ngram.count(words, 9, 4)
    pruned = ngram.prune(levels, 1.0)
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
        ("notebook", "N OW1 T B UH2 K", "n ow1 t b uh2 k"),
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
    model, packed = tmp_path / "g2p.bin", tmp_path / "dict.bin"
    g2p.build(source, model, options(updates=3), packed)
    assert runtime.LetterToSound(model).phones("bat")
    words = Dictionary(packed)
    assert words.get("bat") == ("b", "ae1", "t")
    assert words.get("don't") == ("d", "ow1", "n", "t")
    assert words.get("used") == ("y", "uw1", "z", "d")  # from the teacher's list
    assert "graphones" in capsys.readouterr().out
    assert len(g2p.held_out(source)) == len(list(toy_words())) // 10
    assert g2p.held_out(source) == g2p.held_out(source)


@pytest.mark.parametrize(
    "text, line", [("bat B AE1 T\n<html>\n", 2), ("bat b ae1 t\n", 1), ("# CMUdict\n\nbat B AE1 T\ncat K 3 T\n", 4)]
)
def test_something_else_than_a_dictionary(tmp_path, text, line):
    (tmp_path / "page.txt").write_text(text)
    with pytest.raises(TextError, match=rf"page\.txt:{line}: expected a word and its phones in ARPAbet"):
        g2p.build(tmp_path / "page.txt", tmp_path / "model.bin", options())


def test_missing_dictionary_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"nothing\.dict: no such file"):
        g2p.build(tmp_path / "nothing.dict", tmp_path / "model.bin", options())
