"""Rules that are not asked at a place would have read nothing there."""

from __future__ import annotations

from pathlib import Path

from speechd_neural.text.english.normalize import dispatch
from speechd_neural.text.english.normalize.rules import Place, Rule

GOLDEN = Path(__file__).parent.parent / "golden"


def left_out(text: str, start: int) -> list[Rule]:
    if text[start] in "0123456789":
        kept, every = dispatch.digit_rules(text, start), dispatch.DIGIT_RULES
    elif text[start].isalpha():
        kept, every = dispatch.letter_rules(text, start), dispatch.LETTER_RULES
    else:
        return []
    return [rule for rule in every if rule not in kept]


def test_a_rule_that_is_left_out_knows_nothing_there() -> None:
    looked, wrong = 0, []
    for path in sorted(GOLDEN.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.count("\t") != 2:
                continue
            text = line.split("\t")[1]
            before = ""
            for start, character in enumerate(text):
                if start and (character.isalpha() or character.isdecimal()) and text[start - 1].isalnum():
                    continue  # rules are asked where a word or a number begins
                for rule in left_out(text, start):
                    looked += 1
                    if rule(Place(text, start, before)):
                        wrong.append(f"{rule.__name__} at {start} of {text!r}")
                before = text[:start].rsplit(" ", 1)[-1]
    assert looked > 50_000
    assert not wrong, "\n".join(wrong[:20])
