"""Words with two pronunciations, told apart by the words beside them.

data/heteronyms.txt gives each word its readings and, for some, neighbours that decide; the first reading is used where
nothing points elsewhere. The guess is a cheap part of speech from one word on each side: enough for "to record" against
"a record", and never more than a few microseconds. Inflected forms (records, recorded, recording) follow their base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from speechd_neural.text import morphology

Phones = tuple[str, ...]
DEFAULT = Path(__file__).parent / "data" / "heteronyms.txt"

def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DETERMINERS = _words(
    "a an the this that these those my your his her its our their some any no every each another which what whose one two "
    "three four five six seven eight nine ten few many several other first second third last next previous new old"
)
_BEFORE_VERB = _words(
    "to will would can could shall should may might must do does did not don't doesn't didn't won't can't cannot couldn't "
    "wouldn't shouldn't i we you they who let's please never always also then just"
)
_THIRD_PERSON = _words("he she it who which that")
_PREPOSITIONS = _words("of in on at by for from with about into over under without as per")
_LINKING = _words(
    "is are was were be been being am seem seems very so too more most quite i'm you're he's she's it's that's we're they're"
)
_PERFECT = _words(
    "have has had having i've you've we've they've hasn't haven't hadn't was were been be being is are get got well"
)
_OBJECTS = _words("the a an my your his her its our their this that these those it them him us me all")
_FUNCTION = _PREPOSITIONS | _LINKING | _DETERMINERS | _words("and or but if to will can that has had when not")


def guess(previous: str | None, following: str | None) -> str:
    """The part of speech that the neighbours suggest: "verb", "third" (he ...s), "noun", "adj", "past" or ""."""
    before, after = (previous or "").lower(), (following or "").lower()
    if before in _PERFECT and before not in _LINKING:
        return "past"
    if before in _BEFORE_VERB:
        return "verb"
    if before in _DETERMINERS or before.endswith(("'s", "ous", "ful", "al")) or before in _PREPOSITIONS:
        return "noun"
    if before in _LINKING:
        return "adj"
    if before in _THIRD_PERSON:
        return "third"
    return "verb" if after in _OBJECTS else ""


class Heteronyms:
    """`find(word, previous, following)` -> (phones, reading), or None for a word with one pronunciation."""

    def __init__(self, path: Path = DEFAULT) -> None:
        self._readings: dict[str, str] = {}
        self._clues: dict[str, list[tuple[str, frozenset[str], frozenset[str]]]] = {}  # reading, words before, after
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                continue
            word, equals, readings = line.partition(" = ")
            if equals:
                self._readings[word] = readings
            word, arrow, clue = line.partition(" > ")
            if arrow:
                reading, _, neighbours = clue.partition(": ")
                before, _, after = neighbours.partition("_")
                self._clues.setdefault(word, []).append((reading, _words(before), _words(after)))

    def __contains__(self, word: str) -> bool:
        return word in self._readings

    def __iter__(self) -> Iterator[str]:
        return iter(self._readings)

    def readings(self, word: str) -> dict[str, Phones]:
        """Reading -> phones, the default first; {} for other words."""
        out = {}
        for reading in self._readings.get(word, "").split(";"):
            name, colon, phones = reading.partition(":")
            if colon:
                for one in name.split("/"):
                    out[one.strip()] = tuple(phones.split())
        return out

    def find(self, written: str, previous: str | None, following: str | None) -> tuple[Phones, str] | None:
        word = written.lower()
        readings = self.readings(word)
        if readings:
            if "name" in readings and written[0].isupper() and (following or "").lower() not in _OBJECTS:
                return readings["name"], "name"
            name = self._choose(word, list(readings), previous, following)
            return readings[name], name
        for stem, suffix in morphology.inflections(word):
            readings = self.readings(stem)
            if not readings:
                continue
            names = list(readings)
            if suffix == "s":
                name = self._choose(stem, names, previous, following, plural=True)
            else:
                name = "verb" if "verb" in readings else names[0]
            if suffix == "ed" and "past" in readings:
                continue
            return morphology.inflect(readings[name], suffix), f"{name}+{suffix}"
        return None

    def _choose(
        self, word: str, names: list[str], previous: str | None, following: str | None, plural: bool = False
    ) -> str:
        before, after = (previous or "").lower(), (following or "").lower()
        for reading, words_before, words_after in self._clues.get(word, ()):
            # "duplicate tabs" may be a verb, "the duplicate tabs" never.
            if before in words_before or (after in words_after and not (reading == "verb" and before in _DETERMINERS)):
                return reading
        special = _SPECIAL.get(word)
        if special is not None:
            name = special(before, after)
            if name in names:
                return name
        if after == "of" and "noun" in names:
            return "noun"  # an increase of, the export of
        sense = guess(previous, following)
        if sense == "third":
            sense = "verb" if plural else "past" if "past" in names else ""
        elif sense == "verb" and plural and before in _BEFORE_VERB:
            sense = "noun"  # "to records" is no verb
        if sense == "adj" and "adj" not in names:
            sense = "past" if "past" in names else ""
        if sense == "past" and "past" not in names:
            sense = "adj" if "adj" in names else ""
        if sense == "noun" and "noun" not in names:
            sense = "adj" if "adj" in names else ""
        if sense == "noun" and not plural and "adj" in names and after and after not in _FUNCTION:
            sense = "adj"
        return sense if sense in names else names[0]


_READ_BEFORE = _words("he she it already mark marked as being last not message messages")
_READ_AFTER = _words("yesterday receipt receipts by only")
_LIVE_AFTER = _words("in with at on here there together long forever up")
_CLOSE_BEFORE = _words("too come comes came stay very how as draw drew get got getting")
_CLOSE_AFTER = _words("to by together enough friend friends relationship call range match attention")
_USE_BEFORE = _words("of in for no fair cpu memory disk common personal heavy public make made into with from by")
_BOW_AFTER = _words("to down before out")


def _read(before: str, after: str) -> str:
    return "past" if before in _PERFECT or before in _READ_BEFORE or after in _READ_AFTER else "verb"


def _live(before: str, after: str) -> str:
    residing = before in _BEFORE_VERB or before in _THIRD_PERSON or before in ("people", "and") or after in _LIVE_AFTER
    return "verb" if residing else "adj"


def _close(before: str, after: str) -> str:
    if before in _LINKING or before in _CLOSE_BEFORE:
        return "adj"
    if not before and after == "to":
        return "verb"  # the setting "Close to tray"
    return "adj" if after in _CLOSE_AFTER and before not in _BEFORE_VERB else "verb"


def _use(before: str, after: str) -> str:
    return "noun" if before in _DETERMINERS or before in _USE_BEFORE or after in ("of", "case", "cases") else "verb"


def _wind(before: str, after: str) -> str:
    turning = after in ("up", "down", "back") and before not in _DETERMINERS
    return "verb" if before in ("to", "will", "would", "can") or turning else "noun"


def _bow(before: str, after: str) -> str:
    bending = before in ("to", "will", "must", "ship's") and after not in ("and", "tie", "ties")
    return "verb" if bending or after in _BOW_AFTER else "noun"


_SPECIAL: dict[str, Callable[[str, str], str]] = {
    "read": _read,
    "live": _live,
    "close": _close,
    "use": _use,
    "wind": _wind,
    "bow": _bow,
}
