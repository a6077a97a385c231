from itertools import islice

import pytest

from speechd_neural import config
from speechd_neural.core.discretion import WARY, Discretion, is_private, ordinary
from speechd_neural.daemon import options_for
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Kind, Request, Settings


def request(text: str, kind: Kind = Kind.TEXT, **more) -> Request:
    return Request(1, text, kind, more.pop("settings", Settings()), **more)


@pytest.fixture(scope="module")
def front_end() -> FrontEnd:
    return FrontEnd(English())


def counted(front_end: FrontEnd, text: str, kind: Kind = Kind.TEXT) -> bool:
    """Whether any piece of the text may be counted, when nothing went before."""
    asked = request(text, kind)
    may = Discretion().may_count(asked)
    return may and any(ordinary(segment, asked) for segment in front_end.segments(text, kind, asked.settings))


@pytest.mark.parametrize(
    "text",
    ["File", "Save As", "list item", "Keyboard Shortcuts", "Do you want to save changes?", "Inbox", "It's a visited link",
     "Drag-and-drop, please", "USA", "naïve café", "Anna Jackson"],
)  # fmt: skip
def test_short_phrases_of_ordinary_words_count(front_end: FrontEnd, text: str) -> None:
    assert counted(front_end, text)
    marked = "".join(f'<mark name="m"/>{word} ' for word in text.split())
    assert counted(front_end, f"<speak>{marked}</speak>", Kind.SSML)


@pytest.mark.parametrize(
    "text",
    ["a", "Z", "é", "7", "*", " b ", "4111 1111 1111 1111", "1234", "4 of 12", "555-0199", "room 12", "p a s s", "hunter2",
     "Tr0ub4dor&3", "xKqWp", "qwrtzpsd", "s3cret words", "me@example.org", "snake_case", "https://x.org/a", "/home/anna",
     "star", "bullet", "Password", "Enter your PIN", "my passphrase is correct horse", "log in as anna",
     "This is a whole sentence that somebody has written to somebody else.", "one two three four five six seven",
     "four one one seven", "double oh seven", "log\u00a0in, Anna", "p\u00adin", "pass\ufe0fword"],
)  # fmt: skip
def test_nothing_else_does(front_end: FrontEnd, text: str) -> None:
    assert not counted(front_end, text)
    escaped = text.replace("&", "&amp;")
    marked = "".join(f'<mark name="m"/>{word} ' for word in escaped.split())
    assert not counted(front_end, f"<speak>{marked}</speak>", Kind.SSML)


@pytest.mark.parametrize("kind", [Kind.CHAR, Kind.KEY, Kind.SOUND_ICON])
@pytest.mark.parametrize("text", ["a", "space", "File", "shift_a"])
def test_letters_keys_and_icons_never_count(front_end: FrontEnd, kind: Kind, text: str) -> None:
    assert not counted(front_end, text, kind)


def test_what_is_spelled_does_not_count(front_end: FrontEnd) -> None:
    assert not counted(front_end, '<say-as interpret-as="characters">horse</say-as>', Kind.SSML)
    assert not Discretion().may_count(request("horse", settings=Settings(spelling=True)))


def test_what_is_private_does_not_count() -> None:
    assert not Discretion().may_count(request("horse", private=True))


@pytest.mark.parametrize("kind", [Kind.CHAR, Kind.KEY, Kind.TEXT, Kind.SSML])
def test_what_follows_letters_does_not_count(kind: Kind) -> None:
    discretion = Discretion()
    assert discretion.may_count(request("File"))
    for letter in "horse":
        discretion.may_count(request(letter, kind))
    assert not discretion.may_count(request("space", Kind.KEY))
    assert [discretion.may_count(request(text)) for text in ["horse", "the horse", "File"]] == [False] * WARY + [True]


@pytest.mark.parametrize(
    "before", ["Password", "star", "•••••", "bullet bullet", "Black Circle", "Enter the code", '<mark name="0"/>pass&#119;ord']
)
def test_what_follows_a_question_for_a_secret_does_not_count(before: str) -> None:
    discretion = Discretion()
    assert not discretion.may_count(request(before, Kind.SSML))
    assert [discretion.may_count(request("horse")) for _ in range(WARY + 1)] == [False] * WARY + [True]


def test_phrases_of_a_book_do_not_count(front_end: FrontEnd) -> None:
    page = request("Chapter one. " * 100)
    assert any(ordinary(segment, page) for segment in front_end.segments(page.text, page.kind))
    book = request("Chapter one. " * 4000)
    assert not any(ordinary(segment, book) for segment in islice(front_end.segments(book.text, book.kind), 100))


PRIVATE = r"""cache: {private: ['\d{4}[ -]?\d{4}[ -]?\d{4}', '(?i)password', 'müller', 'Dr Meier']}"""


@pytest.mark.parametrize(
    "words",
    ["4111 1111 1111", "4111\u00a01111\u00a01111", "4111\u2009 1111 1111", "4111\n1111\n1111", "4111  1111\t1111",
     "4111\u20111111\u20131111", "41\u034f11 1111 1111", "4\ufe0f\u20e3111 1111 1111", "41\u180b11\u20601111\U000e00671111",
     "pass\ufe0fword", "pass\u200cword", "PASS\U000e0077WORD", "mu\u0308ller", "m\u00fcller",
     "Dr\nMeier", "Dr\u202fMeier", "Dr   Meier"],
)  # fmt: skip
def test_a_pattern_finds_what_sounds_alike(words: str) -> None:
    private = options_for(config.parse(PRIVATE, "")).private
    assert private is not None
    assert is_private(request(f"so {words} it is"), private)
    marked = "<speak>" + "".join(f'<mark name="{n}"/>&#{ord(letter)};' for n, letter in enumerate(words)) + "</speak>"
    assert is_private(request(marked, Kind.SSML), private)
    paragraphs = "".join(f"<p>{word}</p>" for word in words.split())
    assert is_private(request(paragraphs, Kind.SSML), private)


@pytest.mark.parametrize("words", ["411 1111 1111", "past the word", "Muller", "Dr. Meier", "pass & word"])
def test_a_pattern_finds_nothing_else(words: str) -> None:
    private = options_for(config.parse(PRIVATE, "")).private
    assert private is not None and not is_private(request(words), private)
