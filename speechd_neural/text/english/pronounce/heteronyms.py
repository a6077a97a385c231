"""Words with two pronunciations, told apart by the words around them.

data/heteronyms.txt holds the words, their readings, and classes of words and clues. The words before one in its phrase say
what it may be: a verb after "to" or "did you", a participle after "have you", a noun after "the": a cheap guess at the part
of speech. A strong clue (">") decides; else a model (`homographs`) weighs that guess and everything that stands around.
Inflected forms (records, recorded) follow their base.
Beyond its phrase two things count: when it was (yesterday, I read it), and what was only interrupted (will, I think, read).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from speechd_neural import expressions as re
from speechd_neural.text.english.pronounce import homographs, morphology
from speechd_neural.text.english.pronounce.context import described, features, kinds_of
from speechd_neural.text.english.pronounce.homographs import Homographs, Reading
from speechd_neural.types import Phones

DEFAULT = Path(__file__).parent.parent / "data" / "heteronyms.txt"
MEMORY = 4096  # words of which it is kept whether they are a form of one of these
REMEMBERED = 256  # decisions with all that stands around; a text that comes again and again asks the same
_APART = 5  # words that may stand between two commas inside of another phrase: will[, as it were,] read
_SUBJECT = 3  # words that may stand between the first word of a question and its verb: did [the old man] read

# What the words before ask for, and the readings that answer it, the best first.
_ANSWERS = {
    "order": ("verb",),  # at the beginning, before an object
    "infinitive": ("verb",),  # to, can, did you
    "plural": ("verb", "past"),  # we
    "many": ("verb", "past"),  # the users ... it
    "relative": ("verb", "past"),  # users who
    "singular": ("past", "verb"),  # she
    "participle": ("past", "noun", "adj"),  # have you; a noun: we have contracts
    "state": ("past", "adj", "noun"),  # is
    "noun": ("noun", "adj"),  # the
    "attribute": ("adj", "noun"),  # the ... friend
    "quality": ("adj",),  # very
}
_OVERLAPPING = frozenset(("@toward", "@objects", "@goes_on", "@predicate", "@pointing"))  # say little of what a word is
# A form in -s is a verb only here, else a noun.
_ANSWERS_S = dict.fromkeys(("order", "many", "relative", "singular"), ("verb",))
_NOUNS = ("noun", "adj")
_FINITE = ("plural", "many")  # a finite verb that may be of the present or the past
# What a class of words asks for whatever stands around it.
_SIMPLE = {"@have": "participle", "@degree": "quality", "@let": ""}
_QUESTION = {"@modal": "infinitive", "@have": "participle", "@be": "state"}
# Pronounced unlike the word they come from; the dictionary has them.
_NO_FORMS = frozenset(("accented", "celtics", "contented", "fragmented", "houses", "mouths", "pigmented", "winded"))
_UNCOUNTED = frozenset(("produce", "refuse"))  # produces is a verb
_LY = re.compile(r"\w{3,}ly")
_CLUE = re.compile(r"(\S+) ([>?~]|~~) (\w+): (.*)")


class _Clue(NamedTuple):
    strength: str
    reading: str
    before: frozenset[str]
    after: frozenset[str]


class _Word(NamedTuple):
    readings: dict[str, Phones]
    groups: tuple[Reading, ...]  # names of each pronunciation
    clues: list[_Clue]


class Seen(NamedTuple):
    """stem, suffix: the word it is a form of; asked: the reading that the hand-written clues ask for, for `certain` or as
    one feature among the others."""

    stem: str
    suffix: str
    asked: str
    certain: bool
    features: tuple[str, ...]


class Heteronyms:
    """`find(word, previous, following)` -> (phones, reading), or None for a word with one pronunciation."""

    def __init__(self, path: Path = DEFAULT, model: Path = homographs.DEFAULT) -> None:
        self._model_path = model
        self._homographs: Homographs | None = None
        self._classes: dict[str, frozenset[str]] = {}
        self._words: dict[str, _Word] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            clue = _CLUE.fullmatch(line)
            name, _, value = line.partition(" = ")
            if line.startswith("#"):
                continue
            if clue:
                before, _, after = clue[4].partition("_")
                found = _Clue(clue[2], clue[3], self._expanded(before), self._expanded(after))
                self._words[clue[1]].clues.append(found)
            elif name.startswith("@"):
                self._classes[name] = self._classes.get(name, frozenset()) | frozenset(value.split())
            else:
                readings = dict(_readings(value))
                names = (tuple(n for n, phones in readings.items() if phones == other) for other in readings.values())
                self._words[name] = _Word(readings, tuple(dict.fromkeys(names)), [])
        self._auxiliary = self._classes["@modal"] | self._classes["@have"]  # a verb must follow
        self._kinds = kinds_of({name: words for name, words in self._classes.items() if name not in _OVERLAPPING})
        self._form = lru_cache(MEMORY)(self._stem)
        self.find = lru_cache(REMEMBERED)(self._find)
        # Words that tell something by being there; what stands before "to" is as good as any other word.
        self._known = frozenset().union(*(words for name, words in self._classes.items() if name != "@toward"))

    def _expanded(self, words: str) -> frozenset[str]:
        """The words of a clue, with those of its classes."""
        return frozenset().union(*(self._classes.get(word, (word,)) for word in words.split()))

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def is_form(self, word: str) -> bool:
        """Whether a word in small letters is one of these, or a form of one."""
        return self._form(word) is not None

    def readings(self, word: str) -> dict[str, Phones]:
        """Reading -> phones, the default first; {} for other words."""
        return self._words[word].readings if word in self._words else {}

    def _find(
        self, written: str, previous: str | None = None, following: str | None = None
    ) -> tuple[Phones, str] | None:
        """previous, following: the words before and after it, as many as may matter, with a comma where a phrase ends."""
        seen = self.look(written, previous, following)
        if seen is None:
            return None
        word, name, reasons = self._words[seen.stem], seen.asked, ""
        if not seen.certain:
            groups = word.groups
            best, _, deciding = self._model().choose(seen.stem, seen.suffix, groups, seen.features)
            name = name if name in groups[best] else groups[best][0]
            reasons = f" ({', '.join(map(described, deciding))})" if deciding else ""
        if not seen.suffix:
            return word.readings[name], name + reasons
        return morphology.inflect(word.readings[name], seen.suffix), f"{name}+{seen.suffix}{reasons}"

    def look(self, written: str, previous: str | None = None, following: str | None = None) -> Seen | None:
        """What there is to see of a word between others, before the model weighs it; None for one with one pronunciation."""
        form = self._form(written.lower())
        if form is None:
            return None
        stem, suffix = form
        word = self._words[stem]
        if suffix in ("ed", "ing"):
            name = "verb" if "verb" in word.readings else next(iter(word.readings))
            return Seen(stem, suffix, name, True, ())
        if suffix == "s" and stem in _UNCOUNTED:
            return Seen(stem, suffix, "verb", True, ())
        earlier, later = _words(previous), _words(following)
        before, after = self._uninterrupted(earlier), _up_to_comma(later)
        if not suffix and "name" in word.readings and written[0].isupper() and not self._is("@objects", after[:1]):
            return Seen(stem, suffix, "name", True, ())
        for clue in word.clues:
            if clue.strength == ">" and self._fits(clue, before, after):
                return Seen(stem, suffix, clue.reading, True, ())
        asked = self.asked(before, after)
        for clue in word.clues:
            if clue.strength == "~~" and asked in _FINITE and not clue.before.isdisjoint({*earlier, *later}):
                return Seen(stem, suffix, clue.reading, True, ())
        name = self._choose(word, asked, before, after, plural=suffix == "s")
        found = features(earlier, later, written[0].isupper(), self._kinds, asked)
        return Seen(stem, suffix, name, False, (f"clues={name}", *found))

    def groups(self, stem: str) -> tuple[Reading, ...]:
        """The readings of a word, each with all its names; the first is said where nothing points elsewhere."""
        return self._words[stem].groups

    def _model(self) -> Homographs:
        if self._homographs is None:  # most processes meet no such word at once
            self._homographs = Homographs(self._model_path)
        return self._homographs

    def _stem(self, text: str) -> tuple[str, str] | None:
        """The word that this is a form of, and its suffix ("" for the word itself)."""
        if text in self._words:
            return text, ""
        for stem, suffix in morphology.inflections(text):
            if text not in _NO_FORMS and stem in self._words and not (suffix == "ed" and "past" in self._words[stem].readings):
                return stem, suffix
        return None

    def _uninterrupted(self, earlier: list[str]) -> list[str]:
        """The words before one in its phrase, or in the one that goes on behind a few words between commas."""
        *whole, phrase = _phrases(earlier)
        goes_on = len(whole) > 1 and len(whole[-1]) <= _APART and all(map(self._adverb, phrase))
        return whole[-2] + phrase if goes_on and self._auxiliary.intersection(whole[-2][-1:]) else phrase

    def _adverb(self, word: str) -> bool:
        return word in self._classes["@adverb"] or bool(_LY.fullmatch(word))

    def _choose(self, word: _Word, asked: str, before: list[str], after: list[str], plural: bool) -> str:
        """The reading that the words around ask for."""
        for clue in word.clues:
            if clue.strength == "~" and asked in _FINITE and not clue.before.isdisjoint((*before, *after)):
                return clue.reading
        answers = _ANSWERS.get(asked, ()) if not plural else _ANSWERS_S.get(asked, _NOUNS) if asked else ()
        for reading in answers:
            if reading in word.readings:
                return reading
        for clue in word.clues:
            if clue.strength == "?" and self._fits(clue, before, after):
                return clue.reading
        return next(iter(word.readings))

    def _fits(self, clue: _Clue, before: list[str], after: list[str]) -> bool:
        if after and after[0] in clue.after:
            # "duplicate tabs" may be a verb, "the duplicate tabs" never.
            return clue.reading != "verb" or not self._is("@determiner", before[-1:])
        if not before:
            return "^" in clue.before
        return before[-1] in clue.before or ("*" in clue.before and self._ends_name(before[-1], after))

    def _is(self, name: str, words: Iterable[str]) -> bool:
        """Whether there are words, and all are of this class."""
        return bool(words) and self._classes[name].issuperset(words)

    def _ends_name(self, last: str, after: list[str]) -> bool:
        """Whether a word is the last of a name such as "memory use"."""
        plain = last not in self._known and not self._many(last)
        return plain and (not after or (after[0] in self._known and after[0] not in self._classes["@objects"]))

    def _many(self, word: str) -> bool:
        return word in self._classes["@people"] or (len(word) > 3 and word[-1] == "s" and word[-2] not in "siu'")

    def asked(self, before: list[str], after: list[str]) -> str:
        """What the words around ask for, as `_ANSWERS` has it; "" where they do not say."""
        a = self._classes
        end = len(before)
        while end and self._adverb(before[end - 1]):
            end -= 1
        adverb, before = end < len(before), before[:end]
        last = before[-1] if before else ""
        earlier = before[-2] if len(before) > 1 else ""
        following = after[0] if after else ""
        noun = "attribute" if following and following not in self._known else "noun"
        if last in a["@modal"]:
            return "noun" if following == "be" else "infinitive"  # can content be found
        if last == "to":
            return noun if earlier in a["@toward"] else "infinitive"  # subject to permit
        if last in a["@be"]:
            return noun if earlier == "there" else "state"  # there is content
        for name, answer in _SIMPLE.items():
            if last in a[name]:
                return answer
        if last in a["@pronoun"]:
            return self._question(before) or "plural"
        if last in a["@third"] or (last == "who" and not earlier):
            return self._question(before) or "singular"
        if last in a["@object"] and earlier in a["@let"]:
            return "infinitive"  # let me read
        if last in ("that", "which", "who") and earlier and earlier not in a["@preposition"]:
            named = self._many(earlier) or earlier in a["@several"]
            return "relative" if named or last != "that" or following in a["@objects"] else noun  # files that use
        if last == "which" and following in a["@objects"]:
            return "relative"  # which uses the
        if last in a["@pointing"] and (adverb or following in a["@objects"]):
            return "plural" if last in a["@several"] else "singular"  # this also records
        if last in a["@determiner"] and earlier in a["@pronoun"] and last not in a["@several"]:
            return self.asked(before[:-1], after)  # have you two read
        if last in a["@determiner"] or last in a["@preposition"] or last.endswith(("'s", "s'")):
            return noun
        if last in ("and", "or") and len(before) > 2 and (before[-3] == "to" or before[-3] in a["@modal"]):
            return "infinitive"  # to pause and resume
        if not last or last in a["@opening"] or last in a["@button"]:
            return "order" if following in a["@objects"] else "noun" if following in a["@predicate"] else ""
        return self._question(before) or self._subject(last, following)

    def _subject(self, last: str, following: str) -> str:
        """What a word in no class asks for, which may be the subject of a verb: users, Mary."""
        a = self._classes
        if last in self._known:
            return ""
        if following in a["@predicate"]:
            return "noun"
        if self._many(last):
            return "many" if following in a["@objects"] else "plural" if following in a["@goes_on"] else ""
        return "singular" if following in a["@objects"] and following != "that" else ""

    def _question(self, before: list[str]) -> str:
        """What a verb in front of its subject asks for: did [you], have [the others], let [users]."""
        a = self._classes
        for length in range(1, min(_SUBJECT, len(before) - 1) + 1):
            first, subject = before[-1 - length], before[-length:]
            pronoun = length == 1 and (subject[0] in a["@pronoun"] or subject[0] in a["@third"])
            if first in a["@let"] and (pronoun or self._many(subject[-1])):
                return "infinitive"
            if first in a["@preposition"] or first in a["@pronoun"]:
                return ""
            asked = next((answer for name, answer in _QUESTION.items() if first in a[name]), "")
            if asked and pronoun:
                return "" if subject == ["it"] and first in ("do", "have") else asked  # "do it" is no question
            if asked:
                article = subject[0] in a["@determiner"]
                begins = all(word in a["@opening"] or word in a["@adverb"] for word in before[: -1 - length])
                return asked if begins and article < length < 3 + article else ""
        return ""


def _words(text: str | None) -> list[str]:
    return text.lower().replace("’", "'").split() if text else []


def _up_to_comma(words: list[str]) -> list[str]:
    return words[: words.index(",")] if "," in words else words


def _phrases(words: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for word in words:
        if word == ",":
            found.append([])
        else:
            found[-1].append(word)
    return found


def _readings(text: str) -> Iterator[tuple[str, Phones]]:
    """Of "noun/adj: p r eh1; verb: p r iy0": each reading by its name."""
    for reading in text.split("; "):
        names, _, phones = reading.partition(": ")
        for name in names.split("/"):
            yield name, tuple(phones.split())
