"""What is drawn with characters, and not meant as these characters: faces, and letters in another shape.

Faces such as (◕‿◕), ¯\\_(ツ)_/¯, ʕ•ᴥ•ʔ are babble or nothing character by character, so a face is found as a whole: two
equal eyes with a mouth between them, in brackets or made of signs that are no letters of a word. Arms and cheeks belong
to it.

Small capitals, squares, raised, struck-out and underlined letters are read as the letters they stand for. A single one
may mean something of its own (a phonetic sign, a power, the blood group A), so they are folded from two in a row.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from speechd_neural import expressions as re

_EYES = "◕◔◉●°ʘಠಥ・･•^¬╥☆★♥♡❤✧⊙◎☉ˇ˘´｀`≖╹ºΦ◠⚆ↀ⌐■￣‾；;눈益♦◈๑ᵔﾟ゜。′一￢ᐢ✿ಡ＾ᴖ"
_BARE_EYES = "◕◔◉ʘಠಥ¬╥⊙◎☉≖╹◠⚆ↀ눈"
_MOUTH = "_‿.。｡ωwзε³3ᵕᴗ⩊‸ᆺㅂㅅ＿▽∀дДヮ﹏□ー∇ェ▿⌣◡ᴥ︿‸ᗜへ﹃ロワヘ皿oO-"
_EDGE = r"(?:[づつっノﾉლง☞✿ς๑〃]|[^\w()（）\n]){0,3}"
_WITHIN = (
    rf"{_EDGE}(?P<eye>[{_EYES}])[^\w()（）\n]{{0,2}}[{_MOUTH}]{{1,4}}[^\w()（）\n]{{0,2}}(?P=eye){_EDGE}"
    rf"|{_EDGE}(?:[Oo][_.]{{1,3}}[Oo]|[TXx]_{{1,3}}[TXx]|\._{{1,3}}\.|-[_.]{{1,3}}-|=[_.]=|>[_.oᴗωw▽﹏︿ω]{{1,3}}<|_ ?_"
    r"| \u0304 ?[³3_.ω]{1,2} \u0304|︶[︹︿︵_‿.][︺︶]"
    rf"|[╯╥][▽_.︵∀ᗜ]{{1,2}}[╰╥]|'\u0300?[-_.ω]'\u0301?|≧[^()（）A-Za-z0-9\n]{{1,4}}≦){_EDGE}"
    r"|ツ|[^\w()（）\n]{1,6}ʖ[^\w()（）\n]{1,6}| ?ᐛ ?|°_[oO]|>[_.]>|<[_.]<|-‸ლ|ᗒ.ᗕ|.? ?◣.◢"
    rf"|{_EDGE}[´′ˊ][^\w()（）\n]?[{_MOUTH}⌒ヮ]{{1,3}}[^\w()（）\n]?[`｀ˋ]{_EDGE}"
)
_TABLE = r"[┻┬][━─][┻┬]"
PATTERN = re.compile(
    rf"(?<!\w)[ヽヾ\\/╰╭╮┌└md<ᕙᕦლ٩凸ψς＼oづっつ乁¯ᕕ~]{{0,2}}_?[(（༼](?:{_WITHIN})[)）༽]_?"
    rf"(?:>⌐■-■|[ノﾉ/\\╯╭┐┘ᕗᕤლ۶ψ＞づっつ乂¯♪☞丿*:･ﾟ✧~～彡☆★♥ งﾉو]{{0,8}}(?<! )[mbo>]?(?!\w)(?: ?[︵︶]? ?{_TABLE})?)"
    r"|\(:3 ?」∠\)_|ᓚᘏᗢ|/ᐠ.{1,4}ᐟ\\?|ʕ[^\w\n]{0,2}.?[^\w\n]{0,2}ᴥ[^\w\n]{0,2}.?[^\w\n]{0,2}ʔ"
    rf"|(?P<bare>[{_BARE_EYES}])[_‿.﹏ω◡︿▽□益Д-]{{1,3}}(?P=bare)"
    r"|[ᕙᕦ୧٩][(（][^()（）\n]{1,8}[)）][ᕗᕤ୨۶]"
    rf"|{_TABLE}(?: ?[ノﾉ][(（][^()（）\n]{{1,10}}[)）])?"
)


_ASCII_FACE = re.compile(r"\([^\w()\n]{0,2}(?:[_^;<>.-]|[oOTXx0][_.])")


def faces(text: str) -> Iterator[tuple[int, int]]:
    """Where faces stand."""
    if text.isascii() and not ("(" in text and ")" in text and _ASCII_FACE.search(text)):
        return
    for match in PATTERN.finditer(text):
        yield match.span()


_SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢǫ"
_SMALL_LETTERS = "abcdefghijklmnopqrstuvwyzq"
_RAISED = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ"
_SQUARES = (0x1F130, 0x1F150, 0x1F170)  # the letters A, squared and in negative circles and squares
_FOLDED = {
    **dict(zip(map(ord, _SMALL_CAPITALS), _SMALL_LETTERS, strict=True)),
    **{ord(letter): unicodedata.normalize("NFKC", letter) for letter in _RAISED},
    **{first + number: chr(65 + number) for first in _SQUARES for number in range(26)},
    **{0x249C + number: chr(97 + number) for number in range(26)},  # in brackets
}
_DRAWN = f"{_SMALL_CAPITALS}{_RAISED}\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189⒜-⒵"
# Two or more, with the ordinary letters between them that look the same.
RUN = f"[{_DRAWN}][{_DRAWN}a-z]{{0,60}}[{_DRAWN}]"
# Marks that strike a letter out, underline or enclose it: how a word looks, not how it is read.
_OVERLAYS = dict.fromkeys(
    [0x305, 0x332, 0x333, *range(0x334, 0x339), 0x33F, 0x35E, 0x35F, *range(0x20D0, 0x20E3), *range(0x20E4, 0x20F1)]
)


def folded(run: str) -> str:
    """A match of RUN in ordinary letters, one for one."""
    return run.translate(_FOLDED)


# Cyrillic and Greek letters that nobody tells from Latin ones by sight, and the Latin ones.
_CYRILLIC, _AS_LATIN = "аеіјкорсухһԁѕԛԝАВЕЅІЈКМНОРСТУХԚԜ", "aeijkopcyxhdsqwABESIJKMHOPCTYXQW"
_TO_LATIN = str.maketrans(_CYRILLIC + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", _AS_LATIN + "ABEZHIKMNOPTYXo")
_TO_CYRILLIC = str.maketrans("aekopcyxABEKMHOPCTYX", "аекорсухАВЕКМНОРСТУХ")
_STRANGE, _LOOKS_CYRILLIC = "".join(map(chr, _TO_LATIN)), "".join(map(chr, _TO_CYRILLIC))
# Where the two alphabets meet inside a word.
ALIKE = (
    f"(?<=[A-Za-z])[{_STRANGE}]+|[{_STRANGE}]+(?=[A-Za-z])"
    f"|(?<=[\u0400-\u04ff])[{_LOOKS_CYRILLIC}]+|[{_LOOKS_CYRILLIC}]+(?=[\u0400-\u04ff])"
)
_WORD_AROUND = 24  # letters on each side that are looked at


def alike(text: str, start: int, end: int) -> str:
    """A match of ALIKE in the letters of the rest of its word, if that makes a word of one alphabet; else as it is.

    Such a word was made to look like another (pаypal with a Cyrillic a), or was typed with the wrong keyboard; in two
    alphabets it is babble.
    """
    first, last = start, end
    while first and start - first < _WORD_AROUND and text[first - 1].isalpha():
        first -= 1
    while last < len(text) and last - end < _WORD_AROUND and text[last].isalpha():
        last += 1
    word, run = text[first:last], text[start:end]
    if word.translate(_TO_LATIN).isascii():
        return run.translate(_TO_LATIN)
    if all("\u0400" <= letter <= "\u04ff" for letter in word.translate(_TO_CYRILLIC)):
        return run.translate(_TO_CYRILLIC)
    return run


def without_overlays(letter: str) -> str:
    """A letter with its combining marks, without those that only draw lines or shapes."""
    return letter.translate(_OVERLAYS)
