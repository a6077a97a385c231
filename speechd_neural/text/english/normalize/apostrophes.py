"""What people type for an apostrophe: donʼt, can`t, Oʻahu."""

from __future__ import annotations

from functools import lru_cache

from speechd_neural import expressions as re

_APOSTROPHE = re.compile(
    r"(?<=[^\W\d_])[‘‛ʼʻʾʿ＇ʹ՚](?=[^\W\d_])"
    r"|(?<=[A-Za-z])[`´′](?i:(?=(?:s|t|d|m|ll|re|ve)(?![A-Za-z'’`´′])))"
    r"|(?<=\b[DOL])[`´′](?=[A-Z][a-z])"
    r"|(?<!\w)[ʻʼʾʿ](?=[^\W\d_])|(?<=[^\W\d_])[ʻʼʾʿ](?!\w)"
)


@lru_cache(4)  # each word of a phrase asks for the same phrase
def plain_apostrophes(text: str) -> str:
    """The text with ' for what stands for it in words, character for character."""
    return text if text.isascii() and "`" not in text else _APOSTROPHE.sub("'", text)
