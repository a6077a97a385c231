import pytest

from speechd_neural.text.passage import plain
from speechd_neural.types import Kind


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("plain words", "plain words"),
        ('<speak><mark name="0:4"/>4111 <mark name="5:9"/>1111 <mark name="10:14"/>1111</speak>', "4111 1111 1111"),
        ("pass&#119;ord", "password"),
        ("pass&#x77;ord &lt;b&gt; &amp;", "password <b> &"),
        ("pass<b>word</b>", "password"),
        ("p\u00ada\u200bss\u2060word", "password"),
        ("ｐａｓｓｗｏｒｄ", "password"),
        ("<!-- a comment -->pass<!-- another -->word", "password"),
        ("<![CDATA[pass]]>word", "password"),
        ("<s>4111</s><s>1111</s>", " 4111  1111 "),
        ("4111<break time='1s'/>1111", "4111 1111"),
        ('my <sub alias="password">pw</sub>', "my  password "),
        ('<say-as interpret-as="characters">1234</say-as>', "1234"),
        ('<x name="secret">text</x>', "text"),
    ],
)
def test_the_words_that_are_spoken(markup: str, words: str) -> None:
    assert plain(markup, Kind.SSML) == words


def test_what_is_no_markup_stays() -> None:
    assert plain("a<b and &amp;", Kind.TEXT) == "a<b and &amp;"
    assert plain("<", Kind.CHAR) == "<"


def test_a_long_text_takes_time_in_proportion() -> None:
    assert len(plain('<mark name="1"/>word ' * 100_000, Kind.SSML)) == 500_000
