"""The feature bits are what the front end really honours: each of them is heard."""

from __future__ import annotations

import pytest

from speechd_neural.frontends.spiel import FEATURES, Feature
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Kind, Segment


def say_as(kind: str, content: str, form: str = "") -> str:
    return f'<say-as interpret-as="{kind}" format="{form}">{content}</say-as>'


SAY_AS = {
    Feature.SSML_SAY_AS_DATE: (say_as("date", "3/4/2021", "dmy"), "third of april"),
    Feature.SSML_SAY_AS_TIME: (say_as("time", "9:30"), "nine thirty"),
    Feature.SSML_SAY_AS_TELEPHONE: (say_as("telephone", "1984"), "one nine eight four"),
    Feature.SSML_SAY_AS_CHARACTERS: (say_as("characters", "9am"), "nine A M"),
    Feature.SSML_SAY_AS_CARDINAL: (say_as("cardinal", "1984"), "one thousand nine hundred eighty four"),
    Feature.SSML_SAY_AS_ORDINAL: (say_as("ordinal", "3"), "third"),
    Feature.SSML_SAY_AS_CURRENCY: (say_as("currency", "$12.50"), "twelve dollars"),
}
MARKUP = {
    Feature.SSML_BREAK: ('one <break time="900ms"/> two', "one two"),
    Feature.SSML_SUB: ('<sub alias="World Wide Web">WWW</sub>', "WWW"),
    Feature.SSML_PHONEME: ('<phoneme alphabet="ipa" ph="təˈmɑːtoʊ">tomato</phoneme>', "tomato"),
    Feature.SSML_EMPHASIS: ('<emphasis level="strong">this</emphasis>', "this"),
    Feature.SSML_PROSODY: ('<prosody rate="slow" pitch="high">this</prosody>', "this"),
    Feature.SSML_SENTENCE_PARAGRAPH: ("<p><s>one</s><s>two</s></p>", "one two"),
}


@pytest.fixture(scope="module")
def front_end() -> FrontEnd:
    return FrontEnd(English())


def spoken(front_end: FrontEnd, markup: str) -> list[tuple[object, ...]]:
    def sound(segment: Segment) -> tuple[object, ...]:
        return segment.symbols, segment.prosody, segment.pause

    return [sound(segment) for segment in front_end.segments(f"<speak>{markup}</speak>", Kind.SSML)]


def test_every_bit_of_markup_is_covered() -> None:
    assert sum(SAY_AS) | sum(MARKUP) | Feature.EVENTS_WORD | Feature.EVENTS_SENTENCE == FEATURES


@pytest.mark.parametrize("feature", SAY_AS, ids=lambda feature: feature.name)
def test_say_as_that_is_claimed_is_heard(front_end: FrontEnd, feature: Feature) -> None:
    marked, words = SAY_AS[feature]
    segments = front_end.segments(f"<speak>{marked}</speak>", Kind.SSML)
    assert words.lower() in " ".join(segment.text for segment in segments).lower()


@pytest.mark.parametrize("feature", MARKUP, ids=lambda feature: feature.name)
def test_markup_that_is_claimed_is_heard(front_end: FrontEnd, feature: Feature) -> None:
    marked, plain = MARKUP[feature]
    assert spoken(front_end, marked) != spoken(front_end, plain)


@pytest.mark.parametrize("character", ["<", "&", ">", "x"])
def test_single_characters_come_unescaped(front_end: FrontEnd, character: str) -> None:
    heard = spoken(front_end, f'<say-as interpret-as="characters">{character}</say-as>')
    assert any(symbols for symbols, *_ in heard)


def test_offsets_count_in_the_text_as_it_was_passed(front_end: FrontEnd) -> None:
    text = '<speak>Grüße &amp; <emphasis>𝄞 big</emphasis> <mark name="m"/>world.</speak>'
    segments = list(front_end.segments(text, Kind.SSML))
    words = [text[slice(*word.source)] for segment in segments for word in segment.words]
    assert [word for word in ("Grüße", "big", "world") if word in words] == ["Grüße", "big", "world"]
    assert all(0 <= word.source[0] < word.source[1] <= len(text) for segment in segments for word in segment.words)
