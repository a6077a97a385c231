"""What programs and their messages have, as Speech Dispatcher sends it: %-20s, #include <stdio.h>, self->x, [12/40] Building.

Blanks that only the server sets tell these from the words that name them.
"""

from __future__ import annotations

from collections.abc import Iterator

from speechd_neural import expressions as re
from speechd_neural.text.token import Edit

_SIGNS = re.compile(
    r"(?:(?<=[^0-9] )|(?<=\A )|\A) (?P<percent>percent )(?: (?P<minus>minus ))?"
    r"(?=0?[0-9]{0,2}(?: ?\.[0-9])?[dsfxcuiegm](?![^\W_]))"
    r"|(?<=\b[cCgG]) (?P<plus>plus  plus  minus )(?=[0-9])"
    r"|(?:(?<=\s)|\A) (?P<hash>number )(?=(?:include|define|undef|ifdef|ifndef|endif|pragma|elif)(?![^\W_]))"
    r"|(?<=include ) (?P<open>less )(?=[a-z])"
    r"|(?<=[\w)])  (?P<arrow>greater )(?=[A-Za-z_])"
    r"|(?<=[\w)])(?<!plus)(?<!percent)(?<!slash)(?<!star)(?<!paren\))  (?P<spaced> greater  )(?=[\w./~])"
    r"|(?<=[\w)])(?<!plus)  (?P<becomes>equals  greater  )(?=[\w({])"
    r"|(?:(?<=\s)|\A) (?P<mail>less )(?=[\w.+-]{1,40}(?: (?:dot|line|dash) [\w-]{1,40}){0,4} at [a-z])"
    # A count at the start of a line: its brackets are dropped, or have no blank inside.
    r"|\A(?P<count> [0-9]{1,5}(?: slash | )[0-9]{1,5}  )(?=[A-Z][a-z])"
    r"|\A(?P<round>\([0-9]{1,4} [0-9]{1,4}\) )(?=[A-Z][a-z]{2,12}ing\b)"
)
_CLOSE = re.compile(r"[^\s]{1,20}(?: (?:dot|slash) [^\s]{1,20}){0,4}( greater )")
_MAILED = re.compile(
    r"[\w.+-]{1,40}(?: (?:dot|line|dash) [\w-]{1,40}){0,4} at "
    r"[\w-]{1,40}(?: (?:dot|dash) [\w-]{1,40}){1,5}( greater )"
)
_TWO = re.compile(r"([0-9]+) (?:slash )?([0-9]+)")


def code(text: str) -> Iterator[Edit]:
    """The signs of programs."""
    for match in _SIGNS.finditer(text):
        start, end, kind = *match.span(), match.lastgroup
        if kind in ("percent", "minus"):
            yield Edit(start, end, " %-" if match["minus"] else " %", "")
        elif kind == "plus":
            yield Edit(start, end, "++-", "")
        elif kind == "hash":
            yield Edit(start, end, " #", "")
        elif kind == "open":
            close = _CLOSE.match(text, end)
            if close:
                yield Edit(start, end, " <", "")
                yield Edit(close.start(1), close.end(1), "> ", "")
        elif kind == "mail":
            close = _MAILED.match(text, end)
            if close:
                yield Edit(start, end, " ", "")
                yield Edit(close.start(1), close.end(1), " ", "")
        elif kind == "becomes":
            yield Edit(start, end, " => ", "")
        elif kind in ("arrow", "spaced"):
            yield Edit(start, end, "->" if kind == "arrow" else " -> ", "")
        else:
            done = _TWO.search(match[0])
            if done and 0 < int(done[1]) <= int(done[2]):
                yield Edit(start, end, f"[{done[1]}/{done[2]}] ", "")
