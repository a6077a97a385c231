"""Letters that are drawn otherwise: small capitals, squares, raised letters, struck-out and underlined ones.

They are read as the letters they stand for. A single one may mean something of its own (a phonetic sign, a power, the
blood group A), so they are folded from two in a row.
"""

from __future__ import annotations

import unicodedata

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
_OVERLAYS = dict.fromkeys([0x305, 0x332, 0x333, *range(0x334, 0x339), 0x33F, *range(0x20D0, 0x20E3), *range(0x20E4, 0x20F1)])


def folded(run: str) -> str:
    """A match of RUN in ordinary letters, one for one."""
    return run.translate(_FOLDED)


def without_overlays(letter: str) -> str:
    """A letter with its combining marks, without those that only draw lines or shapes."""
    return letter.translate(_OVERLAYS)
