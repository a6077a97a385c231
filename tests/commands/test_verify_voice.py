"""The recogniser listens to a voice: what it hears is counted, and it hears the difference between voices."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from speechd_neural.commands.verify_voice import LETTERS, WORDS, _choices, resampled, word_errors
from speechd_neural.core.warming import phrases
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from tests.toy_bundle import write_toy_voice


def verify(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "speechd_neural", "verify-voice", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_noise_is_not_understood(tmp_path: Path) -> None:
    done = verify("--json", "--only", "letters", "--voice", write_toy_voice(tmp_path / "toy"))
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["voice"] == "toy" and [r["said"] for r in report["heard"]] == list(LETTERS)
    assert report["figures"]["letters"]["said"] == 26 and report["figures"]["letters"]["understood"] < 6
    assert report["figures"].keys() == {"letters"}


def test_the_voice_of_the_package_is_understood_better_than_noise() -> None:
    done = verify("--only", "words")
    assert done.returncode == 0, done.stderr
    understood, _, of = done.stdout.splitlines()[-1].removeprefix("words: ").partition(" of ")
    assert int(of.split()[0]) == len(WORDS) and int(understood) >= len(WORDS) // 4


def test_phrases_of_one_pack_that_sound_alike_are_one_and_all_others_can_be_told_apart() -> None:
    choices = [choice for kind, choice in _choices(FrontEnd(English()), ["packs"]) if kind == "packs"]
    packs = set(phrases([English.phrase_packs]))
    said = {phrase for choice in choices for phrase, _ in choice.values()}
    assert len(said) > 0.9 * len(packs) and said <= packs
    for choice in choices:
        phones = [heard for _, heard in choice.values()]
        assert len(set(phones)) == len(phones) and all(re.fullmatch("[A-Z]{1,2}( [A-Z]{1,2})*", p) for p in phones)
    words = [word for choice in choices for word in choice]
    assert len(set(words)) == len(words)


def test_takes_are_at_least_one() -> None:
    done = verify("--takes", "-1")
    assert done.returncode == 2 and done.stderr.endswith("argument --takes: '-1': expected a whole number, 1 or more\n")


def test_unknown_voice_is_one_line() -> None:
    done = verify("--voice", "nobody")
    assert done.returncode == 4 and done.stderr.count("\n") == 1 and "nobody" in done.stderr


def test_word_errors() -> None:
    assert word_errors("a b c".split(), "a b c".split()) == 0
    assert word_errors("a b c".split(), "a x c d".split()) == 2
    assert word_errors("a b".split(), []) == 2


def test_resampling_keeps_a_tone() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050).astype(np.float32)
    expected = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    np.testing.assert_allclose(resampled(tone, 22050, 16000), expected, atol=1e-3)
