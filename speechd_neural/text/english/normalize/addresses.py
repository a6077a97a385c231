"""Web and mail addresses, file paths, IP addresses, versions, hashtags, mentions, options of commands."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.identifiers import spoken
from speechd_neural.text.english.normalize.numbers import cardinal, digits, number
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, read, words_of
from speechd_neural.text.english.normalize.units import UNITS

_CHUNK = re.compile(r"(?:[^\s<>\"“”«»|\x00-\x1f]|(?<=\w-)>(?=\w)){1,400}")
LONGEST = 400  # characters of an address that are read in one piece
_BLANK = re.compile(r"\s")
_CLOSING = ".,;:!?)]}'’*…—–"
_SEPARATORS = {
    ".": "dot", "/": "slash", ":": "colon", "-": "dash", "_": "underscore", "->": "arrow", "@": "at", "?": "question mark",
    "=": "equals", "&": "and", "%": "percent", "#": "hash", "~": "tilde", "+": "plus", "\\": "backslash", "*": "star",
    ",": "comma", ";": "semicolon", "$": "dollar", "!": "exclamation mark", "(": "left paren", ")": "right paren",
    "[": "left bracket", "]": "right bracket", "{": "left brace", "}": "right brace", "'": "apostrophe", "^": "caret",
}  # fmt: skip
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,15}://\S|www\.[\w-]|mailto:[\w.+-]+@", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}(?![\w@])")
_PATH = re.compile(
    r"(?:~[a-z0-9_-]{0,32}|\.{1,2})?/[\w.~@+-]|[A-Za-z]:[\\/]|~/|\\\\\w|\.{1,2}/"
    r"|[\w.@+-]{1,100}(?:/[\w.@+-]{1,100}){2}"
                   r"|[\w.@+-]{1,100}[\\/][\w@+-]{1,100}\.[A-Za-z]|[A-Za-z_][\w.@+-]{1,100}/(?=\s|\Z)"
)
_DOTTED = re.compile(
    r"[\w+-]{0,100}[^\W_](?:\.|::|->)[^\W\d⁰¹²³⁴-⁹₀-₉]"
    r"|[^\W\d][\w+-]{0,100}\.[0-9]|[^\W_][\w-]{0,100}_[\w-]{0,100}\.[0-9]"
)
_NAME = re.compile(r"(?:->|[\w.:+~#@/-])+(?:\(\))?")
# A host, perhaps a path, and what is asked of it.
_QUERY = re.compile(
    r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?::[0-9]{1,5})?(?:/[\w.~@+%/-]{0,200})?"
    r"\?[\w.~\[\]-]{1,60}=[^\s<>\"]{0,200}"
    r"|[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?::[0-9]{1,5})?/[\w.~@+%/-]{0,200}\?[\w.~-]{1,60}"
)
_LOCAL = re.compile(r"(localhost)(?::([0-9]{1,5}))?(/[^\s<>\"]{0,200})?(?!\w)")
_HIDDEN = re.compile(r"\.[A-Za-z_][\w-]{0,60}(?:\.\w{1,60}){0,6}(?!\w)")
# What an address that begins with a symbol goes on with: most symbols begin none, and a look costs less than a try.
_BEGINS = re.compile(r"[^\W_]|\.[\w./@+%-]|/[\w.~@+-]|~[a-z0-9_/-]|\\\\\w|_[\w.@+%/\\-]{0,100}?[^\W_]")
_BRACKETED = re.compile(r"<((?:mailto:)?[\w.+%-]{1,64}@[\w.-]{1,100}|[a-z]{2,10}://[^\s<>]{1,400})>")
_PARENT = re.compile(r"(?<!\S)\.\.(?!\S)")
_PIECE = re.compile(r"[^\W_]+|\s+|->|.", re.DOTALL)
_IPV4 = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?:/([0-9]{1,2}))?(?::([0-9]{1,5}))?(?![\w]|\.[0-9])")
_IPV6 = re.compile(
    r"(?=[0-9A-Fa-f:.]{2,45}(?![\w:]))(?=.{0,40}::|(?:[0-9A-Fa-f]{1,4}:){7})"
    r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?:/[0-9]{1,3})?(?![\w:])"
)
_MAC = re.compile(r"[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?!\w)")
_HASH = re.compile(r"(?=[0-9a-f]{0,63}[0-9])(?=[0-9]{0,63}[a-f])(?:[0-9a-f]{7,128}|[0-9A-F]{16,128})(?![\w])")
_HEX = re.compile(r"0[xX]([0-9A-Fa-f]{1,64})(?!\w)")
_COLOR = re.compile(
    r"#(?=[0-9A-Fa-f]*[0-9])(?=[0-9]*[A-Fa-f])([0-9A-Fa-f]{8}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})(?!\w)"
    r"|#([A-Fa-f])\2(?:\2|\2{4})(?!\w)"
)
_PLAIN_COLOR = re.compile(r"#(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})(?!\w)")
_PAINTED = re.compile(r"\b(?:colou?r|background|fill|stroke|border|shadow|bg|fg|hex):?\s?\Z")
_VERSION = re.compile(
    r"([vV]\.?\s?)?([0-9]{1,8}(?:\.[0-9]{1,8}){1,5})((?:[-+~_.]?[A-Za-z]{1,12}(?:\.?[0-9]{1,6})?){0,4})(?:-([0-9]{1,4}))?(?![\w]|[.-]\w)"
)
_PRERELEASE = re.compile(r"[-+~]?(?:rc|alpha|beta|dev|esr|post|pre|lts|[ab](?=[0-9])|[-+~][a-z])", re.IGNORECASE)
_WIRELESS = re.compile(r"802\.(1(?=[a-z])|3|11|15|16)([a-z]{0,2})(?!\w|\s?[a-zµ]{1,2}(?!\w))")
_WILD = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4}){0,3})\.([xX*])(?!\w)")
_WILDCARD = re.compile(r"(?:\*\*/)?\*(?:\.[A-Za-z]\w{0,9}){1,3}(?!\w)|\*(?=(?:nix|BSD)(?!\w))")
_SHEBANG = re.compile(r"#!(?=\s?/)")
_EMACS_KEY = re.compile(r"(C|M|C-M|M-C)-([a-z<>]|RET|SPC|TAB|DEL|ESC)(?![\w-])(?!\.[a-z])")
_EMACS = {"C": "control", "M": "meta"}
_PERMISSIONS = re.compile(r"(?=-{0,9}[a-z])[-bcdlps]?(?:[r-][w-][xsStT-]){3}[.+@]?(?!\S)")
_DIRECTIVE = re.compile(r"#(define|include|ifdef|ifndef|endif|pragma|undef)(?!\w)")
_HASHTAG = re.compile(r"#([^\W\d_][\w]{0,100}|[0-9]{1,8}[^\W\d]\w{0,100})")
_MENTION = re.compile(r"@([\w](?:[\w.-]{0,60}\w)?)")
_OPTION = re.compile(r"(--?)([A-Za-z](?:[\w-]{0,60}[A-Za-z0-9])?)(?:=(?=\S))?")
_FLAG = re.compile(r"-([A-Z][a-z0-9]{1,20}|[a-z][0-9]{1,3})(?![\w=-])")
_COMPILER = re.compile(r"(?:\A|[\s/])(?:gcc|cc|clang|g\+\+|clang\+\+|make|ld|javac?|find|ffmpeg|xargs)\s[^\n]{0,60}\Z")
_TERM_NEXT = re.compile(r"\s?[±+×²³√]")
_ASIDE = re.compile(r"--[a-z][^\n]{2,200}?[a-z0-9.]--(?=\s|\Z|[,.;])")  # --most in their fifties--
_PLUS_PLUS = re.compile(r"([A-Za-z]|[a-z]{2,8})(\+\+|#)(?![\w+#])")
# A place in a source file; a port is read digit by digit.
_LINE = re.compile(
    r"([^\s:]{1,300}\.(?:c|h|cc|cpp|cxx|hpp|hh|py|pyx|rs|go|java|kt|js|mjs|cjs|ts|tsx|jsx|vue|svelte|rb|php|pl|pm|lua|sh|bash|swift|scala"
    r"|hs|ml|cs|vb|mm|sql|css|scss|less|html?|xml|json|ya?ml|toml|md|rst|txt|tex|el|clj|exs?|erl|jl|dart|zig|asm|f90|adb|vhd|mk|cmake"
    r"|tcl|patch|diff|log|cfg|conf|ini|csv|gradle|proto|S)):([1-9][0-9]{0,5})(?::([0-9]{1,4}))?"
)
_PORTS = ("80", "443", "8000", "8080", "8443", "3000", "5000")
_VERSION_WORDS = words_of("version release ver python ubuntu kernel linux firefox node java php ruby rust")


def _chunk(place: Place) -> str:
    """Everything to the next blank, without the punctuation of the sentence around it."""
    found = _CHUNK.match(place.text, place.start)
    text = found[0].split("](")[0] if found else ""
    end, unopened = len(text), text.count(")") - text.count("(")
    while end and text[end - 1] in _CLOSING and text[end - 2 : end] != "/*":
        if text[end - 1] == ")":
            if unopened <= 0:
                break
            unopened -= 1
        end -= 1
    return text[:end]


def spelled_out(text: str) -> str:
    """An address as it is typed: "john.doe@gmail.com" john dot doe at gmail dot com."""
    words = []
    for piece in _PIECE.findall(text):
        if piece[0].isalnum():
            words.append(spoken(piece))
        elif piece.isspace():
            continue
        else:
            words.append(_SEPARATORS.get(piece, ""))
    return " ".join(word for word in words if word)


def located(text: str) -> str:
    """The same where a file may be followed by the number of a line, and of a column: foo.py:120:8."""
    found = _LINE.fullmatch(text)
    if not found or (found[3] is None and found[2] in _PORTS):
        return spelled_out(text)
    column = f" colon {cardinal(int(found[3]))}" if found[3] else ""
    return f"{spelled_out(found[1])} colon {cardinal(int(found[2]))}{column}"


def _starts(place: Place) -> bool:
    """Whether an address may begin here: not in the middle of a run of characters, unless that is endless."""
    text, start, _ = place
    if start and text[start] == "/" and text[start - 1] in "!)":  # 6!/4!
        return False
    if not start or not (text[start - 1].isalnum() or text[start - 1] in "_/.\\@…"):
        return True
    return start >= LONGEST and not _BLANK.search(text, start - LONGEST, start)


def address(place: Place) -> Reading:
    """https://example.com/a?b=c, john@example.com, /usr/bin/env, C:\\Users, report.pdf, os.path."""
    if not _BEGINS.match(place.text, place.start) or not _starts(place):
        return None
    chunk = _chunk(place)
    if not chunk and _PARENT.match(place.text, place.start):
        return read("dot dot", place, place.start + 2, "path")
    if len(chunk) < 2:
        return None
    end = place.start + len(chunk)
    if _URL.match(chunk):
        return read(spelled_out(chunk), place, end, "url")
    found = _EMAIL.match(chunk)
    if found and chunk[found.end() : found.end() + 1] == "/":
        return read(spelled_out(chunk), place, end, "url")
    if found:
        return read(spelled_out(found[0]), place, place.start + found.end(), "email")
    if _PATH.match(chunk) and not re.fullmatch(r"[\W_]+", chunk):
        return read(located(chunk), place, end, "path")
    if _HIDDEN.match(chunk) and chunk[0] == ".":
        return read(spelled_out(chunk), place, end, "path")
    if _DOTTED.match(chunk):
        query = _QUERY.match(chunk)
        cut = query or _NAME.match(chunk)
        text = (cut[0] if cut else chunk).rstrip(".:-/")
        words = located(text.removesuffix("()"))
        return read(words, place, place.start + len(text), "url" if "/" in text else "dotted") if words else None
    found = _LOCAL.match(chunk)
    if found:
        port = f" colon {digits(found[2])}" if found[2] else ""
        return read(f"{found[1]}{port} {spelled_out(found[3] or '')}".strip(), place, place.start + found.end(), "url")
    return None


def bracketed(place: Place) -> Reading:
    """<john@example.com>, <https://example.com>: the brackets only show where it ends."""
    found = _BRACKETED.match(place.text, place.start)
    return read(spelled_out(found[1]), place, found.end(), "url" if "://" in found[1] else "email") if found else None


def network(place: Place) -> Reading:
    """192.168.0.1:8080, fe80::1, 00:1A:2B:3C:4D:5E."""
    text, start, _ = place
    found = _IPV4.match(text, start)
    if found and all(int(part) < 256 for part in found[1].split(".")):
        words = " dot ".join(digits(part) for part in found[1].split("."))
        if found[2]:
            words += f" slash {cardinal(int(found[2]))}"
        if found[3]:
            words += f" colon {digits(found[3])}"
        return read(words, place, found.end(), "address")
    found = _MAC.match(text, start)
    if found:
        words = " colon ".join(letters(part) for part in re.split("[:-]", found[0]))
        return read(words.replace("colon", "dash") if "-" in found[0] else words, place, found.end(), "address")
    found = _IPV6.match(text, start) if ":" in text[start : start + 6] else None
    if found and re.search(r"[0-9A-Fa-f]", found[0]):
        words = found[0].replace(":", " colon ").replace("/", " slash ")
        spoken_parts = [part if part in ("colon", "slash") else letters(part) for part in words.split()]
        return read(" ".join(spoken_parts), place, found.end(), "address")
    return None


def hexadecimal(place: Place) -> Reading:
    """550e8400-e29b-41d4-a716-446655440000, d41d8cd98f, 0x1F, #ff0000."""
    text, start, _ = place
    found = _UUID.match(text, start)
    if found:
        return read(" dash ".join(letters(part) for part in found[0].split("-")), place, found.end(), "code")
    found = _HASH.match(text, start)
    if found:
        return read(letters(found[0]), place, found.end(), "code")
    found = _HEX.match(text, start)
    if found:
        return read(f"zero x {letters(found[1])}", place, found.end(), "code")
    found = _COLOR.match(text, start)
    return read(f"hash {letters(found[0][1:])}", place, found.end(), "code") if found else None


def painted(place: Place) -> Reading:
    """color: #333, whose digits number nothing."""
    found = _PLAIN_COLOR.match(place.text, place.start)
    if not found or not _PAINTED.search(place.text, max(0, place.start - 16), place.start):
        return None
    return read(f"hash {letters(found[0][1:])}", place, found.end(), "code")


def version(place: Place) -> Reading:
    """v1.2, 1.2.3, 2.0-rc1, 3.x; after words such as "version" or "Python" the parts are whole numbers."""
    text, start, before = place
    if start and text[start - 1].isalnum():
        return None
    found = _WIRELESS.match(text, start)
    if found:
        words = f"eight oh two dot {cardinal(int(found[1]))}"
        return read(f"{words} {letters(found[2])}".strip(), place, found.end(), "version")
    found = _WILD.match(text, start)
    if found:
        return read(f"{_parts(found[1])} point {found[2] if found[2] in 'xX' else 'star'}", place, found.end(), "version")
    found = _VERSION.match(text, start)
    if not found:
        return None
    mark, numbers, suffix, revision = found.groups()
    named = before.lower() in _VERSION_WORDS
    if not (mark or numbers.count(".") > 1 or suffix or (named and re.search(r"\.[1-9][0-9]$", numbers))):
        return None
    if suffix and not mark and (not _PRERELEASE.match(suffix) or (numbers.count(".") == 1 and suffix[1:] in UNITS)):
        return None
    words = ("version " if mark else "") + _parts(numbers)
    for part in re.findall(r"\.|[A-Za-z]+|[0-9]+", suffix or ""):
        words += " " + ("point" if part == "." else spoken(part))
    if revision:
        words += f" dash {number(revision)}"
    return read(words, place, found.end(), "version")


def _parts(text: str) -> str:
    return " point ".join(number(part) for part in text.split("."))


def tag(place: Place) -> Reading:
    """#BlackLivesMatter, @user; #include."""
    text, start, _ = place
    if start and text[start] == "#" and text[start - 1].isalnum() and text[start + 1 : start + 2].isalpha():  # page#section
        return read("hash", place, start + 1, "symbol")
    if not _starts(place):
        return None
    found = _DIRECTIVE.match(text, start)
    if found:
        return read(f"hash {found[1]}", place, found.end(), "directive")
    found = _HASHTAG.match(text, start)
    if found:
        return read(f"hashtag {_handle(found[1])}", place, found.end(), "hashtag")
    found = _MENTION.match(text, start)
    return read(f"at {_handle(found[1])}", place, found.end(), "mention") if found else None


def _handle(text: str) -> str:
    return " ".join(
        spoken(piece) if piece[0].isalnum() else _SEPARATORS.get(piece, "")
        for piece in _PIECE.findall(text)
        if piece[0].isalnum() or piece in "_.-"
    )


def wildcard(place: Place) -> Reading:
    """*.txt, *.tar.gz."""
    found = _WILDCARD.match(place.text, place.start)
    if not found or (place.start and place.text[place.start - 1].isalnum()):
        return None
    return read(f"{spelled_out(found[0])}", place, found.end(), "path")


def shebang(place: Place) -> Reading:
    """The mark before the path of an interpreter."""
    found = _SHEBANG.match(place.text, place.start)
    return read("hash bang", place, found.end(), "symbol") if found else None


def emacs_key(place: Place) -> Reading:
    """C-x, M-x: control and meta, as Emacs writes them."""
    found = _EMACS_KEY.match(place.text, place.start)
    if not found or (place.start and not (place.text[place.start - 1].isspace() or place.text[place.start - 1] in "([\"'`“")):
        return None
    keys = [_EMACS[key] for key in found[1].split("-")]
    last = found[2] if len(found[2]) > 1 else letters(found[2]).upper() or _SEPARATORS.get(found[2], found[2])
    return read(" ".join([*keys, last]), place, found.end(), "identifier")


def permissions(place: Place) -> Reading:
    """-rw-r--r--, as ls has it: a right that is missing is heard."""
    found = _PERMISSIONS.match(place.text, place.start)
    if not found or (place.start and not place.text[place.start - 1].isspace()):
        return None
    words = " ".join(_SEPARATORS.get(sign) or letters(sign) for sign in found[0])
    return read(words, place, found.end(), "code")


def option(place: Place) -> Reading:
    """-v, --dry-run."""
    text, start, _ = place
    if start and not (text[start - 1].isspace() or text[start - 1] in "([`'\"|"):
        return None
    if text.startswith("--", start) and _ASIDE.match(text, start):
        return None
    flag = _FLAG.match(text, start)
    if flag and _COMPILER.search(text, max(0, start - 64), start):  # gcc -O2 -Wall
        return read(f"dash {spoken(flag[1])}", place, flag.end(), "identifier")
    found = _OPTION.match(text, start)
    told = _COMPILER.search(text, max(0, start - 64), start)
    if not found or (found[1] == "-" and not (len(found[2]) == 1 or told or re.fullmatch("[a-z]{2,4}", found[2]))):
        return None
    negative = text[start - 2 : start] in ("? ", ": ", "= ", ", ") and text[found.end() : found.end() + 1] in tuple(";),/")
    if len(found[2]) == 1 and (negative or _TERM_NEXT.match(text, found.end())):  # -b ± √x
        return read(f"minus {letters(found[2])}", place, found.end(2), "identifier")
    dashes = "dash dash" if found[1] == "--" else "dash"
    end = found.end(2)
    return read(f"{dashes} {' '.join(spoken(part) for part in re.split('[-_]+', found[2]))}", place, end, "identifier")


def dash_behind_plus(place: Place) -> Reading:
    """The dash of c++-20, which is no sign."""
    text, start, _ = place
    if text[start - 2 : start] != "++" or not text[start + 1 : start + 2].isdecimal():
        return None
    return read("dash", place, start + 1, "symbol")


def plus_plus(place: Place) -> Reading:
    """C++, C#, i++."""
    found = _PLUS_PLUS.match(place.text, place.start)
    if not found or (found[2] == "#" and len(found[1]) > 1):
        return None
    return read(f"{spoken(found[1])} {'plus plus' if found[2] == '++' else 'sharp'}", place, found.end(), "identifier")
