"""Languages by tag and by script."""

from __future__ import annotations

import pytest

from speechd_neural.text.languages import LANGUAGES_OF, foreign, script, spans, tag


def found(text: str, tagged: str | None = None) -> list[tuple[str, str | None]]:
    return [(text[span.start : span.end], span.language) for span in spans(text, tagged, ("en",))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", [("plain", None)]),
        ("naïve café", [("naïve café", None)]),
        ("say привет, мир! now", [("say ", None), ("привет, мир!", "ru"), (" now", None)]),
        ("Привіт", [("Привіт", "uk")]),
        ("日本語です", [("日本語です", "ja")]),
        ("你好", [("你好", "cmn")]),
        ("한국어 5 번", [("한국어 5 번", "ko")]),
        ("α and β", [("α and β", None)]),
        ("Καλημέρα", [("Καλημέρα", "el")]),
        ("سلام چطوری", [("سلام چطوری", "fa")]),
        ("مرحبا", [("مرحبا", "ar")]),
        ("שלום world", [("שלום", "he"), (" world", None)]),
        ("नमस्ते", [("नमस्ते", "hi")]),
        ("ไทย", [("ไทย", "th")]),
        ("Hi «мир» there", [("Hi «", None), ("мир»", "ru"), (" there", None)]),
    ],
)
def test_scripts(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert found(text) == expected


def test_tag_wins_where_it_can_be_right() -> None:
    assert found("Привет", "uk") == [("Привет", "uk")]
    assert found("東京", "ja") == [("東京", "ja")]
    assert found("Привет", "de") == [("Привет", "ru")]
    assert found("Guten Tag", "de") == [("Guten Tag", "de")]
    assert found("Guten Привет", "de") == [("Guten ", "de"), ("Привет", "ru")]


def test_spans_cover_the_text() -> None:
    text = "a я b 5 中 c! かな? ."
    assert "".join(piece for piece, _ in found(text)) == text


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en-us", "en-US"),
        ("EN_gb", "en-GB"),
        ("de_DE.UTF-8@euro", "de-DE"),
        ("eng", "en"),
        ("NULL", None),
        ("C", None),
        ("", None),
        (None, None),
        ("not a tag", None),
        ("zh-Hant-TW", "zh-Hant-TW"),
    ],
)
def test_tags(language: str | None, expected: str | None) -> None:
    assert tag(language) == expected


def test_foreign() -> None:
    assert foreign("en-US", ("en",)) is None
    assert foreign("c", ("en",)) is None
    assert foreign("de", ("en",)) == "de"


def test_every_script_has_a_language() -> None:
    for code in range(0x370, 0x1800):
        name = script(chr(code))
        assert name is None or LANGUAGES_OF[name]
