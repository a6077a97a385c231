"""What stands around a word, as features that a model weighs: neighbours, their kinds, and words anywhere near.

A feature is a short text, "before=to"; `described` says it in words. Training and speaking take them from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

NEAR = 9  # words on each side that are looked at
_NUMBER_TEXT = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion
"""
_NUMBERS = frozenset(_NUMBER_TEXT.split())
_EDGE = "^"
# Endings that tell what kind of word it may be; the longer ones first.
_ENDINGS = (
    ("ly", "ly"), ("ing", "ing"), ("ed", "ed"), ("tion", "thing"), ("sion", "thing"), ("ness", "thing"), ("ment", "thing"),
    ("ity", "thing"), ("ous", "quality"), ("ful", "quality"), ("able", "quality"), ("ible", "quality"), ("ive", "quality"),
    ("ical", "quality"), ("ic", "quality"), ("al", "quality"), ("ish", "quality"), ("'s", "whose"), ("s'", "whose"),
    ("ss", "word"), ("us", "word"), ("is", "word"), ("s", "many"), ("er", "er"),
)  # fmt: skip


def number_or_word(word: str) -> str:
    return "#" if word[0].isdigit() or word in _NUMBERS else word


def kinds_of(classes: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """The kind of each word that stands in classes: the names of all of them."""
    found: dict[str, str] = {}
    for name, words in classes.items():
        for word in words:
            found[word] = found.get(word, "") + name
    return found


def _kind(word: str, kinds: Mapping[str, str]) -> str:
    known = kinds.get(word)
    if known:
        return known
    if word in (_EDGE, "#", ","):
        return word
    return next((kind for ending, kind in _ENDINGS if word.endswith(ending) and len(word) > len(ending) + 1), "word")


def features(earlier: list[str], later: list[str], capital: bool, kinds: Mapping[str, str], rule: str) -> Iterator[str]:
    """Of a word between these words (in small letters, with commas where a phrase ends), each of them once.

    capital: it begins with one. rule: what the hand-written clues ask for.
    """
    before = [number_or_word(word) for word in earlier[-NEAR:]]
    after = [number_or_word(word) for word in later[:NEAR]]
    b1, b2, b3 = [*before[::-1][:3], _EDGE, _EDGE, _EDGE][:3]
    a1, a2, a3 = [*after[:3], _EDGE, _EDGE, _EDGE][:3]
    kb1, kb2, kb3, ka1, ka2, ka3 = (_kind(word, kinds) for word in (b1, b2, b3, a1, a2, a3))
    yield f"rule={rule}"
    yield f"before={b1}"
    yield f"after={a1}"
    yield f"before2={b2} {b1}"
    yield f"after2={a1} {a2}"
    yield f"between={b1} {a1}"
    yield f"second={b2}"
    yield f"then={a2}"
    yield f"kind before={kb1}"
    yield f"kind after={ka1}"
    yield f"kinds before={kb2} {kb1}"
    yield f"kinds after={ka1} {ka2}"
    yield f"kinds around={kb1} {ka1}"
    yield f"kinds far before={kb3} {kb2} {kb1}"
    yield f"kinds far after={ka1} {ka2} {ka3}"
    yield f"kinds all={kb2} {kb1} {ka1} {ka2}"
    yield f"ending before={b1[-3:]}"
    yield f"ending after={a1[-3:]}"
    if capital:
        yield f"capital={'first' if not earlier else 'inside'}"
    for word in sorted({*before, *after}):
        if len(word) > 2 and word not in kinds:
            yield f"near={word}"


_SIDES = {"before": "before it", "far before": "before it", "after": "behind it", "far after": "behind it"}


def described(feature: str) -> str:
    """A feature in words: "before=to" -> '"to" before it'."""
    name, _, value = feature.partition("=")
    if name.startswith("kind"):
        kinds = [kind.strip("@").replace("@", "/").replace(_EDGE, "an edge").replace("#", "a number") for kind in value.split()]
        side = _SIDES.get(name.partition(" ")[2])
        return f"{', '.join(kinds)} {side}" if side else f"between {', '.join(kinds)}"
    if name.startswith("ending"):
        return f"a word in -{value} {_SIDES[name.partition(' ')[2]]}".replace("a word in -^", "nothing")
    words = value.replace(_EDGE, "").strip()
    if name in ("before", "before2", "second"):
        return f'"{words}" before it' if words else "nothing before it"
    if name in ("after", "after2", "then"):
        return f'"{words}" behind it' if words else "nothing behind it"
    if name == "between":
        return f'between "{words.replace(" ", chr(34) + " and " + chr(34))}"'
    if name == "near":
        return f'"{words}" near it'
    return "a capital" if name == "capital" else f"the words before ask for {value or 'nothing'}"
