"""Where a text may be cut: into sentences, and where a sentence is long, into clauses.

The first piece of a request is kept short, so that its sound can begin early. Names, numbers and abbreviations
stay in one piece. A single line break is a blank, an empty line ends a sentence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from speechd_neural import expressions as re
from speechd_neural.text.passage import Passage
from speechd_neural.types import Segment

FIRST = 80  # code points of the first piece, if there is a comma or the like to cut it at
UNPUNCTUATED = 120  # code points from which the first piece is cut before a conjunction
LONGEST = 220  # code points that any piece may have
REACH = LONGEST + 80  # code points after the start that must be known to decide on a cut

_SENTENCE = re.compile(
    r"""(?P<mark>[.!?…]+(?:[ ]\.(?!\w)){0,20})["'”’»)\]}]*(?:[ ]?\[[0-9]{1,4}\]){0,8}(?=\s|\Z)\s*"""
    r"""|(?P<joined>(?<=[^\W_][^\W_])\.)(?=[^\W\d_])"""
    r"""|(?P<item>\s)(?=(?:[0-9]{1,3}|[a-z])(?:\.\)|[.)])\s|[•⁃◦‣▪]\s?\w)"""
    r"""|[。！？｡؟।॥][」』”）]*\s*"""
    r"""|\n[ \t\r]*\n\s*"""
    r"""|\n(?=[ \t]*(?:[-*•‣–][ \t]|[0-9]{1,3}[.)][ \t]))""",
)
_WORD_BEFORE = re.compile(r"[\w.&'’°-]*\Z")
_ITEM = re.compile(r"\s*(?:(?P<number>[0-9]{1,3})|(?P<letter>[a-z]))(?P<style>\.\)|[.)])\s|\s*(?P<bullet>[•⁃◦‣▪])\s?\w")
_BULLETS = " \t•⁃◦‣▪*–-"
_INITIALS = re.compile(r"(?:\w\.)*\w")
_NEXT = re.compile(r"[\"'“‘«(\[{]*(\S)")
_CLAUSE = re.compile(r"""(?<=\S)(?:[,;:][)\]"'”’»]*|[)\]]|(?=\s[–—-]{1,3}\s)|[—])(?:\s+)|[，、；：]\s*""")
_BLANK = re.compile(r"\s+")
_OPENING = re.compile(r"[\"'“‘«(\[{]*([^\W\d_]+)(?:['’][^\W\d_]+)?(?![\w-])")


_OPERATORS = frozenset("=×÷≈≤≥")
_NEVER = re.compile(r"(?!)")


class Cuts:
    """What a language knows about where its sentences end and may be cut; this one knows nothing but punctuation."""

    letter_words: frozenset[str] = frozenset()  # letters, small, that are words of their own among words ("so do I.")
    openers: frozenset[str] = frozenset()  # words, small, that hardly ever follow a full stop but to begin a sentence
    titles: frozenset[str] = frozenset()  # abbreviations, small, that stand before a name
    marked_names: frozenset[str] = frozenset()  # names, small, that have an exclamation or question mark of their own
    affix = _NEVER  # what follows a comma and belongs to what stands before it ("Smith, Jr.")
    clauses = _NEVER  # the blanks before a word that begins a clause: a long sentence may be cut there
    phrases = _NEVER  # the same before a word that joins phrases

    def after_stop(self, word: str, text: str, stop: int, at: int) -> bool | None:
        """Whether the full stop text[stop] after this word ends a sentence; None: the word is no abbreviation.

        word: in small letters. at: where text goes on, with anything but a small letter.
        """
        return None

    def opens(self, text: str, at: int, titles: bool = False) -> bool:
        """Whether the word at this place is one that begins sentences; titles: or one that stands before a name."""
        word = _OPENING.match(text, at)
        if word is None:
            return False
        return word[1].lower() in self.openers or (titles and word[1].lower() in self.titles)


class Cut(NamedTuple):
    """The piece ends before text[end]; `sentence`: a sentence ends there, else the sentence goes on."""

    end: int
    sentence: bool


def next_cut(text: str, start: int, cuts: Cuts, *, final: bool, first: bool) -> Cut | None:
    """Where the piece that begins at `start` ends, or None if more text must be known first.

    final: nothing follows `text`. first: nothing has been spoken yet, so that a short piece is wanted.
    """
    limit = min(len(text), start + REACH)
    end, is_sentence = len(text), True
    found = False
    for match in _SENTENCE.finditer(text, start, limit):
        if match.start() == start and not match["mark"]:
            continue
        if match.end() >= len(text) and not final:
            break
        if _ends_sentence(text, start, match, cuts):
            end, found = match.end(), True
            break
    if not found and len(text) - start < REACH and not final:
        return None
    if end - start > (FIRST if first else LONGEST):
        clause = _clause(text, start, end, FIRST if first else LONGEST, first, cuts)
        if clause is not None:
            return Cut(clause, False)
    if end - start > LONGEST:
        return Cut(_anywhere(text, start), False)
    return Cut(end, is_sentence)


def _ends_sentence(text: str, start: int, match: re.Match[str], cuts: Cuts) -> bool:
    if match["item"]:
        return _next_item(text, start, match.end())
    if match["joined"]:  # no blank behind the full stop
        return not text[match.start() - 1].isupper() and text[match.end()].isupper() and cuts.opens(text, match.end(), True)
    marks = match["mark"]
    before = _WORD_BEFORE.search(text, max(start, match.start() - 24), match.start())
    word = before[0].strip("'’").lower() if before else ""
    following = _NEXT.match(text, match.end())
    if marks != ".":
        return _ends_marked(text, match, word, cuts)
    if following is None:
        return True
    if following[1].islower():
        return False
    if len(word) == 1 and not text[start : match.start() - 1].strip(_BULLETS):  # "a. First"
        return False
    known = cuts.after_stop(word, text, match.start(), match.end())
    if known is not None:
        return known
    if word.isdigit():  # "1. First": the number of a list belongs to what it counts
        return bool(text[start : match.start() - len(word)].strip(_BULLETS))
    if word and _INITIALS.fullmatch(word):
        return match.start() - len(word) > start and cuts.opens(text, match.end())
    return True


def _ends_marked(text: str, match: re.Match[str], word: str, cuts: Cuts) -> bool:
    """The same for marks other than a single full stop."""
    marks = match["mark"]
    following = _NEXT.match(text, match.end())
    if marks and set(marks) <= {".", "…", " "}:  # an ellipsis before a small letter goes on, one in brackets is no end
        if text[match.start() - 1 : match.start()] == "[" and match.start():
            return False
        if marks.count(".") == 3 and " " in marks and text[match.start() - 1 : match.start()].isspace():
            return following is None  # words are left out . . . within a sentence
        return following is None or not following[1].islower()
    divided = (len(word) == 1 or word.isdigit()) and text[match.end() : match.end() + 1] == "/"
    if (divided or text[match.end() : match.end() + 1] in _OPERATORS) and text[match.start() - 1 : match.start()].isalnum():
        return False  # 5! = 120
    if marks and word in cuts.marked_names:
        return following is None or (not following[1].islower() and cuts.opens(text, match.end()))
    if following is not None and following[1].islower() and text[match.start() - 1 : match.start()].isspace():
        return False  # type ? for help
    # "Stop!" she said.
    quoted = marks and match[0].rstrip() != marks
    return not (quoted and text[match.end() : match.end() + 1].islower())


def _next_item(text: str, start: int, at: int) -> bool:
    """Whether the item of a list that begins here follows the one with which the piece begins: 1. One 2. Two."""
    first, second = _ITEM.match(text, start), _ITEM.match(text, at)
    if not first or not second or at < start + 5 or " " in text[at - 4 : at - 1]:  # "1. Set it to 2. Then"
        return False
    if first["bullet"] or second["bullet"]:
        return bool(first["bullet"]) and first["bullet"] == second["bullet"]
    if first["style"] != second["style"]:
        return False
    if first["number"] and second["number"]:
        return int(second["number"]) == int(first["number"]) + 1
    return bool(first["letter"] and second["letter"]) and ord(second["letter"]) == ord(first["letter"]) + 1


def _clause(text: str, start: int, end: int, most: int, first: bool, cuts: Cuts) -> int | None:
    """A place after a phrase's punctuation, or else before a conjunction; the earliest for a first piece."""
    least = 12 if first else most // 4
    limit = min(end, start + most)
    best = None
    for match in _CLAUSE.finditer(text, start + least, min(len(text), limit + 2)):
        if match.end() - start > most or match.end() >= end or not _may_cut(text, match, cuts):
            continue
        best = match.end()
        if first:
            return best
    if best is not None or (first and end - start <= UNPUNCTUATED):
        return best
    least = most // 2 if first else most // 3
    limit = min(end, start + UNPUNCTUATED) if first else limit
    for pattern in (cuts.clauses,) if first else (cuts.clauses, cuts.phrases):
        for match in pattern.finditer(text, start + least, limit):
            best = match.end()
            if first:
                break
        if best is not None:
            break
    return best


def _may_cut(text: str, match: re.Match[str], cuts: Cuts) -> bool:
    following = text[match.end() : match.end() + 12]
    if not following or following[0] in ")]}" or following[0].isdigit():
        return False
    return match[0][0] != "," or not cuts.affix.match(following)


def _anywhere(text: str, start: int) -> int:
    """The last blank that parts two ordinary words, else the last blank, else between two characters."""
    limit = start + LONGEST
    blank = None
    for match in _BLANK.finditer(text, start + LONGEST // 3, limit):
        before, after = text[match.start() - 1], text[match.end() : match.end() + 1]
        if before.isdigit() or after.isdigit() or before == "." or after == "." or after.isupper():
            blank = blank or -match.end()
        else:
            blank = match.end()
    if blank:
        return abs(blank)
    while start + 1 < limit < len(text) and _joined(text[limit - 1], text[limit]):
        limit -= 1
    return limit if limit > start + 1 else start + LONGEST


def _joined(before: str, after: str) -> bool:
    """Two code points of one character."""
    return unicodedata.category(after)[0] == "M" or after in "\u200d\ufe0e\ufe0f" or before == "\u200d"


class Sentences:
    """How far each sentence of one request reaches, told with its first segment: a long one is spoken in several."""

    def __init__(self, cuts: Cuts) -> None:
        self._cuts = cuts
        self._begins = True
        self._walked: tuple[str, dict[int, int]] = ("", {})  # a text, and where the sentence ends for pieces of it

    def told(self, segments: Iterable[Segment], passage: Passage, start: int, end: int) -> Iterator[Segment]:
        """The segments of the piece that begins at `start` in the passage; `sentence` is set where one begins.

        end: of the sentence, where the piece is known to end it, or 0. Of a sentence whose end has not been read yet
        it is as much as has.
        """
        for segment in segments:
            if self._begins and segment.words:
                stop = end or self._end(passage.text, start)
                stop = start + len(passage.text[start:stop].rstrip())
                segment = replace(segment, sentence=(segment.source[0], passage.source(start, stop)[1]))
            self._begins = segment.sentence_end
            yield segment

    def _end(self, text: str, start: int) -> int:
        if self._walked[0] is not text:
            self._walked = text, {}
        known = self._walked[1]
        passed = []
        while start not in known and start < len(text):
            passed.append(start)
            cut = next_cut(text, start, self._cuts, final=True, first=False)
            if cut is None or cut.sentence:
                known[start] = cut.end if cut is not None else len(text)
            else:
                start = cut.end
        end = known.get(start, len(text))
        known.update(dict.fromkeys(passed, end))
        return end
