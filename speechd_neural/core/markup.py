"""Marked-up text for the fallback: its words, marks and what is to be spelled, however broken it is.

Standard library only, and linear in the length of the text whatever it holds: while this runs, the output module must
be able to answer a STOP. (text/ssml.py reads markup for the voice, and knows far more of it.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TAG = re.compile(r"</?[A-Za-z?!][^<>]*>")
_MARK = re.compile(r"""<mark\b[^<>]*?\bname\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SPELLED = re.compile(r"""<say-as\b[^<>]*?\binterpret-as\s*=\s*["'](?:characters|spell-out|tts:char)["']""")
_BREAK = re.compile(r"</?(?:p|s|break|br|div|li)\b")
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Fragment(NamedTuple):
    """Either a stretch of text, or (text is empty) an index mark."""

    text: str
    mark: str | None = None
    spelled: bool = False


def fragments(ssml: str) -> Iterator[Fragment]:
    """In the order of the text. One that is empty stands for a tag without words: something was read, though."""
    position, spelled = 0, False
    for start, end in _tags(ssml):
        yield Fragment(clean(_entities(ssml[position:start])), None, spelled)
        position, tag = end, ssml[start:end]
        if mark := _MARK.match(tag):
            yield Fragment("", _entities(mark[1] if mark[1] is not None else mark[2]), spelled)
        elif tag.startswith("<say-as"):
            spelled = bool(_SPELLED.match(tag)) and not tag.endswith("/>")
        elif tag.startswith("</say-as"):
            spelled = False
        elif _BREAK.match(tag):
            yield Fragment(" ")
    yield Fragment(clean(_entities(ssml[position:])), None, spelled)


def clean(text: str) -> str:
    """Without the characters that no program may be given."""
    return _UNSPEAKABLE.sub(" ", text)


def _tags(ssml: str) -> Iterator[tuple[int, int]]:
    """Where each tag and comment begins and ends."""
    start, comments = 0, True  # comments: whether one may still end further on
    while (start := ssml.find("<", start)) >= 0:
        end = -1
        if comments and ssml.startswith("<!--", start):
            end = ssml.find("-->", start + 4)
            comments = end >= 0
            end += 3
        if end < 3:
            tag = _TAG.match(ssml, start)
            if tag is None:
                start += 1
                continue
            end = tag.end()
        yield start, end
        start = end


def _entities(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        if match[1]:
            return _NAMED[match[1]]
        code = int(match[2]) if match[2] else int(match[3], 16)
        return chr(code) if code <= 0x10FFFF else " "

    return _ENTITY.sub(character, text) if "&" in text else text
