"""Requests as segments: marks, words, pauses, prosody, capitals, languages, and how soon the first one comes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from speechd_neural.text.english.characters import LETTER_PHONES
from speechd_neural.text.english.cuts import EnglishCuts
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.text.request import CAPITAL_PITCH
from speechd_neural.types import Capitals, Kind, Prosody, Punctuation, Segment, Settings
from tests.text.segments import check


def segments(front_end: FrontEnd, text: str, kind: Kind = Kind.TEXT, **settings: object) -> list[Segment]:
    found = list(front_end.segments(text, kind, Settings(**settings)))  # type: ignore[arg-type]
    check(text, found)
    return found


def one(front_end: FrontEnd, text: str, kind: Kind = Kind.TEXT, **settings: object) -> Segment:
    (segment,) = segments(front_end, text, kind, **settings)
    return segment


# Symbols


def test_sentence(front_end: FrontEnd) -> None:
    segment = one(front_end, "Hello, world!")
    assert " ".join(segment.symbols) == "hh ax l ow1 , w er1 l d !"
    assert segment.text == "Hello, world!"
    assert [(word.text, word.source, word.symbols) for word in segment.words] == [
        ("Hello", (0, 5), (0, 4)),
        ("world", (7, 12), (5, 9)),
    ]
    assert segment.sentence_end


def test_without_punctuation_a_text_is_a_sentence(front_end: FrontEnd) -> None:
    assert one(front_end, "Save button").symbols[-1] == "."
    assert one(front_end, "Really?").symbols[-1] == "?"
    assert one(front_end, "First: ").symbols[-1] == ","


def test_line_breaks_add_no_pause(front_end: FrontEnd) -> None:
    assert one(front_end, "one\ntwo\r\nthree").symbols == one(front_end, "one two three").symbols


def test_the_article_before_a_vowel(front_end: FrontEnd) -> None:
    symbols = " ".join(one(front_end, "the apple the pear").symbols)
    assert symbols.startswith("dh iy0 ")
    assert " dh ax " in symbols


@pytest.mark.parametrize("letter", list(LETTER_PHONES))
def test_letters_have_their_names(front_end: FrontEnd, letter: str) -> None:
    """However a client sends a letter, and whether small or capital."""
    expected = (*LETTER_PHONES[letter], ".")
    for text, kind in (
        (letter, Kind.CHAR),
        (letter.upper(), Kind.CHAR),
        (letter, Kind.KEY),
        (f"{letter} ", Kind.TEXT),
        (f'<speak><mark name="0:1"/>{letter} </speak>', Kind.SSML),
        (f"<speak>{letter.upper()}</speak>", Kind.SSML),
        (f'<speak><say-as interpret-as="characters">{letter}</say-as></speak>', Kind.SSML),
    ):
        assert one(front_end, text, kind).symbols == expected


def test_a_is_the_article_in_a_sentence(front_end: FrontEnd) -> None:
    assert one(front_end, "a dog").symbols[0] == "ax"


# Marks and words


def test_marks_of_orca(front_end: FrontEnd) -> None:
    text = '<speak><mark name="0:5"/>Hello <mark name="6:12"/>world. <mark name="13:17"/>Next</speak>'
    first, second = segments(front_end, text, Kind.SSML)
    assert [(mark.name, mark.symbol) for mark in first.marks] == [("0:5", 0), ("6:12", first.words[1].symbols[0])]
    assert [(mark.name, mark.symbol) for mark in second.marks] == [("13:17", 0)]


def test_marks_of_the_server_end_their_sentence(front_end: FrontEnd) -> None:
    first, second = segments(front_end, '<speak>One.<mark name="__spd_0"/> Two.<mark name="__spd_1"/></speak>', Kind.SSML)
    assert [(mark.name, mark.symbol) for mark in first.marks] == [("__spd_0", len(first.symbols))]
    assert [(mark.name, mark.symbol) for mark in second.marks] == [("__spd_1", len(second.symbols))]


def test_a_mark_in_mid_sentence_after_an_abbreviation(front_end: FrontEnd) -> None:
    segment = one(front_end, '<speak>e.g.<mark name="m"/> this</speak>', Kind.SSML)
    assert segment.marks[0].symbol == segment.words[-1].symbols[0]


def test_a_mark_inside_a_word(front_end: FrontEnd) -> None:
    segment = one(front_end, '<speak>wonder<mark name="m"/>ful</speak>', Kind.SSML)
    assert len(segment.words) == 1
    assert 0 < segment.marks[0].symbol < len(segment.symbols) - 1


@pytest.mark.parametrize(
    "text",
    [
        '<mark name="a"/><mark name="b"/>',
        '<speak> <mark name="a"/> <break time="1s"/> <mark name="b"/> </speak>',
        '<speak>, <mark name="a"/>. <mark name="b"/>...</speak>',
        '<speak><p><mark name="a"/></p><p><mark name="b"/></p></speak>',
        '<speak><mark name="a"/><prosody rate="fast"><mark name="b"/></prosody>word</speak>',
        '<speak>word<mark name="a"/><voice xml:lang="de"><mark name="b"/></voice></speak>',
        '<speak>Привет <mark name="a"/>мир<mark name="b"/></speak>',
        '<speak><sub alias="x">a<mark name="a"/>b</sub><mark name="b"/></speak>',
        '<speak><say-as interpret-as="characters">a<mark name="a"/>b<mark name="b"/></say-as></speak>',
        '<speak><mark name="a"/>a<mark name="b"/></speak>',
        '<speak>\u0301<mark name="a"/>\u200d<mark name="b"/>\ud800</speak>',
        '<speak><mark name="a"/>5<mark name="b"/></speak>',
        '<speak><mark name="a"/>-----<mark name="b"/></speak>',
        '<speak><mark name="a"/>.<mark name="b"/></speak>',
    ],
)
def test_every_mark_once_in_order(front_end: FrontEnd, text: str) -> None:
    for capitals in Capitals:
        found = segments(front_end, text, Kind.SSML, capitals=capitals)
        assert [mark.name for segment in found for mark in segment.marks] == ["a", "b"]
    for settings in ({"spelling": True}, {"language": "de"}, {"punctuation": Punctuation.ALL}):
        found = segments(front_end, text, Kind.SSML, **settings)
        assert [mark.name for segment in found for mark in segment.marks] == ["a", "b"]


def test_offsets_are_those_of_the_request(front_end: FrontEnd) -> None:
    text = '<speak>Tom &amp; Jerry paid <b>$3 .50</b> e\u0301t <sub alias="World Wide Web">WWW</sub> ok</speak>'
    words = [word for segment in segments(front_end, text, Kind.SSML) for word in segment.words]
    written = [text[slice(*word.source)] for word in words]
    assert written[:3] == ["Tom", "&amp;", "Jerry"]
    assert "$3 .50" in written
    assert "e\u0301t" in written
    assert "WWW" in written


def test_offsets_far_into_a_long_text(front_end: FrontEnd) -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 300 + "Finally the end."
    found = segments(front_end, text)
    assert [text[slice(*word.source)] for word in found[-1].words] == ["Finally", "the", "end"]
    assert len(found) == 301


# Pauses and prosody


@pytest.mark.parametrize("rate", ["50%", "80%", "150%", "200%", "300%", "x-fast", "slow"])
def test_a_break_lasts_what_it_says_at_every_rate(front_end: FrontEnd, rate: str) -> None:
    text = f'<speak><prosody rate="{rate}">Test<break time="1000ms"/>speech</prosody></speak>'
    first, last = segments(front_end, text, Kind.SSML)
    assert (first.pause, first.text, last.text) == (1.0, "Test,", "speech.")
    assert first.prosody.speed == last.prosody.speed != 1


def test_breaks(front_end: FrontEnd) -> None:
    one_, two = segments(front_end, 'one <break time="500ms"/> two', Kind.SSML)
    assert (one_.pause, two.pause) == (0.5, 0.0)
    assert one_.symbols[-1] == ","
    assert not one_.sentence_end
    silence = one(front_end, '<break time="2s"/>', Kind.SSML)
    assert (silence.symbols, silence.pause) == ((), 2.0)
    assert one(front_end, 'one <break strength="none"/> two', Kind.SSML).text == "one two."


def test_paragraphs_and_sentences(front_end: FrontEnd) -> None:
    first, second, third = segments(front_end, "<p>One</p><p><s>Two</s><s>Three</s></p>", Kind.SSML)
    assert [segment.symbols[-1] for segment in (first, second, third)] == [".", ".", "."]
    assert first.pause > 0


def test_prosody_of_a_part(front_end: FrontEnd) -> None:
    found = segments(front_end, 'Say <prosody rate="fast" pitch="high" volume="-6dB">this</prosody> now', Kind.SSML)
    assert [segment.prosody for segment in found] == [Prosody(), Prosody(1.4, 1.15, -6.0), Prosody()]
    assert [segment.sentence_end for segment in found] == [False, False, True]


# Capitals, keys, icons


def test_a_single_capital(front_end: FrontEnd) -> None:
    assert one(front_end, "A", Kind.CHAR).prosody.pitch == CAPITAL_PITCH
    assert one(front_end, "a", Kind.CHAR).prosody.pitch == 1
    assert one(front_end, "<speak>A </speak>", Kind.SSML).prosody.pitch == CAPITAL_PITCH
    spiel = '<speak><say-as interpret-as="characters">A</say-as></speak>'
    assert one(front_end, spiel, Kind.SSML).prosody.pitch == CAPITAL_PITCH
    assert one(front_end, "A", Kind.CHAR, pitch=50).prosody.pitch == 1  # Orca raises it itself
    spelled = one(front_end, "A", Kind.CHAR, capitals=Capitals.SPELL)
    assert (spelled.text, spelled.prosody.pitch) == ("capital a.", 1)
    icon = one(front_end, "A", Kind.CHAR, capitals=Capitals.ICON)
    assert (icon.icon, icon.prosody.pitch) == ("capital", 1)
    assert icon.symbols == (*LETTER_PHONES["a"], ".")


def test_capitals_in_a_text(front_end: FrontEnd) -> None:
    assert one(front_end, "Save As file", capitals=Capitals.SPELL).text == "capital Save capital As file."
    found = segments(front_end, "the Save As file", capitals=Capitals.ICON)
    assert [segment.icon for segment in found] == [None, "capital", "capital"]
    assert [segment.icon for segment in segments(front_end, "The Save As", capitals=Capitals.NONE)] == [None]


def test_sound_icon(front_end: FrontEnd) -> None:
    segment = one(front_end, "new-mail", Kind.SOUND_ICON)
    assert (segment.icon, segment.text) == ("new-mail", "new mail.")
    assert segment.symbols


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_to_say(front_end: FrontEnd, kind: Kind) -> None:
    assert segments(front_end, "", kind) == []


# Languages


def test_another_script(front_end: FrontEnd) -> None:
    found = segments(front_end, "The word привет, мир means hello.")
    assert [(segment.language, segment.text) for segment in found] == [
        (None, "The word,"),
        ("ru", "привет, мир"),
        (None, "means hello."),
    ]
    assert found[1].symbols == ()
    assert [found[1].text[slice(*word.symbols)] for word in found[1].words] == ["привет,", "мир"]


def test_language_of_the_client(front_end: FrontEnd) -> None:
    assert one(front_end, "Guten Tag", language="de-DE").language == "de-DE"
    for own in ("en", "en-us", "en-GB", "c", "NULL", "nonsense!", None):
        assert one(front_end, "Hello there", language=own).language is None
    assert one(front_end, '<speak xml:lang="en">Hello</speak>', Kind.SSML, language="de").language is None


def test_a_voice_with_other_languages() -> None:
    german = FrontEnd(English(), dictionaries=(), own=("de",))
    assert one(german, "Guten Tag", language="de").language is None
    assert one(german, "Hello", language="en").language == "en"


# Latency and hostile input


def test_the_first_segment_needs_only_the_beginning(front_end: FrontEnd) -> None:
    class Watched(str):
        """A text that remembers how far it was read."""

        furthest = 0

        def __getitem__(self, key: object) -> str:
            if isinstance(key, slice) and key.stop is not None:
                self.furthest = max(self.furthest, key.stop)
            return str.__getitem__(self, key)  # type: ignore[index]

    text = Watched("The quick brown fox jumps over the lazy dog. " * 2500)
    found: Iterator[Segment] = front_end.segments(text)
    assert next(found).text == "The quick brown fox jumps over the lazy dog."
    assert 0 < text.furthest < 2000


LONG = "When all of them had come together again in the end, they went on and on, " + "and on and on, " * 9 + "until it was over."


def test_a_sentence_in_several_segments_is_told_whole_with_the_first(front_end: FrontEnd) -> None:
    text = f"{LONG} Then it was quiet. "
    first, *others, last = front_end.segments(text)
    assert len(others) >= 1 and not first.sentence_end
    assert first.sentence is not None and text[slice(*first.sentence)] == LONG
    assert {segment.sentence for segment in others} == {None}
    assert last.sentence is not None and text[slice(*last.sentence)] == "Then it was quiet."


def test_a_sentence_with_marks_is_told_with_the_places_of_the_markup(front_end: FrontEnd) -> None:
    text = "<speak>" + "".join(f'<mark name="{n}"/>{word} ' for n, word in enumerate(LONG.split())) + "</speak>"
    told = [segment.sentence for segment in front_end.segments(text, Kind.SSML) if segment.sentence is not None]
    assert told == [(text.index("When"), text.index("over.") + len("over."))]


def test_where_a_long_sentence_ends_is_looked_for_once(front_end: FrontEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    after_stop = EnglishCuts.after_stop

    def counting(self: EnglishCuts, word: str, text: str, stop: int, at: int) -> bool | None:
        asked.append(stop)
        return after_stop(self, word, text, stop, at)

    monkeypatch.setattr(EnglishCuts, "after_stop", counting)
    found = segments(front_end, "3.5. " * 400)  # no full stop ends a sentence before a digit
    assert len(found) > 9
    assert len(asked) < 400 * 12


def test_the_first_piece_of_a_long_sentence_is_short(front_end: FrontEnd) -> None:
    text = "When all of them had come together again in the end, " + "they went on and on, " * 20 + "and so it was."
    assert len(next(front_end.segments(text)).text) < 60


@pytest.mark.parametrize(
    "text",
    [
        "\ud800" * 1000,
        "\x00\x01\x02",
        "\u202e\u2066\u200f",
        "\u200d" * 1000,
        "\u0301" * 100_000,
        "\ufffc",
        "\U000e0041",
        " \n\t ",
    ],
)
def test_no_sound_in_it(front_end: FrontEnd, text: str) -> None:
    for segment in segments(front_end, text):
        assert len(segment.text) < 200


def test_soundless_characters_do_not_split_words(front_end: FrontEnd) -> None:
    plain = one(front_end, "hello world").symbols
    for text in ("hel\u200blo world", "hel\u00adlo wo\u202erld", "hel\x00lo \ud800world", "hello\u2066 \u2069world"):
        assert one(front_end, text).symbols == plain


def test_letters_that_look_alike_keep_their_places(front_end: FrontEnd) -> None:
    text = "Log in to pаypаl now."  # both vowels are Cyrillic
    segment = one(front_end, text)
    assert [word.text for word in segment.words] == ["Log", "in", "to", "paypal", "now"]
    assert [text[slice(*word.source)] for word in segment.words][3] == "pаypаl"
    assert [part.language for part in segments(front_end, "Это Hello")] == ["ru", None]


def test_combining_marks_are_kept_in_bounds(front_end: FrontEnd) -> None:
    text = "caf" + "e\u0301" + "\u0302" * 100_000 + " ok"
    found = segments(front_end, text)
    assert sum(len(segment.symbols) for segment in found) < 200


def test_a_megabyte_without_a_blank(front_end: FrontEnd) -> None:
    first = next(front_end.segments("x" * 1_000_000))
    assert 0 < len(first.symbols) < 3000


def test_the_next_request_works(front_end: FrontEnd) -> None:
    unfinished = front_end.segments("Never. Finished. At. All.")
    next(unfinished)
    assert one(front_end, "Hello").text == "Hello."
    unfinished.close()  # type: ignore[attr-defined]


def test_letters_among_letters(front_end: FrontEnd) -> None:
    """The letter a is never the article where something is spelled or named."""
    for text, kind, settings in (
        ("nasa", Kind.TEXT, {"spelling": True}),
        ('<say-as interpret-as="characters">nasa</say-as>', Kind.SSML, {}),
        ('<say-as interpret-as="spell-out">NASA</say-as>', Kind.SSML, {}),
    ):
        assert " ".join(one(front_end, text, kind, **settings).symbols) == "eh1 n   ey1   eh1 s   ey1 ."
    assert one(front_end, "control_a", Kind.KEY).symbols[-2:] == ("ey1", ".")
    assert one(front_end, "à", Kind.CHAR).symbols[0] == "ey1"
    assert one(front_end, "a band").symbols[0] == "ax"


def test_phrases_end_behind_elements_and_emoji(front_end: FrontEnd) -> None:
    text = '<sub alias="one">1</sub>, <say-as interpret-as="characters">ab</say-as>; ok 👍! <sub alias="two">2</sub>? Yes'
    found = segments(front_end, text, Kind.SSML)
    assert [segment.text for segment in found] == ["one, a b, ok thumbs up!", "two?", "Yes."]


def test_a_bracket_before_another_language_is_no_key_echo(front_end: FrontEnd) -> None:
    found = segments(front_end, '<speak>(<lang xml:lang="de">Wort</lang>) and more</speak>', Kind.SSML)
    assert [segment.text for segment in found] == ["Wort", "and more."]


def test_an_alias_that_is_the_name_of_a_mode(front_end: FrontEnd) -> None:
    assert one(front_end, '<sub alias="letters">A</sub>', Kind.SSML).text == "letters."
    assert one(front_end, 'a<sub alias="spell"> </sub>b', Kind.SSML).text == "a spell b."


def test_signs_that_are_read_as_many_words_come_in_short_segments(front_end):
    text = "👍🏽" * 300
    found = segments(front_end, text)
    assert len(found) > 10 and max(len(segment.symbols) for segment in found) < 700
    assert "".join(text[slice(*segment.source)] for segment in found) == text
    assert [segment.sentence_end for segment in found[:-1]] == [False] * (len(found) - 1) and found[-1].sentence_end


@pytest.mark.parametrize("text", ["1 .2-3", "1 .2–.5", "3-1 .2", "No. 1 .2-3333"])
def test_a_range_of_numbers_with_a_blank_before_the_point_is_spoken(front_end, text):
    assert segments(front_end, text)
