"""Names of things in programs: camelCase, snake_case, kebab-case, digits inside words, codes."""

from __future__ import annotations

from itertools import pairwise

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.known import is_word
from speechd_neural.text.english.normalize.numbers import cardinal, digits, plural, roman, year
from speechd_neural.text.english.normalize.rules import ALNUM, Place, Reading, greek_name, letters, read, words_of

# Short names that have a vowel and are spelled all the same when they are part of an identifier or an address.
SPELLED = words_of(
    "api apis url urls uri uris utf cpu cpus gpu gpus usb ui os io ip id ids usr etc exe iso edu eu uk pdf png"
    " aac avi aes rsa hdmi asc ico odt odp ods ogg oga apk rpm ieee uuid dpi epub xmpp imap smtp tcp udp dhcp ssh sql"
    " xml html css php uefi efi iot ai py pcie icmp igmp ca"
)
_OF = re.compile("(?!WoW|DoS)[A-Z]o[A-Z]")  # year over year, quality of service
_SMALL_INSIDE = re.compile("[A-Z][bcdfghjkmnpqrstvwxz][A-Z]")  # AfD
_WHOLE = {
    "latex": "LaTeX", "katex": "katex", "tex": "tex", "postgresql": "postgresql", "phd": "p h d", "phds": "p h d's",
    "nan": "nan", "ctrl": "control", "arxiv": "archive",
    "pgup": "page up", "pgdn": "page down", "pgdown": "page down", "prtsc": "print screen", "prtscn": "print screen",
    "prtscr": "print screen", "scrlk": "scroll lock", "scrlck": "scroll lock", "numlk": "num lock", "numlck": "num lock",
    "capslk": "caps lock", "gr8": "great", "m8": "mate", "w8": "wait", "2day": "today", "2nite": "tonight", "2moro": "tomorrow",
    "4ever": "forever", "2fa": "two f A", "mfa": "m f A", "str8": "straight", "h8": "hate", "b4u": "before you",
    "l8r": "later", "nvme": "n v m e", "saas": "saas", "paas": "paas"}  # fmt: skip
# seNtEnce, hELLO: capitals where no name of a program has them.
_ODD = re.compile(r"[a-z][A-Z]{3,}\Z|(?=[A-Za-z]{6})[A-Za-z][a-z]{0,2}[A-Z][a-z]?[A-Z][A-Za-z]*\Z")
_VOWEL = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿ]", re.IGNORECASE)
_VERSIONED = (
    "id", "api", "icmp", "dhcp", "igmp", "snmp", "smb", "nfs", "tls", "ssl", "rip", "ospf", "cgroups?", "oauth", "smtp",
    "imap", "ntp", "http", "tcp", "udp", "usb", "hdmi", "ssh", "sha", "uuid", "ldap", "rest", "web", "rev", "app", "test",
    "mod", "model",
)
_PIECES = re.compile(
    r"[0-9]+"
    r"|IP(?=v[46])|(?:TLS|SSL|API|HTTP|SMB|NFS|SNMP|DHCP|ICMP|SSH|UUID|OAuth)(?=v[0-9])|PCIe(?![a-z])"
    rf"|(?:{'|'.join(_VERSIONED)})(?=v[0-9])"  # ipv6, idv3
    r"|(?:(?!ngin|lin)[a-z]{2,12}[bcdfghklmnprtvwz]|win|uefi|efi|mac|bsd|fb|ia|aa)(?=x(?:64|32|86)(?![0-9]))"  # bootx64
    r"|[A-Z]{2,}s(?![a-z])"  # CPUs
    r"|(?:Mc|Mac|O['’]|(?<![A-Za-z])[dDlL]['’])[A-Z][a-z]+"
    r"|[A-Z]+(?=[A-Z][a-z])"  # HTTP|Server
    r"|[A-Z]?[a-zß-öø-ÿ]+(?:['’][a-z]+)?"
    r"|[A-Z]+"
    r"|[^\W\d_A-Za-zß-öø-ÿ]+"
)


def spoken_digits(text: str) -> str:
    """Digits inside a word: "h264" h two six four, "win32" win thirty two, "report2024" report twenty twenty four."""
    value = int(text) if len(text) < 5 else -1
    if text[0] == "0" and len(text) > 1:
        return digits(text)
    if len(text) <= 2 or (len(text) <= 4 and text.endswith("00")):
        return cardinal(value)
    return year(value) if 1900 <= value < 2100 else digits(text)


def spoken_piece(piece: str) -> str:
    """One piece of an identifier: a word, or the names of its letters where nobody could say it."""
    if piece[0].isdecimal():
        return spoken_digits(piece) if piece.isascii() else digits(piece)
    if len(piece) == 1:
        return letters(piece) if piece.isascii() else greek_name(piece)
    lower = piece.lower()
    if not piece.removesuffix("s").isupper() and piece.isascii() and (
        (lower in SPELLED and piece != "Py") or (len(piece) <= 5 and not _VOWEL.search(piece))
    ):
        return letters(piece)
    return piece.replace("’", "'")


def spoken(text: str) -> str:
    """A whole identifier without its separators: "parseHTTPResponse_v2" parse HTTP Response v two."""
    whole = _WHOLE.get(text.lower())
    if whole and text != "M8":  # a screw
        return whole
    if _OF.fullmatch(text) or _SMALL_INSIDE.fullmatch(text):
        return letters(text)
    if len(text) > 3 and _ODD.match(text) and is_word(text.lower()):
        return text.lower()
    return " ".join(spoken_piece(piece) for piece in _PIECES.findall(text))


_IDENTIFIER = re.compile(rf"_{{0,2}}{ALNUM}{{1,128}}(?:(?:_{{1,2}}|-){ALNUM}{{1,128}}){{0,40}}_{{0,2}}")


_LETTER_AND_SIGN = re.compile(
    r"([A-F])[-−](?=[\s.,;)\]]|\Z)(?!\s[-–]|\s?[0-9])"
    r"|([A-Za-z])(?:–(?=[A-Za-z])|(?<=[Aa])-(?=[Zz]))([A-Za-z])(?![\w-])"
)
_NUMBERED = words_of("phase part type class stage grade level tier mark category chapter volume act group factor title schedule")
_NUMERAL = re.compile(r"I{1,3}|IV|VI{1,3}|IX|XI{1,3}|XIV")
_BEFORE_START = re.compile(r"T-(?=[0-9]{1,3}\s?(?:min|mins|minutes?|sec|secs|seconds?|h|hrs?|hours?|days?|weeks?|s|m|d)\b)")
_NAMED_DECIMAL = re.compile(
    r"([Mm]agnitude|[Cc]ategory|[Gg]rade|[Ll]evel|[Ss]tage|[Pp]hase)-(?=[0-9]{1,3}\.[0-9]{1,3}(?![\w.-]))"
)
_COMPANY = re.compile(r"(?=[A-Z&]{4})(?!UP|GO|IT|WE|US|ME|HE|MY|NO|SO|TO|AND|ALL|BED|OUT|IN)([A-Z]{1,3})&([A-Z]{1,3})(?![\w&;])")
_NUMBERED_RANGE = re.compile(r"([A-Z]{1,2})([0-9]{1,4})\s?–\s?\1([0-9]{1,4})(?![\w-])")
_AIRBUS = re.compile(r"A3([1-58]0)(neo|ceo|XLR|s)?")
_SEVERAL = re.compile(r"([A-Z]{1,3}|MiG|Su|Mi)-?([1-9][0-9]{0,2})s")
_ZONE = re.compile(r"(UTC|GMT)-([0-9]{1,2})")
_PREFIX = re.compile(r"(mid|early|late|pre|post|circa|non|sub|over|under)-(?=[0-9]+(?:s|st|nd|rd|th)?\b)", re.IGNORECASE)


def is_code(text: str) -> bool:
    """Whether capitals and digits alternate so that nobody could say it: AB12CD34, 1Z999AA1."""
    if len(text) < 5 or not text.isalnum() or not (text.isupper() or len(text) >= 16):
        return False
    changes = sum(a.isdecimal() != b.isdecimal() for a, b in pairwise(text))
    return changes >= 2


def named_decimal(place: Place) -> Reading:
    """The name in magnitude-5.8, which is no file."""
    found = _NAMED_DECIMAL.match(place.text, place.start)
    return read(found[1], place, found.end(), "word") if found else None


def letter_and_sign(place: Place) -> Reading:
    """The grade A-, the range A-Z; T-10 minutes, J10–J12; AT&T."""
    company = _COMPANY.match(place.text, place.start)
    if company and not (place.start and place.text[place.start - 1].isalnum()):
        return read(f"{letters(company[1])} and {letters(company[2])}", place, company.end(), "identifier")
    if place.text[place.start] == "T":
        before = _BEFORE_START.match(place.text, place.start)
        if before:
            return read("t minus", place, before.end(), "identifier")
    numbered = _NUMBERED_RANGE.match(place.text, place.start)
    if numbered and not (place.start and place.text[place.start - 1].isalnum()):
        words = f"{spoken(numbered[1])} {spoken_digits(numbered[2])} to {spoken(numbered[1])} {spoken_digits(numbered[3])}"
        return read(words, place, numbered.end(), "range")
    found = _LETTER_AND_SIGN.match(place.text, place.start)
    if not found or (place.start and not (place.text[place.start - 1].isspace() or place.text[place.start - 1] in "([\"'“")):
        return None
    words = f"{letters(found[1])} minus" if found[1] else f"{letters(found[2])} to {letters(found[3])}"
    return read(words, place, found.end(), "range" if found[2] else "identifier")


def identifier(place: Place) -> Reading:
    """Words joined by hyphens or underscores, camelCase, letters with digits."""
    found = _IDENTIFIER.match(place.text, place.start)
    if not found:
        return None
    text = found[0]
    if text.isalpha():
        return None
    zone = _ZONE.fullmatch(text)
    if zone:
        return read(f"{zone[1]} minus {cardinal(int(zone[2]))}", place, found.end(), "identifier")
    before_number = _PREFIX.match(text)
    if before_number:  # mid-1980s: what follows the hyphen is a number of its own
        return read(before_number[1], place, place.start + before_number.end(1), "word")
    parts = re.split(r"[_-]+", text.strip("_-"))
    if len(parts) == 2 and parts[0].lower() in _NUMBERED and _NUMERAL.fullmatch(parts[1]):  # phase-IV
        return read(f"{parts[0]} {cardinal(roman(parts[1]))}", place, found.end(), "word")
    serial = len(parts) > 2 and text.isupper() and sum(character.isdecimal() for character in text) > 3
    plane = _AIRBUS.fullmatch(text)
    if plane:  # A320neo
        words = f"A three {cardinal(int(plane[1]))}"
        words = plural(words) if plane[2] == "s" else " ".join(filter(None, (words, plane[2])))
        return read(words, place, found.end(), "identifier")
    several = _SEVERAL.fullmatch(text)
    if several:  # F-16s, A320s
        words = f"{spoken(several[1])} {plural(spoken_digits(several[2]))}"
        return read(words, place, found.end(), "identifier")
    phrase = "_" not in text and (len(parts) > 2 or place.text[place.start - 1 : place.start] == "-")  # one-of-a-kind
    words = " ".join(
        letters(part) if serial or is_code(part) else "a" if phrase and part == "a" else spoken(part) for part in parts
    )
    if not words:
        return None
    plain = all((len(part) > 1 or (phrase and part == "a")) and part.isalpha() for part in parts)
    return read(words, place, found.end(), "word" if plain and "_" not in text else "identifier")
