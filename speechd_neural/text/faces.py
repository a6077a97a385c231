"""Faces that are drawn with characters: (◕‿◕), ¯\\_(ツ)_/¯, ʕ•ᴥ•ʔ, ( ͡° ͜ʖ ͡°).

Character by character they are babble or nothing, so a face is found as a whole: two equal eyes with a mouth between
them, in brackets or made of signs that are no letters of a word. Arms and cheeks belong to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_EYES = "◕◔◉●°ʘಠಥ・･•^¬╥☆★♥♡❤✧⊙◎☉ˇ˘´｀`≖╹ºΦ◠⚆ↀ⌐■￣‾；;눈益♦◈๑ᵔﾟ゜。′"
_BARE_EYES = "◕◔◉ʘಠಥ¬╥⊙◎☉≖╹◠⚆ↀ눈"
_MOUTH = "_‿.。｡ωwз3▽∀дДヮ﹏□ー∇ェ▿⌣◡ᴥ︿‸ᗜへ﹃ロワヘ皿oO-"
_EDGE = r"(?:[づつっノﾉლง☞✿]|[^\w()（）\n]){0,3}"
_WITHIN = (
    rf"{_EDGE}(?P<eye>[{_EYES}])[^\w()（）\n]{{0,2}}[{_MOUTH}]{{1,4}}[^\w()（）\n]{{0,2}}(?P=eye){_EDGE}"
    rf"|{_EDGE}(?:[Oo][_.]{{1,3}}[Oo]|[TXx]_{{1,3}}[TXx]|\._{{1,3}}\.|-[_.]{{1,3}}-|=[_.]=|>[_.o]{{1,3}}<|≧[^()（）A-Za-z0-9\n]{{1,4}}≦){_EDGE}"
    r"|ツ|[^\w()（）\n]{1,6}ʖ[^\w()（）\n]{1,6}| ?ᐛ ?"
)
_TABLE = r"[┻┬][━─][┻┬]"
PATTERN = re.compile(
    rf"(?<!\w)[ヽ\\/╰╭┌└ᕙᕦლ٩凸ψς＼oづっつ乁¯ᕕ~]{{0,2}}_?[(（](?:{_WITHIN})[)）]_?"
    rf"(?:[ノﾉ/\\╯┐┘ᕗᕤლ۶ψ＞づっつ乂¯♪☞丿*:･ﾟ✧~～彡☆★♥]{{0,8}}(?: ?[︵︶]? ?{_TABLE})?)"
    r"|ʕ[^\w\n]{0,2}.?[^\w\n]{0,2}ᴥ[^\w\n]{0,2}.?[^\w\n]{0,2}ʔ"
    rf"|(?P<bare>[{_BARE_EYES}])[_‿.﹏ω◡︿▽□益Д-]{{1,3}}(?P=bare)"
    rf"|{_TABLE}(?: ?[ノﾉ][(（][^\w()（）\n]{{1,8}}[ノﾉ]?[)）])?"
)


def faces(text: str) -> Iterator[tuple[int, int]]:
    """Where faces stand."""
    if text.isascii() and not ("(" in text and ")" in text and ("_" in text or "^" in text or ".o" in text or ".-" in text)):
        return
    for match in PATTERN.finditer(text):
        yield match.span()
