"""The letter A, where it is no article: Ctrl+A, Plan A, from A to Z, A/B, if a > b."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.rules import Place, Reading, read, words_of
from speechd_neural.text.token import Token

# What follows: a word, a digit, one other character, or nothing.
_NEXT = re.compile(r"(\s{0,8})(?:([A-Za-z]+(?:['’-][A-Za-z]+)*)|([0-9])|(\S)|\Z)")
_TIGHT = re.compile(r"[_.@'’]\w|[-–−]|\(n\)")
_OWNED = re.compile(r"['’]s(?!\w)")
# No article stands before these.
_NO_NOUN = words_of("to and or is was are were through thru vs versus equals in on from at has than as of if into else be")
# Nor before these, if a letter or a number comes after them.
_OPERATOR = re.compile(
    r"\s{0,3}(?:plus|minus|times|equals|slash|dash|colon|dot|star|underscore|greater|less|divided|over|equal|not|ampersand|pipe|then|with)"
    r"(?:\s{1,2}(?:than|by|to|or|equal|equals))*\s{1,2}\w(?!\w)"
)
# An article that needs no thought.
_ARTICLE = re.compile(
    rf"(?<!\+)a[ \n](?!(?:{'|'.join(sorted(_NO_NOUN))}|plus|minus|times|slash|dash|colon|dot|star|underscore|greater|less|divided"
    r"|over|equal|not|ampersand|pipe|then|with)\b)['’A-Za-z]{2}"
)
_LONE = re.compile(r"\s{0,3}(?:[^\W_](?!\w)|[^\w\s]|\Z)")
_MUSIC = re.compile(r"\s{0,3}(?:[^\w\s]|\Z|(?:major|minor|chords?|scale|key|for|by|no|op)\b)", re.IGNORECASE)
_MODES = words_of("major minor flat sharp positive negative")
_BRACKETED_END = re.compile(r"\s{1,2}\([^()]{1,60}\)\s{0,8}\Z")
# Labels that may be verbs: BOOK A TABLE.
_VERBS = words_of("book form file point train answer question press hit push tap track note mark study score type"
                  " list pin line exit box")
_DO = re.compile(r"\s{1,3}do\b", re.IGNORECASE)
_LATIN = words_of("priori posteriori cappella capella la fortiori mano")
_LETTER_WORDS = words_of("letter letters capital uppercase lowercase vowel vowels")
_MODIFIERS = words_of("ctrl control alt altgr shift super cmd command option opt win meta fn")
# Things that have a letter for a name.
_LABELS = words_of(
    "plan vitamin vitamins column columns row option section group point type grade class team hepatitis appendix"
    " exhibit gate terminal building block level part schedule series serie side unit version zone drive key button"
    " press hit push tap influenza flu protein factor category channel player user case person node variable annex"
    " figure table question answer pier wing tower dock bay track step stage phase district ward division pool sector"
    " room suite apartment flat floor train route line bus bin box bucket cell field file folder list item choice"
    " model layer strain method sample study scenario company party seller buyer partner tier study arm cohort lot set"
    " disk volume port slot rank score rating string matrix vector event state input output pin site book chapter form"
    " size paper big triple double single straight mark note chord blood immunoglobulin coenzyme bank string platform"
    " entrance exit parking side"
)
# A capital after these is an article that somebody stressed, or of a title.
_BEFORE_NOUNS = words_of(
    "is was be been have has had having such what this that it's with for get make makes take takes not just quite"
    " many once in of and or but as like buy find see there's on by want need give gives use using create add write"
    " read open start begin become became get got without into than from to at when if while that's here's it give"
    " into about send save"
)
_EMPHASIS = "*_~`"


def _after_mark(place: Place) -> str:
    """The last character before this place that is no blank; "" at the start of the text."""
    return place.text[max(0, place.start - 4) : place.start].rstrip()[-1:]


def is_letter(place: Place) -> bool:
    """Whether the "a" or "A" at the place, a word of its own, is the name of the letter."""
    text, start, before = place
    end, upper = start + 1, text[start] == "A"
    found = _NEXT.match(text, end)
    if not found:
        return False
    blank, word, digit, mark = found.groups()
    tight = not blank
    left = text[start - 1 : start]
    if left and left in "([{'\"“‘`<" and mark and tight and mark in ")]}'\"”’`>":
        return True
    last = _after_mark(place)
    if last == "&" and upper:
        return True
    chord = last == "+" or (last != "" and last in "⌘⌥⇧⌃^")
    if chord and (left == last or not word):
        return True
    if mark:
        return _before_mark(place, found.start(4), mark, tight, upper)
    previous = before.lower() if last.isalnum() else ""
    if digit:
        return upper and (previous in _LABELS or (previous.islower() and previous not in _BEFORE_NOUNS))
    if not word:
        return upper or last != ""
    lower = word.lower()
    if previous == "an":
        return True
    if lower in _NO_NOUN and not (lower == "to" and _DO.match(text, found.end())):
        weak = lower in ("as", "of", "if", "than", "into")
        return not weak or upper or len(before) < 2 or previous in _LABELS
    if _OPERATOR.match(text, end):
        return True
    if upper and lower in _MODES and (previous in ("in", "the") or _MUSIC.match(text, found.end())):
        return True
    if len(word) == 1 and (lower not in "ai" or word + text[start] == "AA") and not (word.isupper() and not upper):
        return bool(_LONE.match(text, found.end())) or (upper and bool(previous))
    if previous == "the":
        return lower not in _LATIN
    return upper and bool(previous) and _named(text, start, before, word)


def is_article(text: str, position: int, before: str) -> bool:
    """Whether the "a" at the position is an article beyond doubt."""
    return before not in ("an", "the") and _ARTICLE.match(text, position) is not None


def _before_mark(place: Place, at: int, mark: str, tight: bool, upper: bool) -> bool:
    """Whether it is the letter, where `mark` follows at `at`."""
    text, _, before = place
    beyond = text[at + 1 : at + 2]
    if mark == "…" or (mark == "." and beyond == "."):
        return upper and bool(before)
    if mark in ".,;:!?)]}|%":
        return tight or mark != "." or not beyond.isalnum()
    if mark in "/\\":
        following = text[at + 1 : at + 3].lstrip()
        return upper or not (following[1:2].isalpha() or (following[1:2] == "." and text[at + 3 : at + 4].isalpha()))  # a/b.txt
    if mark in "&+=<>^":
        return tight or beyond.isspace() or beyond in "&+=<>"
    if mark in _EMPHASIS:
        if tight:  # A*, but not *A*
            return upper and not beyond.isalnum() and text[at - 2 : at - 1] != mark
        return beyond.isspace()
    if mark in "-–—−":
        following = text[at + 1 : at + 4].strip()
        return bool(following) and (upper or not following[1:2].isalnum())
    if mark in "'\"”’":
        return tight and not beyond.isalnum()
    if mark in "([":
        return tight or (upper and (bool(before) or bool(_BRACKETED_END.match(text, at - 1))))
    return upper and bool(before) and not mark.isascii()


def _named(text: str, start: int, before: str, word: str) -> bool:
    """Whether a capital A between two words, the second of more than one letter, is the letter."""
    previous = before.lower()
    if previous in _VERBS and not before.islower() and word[0].isupper():
        return False
    if previous in _LABELS or previous in _LETTER_WORDS or previous in _MODIFIERS:
        return True
    if previous in _BEFORE_NOUNS or len(before) < 2:
        return False
    written = text[max(0, start - 3) : start].rstrip()[-1:]
    return (written.islower() or written.isdecimal()) and before[0].islower() and not word[0].isupper()


def letter_a(place: Place) -> Reading:
    """A single A that is a letter; anything else is None, and the article goes through as a word."""
    text, start, _ = place
    following = text[start + 1 : start + 2]
    if text[start] not in "aA" or following.isalnum() or following == "_":
        return None
    owned = _OWNED.match(text, start + 1)
    if owned:
        return read(f"{text[start]}'s", place, owned.end(), "letter")
    if _TIGHT.match(text, start + 1):
        return None
    return [Token(text[start], (start, start + 1), "letter")] if is_letter(place) else None


__all__ = ["is_article", "is_letter", "letter_a"]
