"""What only stands on command lines and in programs: $?, a | between commands, kill -9, i--."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import cardinal
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, read

_SHELL = re.compile(r"\$([?@#*!])(?=[\s\"'`)\];:.,|&]|\Z)")
_SHELL_NAMES = {"?": "question mark", "@": "at", "#": "hash", "*": "star", "!": "exclamation mark"}
_PIPE = re.compile(
    r"\|&?\s(?=(?:sudo |xargs )?(?:grep|egrep|rg|wc|less|more|head|tail|sort|uniq|sed|g?awk|cut|tr|tee|xargs|bash|sh|jq|python3?"
    r"|perl|xclip|cat|nl|column|gzip|gunzip|zcat|tar|bc|fold|rev|paste|fzf|nc|ssh|tac|md5sum|sha256sum|base64|openssl|mail|lpr|dd|pv|watch|psql|mysql|php"
    r"|ruby|node)(?![\w-]))"
)
_NEGATED = re.compile(r"!(?!important)(?=[A-Za-z_$(!])")
_CONDITION = re.compile(
    r"(?:\b(?:if|while|until|unless|return|assert|and|or|elif|not)\s\(?|(?:&&|\|\||[=?:])\s?\(?|\w\()\Z"
)
_ARGUMENT = re.compile(r"\w\([\w\s,=*.'\"]{0,48}\Z")
_STAR_FIELD = re.compile(r"\*(?=/[0-9]|\s|\Z)")
_FIELD = r"(?:\*(?:/[0-9]{1,2})?|[0-9]{1,2}(?:[-,/][0-9]{1,2}){0,3})"
_CRON = re.compile(rf"(?<!\S){_FIELD}(?: {_FIELD}){{4}}(?!\S)")
_STARS = re.compile(r"(\*{1,3})(?=[A-Za-z_])")
_TYPE = re.compile(
    r"\b(?:int|char|void|float|double|long|short|unsigned|bool|FILE|struct \w{1,16}|const \w{1,12}|[a-z]\w{1,15}_t)\s\Z"
)
_NUMBERED = re.compile(r"-([0-9]{1,4})(?![\w.,%:/-])")
_TOLD = re.compile(
    r"(?:(?:\A|[\s|(`$;&])(?:head|tail|kill|killall|pkill|ls|log|nice|renice|gzip|xz|zip|zstd|ping|diff|grep|cut|ssh|curl|sort|fold|uniq)"
    r"|\s--?[a-z][\w-]{0,30})\s\Z"
)
_SIGNAL = re.compile(r"-([A-Z]{3,6}[0-9]?)(?!\w)")
_KILL = re.compile(r"\bp?kill(?:all)?\s\Z")
_DIFFERENCE = re.compile(r"([a-z])[-−]([0-9]{1,2})(?=[\])])")
_OPENED = re.compile(r"\w[(\[](?:[\w+*-]{1,8},\s?)?\Z")
_DECREMENT = re.compile(r"([b-z]|[a-z]{2,8})--(?=[;)\]]|\s?\Z)")
_ASSIGNMENT = re.compile(r"(\*\*|//|\?\?|&&|[-*%|&^:?])=(?=\s|\Z)")
_ASSIGNMENT_NAMES = {
    "-": "minus", "*": "times", "%": "percent", "|": "bar", "&": "and", "^": "caret", ":": "colon", "?": "question mark",
    "**": "star star", "//": "slash slash", "??": "question mark question mark", "&&": "and and",
}  # fmt: skip
_CSS = re.compile(r"[-−+](?=\s[0-9.]{1,8}(?:px|rem|em|vh|vw|vmin|vmax|ch|pt|%)(?!\w))")
_CALCULATED = re.compile(r"\b(?:calc|min|max|clamp)\([^)\n]{0,40}\Z")


def shell_variable(place: Place) -> Reading:
    """$?, $@."""
    found = _SHELL.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1].isalnum()):
        return None
    return read(f"dollar {_SHELL_NAMES[found[1]]}", place, found.end(), "symbol")


def unpacked(place: Place) -> Reading:
    """foo(a, *args, **kwargs)."""
    found = _STARS.match(place.text, place.start)
    if not found or not _ARGUMENT.search(place.text, max(0, place.start - 60), place.start):
        return None
    return read(" ".join(["star"] * len(found[1])), place, found.end(), "symbol")


def schedule(place: Place) -> Reading:
    """A star in 0 */6 * * *, as cron has it."""
    text, start, _ = place
    if not _STAR_FIELD.match(text, start) or (start and not text[start - 1].isspace()):
        return None
    first = max(text.rfind("\n", max(0, start - 24), start) + 1, start - 24, 0)
    found = _CRON.search(text, first, start + 24)
    return read("star", place, start + 1, "symbol") if found and found.start() <= start < found.end() else None


def pointer(place: Place) -> Reading:
    """The star of int *ptr, char **argv."""
    found = _STARS.match(place.text, place.start)
    if not found or not _TYPE.search(place.text, max(0, place.start - 24), place.start):
        return None
    return read(" ".join(["star"] * len(found[1])), place, found.end(), "symbol")


def negation(place: Place) -> Reading:
    """The sign in if (!done), && !ready."""
    text, start, _ = place
    if not _NEGATED.match(text, start) or not _CONDITION.search(text, max(0, start - 12), start):
        return None
    return read("not", place, start + 1, "symbol")


def pipe(place: Place) -> Reading:
    """The | before a command that reads what another one writes."""
    text, start, _ = place
    found = _PIPE.match(text, start)
    return read("bar", place, start + 1, "symbol") if found and start and text[start - 1].isspace() else None


def numbered_option(place: Place) -> Reading:
    """kill -9, git log --oneline -5."""
    found = _NUMBERED.match(place.text, place.start)
    if not found or not _TOLD.search(place.text, max(0, place.start - 36), place.start):
        return None
    return read(f"dash {cardinal(int(found[1]))}", place, found.end(), "identifier")


def assignment(place: Place) -> Reading:
    """x -= 1, y := 2."""
    text, start, _ = place
    found = _ASSIGNMENT.match(text, start)
    if not found or start < 2 or not text[start - 1].isspace() or not (text[start - 2].isalnum() or text[start - 2] in "_)]"):
        return None
    return read(f"{_ASSIGNMENT_NAMES[found[1]]} equals", place, found.end(), "symbol")


def signal(place: Place) -> Reading:
    """kill -TERM."""
    found = _SIGNAL.match(place.text, place.start)
    if not found or not _KILL.search(place.text, max(0, place.start - 10), place.start):
        return None
    return read(f"dash {found[1]}", place, found.end(), "identifier")


def decrement(place: Place) -> Reading:
    """i--."""
    text, start, _ = place
    found = _DECREMENT.match(text, start)
    if not found or (start and text[start - 1].isalnum()):
        return None
    if len(found[1]) > 1 and text[found.end() : found.end() + 1] not in (";", ")"):
        return None
    return read(f"{letters(found[1]) if len(found[1]) == 1 else found[1]} minus minus", place, found.end(), "identifier")


def difference(place: Place) -> Reading:
    """f(n-1), arr[i-1], range(1, n-1): a letter that stands for a number, in brackets, and what is taken from it."""
    text, start, _ = place
    found = _DIFFERENCE.match(text, start)
    if not found or not _OPENED.search(text, max(0, start - 24), start):
        return None
    return read(f"{letters(found[1])} minus {cardinal(int(found[2]))}", place, found.end(), "identifier")


def calculated(text: str, position: int) -> bool:
    """Whether the sign at the position subtracts lengths in a style sheet: calc(100% - 2rem)."""
    return bool(_CSS.match(text, position)) and bool(_CALCULATED.search(text, max(0, position - 48), position))


def length_sign(place: Place) -> Reading:
    """The sign in calc(100% - 2rem)."""
    if not calculated(place.text, place.start):
        return None
    return read("plus" if place.text[place.start] == "+" else "minus", place, place.start + 1, "symbol")
